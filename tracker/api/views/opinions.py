from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.serializers.opinions import (
    BriefSerializer,
    DecideSerializer,
    OpinionComparisonSerializer,
    OpinionSerializer,
    SealedSerializer,
    ViewSerializer,
    WordsSerializer,
)
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import SecondOpinion
from tracker.services import said_so_far, second_opinions


class OpinionViewSet(PatientViewSet):
    """Second opinions: prepared, handed over, written down, compared."""

    queryset = SecondOpinion.objects.none()
    serializer_class = OpinionSerializer
    ordering = ("-created_at",)

    def get_queryset(self) -> QuerySet[SecondOpinion]:
        return self.patient.second_opinions.select_related("patient", "attempt")

    @makes_or_replaces(OpinionSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Make the second opinion with this uuid say exactly what the body says; sent twice, it is one."""
        said, (now, today) = self.said(), self.now_and_today()
        earlier = self.get_queryset().filter(uuid=uuid).first()
        if earlier is None:
            opinion = second_opinions.prepare(by=request.user, uuid=uuid, at=now, on=today, **said)
            return self.shown(opinion, is_new=True)
        return self.shown(second_opinions.change(by=request.user, opinion=earlier, at=now, on=today, **said))

    def partial_update(self, request: Request, uuid: UUID) -> Response:
        opinion, changes, (now, today) = self.get_object(), self.said(partial=True), self.now_and_today()
        return self.shown(second_opinions.change(by=request.user, opinion=opinion, at=now, on=today, **changes))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, uuid: UUID) -> Response:
        second_opinions.remove(by=request.user, opinion=self.get_object())
        return Response(status=204)

    @extend_schema(request=None, responses=OpinionSerializer)
    def close(self, request: Request, uuid: UUID) -> Response:
        """Nothing more is to come of it; its links show nothing any more."""
        return self.shown(second_opinions.close(by=request.user, opinion=self.get_object(), at=self.now_and_today()[0]))

    @extend_schema(responses=BriefSerializer)
    def brief(self, request: Request, uuid: UUID) -> Response:
        """What the new clinician is handed first, as the record stands now."""
        return Response(BriefSerializer(self._blind()).data)

    @extend_schema(responses=WordsSerializer)
    def words(self, request: Request, uuid: UUID) -> Response:
        """Sentences that may tell what others concluded, and whether they are shown."""
        return Response(WordsSerializer(self._blind()).data)

    @extend_schema(request=DecideSerializer, responses=WordsSerializer)
    def decide(self, request: Request, uuid: UUID) -> Response:
        """Say what is to become of single sentences."""
        decided = self.sent(DecideSerializer)["decided"]
        second_opinions.decide(
            by=request.user, opinion=self.get_object(), decisions=decided, at=self.now_and_today()[0]
        )
        return Response(WordsSerializer(self._blind()).data)

    @extend_schema(request=ViewSerializer, responses={201: ViewSerializer})
    def write_view(self, request: Request, uuid: UUID, view: UUID) -> Response:
        """Write down what the new clinician thinks. It never changes afterwards."""
        said = self.sent(ViewSerializer)
        written = second_opinions.write_view(
            by=request.user, opinion=self.get_object(), uuid=view, at=self.now_and_today()[0], **said
        )
        return Response(ViewSerializer(written).data, 201)

    @extend_schema(responses=ViewSerializer(many=True))
    def views(self, request: Request, uuid: UUID) -> Response:
        return Response(ViewSerializer(self.get_object().views.all(), many=True).data)

    @extend_schema(responses=SealedSerializer)
    def sealed(self, request: Request, uuid: UUID) -> Response:
        """What others have said so far; nothing is at this address until it was opened."""
        return self._sealed(get_object_or_404(self.get_queryset(), uuid=uuid, sealed_opened_at__isnull=False))

    @extend_schema(request=None, responses=SealedSerializer)
    def open_sealed(self, request: Request, uuid: UUID) -> Response:
        """Open the sealed part. When, and by whom, is noted."""
        opinion = second_opinions.open_sealed(by=request.user, opinion=self.get_object(), at=self.now_and_today()[0])
        return self._sealed(opinion)

    @extend_schema(responses=OpinionComparisonSerializer(many=True))
    def comparisons(self, request: Request, uuid: UUID) -> Response:
        compared = self.get_object().comparisons.select_related("diagnosis", "replaced_by")
        return Response(OpinionComparisonSerializer(compared, many=True).data)

    @makes_or_replaces(OpinionComparisonSerializer)
    def compare(self, request: Request, uuid: UUID, diagnosis: UUID) -> Response:
        """Say how an earlier diagnosis stands after the new view."""
        opinion, (now, today) = self.get_object(), self.now_and_today()
        earlier = get_object_or_404(said_so_far.earlier_diagnoses(opinion), uuid=diagnosis)
        is_new = not opinion.comparisons.filter(diagnosis=earlier).exists()
        comparison = second_opinions.compare(
            by=request.user,
            opinion=opinion,
            diagnosis=earlier,
            at=now,
            on=today,
            **self.sent(OpinionComparisonSerializer),
        )
        return Response(OpinionComparisonSerializer(comparison).data, 201 if is_new else 200)

    def _blind(self) -> second_opinions.BlindBrief:
        return second_opinions.blind_brief(self.get_object(), on=self.now_and_today()[1])

    def _sealed(self, opinion: SecondOpinion) -> Response:
        held_back = second_opinions.blind_brief(opinion, on=self.now_and_today()[1]).held_back
        sealed = second_opinions.sealed_part(opinion, held_back=held_back)
        return Response(SealedSerializer({"sealed": sealed}).data)
