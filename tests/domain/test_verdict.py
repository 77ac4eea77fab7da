from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from tests.domain.simulator import Setting, simulate
from tracker.domain import trial_policy as policy
from tracker.domain.verdict import (
    Baseline,
    Confounding,
    Judgement,
    Outcome,
    Overlap,
    Reason,
    Trial,
    confounded,
    decide,
    judge,
    judge_all_nights,
    judge_every_night,
    judge_one,
)
from tracker.domain.verdict_rule import NO_OUTCOME, OUTCOMES, REASONS

NAN = float("nan")
CLEARLY_IN_DOUBT = {
    "p_helped": 0.5,
    "p_now": 0.3,
    "p_reach": 0.5,
    "p_worse": 0.1,
    "days_passed": 40,
    "days_logged": 30,
    "days_logged_recently": 6,
    "days_logged_lately": 12,
    "trial_days": 28,
    "has_baseline": True,
    "before": 6.0,
}


def decided(previous: Outcome | None = None, **changes: object) -> tuple[Outcome, Reason | None]:
    code = NO_OUTCOME if previous is None else OUTCOMES.index(previous)
    outcome, reason = decide(**{**CLEARLY_IN_DOUBT, **changes}, previous=code)
    return OUTCOMES[outcome], REASONS[reason]


def trial(*means: float, start: int, **changes: object) -> Trial:
    values = np.array(means)
    changes.setdefault("daily_counts", (~np.isnan(values)).astype(int))
    return Trial(daily_means=values, start=start, **changes)


def a_clear_drop(**changes: object) -> Trial:
    return trial(*[7, 8, 7, 6, 7, 7, 8] * 3, *[3, 2, 3, 4, 3, 3, 2] * 6, start=21, **changes)


def no_change(**changes: object) -> Trial:
    return trial(*[7, 8, 7, 6, 7, 7, 8] * 9, start=21, **changes)


# Refusals


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"daily_means": np.array([5.0, 11.0])}, id="pain above the scale"),
        pytest.param({"daily_means": np.array([5.0, -0.1])}, id="pain below the scale"),
        pytest.param({"daily_means": np.array([5.0, np.inf])}, id="infinite pain"),
        pytest.param({"daily_means": np.array([5.0, NAN])}, id="entries on a day without a mean"),
        pytest.param({"daily_counts": np.array([1, 0])}, id="a mean on a day without entries"),
        pytest.param({"daily_counts": np.array([1])}, id="rows of different length"),
        pytest.param({"recalled": 10.5}, id="remembered pain above the scale"),
        pytest.param({"recalled": NAN}, id="remembered pain not a number"),
        pytest.param({"onset_days": -1}, id="negative onset"),
    ],
)
def test_a_log_that_cannot_be_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        judge_one(replace(trial(5, 5, start=1), **bad))


def test_one_bad_log_is_refused_in_a_batch_too() -> None:
    with pytest.raises(ValueError):
        judge([no_change(), trial(5, 12, start=1)])


# The rule


