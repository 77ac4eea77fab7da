"""Does a treatment work? Judged each night from the patient's own pain log, without looking too soon.

`judge` is for the nightly job (tonight only, yesterday's outcome handed in), `judge_every_night` recomputes one
attempt from its start after an edit; both give the same last outcome when nothing was edited. The numbers, with
their sources, are in `trial_policy`; the filter is in `state_space`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations, groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from tracker.domain import trial_policy as policy
from tracker.domain.priors import COLD_START, Priors
from tracker.domain.state_space import DTYPE, Days, Floats, Onset, State, nights

Ints = NDArray[np.integer]

# Attempts filtered together: large enough to hide NumPy's overhead, small enough for the arrays to stay in cache
BLOCK_SIZE = 512


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
    days_logged_lately: int  # of them in the last KEEP_WINDOW_DAYS
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


def judge(trials: Sequence[Trial], priors: Priors = COLD_START) -> list[Judgement]:
    """Tonight's judgement of each trial, in the same order. Raises ValueError on a log that cannot be."""
    judgements: dict[int, Judgement] = {}
    for indices in _blocks(trials):
        block = [trials[index] for index in indices]
        judgements.update(zip(indices, _judge_tonight(block, priors), strict=True))
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
        block = _Block([trials[index] for index in indices], priors)
        previous: list[Outcome | None] = [None] * len(indices)
        for night, state in enumerate(block.nights(), start=-1):
            if night < 0:
                continue  # before the first treatment day
            tonight = block.judgements(state, np.full(len(indices), night), previous)
            previous = [judgement.outcome for judgement in tonight]
            for index, last_night, judgement in zip(indices, block.tonight, tonight, strict=True):
                if night <= last_night:
                    judgements[index].append(judgement)
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
    days_logged_lately: int,
    trial_days: int,
    baseline: Baseline,
    before: float,
    previous: Outcome | None,
) -> tuple[Outcome, Reason | None]:
    """The rule, in its order: what is missing, then a clear outcome, then last night's if still near, then doubt.

    A gap in the log says nothing new, so an outcome already told outlasts a thin week.
    """
    reason = _missing(days_passed, days_logged, baseline)
    if reason is not None:
        return Outcome.CANT_TELL, reason

    is_fresh = days_logged_recently >= policy.MIN_RECENT_DAYS
    if is_fresh and p_helped >= policy.WORKING_HELPED and p_now >= policy.WORKING_REACHED:
        return Outcome.WORKING, None
    if is_fresh and p_worse >= policy.WORSE_CHANCE:
        return Outcome.WORSE, None
    if is_fresh and days_passed >= trial_days and p_reach <= policy.NOT_WORKING_REACH:
        return Outcome.NOT_WORKING, None

    margin = policy.KEEP_MARGIN
    is_near = {
        Outcome.WORKING: p_helped >= policy.WORKING_HELPED - margin and p_now >= policy.WORKING_REACHED - margin,
        Outcome.WORSE: p_worse >= policy.WORSE_CHANCE - margin,
        Outcome.NOT_WORKING: p_reach <= policy.NOT_WORKING_REACH + margin,
    }
    if previous is not None and is_near.get(previous, False) and days_logged_lately >= policy.MIN_RECENT_DAYS:
        return previous, None
    return Outcome.CANT_TELL, _doubt(days_passed, trial_days, before) if is_fresh else Reason.TOO_FEW_ENTRIES


def _missing(days_passed: int, days_logged: int, baseline: Baseline) -> Reason | None:
    if baseline is Baseline.NONE:
        return Reason.NO_BASELINE
    if days_passed < policy.FIRST_VERDICT_DAY:
        return Reason.TOO_EARLY
    return Reason.TOO_FEW_ENTRIES if days_logged < policy.MIN_TREATMENT_DAYS else None


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
        indices = tuple(group)
        yield from (indices[at : at + BLOCK_SIZE] for at in range(0, len(indices), BLOCK_SIZE))


def _judge_tonight(trials: Sequence[Trial], priors: Priors) -> list[Judgement]:
    block = _Block(trials, priors)
    *_, state = block.nights()  # one object, changed in place: only tonight's is read
    return block.judgements(state, block.tonight, [trial.previous for trial in trials])


