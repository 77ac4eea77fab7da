from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.serializers.sharing import ShareActSerializer, ShareQuestionSerializer, ShareSerializer
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import Share
from tracker.services import sharing


class ShareViewSet(PatientViewSet):
    """Links for clinicians: made, watched, ended. What a link shows never changes."""

    queryset = Share.objects.none()
    serializer_class = ShareSerializer
    ordering = ("-created_at",)

    def get_queryset(self) -> QuerySet[Share]:
        return sharing.listed(self.patient).select_related("patient", "opinion")

    @makes_or_replaces(ShareSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Make a link under this uuid; sent twice, it is one."""
        said, (now, today) = self.said(), self.now_and_today()
        is_new = not self.get_queryset().filter(uuid=uuid).exists()
        sharing.create(by=request.user, uuid=uuid, at=now, on=today, wish=sharing.Wish(**said))
        return self.shown(self.get_object(), is_new=is_new)

    @extend_schema(request=None, responses=ShareSerializer)
    def end(self, request: Request, uuid: UUID) -> Response:
        """End it at once; whoever has it sees nothing from the next request on."""
        sharing.revoke(by=request.user, share=self.get_object(), at=self.now_and_today()[0])
        return self.shown(self.get_object())

    @extend_schema(responses=ShareActSerializer(many=True))
    def log(self, request: Request, uuid: UUID) -> Response:
        """What was done through the link, newest first."""
        return Response(ShareActSerializer(self.get_object().shown.all(), many=True).data)

    @extend_schema(responses=ShareQuestionSerializer(many=True))
    def questions(self, request: Request, uuid: UUID) -> Response:
        return Response(ShareQuestionSerializer(self.get_object().questions.all(), many=True).data)

    @extend_schema(request=ShareQuestionSerializer, responses=ShareQuestionSerializer)
    def answer(self, request: Request, uuid: UUID, question: UUID) -> Response:
        """Answer a question that was asked through the link, or answer it anew."""
        asked = get_object_or_404(self.get_object().questions, uuid=question)
        sent = ShareQuestionSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        text = sent.validated_data["answer"]
        answered = sharing.answer(by=request.user, question=asked, text=text, at=self.now_and_today()[0])
        return Response(ShareQuestionSerializer(answered).data)