@pytest.mark.parametrize(
    ("changes", "outcome", "reason"),
    [
        pytest.param({}, Outcome.CANT_TELL, Reason.VARIES_TOO_MUCH, id="in doubt after a fair trial"),
        pytest.param({"days_passed": 27}, Outcome.CANT_TELL, Reason.TOO_EARLY, id="in doubt before it"),
        pytest.param({"before": 1.9}, Outcome.CANT_TELL, Reason.LOW_BASELINE, id="in doubt at low pain"),
        pytest.param({"p_helped": 0.965, "p_now": 0.50}, Outcome.WORKING, None, id="just working"),
        pytest.param(
            {"p_helped": 0.9649, "p_now": 0.9}, Outcome.CANT_TELL, Reason.VARIES_TOO_MUCH, id="not sure of it"
        ),
        pytest.param({"p_helped": 0.99, "p_now": 0.4999}, Outcome.CANT_TELL, Reason.VARIES_TOO_MUCH, id="too small"),
        pytest.param({"p_worse": 0.9}, Outcome.WORSE, None, id="just worse"),
        pytest.param({"p_worse": 0.8999}, Outcome.CANT_TELL, Reason.VARIES_TOO_MUCH, id="not sure it is worse"),
        pytest.param({"p_worse": 0.9, "p_reach": 0.0}, Outcome.WORSE, None, id="worse goes before not working"),
        pytest.param({"p_reach": 0.025}, Outcome.NOT_WORKING, None, id="just not working"),
        pytest.param({"p_reach": 0.0251}, Outcome.CANT_TELL, Reason.VARIES_TOO_MUCH, id="it may still come"),
        pytest.param({"p_reach": 0.0, "days_passed": 28}, Outcome.NOT_WORKING, None, id="on the last trial day"),
        pytest.param({"p_reach": 0.0, "days_passed": 27}, Outcome.CANT_TELL, Reason.TOO_EARLY, id="the day before"),
        pytest.param({"p_worse": 0.9, "days_passed": 7}, Outcome.WORSE, None, id="worse from day 7"),
        pytest.param({"p_worse": 0.9, "days_passed": 6}, Outcome.CANT_TELL, Reason.TOO_EARLY, id="not on day 6"),
        pytest.param({"p_worse": 1.0, "days_logged": 5}, Outcome.WORSE, None, id="five logged days will do"),
        pytest.param({"p_worse": 1.0, "days_logged": 4}, Outcome.CANT_TELL, Reason.TOO_FEW_ENTRIES, id="four will not"),
        pytest.param({"p_worse": 1.0, "days_logged_recently": 2}, Outcome.WORSE, None, id="two of them recent"),
        pytest.param(
            {"p_worse": 1.0, "days_logged_recently": 1}, Outcome.CANT_TELL, Reason.TOO_FEW_ENTRIES, id="only one recent"
        ),
        pytest.param({"p_worse": 1.0, "has_baseline": True}, Outcome.WORSE, None, id="with a baseline"),
        pytest.param({"p_worse": 1.0, "has_baseline": False}, Outcome.CANT_TELL, Reason.NO_BASELINE, id="no baseline"),
        pytest.param(
            {"p_helped": 0.865, "p_now": 0.40, "previous": Outcome.WORKING}, Outcome.WORKING, None, id="keeps working"
        ),
        pytest.param(
            {"p_helped": 0.8649, "p_now": 0.9, "previous": Outcome.WORKING},
            Outcome.CANT_TELL,
            Reason.VARIES_TOO_MUCH,
            id="drops working",
        ),
        pytest.param({"p_worse": 0.8, "previous": Outcome.WORSE}, Outcome.WORSE, None, id="keeps worse"),
        pytest.param(
            {"p_reach": 0.125, "previous": Outcome.NOT_WORKING}, Outcome.NOT_WORKING, None, id="keeps not working"
        ),
        pytest.param(
            {"p_reach": 0.1251, "previous": Outcome.NOT_WORKING},
            Outcome.CANT_TELL,
            Reason.VARIES_TOO_MUCH,
            id="drops not working",
        ),
        pytest.param(
            {"p_helped": 0.99, "p_now": 0.9, "previous": Outcome.NOT_WORKING}, Outcome.WORKING, None, id="changes sides"
        ),
        pytest.param(
            {"previous": Outcome.WORKING, "p_helped": 0.9, "p_now": 0.9, "days_logged_recently": 0},
            Outcome.WORKING,
            None,
            id="keeps what was said through a thin week",
        ),
        pytest.param(
            {"p_helped": 0.99, "p_now": 0.9, "previous": Outcome.NOT_WORKING, "days_logged_recently": 1},
            Outcome.CANT_TELL,
            Reason.TOO_FEW_ENTRIES,
            id="says nothing new in one",
        ),
        pytest.param(
            {
                "previous": Outcome.WORKING,
                "p_helped": 0.9,
                "p_now": 0.9,
                "days_logged_recently": 0,
                "days_logged_lately": 1,
            },
            Outcome.CANT_TELL,
            Reason.TOO_FEW_ENTRIES,
            id="keeps nothing once entries run dry",
        ),
    ],
)
def test_the_rule_at_its_boundaries(changes: dict[str, object], outcome: Outcome, reason: Reason | None) -> None:
    assert decided(**changes) == (outcome, reason)


# What a log leads to


def test_a_clear_lasting_drop_is_working() -> None:
    judgement = judge_one(a_clear_drop())
    assert (judgement.outcome, judgement.reason) == (Outcome.WORKING, None)
    assert -4.8 < judgement.change < -3
    assert judgement.change_low < judgement.change < judgement.change_high
    assert judgement.now == pytest.approx(judgement.before + judgement.change, abs=0.011)


