"""The mail that there is something new to read, queued for one person."""

from datetime import datetime

from tests.conftest import Person
from tracker.models import Occurrence
from tracker.services import reminders


def announce_advice(person: Person, *, at: datetime) -> Occurrence | None:
    return reminders.announce_advice(patients=[person.patient], at=at).get(person.patient.pk)
