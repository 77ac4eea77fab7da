from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.serializers.questionnaires import (
    KEYS,
    DueSerializer,
    InstrumentSerializer,
    PutOffSerializer,
    ResponseSerializer,
)
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.api.views.entries import EntryFilter
from tracker.models import QuestionnaireResponse
from tracker.services import questionnaires


class InstrumentViewSet(PatientViewSet):
    """Questionnaires, the same for everybody."""

    queryset = QuestionnaireResponse.objects.none()
    serializer_class = InstrumentSerializer
    pagination_class = None
    lookup_field = "key"

    @extend_schema(operation_id="instruments_list", responses=InstrumentSerializer(many=True))
    def list(self, request: Request) -> Response:
        return Response(self.get_serializer(questionnaires.all_instruments().values(), many=True).data)

    def retrieve(self, request: Request, key: str) -> Response:
        try:
            return self.shown(questionnaires.instrument_of(key))
        except questionnaires.UnknownInstrument:
            raise Http404 from None


class ResponseFilter(EntryFilter):
    instrument = filters.ChoiceFilter(choices=KEYS)


@extend_schema_view(list=extend_schema(description="Answered questionnaires, newest first."))
class ResponseViewSet(PatientViewSet):
    """Answered questionnaires."""

    queryset = QuestionnaireResponse.objects.none()
    serializer_class = ResponseSerializer
    filterset_class = ResponseFilter
    ordering = ("-answered_at",)

    def get_queryset(self) -> QuerySet[QuestionnaireResponse]:
        return self.patient.questionnaire_responses.select_related("attempt")

    @makes_or_replaces(ResponseSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Keep and score answers; sent twice, they are one response. Other answers need another uuid."""
        said = self.said()
        now, _ = self.now_and_today()
        response, is_new = questionnaires.answer(by=request.user, uuid=uuid, at=now, **said)
        return self.shown(response, is_new=is_new)

    def destroy(self, request: Request, uuid: UUID) -> Response:
        questionnaires.remove(by=request.user, response=self.get_object())
        return Response(status=204)

    @extend_schema(responses=DueSerializer)
    def due(self, request: Request) -> Response:
        """What to offer today, if anything, and whether help is still to be shown."""
        _, today = self.now_and_today()
        one = questionnaires.due(patient=self.patient, on=today)
        shows_help = self.patient.help_shown_at is not None
        found = {
            "instrument": one and one.key,
            "help": questionnaires.help_for(self.patient) if shows_help else None,
        }
        return Response(DueSerializer(found).data)

    @extend_schema(request=PutOffSerializer, responses={204: None})
    def put_off(self, request: Request) -> Response:
        """Not now: offer it again on a later day."""
        serializer = PutOffSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        _, today = self.now_and_today()
        questionnaires.put_off(by=request.user, today=today, **serializer.validated_data)
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    def help_seen(self, request: Request) -> Response:
        """The patient has seen where a person answers."""
        questionnaires.acknowledge_help(by=request.user)
        return Response(status=204)
