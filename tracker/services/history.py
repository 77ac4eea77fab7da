"""The log of a patient as domain.history reads it. Pages and the API show these same numbers. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.domain import history
from tracker.domain.history import MIN_CELL_DAYS, Comparison, Named, Pattern
from tracker.models import Patient


@dataclass(frozen=True, kw_only=True)
class Patterns:
    weekdays: Pattern
    parts: Pattern


@dataclass(frozen=True, kw_only=True)
class Compared:
    """`days`: rows of domain.periods.Day that the comparison rests on."""

    days: Sequence[Sequence[Any]]
    comparison: Comparison


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What was said beside the number. `n_logged`: logged days. `numbers`: mean of daily means and days, by name."""

    n_logged: int
    numbers: dict[str, tuple[float, int]]
    triggers: list[Named]
    eased_by: list[Named]


def days(*, patient: Patient, first: date, last: date, site: str = "") -> Sequence[Sequence[Any]]:
    """Rows of domain.periods.Day, oldest first, overall or of one site."""
    entries = patient.pain_entries.between(first, last)
    return entries.by_day_at(site) if site else entries.by_day()


def patterns(*, patient: Patient, first: date, last: date, site: str = "") -> Patterns:
    moments = patient.pain_entries.between(first, last).by_hour(site)
    return Patterns(weekdays=history.weekdays(history.daily_means(moments)), parts=history.parts_of_day(moments))


def before_and_after(*, patient: Patient, on: date, weeks: int, today: date, site: str = "") -> Compared:
    first, last = history.days_around(on, weeks=weeks, today=today)
    rows = days(patient=patient, first=first, last=last, site=site)
    return Compared(days=rows, comparison=history.before_and_after(rows, on=on, weeks=weeks, today=today))


def beside(*, patient: Patient, first: date, last: date) -> Beside:
    entries = patient.pain_entries.between(first, last)
    said = list(entries.exclude(triggers=[], eased_by=[]).values_list("local_date", "triggers", "eased_by"))
    numbers = entries.beside()
    _pain, n_logged = numbers.pop("nrs")
    return Beside(
        n_logged=n_logged,
        numbers={name: (mean, n) for name, (mean, n) in numbers.items() if mean is not None and n >= MIN_CELL_DAYS},
        triggers=history.named((on, triggers) for on, triggers, _eased_by in said),
        eased_by=history.named((on, eased_by) for on, _triggers, eased_by in said),
    )
