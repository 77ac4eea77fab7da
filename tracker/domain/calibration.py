"""Priors learnt from finished attempts: expectation maximisation over the filter's own posteriors.

A step asks the filter what each attempt says under the priors of the step before, and takes the mean posterior weights
of the grid and the pooled moments of level and effect as the next ones. Steps are sums over attempts, so attempts may
come in any number of parts.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tracker.domain import trial_policy as policy
from tracker.domain.priors import COLD_START, Priors
from tracker.domain.state_space import LEVEL, Floats, State
from tracker.domain.verdict import Trial, posteriors

MIN_ATTEMPTS = 500  # fewer say too little of what is usual; STUDY
STEPS = 5  # sufficed in STUDY
LEAST_WEIGHT = 0.01  # no point of the grid is shut out for good by what was seen so far; RULING
LEAST_SD = 0.2  # points; RULING, patients are never all alike
DECIMALS = 4
EFFECT = 1


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Over attempts. The last two belong to attempts whose type has a known onset, and to the others."""

    n: int
    level: Floats  # (2,) first and second moment
    effect: Floats  # (2,)
    noise: Floats  # (persistence, daily spread) posterior weights
    expected_onset: Floats
    onset: Floats

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in vars(self)})


NOTHING = Sums(
    n=0,
    level=np.zeros(2),
    effect=np.zeros(2),
    noise=np.zeros((len(policy.PERSISTENCE), len(policy.DAILY_SD))),
    expected_onset=np.zeros(len(policy.EXPECTED_ONSET_FACTORS)),
    onset=np.zeros(len(policy.ONSET_DAYS)),
)


def learn(parts: Callable[[], Iterable[Sequence[Trial]]], *, version: str, steps: int = STEPS) -> Priors:
    """Priors from the trials of all parts, read anew for each step. Starts from those that Ebb ships with, so that
    learning twice from the same attempts gives the same. Raises ValueError without any attempt."""
    priors = COLD_START
    for _ in range(steps):
        sums = NOTHING
        for trials in parts():
            sums = sums + expectation(trials, priors)
        priors = maximisation(sums, priors)
    return replace(priors, version=version)


def expectation(trials: Sequence[Trial], priors: Priors) -> Sums:
    sums = NOTHING
    for block, state in posteriors(trials, priors):
        weights = state.weights().astype(float)
        onset = weights.sum(axis=(0, 2))
        sums = sums + Sums(
            n=weights.shape[2],
            level=_moments(state, weights, LEVEL),
            effect=_moments(state, weights, EFFECT),
            noise=weights.sum(axis=(1, 2)).reshape(NOTHING.noise.shape),
            expected_onset=onset if block.knows_onset else NOTHING.expected_onset,
            onset=NOTHING.onset if block.knows_onset else onset,
        )
    return sums


def maximisation(sums: Sums, priors: Priors) -> Priors:
    """Where no attempt speaks of an axis, it stays as it was."""
    if not sums.n:
        raise ValueError("nothing to learn from")
    level_mean, level_sd = _mean_and_sd(sums.level, sums.n)
    effect_mean, effect_sd = _mean_and_sd(sums.effect, sums.n)
    return replace(
        priors,
        level_mean=level_mean,
        level_sd=level_sd,
        effect_mean=effect_mean,
        effect_sd=effect_sd,
        persistence_weights=_weights(sums.noise.sum(axis=1)),
        daily_sd_weights=_weights(sums.noise.sum(axis=0)),
        expected_onset_weights=_weights(sums.expected_onset) or priors.expected_onset_weights,
        onset_weights=_weights(sums.onset) or priors.onset_weights,
    )


def _moments(state: State, weights: Floats, place: int) -> Floats:
    mean, variance = state.mean[place].astype(float), state.covariance[place, place].astype(float)
    return np.array([(weights * mean).sum(), (weights * (variance + mean**2)).sum()])


def _mean_and_sd(moments: Floats, n: int) -> tuple[float, float]:
    mean, square = moments / n
    return round(float(mean), DECIMALS), round(max(float(square - mean**2) ** 0.5, LEAST_SD), DECIMALS)


def _weights(sums: Floats) -> tuple[float, ...]:
    """Shares that sum to 1 as they are written down; empty where nothing was summed."""
    if not sums.sum():
        return ()
    shares = np.maximum(sums / sums.sum(), LEAST_WEIGHT)
    ends = np.round(np.cumsum([0.0, *(shares / shares.sum())]), DECIMALS)
    return tuple(round(float(end - begin), DECIMALS) for begin, end in pairwise(ends))
