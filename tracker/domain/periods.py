"""Logged days put together into weeks, months, quarters or years, as many as a picture or a table can hold."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any, NamedTuple


class Day(NamedTuple):
    """One logged local day, in the order of `PainEntryQuerySet.by_day`."""

    local_date: date
    low: int
    high: int
    mean: float
    n_entries: int


class Step(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


# Days in a step, for choosing one and for placing its bar
STEP_DAYS = {
    Step.DAY: 1,
    Step.WEEK: 7,
    Step.MONTH: 30.4,
    Step.QUARTER: 91.3,
    Step.YEAR: 365.25,
}

# In steps longer than a week "most days" leaves out the lowest and the highest tenth
TAIL_SHARE = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """What was logged in one step. `usual_low` to `usual_high` holds most days, `low` to `high` all of them."""

    starts_on: date
    ends_on: date
    low: int
    high: int
    usual_low: int
    usual_high: int
    mean: float  # mean of the daily means, so that a day with many entries counts once
    n_days: int
    n_entries: int


def step_for(n_days: int, *, at_most: int) -> Step:
    """The shortest step that cuts `n_days` into no more than `at_most` pieces; years if none does."""
    return next((step for step in Step if n_days / STEP_DAYS[step] <= at_most), Step.YEAR)


class LoggedDays:
    """The logged days of a range, oldest first, put together for each step once."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.rows = [*rows]
        self._known: dict[Step, list[Period]] = {}

    def by(self, step: Step) -> list[Period]:
        if step not in self._known:
            self._known[step] = periods(self.rows, step)
        return self._known[step]


def periods(days: Iterable[Sequence[Any]], step: Step) -> list[Period]:
    """One period for each step that has at least one logged day, oldest first. `days`: as by_day, oldest first."""
    if step is Step.DAY:
        return [_single(Day._make(day)) for day in days]
    return [_together(starts_on, step, list(group)) for starts_on, group in groupby(days, key=_STARTS[step])]


def _month(day: Sequence[Any]) -> date:
    return day[0].replace(day=1)


def _quarter(day: Sequence[Any]) -> date:
    on = day[0]
    return on.replace(month=on.month - (on.month - 1) % 3, day=1)


# The first day of the step that a row belongs to. Ten years are 3,650 rows, so rows stay plain tuples here.
_STARTS: dict[Step, Callable[[Sequence[Any]], date]] = {
    Step.WEEK: lambda day: day[0] - timedelta(days=day[0].weekday()),
    Step.MONTH: _month,
    Step.QUARTER: _quarter,
    Step.YEAR: lambda day: day[0].replace(month=1, day=1),
}


def _end(starts_on: date, step: Step) -> date:
    if step is Step.WEEK:
        return starts_on + timedelta(days=6)
    months = {Step.MONTH: 1, Step.QUARTER: 3, Step.YEAR: 12}[step]
    last_month = starts_on.month + months - 1
    following = date(starts_on.year + last_month // 12, last_month % 12 + 1, 1)
    return following - timedelta(days=1)


def _single(day: Day) -> Period:
    return Period(
        starts_on=day.local_date,
        ends_on=day.local_date,
        low=day.low,
        high=day.high,
        usual_low=day.low,
        usual_high=day.high,
        mean=day.mean,
        n_days=1,
        n_entries=day.n_entries,
    )


def _together(starts_on: date, step: Step, group: Sequence[Sequence[Any]]) -> Period:
    _days, all_lows, all_highs, means, n_entries = zip(*group, strict=True)
    lows, highs = sorted(all_lows), sorted(all_highs)
    tail = 0 if step is Step.WEEK else int(len(group) * TAIL_SHARE)
    return Period(
        starts_on=starts_on,
        ends_on=_end(starts_on, step),
        low=lows[0],
        high=highs[-1],
        usual_low=lows[tail],
        usual_high=highs[-1 - tail],
        mean=sum(means) / len(means),
        n_days=len(group),
        n_entries=sum(n_entries),
    )
