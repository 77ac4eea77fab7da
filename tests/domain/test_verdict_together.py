"""Several treatments in one log: which verdicts are shared, and that none is credited with what another did."""

import numpy as np
import pytest

from tracker.domain.verdict import Outcome, Reason, Trial, judge, judge_one
from tracker.domain.verdict_together import Course, judge_together, together

NAN = float("nan")
N_BEFORE, N_DAYS = 28, 112


def diaries(*treatments: tuple[int, float, int | None], n: int = 24, seed: int = 1) -> np.ndarray:
    """Logs of n people, (n, N_DAYS). A treatment: first day, share of the usual pain it takes away, first day without."""
    rng = np.random.default_rng(seed)
    level, day = rng.uniform(5, 8, (n, 1)), np.arange(N_DAYS)
    pain = level + 0.9 * rng.normal(size=(n, N_DAYS)) + 0.6 * rng.normal(size=(n, 1))
    for start, share, stop in treatments:
        rise = np.clip((day - start) / 4, 0, 1)
        pain -= level * share * rise * (day < (N_DAYS if stop is None else stop))
    means = np.clip(np.round(pain), 0, 10)
    means[rng.random(means.shape) < 0.15] = NAN
    return means


def judged(means: np.ndarray, start: list[float], **asked: object):
    return judge_together(
        means, np.isfinite(means), np.tile(start, (len(means), 1)), **{"onset_days": 4, "trial_days": 28, **asked}
    )


def shares(outcome: np.ndarray, of: Outcome) -> list[float]:
    return [float(share) for share in (outcome == of).mean(axis=0)]


# Who is credited


def test_a_later_treatment_that_works_is_not_credited_to_an_earlier_one():
    told = judged(diaries((28, 0.0, None), (70, 0.5, None)), [28, 70])
    first, second = shares(told.outcome, Outcome.WORKING)
    assert first == 0
    assert second > 0.6


def test_an_earlier_treatment_that_works_is_not_credited_to_a_later_one():
    told = judged(diaries((28, 0.5, None), (70, 0.0, None)), [28, 70])
    first, second = shares(told.outcome, Outcome.WORKING)
    assert first > 0.8
    assert second == 0


def test_a_treatment_that_was_stopped_is_not_missed_on_account_of_the_next():
    """Pain comes back as the first is given up; the second changes nothing."""
    told = judged(diaries((28, 0.5, 70), (56, 0.0, None)), [28, 56], stop=np.array([70, NAN]))
    assert shares(told.outcome, Outcome.WORSE)[1] <= 0.1
    assert shares(told.outcome, Outcome.WORKING)[0] > 0.7


def test_of_three_the_one_that_works_is_found():
    told = judged(diaries((28, 0.0, None), (52, 0.6, None), (80, 0.0, None)), [28, 52, 80])
    first, second, third = shares(told.outcome, Outcome.WORKING)
    assert second > 0.5
    assert max(first, third) <= 0.1


# Who shares a verdict


@pytest.mark.parametrize(("gap", "is_shared"), [(0, True), (3, True), (6, True), (30, False)])
def test_those_begun_within_a_week_share_one_verdict(gap, is_shared):
    told = judged(diaries((28, 0.5, None), (28 + gap, 0.0, None), n=6), [28, 28 + gap])
    assert told.shared[:, 0, 1].all() == told.shared[:, 0, 1].any() == is_shared
    if is_shared:
        assert (told.outcome[:, 0] == told.outcome[:, 1]).all()
        np.testing.assert_array_equal(told.change[:, 0], told.change[:, 1])
        assert set(told.reason[told.outcome != Outcome.CANT_TELL]) == {Reason.MIXED}


def test_a_chain_of_starts_within_a_week_of_each_other_is_one_cluster():
    told = judged(diaries((28, 0.5, None), n=4), [28, 33, 38, 80])
    assert told.shared[:, 0, 1].all() and told.shared[:, 0, 2].all() and told.shared[:, 1, 2].all()
    assert not told.shared[:, :, 3].any()


@pytest.mark.parametrize(("gap", "is_mixed"), [(13, True), (14, False)])
def test_those_begun_within_two_weeks_are_marked(gap, is_mixed):
    told = judged(diaries((28, 0.5, None), n=4), [28, 28 + gap])
    is_told_apart = ~told.shared[:, 0, 1]
    assert (told.mixed[:, 0, 1] == (is_mixed & is_told_apart)).all()


