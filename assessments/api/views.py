from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, NotFound
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from assessments import services
from assessments.api.serializers import (
    AnswerSerializer,
    AssessmentSerializer,
    ComparisonSerializer,
    QuestionnaireSerializer,
    StartSerializer,
)
from assessments.engine.comparison import compare
from assessments.engine.document import standard_document
from assessments.engine.loading import standard_rulebook
from assessments.engine.questionnaire import as_plain_question
from assessments.models import Assessment


class Conflict(APIException):
    status_code = 409
    default_code = "conflict"


class OwnAssessments(GenericAPIView):
    """Only the caller's own rows exist here; any other id answers 404."""

    serializer_class = AssessmentSerializer
    lookup_field = "uuid"
    queryset = Assessment.objects.none()

    def get_queryset(self) -> QuerySet[Assessment]:
        if getattr(self, "swagger_fake_view", False):
            return Assessment.objects.none()
        return self.request.user.assessments.all()

    def shown(self, assessment: Assessment, status: int = 200) -> Response:
        return Response(AssessmentSerializer(assessment).data, status=status)


class AssessmentList(OwnAssessments, ListAPIView):
    @extend_schema(request=StartSerializer, responses={201: AssessmentSerializer})
    def post(self, request: Request) -> Response:
        given = StartSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        answers = {key: value for key, value in given.validated_data.get("answers", {}).items() if value is not None}
        now, uuid = timezone.now(), given.validated_data.get("id")
        told = services.NOTHING_TOLD
        if given.validated_data["prefill"]:
            told = services.told_before(request.user, at=now)
        return self.shown(services.start(by=request.user, at=now, uuid=uuid, known=answers, told=told), status=201)


class AssessmentDetail(OwnAssessments, RetrieveAPIView):
    @extend_schema(request=AnswerSerializer, responses=AssessmentSerializer)
    def patch(self, request: Request, uuid: UUID) -> Response:
        assessment = self.get_object()
        given = AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            answers = given.validated_data["answers"]
            return self.shown(services.answer(by=request.user, uuid=assessment.uuid, answers=answers))
        except services.AlreadyFinished as error:
            raise Conflict("This check-up is finished. Start a new one.") from error

    @extend_schema(responses={204: None})
    def delete(self, request: Request, uuid: UUID) -> Response:
        """Throw away a check-up that was begun and not finished."""
        assessment = self.get_object()
        try:
            services.discard(by=request.user, uuid=assessment.uuid)
        except services.AlreadyFinished as error:
            raise Conflict("This check-up is finished and stays in the record.") from error
        return Response(status=204)


class AssessmentFinish(OwnAssessments):
    @extend_schema(request=None, responses=AssessmentSerializer)
    def post(self, request: Request, uuid: UUID) -> Response:
        assessment = self.get_object()
        return self.shown(services.finish(by=request.user, uuid=assessment.uuid, at=timezone.now()))


class AssessmentSeen(OwnAssessments):
    @extend_schema(request=None, responses=AssessmentSerializer)
    def post(self, request: Request, uuid: UUID) -> Response:
        assessment = self.get_object()
        try:
            return self.shown(services.mark_seen_by_clinician(by=request.user, uuid=assessment.uuid, at=timezone.now()))
        except services.NotFinished as error:
            raise Conflict("This check-up has no result yet.") from error


class AssessmentComparison(OwnAssessments):
    """What changed since the check-up that was finished before this one, from what was stored with both."""

    serializer_class = ComparisonSerializer

    @extend_schema(responses=ComparisonSerializer)
    def get(self, request: Request, uuid: UUID) -> Response:
        assessment = self.get_object()
        if not assessment.finished_at:
            raise Conflict("This check-up has no result yet.")
        before = services.before(assessment)
        if before is None:
            raise NotFound("There is no earlier check-up to compare with.")
        found = compare(before.outcome or {}, assessment.outcome or {})
        return Response(ComparisonSerializer({"before": before.uuid, "after": assessment.uuid, "changes": found}).data)


class RulebookDocument(GenericAPIView):
    """All questions, findings and rules as one document, to run a check-up without network. Open, as the page is."""

    authentication_classes = ()
    permission_classes = ()
    pagination_class = None

    @extend_schema(responses={200: OpenApiTypes.OBJECT, 304: None}, auth=[])
    def get(self, request: Request) -> HttpResponse:
        document = standard_document()
        headers = {"ETag": document.etag, "Cache-Control": "no-cache"}
        response = HttpResponse(document.body, content_type="application/json", headers=headers)
        return get_conditional_response(request, etag=document.etag, response=response) or response


class QuestionList(GenericAPIView):
    serializer_class = QuestionnaireSerializer
    pagination_class = None

    @extend_schema(responses=QuestionnaireSerializer)
    def get(self, request: Request) -> Response:
        rulebook = standard_rulebook()
        questions = [as_plain_question(question) for question in rulebook.questions.values()]
        return Response({"rulebook_version": rulebook.version, "questions": questions})
