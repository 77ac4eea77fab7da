"""How often a verdict is right, on simulated logs with a known truth and on a real one without a treatment.

Errors are counted over all nights of eight weeks: an attempt that is wrong on one night is wrong. A limit is the goal
plus three standard errors of a share in 1,000 attempts.
"""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.domain.simulator import Setting, Tally, run, simulate, tally
from tracker.domain.verdict import Outcome, Trial, judge_all_nights

WORKING, NOT_WORKING, WORSE = Outcome.WORKING, Outcome.NOT_WORKING, Outcome.WORSE
REAL_LOG = Path(__file__).parents[1] / "data" / "real_pain_log.csv"
N_ATTEMPTS = 1000


def percent_above(goal: float) -> float:
    """The goal in percent as a share, with three standard errors on top."""
    share = goal / 100
    return share + 3 * (share * (1 - share) / N_ATTEMPTS) ** 0.5


def percent_below(goal: float) -> float:
    share = goal / 100
    return share - 3 * (share * (1 - share) / N_ATTEMPTS) ** 0.5


def study(**changes: object) -> Tally:
    return run(Setting(n_attempts=N_ATTEMPTS, **changes))


@pytest.mark.parametrize(
    ("changes", "goal"),
    [
        pytest.param({}, 3, id="an ordinary log"),
        pytest.param({"worst_of": 21}, 3, id="begun on the worst of 21 days"),
        pytest.param({"worst_of": 21, "baseline_days": 7}, 3, id="that with a week before"),
        pytest.param({"missing": 0.3}, 3, id="three days in ten missing"),
        pytest.param({"missing": 0.4, "misses_good_days": True}, 3, id="good days missing more often"),
        pytest.param({"flares_a_month": 2}, 3, id="two flares a month"),
        pytest.param({"level": 2.0, "sd": 0.5}, 3, id="steady low pain"),
        pytest.param({"sd": 2.2}, 3, id="pain that varies much"),
        pytest.param({"recall_only": True, "worst_of": 21}, 3, id="only a remembered baseline"),
        pytest.param({"persistence": 0.8}, 3, id="long spells"),
    ],
)
def test_a_treatment_without_effect_is_hardly_ever_called_working(changes: dict[str, object], goal: float) -> None:
    assert study(**changes).ever[WORKING] <= percent_above(goal)


@pytest.mark.parametrize(
    ("changes", "goal"),
    [
        pytest.param({}, 5, id="an ordinary log"),
        pytest.param({"worst_of": 21, "baseline_days": 7}, 5, id="begun on the worst of 21 days after a week"),
        pytest.param({"level": 2.0, "sd": 0.5}, 5, id="steady low pain"),
        pytest.param({"drift_a_week": -0.1}, 7, id="pain easing by itself"),
    ],
)
def test_a_drop_too_small_to_matter_is_seldom_called_working(changes: dict[str, object], goal: float) -> None:
    assert study(drop=0.1, **changes).ever[WORKING] <= percent_above(goal)


@pytest.mark.parametrize(
    ("changes", "goal"),
    [
        pytest.param({"drop": 0.5}, 1, id="half the pain gone"),
        pytest.param({"drop": 0.5, "worst_of": 21}, 1, id="half gone, begun on a bad day"),
        pytest.param({"drop": 0.3}, 5, id="a third gone"),
        pytest.param({"drop": 0.3, "sd": 0.7}, 9, id="a third gone, steady pain"),
    ],
)
def test_a_drop_that_matters_is_seldom_called_not_working(changes: dict[str, object], goal: float) -> None:
    assert study(**changes).ever[NOT_WORKING] <= percent_above(goal)


@pytest.mark.parametrize(
    ("changes", "goal"),
    [
        pytest.param({}, 5, id="an ordinary log"),
        pytest.param({"missing": 0.3}, 5, id="three days in ten missing"),
        pytest.param({"persistence": 0.8}, 5, id="long spells"),
    ],
)
def test_a_treatment_without_effect_is_seldom_called_worse(changes: dict[str, object], goal: float) -> None:
    assert study(**changes).ever[WORSE] <= percent_above(goal)


@pytest.mark.parametrize(
    ("told_onset", "goals"),
    [
        pytest.param(False, {28: 60, 42: 80, 56: 85}, id="onset unknown"),
        pytest.param(True, {28: 70, 42: 82, 56: 88}, id="onset known"),
    ],
)
def test_half_the_pain_gone_is_called_working_in_time(told_onset: bool, goals: dict[int, float]) -> None:
    by_day = study(drop=0.5, onset_days=7, told_onset=told_onset).by_day
    assert {day: by_day[day][WORKING] >= percent_below(goal) for day, goal in goals.items()} == dict.fromkeys(
        goals, True
    )


def test_no_effect_is_mostly_called_not_working_in_the_end_and_verdicts_hold() -> None:
    result = study()
    assert result.by_day[56][NOT_WORKING] >= percent_below(65)
    assert result.changes <= 0.3


def test_a_verdict_outlasts_weeks_with_few_entries() -> None:
    assert study(drop=0.5, missing=0.5).changes <= 0.3


def test_the_likely_interval_holds_its_share_of_true_changes() -> None:
    rng = np.random.default_rng(7)
    nights, effects = [], []
    for drop in np.clip(rng.normal(0.16, 0.22, 20), -0.8, 0.9):  # the filter's own prior, as a share of the level
        trials, effect = simulate(Setting(n_attempts=50, drop=float(drop), onset_days=7))
        nights += judge_all_nights(trials)
        effects.append(effect)
    assert 0.70 <= tally(nights, np.concatenate(effects)).coverage <= 0.90


def invented_starts(history_days: int) -> list[Trial]:
    """Made-up treatments in a real log that has none: any 'working' or 'worse' is a false alarm."""
    with REAL_LOG.open() as rows:
        pain = {date.fromisoformat(row["day"]): float(row["pain_max"]) for row in csv.DictReader(rows)}
    log = np.full((max(pain) - min(pain)).days + 1, np.nan)
    log[[(day - min(pain)).days for day in pain]] = list(pain.values())
    starts = [start for start in range(28, len(log) - 57, 2) if np.isfinite(log[start - 28 : start]).sum() >= 3]
    return [
        Trial(daily_means=means, daily_counts=np.isfinite(means).astype(int), start=min(start, history_days))
        for start in starts
        if len(means := log[max(start - history_days, 0) : start + 57])
    ]


@pytest.mark.parametrize(
    ("history_days", "limit"),
    [pytest.param(28, 0.02, id="four weeks before"), pytest.param(365, 0.07, id="a year before")],
)
def test_treatments_invented_in_a_real_log_are_hardly_ever_called_working_or_worse(
    history_days: int, limit: float
) -> None:
    trials = invented_starts(history_days)
    result = tally(judge_all_nights(trials), np.zeros(len(trials)))
    assert len(trials) > 200
    assert result.ever[WORKING] <= limit
    assert result.ever[WORSE] <= 0.01
    assert result.ever[NOT_WORKING] >= 0.5
