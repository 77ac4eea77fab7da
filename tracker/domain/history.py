"""What a log says about its own days: by weekday, by time of day, before and after a date, and what was named beside.

Plain numbers of the standard library, because pages and the API work them out for each request. Nothing here says why:
each function tells what was logged, on how many days it rests, and holds back where that is too little.

Sources, by short name:
- IMMPACT: Dworkin 2008, consensus on how large a change in pain matters; the figures are those of trial_policy.
- SIMULATION: tests/domain/test_history_accuracy.py, logs without any pattern, made up with spells, flares, gaps, drift.
- RULING: decided in Ebb's design, no outside source, unreviewed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from math import sqrt
from statistics import NormalDist, fmean, quantiles, stdev
from typing import Any, NamedTuple

from tracker.domain import trial_policy as policy

# Patterns
LONGEST_DAYS = 2 * 366  # of a range that is searched; RULING: how weeks went longer ago says little of now
MIN_CELL_DAYS = 8  # logged days before the mean of a weekday or a time of day is shown; RULING
MIN_WEEKS = 8  # weeks with a comparison, before a difference is put into words; SIMULATION
MIN_CELLS = 2  # weekdays or times of day that can be set beside each other
NEIGHBOUR_DAYS = 3  # to either side: a weekday is set against the six days around it, so that spells cancel
MIN_NEIGHBOURS = 3  # of these days logged, at least one before and one after
N_LOOKS = 11  # seven weekdays and four times of day are looked at in one go
FALSE_ALARM = 0.05  # share of logs without a pattern in which one of the looks may be put into words
SMALLEST_SPREAD = 0.3  # points; answers are whole numbers, so a smaller spread of differences is not believed

# Before and after
SPAN_WEEKS = (2, 4, 8, 12)
MIN_SIDE_DAYS = 7  # logged days on either side; RULING: a week, so that no single flare makes the mean
BAD_DAY = 7  # points; severe pain on this scale, as elsewhere in Ebb

PART_HOURS = 6


class Part(StrEnum):
    """Of the day on the patient's own clock, six hours each, from midnight."""

    NIGHT = "night"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


PARTS = tuple(Part)


class Moment(NamedTuple):
    """One rating, as PainEntryQuerySet.by_hour gives it: the local day, and the hour (0 to 23) on the patient's clock."""

    local_date: date
    hour: int
    nrs: int


class Finding(StrEnum):
    TOO_LITTLE = "too_little"
    NO_CLEAR_PATTERN = "no_clear_pattern"
    PATTERN = "pattern"


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """One weekday or one part of the day.

    `mean`: points, of daily means; None where fewer than MIN_CELL_DAYS days are logged.
    `difference`: points above (below: negative) what it is set against, give or take `margin`; None where fewer than
    MIN_WEEKS weeks allow the comparison. `is_clear`: large enough to matter and unlikely to be chance.
    """

    n_days: int
    mean: float | None
    difference: float | None = None
    margin: float | None = None
    is_clear: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """Seven weekdays, Monday first, or four parts of the day."""

    cells: list[Cell]

    @property
    def finding(self) -> Finding:
        if any(cell.is_clear for cell in self.cells):
            return Finding.PATTERN
        if sum(cell.difference is not None for cell in self.cells) < MIN_CELLS:
            return Finding.TOO_LITTLE
        return Finding.NO_CLEAR_PATTERN


def smallest_that_matters(usual: float) -> float:
    """Points of a difference that matters to a patient whose usual pain is `usual` points (0 to 10). Source: IMMPACT."""
    return min(max(policy.MCID_SHARE * usual, policy.MCID_MIN), policy.MCID_MAX)


def daily_means(moments: Iterable[tuple[date, int, int]]) -> list[tuple[date, float]]:
    """The mean rating of each logged day, oldest first. `moments`: as Moment, in any order."""
    days: dict[date, list[int]] = {}
    for on, _hour, nrs in moments:
        days.setdefault(on, []).append(nrs)
    return sorted((on, sum(given) / len(given)) for on, given in days.items())


