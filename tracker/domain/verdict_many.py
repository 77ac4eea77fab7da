"""Verdicts of very many attempts, from arrays to arrays."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.domain import trial_policy as policy
from tracker.domain.priors import COLD_START, Priors
from tracker.domain.state_space import Floats, Ints
from tracker.domain.verdict_block import BLOCK_SIZE, Block
from tracker.domain.verdict_rule import NO_OUTCOME, OUTCOMES, REASONS, Baseline

_OUTCOMES = np.array(OUTCOMES, dtype=object)
_REASONS = np.array([reason or "" for reason in REASONS], dtype=object)
_BASELINES = np.array([Baseline.NONE, Baseline.RECALLED, Baseline.LOGGED], dtype=object)

_FLOATS = ("change", "change_low", "change_high", "p_helped", "p_now", "p_reach", "p_worse", "before", "now", "mcid")
_COUNTS = ("days_passed", "days_logged", "days_logged_recently", "days_logged_lately")
_FAR = 10**6  # days; a start that is not known lies beyond every log


@dataclass(frozen=True, kw_only=True, eq=False)
class Verdicts:
    """Of N attempts: shape (N,) for the last night, (N, n_nights) for every night. Points are NRS points, 0 to 10.

    Of every night, column j is the night of treatment day j, the start day being 0, up to the last day of the input
    (policy.LONGEST_TRIAL_DAYS at most). An attempt with fewer nights than the longest keeps its last night's values
    in the columns that are left over; `n_nights` says how many are its own.
    """

    outcome: NDArray[np.object_]  # Outcome, which is a str: "working", "not_working", "worse", "cant_tell"
    reason: NDArray[np.object_]  # Reason, a str too, beside "cant_tell"; "" beside the other outcomes
    change: Floats  # likely change by that night, points, negative is lower pain
    change_low: Floats  # the most favourable end of the interval that holds policy.LIKELY_SHARE of the belief
    change_high: Floats
    p_helped: Floats  # chance, 0 to 1, of a drop of at least half of what matters by that night
    p_now: Floats  # chance of a drop that matters by that night
    p_reach: Floats  # chance that the full effect is a drop that matters
    p_worse: Floats  # chance that pain is at least policy.WORSE_POINTS higher than before
    before: Floats  # estimated usual level without the treatment, points
    now: Floats  # estimated usual level with it, that night
    mcid: Floats  # points; the smallest drop that matters at this level
    days_passed: Ints  # since the start, up to a stop; 0 while the start lies ahead
    days_logged: Ints  # logged treatment days
    days_logged_recently: Ints  # of them in the last policy.RECENT_WINDOW_DAYS
    days_logged_lately: Ints  # of them in the last policy.KEEP_WINDOW_DAYS
    baseline: NDArray[np.object_]  # (N,) Baseline, a str: "logged", "recalled", "none"
    baseline_days: Ints  # (N,) logged days before the start
    raw_baseline_mean: Floats  # (N,) plain mean of them, points, nan without any
    n_nights: Ints  # (N,) from the start day to the last night, both counted; 0 while the start lies ahead
    policy_version: str = policy.POLICY_VERSION


def judge_many(
    daily_mean: ArrayLike,
    n_entries: ArrayLike,
    start: ArrayLike,
    *,
    onset_days: ArrayLike = np.nan,
    trial_days: ArrayLike = policy.DEFAULT_TRIAL_DAYS,
    stop: ArrayLike | None = None,
    recalled: ArrayLike | None = None,
    previous: ArrayLike | None = None,
    every_night: bool = False,
    priors: Priors = COLD_START,
) -> Verdicts:
    """Verdicts of N attempts over D days: of the last day only, or of every night from the start.

    daily_mean: (N, D) mean pain of each local day, 0 to 10; nan where unlogged.
    n_entries: (N, D) entries of that day, 0 where unlogged. A day counts as logged where it has both.
    The others hold one value for each attempt, (N,), or one for all; nan is unknown:
    start: index of the first treatment day, on the same count of days. Negative if it lies before day 0, D or more
        if it lies ahead. Unknown is like ahead: no night is a treatment night, so nothing can be told.
    onset_days: days until the type's full effect is expected. trial_days: days of a fair trial, 28 if unknown.
    stop: index of the first day without the treatment again. Before the start: it was never taken.
    recalled: usual pain before as remembered, 0 to 10; read only where fewer than 3 days before the start are logged.
    previous: last night's outcome, "" for none. It is kept while its chance is near; of every night it is not read.

    Memory stays at some 100 MB beside input and result, however many attempts. Raises ValueError on pain off the
    scale, negative days, or shapes that do not go together.
    """
    means, counts = np.atleast_2d(np.asarray(daily_mean)), np.atleast_2d(np.asarray(n_entries))
    if means.shape != counts.shape or means.ndim != 2:
        raise ValueError("daily_mean and n_entries must be two tables of the same shape, attempts by days")
    asked = _Asked.of(means, counts, start, stop, onset_days, trial_days, recalled)
    result = _Result(asked, every_night=every_night)
    codes = _codes(previous, len(means))
    for rows in asked.blocks():
        block = asked.block(rows, priors)
        if every_night:
            result.keep_nights(rows, block)
        else:
            result.keep_last(rows, block, codes[rows])
    return result.verdicts(priors)


def _codes(previous: ArrayLike | None, n: int) -> Ints:
    if previous is None:
        return np.full(n, NO_OUTCOME, dtype=np.int8)
    names = np.broadcast_to(np.asarray(previous, dtype=object), n)
    return np.select([names == outcome for outcome in OUTCOMES], range(len(OUTCOMES)), NO_OUTCOME)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Asked:
    means: Floats  # (N, D)
    counts: Floats  # (N, D)
    start: Ints  # (N,)
    stop: Floats  # (N,) inf if it goes on
    onset_days: Floats
    trial_days: Floats
    recalled: Floats

    @classmethod
    def of(
        cls,
        means: Floats,
        counts: Floats,
        start: ArrayLike,
        stop: ArrayLike | None,
        onset_days: ArrayLike,
        trial_days: ArrayLike,
        recalled: ArrayLike | None,
    ) -> "_Asked":
        def column(values: ArrayLike | None, unknown: float = np.nan) -> Floats:
            filled = np.asarray(np.nan if values is None else values, dtype=float)
            return np.broadcast_to(np.where(np.isnan(filled), unknown, filled), len(means))

        onset, trial, remembered = column(onset_days), column(trial_days, policy.DEFAULT_TRIAL_DAYS), column(recalled)
        if (onset < 0).any() or (trial < 0).any():
            raise ValueError("an onset or a trial cannot be negative")
        if ((remembered < policy.NRS_MIN) | (remembered > policy.NRS_MAX)).any():
            raise ValueError("recalled pain must lie on the scale")
        return cls(
            means=means,
            counts=counts,
            start=np.floor(np.clip(column(start, _FAR), -_FAR, _FAR)).astype(int),
            stop=np.floor(column(stop, np.inf)),
            onset_days=onset,
            trial_days=trial,
            recalled=remembered,
        )

    @property
    def n_nights(self) -> Ints:
        return np.clip(self.means.shape[1] - self.start, 0, policy.LONGEST_TRIAL_DAYS)

    @property
    def n_before(self) -> Ints:
        return np.clip(np.minimum(self.start, self.means.shape[1]), 0, policy.HISTORY_DAYS)

    def blocks(self) -> Iterator[Ints]:
        """Rows to filter together: same onset axis, about the same length, so that little is padding."""
        order = np.lexsort((self.n_before, self.n_nights, np.isnan(self.onset_days)))
        n_known = int(np.isfinite(self.onset_days).sum())
        for part in (order[:n_known], order[n_known:]):
            yield from (part[at : at + BLOCK_SIZE] for at in range(0, len(part), BLOCK_SIZE))

    def block(self, rows: Ints, priors: Priors) -> Block:
        start, nights = self.start[rows], self.n_nights[rows]
        n_days, n_before = self.means.shape[1], int(self.n_before[rows].max())
        # a start ahead: its days end where the log does
        origin = np.minimum(start, n_days)
        days = np.arange(-n_before, int(nights.max()))[:, None] + origin
        # nothing is read from the padding on either side, nor of a longer history than the policy's
        inside = (days >= 0) & (days < n_days)
        days = np.clip(days, 0, max(n_days - 1, 0))
        if n_days:
            means, counts = self.means[rows, days].astype(float), self.counts[rows, days].astype(float)
        else:
            means, counts = np.full(days.shape, np.nan), np.zeros(days.shape)
        if ((means < policy.NRS_MIN) | (means > policy.NRS_MAX)).any():
            raise ValueError("pain must lie on the scale")
        logged = inside & np.isfinite(means) & (counts >= 1)
        return Block(
            means=np.where(logged, means, np.nan),
            counts=np.where(logged, counts, 0),
            n_before=n_before,
            tonight=nights - 1,
            stop=np.maximum(self.stop[rows] - start, 0),
            onset_days=self.onset_days[rows],
            trial_days=self.trial_days[rows],
            recalled=self.recalled[rows],
            priors=priors,
        )


class _Result:
    """Filled block by block, in any order of the attempts."""

    def __init__(self, asked: _Asked, *, every_night: bool) -> None:
        self.n_nights = asked.n_nights
        n = len(self.n_nights)
        self.width = max(int(self.n_nights.max(initial=0)), 1)
        shape = (n, self.width) if every_night else (n,)
        self.told: dict[str, Any] = {name: np.zeros(shape, np.float32) for name in _FLOATS}
        self.told |= {name: np.zeros(shape, np.int16) for name in _COUNTS}
        self.told |= {name: np.zeros(shape, np.int8) for name in ("outcome", "reason")}
        self.baseline = np.zeros(n, np.int8)
        self.baseline_days = np.zeros(n, np.int16)
        self.baseline_mean = np.zeros(n)

    def keep_last(self, rows: Ints, block: Block, previous: Ints) -> None:
        *_, state = block.nights()  # one object, changed in place: only the last night's is read
        numbers = block.numbers(state, block.tonight)
        numbers["outcome"], numbers["reason"] = block.decided(numbers, previous)
        for name, values in numbers.items():
            self.told[name][rows] = values
        self._keep_baseline(rows, block)

    def keep_nights(self, rows: Ints, block: Block) -> None:
        """Every night of a block; where an attempt is over, its last night stands on."""
        outcome = np.full(len(rows), NO_OUTCOME, dtype=np.int8)
        nights = {name: np.zeros((len(rows), self.width), column.dtype) for name, column in self.told.items()}
        n_nights = max(int(block.tonight.max()) + 1, 1)
        for night, state in enumerate(block.nights(), start=-1):
            at = max(night, 0)  # what was known before the start stands where no night has come yet
            numbers = block.numbers(state, np.full(len(rows), night))
            outcome, reason = block.decided(numbers, outcome)
            numbers |= {"outcome": outcome, "reason": reason}
            is_own = night <= block.tonight
            for name, values in numbers.items():
                nights[name][:, at] = np.where(is_own, values, nights[name][:, max(at - 1, 0)])
        for name, columns in nights.items():
            columns[:, n_nights:] = columns[:, n_nights - 1 : n_nights]
            self.told[name][rows] = columns
        self._keep_baseline(rows, block)

    def _keep_baseline(self, rows: Ints, block: Block) -> None:
        is_logged = block.baseline_days >= policy.MIN_BASELINE_DAYS
        self.baseline[rows] = np.where(is_logged, 2, block.has_baseline)
        self.baseline_days[rows] = block.baseline_days
        self.baseline_mean[rows] = np.round(block.baseline_mean, policy.POINTS_DECIMALS)

    def verdicts(self, priors: Priors) -> Verdicts:
        outcome, reason = self.told.pop("outcome"), self.told.pop("reason")
        return Verdicts(
            outcome=_OUTCOMES[outcome],
            reason=_REASONS[reason],
            baseline=_BASELINES[self.baseline],
            baseline_days=self.baseline_days,
            raw_baseline_mean=self.baseline_mean,
            n_nights=self.n_nights,
            policy_version=priors.version,
            **self.told,
        )
