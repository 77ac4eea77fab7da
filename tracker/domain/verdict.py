"""Does a treatment work? Judged each night from the patient's own pain log, without looking too soon.

`judge_many` takes and gives arrays. `judge` is for the nightly job (tonight only, yesterday's outcome handed in),
`judge_every_night` recomputes one attempt from its start after an edit; all give the same last outcome when nothing
was edited. The numbers, with their sources, are in `trial_policy`; the filter is in `state_space`, the rule in
`verdict_rule`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations, groupby
from typing import Any

import numpy as np

from tracker.domain import trial_policy as policy
from tracker.domain.priors import COLD_START, Priors
from tracker.domain.state_space import Floats, State
from tracker.domain.verdict_block import BLOCK_SIZE, JOINT_BLOCK_SIZE, Beside, Block, Numbers
from tracker.domain.verdict_many import Verdicts, judge_many
from tracker.domain.verdict_rule import NO_OUTCOME, OUTCOMES, REASONS, Baseline, Codes, Outcome, Reason, decide

__all__ = [
    "Baseline",
    "Company",
    "Confounding",
    "Judgement",
    "Outcome",
    "Overlap",
    "Reason",
    "Trial",
    "Verdicts",
    "confounded",
    "decide",
    "judge",
    "judge_all_nights",
    "judge_every_night",
    "judge_many",
    "judge_one",
    "posteriors",
]


class Overlap(StrEnum):
    PAIR = "pair"  # one verdict for both together
    MIXED = "mixed"  # a verdict each, marked


@dataclass(frozen=True, kw_only=True)
class Company:
    """Another treatment in the same log; days on the count of the trial."""

    start: int
    stop: int | None = None
    onset_days: int | None = None
    shares: bool = False  # begun so near that one verdict holds for both


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
    company: tuple[Company, ...] = ()  # judged together with it; see `verdict_together`


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
    days_logged_lately: int  # of them in the last KEEP_WINDOW_DAYS
    baseline_days: int  # logged days before the start
    baseline: Baseline
    mcid: float  # points; the smallest drop that matters at this level
    policy_version: str = policy.POLICY_VERSION
    shared_with: tuple[int, ...] = ()  # places in the trial's company for which the verdict holds too


@dataclass(frozen=True, kw_only=True)
class Confounding:
    """Two starts, by their place in the list, that lie too near for the log to tell them apart."""

    first: int
    second: int
    overlap: Overlap


def judge(trials: Sequence[Trial], priors: Priors = COLD_START) -> list[Judgement]:
    """Tonight's judgement of each trial, in the same order. Raises ValueError on a log that cannot be."""
    judgements: dict[int, Judgement] = {}
    for indices in _blocks(trials):
        chosen = [trials[index] for index in indices]
        block = _block(chosen, priors)
        *_, state = block.nights()  # one object, changed in place: only tonight's is read
        numbers = block.numbers(state, block.tonight)
        previous = [NO_OUTCOME if trial.previous is None else OUTCOMES.index(trial.previous) for trial in chosen]
        outcome, reason = block.decided(numbers, np.array(previous))
        judgements.update(zip(indices, _judgements(block, numbers, outcome, reason), strict=True))
    return [judgements[index] for index in range(len(trials))]


def judge_one(trial: Trial, priors: Priors = COLD_START) -> Judgement:
    return judge([trial], priors)[0]


def judge_every_night(trial: Trial, priors: Priors = COLD_START) -> list[Judgement]:
    """One judgement a night from the start day to tonight, each keeping to the one before; `previous` is not read.

    Empty if the start lies ahead.
    """
    return judge_all_nights([trial], priors)[0]


def judge_all_nights(trials: Sequence[Trial], priors: Priors = COLD_START) -> list[list[Judgement]]:
    """`judge_every_night` of many trials, in the same order."""
    judgements: list[list[Judgement]] = [[] for _ in trials]
    for indices in _blocks(trials):
        block = _block([trials[index] for index in indices], priors)
        outcome = np.full(len(indices), NO_OUTCOME, dtype=np.int8)
        for night, state in enumerate(block.nights(), start=-1):
            if night < 0:
                continue  # before the first treatment day
            numbers = block.numbers(state, np.full(len(indices), night))
            outcome, reason = block.decided(numbers, outcome)
            tonight = _judgements(block, numbers, outcome, reason)
            for index, last_night, judgement in zip(indices, block.tonight, tonight, strict=True):
                if night <= last_night:
                    judgements[index].append(judgement)
    return judgements


def posteriors(trials: Sequence[Trial], priors: Priors = COLD_START) -> Iterator[tuple[Block, State]]:
    """What the filter knows in the end of trials without company, block by block, in no order; for `calibration`."""
    alone = [trial for trial in trials if not trial.company]
    for indices in _blocks(alone):
        block = _block([alone[index] for index in indices], priors)
        *_, state = block.nights()
        yield block, state


def confounded(starts: Sequence[date]) -> list[Confounding]:
    """Pairs of treatments, given by their start days, that were begun too near each other."""
    return [
        Confounding(first=first, second=second, overlap=overlap)
        for first, second in combinations(range(len(starts)), 2)
        if (overlap := _overlap(abs(starts[first] - starts[second]).days)) is not None
    ]


def _overlap(gap_days: int) -> Overlap | None:
    if gap_days < policy.PAIR_GAP_DAYS:
        return Overlap.PAIR
    return Overlap.MIXED if gap_days < policy.MIXED_GAP_DAYS else None


