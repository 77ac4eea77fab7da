"""Pain logs of people who do not exist, with a known truth, to see how often a verdict is right.

Made on purpose a little differently from what the filter believes: the effect comes on along a curve, answers are
whole numbers that stop at 0 and 10, flares happen, days go missing, a start may be chosen because pain is bad.
`other_simulator` makes them in quite another way and is never tuned on.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.domain.verdict import Outcome, Trial, Verdicts, judge_many

Floats = NDArray[np.floating]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One cell of the study. The defaults are the ordinary log."""

    n_attempts: int = 600
    drop: float = 0.0  # true effect, share of the level
    drop_sd: float = 0.0  # by which it differs from person to person
    level: float | None = None  # points; None draws one for each attempt
    persistence: float = 0.6  # correlation from day to day
    wave: float = 0.0  # correlation with the day before yesterday on top, as in AR(2); negative swings to and fro
    sd: float = 1.6  # points, of daily pain about the level
    heavy_tails: bool = False  # days far off the usual come more often than a normal curve has them
    wander: float = 0.0  # points in a week that the level itself walks at random, before and after the start
    onset_days: int = 10  # until the effect is all felt
    onset_shape: str = "late"  # nothing for half of the onset, then evenly; "early" is a curve that starts at once
    told_onset: bool = False  # the filter is told the onset
    baseline_days: int = 14
    treated_days: int = 57  # the last night is day 56
    missing: float = 0.2
    misses_good_days: bool = False  # twice as often as bad ones
    misses_bad_days: bool = False  # twice as often as good ones
    flares_a_month: float = 0.0
    drift_a_week: float = 0.0  # points
    recovery: float = 0.0  # share of the level that goes by itself in six weeks from the start, most of it early
    weekend: float = 0.0  # points lower at the weekend
    entries_a_day: int = 1
    favoured: tuple[int, ...] = ()  # answers that every second entry is drawn to
    worst_of: int = 1  # the start is the worst of so many days
    worst_week: bool = False  # the worst by the mean of seven days up to it
    recall_only: bool = False  # no log before the start, but an answer from memory
    trial_days: int = 28
    seed: int = 20260801


