from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from tracker.api.serializers.reminders import (
    AnswerSerializer,
    OccurrenceSerializer,
    ReminderChangeSerializer,
    ReminderSerializer,
    SendSerializer,
)
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import Occurrence, Reminder
from tracker.services import answers, medicines, outlook, reminders


class ReminderViewSet(PatientViewSet):
    """Standing wishes to be reminded."""

    queryset = Reminder.objects.none()

    def get_serializer_class(self) -> type[Serializer]:
        return ReminderChangeSerializer if self.action == "partial_update" else ReminderSerializer

    def get_queryset(self) -> QuerySet[Reminder]:
        return self.patient.reminders.select_related("medicine")

    def said(self, *, partial: bool = False) -> dict[str, Any]:
        said = super().said(partial=partial)
        if "weekday_set" in said:
            said["weekdays"] = said.pop("weekday_set")
        if "channel_set" in said:
            said["channels"] = ",".join(sorted(said.pop("channel_set")))
        if uuid := said.get("medicine"):
            said["medicine"] = self.patient.medicines.filter(uuid=uuid).first()
            if said["medicine"] is None:
                raise medicines.NoSuchMedicine
        return said

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
        rows = get_object_or_404(self.patient.reminders, uuid=self.kwargs["uuid"]).occurrences
        return rows.select_related("reminder")

    @extend_schema(request=AnswerSerializer, responses=OccurrenceSerializer)
    def answer(self, request: Request, uuid: UUID, local_date: str) -> Response:
        """Say done, later, not today, or a number, to the reminder of that day."""
        serializer = AnswerSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        action, said = serializer.validated_data.pop("action"), answers.Said(**serializer.validated_data)
        now, _today = self.now_and_today()
        row = answers.respond(
            by=request.user, occurrence=self.of_day(local_date), action=action, said=said, at=now, source="api"
        )
        return self.shown(row)

    def take_back(self, request: Request, uuid: UUID, local_date: str) -> Response:
        """Take the answer of that day back."""
        now, _today = self.now_and_today()
        return self.shown(answers.take_back(by=request.user, occurrence=self.of_day(local_date), at=now))

    def of_day(self, local_date: str) -> Occurrence:
        return get_object_or_404(self.get_queryset(), local_date=_day(local_date), appointment__isnull=True)


class SendViewSet(PatientViewSet):
    """What comes next of all reminders together, and what came of them."""

    queryset = Occurrence.objects.none()
    serializer_class = OccurrenceSerializer
    ordering = ("-local_date", "-due_at")

    def get_queryset(self) -> QuerySet[Occurrence]:
        now, _today = self.now_and_today()
        return outlook.history(patient=self.patient, at=now)

    @extend_schema(responses=SendSerializer(many=True))
    def upcoming(self, request: Request) -> Response:
        """The next 14 sends, by the rules that hold now: pauses, quiet hours, changes of the clock."""
        now, _today = self.now_and_today()
        sends = outlook.Outlook(patient=self.patient, at=now).upcoming()
        return Response(SendSerializer(sends, many=True).data)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
