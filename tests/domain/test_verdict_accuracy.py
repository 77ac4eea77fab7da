"""How often a verdict is right, on simulated logs with a known truth and on a real one without a treatment.

Errors are counted over all nights of eight weeks: an attempt that is wrong on one night is wrong. A limit is the goal
plus three standard errors of a share in so many attempts: the table of tests/benchmarks/bench_verdict_accuracy.py is
finer.
"""

import numpy as np
import pytest

from tests.domain import other_simulator
from tests.domain.other_simulator import OtherSetting
from tests.domain.real_log import invented_starts
from tests.domain.simulator import Setting, Tally, run, simulated, tally
from tracker.domain.verdict import Outcome

WORKING, NOT_WORKING, WORSE, CANT_TELL = Outcome
N_ATTEMPTS = 400
LONG = {"treated_days": 181, "trial_days": 180, "onset_days": 42, "told_onset": True, "n_attempts": 200}


def percent_above(goal: float) -> float:
    """The goal in percent as a share, with three standard errors on top."""
    share = goal / 100
    return share + 3 * (share * (1 - share) / N_ATTEMPTS) ** 0.5


def percent_below(goal: float) -> float:
    share = goal / 100
    return share - 3 * (share * (1 - share) / N_ATTEMPTS) ** 0.5


def study(**changes: object) -> Tally:
    return run(Setting(**{"n_attempts": N_ATTEMPTS, **changes}))


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
        pytest.param({"heavy_tails": True, "worst_of": 21}, 3, id="days far off, begun on the worst"),
        pytest.param({"worst_of": 21, "worst_week": True}, 3, id="begun after the worst week"),
        pytest.param({"wave": 0.3}, 3, id="waves of several days"),
        pytest.param({"wander": 0.25, "baseline_days": 28}, 3, id="a level that walks"),
        pytest.param({"favoured": (0, 5, 10)}, 3, id="round answers favoured"),
        pytest.param({"level": 8.0, "sd": 2.0}, 3, id="often at the top of the scale"),
        pytest.param({"missing": 0.4, "misses_bad_days": True}, 3, id="bad days missing more often"),
        pytest.param(LONG, 3, id="half a year"),
        pytest.param(LONG | {"wander": 0.2}, 3, id="half a year, a level that walks"),
        pytest.param(LONG | {"drift_a_week": -0.05}, 3, id="half a year, easing by itself"),
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
        pytest.param(LONG | {"drift_a_week": -0.05}, 7, id="half a year, easing by itself"),
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
        pytest.param({"drop": 0.3, "level": 2.0, "sd": 0.5}, 9, id="a third gone, steady low pain"),
        pytest.param(LONG | {"drop": 0.3, "wander": 0.2}, 9, id="a third gone, half a year, a level that walks"),
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
        pytest.param(LONG | {"drift_a_week": 0.05}, 5, id="half a year, rising by itself"),
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


# Effects drawn from the filter's own prior, as a share of the level
AS_BELIEVED = Setting(n_attempts=2000, drop=0.16, drop_sd=0.22, onset_days=7)


def test_the_likely_interval_holds_its_share_of_true_changes() -> None:
    logs = simulated(AS_BELIEVED)
    verdicts = logs.judged(every_night=False)
    assert 0.75 <= ((verdicts.change_low <= -logs.effect) & (-logs.effect <= verdicts.change_high)).mean() <= 0.90


def test_of_attempts_with_a_stated_chance_about_that_share_had_a_drop_that_matters() -> None:
    logs = simulated(AS_BELIEVED)
    verdicts = logs.judged(every_night=False)
    actual = logs.effect >= verdicts.mcid
    for low in np.arange(0, 1, 0.25):
        chosen = (verdicts.p_now >= low) & (verdicts.p_now <= low + 0.25)
        assert abs(verdicts.p_now[chosen].mean() - actual[chosen].mean()) <= 0.05 + 3 * 0.5 / chosen.sum() ** 0.5


@pytest.mark.parametrize(
    ("drop", "wrong", "goal"),
    [
        pytest.param(0.0, WORKING, 3, id="no effect called working"),
        pytest.param(0.0, WORSE, 5, id="no effect called worse"),
        pytest.param(0.1, WORKING, 5, id="a little called working"),
        pytest.param(0.3, NOT_WORKING, 9, id="a third gone called not working"),
        pytest.param(0.5, NOT_WORKING, 1, id="half gone called not working"),
    ],
)
def test_errors_stay_rare_on_logs_that_are_made_in_quite_another_way(drop: float, wrong: Outcome, goal: float) -> None:
    logs = other_simulator.simulated(OtherSetting(n_attempts=N_ATTEMPTS, drop=drop))
    assert tally(logs.judged(), logs.effect).ever[wrong] <= percent_above(goal)


@pytest.mark.parametrize("n_before", [pytest.param(28, id="four weeks before"), pytest.param(10_000, id="all before")])
def test_treatments_invented_in_a_real_log_are_hardly_ever_called_working_or_worse(n_before: int) -> None:
    outcome = invented_starts(n_before).judged().outcome
    assert ((outcome == WORKING) | (outcome == WORSE)).any(axis=1).mean() <= 0.05
    assert (outcome[:, 56] == CANT_TELL).mean() <= 0.40