@pytest.mark.parametrize("onset_days", [0, 7, 21])
def test_a_lasting_rise_from_the_first_day_is_worse_whatever_the_onset(onset_days: int) -> None:
    rise = trial(*[3, 4, 3, 2, 3, 3, 4] * 4, *[8, 7, 8, 9, 8, 8, 7] * 2, start=28, onset_days=onset_days)
    assert judge_one(rise).outcome is Outcome.WORSE


@pytest.mark.parametrize("onset_days", [0, 7, 21])
def test_a_lasting_drop_from_the_first_day_is_working_whatever_the_onset(onset_days: int) -> None:
    assert judge_one(a_clear_drop(onset_days=onset_days)).outcome is Outcome.WORKING


def test_no_change_at_all_is_not_working_after_a_fair_trial() -> None:
    assert judge_one(no_change()).outcome is Outcome.NOT_WORKING
    assert judge_one(no_change(trial_days=56)).reason is Reason.TOO_EARLY


def test_a_lasting_rise_is_worse() -> None:
    log = trial(*[4, 5, 4, 3, 4] * 4, *[7, 8, 7, 6, 7] * 4, start=20)
    assert judge_one(log).outcome is Outcome.WORSE


def test_the_counts_say_what_was_there() -> None:
    log = trial(5, NAN, 6, 7, 4, NAN, 4, 4, 4, 4, NAN, 4, NAN, start=4)
    judgement = judge_one(log)
    assert judgement.baseline is Baseline.LOGGED
    assert (judgement.baseline_days, judgement.raw_baseline_mean) == (3, 6.0)
    assert (judgement.days_passed, judgement.days_logged, judgement.days_logged_recently) == (8, 6, 5)


def test_days_under_way_before_the_first_entry_count_as_passed_but_not_as_logged() -> None:
    judgement = judge_one(trial(5, 5, 5, start=-10, recalled=6))
    assert (judgement.days_passed, judgement.days_logged, judgement.baseline_days) == (12, 3, 0)


@pytest.mark.parametrize("n_baseline", [0, 1, 2])
def test_without_a_baseline_nothing_is_ever_said(n_baseline: int) -> None:
    log = trial(*[9.0] * n_baseline, *[1.0] * 60, start=n_baseline)
    told = {(night.outcome, night.reason, night.baseline) for night in judge_every_night(log)}
    assert told == {(Outcome.CANT_TELL, Reason.NO_BASELINE, Baseline.NONE)}


def test_remembered_pain_stands_in_for_a_missing_baseline() -> None:
    judgement = judge_one(trial(*[1.0] * 60, start=0, recalled=9))
    assert (judgement.outcome, judgement.baseline) == (Outcome.WORKING, Baseline.RECALLED)
    assert judgement.raw_baseline_mean is None


def test_remembered_pain_is_not_read_beside_a_logged_baseline() -> None:
    assert judge_one(no_change(recalled=0)) == judge_one(no_change())


def test_pain_that_returns_after_a_stop_speaks_for_the_treatment() -> None:
    stopped = trial(*[7, 6, 8, 5] * 3, *[5, 4, 6, 5] * 3, *[7, 6, 8, 5] * 3, start=12, stop=24)
    running = replace(stopped, stop=None, daily_means=stopped.daily_means[:24], daily_counts=stopped.daily_counts[:24])
    assert judge_one(stopped).p_helped > judge_one(running).p_helped
    assert (judge_one(stopped).days_passed, judge_one(stopped).days_logged) == (12, 12)


def test_more_entries_a_day_weigh_a_little_more() -> None:
    once = no_change()
    often = replace(once, daily_counts=once.daily_counts * 4)
    assert judge_one(often).p_reach <= judge_one(once).p_reach


