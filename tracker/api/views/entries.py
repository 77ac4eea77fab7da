from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.etags import condition, etag, is_known
from tracker.api.serializers.entries import EntrySerializer
from tracker.api.serializers.red_flags import SavedEntrySerializer
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import PainEntry, Patient
from tracker.services import pain_log, red_flags


def with_offer(entry: PainEntry, *, patient: Patient, at: datetime) -> PainEntry:
    """The entry, and whether the short red-flag questions are to be asked now that it is written."""
    felt = [(entry.nrs, entry.felt_at)]
    entry.offer_red_flags = red_flags.is_due_after(patient=patient, felt=felt, at=at)
    return entry


def _day(lookup: str) -> filters.DateFilter:
    return filters.DateFilter(field_name="local_date", lookup_expr=lookup, input_formats=["%Y-%m-%d"])


# "from" is a word of the language, so the two filters are named in a table.
EntryFilter = type("EntryFilter", (filters.FilterSet,), {"from": _day("gte"), "to": _day("lte")})


def _header(name: str, words: str) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, OpenApiParameter.HEADER, description=words)


IF_MATCH = _header("If-Match", "Only if the entry still has this ETag; else 412 with the entry as it stands.")
IF_NEW = _header("If-None-Match", "* writes only if there is no such entry yet; else 412 with the entry as it stands.")
IF_OTHER = _header("If-None-Match", "The ETag that the client has; 304 if the entry still has it.")


@extend_schema_view(list=extend_schema(description="The pain log, newest first, between two local days."))
class EntryViewSet(PatientViewSet):
    """The pain log."""

    queryset = PainEntry.objects.none()
    serializer_class = EntrySerializer
    filterset_class = EntryFilter
    ordering = ("-felt_at",)

    def get_serializer_class(self) -> type[EntrySerializer]:
        return SavedEntrySerializer if self.action in ("replace", "partial_update") else EntrySerializer

    def get_queryset(self) -> QuerySet[PainEntry]:
        return self.patient.pain_entries.prefetch_related("sites")

    def shown(self, instance: PainEntry, *, is_new: bool = False) -> Response:
        response = super().shown(instance, is_new=is_new)
        response["ETag"] = etag(instance)
        return response

    def handle_exception(self, error: Exception) -> Response:
        response = super().handle_exception(error)
        if isinstance(error, pain_log.EntryChanged):
            response.data["current"] = error.current and EntrySerializer(error.current).data
        return response

    @extend_schema(parameters=[IF_OTHER], responses={200: EntrySerializer, 304: None})
    def retrieve(self, request: Request, uuid: UUID) -> Response:
        entry = self.get_object()
        return Response(status=304, headers={"ETag": etag(entry)}) if is_known(request, entry) else self.shown(entry)

    @extend_schema(parameters=[IF_MATCH, IF_NEW])
    @makes_or_replaces(SavedEntrySerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Make the entry with this uuid hold exactly what the body says; sent twice, it is one entry."""
        said = {"source": PainEntry.Source.API} | self.said()
        now, _ = self.now_and_today()
        entry, is_new = pain_log.put(by=request.user, uuid=uuid, at=now, condition=condition(request), **said)
        return self.shown(with_offer(entry, patient=self.patient, at=now), is_new=is_new)

    @extend_schema(parameters=[IF_MATCH])
    def partial_update(self, request: Request, uuid: UUID) -> Response:
        entry, changes = self.get_object(), self.said(partial=True)
        now, _ = self.now_and_today()
        changed = pain_log.change(by=request.user, entry=entry, at=now, condition=condition(request), **changes)
        return self.shown(with_offer(changed, patient=self.patient, at=now))

    @extend_schema(parameters=[IF_MATCH])
    def destroy(self, request: Request, uuid: UUID) -> Response:
        now, _ = self.now_and_today()
        pain_log.remove(by=request.user, entry=self.get_object(), at=now, condition=condition(request))
        return Response(status=204)
