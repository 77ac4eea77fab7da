"""A Kalman filter for many pain logs at once, on a grid of what cannot be known of a patient.

One value a local day, the mean of that day's entries:
    value = level - sum over treatments of (share of its full effect felt that day * its effect) + spell + noise
`level` is the usual pain without the treatments, `effect` the drop at full effect, `spell` a run of better or worse
days that fades. The filter knows their joint normal distribution for each point of the grid (persistence of spells x
daily spread x days to full effect) and how well each point explains the log.

Arrays have the axes (persistence and spread, onset, attempt); points are NRS points. Attempts are aligned at their
first treatment day; a day without a log, padding included, only lets the spell fade.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tracker.domain import trial_policy as policy
from tracker.domain.priors import COLD_START, Priors

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]
DTYPE = np.float32  # half the time of float64; the chances agree to four decimals


def _axis(values: list[float]) -> Floats:
    return np.array(values, dtype=DTYPE)[:, None, None]


_NOISE_POINTS = [(phi, sd) for phi in policy.PERSISTENCE for sd in policy.DAILY_SD]
_FADE = _axis([phi for phi, _ in _NOISE_POINTS])
_SPELL_VARIANCE = _axis([policy.SPELL_SHARE * sd**2 for _, sd in _NOISE_POINTS])
_SPELL_RENEWAL = _axis([policy.SPELL_SHARE * sd**2 * (1 - phi**2) for phi, sd in _NOISE_POINTS])
_DAY_VARIANCE = _axis([(1 - policy.SPELL_SHARE) * sd**2 for _, sd in _NOISE_POINTS])
_ENTRY_VARIANCE = _axis([(policy.WITHIN_DAY_SHARE * sd) ** 2 + policy.ROUNDING_VARIANCE for _, sd in _NOISE_POINTS])
_LEVEL_RENEWAL = _axis([(policy.LEVEL_WALK * sd) ** 2 for _, sd in _NOISE_POINTS])

LOGARITHM_EVERY = 8  # days; the product of so many scales of a day stays well within single precision
LEVEL = 0  # place of the level in the state; the effects follow, the spell is last


@dataclass(frozen=True, kw_only=True)
class Days:
    """Daily values of B attempts over some days, shape (n_days, B)."""

    values: Floats  # points, 0 where unlogged
    thinness: Floats  # one by the number of entries
    logged: Floats  # 1 or 0
    walks: Floats  # 1 from the first logged day to the last night, 0 outside

    @classmethod
    def from_log(cls, means: Floats, counts: Floats, n_days: Ints) -> "Days":
        """`means` has nan where unlogged. `n_days`: (B,) how many of the days are not padding behind the last night."""
        logged = ~np.isnan(means)
        entries = np.maximum(counts, 1)
        return cls(
            values=np.where(logged, means, 0).astype(DTYPE),
            thinness=(1 / entries).astype(DTYPE),
            logged=logged.astype(DTYPE),
            walks=(np.logical_or.accumulate(logged, axis=0) & (np.arange(len(means))[:, None] < n_days)).astype(DTYPE),
        )

    def __getitem__(self, rows: slice) -> "Days":
        return Days(**{name: values[rows] for name, values in vars(self).items()})

    def __iter__(self) -> Iterator[tuple[Floats, Floats, Floats, Floats]]:
        """Value, thinness, logged and walks of one day after the other, (B,) each."""
        return zip(self.values, self.thinness, self.logged, self.walks, strict=True)


@dataclass(frozen=True, kw_only=True)
class Onset:
    """How the full effect of a treatment builds up and fades: O candidate onsets for each of B attempts."""

    days: Floats  # (O, B)
    stop: Floats  # (B,) first day without it again, inf if it goes on
    start: Floats | int = 0  # (B,) first day with it

    def share(self, day: Floats | int) -> Floats:
        """Share of the full effect felt on `day` (0 is the first treatment day), shape (O, B)."""
        if np.all(day < self.stop):
            return self._risen(day - self.start)
        felt = self._risen(np.minimum(day, self.stop - 1) - self.start)
        fading = np.maximum(day - self.stop + 1, 0)
        left = np.where(fading > 0, np.clip(1 - fading / np.maximum(self.days, 1e-6), 0, 1), 1)
        return (felt * left).astype(DTYPE)

    def _risen(self, day: Floats | int) -> Floats:
        felt = np.where(self.days > 0, np.clip((day - self._silent) / self._ramp, 0, 1), 1)
        return np.where(np.asarray(day) >= 0, felt, 0).astype(DTYPE)

    @cached_property
    def _silent(self) -> Floats:
        return self.days * policy.ONSET_SILENT_SHARE

    @cached_property
    def _ramp(self) -> Floats:
        return np.maximum(self.days - self._silent, 1e-6)


class State:
    """Means, covariances and log-weights at each grid point, shape (15, O, B) each. Changed in place, day by day.

    While a treatment has not begun, its candidate onsets are one and the same: of the O candidates the arrays hold one
    for each group that may differ. `columns` are the candidates that they stand for.
    """

    _scales: Floats
    _twice_the_fit: Floats

    def __init__(self, recalled: Floats, priors: Priors = COLD_START, *, n_effects: int = 1) -> None:
        """What is believed before any log. `recalled`: (B,) usual pain as remembered, nan if not used."""
        self.shape: tuple[int, int, int] = (len(_NOISE_POINTS), 1, len(recalled))
        self.effects = range(1, n_effects + 1)
        self.spell = n_effects + 1
        level_variance = priors.level_sd**2
        trust = np.where(np.isnan(recalled), 0, level_variance / (level_variance + policy.RECALL_VARIANCE))
        reading = np.nan_to_num(recalled) - policy.RECALL_BIAS
        level = priors.level_mean + trust * (reading - priors.level_mean)
        means: list[Floats | float] = [level, *[priors.effect_mean] * n_effects, 0]
        effects = [priors.effect_sd**2] * n_effects
        variances: list[Floats | float] = [level_variance * (1 - trust), *effects, _SPELL_VARIANCE]
        noise_weights = np.outer(priors.persistence_weights, priors.daily_sd_weights).ravel()
        self.mean = [self._full(mean) for mean in means]
        self.covariance = {
            (i, j): self._full(variances[i] if i == j else 0.0) for i in range(len(means)) for j in range(i, len(means))
        }
        self.log_weight = self._full(np.log(noise_weights)[:, None, None])
        self.columns: Ints = np.zeros(1, dtype=int)
        self._group: Ints = np.zeros(1, dtype=int)  # of each candidate
        # Added in the end, so that it makes no difference to a number when they were told apart.
        self._log_of_onset: Floats = np.zeros((1, 1), dtype=DTYPE)
        self._start_sums()

    def _full(self, value: Floats | float) -> Floats:
        return np.broadcast_to(np.asarray(value, dtype=DTYPE), self.shape).copy()

    def tell_apart(self, columns: Ints, group: Ints, onset_weights: Floats) -> None:
        """Give the candidates at `columns` a copy each: until now they could not differ within their groups.

        `group`: (O,) which of the columns each candidate belongs to. `onset_weights`: (O,), sum 1.
        """
        parent = np.broadcast_to(self._group, len(onset_weights))[columns]
        self.mean = [array.take(parent, axis=1) for array in self.mean]
        self.covariance = {place: array.take(parent, axis=1) for place, array in self.covariance.items()}
        self.log_weight, self._scales, self._twice_the_fit = (
            array.take(parent, axis=1) for array in (self.log_weight, self._scales, self._twice_the_fit)
        )
        self._log_of_onset = np.log(np.bincount(group, onset_weights)).astype(DTYPE)[:, None]
        self.columns, self._group = columns, group

    def weights(self) -> Floats:
        """Posterior weight of each grid point, summing to 1 over the first two axes."""
        self._sum_up()
        log_weight = self.log_weight + self._log_of_onset
        weights = np.exp(log_weight - log_weight.max(axis=(0, 1)))
        return weights / weights.sum(axis=(0, 1))

    def pass_day(
        self, value: Floats, thinness: Floats, logged: Floats, walks: Floats, felt: Mapping[int, Floats]
    ) -> None:
        """One calendar day: the spell fades, the level walks, then the day's value, if any, is learnt from.

        `felt`: share felt that day of each effect that has begun, by its place; the others stay unknown.
        """
        effects = dict(felt)
        places = (LEVEL, *effects, self.spell)
        self._let_the_spell_fade(places)
        self.covariance[LEVEL, LEVEL] += _LEVEL_RENEWAL * walks

        gain = {place: self._covariance_with_value(place, effects) for place in places}
        scale = _ENTRY_VARIANCE * thinness + _DAY_VARIANCE
        scale = scale + gain[LEVEL]
        scale += gain[self.spell]
        surprise = value - self.mean[LEVEL]
        surprise -= self.mean[self.spell]
        for place, share in effects.items():
            scale -= share * gain[place]
            surprise += share * self.mean[place]
        np.sqrt(scale, out=scale)
        np.divide(1, scale, out=scale)
        scale *= logged  # of a day without a log nothing is learnt
        surprise *= scale
        guarded = np.clip(surprise, -policy.FLARE_GUARD, policy.FLARE_GUARD)
        self._learn_how_well_it_fits(surprise, guarded, scale, 1 - logged)
        for place in places:
            gain[place] *= scale
            self.mean[place] += gain[place] * guarded
        for at, one in enumerate(places):
            for other in places[at:]:
                self.covariance[one, other] -= gain[one] * gain[other]

    def _learn_how_well_it_fits(self, surprise: Floats, guarded: Floats, scale: Floats, unlogged: Floats) -> None:
        """Log of the normal density, with Huber's linear tails beyond the guard.

        Logarithms are dear: those of several days are taken together.
        """
        fit = guarded - surprise
        fit -= surprise
        fit *= guarded
        self._twice_the_fit += fit
        self._scales *= scale + unlogged
        self._n_scales += 1
        if self._n_scales == LOGARITHM_EVERY:
            self._sum_up()

    def _sum_up(self) -> None:
        """Bring the log-weights up to the day."""
        self.log_weight += np.log(self._scales) + 0.5 * self._twice_the_fit
        self._start_sums()

    def _start_sums(self) -> None:
        """What still has to go into the log-weights: the product of the scales of some days, twice their fit."""
        self._scales, self._twice_the_fit = np.ones_like(self.log_weight), np.zeros_like(self.log_weight)
        self._n_scales = 0

    def _let_the_spell_fade(self, places: Sequence[int]) -> None:
        self.mean[self.spell] *= _FADE
        for place in places:
            self.covariance[place, self.spell] *= _FADE
        own = self.covariance[self.spell, self.spell]
        own *= _FADE
        own += _SPELL_RENEWAL

    def _covariance_with_value(self, place: int, effects: dict[int, Floats]) -> Floats:
        total = self._of(LEVEL, place) + self._of(place, self.spell)
        for effect, share in effects.items():
            total -= share * self._of(effect, place)
        return total

    def _of(self, one: int, other: int) -> Floats:
        return self.covariance[min(one, other), max(one, other)]


def nights(
    before: Days,
    treated: Days,
    onsets: Sequence[Onset],
    onset_weights: Floats,
    recalled: Floats,
    priors: Priors = COLD_START,
) -> Iterator[State]:
    """The state before the first treatment day, then after each. It is one object, changed in place.

    `onsets`: of the treatment in question, which begins on day 0, then of those beside it, which may have begun before.
    `onset_weights`: (O,), sum 1. `recalled`: (B,) as in `State`.
    """
    state = State(recalled, priors, n_effects=len(onsets))
    begun = _Begun(onsets, onset_weights)
    for number, day in enumerate(before, start=-len(before.values)):
        begun.by(number, state)
        state.pass_day(*day, begun.felt(number, state))
    begun.by(0, state)
    yield state
    for number, day in enumerate(treated):
        begun.by(number, state)
        state.pass_day(*day, begun.felt(number, state))
        yield state


class _Begun:
    """The treatments that somebody has begun: only from then on do their candidate onsets differ."""

    def __init__(self, onsets: Sequence[Onset], onset_weights: Floats) -> None:
        self._onsets, self._weights = onsets, onset_weights
        self._first_days = [int(np.min(onset.start)) for onset in onsets]
        self._places: list[int] = []

    def by(self, day: int, state: State) -> None:
        """On a day on which another has begun, tell apart what may differ from now on."""
        places = [place for place, first in enumerate(self._first_days, start=1) if first <= day]
        if places == self._places:
            return
        self._places = places
        columns = group = np.arange(len(self._weights))
        if len(places) < len(self._onsets):
            days = np.concatenate([self._onsets[place - 1].days for place in places], axis=1)
            _, columns, group = np.unique(days, axis=0, return_index=True, return_inverse=True)
        state.tell_apart(columns, group.ravel(), self._weights)

    def felt(self, day: int, state: State) -> dict[int, Floats]:
        return {place: self._onsets[place - 1].share(day)[state.columns] for place in self._places}
