"""The mail that there is something new to read, queued for one person; and such a thing."""

from datetime import datetime
from uuid import uuid4

from tests.conftest import Person
from tracker.models import Occurrence, TreatmentType, Verdict
from tracker.services import reminders, treatments


def announce_advice(person: Person, *, at: datetime) -> Occurrence | None:
    return reminders.announce_advice(patients=[person.patient], at=at).get(person.patient.pk)


def advise_twice(person: Person, *, at: datetime) -> None:
    """Two pieces of advice about a treatment begun today."""
    heat, today = TreatmentType.objects.get(key="heat"), at.date()
    said = {"treatment_type": heat, "started_on": today}
    tried = treatments.start(by=person.user, uuid=uuid4(), at=at, on=today, **said)
    figures = {"days_passed": 9, "days_logged": 9, "baseline_days": 9, "outcome": "cant_tell"}
    verdict = Verdict.objects.create(attempt=tried, as_of=today, computed_at=at, **figures)
    for kind in ("not_working", "second_opinion"):
        told = {"patient": person.patient, "kind": kind, "evidence": kind}
        verdict.advice.create(attempt=tried, created_at=at, changed_at=at, **told)
