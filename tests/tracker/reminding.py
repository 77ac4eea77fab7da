"""Reminders, and what becomes of them, for tests of one Monday in Berlin."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

from tracker.models import Occurrence, Patient, Reminder, User
from tracker.services import answers, delivery, reminders

MORNING = datetime(2026, 6, 1, 4, tzinfo=UTC)  # a Monday, six o'clock in Berlin
SEVEN = datetime(2026, 6, 1, 5, tzinfo=UTC)
EVENING = datetime(2026, 6, 1, 18, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TODAY = date(2026, 6, 1)


def wish(person, kind="morning_moves", wall_time=time(7), at=MORNING, **how):
    return reminders.create(by=person.user, kind=kind, wall_time=wall_time, at=at, **how)


def drain(at):
    return delivery.drain(clock=lambda: at)


def row_of(reminder, on=TODAY):
    return reminder.occurrences.get(local_date=on)


def state(reminder, on=TODAY):
    row = row_of(reminder, on)
    return row.state, row.because


def link(reminder, action, n_send=1):
    return answers.Link(occurrence_id=row_of(reminder).pk, action=action, n_send=n_send)


def due_medicine(*addresses: str, at: datetime):
    """A reminder that is due for each; the addresses go past the forms."""
    users = User.objects.bulk_create(User(email=address) for address in addresses)
    patients = Patient.objects.bulk_create(Patient(user=u, is_adult=True, consented_at=at) for u in users)
    wishes = Reminder.objects.bulk_create(
        Reminder(patient=p, uuid=uuid.uuid4(), kind="medicine", wall_time=time(7), changed_at=at) for p in patients
    )
    due = {"local_date": at.date(), "zone": "UTC", "due_at": at, "window_ends_at": at + timedelta(hours=6)}
    Occurrence.objects.bulk_create(Occurrence(reminder=wish, **due) for wish in wishes)
    return Occurrence.objects.filter(local_date=at.date())