def _blocks(trials: Sequence[Trial]) -> Iterator[tuple[int, ...]]:
    """Indices of trials to filter together: same onset axis, as much company, about the same length, so that little is
    padding."""

    def kind(index: int) -> tuple[bool, int]:
        return trials[index].onset_days is not None, len(trials[index].company)

    def shape(index: int) -> tuple[Any, ...]:
        trial = trials[index]
        return kind(index), len(trial.daily_means) - trial.start, trial.start

    for (_, n_beside), group in groupby(sorted(range(len(trials)), key=shape), key=kind):
        indices, size = tuple(group), JOINT_BLOCK_SIZE if n_beside else BLOCK_SIZE
        yield from (indices[at : at + size] for at in range(0, len(indices), size))


def _judgements(block: Block, numbers: Numbers, outcome: Codes, reason: Codes) -> list[Judgement]:
    shared = numbers.pop("shared", np.zeros((len(outcome), 0), dtype=bool))
    names = [*numbers, "baseline_days", "shared_with"]
    shared_with = [tuple(np.flatnonzero(row).tolist()) for row in shared]
    columns = [*(column.tolist() for column in (*numbers.values(), block.baseline_days)), shared_with]
    means = np.round(block.baseline_mean, policy.POINTS_DECIMALS).tolist()
    baselines = zip(block.baseline_days, block.has_baseline, strict=True)
    told = zip(outcome.tolist(), reason.tolist(), means, baselines, zip(*columns, strict=True), strict=True)
    return [
        Judgement(
            outcome=OUTCOMES[outcome_code],
            reason=_reason(REASONS[reason_code], is_shared=bool(row[-1])),
            baseline=_baseline(*baseline),
            policy_version=block.priors.version,
            raw_baseline_mean=None if mean != mean else mean,  # noqa: PLR0124, not a number
            **dict(zip(names, row, strict=True)),
        )
        for outcome_code, reason_code, mean, baseline, row in told
    ]


def _reason(reason: Reason | None, *, is_shared: bool) -> Reason | None:
    """A verdict of several treatments together says so, and so does the doubt that comes of it."""
    return Reason.MIXED if is_shared and reason in {None, Reason.VARIES_TOO_MUCH} else reason


def _baseline(logged_days: int, has_baseline: bool) -> Baseline:
    if logged_days >= policy.MIN_BASELINE_DAYS:
        return Baseline.LOGGED
    return Baseline.RECALLED if has_baseline else Baseline.NONE


def _block(trials: Sequence[Trial], priors: Priors) -> Block:
    for trial in trials:
        _refuse_misshapen(trial)
    means, counts, n_before = _pack(trials)
    return Block(
        means=means,
        counts=counts,
        n_before=n_before,
        tonight=np.array([_n_treated(trial) - 1 for trial in trials]),
        stop=np.array([np.inf if trial.stop is None else max(trial.stop - trial.start, 0) for trial in trials]),
        onset_days=_column(trial.onset_days for trial in trials),
        trial_days=_column(trial.trial_days for trial in trials),
        recalled=_column(trial.recalled for trial in trials),
        priors=priors,
        beside=[_beside(trials, others) for others in zip(*(trial.company for trial in trials), strict=True)],
    )


def _beside(trials: Sequence[Trial], others: Sequence[Company]) -> Beside:
    starts = np.array([trial.start for trial in trials])
    stop, onset_days = _column(other.stop for other in others), _column(other.onset_days for other in others)
    return Beside(
        start=np.array([other.start for other in others]) - starts,
        stop=np.where(np.isnan(stop), np.inf, stop) - starts,
        onset_days=np.where(np.isnan(onset_days), policy.USUAL_ONSET_DAYS, onset_days),
        shares=np.array([other.shares for other in others]),
    )


def _column(values: Any) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _refuse_misshapen(trial: Trial) -> None:
    means, counts = np.asarray(trial.daily_means), np.asarray(trial.daily_counts)
    if means.ndim != 1 or means.shape != counts.shape:
        raise ValueError("daily_means and daily_counts must be two rows of the same length")
    if trial.recalled is not None and not policy.NRS_MIN <= trial.recalled <= policy.NRS_MAX:
        raise ValueError("recalled pain must lie on the scale")
    if trial.onset_days is not None and trial.onset_days < 0:
        raise ValueError("an onset cannot be negative")


def _pack(trials: Sequence[Trial]) -> tuple[Floats, Floats, int]:
    """Means (nan where unlogged) and counts, shape (n_days, B), and how many of the days come before the start."""
    n_before = max(min(max(trial.start, 0), policy.HISTORY_DAYS) for trial in trials)
    n_treated = max(_n_treated(trial) for trial in trials)
    means = np.full((n_before + n_treated, len(trials)), np.nan)
    counts = np.zeros(means.shape)
    for place, trial in enumerate(trials):
        first = max(trial.start - n_before, 0)  # what is older than HISTORY_DAYS is left out
        last = min(len(trial.daily_means), trial.start + n_treated)
        if first < last:
            rows = slice(first - trial.start + n_before, last - trial.start + n_before)
            means[rows, place] = trial.daily_means[first:last]
            counts[rows, place] = trial.daily_counts[first:last]
    _refuse_impossible(means, counts)
    return means, counts, n_before


def _n_treated(trial: Trial) -> int:
    """Treatment days up to tonight, a stop or not."""
    return min(max(len(trial.daily_means) - trial.start, 0), policy.LONGEST_TRIAL_DAYS)


def _refuse_impossible(means: Floats, counts: Floats) -> None:
    if ((means < policy.NRS_MIN) | (means > policy.NRS_MAX)).any():
        raise ValueError("pain must lie on the scale")
    if not ((counts >= 1) == ~np.isnan(means)).all():
        raise ValueError("a day has a mean if and only if it has entries")
