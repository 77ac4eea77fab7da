from collections.abc import Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.errors import refusal
from tracker.api.etags import etag
from tracker.api.pages import page_size, position, seal_position
from tracker.api.serializers.entries import EntrySerializer
from tracker.api.serializers.red_flags import SavedEntrySerializer
from tracker.api.serializers.sync import (
    AgainSerializer,
    BatchResultSerializer,
    BatchSerializer,
    ChangeField,
    ChangesSerializer,
)
from tracker.api.views.base import PatientViewSet
from tracker.api.views.entries import with_offer
from tracker.domain.errors import DomainError
from tracker.models import PainEntry
from tracker.services import accounts, batches, pain_log, red_flags
from tracker.services.batches import Outcome, Result, Wish
from tracker.services.changes import since

CHANGES_PER_CALL, MOST_CHANGES = 200, 1_000
CURSOR = OpenApiParameter("cursor", OpenApiTypes.STR, description="From the last answer; without it, all there is.")
LIMIT = OpenApiParameter("limit", OpenApiTypes.INT, description=f"Rows wanted, {MOST_CHANGES} at most.")

# Which member of a row a broken rule is about.
POINTERS: dict[type[Exception], str] = {
    accounts.UnknownZone: "#/zone",
    pain_log.EntryChanged: "#/version",
    pain_log.EntryDeleted: "#/uuid",
    pain_log.EntryInFuture: "#/felt_at",
    pain_log.EntryTooOld: "#/felt_at",
}


class SyncViewSet(PatientViewSet):
    """The pain log for a device that keeps a copy of it. docs/api-sync.md shows how, step by step."""

    queryset = PainEntry.objects.none()
    serializer_class = EntrySerializer

    @extend_schema(parameters=[CURSOR, LIMIT], responses=ChangesSerializer)
    def changes(self, request: Request) -> Response:
        """What changed since the cursor, oldest change first: entries as they stand now, and deletions."""
        limit = page_size(request, usual=CHANGES_PER_CALL, longest=MOST_CHANGES)
        found = since(patient=self.patient, number=position(request), limit=limit)
        cursor = seal_position(self.patient, found.up_to)
        said = {"changes": found.rows, "cursor": cursor, "has_more": found.has_more}
        return Response(ChangesSerializer(said).data)

    @extend_schema(request=BatchSerializer, responses=BatchResultSerializer)
    def batch(self, request: Request) -> Response:
        """Up to 1,000 changes at once, each with a result of its own. Sent again, it changes nothing more."""
        body = BatchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        read = _read(body.validated_data["changes"])
        now, _ = self.now_and_today()
        wishes = [wish for wish in read if isinstance(wish, Wish)]
        done = iter(batches.apply(by=request.user, wishes=wishes, at=now))
        results = [_told(next(done)) if isinstance(wish, Wish) else wish for wish in read]
        felt = [(wish.said["nrs"], wish.said["felt_at"]) for wish in wishes if wish.said]
        is_due = red_flags.is_due_after(patient=self.patient, felt=felt, at=now)
        return Response({"results": self._with_current(results), "offer_red_flags": is_due})

    @extend_schema(request=AgainSerializer, responses={200: SavedEntrySerializer, 201: SavedEntrySerializer})
    def again(self, request: Request) -> Response:
        """Log the newest entry's score, sites and qualities once more, as felt now; sent twice, it is one entry."""
        body = AgainSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        now, _ = self.now_and_today()
        uuid = body.validated_data["uuid"]
        entry, is_new = pain_log.again(by=request.user, uuid=uuid, source=PainEntry.Source.API, at=now)
        shown = SavedEntrySerializer(with_offer(entry, patient=self.patient, at=now)).data
        response = Response(shown, 201 if is_new else 200)
        response["ETag"] = etag(entry)
        return response

    def _with_current(self, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Beside each failed condition, the entry as it stands."""
        failed = [result for result in results if result.get("problem", {}).get("status") == 412]
        entries = self.patient.pain_entries.prefetch_related("sites").filter(uuid__in=[row["uuid"] for row in failed])
        current = {str(entry.uuid): self.get_serializer(entry).data for entry in entries} if failed else {}
        for result in failed:
            result["current"] = current.get(result["uuid"])
        return results


def _read(rows: Sequence[Any]) -> list[Wish | dict[str, Any]]:
    """Each row as a wish, or as the result of one that does not fit."""
    field = ChangeField()
    return [_wish(field, row) for row in rows]


def _wish(field: ChangeField, row: Any) -> Wish | dict[str, Any]:
    try:
        said = dict(field.read(row))
    except ValidationError as error:
        return {"uuid": _named(row), "result": Outcome.REFUSED, "version": None, "problem": refusal(error)}
    kind, uuid, version = said.pop("type"), said.pop("uuid"), said.pop("version", None)
    condition = pain_log.ANY if version is None else pain_log.Condition(versions=frozenset([version]))
    source = said.pop("source", PainEntry.Source.API)
    return Wish(uuid=uuid, said=said if kind == "entry" else None, source=source, condition=condition)


def _named(row: Any) -> str | None:
    """The key of a row that does not fit, if it can be read."""
    try:
        return str(UUID(row["uuid"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _told(result: Result) -> dict[str, Any]:
    told = {"uuid": str(result.uuid), "result": result.outcome, "version": result.version}
    return told | ({"problem": _problem(result.refusal)} if result.refusal else {})


def _problem(error: DomainError) -> dict[str, Any]:
    found = refusal(error)
    pointer = POINTERS.get(type(error))
    return found | ({"errors": [{"pointer": pointer, "detail": found["detail"]}]} if pointer else {})
