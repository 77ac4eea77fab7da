from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from tracker.api.serializers.reminders import (
    OccurrenceSerializer,
    ReminderChangeSerializer,
    ReminderSerializer,
    SessionSerializer,
)
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import ExerciseSession, Occurrence, Reminder
from tracker.services import exercises, reminders


class ReminderViewSet(PatientViewSet):
    """Standing wishes to be reminded."""

    queryset = Reminder.objects.none()

    def get_serializer_class(self) -> type[Serializer]:
        return ReminderChangeSerializer if self.action == "partial_update" else ReminderSerializer

    def get_queryset(self) -> QuerySet[Reminder]:
        return self.patient.reminders.all()

    def said(self, *, partial: bool = False) -> dict[str, Any]:
        said = super().said(partial=partial)
        return said | ({"weekdays": said.pop("weekday_set")} if "weekday_set" in said else {})

    @makes_or_replaces(ReminderSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Make the reminder with this uuid hold exactly what the body says; sent twice, it is one reminder."""
        said = self.said()
        now, _ = self.now_and_today()
        reminder, is_new = reminders.put(by=request.user, uuid=uuid, at=now, **said)
        return self.shown(reminder, is_new=is_new)

    def partial_update(self, request: Request, uuid: UUID) -> Response:
        reminder, changes = self.get_object(), self.said(partial=True)
        now, _ = self.now_and_today()
        return self.shown(reminders.change(by=request.user, reminder=reminder, at=now, **changes))

    def destroy(self, request: Request, uuid: UUID) -> Response:
        reminders.remove(by=request.user, reminder=self.get_object())
        return Response(status=204)


class OccurrenceViewSet(PatientViewSet):
    """What became of a reminder on each local day."""

    queryset = Occurrence.objects.none()
    serializer_class = OccurrenceSerializer
    ordering = ("-local_date",)

    def get_queryset(self) -> QuerySet[Occurrence]:
        return get_object_or_404(self.patient.reminders, uuid=self.kwargs["uuid"]).occurrences.all()


class SessionViewSet(PatientViewSet):
    """Morning moves that were done: one session a local day, and the day is its key."""

    queryset = ExerciseSession.objects.none()
    serializer_class = SessionSerializer
    lookup_field = "local_date"
    ordering = ("-local_date",)

    def get_queryset(self) -> QuerySet[ExerciseSession]:
        return self.patient.exercise_sessions.all()

    @makes_or_replaces(SessionSerializer)
    def replace(self, request: Request, local_date: str) -> Response:
        """Write down what was done on that day; sent twice, it is one session."""
        day, said = _day(local_date), self.said()
        now, _ = self.now_and_today()
        is_new = not exercises.is_done(patient=self.patient, on=day)
        said = {"pain_during": None} | said
        session = exercises.record(by=request.user, on=day, at=now, **said)
        return self.shown(session, is_new=is_new)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
