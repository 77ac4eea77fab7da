"""The morning moves as a treatment on trial: begun once, with the patient's say. Its sessions are its days: see
`adherences`."""

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q

from tracker.models import (
    ExerciseProgramme,
    Patient,
    Reminder,
    TreatmentAttempt,
    TreatmentType,
    User,
)
from tracker.services import exercises, treatments
from tracker.services.exercises import TREATMENT_TYPE
from tracker.services.locks import locked


def attempt_of(*, patient: Patient) -> TreatmentAttempt | None:
    """The newest one, stopped or not: begun here or on the page of treatments."""
    mine = patient.attempts.filter(treatment_type__key=TREATMENT_TYPE).select_related("treatment_type")
    return mine.newest_first().first()


@transaction.atomic
def decide(*, by: User, wants_verdict: bool, at: datetime, on: date, uuid: UUID | None = None) -> ExerciseProgramme:
    """Whether the moves shall be judged. With a yes they are a treatment from today on, unless they are one already."""
    patient = locked(by)
    programme = exercises.programme_of(patient=patient, on=on)
    programme.wants_verdict = wants_verdict
    programme.save(update_fields=["wants_verdict"])
    under_way = Q(stopped_on__isnull=True) | Q(stopped_on__gt=on)
    is_one = patient.attempts.filter(under_way, treatment_type__key=TREATMENT_TYPE).exists()
    if wants_verdict and not is_one:
        kind = TreatmentType.objects.get(key=TREATMENT_TYPE)
        said: dict[str, Any] = {"treatment_type": kind, "started_on": on, "days_a_week": planned_days(patient)}
        treatments.start(by=by, uuid=uuid or uuid4(), at=at, on=on, **said)
    return programme


def planned_days(patient: Patient) -> int | None:
    """On how many days of a week the patient is reminded; None for every day, also without a reminder."""
    reminder = patient.reminders.switched_on().filter(kind=Reminder.Kind.MORNING_MOVES).first()
    n = len(reminder.weekday_set) if reminder else 7
    return n if n < 7 else None
