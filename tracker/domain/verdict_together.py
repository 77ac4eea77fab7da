"""Several treatments in one log: each is judged in a filter that knows an effect for every one of them.

Begun less than PAIR_GAP_DAYS apart, or not told apart by the log (PAIR_CORRELATION), they get one verdict together;
less than MIXED_GAP_DAYS apart a verdict each, marked. A dose change is a new treatment that begins as the other stops.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.domain import trial_policy as policy
from tracker.domain.priors import COLD_START, Priors
from tracker.domain.state_space import Floats
from tracker.domain.verdict import Company, Judgement, Outcome, Trial, judge, judge_all_nights


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """A treatment from its first day to the first day without it again, None while it goes on. Days are numbers on any
    common count."""

    start: int
    stop: int | None = None
    onset_days: int | None = None
    trial_days: int = policy.DEFAULT_TRIAL_DAYS

    def covers(self, day: int) -> bool:
        return self.start <= day and (self.stop is None or day < self.stop)


def together(
    daily_means: Floats,
    daily_counts: Floats,
    courses: Sequence[Course],
    place: int = 0,
    *,
    recalled: float | None = None,
    previous: Outcome | None = None,
) -> tuple[Trial, list[int]]:
    """The trial of the course at `place` among all courses of one log, and the places of those in its company.

    Day 0 of the courses is the first of `daily_means`. Those of one cluster get the same trial: from the first start
    on, as long as the longest of them takes. Treatments that were there all the time, or left long before, belong to
    the usual level and are not in the company; nor are more than MAX_BESIDE.
    """
    cluster = _cluster(courses, place)
    lead = courses[cluster[0]]
    window = _window(daily_means, lead)
    others = [at for at in range(len(courses)) if at not in cluster and _tells(courses[at], lead, window)]
    nearest = sorted(others, key=lambda at: (abs(courses[at].start - lead.start), at))
    chosen = [*cluster[1:], *nearest][: policy.MAX_BESIDE]
    trial = Trial(
        daily_means=daily_means,
        daily_counts=daily_counts,
        start=lead.start,
        stop=lead.stop,
        onset_days=lead.onset_days,
        trial_days=max(courses[at].start + courses[at].trial_days for at in cluster) - lead.start,
        recalled=recalled,
        previous=previous,
        company=tuple(
            Company(
                start=courses[at].start,
                stop=courses[at].stop,
                onset_days=courses[at].onset_days,
                shares=at in cluster,
            )
            for at in chosen
        ),
    )
    return trial, [cluster[0] if at == place else at for at in chosen]


def _cluster(courses: Sequence[Course], place: int) -> list[int]:
    """Places of those begun with the one in question, each less than PAIR_GAP_DAYS after the one before, in order."""
    order = sorted(range(len(courses)), key=lambda at: (courses[at].start, at))
    breaks = [
        at
        for at, (one, next_one) in enumerate(pairwise(order), start=1)
        if courses[next_one].start - courses[one].start >= policy.PAIR_GAP_DAYS
    ]
    for first, last in pairwise([0, *breaks, len(order)]):
        if place in order[first:last]:
            return order[first:last]
    raise ValueError("no course at this place")


def _window(daily_means: Floats, lead: Course) -> NDArray[np.integer]:
    """Days with a log that are read, in order."""
    logged = np.flatnonzero(np.isfinite(daily_means))
    return logged[logged >= lead.start - policy.HISTORY_DAYS]


def _tells(other: Course, lead: Course, window: NDArray[np.integer]) -> bool:
    """Whether it came or went within what is read, so that its effect can be known apart from the usual level."""
    if not len(window):
        return False
    stop = np.inf if other.stop is None else other.stop
    came, went = other.start > window[0], stop <= window[-1]
    if other.start > window[-1] or stop <= window[0] or not (came or went):
        return False
    without = window[(window < lead.start) & ((window < other.start) | (window >= stop))]
    # one treatment given up for the next on a log that knows no day without it: what follows is all there is to judge
    gives_way = abs(stop - lead.start) < policy.MIXED_GAP_DAYS and other.start < lead.start
    return not (gives_way and len(without) < policy.MIN_BASELINE_DAYS)


@dataclass(frozen=True, kw_only=True, eq=False)
class VerdictsTogether:
    """Of N logs with K treatments each: shape (N, K), or (N, K, n_nights) of every night; a single log given as one row
    has no first axis. Units and names as in `Verdicts`; nights are counted from the start of the treatment, or of the
    first of those that share its verdict, and an attempt with fewer nights keeps its last one's values."""

    outcome: NDArray[np.object_]
    reason: NDArray[np.object_]  # "mixed" beside a verdict that holds for several together
    change: Floats
    change_low: Floats
    change_high: Floats
    p_helped: Floats
    p_now: Floats
    p_reach: Floats
    p_worse: Floats
    before: Floats
    now: Floats
    mcid: Floats
    shared: NDArray[np.bool_]  # (N, K, K) on the last night one verdict holds for both
    mixed: NDArray[np.bool_]  # (N, K, K) a verdict each, but begun less than MIXED_GAP_DAYS apart


