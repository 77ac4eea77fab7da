"""The morning moves of a patient: their stage, and what was done on which day."""

import uuid as uuids
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.dates import WEEKDAYS

from tracker.domain import pacing, schedule
from tracker.domain.errors import DomainError
from tracker.models import AuditEvent, ExerciseProgramme, ExerciseSession, Patient, User


class UnknownMove(DomainError):
    """Not one of the twelve moves."""


class SessionInFuture(DomainError):
    """That day has not come yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayDone:
    day: date
    is_done: bool
    is_today: bool

    @property
    def name(self) -> str:
        """The weekday."""
        return str(WEEKDAYS[self.day.weekday()])


def programme_of(*, patient: Patient, on: date) -> ExerciseProgramme:
    programme, _ = ExerciseProgramme.objects.get_or_create(patient=patient, defaults={"started_on": on})
    return programme


def is_done(*, patient: Patient, on: date) -> bool:
    return patient.exercise_sessions.filter(local_date=on).exists()


def week(*, patient: Patient, on: date) -> list[DayDone]:
    """The seven days that end with ``on``: a Monday does not wipe out what was done."""
    days = [on - timedelta(days=n) for n in reversed(range(7))]
    sessions = patient.exercise_sessions.filter(local_date__gte=days[0], local_date__lte=on).order_by()
    done = set(sessions.values_list("local_date", flat=True))
    return [DayDone(day=day, is_done=day in done, is_today=day == on) for day in days]


@transaction.atomic
def record(
    *,
    by: User,
    on: date,
    exercises_done: Collection[str],
    pain_during: int | None,
    at: datetime,
    uuid: uuids.UUID | None = None,
) -> ExerciseSession:
    """Write down a day's session, or complete the one that a mail's "done" began; then see whether the stage fits."""
    patient = by.patient
    if not pacing.MOVE_KEYS.issuperset(exercises_done):
        raise UnknownMove
    if on > schedule.local_date(at, ZoneInfo(patient.zone)):
        raise SessionInFuture
    session, _ = ExerciseSession.objects.update_or_create(
        patient=patient,
        local_date=on,
        defaults={
            "exercises_done": [move.key for move in pacing.MOVES if move.key in exercises_done],
            "pain_during": pain_during,
            "recorded_at": at,
        },
        create_defaults={
            "uuid": uuid or uuids.uuid4(),
            "exercises_done": [move.key for move in pacing.MOVES if move.key in exercises_done],
            "pain_during": pain_during,
            "recorded_at": at,
        },
    )
    _fit_stage(patient, on=on)
    AuditEvent.objects.create(actor=by, patient=patient, verb="recorded", subject=f"moves on {on}")
    return session


def note_done(*, patient: Patient, on: date, at: datetime) -> None:
    """A bare "done" from a mail: the day counts, the patient may say more later."""
    ExerciseSession.objects.get_or_create(
        patient=patient, local_date=on, defaults={"uuid": uuids.uuid4(), "recorded_at": at}
    )


def _fit_stage(patient: Patient, *, on: date) -> None:
    programme = programme_of(patient=patient, on=on)
    sessions = patient.exercise_sessions.order_by("local_date").values_list("local_date", "pain_during")
    programme.stage = pacing.stage_after(((day - programme.started_on).days, pain) for day, pain in sessions)
    programme.save(update_fields=["stage"])
