"""Medicines of a patient, and that one was taken: the only way in, from a form, the API, a shell.

Nothing here says how much to take. `stopped_on` is the first day without the medicine.
"""

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from tracker.domain import substances
from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.text import storable
from tracker.models import AuditEvent, Intake, Medicine, Patient, User
from tracker.services import advice
from tracker.services.accounts import known_zone
from tracker.services.locks import locked
from tracker.services.pain_log import CLOCK_SKEW, TAP_REPEAT

PLANNED_AHEAD = timedelta(days=366)
LENGTHS = {"name": 120, "dose": 120, "taken_for": 200}


class MedicineAlreadyThere(DomainError):
    """This uuid names another medicine of the same patient."""


class MedicineNameMissing(DomainError):
    """A medicine needs a name."""


class MedicineDayOutOfRange(DomainError):
    """Before the earliest day, or planned too far ahead."""


class MedicineStopsBeforeStart(DomainError):
    """A medicine cannot stop before it starts."""


class IntakeInFuture(DomainError):
    """A medicine cannot have been taken later than now."""


class IntakeTooOld(DomainError):
    """Before the earliest day that the record keeps."""


class NoSuchMedicine(DomainError):
    """The medicine is not on this patient's list."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """All that the patient says of a medicine."""

    name: str
    dose: str = ""
    is_as_needed: bool = True
    taken_for: str = ""
    started_on: date | None = None
    stopped_on: date | None = None

    @property
    def columns(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, kw_only=True)
class Dose:
    """One intake, as it is said: which medicine, how much, when and where."""

    medicine: Medicine
    taken_at: datetime
    dose: str
    zone: str

    @property
    def columns(self) -> dict[str, Any]:
        """The local day is worked out once, here, and stays with the intake."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return own | {"local_date": self.taken_at.astimezone(ZoneInfo(self.zone)).date()}


def content_of(medicine: Medicine) -> Content:
    return Content(**{field.name: getattr(medicine, field.name) for field in fields(Content)})


def dose_of(intake: Intake) -> Dose:
    return Dose(**{field.name: getattr(intake, field.name) for field in fields(Dose)})


@transaction.atomic
def add_medicine(*, by: User, uuid: UUID, at: datetime, on: date, **said: Any) -> Medicine:
    """Put a medicine on the list; `said` is what Content holds, `on` the patient's today. Sent again, it is the same."""
    patient = locked(by)
    content = _checked(Content(**said), on)
    earlier = patient.medicines.filter(uuid=uuid).first()
    if earlier is not None:
        if content_of(earlier) != content:
            raise MedicineAlreadyThere(uuid)
        return earlier
    medicine = Medicine.objects.create(patient=patient, uuid=uuid, changed_at=at, **content.columns)
    _audit(by, medicine, "added")
    return medicine


@transaction.atomic
def put_medicine(*, by: User, uuid: UUID, at: datetime, on: date, **said: Any) -> tuple[Medicine, bool]:
    """Make the medicine with this uuid hold exactly what is said: (medicine, whether it is new)."""
    earlier = locked(by).medicines.filter(uuid=uuid).first()
    if earlier is None:
        return add_medicine(by=by, uuid=uuid, at=at, on=on, **said), True
    return change_medicine(by=by, medicine=earlier, at=at, on=on, **Content(**said).columns), False


@transaction.atomic
def change_medicine(*, by: User, medicine: Medicine, at: datetime, on: date, **changes: Any) -> Medicine:
    """Change some of what is said of a medicine; what was taken keeps the dose that it was taken at."""
    current = locked(by).medicines.get(pk=medicine.pk)
    before = content_of(current)
    content = _checked(replace(before, **changes), on)
    if content == before:
        return current
    for name, value in content.columns.items():
        setattr(current, name, value)
    current.changed_at = at
    current.save(force_update=True)
    _audit(by, current, "changed")
    return current


def stop_medicine(*, by: User, medicine: Medicine, stopped_on: date, at: datetime, on: date) -> Medicine:
    """Note that a medicine is not taken any more, from this day on."""
    return change_medicine(by=by, medicine=medicine, at=at, on=on, stopped_on=stopped_on)


