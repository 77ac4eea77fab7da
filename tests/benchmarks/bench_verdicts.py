"""How fast the nightly arithmetic is, one core, beside a plain nightly mean over the same logs in the same run.

python tests/benchmarks/bench_verdicts.py [attempts]
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from tests.domain.simulator import Setting, simulate
from tracker.domain.verdict import Trial, judge

N_ATTEMPTS = 100_000
CHUNK = 10_000  # attempts in memory at once, as in the nightly job
N_DAYS, BASELINE_DAYS = 70, 14
GOAL_SECONDS = 15


def nightly_means(trials: list[Trial]) -> list[bool]:
    """The baseline: mean of the last 7 days against the mean before the start, all attempts at once."""
    means = np.array([trial.daily_means for trial in trials])
    return list(np.nanmean(means[:, -7:], axis=1) < 0.7 * np.nanmean(means[:, :BASELINE_DAYS], axis=1))


def seconds_of(work: object, trials: list[Trial]) -> float:
    began = time.perf_counter()
    work(trials)  # type: ignore[operator]
    return time.perf_counter() - began


def main(n_attempts: int) -> None:
    filtered = plain = 0.0
    n_values = 0
    for at in range(0, n_attempts, CHUNK):
        trials, _ = simulate(
            Setting(
                n_attempts=min(CHUNK, n_attempts - at),
                treated_days=N_DAYS - BASELINE_DAYS,
                baseline_days=BASELINE_DAYS,
                drop=0.2,
                seed=at,
            )
        )
        n_values += sum(int((trial.daily_counts > 0).sum()) for trial in trials)
        filtered += seconds_of(judge, trials)
        plain += seconds_of(nightly_means, trials)
    print(f"{n_attempts} attempts x {N_DAYS} days, {n_values} logged days")
    print(
        f"  state-space filter  {filtered:7.2f} s  {n_attempts / filtered:9.0f} attempts/s {n_values / filtered:10.0f} rows/s"
    )
    print(f"  plain nightly mean  {plain:7.2f} s  {n_attempts / plain:9.0f} attempts/s {n_values / plain:10.0f} rows/s")
    print(
        f"  ratio {filtered / plain:.0f}; per 100,000 attempts {filtered / n_attempts * 1e5:.1f} s, goal {GOAL_SECONDS} s"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else N_ATTEMPTS)