class _Block:
    """B trials packed side by side, with their first treatment days in one row."""

    def __init__(self, trials: Sequence[Trial], priors: Priors) -> None:
        for trial in trials:
            _refuse_misshapen(trial)
        self.trials, self.priors = trials, priors
        self.tonight = np.array([_n_treated(trial) - 1 for trial in trials])
        self.stop = np.array([np.inf if trial.stop is None else max(trial.stop - trial.start, 0) for trial in trials])
        before, treated = _pack(trials)
        self.before, self.treated = Days.from_log(*before), Days.from_log(*treated)
        self.onset = _onset(trials, self.stop, priors)
        self.baseline_days = self.before.logged.sum(axis=0).astype(int)
        with np.errstate(invalid="ignore"):  # no logged day: nan, told as None
            self.baseline_mean = self.before.values.sum(axis=0, dtype=float) / self.baseline_days
        self.days_logged_until = np.cumsum(self.treated.logged, axis=0, dtype=int)

    def nights(self) -> Iterator[State]:
        recalled = [
            trial.recalled if trial.recalled is not None and logged < policy.MIN_BASELINE_DAYS else np.nan
            for trial, logged in zip(self.trials, self.baseline_days, strict=True)
        ]
        return nights(self.before, self.treated, self.onset, np.array(recalled), self.priors)

    def judgements(self, state: State, night: Ints, previous: Sequence[Outcome | None]) -> list[Judgement]:
        """`night`: (B,) treatment day that the state belongs to."""
        last_treated = np.minimum(night, self.stop - 1)
        numbers = {
            **_estimates(state, self.onset.share(last_treated)),
            "days_passed": np.maximum(np.minimum(night, self.stop), 0).astype(int),
            "days_logged": self._logged_until(last_treated),
            "days_logged_recently": self._logged_in_last(policy.RECENT_WINDOW_DAYS, last_treated),
            "days_logged_lately": self._logged_in_last(policy.KEEP_WINDOW_DAYS, last_treated),
            "baseline_days": self.baseline_days,
        }
        columns = [column.tolist() for column in numbers.values()]
        return [
            self._judgement(place, dict(zip(numbers, row, strict=True)), previous[place])
            for place, row in enumerate(zip(*columns, strict=True))
        ]

    def _logged_in_last(self, n_days: int, day: Floats) -> Ints:
        return self._logged_until(day) - self._logged_until(day - n_days)

    def _logged_until(self, day: Floats) -> Ints:
        """Logged treatment days up to and with `day`, (B,)."""
        if not len(self.days_logged_until):
            return np.zeros(len(self.trials), dtype=int)
        row = np.clip(day, 0, len(self.days_logged_until) - 1).astype(int)
        return np.where(day < 0, 0, self.days_logged_until[row, np.arange(len(self.trials))])

    def _judgement(self, place: int, numbers: dict[str, Any], previous: Outcome | None) -> Judgement:
        trial = self.trials[place]
        baseline = _baseline(numbers["baseline_days"], trial.recalled)
        outcome, reason = decide(
            p_helped=numbers["p_helped"],
            p_now=numbers["p_now"],
            p_reach=numbers["p_reach"],
            p_worse=numbers["p_worse"],
            days_passed=numbers["days_passed"],
            days_logged=numbers["days_logged"],
            days_logged_recently=numbers["days_logged_recently"],
            days_logged_lately=numbers["days_logged_lately"],
            trial_days=trial.trial_days,
            baseline=baseline,
            before=numbers["before"],
            previous=previous,
        )
        mean = round(float(self.baseline_mean[place]), policy.POINTS_DECIMALS) if numbers["baseline_days"] else None
        return Judgement(
            outcome=outcome,
            reason=reason,
            baseline=baseline,
            raw_baseline_mean=mean,
            policy_version=self.priors.version,
            **numbers,
        )


def _baseline(logged_days: int, recalled: float | None) -> Baseline:
    if logged_days >= policy.MIN_BASELINE_DAYS:
        return Baseline.LOGGED
    return Baseline.NONE if recalled is None else Baseline.RECALLED


def _refuse_misshapen(trial: Trial) -> None:
    means, counts = np.asarray(trial.daily_means), np.asarray(trial.daily_counts)
    if means.ndim != 1 or means.shape != counts.shape:
        raise ValueError("daily_means and daily_counts must be two rows of the same length")
    if trial.recalled is not None and not policy.NRS_MIN <= trial.recalled <= policy.NRS_MAX:
        raise ValueError("recalled pain must lie on the scale")
    if trial.onset_days is not None and trial.onset_days < 0:
        raise ValueError("an onset cannot be negative")


