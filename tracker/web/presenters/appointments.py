"""Visits as pages show them: their time on the clocks there, and what could be asked."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator

from tracker.models import Appointment, Occurrence, Patient, TreatmentPlan
from tracker.services import visit_ideas

SOON = timedelta(days=7)
PAST_ON_A_PAGE = 20
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
    def plan(self) -> TreatmentPlan | None:
        """What was decided there and waits to be begun."""
        return self.appointment.plans.select_related("treatment_type").first()

    @cached_property
    def suggestions(self) -> list[str]:
        return visit_ideas.ideas(self.appointment, on=self.today)


@dataclass(frozen=True, kw_only=True)
class VisitList:
    patient: Patient
    now: datetime
    page: str | None = None  # of those behind, as the address says

    @cached_property
    def coming(self) -> list[Visit]:
        coming = self.patient.appointments.filter(starts_at__gte=self.now)
        return [self._visit(one) for one in coming.order_by("starts_at", "id")]

    @cached_property
    def past(self) -> Page:
        """The newest first."""
        past = self.patient.appointments.filter(starts_at__lt=self.now).order_by("-starts_at", "-id")
        return Paginator(past, PAST_ON_A_PAGE).get_page(self.page)

    @property
    def visits_behind(self) -> list[Visit]:
        return [self._visit(one) for one in self.past]

    def _visit(self, appointment: Appointment) -> Visit:
        return Visit(appointment=appointment, patient=self.patient, now=self.now)


def next_visit(patient: Patient, *, now: datetime) -> Visit | None:
    """The one that is on, or comes within a week."""
    soon = patient.appointments.upcoming(now - LONGEST_VISIT).filter(starts_at__lt=now + SOON).first()
    return Visit(appointment=soon, patient=patient, now=now) if soon else None
