"""Does a treatment work? Judged each night from the patient's own pain log, without looking too soon.

`judge` is for the nightly job (tonight only, yesterday's outcome handed in), `judge_every_night` recomputes one
attempt from its start after an edit; both give the same last outcome when nothing was edited. The numbers, with
their sources, are in `trial_policy`; the filter is in `state_space`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import batched, combinations, groupby

import numpy as np
from scipy.special import ndtr

from tracker.domain import trial_policy as policy
from tracker.domain.state_space import DTYPE, Days, Floats, Onset, State, nights

# Attempts filtered together: large enough to hide NumPy's overhead, small enough for the arrays to stay in cache
BLOCK_SIZE = 128


class Outcome(StrEnum):
    WORKING = "working"
    NOT_WORKING = "not_working"
    WORSE = "worse"
    CANT_TELL = "cant_tell"


class Reason(StrEnum):
    """What stands beside an outcome. The last two are set by services, which know adherence and other attempts."""

    TOO_EARLY = "too_early"
    TOO_FEW_ENTRIES = "too_few_entries"
    NO_BASELINE = "no_baseline"
    VARIES_TOO_MUCH = "varies_too_much"
    LOW_BASELINE = "low_baseline"
    NOT_FAIRLY_TRIED = "not_fairly_tried"
    MIXED = "mixed"


class Baseline(StrEnum):
    LOGGED = "logged"
    RECALLED = "recalled"
    NONE = "none"


class Overlap(StrEnum):
    PAIR = "pair"  # one verdict for both together
    MIXED = "mixed"  # a verdict each, marked


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """One attempt as the filter sees it. Day 0 is the first day of the history, the last day is tonight."""

    daily_means: Floats  # (n_days,) mean NRS of each local day, nan where unlogged
    daily_counts: Floats  # (n_days,) entries that day
    start: int  # index of the first treatment day; 0 or below if there is no history before it
    stop: int | None = None  # index of the first day without the treatment again
    onset_days: int | None = None  # expected onset of the type, None if unknown
    trial_days: int = policy.DEFAULT_TRIAL_DAYS  # a fair trial of the type
    recalled: float | None = None  # usual pain before as remembered; read only without a logged baseline
    previous: Outcome | None = None  # last night's stored outcome


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict with its numbers. After a stop they speak of the last treated day."""

    outcome: Outcome
    reason: Reason | None  # beside CANT_TELL, else None
    p_helped: float  # chance of more than a trivial drop by tonight
    p_now: float  # chance of a drop that matters by tonight
    p_reach: float  # chance that the full effect is a drop that matters
    p_worse: float  # chance that pain is higher than before
    change: float  # likely change by tonight, points, negative is lower pain
    change_low: float  # the most favourable end of the interval that holds LIKELY_SHARE
    change_high: float
    before: float  # estimated usual level without the treatment, points
    now: float  # estimated usual level with it, tonight
    raw_baseline_mean: float | None  # plain mean of the logged days before, for the picture
    days_passed: int  # since the start (on the start day 0), up to a stop
    days_logged: int  # logged treatment days
    days_logged_recently: int  # of them in the last RECENT_WINDOW_DAYS
    baseline_days: int  # logged days before the start
    baseline: Baseline
    mcid: float  # points; the smallest drop that matters at this level
    policy_version: str = policy.POLICY_VERSION


@dataclass(frozen=True, kw_only=True)
class Confounding:
    """Two starts, by their place in the list, that lie too near for the log to tell them apart."""

    first: int
    second: int
    overlap: Overlap


def judge(trials: Sequence[Trial]) -> list[Judgement]:
    """Tonight's judgement of each trial, in the same order. Raises ValueError on a log that cannot be."""
    judgements: dict[int, Judgement] = {}
    for indices in _blocks(trials):
        block = [trials[index] for index in indices]
        judgements.update(zip(indices, _judge_tonight(block), strict=True))
    return [judgements[index] for index in range(len(trials))]


def judge_one(trial: Trial) -> Judgement:
    return judge([trial])[0]


