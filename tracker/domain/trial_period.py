"""Which days of a pain log may speak for one treatment while others come and go.

A day counts if the other treatments under way then are those that were under way when this one began. What began
within two weeks of it is judged together with it and marked, so it takes no day away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.domain import trial_policy as policy

Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """From the first day with a treatment to the first day without it again, None while it goes on. Days are numbers
    on any common count."""

    start: int
    stop: int | None = None

    def covers(self, day: int) -> bool:
        return self.start <= day and (self.stop is None or day < self.stop)


def counted(course: Course, others: Sequence[Course], *, first_day: int, n_days: int) -> Flags:
    """Whether each of the days from `first_day` on counts for `course`, shape (n_days,)."""
    days = np.arange(first_day, first_day + n_days)
    counts = np.ones(n_days, dtype=bool)
    for other in others:
        if abs(course.start - other.start) >= policy.MIXED_GAP_DAYS:
            counts &= _comparable(course, other, days)
    return counts


def _comparable(course: Course, other: Course, days: NDArray[np.integer]) -> Flags:
    """Days on which `other` was used, or not used, as on the day that `course` began."""
    if not other.covers(course.start):
        return (days < other.start) | (days >= (np.inf if other.stop is None else other.stop))
    # one treatment given up for the next: what follows is all there is to judge
    gives_way = other.stop is not None and other.stop - course.start < policy.MIXED_GAP_DAYS
    last = np.inf if other.stop is None or gives_way else other.stop
    return (days >= other.start) & (days < last)
