"""The one mail before a visit: an occurrence of the patient's reminder of the kind "appointment".

It stands in the queue from the moment the visit is noted, however far off, and may be sent until the visit starts.
"""

import uuid as uuids
from datetime import datetime
from zoneinfo import ZoneInfo

from tracker.domain import schedule, visits
from tracker.models import Appointment, Occurrence, Patient, Reminder

State = Occurrence.State
WAITING = (State.PENDING, State.CLAIMED)
TOLD = (State.STARTED, State.SENT)


def plan(*, appointment: Appointment, at: datetime) -> Occurrence | None:
    """Queue its mail; what waited for another time is put aside. None where there is nothing to be sent."""
    rows = Occurrence.objects.filter(appointment=appointment)
    rows.untouched(at).delete()
    unsent = {"state": State.SUPPRESSED, "because": "moved or cancelled", "lease_token": None, "lease_until": None}
    rows.filter(state__in=WAITING).update(**unsent)
    due_at = _due_at(appointment, at)
    if due_at is None or rows.filter(state__in=TOLD, window_ends_at=appointment.starts_at).exists():
        return None
    return _queue(appointment, due_at, at)


def _due_at(appointment: Appointment, at: datetime) -> datetime | None:
    """When to send it; None if nobody wants it or that time has passed."""
    if appointment.remind_before is None or appointment.cancelled_at is not None:
        return None
    patient, zone = appointment.patient, ZoneInfo(appointment.zone)
    wanted_at = visits.remind_at(starts_at=appointment.starts_at, minutes=appointment.remind_before, zone=zone)
    due_at = _before_quiet(patient, wanted_at)
    if due_at <= at:
        due_at = wanted_at
    return due_at if due_at > at else None


def _before_quiet(patient: Patient, wanted_at: datetime) -> datetime:
    if patient.quiet_from is None or patient.quiet_until is None:
        return wanted_at
    return visits.before_quiet(wanted_at, patient.quiet_from, patient.quiet_until, ZoneInfo(patient.zone))


def _queue(appointment: Appointment, due_at: datetime, at: datetime) -> Occurrence | None:
    """At most one on a local day for one visit: a row that came to nothing is used again, one that was sent is not."""
    patient = appointment.patient
    zone = ZoneInfo(patient.zone)
    reminder, _ = patient.reminders.get_or_create(
        kind=Reminder.Kind.APPOINTMENT,
        defaults={"uuid": uuids.uuid4(), "wall_time": schedule.MIDNIGHT, "changed_at": at},
    )
    day = schedule.local_date(due_at, zone)
    when = {"zone": zone.key, "due_at": due_at, "window_ends_at": appointment.starts_at}
    again = {"state": State.PENDING, "because": "", "message_id": "", "n_attempts": 0, "n_retries": 0}
    again |= {"told_by": "", "given_up": ""}
    today = Occurrence.objects.filter(appointment=appointment, local_date=day)
    if today.exists():
        n_queued = today.exclude(state__in=TOLD).update(**when, **again)
        return today.get() if n_queued else None
    return Occurrence.objects.create(reminder=reminder, appointment=appointment, local_date=day, **when)
