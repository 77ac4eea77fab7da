from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.serializers.summaries import SheetSerializer, SummarySerializer
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import Summary
from tracker.services import exports, summaries, summary_pdf
from tracker.services.summaries import Wish

RETRY_AFTER = "5"  # seconds


class SummaryViewSet(PatientViewSet):
    """The page for a clinician: what is wanted on it, its words, its PDF, its FHIR document. Forgotten after a day."""

    queryset = Summary.objects.none()
    serializer_class = SummarySerializer
    ordering = ("-made_at",)

    def get_queryset(self) -> QuerySet[Summary]:
        own = self.patient.summaries.wished_by_patient()
        return own.select_related("patient__user", "opinion__patient").defer("content")

    @makes_or_replaces(SummarySerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Keep what is wanted; sent twice, it is one summary."""
        said = self.said()
        if "left_out" in said:
            said["left_out"] = tuple(said["left_out"])
        now, _ = self.now_and_today()
        summary, is_new = summaries.put(by=request.user, uuid=uuid, at=now, wish=Wish(**said))
        return self.shown(summary, is_new=is_new)

    def destroy(self, request: Request, uuid: UUID) -> Response:
        summaries.remove(by=request.user, summary=self.get_object())
        return Response(status=204)

    @extend_schema(responses=SheetSerializer)
    def content(self, request: Request, uuid: UUID) -> Response:
        """Page 1 and the appendix in words, of the record as it is now."""
        sheet = summaries.sheet_of(self.get_object(), on=self.now_and_today()[1])
        return Response(SheetSerializer(sheet).data)

    @extend_schema(
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            202: OpenApiResponse(SummarySerializer, description="It is being made: ask again."),
        }
    )
    def pdf(self, request: Request, uuid: UUID) -> Any:
        """The PDF (PDF/UA-1); 202 while a worker makes it, and `state` is failed where it could not."""
        summary, today = self.get_object(), self.now_and_today()[1]
        content = summaries.pdf(by=request.user, summary=summary, on=today)
        if content is None:
            summary.refresh_from_db(fields=["state"])
            return Response(self.get_serializer(summary).data, 202, headers={"Retry-After": RETRY_AFTER})
        name = summary_pdf.filename(today)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(content, content_type="application/pdf", headers=headers)

    @extend_schema(responses={(200, exports.Format.FHIR.content_type): OpenApiTypes.OBJECT})
    def fhir(self, request: Request, uuid: UUID) -> Any:
        """The same content as a FHIR R4 document."""
        now, today = self.now_and_today()
        bundle = summaries.bundle(by=request.user, summary=self.get_object(), on=today, at=now)
        return JsonResponse(
            bundle, content_type=exports.Format.FHIR.content_type, headers={"Cache-Control": "no-store"}
        )
