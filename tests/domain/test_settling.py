from datetime import date, timedelta

import numpy as np
import pytest
from scipy.special import ndtri

from tests.domain.simulator import Setting, simulate
from tracker.domain import settling, trial_policy
from tracker.domain.settling import Settling
from tracker.domain.verdict import Judgement, Outcome, judge_all_nights

AS_OF = date(2026, 11, 20)
KNOWN = {
    "reason": "too_early",
    "as_of": AS_OF,
    "days_passed": 20,
    "trial_days": 28,
    "days_logged": 16,
    "change": 0.0,
    "change_low": -1.0,
    "change_high": 1.0,
    "mcid": 2.0,
}


def forecast(**known) -> Settling | None:
    return settling.settling(**KNOWN | known)


def of(judgement: Judgement) -> Settling | None:
    return forecast(
        reason=judgement.reason,
        days_passed=judgement.days_passed,
        days_logged=judgement.days_logged,
        change=judgement.change,
        change_low=judgement.change_low,
        change_high=judgement.change_high,
        mcid=judgement.mcid,
    )


def test_the_distances_are_those_of_the_policy():
    assert round(float(ndtri(trial_policy.WORKING_HELPED)), 3) == round(settling.WORKING_Z, 3)
    assert round(float(ndtri(1 - trial_policy.NOT_WORKING_REACH)), 3) == round(settling.NOT_WORKING_Z, 3)


@pytest.mark.parametrize("reason", ["no_baseline", "mixed", "not_fairly_tried"])
def test_what_more_days_do_not_mend_has_no_forecast(reason):
    assert forecast(reason=reason) is None


@pytest.mark.parametrize(
    "numbers",
    [
        pytest.param({"change": None}, id="nothing estimated"),
        pytest.param({"change": -1.9}, id="close to a drop that matters"),
        pytest.param({"change_low": -9.0, "change_high": 9.0}, id="no wiser than at first"),
    ],
)
def test_what_cannot_be_foreseen_has_none(numbers):
    assert forecast(**numbers | {"days_passed": 30}) is None


def test_not_working_waits_for_the_end_of_the_fair_trial():
    told = forecast(change_low=-0.4, change_high=0.4)
    assert told == Settling(n_more_days=6, by=AS_OF + timedelta(days=9), is_trial_end=True)


def test_within_the_fair_trial_nothing_later_than_its_end_is_promised():
    told = forecast(change_low=-9.0, change_high=9.0)
    assert told and told.is_trial_end and told.by == AS_OF + timedelta(days=9)


def test_who_logs_less_often_waits_longer():
    often, seldom = (forecast(days_passed=40, days_logged=n) for n in (41, 21))
    assert often and seldom and seldom.by > often.by


def test_simulated_logs_are_settled_about_when_it_was_told():
    """Undecided on day 36, a fair trial of 28 days over: settled a week after the day told at the latest, in more than
    three of five."""
    night, met, silent, open_to_the_end = 35, [], [], []
    for drop in (0.0, 0.3, 0.5):
        trials, _ = simulate(Setting(n_attempts=120, treated_days=90, told_onset=True, drop=drop))
        for nights in judge_all_nights(trials):
            if nights[night].outcome is not Outcome.CANT_TELL:
                continue
            told = of(nights[night])
            settled = next((n for n in range(night, 90) if nights[n].outcome is not Outcome.CANT_TELL), 10**6)
            if told is None:
                silent.append(settled == 10**6)
            else:
                open_to_the_end.append(settled == 10**6)
                met.append(settled - night <= (told.by - AS_OF).days + 7)
    assert np.mean(met) > 0.6
    assert np.mean(silent) > np.mean(open_to_the_end)  # silence means that it takes longer still
