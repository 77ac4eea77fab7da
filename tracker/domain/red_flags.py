"""When an entry calls for the short alarm questions, and when they have been asked often enough.

An entry calls for them at NRS 7 or more, or at 3 or more above what was there before (evidence: ask at every log with
NRS >= 7 or a rise >= 3; what the rise is measured against is expert consensus, to be reviewed by a clinician):

- above the usual of the last two weeks, so that a slow climb in small steps counts. That is the median of the daily
  means of logged days before the entry's own day: one bad day does not move it;
- above the last rating, so that a sudden rise within hours counts, unless it leads from a good moment to no more than
  about the usual. Where there is no usual yet, the last rating alone decides.

Missing a rise is worse than asking once too often, and the week's rest keeps the asking rare.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, pairwise
from statistics import median
from uuid import UUID

HIGH_NRS = 7  # points
RISE = 3  # points
ABOVE_USUAL = 2  # points; a difference that matters to patients (Farrar 2001): a jump to less than that is no flare
FEWEST_USUAL_DAYS = 3  # logged days; fewer make no usual (as for a baseline)
USUAL_FROM = timedelta(days=14)
# Felt longer ago, an entry that arrives now says little about today.
FRESH_FOR = timedelta(hours=72)
# Not again within this time after the questions were answered or put off, unless the pain has risen since by RISE.
REST = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Felt:
    """A rating of the log. `is_brought`: it came with an imported file, and calls for nothing by itself."""

    uuid: UUID
    nrs: int
    felt_at: datetime
    local_date: date
    is_brought: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """The last time the questions were answered or put off, and the rating that they went with."""

    nrs: int
    at: datetime
    is_answered: bool


def usual(days: Iterable[tuple[date, float]], *, before: date) -> float | None:
    """The usual pain (0 to 10) on the day `before`, from (day, mean of its ratings); None with too few logged days."""
    means = [mean for day, mean in days if before - USUAL_FROM <= day < before]
    return median(means) if len(means) >= FEWEST_USUAL_DAYS else None


def is_fresh(felt_at: datetime, *, at: datetime) -> bool:
    """Whether what was felt then still calls for questions now."""
    return felt_at > at - FRESH_FOR


def can_be_raised(nrs: int) -> bool:
    """Below a rise from nothing, no rating ever calls for the questions."""
    return nrs >= RISE


def is_raised(nrs: int, *, before: int | None, usual_nrs: float | None) -> bool:
    """Whether a rating is high, or well above the usual or the last rating."""
    above = None if usual_nrs is None else nrs - usual_nrs
    if nrs >= HIGH_NRS or (above is not None and above >= RISE):
        return True
    has_jumped = before is not None and nrs - before >= RISE
    return has_jumped and (above is None or above >= ABOVE_USUAL)


def raised(felt: Iterable[Felt], *, at: datetime, usual_on: Callable[[date], float | None]) -> Iterator[Felt]:
    """The fresh ratings that call for the questions. `felt` comes newest first, and so does the answer.

    `usual_on` is asked only where the height alone does not decide, and as far as the answer is wanted.
    """
    for one, earlier in pairwise(chain(felt, [None])):
        if one is None or not is_fresh(one.felt_at, at=at):
            return
        if one.is_brought or not can_be_raised(one.nrs):
            continue
        before = earlier.nrs if earlier else None
        is_high = one.nrs >= HIGH_NRS
        if is_high or is_raised(one.nrs, before=before, usual_nrs=usual_on(one.local_date)):
            yield one


def asks_again(one: Felt, last: Screen | None) -> bool:
    """Whether a raised rating calls for the questions although they were answered or put off before."""
    if last is None:
        return True
    if last.is_answered and one.felt_at <= last.at:
        return False  # the answers are newer than the pain
    return one.felt_at >= last.at + REST or one.nrs - last.nrs >= RISE
