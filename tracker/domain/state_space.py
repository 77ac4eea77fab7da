"""A Kalman filter for many pain logs at once, on a grid of what cannot be known of a patient.

One value a local day, the mean of that day's entries:
    value = level - share of the full effect felt that day * effect + spell + noise
`level` is the usual pain without the treatment, `effect` the drop at full effect, `spell` a run of better or worse
days that fades. The filter knows their joint normal distribution for each point of the grid (persistence of spells x
daily spread x days to full effect) and how well each point explains the log.

Arrays have the axes (persistence and spread, onset, attempt); points are NRS points. Attempts are aligned at their
first treatment day; a day without a log, padding included, only lets the spell fade.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.domain import trial_policy as policy
from tracker.domain.priors import COLD_START, Priors

Floats = NDArray[np.floating]
DTYPE = np.float32  # half the time of float64; the chances agree to four decimals


def _axis(values: list[float]) -> Floats:
    return np.array(values, dtype=DTYPE)[:, None, None]


_NOISE_POINTS = [(phi, sd) for phi in policy.PERSISTENCE for sd in policy.DAILY_SD]
_FADE = _axis([phi for phi, _ in _NOISE_POINTS])
_SPELL_VARIANCE = _axis([policy.SPELL_SHARE * sd**2 for _, sd in _NOISE_POINTS])
_SPELL_RENEWAL = _axis([policy.SPELL_SHARE * sd**2 * (1 - phi**2) for phi, sd in _NOISE_POINTS])
_DAY_VARIANCE = _axis([(1 - policy.SPELL_SHARE) * sd**2 for _, sd in _NOISE_POINTS])


@dataclass(frozen=True, kw_only=True)
class Days:
    """Daily values of B attempts over some days, shape (n_days, B)."""

    values: Floats  # points, 0 where unlogged
    noise: Floats  # points², of a daily mean that comes from few entries
    logged: Floats  # 1 or 0

    @classmethod
    def from_log(cls, means: Floats, counts: Floats) -> "Days":
        """`means` has nan where unlogged."""
        logged = ~np.isnan(means)
        entries = np.maximum(counts, 1)
        return cls(
            values=np.where(logged, means, 0).astype(DTYPE),
            noise=((policy.WITHIN_DAY_SD**2 + policy.ROUNDING_VARIANCE) / entries).astype(DTYPE),
            logged=logged.astype(DTYPE),
        )


@dataclass(frozen=True, kw_only=True)
class Onset:
    """How the full effect builds up: O candidate onsets for each of B attempts."""

    days: Floats  # (O, B)
    weights: Floats  # (O,), sum 1
    stop: Floats  # (B,) first treatment day without it again, inf if it goes on

    def share(self, day: Floats | int) -> Floats:
        """Share of the full effect felt on treatment day `day` (0 is the first), shape (O, B)."""
        silent = self.days * policy.ONSET_SILENT_SHARE
        ramp = np.maximum(self.days - silent, 1e-6)
        felt = np.where(self.days > 0, np.clip((day - silent) / ramp, 0, 1), 1)
        return np.where((day >= 0) & (day < self.stop), felt, 0).astype(DTYPE)


@dataclass(kw_only=True)
class State:
    """Means, covariances and log-weights at each grid point, shape (15, O, B). Changed in place, day by day."""

    level: Floats
    effect: Floats
    spell: Floats
    level_level: Floats
    level_effect: Floats
    effect_effect: Floats
    level_spell: Floats
    effect_spell: Floats
    spell_spell: Floats
    log_weight: Floats

    def widen(self, onset_weights: Floats) -> None:
        """Give each candidate onset its own copy: before the start they could not differ."""
        for name, array in vars(self).items():
            setattr(self, name, np.repeat(array, len(onset_weights), axis=1))
        self.log_weight += np.log(onset_weights).astype(DTYPE)[:, None]

    def weights(self) -> Floats:
        """Posterior weight of each grid point, summing to 1 over the first two axes."""
        weights = np.exp(self.log_weight - self.log_weight.max(axis=(0, 1)))
        return weights / weights.sum(axis=(0, 1))

    def pass_day(self, value: Floats, noise: Floats, logged: Floats, felt: Floats | float) -> None:
        """One calendar day: the spell fades, then the day's value, if any, is learnt from."""
        self.spell = self.spell * _FADE
        self.level_spell = self.level_spell * _FADE
        self.effect_spell = self.effect_spell * _FADE
        self.spell_spell = self.spell_spell * _FADE**2 + _SPELL_RENEWAL

        gain_level = self.level_level - felt * self.level_effect + self.level_spell
        gain_effect = self.level_effect - felt * self.effect_effect + self.effect_spell
        gain_spell = self.level_spell - felt * self.effect_spell + self.spell_spell
        scale = 1 / np.sqrt(gain_level - felt * gain_effect + gain_spell + (noise + _DAY_VARIANCE))

        surprise = (value - self.level + felt * self.effect - self.spell) * scale
        guarded = np.minimum(np.maximum(surprise, -policy.FLARE_GUARD), policy.FLARE_GUARD)
        # log of the normal density, with Huber's linear tails beyond the guard
        self.log_weight += logged * (np.log(scale) - 0.5 * guarded * (2 * surprise - guarded))

        scale *= logged
        gain_level *= scale
        gain_effect *= scale
        gain_spell *= scale
        self.level = self.level + gain_level * guarded
        self.effect = self.effect + gain_effect * guarded
        self.spell = self.spell + gain_spell * guarded
        self.level_level = self.level_level - gain_level * gain_level
        self.level_effect = self.level_effect - gain_level * gain_effect
        self.effect_effect = self.effect_effect - gain_effect * gain_effect
        self.level_spell = self.level_spell - gain_level * gain_spell
        self.effect_spell = self.effect_spell - gain_effect * gain_spell
        self.spell_spell = self.spell_spell - gain_spell * gain_spell


