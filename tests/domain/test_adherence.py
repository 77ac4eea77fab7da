from datetime import date, timedelta

import pytest

from tracker.domain.adherence import adherence, adherence_from_log


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


FIRST = date(2026, 9, 1)


def from_log(*noted: int, until: int = 28, paused: tuple[int, ...] = (), days_a_week: int | None = None):
    return adherence_from_log(
        [FIRST + timedelta(days=n) for n in noted],
        first=FIRST,
        until=FIRST + timedelta(days=until),
        paused=[FIRST + timedelta(days=n) for n in paused],
        days_a_week=days_a_week,
    )


@pytest.mark.parametrize(
    "noted", [pytest.param((), id="none"), pytest.param((0, 1, 2, 3, -1, -2, 28, 30), id="four on the treatment")]
)
def test_a_log_with_few_notes_was_not_kept(noted):
    assert from_log(*noted) is None


@pytest.mark.parametrize(
    ("noted", "done_of_planned"),
    [
        pytest.param(range(28), (28, 28), id="every day"),
        pytest.param(range(0, 28, 2), (14, 28), id="every other day"),
        pytest.param(range(6), (6, 7), id="one week, then no longer logged"),
        pytest.param((0, 1, 2, 3, 4, 14), (6, 14), id="a week between that was not logged"),
    ],
)
def test_a_log_speaks_for_the_weeks_in_which_it_was_kept(noted, done_of_planned):
    used = from_log(*noted)
    assert (used.n_done, used.n_planned) == done_of_planned and used.is_from_log


def test_days_of_a_pause_count_neither_way():
    used = from_log(*range(5), 10, paused=(5, 6, 10))
    assert (used.n_done, used.n_planned) == (5, 5)


def test_a_week_that_is_not_over_counts_as_far_as_it_has_come():
    used = from_log(*range(7), 7, until=9)
    assert (used.n_done, used.n_planned) == (8, 9)


def test_planned_on_some_days_a_week_it_is_fair_on_so_many():
    used = from_log(*(week + n for week in (0, 7, 14, 21) for n in (0, 2, 4)), days_a_week=3)
    assert (used.n_done, used.n_planned, used.is_unfair) == (12, 12, False)