def judge_every_night(trial: Trial) -> list[Judgement]:
    """One judgement a night from the start day to tonight, each keeping to the one before; `previous` is not read.

    Empty if the start lies ahead.
    """
    log = _Log.of([trial])
    judgements: list[Judgement] = []
    previous: Outcome | None = None
    for night, state in enumerate(log.states(), start=-1):
        if night >= 0:
            judgements += log.judgements(state, np.array([night]), [previous])
            previous = judgements[-1].outcome
    return judgements


def confounded(starts: Sequence[date]) -> list[Confounding]:
    """Pairs of treatments, given by their start days, that were begun too near each other."""
    return [
        Confounding(first=first, second=second, overlap=overlap)
        for first, second in combinations(range(len(starts)), 2)
        if (overlap := _overlap(abs(starts[first] - starts[second]).days)) is not None
    ]


def decide(
    *,
    p_helped: float,
    p_now: float,
    p_reach: float,
    p_worse: float,
    days_passed: int,
    days_logged: int,
    days_logged_recently: int,
    trial_days: int,
    baseline: Baseline,
    before: float,
    previous: Outcome | None,
) -> tuple[Outcome, Reason | None]:
    """The rule, in its order: what is missing, then a clear outcome, then last night's if still near, then doubt."""
    reason = _missing(days_passed, days_logged, days_logged_recently, baseline)
    if reason is not None:
        return Outcome.CANT_TELL, reason

    if p_helped >= policy.WORKING_HELPED and p_now >= policy.WORKING_REACHED:
        return Outcome.WORKING, None
    if p_worse >= policy.WORSE_CHANCE:
        return Outcome.WORSE, None
    if days_passed >= trial_days and p_reach <= policy.NOT_WORKING_REACH:
        return Outcome.NOT_WORKING, None

    margin = policy.KEEP_MARGIN
    is_near = {
        Outcome.WORKING: p_helped >= policy.WORKING_HELPED - margin and p_now >= policy.WORKING_REACHED - margin,
        Outcome.WORSE: p_worse >= policy.WORSE_CHANCE - margin,
        Outcome.NOT_WORKING: p_reach <= policy.NOT_WORKING_REACH + margin,
    }
    if previous is not None and is_near.get(previous, False):
        return previous, None
    return Outcome.CANT_TELL, _doubt(days_passed, trial_days, before)


def _missing(days_passed: int, days_logged: int, days_logged_recently: int, baseline: Baseline) -> Reason | None:
    if baseline is Baseline.NONE:
        return Reason.NO_BASELINE
    if days_passed < policy.FIRST_VERDICT_DAY:
        return Reason.TOO_EARLY
    if days_logged < policy.MIN_TREATMENT_DAYS or days_logged_recently < policy.MIN_RECENT_DAYS:
        return Reason.TOO_FEW_ENTRIES
    return None


def _doubt(days_passed: int, trial_days: int, before: float) -> Reason:
    if days_passed < trial_days:
        return Reason.TOO_EARLY
    return Reason.LOW_BASELINE if before < policy.LOW_BASELINE_LEVEL else Reason.VARIES_TOO_MUCH


def _overlap(gap_days: int) -> Overlap | None:
    if gap_days < policy.PAIR_GAP_DAYS:
        return Overlap.PAIR
    return Overlap.MIXED if gap_days < policy.MIXED_GAP_DAYS else None


def _blocks(trials: Sequence[Trial]) -> Iterator[tuple[int, ...]]:
    """Indices of trials to filter together: same onset axis, about the same length, so that little is padding."""

    def shape(index: int) -> tuple[bool, int, int]:
        trial = trials[index]
        return trial.onset_days is None, len(trial.daily_means) - trial.start, trial.start

    for _, group in groupby(sorted(range(len(trials)), key=shape), key=lambda index: shape(index)[0]):
        yield from batched(group, BLOCK_SIZE)


def _judge_tonight(block: Sequence[Trial]) -> list[Judgement]:
    log = _Log.of(block)
    for state in log.states():
        pass  # only tonight's is read
    return log.judgements(state, log.tonight, [trial.previous for trial in block])
