"""Medicines as the pages show them. Counts are told as they are: no word about more or less."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from django.core.paginator import Page, Paginator

from tracker.models import Intake, Medicine, Patient

MOST_ROWS = 100
INTAKES_PER_PAGE = 50


class Choice(NamedTuple):
    """A medicine that one tap logs, and how often it was taken today."""

    uuid: UUID
    words: str
    n_today: int


class Taken(NamedTuple):
    """One intake of today."""

    uuid: UUID
    words: str
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class MedicinesToday:
    """What can be logged as taken, and what was; `new` is the intake that a tap has just made."""

    choices: list[Choice]
    taken: list[Taken]
    new: Taken | None


class _Row(NamedTuple):
    uuid: UUID
    name: str
    dose: str
    intake: UUID | None
    taken_dose: str | None
    taken_at: datetime | None


def medicines_today(patient: Patient, *, on: date, just_taken: str = "") -> MedicinesToday:
    """In one query: a row for each intake of the day, and one for each medicine in use that was not taken."""
    rows = patient.medicines.in_use(on).with_intakes(on).order_by("name", "id", "of_day__taken_at", "of_day__id")
    values = rows.values_list("uuid", "name", "dose", "of_day__uuid", "of_day__dose", "of_day__taken_at")[:MOST_ROWS]
    read = [_Row(*row) for row in values]
    taken = [
        Taken(row.intake, _named(row.name, row.taken_dose), row.taken_at) for row in read if row.intake and row.taken_at
    ]
    return MedicinesToday(
        choices=[_choice(list(group)) for _, group in groupby(read, key=lambda row: row.uuid)],
        taken=sorted(taken, key=lambda one: one.taken_at),
        new=next((one for one in taken if str(one.uuid) == just_taken), None),
    )


def _choice(rows: list[_Row]) -> Choice:
    first = rows[0]
    return Choice(first.uuid, _named(first.name, first.dose), sum(row.intake is not None for row in rows))


def _named(name: str, dose: str | None) -> str:
    return f"{name} {dose}".strip()


@dataclass(frozen=True, kw_only=True)
class MedicineList:
    """What is taken now or later, and what was."""

    current: list[Medicine]
    stopped: list[Medicine]


def medicine_list(patient: Patient, *, on: date) -> MedicineList:
    every = list(patient.medicines.order_by("name", "id"))
    stopped = [medicine for medicine in every if medicine.stopped_on and medicine.stopped_on <= on]
    return MedicineList(current=[medicine for medicine in every if medicine not in stopped], stopped=stopped)


def intakes_of(medicine: Medicine, number: str | None) -> Page:
    newest_first = medicine.intakes.order_by("-taken_at", "-id")
    return Paginator(newest_first, INTAKES_PER_PAGE).get_page(number)


def said_of(intake: Intake) -> str:
    return _named(intake.medicine.name, intake.dose)
