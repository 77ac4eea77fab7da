"""A second way to make pain logs, to check what was tuned on the first: nothing here is shared with it.

People go through good and bad stretches of random length; pain lives on an open scale and is pressed into 0 to 10 at
the end, so that floor and ceiling come by themselves; single days are off by a sharp-peaked amount; how often someone
logs, on which days and in which numbers differs from person to person. A treatment takes a share off whatever pain
there is, and is begun in a bad stretch more often than in a good one.
"""

from dataclasses import dataclass

import numpy as np

from tests.domain.simulator import Floats, Logs


@dataclass(frozen=True, kw_only=True)
class OtherSetting:
    n_attempts: int = 600
    drop: float = 0.0  # share of whatever pain there is
    level: tuple[float, float] = (3.5, 8.0)  # points, drawn evenly for each person
    restless: float = 1.0  # how far bad stretches and single days lie off the usual
    stretch_days: float = 6.0  # how long a stretch lasts on average
    onset_days: float = 7.0  # time constant of three goes to full effect
    told_onset: bool = False
    baseline_days: int = 21
    treated_days: int = 57
    begun_when_bad: float = 3.0  # how much likelier in a bad stretch
    trial_days: int = 28
    seed: int = 77


def simulated(setting: OtherSetting) -> Logs:
    rng = np.random.default_rng(setting.seed)
    n, window = setting.n_attempts, 28
    n_days = setting.baseline_days + window + setting.treated_days
    level = rng.uniform(*setting.level, n)
    open_level = np.log(level / (10 - level))
    is_bad = _stretches(setting, rng, n_days)
    depth = rng.gamma(4, 0.14, n) * setting.restless
    bad_share = is_bad.mean()
    season = rng.uniform(0, 0.12, (n, 1)) * np.sin(2 * np.pi * (np.arange(n_days) / 7 + rng.random((n, 1))))
    days_off = rng.laplace(0, 0.28 * setting.restless, (n, n_days)) * rng.gamma(8, 1 / 8, (n, 1))
    open_pain = open_level[:, None] + depth[:, None] * (is_bad - bad_share) * 2 + season + days_off
    pain = 10 / (1 + np.exp(-open_pain))

    start = _start(setting, rng, is_bad, window)
    on_treatment = np.arange(n_days) - start[:, None]
    felt = np.where(on_treatment >= 0, 1 - np.exp(-3 * (np.maximum(on_treatment, 0) + 0.5) / setting.onset_days), 0)
    treated = pain * (1 - setting.drop * felt)
    means, counts = _written(rng, treated)
    days = start[:, None] + np.arange(-setting.baseline_days, setting.treated_days)
    before = np.where(on_treatment < 0, pain, np.nan)
    return Logs(
        daily_mean=np.take_along_axis(means, days, axis=1),
        n_entries=np.take_along_axis(counts, days, axis=1),
        start=setting.baseline_days,
        effect=setting.drop * np.nanmean(before, axis=1),
        onset_days=setting.onset_days if setting.told_onset else float("nan"),
        trial_days=setting.trial_days,
    )


def _stretches(setting: OtherSetting, rng: np.random.Generator, n_days: int) -> Floats:
    """1 on days of a bad stretch; a stretch ends on any day with the same chance, bad ones sooner."""
    is_bad = np.zeros((setting.n_attempts, n_days))
    is_bad[:, 0] = rng.random(setting.n_attempts) < 0.4
    ends = np.array([1 / (1.2 * setting.stretch_days), 1 / (0.8 * setting.stretch_days)])
    for day in range(1, n_days):
        yesterday = is_bad[:, day - 1]
        turns = rng.random(setting.n_attempts) < ends[yesterday.astype(int)]
        is_bad[:, day] = np.where(turns, 1 - yesterday, yesterday)
    return is_bad


def _start(setting: OtherSetting, rng: np.random.Generator, is_bad: Floats, window: int) -> np.ndarray:
    weight = 1 + (setting.begun_when_bad - 1) * is_bad[:, setting.baseline_days : setting.baseline_days + window]
    until = np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)
    return setting.baseline_days + (until < rng.random((len(is_bad), 1))).sum(axis=1)


def _written(rng: np.random.Generator, pain: Floats) -> tuple[Floats, Floats]:
    """Mean and number of the entries of each day: up to three, in whole or in even numbers, more of the bad days."""
    n = len(pain)
    keen = rng.beta(6, 2, (n, 1))
    often = keen * np.clip(1 + 0.06 * rng.normal(0, 1, (n, 1)) * (pain - pain.mean(axis=1, keepdims=True)), 0, 1.5)
    counts = rng.binomial(3, np.clip(often, 0, 1) * rng.choice([0.35, 0.5, 0.9], (n, 1)))
    step = rng.choice([1, 1, 1, 2], (n, 1))
    total = np.zeros_like(pain)
    for entry in range(3):
        said = np.clip(np.round((pain + rng.normal(0, 0.5, pain.shape)) / step) * step, 0, 10)
        total += np.where(counts > entry, said, 0)
    return np.where(counts > 0, total / np.maximum(counts, 1), np.nan), counts
