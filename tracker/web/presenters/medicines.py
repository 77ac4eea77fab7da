"""Medicines as the pages show them. Counts are told as they are: no word about more or less."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
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


def medicines_today(patient: Patient, *, on: date, just_taken: str = "") -> MedicinesToday:
    """Each medicine in use, and what was taken of them on the day."""
    columns = ("pk", "uuid", "name", "dose")
    medicines = list(patient.medicines.in_use(on).order_by("name", "pk").values_list(*columns)[:MOST_ROWS])
    names = {pk: name for pk, _uuid, name, _dose in medicines}
    intakes = list(_intakes(patient, names, on)) if names else []
    n_taken = Counter(intake.medicine_id for intake in intakes)
    taken = [Taken(one.uuid, _named(names[one.medicine_id], one.dose), one.taken_at) for one in intakes]
    return MedicinesToday(
        choices=[Choice(uuid, _named(name, dose), n_taken[pk]) for pk, uuid, name, dose in medicines],
        taken=taken,
        new=next((one for one in taken if str(one.uuid) == just_taken), None),
    )


def _intakes(patient: Patient, medicines: Collection[int], on: date) -> Iterable[Intake]:
    return patient.intakes.filter(medicine__in=medicines, local_date=on).order_by("taken_at", "pk")[:MOST_ROWS]


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