def judge_together(
    daily_mean: ArrayLike,
    n_entries: ArrayLike,
    start: ArrayLike,
    *,
    onset_days: ArrayLike = np.nan,
    trial_days: ArrayLike = policy.DEFAULT_TRIAL_DAYS,
    stop: ArrayLike = np.nan,
    recalled: ArrayLike = np.nan,
    every_night: bool = False,
    priors: Priors = COLD_START,
) -> VerdictsTogether:
    """Verdicts of K treatments in each of N logs of D days.

    daily_mean, n_entries: (N, D) as for `judge_many`, or (D,) for a single log.
    start: (N, K), or (K,): index of the first day of each treatment; nan where a log has fewer than K.
    onset_days, trial_days, stop: the same shape as start, or one value for all; nan is unknown.
    recalled: (N,) or one value; usual pain before, read without a logged baseline.

    Raises ValueError as `judge_many` does.
    """
    means, counts = np.atleast_2d(np.asarray(daily_mean, float)), np.atleast_2d(np.asarray(n_entries, float))
    starts = np.atleast_2d(np.asarray(start, float))
    if means.shape != counts.shape or len(starts) != len(means):
        raise ValueError("daily_mean and n_entries must have one shape, and as many rows as start")
    onsets, lengths, stops = (
        np.broadcast_to(np.asarray(v, float), starts.shape) for v in (onset_days, trial_days, stop)
    )
    is_logged = np.isfinite(means) & (counts >= 1)
    if ((means < policy.NRS_MIN) | (means > policy.NRS_MAX)).any():
        raise ValueError("pain must lie on the scale")
    means, counts = np.where(is_logged, means, np.nan), np.where(is_logged, counts, 0)
    memory = np.broadcast_to(np.asarray(recalled, float), len(means))
    asked: list[tuple[int, int, Trial, list[int]]] = []
    for row in range(len(means)):
        known = np.flatnonzero(np.isfinite(starts[row])).tolist()
        courses = [
            Course(
                start=int(starts[row, k]),
                stop=_whole(stops[row, k]),
                onset_days=_whole(onsets[row, k]),
                trial_days=policy.DEFAULT_TRIAL_DAYS if np.isnan(lengths[row, k]) else int(lengths[row, k]),
            )
            for k in known
        ]
        for place, k in enumerate(known):
            trial, company = together(means[row], counts[row], courses, place, recalled=_number(memory[row]))
            asked.append((row, k, trial, [known[at] for at in company]))
    trials = [trial for _, _, trial, _ in asked]
    nights = judge_all_nights(trials, priors) if every_night else [[one] for one in judge(trials, priors)]
    told = _Told(starts.shape, n_nights=max([len(one) for one in nights], default=1) or 1)
    for (row, k, _trial, company), judgements in zip(asked, nights, strict=True):
        told.keep(row, k, company, judgements)
    told.mark(starts)
    return told.verdicts(every_night=every_night, is_single=np.ndim(daily_mean) == 1)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


_NUMBERS = tuple(f.name for f in fields(VerdictsTogether) if f.name not in {"outcome", "reason", "shared", "mixed"})


class _Told:
    def __init__(self, shape: tuple[int, int], *, n_nights: int) -> None:
        self.outcome = np.full((*shape, n_nights), Outcome.CANT_TELL, dtype=object)
        self.reason = np.full((*shape, n_nights), "too_early", dtype=object)
        self.numbers = {name: np.zeros((*shape, n_nights), np.float32) for name in _NUMBERS}
        self.shared = np.zeros((*shape, shape[1]), dtype=bool)
        self.mixed = np.zeros_like(self.shared)

    def keep(self, row: int, k: int, company: Sequence[int], judgements: Sequence[Judgement]) -> None:
        for night in range(self.outcome.shape[2] if judgements else 0):
            one = judgements[min(night, len(judgements) - 1)]
            self.outcome[row, k, night], self.reason[row, k, night] = one.outcome, one.reason or ""
            for name, column in self.numbers.items():
                column[row, k, night] = getattr(one, name)
        for at in judgements[-1].shared_with if judgements else ():
            self.shared[row, k, company[at]] = self.shared[row, company[at], k] = True

    def mark(self, starts: Floats) -> None:
        gaps = np.abs(starts[:, :, None] - starts[:, None, :])
        is_other = ~np.eye(starts.shape[1], dtype=bool)
        self.mixed = (gaps < policy.MIXED_GAP_DAYS) & is_other & ~self.shared

    def verdicts(self, *, every_night: bool, is_single: bool) -> VerdictsTogether:
        told = {"outcome": self.outcome, "reason": self.reason, **self.numbers}
        if not every_night:
            told = {name: values[..., -1] for name, values in told.items()}
        told |= {"shared": self.shared, "mixed": self.mixed}
        return VerdictsTogether(**{name: values[0] if is_single else values for name, values in told.items()})
