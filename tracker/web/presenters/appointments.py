"""Visits as pages show them: their time on the clocks there, and what could be asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from tracker.models import Appointment, Occurrence, Patient, Verdict
from tracker.services import advice, verdicts
from tracker.web.presenters.advice import advice_cards

SOON = timedelta(days=7)
LONGEST_VISIT = timedelta(hours=3)  # so long after its start a visit is still found on Today


@dataclass(frozen=True, kw_only=True)
class Visit:
    appointment: Appointment
    patient: Patient
    now: datetime

    @property
    def starts(self) -> datetime:
        """As the clocks there show it: without a zone, so that no page turns it into another."""
        return self.appointment.starts_at.astimezone(ZoneInfo(self.appointment.zone)).replace(tzinfo=None)

    @property
    def zone_told(self) -> str:
        """Named only where it is not the patient's own."""
        return self.appointment.zone if self.appointment.zone != self.patient.zone else ""

    @property
    def is_over(self) -> bool:
        return self.appointment.starts_at < self.now

    @property
    def told_at(self) -> datetime | None:
        """When the mail before it is sent, if one is queued."""
        waiting = self.appointment.mails.filter(state=Occurrence.State.PENDING, due_at__gt=self.now)
        reminder = {"reminder__is_active": True, "reminder__unsubscribed_at": None}
        return waiting.filter(**reminder).values_list("due_at", flat=True).first()


@dataclass(frozen=True, kw_only=True)
class VisitPage(Visit):
    today: date

    @cached_property
    def suggestions(self) -> list[str]:
        """What the record gives reason to ask, without what is asked already."""
        asked = {one.text.strip() for one in self.appointment.questions.all()}
        return [text for text in dict.fromkeys(self._suggested()) if text.strip() not in asked]

    def _suggested(self) -> Iterator[str]:
        opinion = self.appointment.opinion
        if opinion and opinion.question.strip():
            yield opinion.question
        for card in advice_cards(advice.open_advice(self.patient, on=self.today))[:3]:
            yield from (str(words) for words in card.words.ask)
        under_way = self.patient.attempts.under_way(self.today).newest_first().select_related("treatment_type")
        for attempt in verdicts.with_latest_verdict(under_way):
            if attempt.latest_verdict is None or attempt.latest_verdict.outcome == Verdict.Outcome.CANT_TELL:
                yield _("What would settle whether %(name)s helps, and when will we look again?") % {
                    "name": attempt.name
                }
        if self.patient.diagnoses.exists():
            yield _("What else could explain the pain, and what would settle it?")


@dataclass(frozen=True, kw_only=True)
class VisitList:
    patient: Patient
    now: datetime

    @cached_property
    def visits(self) -> list[Visit]:
        return [Visit(appointment=one, patient=self.patient, now=self.now) for one in self.patient.appointments.all()]

    @property
    def coming(self) -> list[Visit]:
        return [visit for visit in self.visits if not visit.is_over]

    @property
    def past(self) -> list[Visit]:
        return [visit for visit in reversed(self.visits) if visit.is_over]


def next_visit(patient: Patient, *, now: datetime) -> Visit | None:
    """The one that is on, or comes within a week."""
    soon = patient.appointments.upcoming(now - LONGEST_VISIT).filter(starts_at__lt=now + SOON).first()
    return Visit(appointment=soon, patient=patient, now=now) if soon else None