def test_slow_onsets_that_the_log_cannot_tell_apart_share_a_verdict_beyond_a_week():
    told = judged(diaries((28, 0.3, None), (36, 0.3, None), n=8), [28, 36], onset_days=28)
    assert told.shared[:, 0, 1].mean() > 0.5


# One answer, whichever way it is asked


def test_alone_it_is_judged_as_ever():
    (means,) = diaries((28, 0.4, None), n=1)
    counts = np.isfinite(means).astype(int)
    alone = judge_one(Trial(daily_means=means, daily_counts=counts, start=28, onset_days=4))
    told = judged(means[None], [28])
    assert told.outcome[0, 0] == alone.outcome
    assert told.change[0, 0] == pytest.approx(alone.change)


def test_a_log_given_as_one_row_has_no_first_axis():
    (means,) = diaries((28, 0.4, None), n=1)
    told = judge_together(means, np.isfinite(means), [28, 60], onset_days=4)
    assert told.outcome.shape == (2,)
    assert told.shared.shape == (2, 2)


def test_the_order_of_the_treatments_changes_nothing():
    means = diaries((28, 0.4, None), (60, 0.2, None), n=5)
    one, other = judged(means, [28, 60]), judged(means, [60, 28])
    assert (one.outcome == other.outcome[:, ::-1]).all()
    np.testing.assert_allclose(one.p_now, other.p_now[:, ::-1], atol=1e-3)


def test_the_last_of_all_nights_is_tonight_with_last_nights_outcome():
    means = diaries((28, 0.3, None), (60, 0.2, None), n=6)
    every, tonight = judged(means, [28, 60], every_night=True), judged(means, [28, 60])
    np.testing.assert_allclose(every.p_now[..., -1], tonight.p_now, atol=1e-3)
    told = tonight.outcome != Outcome.CANT_TELL  # what stands without yesterday stands with it
    assert (every.outcome[..., -1][told] == tonight.outcome[told]).all()


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        pytest.param([NAN, 30], [NAN, NAN], id="one not known"),
        pytest.param([500, 30], [NAN, NAN], id="one ahead"),
        pytest.param([-400, 30], [NAN, NAN], id="one there all the time"),
        pytest.param([-400, 30], [-300, NAN], id="one over long before"),
        pytest.param([30, 30], [20, 30], id="stops before and at the start"),
        pytest.param([30, 60, 61, 62, 63, 90, 100], NAN, id="seven"),
    ],
)
def test_odd_courses_give_finite_numbers(start, stop):
    told = judged(diaries((28, 0.3, None), n=2), start, stop=np.asarray(stop))
    assert np.isfinite([told.change, told.p_now, told.p_reach, told.p_worse, told.before]).all()
    assert set(told.outcome.ravel()) <= set(Outcome)


def test_what_was_there_all_the_time_is_the_usual_level():
    means = diaries((60, 0.4, None), n=1)[0]
    counts = np.isfinite(means).astype(int)
    trial, company = together(means, counts, [Course(start=60), Course(start=-100)])
    assert (trial.company, company) == ((), [])


def test_one_given_up_for_the_next_on_a_log_that_began_with_it_leaves_what_follows_to_be_judged():
    means = diaries((0, 0.2, 60), (60, 0.2, None), n=1)[0]
    counts = np.isfinite(means).astype(int)
    trial, company = together(means, counts, [Course(start=60), Course(start=0, stop=60)])
    assert (trial.start, company) == (60, [])


@pytest.mark.parametrize("bad", [{"n_entries": [[1, 1, 1]]}, {"start": [[0], [1]]}, {"daily_mean": [[11.0, 5.0]]}])
def test_what_cannot_be_is_refused(bad):
    with pytest.raises(ValueError):
        judge_together(**{"daily_mean": [[5.0, 5.0]], "n_entries": [[1, 1]], "start": [[1]], **bad})


def test_who_else_is_judged_changes_no_number():
    """Candidate onsets are told apart when the first of a batch begins: that must not show in anybody's numbers."""
    means = diaries((28, 0.3, None), n=4)
    courses = [[Course(start=28), Course(start=28 + gap, onset_days=onset)] for gap, onset in GAPS]
    trials = [together(row, np.isfinite(row), those)[0] for row, those in zip(means, courses, strict=True)]
    assert judge(trials) == [judge_one(trial) for trial in trials]


GAPS = [(-20, 7), (10, 0), (30, 21), (60, 7)]