def prior(recalled: Floats, priors: Priors = COLD_START) -> State:
    """What is believed before any log, shape (15, 1, B). `recalled`: (B,) usual pain as remembered, nan if not used."""
    shape = (len(_NOISE_POINTS), 1, len(recalled))
    level_variance = priors.level_sd**2
    trust = np.where(np.isnan(recalled), 0, level_variance / (level_variance + policy.RECALL_VARIANCE))
    noise_weights = np.outer(priors.persistence_weights, priors.daily_sd_weights).ravel()
    reading = np.nan_to_num(recalled) - policy.RECALL_BIAS

    def full(value: Floats | float) -> Floats:
        return np.broadcast_to(np.asarray(value, dtype=DTYPE), shape).copy()

    return State(
        level=full(priors.level_mean + trust * (reading - priors.level_mean)),
        effect=full(priors.effect_mean),
        spell=full(0),
        level_level=full(level_variance * (1 - trust)),
        level_effect=full(0),
        effect_effect=full(priors.effect_sd**2),
        level_spell=full(0),
        effect_spell=full(0),
        spell_spell=full(_SPELL_VARIANCE),
        log_weight=full(np.log(noise_weights)[:, None, None]),
    )


def nights(before: Days, treated: Days, onset: Onset, recalled: Floats, priors: Priors = COLD_START) -> Iterator[State]:
    """The state before the first treatment day, then after each. It is one object, changed in place."""
    state = prior(recalled, priors)
    for value, noise, logged in zip(before.values, before.noise, before.logged, strict=True):
        state.pass_day(value, noise, logged, 0.0)
    state.widen(onset.weights)
    yield state
    for day, (value, noise, logged) in enumerate(zip(treated.values, treated.noise, treated.logged, strict=True)):
        state.pass_day(value, noise, logged, onset.share(day))
        yield state
