"""Times in which Ebb asks for less: a flare, a day in bed, a journey. None of them ever touches a medicine's own time."""

from datetime import datetime, timedelta

from django.db import transaction

from tracker.models import AuditEvent, Patient, User

# clinical.md §6: halve the amount for 48 hours, then return step by step.
FLARE = timedelta(hours=48)


@transaction.atomic
def begin_flare(*, by: User, at: datetime) -> Patient:
    """It is worse than usual, from now on for two days; said again, the two days begin again."""
    return _set_flare(by, until=at + FLARE, said="a flare")


@transaction.atomic
def end_flare(*, by: User) -> Patient:
    return _set_flare(by, until=None, said="the end of a flare")


def is_in_flare(*, patient: Patient, at: datetime) -> bool:
    return patient.flare_until is not None and at < patient.flare_until


def _set_flare(by: User, *, until: datetime | None, said: str) -> Patient:
    patient = by.patient
    patient.flare_until = until
    patient.save(update_fields=["flare_until"])
    AuditEvent.objects.create(actor=by, patient=patient, verb="said", subject=said)
    return patient
