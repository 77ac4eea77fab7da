"""What the record gives reason to ask at a visit."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from tracker.models import Appointment, Patient, Verdict
from tracker.services import advice, verdicts
from tracker.services.advice_words import words_of

MOST_ADVICE = 3  # open pieces that questions are taken from


def ideas(appointment: Appointment, *, on: date) -> list[str]:
    """Each once, without what is asked already; `on` is the patient's today."""
    asked = {one.text.strip() for one in appointment.questions.all()}
    return [text for text in dict.fromkeys(_ideas(appointment, on)) if text.strip() not in asked]


def _ideas(appointment: Appointment, on: date) -> Iterator[str]:
    patient, opinion = appointment.patient, appointment.opinion
    if opinion and opinion.question.strip():
        yield opinion.question
    for piece in advice.open_advice(patient, on=on)[:MOST_ADVICE]:
        yield from (str(words) for words in words_of(piece).ask)
    yield from _undecided(patient, on)
    if patient.diagnoses.exists():
        yield _("What else could explain the pain, and what would settle it?")


def _undecided(patient: Patient, on: date) -> Iterator[str]:
    under_way = patient.attempts.under_way(on).newest_first().select_related("treatment_type")
    for attempt in verdicts.with_latest_verdict(under_way):
        if attempt.latest_verdict is None or attempt.latest_verdict.outcome == Verdict.Outcome.CANT_TELL:
            yield _("What would settle whether %(name)s helps, and when will we look again?") % {"name": attempt.name}
