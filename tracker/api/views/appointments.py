from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.serializers.appointments import AppointmentSerializer, IdeasSerializer, VisitQuestionsSerializer
from tracker.api.serializers.treatments import AttemptSerializer
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import Appointment
from tracker.services import appointments, visit_ideas
from tracker.services.calendar_files import CALENDAR_TYPE, FILE_NAME, calendar_file


class AppointmentViewSet(PatientViewSet):
    """Visits to clinicians: when and why, what to ask, what was answered and decided."""

    queryset = Appointment.objects.none()
    serializer_class = AppointmentSerializer
    ordering = ("-starts_at",)

    def get_queryset(self) -> QuerySet[Appointment]:
        related = self.patient.appointments.select_related("patient", "opinion", "next_attempt")
        return related.prefetch_related("questions")

    @makes_or_replaces(AppointmentSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Make the appointment with this uuid say exactly what the body says; sent twice, it is one."""
        said, (now, _) = self.said(), self.now_and_today()
        appointment, is_new = appointments.put(by=request.user, uuid=uuid, at=now, **said)
        return self.shown(appointment, is_new=is_new)

    def partial_update(self, request: Request, uuid: UUID) -> Response:
        appointment, changes, (now, _) = self.get_object(), self.said(partial=True), self.now_and_today()
        return self.shown(appointments.change(by=request.user, appointment=appointment, at=now, **changes))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, uuid: UUID) -> Response:
        appointments.remove(by=request.user, appointment=self.get_object())
        return Response(status=204)

    @extend_schema(request=None, responses=AppointmentSerializer)
    def cancel(self, request: Request, uuid: UUID) -> Response:
        """It does not take place. Nobody is reminded of it."""
        now, _ = self.now_and_today()
        return self.shown(appointments.cancel(by=request.user, appointment=self.get_object(), at=now))

    @extend_schema(request=None, responses=AppointmentSerializer)
    def reinstate(self, request: Request, uuid: UUID) -> Response:
        """It takes place after all."""
        now, _ = self.now_and_today()
        return self.shown(appointments.reinstate(by=request.user, appointment=self.get_object(), at=now))

    @extend_schema(responses=VisitQuestionsSerializer)
    def questions(self, request: Request, uuid: UUID) -> Response:
        return Response(VisitQuestionsSerializer(self._with_questions(self.get_object())).data)

    @extend_schema(responses=IdeasSerializer)
    def ideas(self, request: Request, uuid: UUID) -> Response:
        """What the record gives reason to ask, without what is asked already."""
        found = visit_ideas.ideas(self.get_object(), on=self.now_and_today()[1])
        return Response(IdeasSerializer({"ideas": found}).data)

    @extend_schema(request=VisitQuestionsSerializer, responses=VisitQuestionsSerializer)
    def set_questions(self, request: Request, uuid: UUID) -> Response:
        """Exactly these questions, in this order."""
        appointment, (now, _) = self.get_object(), self.now_and_today()
        sent = VisitQuestionsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        appointment = appointments.set_questions(
            by=request.user, appointment=appointment, at=now, **sent.validated_data
        )
        return Response(VisitQuestionsSerializer(self._with_questions(appointment)).data)

    @extend_schema(request=AttemptSerializer, responses={201: AttemptSerializer})
    def begin(self, request: Request, uuid: UUID, attempt: UUID) -> Response:
        """What was decided becomes an attempt with this uuid; sent twice, it is one."""
        appointment, (now, today) = self.get_object(), self.now_and_today()
        sent = AttemptSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        begun = appointments.begin(
            by=request.user, appointment=appointment, uuid=attempt, at=now, on=today, **sent.validated_data
        )
        return Response(AttemptSerializer(begun, context=self.get_serializer_context()).data, 201)

    @extend_schema(
        parameters=[OpenApiParameter("words", OpenApiTypes.BOOL, description="With who, where and why in it.")],
        responses={(200, CALENDAR_TYPE): OpenApiResponse(OpenApiTypes.STR)},
    )
    def calendar(self, request: Request, uuid: UUID) -> HttpResponse:
        """The appointment for a calendar (RFC 5545). Without `words` it says no more than that there is one."""
        has_words = request.query_params.get("words", "") in ("1", "true")
        content = calendar_file(self.get_object(), has_words=has_words)
        headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
        return HttpResponse(content, content_type=CALENDAR_TYPE, headers=headers)

    def _with_questions(self, appointment: Appointment) -> dict[str, object]:
        return {"questions": appointment.questions.all()}
