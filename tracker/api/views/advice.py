from uuid import UUID

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.serializers.advice import AdviceSerializer, ProposalSerializer
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import Advice, Proposal
from tracker.services import advice, proposals


class AdviceViewSet(PatientViewSet):
    """What Ebb suggests, with what the patient did about it."""

    queryset = Advice.objects.none()
    serializer_class = AdviceSerializer
    lookup_field = "pk"
    ordering = ("-created_at",)

    def get_queryset(self) -> QuerySet[Advice]:
        return advice.advice_of(self.patient).prefetch_related("verdict__attempt__treatment_type")

    def partial_update(self, request: Request, pk: int) -> Response:
        """Note what the patient did with a piece of advice."""
        piece, said = self.get_object(), self.said()
        now, _ = self.now_and_today()
        return self.shown(advice.respond(by=request.user, advice=piece, at=now, **said))


class ProposalViewSet(PatientViewSet):
    """Operations and other procedures that somebody has proposed."""

    queryset = Proposal.objects.none()
    serializer_class = ProposalSerializer

    def get_queryset(self) -> QuerySet[Proposal]:
        return self.patient.proposals.all()

    @makes_or_replaces(ProposalSerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Keep a proposal, or put it right. Advice about it is there at once."""
        said = self.said()
        now, today = self.now_and_today()
        proposal, is_new = proposals.put(by=request.user, uuid=uuid, at=now, on=today, **said)
        return self.shown(proposal, is_new=is_new)

    def destroy(self, request: Request, uuid: UUID) -> Response:
        """Delete one that was put down by mistake, and the advice about it."""
        proposals.remove(by=request.user, proposal=self.get_object())
        return Response(status=204)