def _pack(trials: Sequence[Trial]) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Means (nan where unlogged) and counts, shape (n_days, B), before the start and from it on."""
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
    return (means[:n_before], counts[:n_before]), (means[n_before:], counts[n_before:])


def _n_treated(trial: Trial) -> int:
    """Treatment days up to tonight, a stop or not."""
    return min(max(len(trial.daily_means) - trial.start, 0), policy.LONGEST_TRIAL_DAYS)


def _refuse_impossible(means: Floats, counts: Floats) -> None:
    if ((means < policy.NRS_MIN) | (means > policy.NRS_MAX)).any():
        raise ValueError("pain must lie on the scale")
    if not ((counts >= 1) == ~np.isnan(means)).all():
        raise ValueError("a day has a mean if and only if it has entries")


def _onset(trials: Sequence[Trial], stop: Floats, priors: Priors) -> Onset:
    """All trials of a block know their type's onset, or none does."""
    onsets = [trial.onset_days for trial in trials if trial.onset_days is not None]
    if onsets:
        weights = np.array(priors.expected_onset_weights)
        days = np.outer(np.array(policy.EXPECTED_ONSET_FACTORS), np.array(onsets, dtype=float))
    else:
        weights = np.array(priors.onset_weights)
        days = np.repeat(np.array(policy.ONSET_DAYS)[:, None], len(trials), axis=1)
    return Onset(days=days, weights=weights, stop=stop)


def _estimates(state: State, felt: Floats) -> dict[str, Floats]:
    """What the filter says, (B,) each. `felt`: share of the full effect felt at each onset, (O, B)."""
    weights = state.weights()

    def mixed(values: Floats) -> Floats:
        return (weights * values).sum(axis=(0, 1), dtype=float)

    drop = felt * state.effect
    drop_variance = felt**2 * state.effect_effect
    before, change = mixed(state.level), -mixed(drop)
    spread = policy.LIKELY_Z * np.sqrt(np.maximum(mixed(drop_variance + drop**2) - change**2, 0))
    before_shown = np.clip(before, policy.NRS_MIN, policy.NRS_MAX)
    chances = {
        "p_helped": mixed(_chance_of_drop(state, felt, policy.HELPED_SHARE)),
        "p_now": mixed(_chance_of_drop(state, felt, 1.0)),
        "p_reach": mixed(_chance_of_drop(state, np.ones_like(felt), 1.0)),
        "p_worse": mixed(np.where(felt > 0, ndtr((-policy.WORSE_POINTS - drop) / _root(drop_variance)), 0)),
    }
    points = {
        "change": change,
        "change_low": change - spread,
        "change_high": change + spread,
        "before": before_shown,
        "now": np.clip(before + change, policy.NRS_MIN, policy.NRS_MAX),
        "mcid": np.clip(policy.MCID_SHARE * before_shown, policy.MCID_MIN, policy.MCID_MAX),
    }
    return {name: np.round(np.clip(chance, 0, 1), policy.CHANCE_DECIMALS) for name, chance in chances.items()} | {
        name: np.round(point, policy.POINTS_DECIMALS) for name, point in points.items()
    }


def _chance_of_drop(state: State, felt: Floats, share: float) -> Floats:
    """Chance at each grid point that the felt part of the effect is at least `share` of the MCID.

    The MCID follows the level between its limits, so that the difference of the two is normal there; beyond them it
    is constant.
    """
    follows = (state.level > policy.MCID_MIN / policy.MCID_SHARE) & (state.level < policy.MCID_MAX / policy.MCID_SHARE)
    slope = np.where(follows, share * policy.MCID_SHARE, 0).astype(DTYPE)
    limit = share * np.clip(policy.MCID_SHARE * state.level, policy.MCID_MIN, policy.MCID_MAX)
    excess_variance = (
        felt**2 * state.effect_effect - 2 * felt * slope * state.level_effect + slope**2 * state.level_level
    )
    return np.where(felt > 0, ndtr((felt * state.effect - limit) / _root(excess_variance)), 0)


def _root(variance: Floats) -> Floats:
    return np.sqrt(np.maximum(variance, 1e-9))