def weekdays(days: Sequence[tuple[date, float]]) -> Pattern:
    """How each weekday differs from the days around it. `days`: as daily_means.

    Each logged Monday is set against the mean of the days up to NEIGHBOUR_DAYS before and after it. Spells and slow
    changes lie on both sides alike and cancel; what remains are nearly independent differences, one a week.
    """
    means: list[list[float]] = [[] for _ in range(7)]
    differences: list[list[float]] = [[] for _ in range(7)]
    for on, mean, difference in _against_neighbours(days):
        means[on.weekday()].append(mean)
        if difference is not None:
            differences[on.weekday()].append(difference)
    return _pattern(means, differences, usual=_mean([mean for _on, mean in days]))


def parts_of_day(moments: Iterable[tuple[date, int, int]]) -> Pattern:
    """How each part of the day differs from the other parts of the same days. `moments`: as Moment, in any order.

    Only days with entries in two parts or more are compared, each with itself. The differences of a week are put
    together into one, because one evening leads to the next night.
    """
    ratings: dict[date, dict[int, list[int]]] = {}
    for on, hour, nrs in moments:
        ratings.setdefault(on, {}).setdefault(hour // PART_HOURS, []).append(nrs)
    means: list[list[float]] = [[] for _ in PARTS]
    weeks: list[dict[int, list[float]]] = [{} for _ in PARTS]
    usual = []
    for on, by_part in ratings.items():
        day = {part: sum(given) / len(given) for part, given in by_part.items()}
        total, others, week = sum(day.values()), len(day) - 1, _week(on)
        usual.append(total / len(day))
        for part, mean in day.items():
            means[part].append(mean)
            if others:
                weeks[part].setdefault(week, []).append(mean - (total - mean) / others)
    differences = [[_mean(given) for given in of_part.values()] for of_part in weeks]
    return _pattern(means, differences, usual=_mean(usual))


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """The days on one side of a date, `first` to `last`, as far as they have come.

    `mean`, `median` and `middle_half` (between which half of the days lie) are points, of daily means; None where
    fewer than MIN_SIDE_DAYS days are logged. `n_bad`: logged days that reached BAD_DAY at least once.
    """

    first: date
    last: date
    n_days: int
    n_logged: int
    n_bad: int
    mean: float | None = None
    median: float | None = None
    middle_half: tuple[float, float] | None = None

    @property
    def bad_share(self) -> float | None:
        return self.n_bad / self.n_logged if self.mean is not None else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """The days before and after a date. The date itself belongs to the days after."""

    before: Side
    after: Side

    @property
    def difference(self) -> float | None:
        """Points by which the mean after lies above the mean before; None where there is too little on either side."""
        if self.before.mean is None or self.after.mean is None:
            return None
        return self.after.mean - self.before.mean

    @property
    def matters(self) -> bool:
        """As large as a change that matters. It does not say that it is more than chance, and never why it is there."""
        if self.difference is None or self.before.mean is None:
            return False
        return abs(self.difference) >= smallest_that_matters(self.before.mean)


def days_around(on: date, *, weeks: int, today: date) -> tuple[date, date]:
    """The first day before `on`, and the last day after it as far as it has come."""
    return on - timedelta(days=7 * weeks), min(on + timedelta(days=7 * weeks - 1), today)


def before_and_after(days: Iterable[Sequence[Any]], *, on: date, weeks: int, today: date) -> Comparison:
    """`days`: rows as PainEntryQuerySet.by_day; those further from `on` than `weeks` are passed over. `on`: until today."""
    first, last = days_around(on, weeks=weeks, today=today)
    near = [day for day in days if first <= day[0] <= last]
    return Comparison(
        before=_side([day for day in near if day[0] < on], first, on - timedelta(days=1)),
        after=_side([day for day in near if day[0] >= on], on, last),
    )


def _side(days: Sequence[Sequence[Any]], first: date, last: date) -> Side:
    n_days, n_bad = (last - first).days + 1, sum(day[2] >= BAD_DAY for day in days)
    side = Side(first=first, last=last, n_days=n_days, n_logged=len(days), n_bad=n_bad)
    if len(days) < MIN_SIDE_DAYS:
        return side
    means = [day[3] for day in days]
    low, middle, high = quantiles(means, n=4, method="inclusive")
    return replace(side, mean=fmean(means), median=middle, middle_half=(low, high))


class Named(NamedTuple):
    """Something named beside the number, and on how many logged days."""

    key: str
    n_days: int


def named(rows: Iterable[tuple[date, Collection[str]]]) -> list[Named]:
    """What was named, most often first. `rows`: a local day and keys of domain.beside; a day counts once for each key."""
    by_day: dict[date, set[str]] = defaultdict(set)
    for on, keys in rows:
        by_day[on].update(keys)
    counted = Counter(key for keys in by_day.values() for key in keys)
    return [Named(key, n) for key, n in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]


def _against_neighbours(days: Sequence[tuple[date, float]]) -> Iterator[tuple[date, float, float | None]]:
    """Each logged day, its mean, and by how much that lies above the mean of the days around it, if enough are logged."""
    if not days:
        return
    reach, origin = NEIGHBOUR_DAYS, days[0][0].toordinal() - NEIGHBOUR_DAYS
    n_places = days[-1][0].toordinal() - origin + reach + 1
    values, logged = [0.0] * n_places, [0] * n_places
    for on, mean in days:
        values[on.toordinal() - origin], logged[on.toordinal() - origin] = mean, 1
    sums, counts = [0.0, *accumulate(values)], [0, *accumulate(logged)]
    for on, mean in days:
        here = on.toordinal() - origin
        before = counts[here] - counts[here - reach]
        after = counts[here + reach + 1] - counts[here + 1]
        if not before or not after or before + after < MIN_NEIGHBOURS:
            yield on, mean, None
            continue
        around = sums[here + reach + 1] - sums[here - reach] - mean
        yield on, mean, mean - around / (before + after)


def _week(on: date) -> int:
    """Weeks since the first Monday of year 1."""
    return (on.toordinal() - 1) // 7


def _mean(values: Collection[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _pattern(means: Sequence[Sequence[float]], differences: Sequence[Sequence[float]], *, usual: float) -> Pattern:
    matters = smallest_that_matters(usual)
    return Pattern(cells=[_cell(days, weekly, matters) for days, weekly in zip(means, differences, strict=True)])


def _cell(days: Sequence[float], weekly: Sequence[float], matters: float) -> Cell:
    """`days`: a mean (points) for each logged day. `weekly`: a difference for each week that allows the comparison."""
    if len(days) < MIN_CELL_DAYS:
        return Cell(n_days=len(days), mean=None)
    if len(weekly) < MIN_WEEKS:
        return Cell(n_days=len(days), mean=_mean(days))
    difference = _mean(weekly)
    margin = _quantile(len(weekly) - 1) * max(stdev(weekly), SMALLEST_SPREAD) / sqrt(len(weekly))
    is_clear = abs(difference) >= matters and abs(difference) > margin
    return Cell(n_days=len(days), mean=_mean(days), difference=difference, margin=margin, is_clear=is_clear)


def _quantile(degrees: int) -> float:
    """Of Student's t, two-sided, at FALSE_ALARM shared among N_LOOKS (Bonferroni). `degrees` of freedom, 7 or more.

    The expansion about the normal quantile (Abramowitz and Stegun 26.7.5); 0.5 % too small at 7, exact above 20.
    """
    z = NormalDist().inv_cdf(1 - FALSE_ALARM / N_LOOKS / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / degrees**power for power, term in enumerate(terms, start=1))
