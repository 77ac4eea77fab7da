"""Whether a treatment was used as planned, from what was said of its days. Of a day of which nothing was said nothing
is known: it counts neither for nor against.

Where nothing was said, a log that is kept anyway may know: medicines taken, morning moves done. It speaks for the weeks
in which it was kept, and not at all where it holds only a few days.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

FAIR_SHARE = 0.70  # of the planned days; clinical reference of the design, marked for review
MIN_DAYS_SAID = 5  # days of which something was said, before it is spoken of; RULING, unreviewed
WEEK = 7


@dataclass(frozen=True, kw_only=True)
class Adherence:
    n_done: int
    n_planned: int  # of the days of which something was said
    n_said: int
    is_from_log: bool = False  # worked out of a log of medicines or moves, and not said of the treatment

    @property
    def is_known(self) -> bool:
        return self.n_said >= MIN_DAYS_SAID

    @property
    def share(self) -> float | None:
        """None where too little was said. More often than planned is as planned."""
        return min(self.n_done / self.n_planned, 1.0) if self.is_known else None

    @property
    def is_unfair(self) -> bool:
        """Known to be used too little to be judged fairly."""
        return self.share is not None and self.share < FAIR_SHARE


def adherence(*, n_done: int, n_missed: int, days_a_week: int | None, is_from_log: bool = False) -> Adherence:
    """`days_a_week`: how often it is planned, None for every day."""
    n_said = n_done + n_missed
    n_planned = max(ceil(n_said * (days_a_week or WEEK) / WEEK), 1)
    return Adherence(n_done=n_done, n_planned=n_planned, n_said=n_said, is_from_log=is_from_log)


def adherence_from_log(
    noted: Collection[date], *, first: date, until: date, paused: Collection[date] = (), days_a_week: int | None
) -> Adherence | None:
    """From the days on which a log notes a use, `first` the first day of the treatment and `until` the first that does
    not count any more. None where the log holds too few of them to have been kept.

    Weeks are counted from the first day; a week without any note was not logged, and nothing is known of it.
    """
    used = {day for day in noted if first <= day < until}.difference(paused)
    if len(used) < MIN_DAYS_SAID:
        return None
    kept = {(day - first).days // WEEK for day in used}
    days = {first + timedelta(days=n) for n in range((until - first).days) if n // WEEK in kept}.difference(paused)
    return adherence(n_done=len(used), n_missed=len(days - used), days_a_week=days_a_week, is_from_log=True)
