"""Reminders that are due, for tests of what becomes of them."""

import uuid
from datetime import datetime, time, timedelta

from tracker.models import Occurrence, Patient, Reminder, User


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
