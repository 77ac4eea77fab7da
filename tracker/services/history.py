"""The log of a patient as domain.history reads it. Pages and the API show these same numbers. Nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tracker.domain import history
from tracker.domain.history import PARTS, Comparison, Moment, Pattern
from tracker.models import Patient


@dataclass(frozen=True, kw_only=True)
class Patterns:
    weekdays: Pattern
    parts: Pattern


def days(*, patient: Patient, first: date, last: date, site: str = "") -> list[Sequence[Any]]:
    """Rows of domain.periods.Day, oldest first, overall or of one site."""
    entries = patient.pain_entries.between(first, last)
    return entries.by_day_at(site) if site else entries.by_day()


def patterns(*, patient: Patient, first: date, last: date, site: str = "") -> Patterns:
    rated = patient.pain_entries.between(first, last).by_hour(site)
    return Patterns(
        weekdays=history.weekdays(days(patient=patient, first=first, last=last, site=site)),
        parts=history.parts_of_day(Moment(on, PARTS[hour // history.PART_HOURS], nrs) for on, hour, nrs in rated),
    )


def before_and_after(rows: Sequence[Sequence[Any]], *, on: date, weeks: int, today: date) -> Comparison:
    return history.before_and_after(rows, on=on, weeks=weeks, today=today)
