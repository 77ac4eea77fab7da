"""Pain logs of people who do not exist, with a known truth, to see how often a verdict is right.

Made on purpose a little differently from what the filter believes: the effect comes on along a curve, answers are
whole numbers that stop at 0 and 10, flares happen, days go missing, a start may be chosen because pain is bad.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.domain.verdict import Judgement, Outcome, Trial, judge_all_nights

Floats = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One cell of the study. The defaults are the ordinary log."""

    n_attempts: int = 600
    drop: float = 0.0  # true effect, share of the level
    level: float | None = None  # points; None draws one for each attempt
    persistence: float = 0.6  # correlation from day to day
    sd: float = 1.6  # points, of daily pain about the level
    onset_days: int = 10  # until the effect is all felt
    onset_shape: str = "late"  # nothing for half of the onset, then evenly; "early" is a curve that starts at once
    told_onset: bool = False  # the filter is told the onset
    baseline_days: int = 14
    treated_days: int = 57  # the last night is day 56
    missing: float = 0.2
    misses_good_days: bool = False  # twice as often as bad ones
    flares_a_month: float = 0.0
    drift_a_week: float = 0.0  # points
    weekend: float = 0.0  # points lower at the weekend
    entries_a_day: int = 1
    worst_of: int = 1  # the start is the worst of so many days
    recall_only: bool = False  # no log before the start, but an answer from memory
    trial_days: int = 28
    seed: int = 20260801


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Shares of attempts."""

    ever: dict[Outcome, float]  # reached on any night
    by_day: dict[int, dict[Outcome, float]]  # stood on that night
    changes: float  # changes of outcome per attempt
    coverage: float  # the likely interval holds the true change on the last night
    calibration: list[tuple[float, float, int]]  # stated chance, actual share, attempts; of a drop that matters


def simulate(setting: Setting) -> tuple[list[Trial], Floats]:
    """Trials and the true effect of each, in points."""
    rng = np.random.default_rng(setting.seed)
    n, n_days = setting.n_attempts, setting.baseline_days + setting.worst_of - 1 + setting.treated_days
    level = np.full(n, setting.level) if setting.level is not None else np.clip(rng.normal(6.2, 1.3, n), 3, 9)
    pain = level[:, None] + _spells(setting, rng, n_days) + _flares(setting, rng, n_days) + _calendar(setting, n_days)
    start = _choose_start(setting, pain)
    treated_day = np.arange(n_days) - start[:, None]
    effect = setting.drop * level
    pain = pain - effect[:, None] * _felt(setting, treated_day)
    means = _entries(setting, rng, pain)
    means[_missed(setting, rng, pain, level)] = np.nan
    recalled = np.clip(np.round(level + 0.8 + rng.normal(0, 1.4, n)), 0, 10)
    return [_trial(setting, means[at], int(start[at]), float(recalled[at])) for at in range(n)], effect


def run(setting: Setting) -> Tally:
    trials, effect = simulate(setting)
    return tally(judge_all_nights(trials), effect)


def tally(nights: list[list[Judgement]], effect: Floats) -> Tally:
    def share(hits: list[bool]) -> float:
        return float(np.mean(hits))

    last = [attempt[-1] for attempt in nights]
    return Tally(
        ever={o: share([any(night.outcome is o for night in attempt) for attempt in nights]) for o in Outcome},
        by_day={
            day: {o: share([attempt[day].outcome is o for attempt in nights]) for o in Outcome}
            for day in (28, 42, 56, len(nights[0]) - 1)
            if day < len(nights[0])
        },
        changes=float(np.mean([_n_changes(attempt) for attempt in nights])),
        coverage=share([j.change_low <= -true <= j.change_high for j, true in zip(last, effect, strict=True)]),
        calibration=_calibration(last, effect),
    )


def _n_changes(attempt: list[Judgement]) -> int:
    """Between what the patient is told; the first verdict counts as none."""
    told = [night.outcome for night in attempt]
    first = next((at for at, outcome in enumerate(told) if outcome is not Outcome.CANT_TELL), len(told))
    return sum(a is not b for a, b in zip(told[first:], told[first + 1 :], strict=False))


def _calibration(last: list[Judgement], effect: Floats) -> list[tuple[float, float, int]]:
    stated = np.array([judgement.p_now for judgement in last])
    actual = effect >= np.array([judgement.mcid for judgement in last])
    bins = np.minimum((stated * 5).astype(int), 4)
    return [
        (float(stated[bins == b].mean()), float(actual[bins == b].mean()), int((bins == b).sum()))
        for b in range(5)
        if (bins == b).any()
    ]


def _spells(setting: Setting, rng: np.random.Generator, n_days: int) -> Floats:
    """Autocorrelated daily pain about the level; a quarter of its variance does not last until tomorrow."""
    lasting = np.sqrt(0.75) * setting.sd
    spell = np.empty((setting.n_attempts, n_days))
    spell[:, 0] = rng.normal(0, lasting, setting.n_attempts)
    renewal = np.sqrt(1 - setting.persistence**2) * lasting
    for day in range(1, n_days):
        spell[:, day] = setting.persistence * spell[:, day - 1] + rng.normal(0, renewal, setting.n_attempts)
    return spell + rng.normal(0, np.sqrt(0.25) * setting.sd, spell.shape)


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


def _choose_start(setting: Setting, pain: Floats) -> NDArray[np.integer]:
    candidates = pain[:, setting.baseline_days : setting.baseline_days + setting.worst_of]
    return setting.baseline_days + candidates.argmax(axis=1)


def _felt(setting: Setting, treated_day: NDArray[np.integer]) -> Floats:
    onset = setting.onset_days
    if onset == 0:
        curve = np.ones(treated_day.shape)
    elif setting.onset_shape == "late":
        curve = np.clip(2 * treated_day / onset - 1, 0, 1)
    else:
        curve = 1 - np.exp(-3 * (treated_day + 1) / onset)
    return np.where(treated_day >= 0, curve, 0)


def _entries(setting: Setting, rng: np.random.Generator, pain: Floats) -> Floats:
    spread = rng.normal(0, 0.6, (setting.entries_a_day, *pain.shape)) if setting.entries_a_day > 1 else 0
    return np.clip(np.round(pain + spread), 0, 10).reshape(-1, *pain.shape).mean(axis=0)


def _missed(setting: Setting, rng: np.random.Generator, pain: Floats, level: Floats) -> NDArray[np.bool_]:
    lean = np.where(pain < level[:, None], 4 / 3, 2 / 3) if setting.misses_good_days else 1.0
    return rng.random(pain.shape) < setting.missing * lean


def _trial(setting: Setting, means: Floats, start: int, recalled: float) -> Trial:
    first = start if setting.recall_only else start - setting.baseline_days
    shown = means[first : start + setting.treated_days]
    return Trial(
        daily_means=shown,
        daily_counts=np.where(np.isnan(shown), 0, setting.entries_a_day),
        start=start - first,
        onset_days=setting.onset_days if setting.told_onset else None,
        trial_days=setting.trial_days,
        recalled=recalled if setting.recall_only else None,
    )
