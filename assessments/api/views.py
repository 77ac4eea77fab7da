from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from assessments import services
from assessments.api.serializers import (
    AnswerSerializer,
    AssessmentSerializer,
    QuestionnaireSerializer,
    StartSerializer,
)
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
        uuid = given.validated_data.get("id")
        return self.shown(services.start(by=request.user, at=timezone.now(), uuid=uuid, known=answers), status=201)


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


class QuestionList(GenericAPIView):
    serializer_class = QuestionnaireSerializer
    pagination_class = None

    @extend_schema(responses=QuestionnaireSerializer)
    def get(self, request: Request) -> Response:
        rulebook = standard_rulebook()
        questions = [as_plain_question(question) for question in rulebook.questions.values()]
        return Response({"rulebook_version": rulebook.version, "questions": questions})
