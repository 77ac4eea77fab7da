from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.serializers.treatments import (
    AdviceSerializer,
    AttemptSerializer,
    AttemptVerdictSerializer,
    DiagnosisSerializer,
    StopSerializer,
    TreatmentTypeSerializer,
    VerdictSerializer,
)
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import Advice, Diagnosis, TreatmentAttempt, TreatmentType, Verdict
from tracker.services import treatments, verdicts


class TreatmentTypeViewSet(PatientViewSet):
    """Kinds of treatment, the same for everybody."""

    serializer_class = TreatmentTypeSerializer
    pagination_class = None
    queryset = TreatmentType.objects.all()

    def list(self, request: Request) -> Response:
        return Response(self.get_serializer(self.get_queryset(), many=True).data)


class DiagnosisViewSet(PatientViewSet):
    """What clinicians said."""

    queryset = Diagnosis.objects.none()
    serializer_class = DiagnosisSerializer

    def get_queryset(self) -> QuerySet[Diagnosis]:
        return self.patient.diagnoses.all()

    @makes_or_replaces(DiagnosisSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Keep what a clinician said. The same words of the same clinician stay one diagnosis, with its first uuid."""
        is_new = not self.get_queryset().filter(uuid=uuid).exists()
        diagnosis = treatments.note_diagnosis(by=request.user, uuid=uuid, **self.said())
        return self.shown(diagnosis, is_new=is_new and diagnosis.uuid == uuid)


class AttemptViewSet(PatientViewSet):
    """Treatments tried."""

    queryset = TreatmentAttempt.objects.none()
    serializer_class = AttemptSerializer
    ordering = ("-started_on",)

    def get_queryset(self) -> QuerySet[TreatmentAttempt]:
        attempts = self.patient.attempts.select_related("treatment_type", "diagnosis")
        return verdicts.with_latest_verdict(attempts)

    @makes_or_replaces(AttemptSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Make the attempt with this uuid hold exactly what the body says; sent twice, it is one attempt."""
        said = self.said()
        now, today = self.now_and_today()
        _, is_new = treatments.put(by=request.user, uuid=uuid, at=now, on=today, **said)
        return self.shown(self.get_object(), is_new=is_new)

    def partial_update(self, request: Request, uuid: UUID) -> Response:
        attempt, changes = self.get_object(), self.said(partial=True)
        now, today = self.now_and_today()
        treatments.change(by=request.user, attempt=attempt, at=now, on=today, **changes)
        return self.shown(self.get_object())

    def destroy(self, request: Request, uuid: UUID) -> Response:
        """Delete an attempt that was put down by mistake, with its verdicts and advice."""
        treatments.remove(by=request.user, attempt=self.get_object())
        return Response(status=204)

    @extend_schema(request=StopSerializer, responses=AttemptSerializer)
    def stop(self, request: Request, uuid: UUID) -> Response:
        """Stop an attempt that is under way. A stopped attempt stays stopped."""
        attempt, serializer = self.get_object(), StopSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        said: dict[str, Any] = dict(serializer.validated_data)
        now, today = self.now_and_today()
        reason = said.pop("stop_reason")
        treatments.stop(by=request.user, attempt=attempt, reason=reason, at=now, on=today, **said)
        return self.shown(self.get_object())


class AttemptVerdictViewSet(PatientViewSet):
    """What each night said of one attempt."""

    queryset = Verdict.objects.none()
    serializer_class = VerdictSerializer
    ordering = ("-as_of",)

    def get_queryset(self) -> QuerySet[Verdict]:
        attempts = self.patient.attempts.select_related("treatment_type")
        return get_object_or_404(attempts, uuid=self.kwargs["uuid"]).verdicts.all()


class VerdictViewSet(PatientViewSet):
    """What the nights said of all attempts."""

    queryset = Verdict.objects.none()
    serializer_class = AttemptVerdictSerializer
    ordering = ("-as_of",)

    def get_queryset(self) -> QuerySet[Verdict]:
        return verdicts.verdicts_of(self.patient)


class AdviceViewSet(PatientViewSet):
    """What Ebb suggests, with what the patient did about it."""

    queryset = Advice.objects.none()
    serializer_class = AdviceSerializer
    lookup_field = "pk"
    ordering = ("-created_at",)

    def get_queryset(self) -> QuerySet[Advice]:
        return verdicts.advice_of(self.patient).prefetch_related("verdict__attempt__treatment_type")

    def partial_update(self, request: Request, pk: int) -> Response:
        """Note what the patient did with a piece of advice."""
        advice, said = self.get_object(), self.said()
        now, _ = self.now_and_today()
        return self.shown(verdicts.respond_to_advice(by=request.user, advice=advice, state=said["state"], at=now))
