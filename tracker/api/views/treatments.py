from collections.abc import Callable
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

from tracker.api.serializers.treatments import (
    AttemptSerializer,
    AttemptVerdictSerializer,
    BeginSerializer,
    DaySerializer,
    DiagnosisHistorySerializer,
    DiagnosisSerializer,
    DoseSerializer,
    FromDaySerializer,
    OverviewSerializer,
    PlanningSerializer,
    PlanSerializer,
    RestartSerializer,
    StopSerializer,
    TreatmentTypeSerializer,
    UndoSerializer,
    VerdictSerializer,
)
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import Diagnosis, TreatmentAttempt, TreatmentDay, TreatmentPlan, TreatmentType, Verdict
from tracker.services import said_so_far, said_so_far_words, treatment_days, treatment_plans, treatments, verdicts
from tracker.services.attempt_overview import Overview


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
        return said_so_far.diagnoses_of(self.patient)

    @makes_or_replaces(DiagnosisSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Keep what a clinician said. The same words of the same clinician stay one diagnosis, with its first uuid."""
        is_new = not self.get_queryset().filter(uuid=uuid).exists()
        diagnosis = treatments.note_diagnosis(by=request.user, uuid=uuid, **self.said())
        return self.shown(self.get_queryset().get(pk=diagnosis.pk), is_new=is_new and diagnosis.uuid == uuid)

    def destroy(self, request: Request, uuid: UUID) -> Response:
        """Delete what was put down by mistake. Treatments for it stay, and are for no diagnosis."""
        treatments.remove_diagnosis(by=request.user, diagnosis=self.get_object())
        return Response(status=204)


class DiagnosisHistoryView(PatientViewSet):
    """How what the pain is called came about, oldest step first."""

    queryset = Diagnosis.objects.none()
    serializer_class = DiagnosisHistorySerializer

    @extend_schema(responses=DiagnosisHistorySerializer)
    def steps(self, request: Request) -> Response:
        lines = [said_so_far_words.told(line) for line in said_so_far.history(self.patient)]
        return Response(DiagnosisHistorySerializer({"results": lines}).data)


class AttemptViewSet(PatientViewSet):
    """Treatments tried."""

    queryset = TreatmentAttempt.objects.none()
    serializer_class = AttemptSerializer
    ordering = ("-started_on",)

    def get_queryset(self) -> QuerySet[TreatmentAttempt]:
        attempts = self.patient.attempts.select_related("treatment_type", "diagnosis")
        attempts = attempts.prefetch_related("decided_at_visits")
        return verdicts.with_latest_verdict(said_so_far.with_diagnosis_outcome(attempts))

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

    @extend_schema(responses=UndoSerializer)
    def destroy(self, request: Request, uuid: UUID) -> Response:
        """Delete an attempt that was put down by mistake, with its verdicts and advice."""
        return Response({"undo": treatments.remove(by=request.user, attempt=self.get_object())})

    @extend_schema(request=UndoSerializer, responses=AttemptSerializer)
    def restore(self, request: Request) -> Response:
        """Take a deletion back, within ten minutes: the attempt is there afterwards, with its nights."""
        said = self.sent(UndoSerializer)
        return self._shown_again(treatments.restore(by=request.user, token=said["undo"]))

    @extend_schema(responses=OverviewSerializer)
    def overview(self, request: Request, uuid: UUID) -> Response:
        """All that the page of the attempt shows, in its words and numbers."""
        _, today = self.now_and_today()
        return Response(OverviewSerializer(Overview(attempt=self.get_object(), today=today)).data)

    @extend_schema(request=FromDaySerializer, responses=AttemptSerializer)
    def pause(self, request: Request, uuid: UUID) -> Response:
        """Note that it is not used from a day on. The days of a pause are not judged."""
        return self._from_day(treatment_days.pause)

    @extend_schema(request=FromDaySerializer, responses=AttemptSerializer)
    def resume(self, request: Request, uuid: UUID) -> Response:
        """Note that it is used again. After more than four weeks that is a new start."""
        return self._from_day(treatment_days.resume)

    @extend_schema(request=RestartSerializer, responses={201: AttemptSerializer})
    def restart(self, request: Request, uuid: UUID) -> Response:
        """Use a stopped treatment again: a new attempt, judged on its own."""
        return self._another(treatments.restart, RestartSerializer)

    @extend_schema(request=DoseSerializer, responses={201: AttemptSerializer})
    def dose(self, request: Request, uuid: UUID) -> Response:
        """Change the dose: this attempt stops, and a new one starts on the same day."""
        return self._another(treatments.change_dose, DoseSerializer)

    def _from_day(self, act: Callable[..., TreatmentAttempt]) -> Response:
        attempt, said = self.get_object(), self.sent(FromDaySerializer)
        now, today = self.now_and_today()
        return self._shown_again(act(by=self.request.user, attempt=attempt, at=now, on=today, **said))

    def _another(self, act: Callable[..., TreatmentAttempt], serializer: type[Serializer]) -> Response:
        attempt, said = self.get_object(), self.sent(serializer)
        now, today = self.now_and_today()
        new = act(by=self.request.user, attempt=attempt, at=now, on=today, **said)
        return self._shown_again(new, is_new=True)

    def _shown_again(self, attempt: TreatmentAttempt, *, is_new: bool = False) -> Response:
        return self.shown(self.get_queryset().get(pk=attempt.pk), is_new=is_new)

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


class AttemptDayViewSet(PatientViewSet):
    """What was said of single days of one attempt: done, or not done."""

    queryset = TreatmentDay.objects.none()
    serializer_class = DaySerializer
    lookup_field = "local_date"
    ordering = ("-local_date",)

    def get_queryset(self) -> QuerySet[TreatmentDay]:
        return self._attempt().days.all()

    def replace(self, request: Request, uuid: UUID, local_date: str) -> Response:
        """Say whether it was used on a day. The last word on a day holds."""
        attempt, said, (_, today) = self._attempt(), self.said(), self.now_and_today()
        is_done = said["state"] == TreatmentDay.State.DONE
        day = _day(local_date)
        return self.shown(treatment_days.note(by=request.user, attempt=attempt, day=day, is_done=is_done, on=today))

    def destroy(self, request: Request, uuid: UUID, local_date: str) -> Response:
        """Nothing is known of the day again."""
        treatment_days.forget(by=request.user, attempt=self._attempt(), day=_day(local_date))
        return Response(status=204)

    def _attempt(self) -> TreatmentAttempt:
        return get_object_or_404(self.patient.attempts, uuid=self.kwargs["uuid"])


class PlanView(PatientViewSet):
    """What to try next, and when nothing stands in its way."""

    queryset = TreatmentPlan.objects.none()
    serializer_class = PlanSerializer

    @extend_schema(responses=PlanningSerializer)
    def retrieve(self, request: Request) -> Response:
        """The plan, what is under way, and from when on a week of logging lies behind."""
        _, today = self.now_and_today()
        planning = {
            "plan": treatment_plans.plan_of(self.patient),
            "under_way": treatment_plans.under_way(self.patient, on=today),
            "baseline_ready_on": treatment_plans.baseline_ready_on(self.patient, on=today),
        }
        return Response(PlanningSerializer(planning).data)

    @extend_schema(request=PlanSerializer, responses=PlanSerializer)
    def replace(self, request: Request) -> Response:
        """Plan this next, in place of what was planned before."""
        said, (now, today) = self.said(), self.now_and_today()
        return self.shown(treatment_plans.put(by=request.user, at=now, on=today, **said))

    def destroy(self, request: Request) -> Response:
        """Drop the plan."""
        treatment_plans.drop(by=request.user)
        return Response(status=204)

    @extend_schema(request=BeginSerializer, responses={201: AttemptSerializer})
    def begin(self, request: Request) -> Response:
        """The plan becomes an attempt with its uuid. Sent twice, it is one attempt."""
        sent = BeginSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        now, today = self.now_and_today()
        attempt = treatment_plans.begin(by=request.user, at=now, on=today, **sent.validated_data)
        whole = verdicts.with_latest_verdict(self.patient.attempts.select_related("treatment_type", "diagnosis"))
        return Response(AttemptSerializer(whole.get(pk=attempt.pk), context=self.get_serializer_context()).data, 201)


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


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
