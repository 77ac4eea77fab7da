"""Logged days put together into weeks, months, quarters or years, as many as a picture or a table can hold."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from operator import itemgetter, mul
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

# The trend: each point leans on its neighbours this many steps to either side
REACH = {Step.DAY: 7, Step.WEEK: 3, Step.MONTH: 2, Step.QUARTER: 2, Step.YEAR: 1}
GAP_DAYS = 14  # a longer silence breaks the line

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


class TrendPoint(NamedTuple):
    period: Period
    nrs: float


def step_for(n_days: int, *, at_most: int) -> Step:
    """The shortest step that cuts `n_days` into no more than `at_most` pieces; years if none does."""
    return next((step for step in Step if n_days / STEP_DAYS[step] <= at_most), Step.YEAR)


class LoggedDays:
    """The logged days of a range, oldest first, put together for each step once."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.rows = [*rows]
        self._known: dict[Step, list[Period]] = {}
        self._trends: dict[tuple[Step, date | None], list[list[TrendPoint]]] = {}

    def by(self, step: Step) -> list[Period]:
        if step not in self._known:
            self._known[step] = periods(self.rows, step)
        return self._known[step]

    def trend(self, step: Step, *, mark: date | None = None) -> list[list[TrendPoint]]:
        """The smoothed course in unbroken pieces; it does not run across a long silence, nor across the mark."""
        if (step, mark) not in self._trends:
            self._trends[step, mark] = [_smoothed(run, step) for run in _runs(self.by(step), step, mark)]
        return self._trends[step, mark]


def periods(days: Iterable[Sequence[Any]], step: Step) -> list[Period]:
    """One period for each step that has at least one logged day, oldest first. `days`: as by_day, oldest first."""
    if step is Step.DAY:
        return [_single(Day._make(day)) for day in days]
    return [_together(starts_on, ends_on, step, group) for starts_on, ends_on, group in _cut([*days], step)]


def _cut(days: Sequence[Sequence[Any]], step: Step) -> Iterator[tuple[date, date, Sequence[Sequence[Any]]]]:
    """The days of each step. Ten years are 3,650 rows, so the ends are looked up and the rows stay plain tuples."""
    here = 0
    while here < len(days):
        starts_on = start_of(days[here][0], step)
        ends_on = end_of(starts_on, step)
        following = bisect_right(days, ends_on, lo=here, key=itemgetter(0))
        yield starts_on, ends_on, days[here:following]
        here = following


def start_of(on: date, step: Step) -> date:
    """The first day of the step that a day belongs to."""
    match step:
        case Step.DAY:
            return on
        case Step.WEEK:
            return on - timedelta(days=on.weekday())
        case Step.MONTH:
            return on.replace(day=1)
        case Step.QUARTER:
            return on.replace(month=on.month - (on.month - 1) % 3, day=1)
    return on.replace(month=1, day=1)


def end_of(starts_on: date, step: Step) -> date:
    if step is Step.DAY:
        return starts_on
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


def _together(starts_on: date, ends_on: date, step: Step, group: Sequence[Sequence[Any]]) -> Period:
    _days, all_lows, all_highs, means, n_entries = zip(*group, strict=True)
    lows, highs = sorted(all_lows), sorted(all_highs)
    tail = 0 if step is Step.WEEK else int(len(group) * TAIL_SHARE)
    return Period(
        starts_on=starts_on,
        ends_on=ends_on,
        low=lows[0],
        high=highs[-1],
        usual_low=lows[tail],
        usual_high=highs[-1 - tail],
        mean=sum(means) / len(means),
        n_days=len(group),
        n_entries=sum(n_entries),
    )


def _runs(logged: Sequence[Period], step: Step, mark: date | None) -> list[list[Period]]:
    """Periods without a long silence between them, cut at the mark."""
    longest = max(GAP_DAYS, 2 * STEP_DAYS[step])
    runs = [[period] for period in logged[:1]]
    for before, period in pairwise(logged):
        is_apart = (period.starts_on - before.ends_on).days > longest
        is_across = mark is not None and before.starts_on < mark <= period.starts_on
        if is_apart or is_across:
            runs.append([])
        runs[-1].append(period)
    return runs


def _smoothed(run: Sequence[Period], step: Step) -> list[TrendPoint]:
    """A weighted mean around each period: its neighbours count less the farther they are, logged days count alike."""
    reach = REACH[step] + 1
    places = [period.starts_on.toordinal() / STEP_DAYS[step] for period in run]
    n_days, means = [period.n_days for period in run], [period.mean for period in run]
    points, first, end = [], 0, 0
    for period, place in zip(run, places, strict=True):
        while places[first] <= place - reach:
            first += 1
        while end < len(places) and places[end] < place + reach:
            end += 1
        near = slice(first, end)
        weights = [n * (reach - abs(other - place)) for other, n in zip(places[near], n_days[near], strict=True)]
        points.append(TrendPoint(period, sum(map(mul, weights, means[near])) / sum(weights)))
    return points