def test_a_known_onset_that_is_still_ahead_leaves_the_question_open() -> None:
    assert judge_one(no_change(onset_days=120)).outcome is Outcome.CANT_TELL


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(trial(start=0), id="empty"),
        pytest.param(trial(start=5), id="empty, start ahead"),
        pytest.param(trial(5, 5, 5, start=900), id="start far ahead"),
        pytest.param(trial(5, 5, 5, start=-(10**6), recalled=5), id="start ages ago"),
        pytest.param(trial(*[NAN] * 50, start=20), id="nothing logged"),
        pytest.param(trial(*[0.0] * 80, start=30), id="no pain at all"),
        pytest.param(trial(*[10.0] * 80, start=30), id="always the worst"),
        pytest.param(trial(*[0, 10] * 40, start=30, onset_days=0), id="to and fro"),
        pytest.param(no_change(stop=21), id="stopped on the day it began"),
        pytest.param(no_change(stop=3), id="stopped before it began"),
        pytest.param(no_change(onset_days=10**6), id="an onset of ages"),
        pytest.param(trial(*[5.0] * 4000, start=3960), id="eleven years of steady pain"),
    ],
)
def test_odd_logs_give_finite_numbers_in_range(log: Trial) -> None:
    judgement = judge_one(log)
    chances = [judgement.p_helped, judgement.p_now, judgement.p_reach, judgement.p_worse]
    points = [judgement.change, judgement.change_low, judgement.change_high, judgement.before, judgement.now]
    assert all(0 <= chance <= 1 for chance in chances)
    assert np.isfinite(points).all()
    assert policy.MCID_MIN <= judgement.mcid <= policy.MCID_MAX
    assert judgement.days_passed >= 0


def test_single_precision_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    trials, _ = simulate(Setting(n_attempts=50))
    quick = judge(trials)
    monkeypatch.setattr("tracker.domain.state_space.DTYPE", np.float64)
    assert differences(quick, judge(trials)) < 0.001


# One answer, whichever way it is asked


def mixed_trials() -> list[Trial]:
    settings = [
        Setting(n_attempts=20, drop=0.3, told_onset=True),
        Setting(n_attempts=20, baseline_days=3, treated_days=30, missing=0.5),
        Setting(n_attempts=20, drop=0.5, recall_only=True),
        Setting(n_attempts=20, drop=-0.3, baseline_days=60, entries_a_day=3),
    ]
    return [trial for setting in settings for trial in simulate(setting)[0]]


def differences(some: list[Judgement], others: list[Judgement]) -> float:
    names = ("p_helped", "p_now", "p_reach", "p_worse", "change", "before")
    return max(abs(getattr(a, n) - getattr(b, n)) for a, b in zip(some, others, strict=True) for n in names)


def test_a_batch_says_what_single_attempts_say() -> None:
    trials = mixed_trials()
    batch, single = judge(trials), [judge_one(each) for each in trials]
    assert differences(batch, single) <= 0.011  # the last digit shown may round the other way
    assert [judgement.outcome for judgement in batch] == [judgement.outcome for judgement in single]
    assert [judgement.days_logged for judgement in batch] == [judgement.days_logged for judgement in single]


def test_tonight_with_last_nights_outcome_says_what_a_pass_over_all_nights_says() -> None:
    trials = [each for each in mixed_trials() if each.stop is None]
    for each, nights in zip(trials, judge_all_nights(trials), strict=True):
        previous: Outcome | None = None
        for night, recomputed in list(enumerate(nights))[::6] + [(len(nights) - 1, nights[-1])]:
            previous = nights[night - 1].outcome if night else None
            n_days = each.start + night + 1
            tonight = judge_one(
                replace(
                    each,
                    daily_means=each.daily_means[:n_days],
                    daily_counts=each.daily_counts[:n_days],
                    previous=previous,
                )
            )
            assert tonight.outcome is recomputed.outcome
            assert differences([tonight], [recomputed]) <= 0.011


def test_every_night_counts_from_the_start_day_to_tonight() -> None:
    nights = judge_every_night(a_clear_drop())
    assert [night.days_passed for night in nights] == list(range(42))
    assert judge_every_night(trial(5, 5, start=2)) == []


def test_an_empty_batch_is_fine() -> None:
    assert judge([]) == []


def test_every_judgement_names_its_policy() -> None:
    assert judge_one(no_change()).policy_version == policy.POLICY_VERSION


# Starts near each other


@pytest.mark.parametrize(
    ("gap_days", "overlap"),
    [(0, Overlap.PAIR), (6, Overlap.PAIR), (7, Overlap.MIXED), (13, Overlap.MIXED), (14, None), (400, None)],
)
def test_two_starts_near_each_other_are_told_apart_by_their_gap(gap_days: int, overlap: Overlap | None) -> None:
    start = date(2026, 2, 20)
    later = start + timedelta(days=gap_days)
    expected = [] if overlap is None else [Confounding(first=0, second=1, overlap=overlap)]
    assert confounded([start, later]) == expected
    assert confounded([later, start]) == expected