@dataclass(frozen=True, kw_only=True, eq=False)
class Logs:
    """What `judge_many` reads of N attempts over D days, and the truth."""

    daily_mean: Floats  # (N, D)
    n_entries: Floats  # (N, D)
    start: int
    effect: Floats  # (N,) points of drop at full effect
    onset_days: float = float("nan")
    trial_days: int = 28
    recalled: Floats | None = None

    def judged(self, *, every_night: bool = True) -> Verdicts:
        return judge_many(
            self.daily_mean,
            self.n_entries,
            self.start,
            onset_days=self.onset_days,
            trial_days=self.trial_days,
            recalled=self.recalled,
            every_night=every_night,
        )


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Shares of attempts."""

    ever: dict[Outcome, float]  # reached on any night
    by_day: dict[int, dict[Outcome, float]]  # stood on that night
    changes: float  # changes of outcome per attempt
    coverage: float  # the likely interval holds the true change on the last night
    calibration: list[tuple[float, float, int]]  # stated chance, actual share, attempts; of a drop that matters


class Told(Protocol):
    """What is counted of verdicts; (N, n_nights) each."""

    outcome: NDArray[np.object_]
    change_low: Floats
    change_high: Floats
    p_now: Floats
    mcid: Floats


def simulate(setting: Setting) -> tuple[list[Trial], Floats]:
    """Trials and the true effect of each, in points."""
    logs = simulated(setting)
    trials = [
        Trial(
            daily_means=logs.daily_mean[row],
            daily_counts=logs.n_entries[row],
            start=logs.start,
            onset_days=setting.onset_days if setting.told_onset else None,
            trial_days=setting.trial_days,
            recalled=None if logs.recalled is None else float(logs.recalled[row]),
        )
        for row in range(setting.n_attempts)
    ]
    return trials, logs.effect


def simulated(setting: Setting) -> Logs:
    rng = np.random.default_rng(setting.seed)
    n, n_days = setting.n_attempts, setting.baseline_days + setting.worst_of - 1 + setting.treated_days
    level = np.full(n, setting.level) if setting.level is not None else np.clip(rng.normal(6.2, 1.3, n), 3, 9)
    pain = level[:, None] + _spells(setting, rng, n_days) + _flares(setting, rng, n_days) + _calendar(setting, n_days)
    pain += _wander(setting, rng, n_days)
    start = _choose_start(setting, pain)
    treated_day = np.arange(n_days) - start[:, None]
    effect = np.clip(setting.drop + setting.drop_sd * rng.normal(size=n), -0.8, 0.9) * level
    pain = pain - effect[:, None] * _felt(setting, treated_day) - level[:, None] * _recovery(setting, treated_day)
    means = _entries(setting, rng, pain)
    means[_missed(setting, rng, pain, level)] = np.nan
    recalled = np.clip(np.round(level + 0.8 + rng.normal(0, 1.4, n)), 0, 10)
    n_before = 0 if setting.recall_only else setting.baseline_days
    days = start[:, None] + np.arange(-n_before, setting.treated_days)
    shown = np.take_along_axis(means, days, axis=1)
    return Logs(
        daily_mean=shown,
        n_entries=np.where(np.isnan(shown), 0, setting.entries_a_day),
        start=n_before,
        effect=effect,
        onset_days=setting.onset_days if setting.told_onset else float("nan"),
        trial_days=setting.trial_days,
        recalled=recalled if setting.recall_only else None,
    )


def run(setting: Setting) -> Tally:
    logs = simulated(setting)
    return tally(logs.judged(), logs.effect)


def tally(told: Told, effect: Floats) -> Tally:
    """`effect`: (N,) true drop in points. All attempts have as many nights."""
    n_nights = told.outcome.shape[1]
    return Tally(
        ever={o: float((told.outcome == o).any(axis=1).mean()) for o in Outcome},
        by_day={
            day: {o: float((told.outcome[:, day] == o).mean()) for o in Outcome}
            for day in (28, 42, 56, n_nights - 1)
            if day < n_nights
        },
        changes=float(n_changes(told.outcome).mean()),
        coverage=float(((told.change_low[:, -1] <= -effect) & (-effect <= told.change_high[:, -1])).mean()),
        calibration=_calibration(told.p_now[:, -1], effect >= told.mcid[:, -1]),
    )


def n_changes(outcome: NDArray[Any]) -> NDArray[np.integer]:
    """Between what the patient is told, (N,); the first verdict counts as none."""
    has_been_told = np.logical_or.accumulate(outcome != Outcome.CANT_TELL, axis=1)
    return ((outcome[:, 1:] != outcome[:, :-1]) & has_been_told[:, :-1]).sum(axis=1)


def _calibration(stated: Floats, actual: Flags) -> list[tuple[float, float, int]]:
    bins = np.minimum((stated * 5).astype(int), 4)
    return [
        (float(stated[bins == b].mean()), float(actual[bins == b].mean()), int((bins == b).sum()))
        for b in range(5)
        if (bins == b).any()
    ]


def _spells(setting: Setting, rng: np.random.Generator, n_days: int) -> Floats:
    """Autocorrelated daily pain about the level; a quarter of its variance does not last until tomorrow."""
    run_in = 60
    shocks = _shocks(setting, rng, n_days + run_in)
    spell = np.zeros_like(shocks)
    one = setting.persistence * (1 - setting.wave)  # so that the correlation from day to day is the one asked for
    for day in range(2, n_days + run_in):
        spell[:, day] = one * spell[:, day - 1] + setting.wave * spell[:, day - 2] + shocks[:, day]
    lasting = np.sqrt(0.75) * setting.sd * np.sqrt((1 - setting.wave**2) * (1 - setting.persistence**2))
    return lasting * spell[:, run_in:] + np.sqrt(0.25) * setting.sd * _shocks(setting, rng, n_days)


def _shocks(setting: Setting, rng: np.random.Generator, n_days: int) -> Floats:
    """Of variance 1."""
    shape = (setting.n_attempts, n_days)
    return rng.standard_t(4, shape) / np.sqrt(2) if setting.heavy_tails else rng.normal(size=shape)


def _wander(setting: Setting, rng: np.random.Generator, n_days: int) -> Floats:
    steps = rng.normal(0, setting.wander / np.sqrt(7), (setting.n_attempts, n_days))
    walk = np.cumsum(steps, axis=1)
    return walk - walk[:, [setting.baseline_days]]


def _flares(setting: Setting, rng: np.random.Generator, n_days: int) -> Floats:
    """Sudden rises of about 3 points that fade over some days, in both halves of the log alike."""
    height = rng.exponential(3, (setting.n_attempts, n_days))
    flare = np.where(rng.random(height.shape) < setting.flares_a_month / 30, height, 0)
    for day in range(1, n_days):
        flare[:, day] += 0.5 * flare[:, day - 1]
    return flare


def _calendar(setting: Setting, n_days: int) -> Floats:
    day = np.arange(n_days)
    return setting.drift_a_week * (day - setting.baseline_days) / 7 - setting.weekend * (day % 7 >= 5)


def _recovery(setting: Setting, treated_day: NDArray[np.integer]) -> Floats:
    return setting.recovery * np.where(treated_day > 0, 1 - np.exp(-treated_day / 14), 0) / (1 - np.exp(-3))


def _choose_start(setting: Setting, pain: Floats) -> NDArray[np.integer]:
    if setting.worst_week:
        sums = np.cumsum(np.pad(pain, ((0, 0), (7, 0)), mode="edge"), axis=1)
        pain = sums[:, 7:] - sums[:, :-7]
    candidates = pain[:, setting.baseline_days : setting.baseline_days + setting.worst_of]
    return setting.baseline_days + candidates.argmax(axis=1)


def _felt(setting: Setting, treated_day: NDArray[np.integer]) -> Floats:
    onset = setting.onset_days
    if onset == 0:
        curve = np.ones(treated_day.shape)
    elif setting.onset_shape == "late":
        curve = np.clip(2 * treated_day / onset - 1, 0, 1)
    else:
        curve = 1 - np.exp(-3 * (np.maximum(treated_day, 0) + 1) / onset)
    return np.where(treated_day >= 0, curve, 0)


def _entries(setting: Setting, rng: np.random.Generator, pain: Floats) -> Floats:
    spread = rng.normal(0, 0.6, (setting.entries_a_day, *pain.shape)) if setting.entries_a_day > 1 else 0
    entries = (pain + spread).reshape(-1, *pain.shape)
    if setting.favoured:
        nearest = np.abs(entries[..., None] - np.array(setting.favoured)).argmin(axis=-1)
        drawn = rng.random(entries.shape) < 0.5
        entries = np.where(drawn, np.array(setting.favoured)[nearest], entries)
    return np.clip(np.round(entries), 0, 10).mean(axis=0)


def _missed(setting: Setting, rng: np.random.Generator, pain: Floats, level: Floats) -> Flags:
    lean: Floats | float = 1.0
    if setting.misses_good_days or setting.misses_bad_days:
        lean = np.where((pain < level[:, None]) == setting.misses_good_days, 4 / 3, 2 / 3)
    return rng.random(pain.shape) < setting.missing * lean
