"""How fast the nightly arithmetic is, one core, beside a plain nightly mean over the same logs in the same run.

python tests/benchmarks/bench_verdicts.py [attempts]
"""

import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from tests.domain.simulator import Logs, Setting, simulated
from tracker.domain.verdict import judge, judge_many
from tracker.domain.verdict_together import Course, together

N_ATTEMPTS = 100_000
N_DIFFERENT = 10_000  # simulated, then repeated
N_DAYS, BASELINE_DAYS = 70, 14
GOAL_SECONDS, GOAL_MEGABYTES = 15, 500


def nightly_means(logs: Logs) -> np.ndarray:
    """The baseline: mean of the last 7 days against the mean before the start, all attempts at once."""
    means, logged = np.nan_to_num(logs.daily_mean), logs.n_entries > 0
    last, first = slice(-7, None), slice(0, BASELINE_DAYS)
    now, was = (means[:, days].sum(1) / np.maximum(logged[:, days].sum(1), 1) for days in (last, first))
    return now < 0.7 * was


def seconds_of(work: Callable[[], object]) -> float:
    """CPU time, so that a busy machine does not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(n_attempts: int) -> None:
    few = simulated(
        Setting(
            n_attempts=min(N_DIFFERENT, n_attempts),
            treated_days=N_DAYS - BASELINE_DAYS,
            baseline_days=BASELINE_DAYS,
            drop=0.2,
        )
    )
    repeats = -(-n_attempts // N_DIFFERENT)
    logs = Logs(
        daily_mean=np.tile(few.daily_mean, (repeats, 1)).astype(np.float32),
        n_entries=np.tile(few.n_entries, (repeats, 1)).astype(np.int8),
        start=few.start,
        effect=few.effect,
    )
    plain, before = seconds_of(lambda: nightly_means(logs)), megabytes()
    filtered = seconds_of(lambda: judge_many(logs.daily_mean, logs.n_entries, logs.start))
    n = len(logs.daily_mean)
    print(f"{n} attempts x {N_DAYS} days, {int((logs.n_entries > 0).sum())} logged days, seconds of CPU")
    print(f"  plain nightly mean  {plain:7.2f} s")
    print(f"  state-space filter  {filtered:7.2f} s; per 100,000 {filtered / n * 1e5:.1f} s, goal {GOAL_SECONDS} s")
    print(f"  memory beside the input {megabytes() - before:.0f} MB, goal {GOAL_MEGABYTES} MB")
    two_treatments(few)


def two_treatments(logs: Logs, n: int = 500) -> None:
    courses = [Course(start=logs.start, onset_days=7), Course(start=logs.start + 20, onset_days=7)]
    trials = [
        together(means, counts, courses)[0]
        for means, counts in zip(logs.daily_mean[:n], logs.n_entries[:n], strict=True)
    ]
    seconds = seconds_of(lambda: judge(trials))
    print(f"  two treatments in one filter: {1000 * seconds / len(trials):.2f} ms an attempt")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else N_ATTEMPTS)
