"""What the filter believes of patients before it reads a log: the part of the policy that an instance can learn.

Everything else behind a verdict (thresholds, what must be there before anything is said) is fixed in `trial_policy`.
"""

from dataclasses import dataclass

from tracker.domain import trial_policy as policy


@dataclass(frozen=True, kw_only=True)
class Priors:
    """The defaults are those that Ebb ships with. Weights belong to the grid of `trial_policy`, and sum to 1."""

    version: str = policy.POLICY_VERSION  # stored with every verdict
    level_mean: float = policy.LEVEL_MEAN  # points; usual pain without the treatment
    level_sd: float = policy.LEVEL_SD
    effect_mean: float = policy.EFFECT_MEAN  # points of drop at full effect
    effect_sd: float = policy.EFFECT_SD
    persistence_weights: tuple[float, ...] = policy.PERSISTENCE_WEIGHTS
    daily_sd_weights: tuple[float, ...] = policy.DAILY_SD_WEIGHTS
    onset_weights: tuple[float, ...] = policy.ONSET_WEIGHTS
    expected_onset_weights: tuple[float, ...] = policy.EXPECTED_ONSET_WEIGHTS

    def __post_init__(self) -> None:
        """Raises ValueError where the numbers do not fit the grid, or are no priors at all."""
        for name, axis in AXES.items():
            weights = getattr(self, name)
            if len(weights) != len(axis) or min(weights) <= 0 or abs(sum(weights) - 1) > WEIGHT_SLACK:
                raise ValueError(f"{name} must be {len(axis)} positive weights that sum to 1")
        if self.level_sd <= 0 or self.effect_sd <= 0:
            raise ValueError("a spread must be positive")


# Which values of the grid the weights belong to
AXES = {
    "persistence_weights": policy.PERSISTENCE,
    "daily_sd_weights": policy.DAILY_SD,
    "onset_weights": policy.ONSET_DAYS,
    "expected_onset_weights": policy.EXPECTED_ONSET_FACTORS,
}
WEIGHT_SLACK = 1e-6  # of a sum that went through text and back

# A higher or wider prior of the effect makes false alarms more likely at the same thresholds; up to here that was
# measured and found harmless (evidence of the method, section 4).
EFFECT_MEAN_TESTED = 1.2  # points
EFFECT_SD_TESTED = 1.6  # points


def is_tested(priors: Priors) -> bool:
    """Whether false alarms under such an effect have been measured."""
    return priors.effect_mean <= EFFECT_MEAN_TESTED and priors.effect_sd <= EFFECT_SD_TESTED


COLD_START = Priors()
