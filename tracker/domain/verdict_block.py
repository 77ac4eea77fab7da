"""Attempts side by side: what the filter says of some hundred of them, night by night, as arrays."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from tracker.domain import trial_policy as policy
from tracker.domain.priors import COLD_START, Priors
from tracker.domain.state_space import DTYPE, LEVEL, Days, Floats, Onset, State, nights
from tracker.domain.verdict_rule import Codes, decide

Ints = NDArray[np.integer]
Numbers = dict[str, NDArray[Any]]

# Attempts filtered together: large enough to hide NumPy's overhead, small enough for the arrays to stay in cache
BLOCK_SIZE = 256


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """B attempts, with their first treatment days in one row. All know the onset of their type, or none does."""

    means: Floats  # (n_days, B) nan where unlogged
    counts: Floats  # (n_days, B)
    n_before: int  # of these days come before the first treatment day
    tonight: Ints  # (B,) treatment day of the last night, -1 if the start lies ahead
    stop: Floats  # (B,) first treatment day without it again, inf if it goes on
    onset_days: Floats  # (B,) nan if unknown
    trial_days: Floats  # (B,)
    recalled: Floats  # (B,) nan if unknown
    priors: Priors = COLD_START

    def nights(self) -> Iterator[State]:
        """The state before the first treatment day, then after each; one object, changed in place."""
        recalled = np.where(self.baseline_days < policy.MIN_BASELINE_DAYS, self.recalled, np.nan)
        days = Days.from_log(self.means, self.counts)
        before, treated = days[: self.n_before], days[self.n_before :]
        return nights(before, treated, [self.onset], self.onset_weights, recalled, self.priors)

    @cached_property
    def onset(self) -> Onset:
        days = self.onset_days * np.array(policy.EXPECTED_ONSET_FACTORS)[:, None]
        if not self.knows_onset:
            days = np.repeat(np.array(policy.ONSET_DAYS)[:, None], len(self.stop), axis=1)
        return Onset(days=days, stop=self.stop)

    @cached_property
    def onset_weights(self) -> Floats:
        return np.array(self.priors.expected_onset_weights if self.knows_onset else self.priors.onset_weights)

    @property
    def knows_onset(self) -> bool:
        return not np.isnan(self.onset_days).any()

    @cached_property
    def baseline_days(self) -> Ints:
        return np.isfinite(self.means[: self.n_before]).sum(axis=0)

    @cached_property
    def baseline_mean(self) -> Floats:
        """Plain mean of the logged days before, nan without any."""
        with np.errstate(invalid="ignore"):
            return np.nansum(self.means[: self.n_before], axis=0, dtype=float) / self.baseline_days

    @cached_property
    def has_baseline(self) -> NDArray[np.bool_]:
        return (self.baseline_days >= policy.MIN_BASELINE_DAYS) | ~np.isnan(self.recalled)

    @cached_property
    def _logged(self) -> Ints:
        """Logged treatment days before each treatment day, (n_treated + 1, B)."""
        logged = np.isfinite(self.means[self.n_before :])
        return np.concatenate([np.zeros((1, len(self.stop)), int), np.cumsum(logged, axis=0)])

    def _logged_until(self, day: Floats) -> Ints:
        row = np.clip(day + 1, 0, len(self._logged) - 1).astype(int)
        return self._logged[row, np.arange(len(self.stop))]

    def numbers(self, state: State, night: Ints) -> Numbers:
        """All that is told of a night but the outcome, (B,) each. `night`: (B,) treatment day of the state."""
        last_treated = np.minimum(night, self.stop - 1)
        logged = self._logged_until(last_treated)
        return {
            **_estimates(state, self.onset.share(last_treated)),
            "days_passed": np.maximum(np.minimum(night, self.stop), 0).astype(int),
            "days_logged": logged,
            "days_logged_recently": logged - self._logged_until(last_treated - policy.RECENT_WINDOW_DAYS),
            "days_logged_lately": logged - self._logged_until(last_treated - policy.KEEP_WINDOW_DAYS),
        }

    def decided(self, numbers: Numbers, previous: Ints) -> tuple[Codes, Codes]:
        """Outcome and reason, as codes."""
        names = ("p_helped", "p_now", "p_reach", "p_worse", "days_passed", "days_logged", "days_logged_recently")
        return decide(
            **{name: numbers[name] for name in names},
            days_logged_lately=numbers["days_logged_lately"],
            trial_days=self.trial_days,
            has_baseline=self.has_baseline,
            before=numbers["before"],
            previous=previous,
        )


def _estimates(state: State, felt: Floats) -> Numbers:
    """What is told, (B,) each. `felt`: share of the full effect felt at each onset, (O, B)."""
    weights = state.weights()
    effect, variance = state.mean[1], state.covariance[1, 1]

    def mixed(values: Floats) -> Floats:
        return (weights * values).sum(axis=(0, 1), dtype=float)

    drop = felt * effect
    drop_variance = felt**2 * variance
    before, change = mixed(state.mean[LEVEL]), -mixed(drop)
    spread = policy.LIKELY_Z * np.sqrt(np.maximum(mixed(drop_variance + drop**2) - change**2, 0))
    before_shown = np.clip(before, policy.NRS_MIN, policy.NRS_MAX)
    chances = {
        "p_helped": mixed(_chance_of_drop(state, felt, policy.HELPED_SHARE)),
        "p_now": mixed(_chance_of_drop(state, felt, 1.0)),
        "p_reach": mixed(_chance_of_drop(state, np.ones_like(felt), 1.0)),
        "p_worse": mixed(np.where(felt > 0, ndtr((-policy.WORSE_POINTS - drop) / _root(drop_variance)), 0)),
    }
    points = {
        "change": change,
        "change_low": change - spread,
        "change_high": change + spread,
        "before": before_shown,
        "now": np.clip(before + change, policy.NRS_MIN, policy.NRS_MAX),
        "mcid": np.clip(policy.MCID_SHARE * before_shown, policy.MCID_MIN, policy.MCID_MAX),
    }
    return {name: np.round(np.clip(chance, 0, 1), policy.CHANCE_DECIMALS) for name, chance in chances.items()} | {
        name: np.round(point, policy.POINTS_DECIMALS) for name, point in points.items()
    }


def _chance_of_drop(state: State, felt: Floats, share: float) -> Floats:
    """Chance at each grid point that the felt part of the effect is at least `share` of the MCID.

    The MCID follows the level between its limits, so that the difference of the two is normal there; beyond them it
    is constant.
    """
    level, effect = state.mean[LEVEL], state.mean[1]
    follows = (level > policy.MCID_MIN / policy.MCID_SHARE) & (level < policy.MCID_MAX / policy.MCID_SHARE)
    slope = np.where(follows, share * policy.MCID_SHARE, 0).astype(DTYPE)
    limit = share * np.clip(policy.MCID_SHARE * level, policy.MCID_MIN, policy.MCID_MAX)
    excess_variance = (
        felt**2 * state.covariance[1, 1]
        - 2 * felt * slope * state.covariance[LEVEL, 1]
        + slope**2 * state.covariance[LEVEL, LEVEL]
    )
    return np.where(felt > 0, ndtr((felt * effect - limit) / _root(excess_variance)), 0)


def _root(variance: Floats) -> Floats:
    return np.sqrt(np.maximum(variance, 1e-9))
