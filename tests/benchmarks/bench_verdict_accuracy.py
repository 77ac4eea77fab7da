"""How often verdicts are right on simulated logs, as a table in percent of attempts.

python tests/benchmarks/bench_verdict_accuracy.py [attempts a row]
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.domain.simulator import Setting, run
from tracker.domain.verdict import Outcome

SETTINGS: dict[str, dict[str, object]] = {
    "ordinary": {},
    "worst of 21": {"worst_of": 21},
    "worst of 21, 7 days before": {"worst_of": 21, "baseline_days": 7},
    "28 days before": {"baseline_days": 28},
    "persistence 0": {"persistence": 0.0},
    "persistence .8": {"persistence": 0.8},
    "SD .7": {"sd": 0.7},
    "SD 2.2": {"sd": 2.2},
    "level 2, SD .5": {"level": 2.0, "sd": 0.5},
    "30 % missing": {"missing": 0.3},
    "50 % missing": {"missing": 0.5},
    "two flares a month": {"flares_a_month": 2.0},
    "easing .1 a week": {"drift_a_week": -0.1},
    "rising .1 a week": {"drift_a_week": 0.1},
    "onset 7 unknown": {"onset_days": 7},
    "onset 7 known": {"onset_days": 7, "told_onset": True},
    "onset 10, early, known": {"onset_shape": "early", "told_onset": True},
    "onset 21 known, 84 days": {"onset_days": 21, "told_onset": True, "trial_days": 84, "treated_days": 85},
    "remembered baseline": {"recall_only": True, "worst_of": 21},
}


def main(n_attempts: int) -> None:
    print(
        "true drop, setting                 ever working / not / worse   working on day 28 / 42 / 56   not on 56   changes"
    )
    for drop in (0.0, 0.1, 0.3, 0.5):
        for name, changes in SETTINGS.items():
            result = run(Setting(n_attempts=n_attempts, drop=drop, **changes))  # type: ignore[arg-type]
            ever = [100 * result.ever[o] for o in (Outcome.WORKING, Outcome.NOT_WORKING, Outcome.WORSE)]
            by_day = [100 * result.by_day[day][Outcome.WORKING] for day in (28, 42, 56)]
            not_working = 100 * result.by_day[56][Outcome.NOT_WORKING]
            print(
                f"{100 * drop:3.0f} %  {name:28s} {ever[0]:8.1f} / {ever[1]:5.1f} / {ever[2]:4.1f}"
                f" {by_day[0]:12.0f} / {by_day[1]:3.0f} / {by_day[2]:3.0f} {not_working:20.0f} {result.changes:12.2f}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
