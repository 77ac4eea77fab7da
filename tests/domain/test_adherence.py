import pytest

from tracker.domain.adherence import adherence


def test_of_days_of_which_nothing_was_said_nothing_is_known():
    said = adherence(n_done=1, n_missed=3, days_a_week=None)
    assert (said.is_known, said.share, said.is_unfair) == (False, None, False)


@pytest.mark.parametrize(
    ("n_done", "n_missed", "days_a_week", "is_unfair"),
    [
        pytest.param(7, 3, None, False, id="seven of ten days"),
        pytest.param(6, 4, None, True, id="six of ten days"),
        pytest.param(0, 5, None, True, id="never"),
        pytest.param(6, 8, 3, False, id="three times a week, as planned"),
        pytest.param(4, 10, 3, True, id="twice where three times were planned"),
        pytest.param(14, 0, 3, False, id="more often than planned"),
    ],
)
def test_seven_of_ten_planned_days_are_fair(n_done, n_missed, days_a_week, is_unfair):
    assert adherence(n_done=n_done, n_missed=n_missed, days_a_week=days_a_week).is_unfair == is_unfair
