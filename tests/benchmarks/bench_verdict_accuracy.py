"""How often verdicts are right on simulated logs, in percent of attempts, beside two obvious methods on the same logs:
a nightly mean of all days since the start against the mean before, and a nightly Welch test of all days before and since.

python tests/benchmarks/bench_verdict_accuracy.py [attempts a row]
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from tests.domain import other_simulator
from tests.domain.other_simulator import OtherSetting
from tests.domain.real_log import invented_starts
from tests.domain.simulator import Logs, Setting, n_changes, simulated
from tracker.domain import trial_policy as policy
from tracker.domain.verdict import Outcome

WORKING, NOT_WORKING, WORSE, CANT_TELL = Outcome
Outcomes = NDArray[np.object_]  # (N, n_nights)
Moments = tuple[NDArray, NDArray, NDArray]

# Settings that count for "everywhere"; trends and the recovery of a fresh pain are told apart
EVERYWHERE: dict[str, dict[str, object]] = {
    "ordinary": {},
    "worst of 21": {"worst_of": 21},
    "worst week of 21": {"worst_of": 21, "worst_week": True},
    "worst of 21, 7 days before": {"worst_of": 21, "baseline_days": 7},
    "28 days before": {"baseline_days": 28},
    "persistence 0": {"persistence": 0.0},
    "persistence .8": {"persistence": 0.8},
    "persistence .8, worst of 21": {"persistence": 0.8, "worst_of": 21},
    "SD .7": {"sd": 0.7},
    "SD 2.2": {"sd": 2.2},
    "level 2, SD .5": {"level": 2.0, "sd": 0.5},
    "level 4, SD .8": {"level": 4.0, "sd": 0.8},
    "level 8, SD 2": {"level": 8.0, "sd": 2.0},
    "50 % missing": {"missing": 0.5},
    "good days missing": {"missing": 0.4, "misses_good_days": True},
    "bad days missing": {"missing": 0.4, "misses_bad_days": True},
    "two flares a month": {"flares_a_month": 2.0},
    "heavy tails": {"heavy_tails": True},
    "waves, AR(2)": {"wave": 0.3},
    "level walks .25 a week": {"wander": 0.25, "baseline_days": 28},
    "0, 5 and 10 favoured": {"favoured": (0, 5, 10)},
    "weekends 1 lower": {"weekend": 1.0},
    "three entries a day": {"entries_a_day": 3},
    "remembered baseline": {"recall_only": True, "worst_of": 21},
}
LONG_180: dict[str, object] = {"treated_days": 181, "trial_days": 180, "onset_days": 42, "told_onset": True}
APART: dict[str, dict[str, object]] = {
    "easing .1 a week": {"drift_a_week": -0.1},
    "rising .1 a week": {"drift_a_week": 0.1},
    "35 % gone in 6 weeks by itself": {"recovery": 0.35, "worst_of": 7},
    "84 days, onset 21": {"treated_days": 85, "trial_days": 84, "onset_days": 21, "told_onset": True},
    "180 days, onset 42": LONG_180,
    "180 days, easing .05 a week": LONG_180 | {"drift_a_week": -0.05},
    "180 days, rising .05 a week": LONG_180 | {"drift_a_week": 0.05},
    "180 days, level walks .2 a week": LONG_180 | {"wander": 0.2},
}
SHORT_OF_GOAL = {"persistence .8", "persistence .8, worst of 21", "remembered baseline"}  # of a true -10 %: phi <= .6


def ours(logs: Logs) -> Outcomes:
    return logs.judged().outcome


def nightly_mean(logs: Logs) -> Outcomes:
    """All days since against all before: a drop that matters is working, as large a rise is worse."""
    (_, was, _), (_, now, _) = _before_and_since(logs)
    matters = np.clip(policy.MCID_SHARE * was, policy.MCID_MIN, policy.MCID_MAX)
    return _told(logs, was - now >= matters, now - was >= matters)


def welch(logs: Logs) -> Outcomes:
    """Two-sided at 5 %, all days since against all before."""
    (n, was, square), (m, now, now_square) = _before_and_since(logs)
    with np.errstate(invalid="ignore", divide="ignore"):
        one, other = square / n, now_square / m
        t = (was - now) / np.sqrt(one + other)
        freedom = (one + other) ** 2 / (one**2 / (n - 1) + other**2 / (m - 1))
        p = 2 * stdtr(freedom, -np.abs(t))
    return _told(logs, (p < 0.05) & (t > 0), (p < 0.05) & (t < 0))


def _before_and_since(logs: Logs) -> tuple[Moments, Moments]:
    """Number, mean and variance of the days before, (N, 1), and up to each night since, (N, n_nights)."""
    padded = np.pad(logs.daily_mean[:, : logs.start], ((0, 0), (1, 0)), constant_values=np.nan)
    n, mean, square = _moments(padded)
    return (n[:, -1:], mean[:, -1:], square[:, -1:]), _moments(logs.daily_mean[:, logs.start :])


def _moments(days: NDArray) -> Moments:
    filled = np.nan_to_num(days)
    n, total, squares = (np.cumsum(part, axis=1) for part in (np.isfinite(days), filled, filled**2))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / n
        return n, mean, np.maximum(squares - n * mean**2, 1e-9) / (n - 1)


def _told(logs: Logs, is_working: NDArray, is_worse: NDArray) -> Outcomes:
    night = np.arange(is_working.shape[1])
    told = np.where(night >= logs.trial_days, NOT_WORKING, CANT_TELL).astype(object)
    told = np.broadcast_to(told, is_working.shape).copy()
    told[is_worse], told[is_working] = WORSE, WORKING
    told[:, : policy.FIRST_VERDICT_DAY] = CANT_TELL
    return told


METHODS: dict[str, Callable[[Logs], Outcomes]] = {"ours": ours, "mean": nightly_mean, "Welch": welch}


@dataclass
class Goals:
    """The worst, or the least, figure of each goal, by method."""

    worst: dict[str, dict[str, tuple[float, str]]] = field(default_factory=dict)
    goals: dict[str, str] = field(default_factory=dict)

    def note(self, goal: str, limit: str, method: str, value: float, where: str, *, keep: Callable = max) -> None:
        self.goals[goal] = limit
        row = self.worst.setdefault(goal, {})
        row[method] = keep(row.get(method, (value, where)), (value, where))

    def show(self) -> None:
        print(f"\n{'goal':52s} {'limit':>7s}   " + "   ".join(f"{name:>7s}" for name in METHODS))
        for goal, row in self.worst.items():
            where = row["ours"][1]
            figures = "   ".join(f"{row[name][0]:7.2f}" if name in row else " " * 7 for name in METHODS)
            print(f"{goal:52s} {self.goals[goal]:>7s}   {figures}   {where}")


def ever(told: Outcomes, outcome: Outcome) -> float:
    return 100 * float((told == outcome).any(axis=1).mean())


def on_day(told: Outcomes, day: int, outcome: Outcome) -> float:
    return 100 * float((told[:, day] == outcome).mean())


def main(n_attempts: int) -> None:
    goals = Goals()
    print(
        "true drop, setting                     method  ever working / not / worse   working 28 / 42 / 56   not 56  end"
    )
    for name, changes in (EVERYWHERE | APART).items():
        for drop in (0.0, 0.1, 0.3, 0.5):
            n = n_attempts if "180" not in name else n_attempts // 2
            logs = simulated(Setting(n_attempts=n, drop=drop, **changes))  # type: ignore[arg-type]
            for method, judged in METHODS.items():
                told = judged(logs)
                show(f"{100 * drop:3.0f} %  {name}", method, told)
                note_errors(goals, name, method, drop, told)
    for known in (False, True):
        logs = simulated(Setting(n_attempts=n_attempts, drop=0.5, onset_days=7, told_onset=known))
        note_power(goals, "onset known" if known else "onset unknown", logs)
    note_calibration(goals, simulated(Setting(n_attempts=8 * n_attempts, drop=0.16, drop_sd=0.22, onset_days=7)))
    no_baseline = simulated(Setting(n_attempts=n_attempts // 2, drop=0.5, baseline_days=0))
    goals.note("told without a baseline", "0", "ours", 100 - ever_only(ours(no_baseline)), "")
    for drop in (0.0, 0.1, 0.3, 0.5):
        logs = other_simulator.simulated(OtherSetting(n_attempts=n_attempts, drop=drop))
        for method, judged in METHODS.items():
            show(f"{100 * drop:3.0f} %  the other simulator", method, judged(logs))
    for before in (28, 10_000):
        logs = invented_starts(before)
        for method, judged in METHODS.items():
            told = judged(logs)
            wrong = 100 * float(((told == WORKING) | (told == WORSE)).any(axis=1).mean())
            where = f"real log, {'28 days' if before == 28 else 'all the history'} before"
            goals.note(f"{where}: ever working or worse", "5", method, wrong, "")
            goals.note(f"{where}: can't tell on day 56", "40", method, on_day(told, 56, CANT_TELL), "")
    goals.show()


def show(name: str, method: str, told: Outcomes) -> None:
    errors = " / ".join(f"{ever(told, outcome):5.1f}" for outcome in (WORKING, NOT_WORKING, WORSE))
    by_day = " / ".join(f"{on_day(told, day, WORKING):3.0f}" for day in (28, 42, 56))
    last = on_day(told, -1, WORKING)
    print(
        f"{name:38s} {method:6s}  {errors:>22s}  {by_day:>19s} {on_day(told, 56, NOT_WORKING):8.0f} {last:4.0f}",
        flush=True,
    )


def note_errors(goals: Goals, name: str, method: str, drop: float, told: Outcomes) -> None:
    is_apart, is_long = name in APART, "180" in name or "84" in name
    if "by itself" in name:
        return
    part = "84 and 180 days" if is_long else "with a trend" if is_apart else "everywhere"
    working, not_working = ever(told, WORKING), ever(told, NOT_WORKING)
    if drop == 0:
        goals.note(f"ever working at 0 %, {part}", "3", method, working, name)
        goals.note(f"ever worse at 0 %, {part}", "5", method, ever(told, WORSE), name)
    if drop == 0.1 and name not in SHORT_OF_GOAL:
        goals.note(f"ever working at -10 %, {part}", "5" if part == "everywhere" else "7", method, working, name)
    if drop == 0.3:
        goals.note(f"ever not working at -30 %, {part}", "9", method, not_working, name)
    if drop == 0.5:
        goals.note(f"ever not working at -50 %, {part}", "1", method, not_working, name)
    if name == "ordinary" and drop == 0.3:
        goals.note("ever not working at -30 %, ordinary", "5", method, not_working, name)
    if name == "ordinary" and drop == 0:
        goals.note("no effect called not working by day 56", ">65", method, on_day(told, 56, NOT_WORKING), name)
    if not is_apart:
        goals.note("changes of verdict an attempt", "0.3", method, float(n_changes(told).mean()), name)


def note_power(goals: Goals, where: str, logs: Logs) -> None:
    limits = (70, 82, 88) if "unknown" not in where else (60, 80, 85)
    for day, limit in zip((28, 42, 56), limits, strict=True):
        for method, judged in METHODS.items():
            told = on_day(judged(logs), day, WORKING)
            goals.note(f"-50 % called working on day {day}, {where}", f">{limit}", method, told, "")


def note_calibration(goals: Goals, logs: Logs) -> None:
    """Stated chances of a drop that matters against the share that had one, of effects drawn as the filter believes."""
    verdicts = logs.judged(every_night=False)
    actual = logs.effect >= verdicts.mcid
    for low in (0.0, 0.2, 0.4, 0.6, 0.8):
        chosen = (verdicts.p_now >= low) & (verdicts.p_now <= low + 0.2)
        off = 100 * abs(float(verdicts.p_now[chosen].mean() - actual[chosen].mean()))
        goals.note("stated chance off the actual share, points", "5", "ours", off, f"chances from {low:.1f} on")


def ever_only(told: Outcomes) -> float:
    return 100 * float((told == CANT_TELL).all(axis=1).mean())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
