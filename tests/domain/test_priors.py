"""The numbers that an instance can learn, and that they reach the filter."""

from dataclasses import replace

import numpy as np
import pytest

from tests.domain.simulator import Setting, simulate
from tracker.domain.priors import COLD_START, Priors
from tracker.domain.trial_policy import POLICY_VERSION
from tracker.domain.verdict import judge, judge_every_night, judge_one


@pytest.fixture
def trial():
    (trial,), _ = simulate(Setting(n_attempts=1, drop=0.2, baseline_days=5, treated_days=10, told_onset=True))
    return trial


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"persistence_weights": (0.5, 0.5)}, id="too few weights"),
        pytest.param({"daily_sd_weights": (0.2, 0.2, 0.2, 0.2, 0.3)}, id="weights that sum to more than one"),
        pytest.param({"expected_onset_weights": (0.0, 0.4, 0.3, 0.3)}, id="a point of the grid shut out"),
        pytest.param({"effect_sd": 0.0}, id="no doubt at all"),
        pytest.param({"level_sd": -1.0}, id="a negative spread"),
    ],
)
def test_refused(wrong):
    with pytest.raises(ValueError):
        Priors(**wrong)


def test_a_judgement_tells_the_version_it_was_made_with(trial):
    assert judge_one(trial).policy_version == COLD_START.version == POLICY_VERSION
    assert judge_one(trial, replace(COLD_START, version="mine")).policy_version == "mine"


@pytest.mark.parametrize(
    ("more", "number"),
    [
        pytest.param({"effect_mean": 2.0}, "change", id="effect"),
        pytest.param({"level_mean": 3.0}, "before", id="level"),
        pytest.param({"daily_sd_weights": (0.9, 0.04, 0.03, 0.02, 0.01)}, "p_helped", id="daily spread"),
        pytest.param({"persistence_weights": (0.98, 0.01, 0.01)}, "p_now", id="persistence"),
        pytest.param({"expected_onset_weights": (0.97, 0.01, 0.01, 0.01)}, "p_now", id="onset"),
    ],
)
def test_each_number_moves_a_verdict_on_little_evidence(trial, more, number):
    ours = judge_one(trial, replace(COLD_START, **more))
    assert getattr(ours, number) != getattr(judge_one(trial), number)


def test_tonight_and_every_night_agree_under_learnt_priors():
    priors = replace(COLD_START, level_mean=5.0, effect_sd=1.2, persistence_weights=(0.3, 0.4, 0.3))
    trials, _ = simulate(Setting(n_attempts=3, drop=0.4, treated_days=20))
    for trial, tonight in zip(trials, judge(trials, priors), strict=True):
        last = judge_every_night(trial, priors)[-1]
        np.testing.assert_allclose([last.p_now, last.p_helped], [tonight.p_now, tonight.p_helped], atol=2e-4)