@transaction.atomic
def remove_medicine(*, by: User, medicine: Medicine) -> None:
    """Delete a medicine that was put down by mistake, with every intake of it."""
    current = locked(by).medicines.get(pk=medicine.pk)
    _audit(by, current, "deleted")
    current.delete()


@transaction.atomic
def take(*, by: User, uuid: UUID, medicine: Medicine, at: datetime, **said: Any) -> tuple[Intake, bool]:
    """Make the intake with this uuid hold what is said (taken_at, dose, zone): (intake, whether it is new).

    Without them it was now, at the usual dose, on the patient's clock; an earlier intake keeps its own.
    """
    patient = locked(by)
    earlier = patient.intakes.filter(uuid=uuid).select_related("medicine").first()
    usual: dict[str, Any] = {"taken_at": at, "dose": medicine.dose, "zone": patient.zone}
    if earlier is not None:
        kept = dose_of(earlier)
        usual = {"taken_at": kept.taken_at, "zone": kept.zone, "dose": kept.dose}
    dose = _checked_dose(Dose(medicine=medicine, **usual | said), patient, at)
    if earlier is None:
        taken = _write(by, patient, dose, uuid=uuid, at=at)
        if substances.is_nsaid(medicine.name):
            advice.look(patient=patient, at=at)  # two at once should not wait for the night
        return taken, True
    return _correct(by, earlier, dose), False


@transaction.atomic
def tap(*, by: User, uuid: UUID, medicine: Medicine, at: datetime) -> Intake:
    """One tap: the usual dose, now. The same tap sent twice is one intake; a page used again makes another."""
    patient = locked(by)
    earlier = patient.intakes.filter(uuid=uuid).select_related("medicine").first()
    if earlier and earlier.medicine == medicine and earlier.recorded_at > at - TAP_REPEAT:
        return earlier
    return take(by=by, uuid=uuid4() if earlier else uuid, medicine=medicine, at=at)[0]


@transaction.atomic
def untake(*, by: User, intake: Intake) -> None:
    """Take back that a medicine was taken. Taken back before, nothing happens."""
    current = locked(by).intakes.filter(pk=intake.pk).first()
    if current is not None:
        _audit(by, current, "deleted")
        current.delete()


def _checked(content: Content, on: date) -> Content:
    for name, longest in LENGTHS.items():
        storable(getattr(content, name), longest=longest)
    if not content.name.strip():
        raise MedicineNameMissing
    days = [day for day in (content.started_on, content.stopped_on) if day is not None]
    if not all(EARLIEST_DAY <= day <= on + PLANNED_AHEAD for day in days):
        raise MedicineDayOutOfRange
    if len(days) == 2 and days[1] < days[0]:
        raise MedicineStopsBeforeStart
    return content


def _checked_dose(dose: Dose, patient: Patient, at: datetime) -> Dose:
    if dose.medicine.patient_id != patient.pk:
        raise NoSuchMedicine
    storable(dose.dose, longest=LENGTHS["dose"])
    zone = ZoneInfo(known_zone(dose.zone))
    if dose.taken_at > at + CLOCK_SKEW:
        raise IntakeInFuture
    if dose.taken_at < datetime.combine(EARLIEST_DAY, datetime.min.time(), zone).astimezone(UTC):
        raise IntakeTooOld
    return replace(dose, taken_at=dose.taken_at.astimezone(UTC))


def _write(by: User, patient: Patient, dose: Dose, *, uuid: UUID, at: datetime) -> Intake:
    intake = Intake.objects.create(patient=patient, uuid=uuid, recorded_at=at, **dose.columns)
    _audit(by, intake, "added")
    return intake


def _correct(by: User, intake: Intake, dose: Dose) -> Intake:
    if dose_of(intake) == dose:
        return intake
    for name, value in dose.columns.items():
        setattr(intake, name, value)
    intake.log_import = None  # from now on it is the patient's own word: taking the import back leaves it
    intake.save(force_update=True)
    _audit(by, intake, "changed")
    return intake


def _audit(by: User, row: Medicine | Intake, verb: str) -> None:
    noun = "medicine" if isinstance(row, Medicine) else "intake"
    AuditEvent.objects.create(actor=by, patient_id=row.patient_id, verb=verb, subject=f"{noun} {row.uuid}")
