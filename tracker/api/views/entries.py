from uuid import UUID

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.serializers.entries import EntrySerializer
from tracker.api.views.base import PatientViewSet, makes_or_replaces
from tracker.models import PainEntry
from tracker.services import pain_log


def _day(lookup: str) -> filters.DateFilter:
    return filters.DateFilter(field_name="local_date", lookup_expr=lookup, input_formats=["%Y-%m-%d"])


# "from" is a word of the language, so the two filters are named in a table.
EntryFilter = type("EntryFilter", (filters.FilterSet,), {"from": _day("gte"), "to": _day("lte")})


@extend_schema_view(list=extend_schema(description="The pain log, newest first, between two local days."))
class EntryViewSet(PatientViewSet):
    """The pain log."""

    queryset = PainEntry.objects.none()
    serializer_class = EntrySerializer
    filterset_class = EntryFilter
    ordering = ("-felt_at",)

    def get_queryset(self) -> QuerySet[PainEntry]:
        return self.patient.pain_entries.prefetch_related("sites")

    @makes_or_replaces(EntrySerializer)
    def replace(self, request: Request, uuid: UUID) -> Response:
        """Make the entry with this uuid hold exactly what the body says; sent twice, it is one entry."""
        said = self.said()
        now, _ = self.now_and_today()
        entry, is_new = pain_log.put(by=request.user, uuid=uuid, source=PainEntry.Source.API, at=now, **said)
        return self.shown(entry, is_new=is_new)

    def partial_update(self, request: Request, uuid: UUID) -> Response:
        entry, changes = self.get_object(), self.said(partial=True)
        now, _ = self.now_and_today()
        return self.shown(pain_log.change(by=request.user, entry=entry, at=now, **changes))

    def destroy(self, request: Request, uuid: UUID) -> Response:
        now, _ = self.now_and_today()
        pain_log.remove(by=request.user, entry=self.get_object(), at=now)
        return Response(status=204)
