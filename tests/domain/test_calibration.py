"""Priors learnt from attempts of people who do not exist, whose truth is known."""

import numpy as np
import pytest

from tracker.domain import calibration
from tracker.domain import trial_policy as policy
from tracker.domain.priors import COLD_START, Priors, is_tested
from tracker.domain.verdict import Trial, judge

N_BEFORE, N_TREATED, ONSET = 28, 42, 10
TRUTH = Priors(
    version="true",
    level_mean=5.0,
    level_sd=0.9,
    effect_mean=1.6,
    effect_sd=0.8,
    persistence_weights=(0.5, 0.3, 0.2),
    daily_sd_weights=(0.1, 0.4, 0.3, 0.1, 0.1),
    expected_onset_weights=(0.6, 0.2, 0.1, 0.1),
)


def people(n: int, *, seed: int, onset_days: int | None = ONSET) -> list[Trial]:
    """Logs of whole numbers from the model itself, every day logged."""
    dice = np.random.default_rng(seed)
    level = dice.normal(TRUTH.level_mean, TRUTH.level_sd, n)
    effect = dice.normal(TRUTH.effect_mean, TRUTH.effect_sd, n)
    persistence = dice.choice(policy.PERSISTENCE, n, p=TRUTH.persistence_weights)
    sd = dice.choice(policy.DAILY_SD, n, p=TRUTH.daily_sd_weights)
    onset = ONSET * dice.choice(policy.EXPECTED_ONSET_FACTORS, n, p=TRUTH.expected_onset_weights)
    spell = dice.normal(0, np.sqrt(policy.SPELL_SHARE) * sd)
    means = np.empty((N_BEFORE + N_TREATED, n))
    for day in range(-N_BEFORE, N_TREATED):
        renewal = np.sqrt(policy.SPELL_SHARE * (1 - persistence**2)) * sd
        spell = persistence * spell + dice.normal(0, 1, n) * renewal
        rise = np.clip((day - onset / 2) / np.maximum(onset / 2, 1e-9), 0, 1)
        felt = np.where(day < 0, 0, np.where(onset > 0, rise, 1))
        noise = dice.normal(0, 1, n) * np.sqrt((1 - policy.SPELL_SHARE) * sd**2 + (policy.WITHIN_DAY_SHARE * sd) ** 2)
        means[day + N_BEFORE] = np.clip(np.round(level - felt * effect + spell + noise), 0, 10)
    return [
        Trial(daily_means=one, daily_counts=np.ones(len(one)), start=N_BEFORE, onset_days=onset_days) for one in means.T
    ]


@pytest.fixture(scope="module")
def learnt() -> Priors:
    parts = [people(200, seed=seed) for seed in range(4)]
    return calibration.learn(lambda: parts, version="learnt")


def test_nothing_can_be_learnt_from_nobody():
    with pytest.raises(ValueError, match="nothing to learn"):
        calibration.learn(list, version="learnt")


@pytest.mark.parametrize(
    ("name", "within"),
    [
        pytest.param("level_mean", 0.15, id="usual pain"),
        pytest.param("level_sd", 0.15, id="spread of usual pain"),
        pytest.param("effect_mean", 0.15, id="effect"),
        pytest.param("effect_sd", 0.2, id="spread of effects"),
    ],
)
def test_the_truth_is_found_again(learnt, name, within):
    assert getattr(learnt, name) == pytest.approx(getattr(TRUTH, name), abs=within)


@pytest.mark.parametrize("name", ["persistence_weights", "daily_sd_weights", "expected_onset_weights"])
def test_the_weights_come_at_least_half_of_the_way_to_the_truth(learnt, name):
    true, shipped, now = (np.array(getattr(priors, name)) for priors in (TRUTH, COLD_START, learnt))
    assert np.abs(now - true).sum() < 0.5 * np.abs(shipped - true).sum()


def test_an_axis_that_no_attempt_speaks_of_stays_as_it_was(learnt):
    assert learnt.onset_weights == COLD_START.onset_weights


def test_attempts_of_unknown_onset_teach_the_onset_of_unknown_types():
    parts = [people(60, seed=1, onset_days=None)]
    learnt = calibration.learn(lambda: parts, version="learnt", steps=1)
    assert learnt.onset_weights != COLD_START.onset_weights
    assert learnt.expected_onset_weights == COLD_START.expected_onset_weights


def test_parts_add_up_to_the_whole():
    everyone = people(120, seed=9)
    whole = calibration.learn(lambda: [everyone], version="learnt", steps=1)
    halves = calibration.learn(lambda: [everyone[:50], everyone[50:]], version="learnt", steps=1)
    np.testing.assert_allclose(whole.daily_sd_weights, halves.daily_sd_weights, atol=1e-3)
    assert whole.effect_mean == pytest.approx(halves.effect_mean, abs=1e-3)


def test_what_was_learnt_tells_more_of_new_people(learnt):
    new = people(400, seed=77)
    narrow, wide = (judge(new, priors) for priors in (learnt, COLD_START))

    def width(judgements):
        return np.mean([one.change_high - one.change_low for one in judgements])

    assert width(narrow) < width(wide)


def test_all_alike_still_leaves_some_doubt_and_no_point_of_the_grid_out():
    trial = people(1, seed=3)[0]
    learnt = calibration.learn(lambda: [[trial] * 30], version="learnt", steps=30)
    assert learnt.level_sd >= calibration.LEAST_SD
    assert min(learnt.daily_sd_weights) > calibration.LEAST_WEIGHT / 2


def test_a_high_or_a_wide_effect_is_told_apart(learnt):
    assert is_tested(COLD_START)
    assert not is_tested(learnt)
