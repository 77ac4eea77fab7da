"""Attempts side by side: what the filter says of some hundred of them, night by night, as arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from tracker.domain import trial_policy as policy
from tracker.domain.priors import COLD_START, Priors
from tracker.domain.state_space import DTYPE, LEVEL, Days, Floats, Ints, Onset, State, nights
from tracker.domain.verdict_rule import Codes, decide

Numbers = dict[str, NDArray[Any]]

# Attempts filtered together: large enough to hide NumPy's overhead, small enough for the arrays to stay in cache
BLOCK_SIZE = 384
JOINT_BLOCK_SIZE = 128  # where several treatments go through one filter: more grid points each


@dataclass(frozen=True, kw_only=True, eq=False)
class Beside:
    """Another treatment in the log of each of B attempts, on the same count of treatment days."""

    start: Floats  # (B,)
    stop: Floats  # (B,) inf if it goes on
    onset_days: Floats  # (B,)
    shares: NDArray[np.bool_]  # (B,) begun so near that one verdict holds for both


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """B attempts, with their first treatment days in one row. All know the onset of their type, or none does, and all
    have as many treatments beside the one in question."""

    means: Floats  # (n_days, B) nan where unlogged
    counts: Floats  # (n_days, B)
    n_before: int  # of these days come before the first treatment day
    tonight: Ints  # (B,) treatment day of the last night, -1 if the start lies ahead
    stop: Floats  # (B,) first treatment day without it again, inf if it goes on
    onset_days: Floats  # (B,) nan if unknown
    trial_days: Floats  # (B,)
    recalled: Floats  # (B,) nan if unknown
    priors: Priors = COLD_START
    beside: Sequence[Beside] = ()

    def nights(self) -> Iterator[State]:
        """The state before the first treatment day, then after each; one object, changed in place."""
        recalled = np.where(self.baseline_days < policy.MIN_BASELINE_DAYS, self.recalled, np.nan)
        days = Days.from_log(self.means, self.counts, self.n_before + self.tonight + 1)
        before, treated = days[: self.n_before], days[self.n_before :]
        return nights(before, treated, self.onsets, self.onset_weights, recalled, self.priors)

    @cached_property
    def onsets(self) -> list[Onset]:
        """Every candidate onset of the treatment with every one of that beside it."""
        own = self.onset_days * np.array(policy.EXPECTED_ONSET_FACTORS)[:, None]
        if not self.knows_onset:
            own = np.repeat(np.array(policy.ONSET_DAYS)[:, None], len(self.stop), axis=1)
        factors = np.array(policy.EXPECTED_ONSET_FACTORS if len(self.beside) == 1 else (1.0,))
        others = [
            Onset(days=np.tile(other.onset_days * factors[:, None], (len(own), 1)), start=other.start, stop=other.stop)
            for other in self.beside
        ]
        return [Onset(days=np.repeat(own, len(factors), axis=0), stop=self.stop), *others]

    @cached_property
    def onset_weights(self) -> Floats:
        own = np.array(self.priors.expected_onset_weights if self.knows_onset else self.priors.onset_weights)
        if len(self.beside) != 1:
            return own
        return np.outer(own, self.priors.expected_onset_weights).ravel()

    @cached_property
    def until(self) -> Floats:
        """The treatment day on which all that shares the verdict is over, (B,)."""
        stops = [np.where(other.shares, other.stop, -np.inf) for other in self.beside]
        return np.maximum.reduce([self.stop, *stops])

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
        last_treated = np.minimum(night, self.until - 1)
        logged = self._logged_until(last_treated)
        shared = self._shared(state, last_treated)
        one = [np.ones(len(night), dtype=bool), *shared]
        return {
            **_estimates(
                state,
                [
                    onset.share(last_treated)[state.columns] * is_in
                    for onset, is_in in zip(self.onsets, one, strict=True)
                ],
                one,
            ),
            "days_passed": np.maximum(np.minimum(night, self.until), 0).astype(int),
            "days_logged": logged,
            "days_logged_recently": logged - self._logged_until(last_treated - policy.RECENT_WINDOW_DAYS),
            "days_logged_lately": logged - self._logged_until(last_treated - policy.KEEP_WINDOW_DAYS),
        } | ({"shared": np.array(shared).T} if shared else {})

    def _shared(self, state: State, day: Floats) -> list[NDArray[np.bool_]]:
        """Whether the verdict holds for each of the treatments beside as well: begun too near, or not told apart."""
        if not self.beside:
            return []
        weights = state.weights()

        def mixed(one: int, other: int) -> Floats:
            return (weights * state.covariance[one, other]).sum(axis=(0, 1), dtype=float)

        own = mixed(1, 1)
        return [
            (other.start <= day)
            & (other.shares | (mixed(1, place) < policy.PAIR_CORRELATION * np.sqrt(own * mixed(place, place))))
            for place, other in enumerate(self.beside, start=2)
        ]

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


_NOTHING: Floats = np.zeros((), dtype=DTYPE)


@dataclass(frozen=True, kw_only=True)
class _Drop:
    """A weighted sum of effects at each grid point, (15, O, B): what was felt of it, or all that could be."""

    mean: Floats
    variance: Floats
    with_level: Floats  # covariance

    @classmethod
    def of(cls, state: State, shares: Sequence[Floats]) -> "_Drop":
        """`shares`: of each effect, (O, B)."""
        felt = dict(zip(state.effects, shares, strict=True))
        pairs = combinations_with_replacement(felt.items(), 2)
        return cls(
            mean=sum((share * state.mean[at] for at, share in felt.items()), start=_NOTHING),
            variance=sum(
                ((1 if at == to else 2) * one * other * state.covariance[at, to] for (at, one), (to, other) in pairs),
                start=_NOTHING,
            ),
            with_level=sum((share * state.covariance[LEVEL, at] for at, share in felt.items()), start=_NOTHING),
        )


def _estimates(state: State, felt: Sequence[Floats], one: Sequence[NDArray[np.bool_]]) -> Numbers:
    """What is told, (B,) each. `felt`: share of each effect felt, (O, B); `one`: whether it belongs to it, (B,)."""
    weights = state.weights()
    is_felt = np.any([share > 0 for share in felt], axis=0)
    drop = _Drop.of(state, felt)
    full = _Drop.of(state, [np.broadcast_to(is_in.astype(DTYPE), felt[0].shape) for is_in in one])

    def mixed(values: Floats) -> Floats:
        return (weights * values).sum(axis=(0, 1), dtype=float)

    before, change = mixed(state.mean[LEVEL]), -mixed(drop.mean)
    spread = policy.LIKELY_Z * np.sqrt(np.maximum(mixed(drop.variance + drop.mean**2) - change**2, 0))
    before_shown = np.clip(before, policy.NRS_MIN, policy.NRS_MAX)
    chances = {
        "p_helped": mixed(is_felt * _chance_of_drop(state, drop, policy.HELPED_SHARE)),
        "p_now": mixed(is_felt * _chance_of_drop(state, drop, 1.0)),
        "p_reach": mixed(_chance_of_drop(state, full, 1.0)),
        "p_worse": mixed(is_felt * ndtr((-policy.WORSE_POINTS - drop.mean) / _root(drop.variance))),
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


def _chance_of_drop(state: State, drop: _Drop, share: float) -> Floats:
    """Chance at each grid point that the drop is at least `share` of the MCID.

    The MCID follows the level between its limits, so that the difference of the two is normal there; beyond them it
    is constant.
    """
    level = state.mean[LEVEL]
    follows = (level > policy.MCID_MIN / policy.MCID_SHARE) & (level < policy.MCID_MAX / policy.MCID_SHARE)
    slope = np.where(follows, share * policy.MCID_SHARE, 0).astype(DTYPE)
    limit = share * np.clip(policy.MCID_SHARE * level, policy.MCID_MIN, policy.MCID_MAX)
    excess_variance = drop.variance - 2 * slope * drop.with_level + slope**2 * state.covariance[LEVEL, LEVEL]
    return ndtr((drop.mean - limit) / _root(excess_variance))


def _root(variance: Floats) -> Floats:
    return np.sqrt(np.maximum(variance, 1e-9))
