"""A real log of three years without a treatment: whatever is invented in it, 'working' and 'worse' are false alarms."""

import csv
from datetime import date
from pathlib import Path

import numpy as np

from tests.domain.simulator import Floats, Logs
from tracker.domain import trial_policy as policy

PATH = Path(__file__).parents[1] / "data" / "real_pain_log.csv"
N_STARTS = 400
N_NIGHTS = 57


def daily_pain() -> Floats:
    """Of each day from the first to the last, nan where nothing was written."""
    with PATH.open() as rows:
        pain = {date.fromisoformat(row["day"]): float(row["pain_max"]) for row in csv.DictReader(rows)}
    log = np.full((max(pain) - min(pain)).days + 1, np.nan)
    log[[(day - min(pain)).days for day in pain]] = list(pain.values())
    return log


def invented_starts(n_before: int, *, seed: int = 3) -> Logs:
    """400 starts with a baseline of so many days before, or as many as there are, and eight weeks after."""
    log = daily_pain()
    n_before = min(n_before, len(log))
    possible = [
        start
        for start in range(28, len(log) - N_NIGHTS)
        if np.isfinite(log[start - 28 : start]).sum() >= policy.MIN_BASELINE_DAYS
    ]
    starts = np.random.default_rng(seed).choice(possible, N_STARTS, replace=False)
    padded = np.concatenate([np.full(n_before, np.nan), log])
    means = np.array([padded[start : start + n_before + N_NIGHTS] for start in starts])
    return Logs(daily_mean=means, n_entries=np.isfinite(means).astype(int), start=n_before, effect=np.zeros(len(means)))
