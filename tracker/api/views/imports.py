from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.parsers import FILE_PARSERS
from tracker.api.serializers.imports import (
    DryRunSerializer,
    ImportPageSerializer,
    ImportRequestSerializer,
    ImportSerializer,
    ImportUploadSerializer,
    ProblemInFileSerializer,
    of_preview,
)
from tracker.api.views.base import PatientViewSet
from tracker.domain.column_mapping import mapping_from
from tracker.domain.set_aside import PIECE
from tracker.models import ImportFile, LogImport
from tracker.services import import_files, import_history
from tracker.services.imports import LogFileRefused

BODIES = {"multipart/form-data": ImportUploadSerializer} | {
    parser.media_type: OpenApiTypes.BINARY for parser in FILE_PARSERS
}


class ImportViewSet(PatientViewSet):
    """Files that were brought, and what became of them."""

    queryset = LogImport.objects.none()
    serializer_class = ImportSerializer
    parser_classes = (MultiPartParser, *FILE_PARSERS)
    ordering = ("-imported_at",)

    def get_queryset(self) -> QuerySet[LogImport]:
        return self.patient.log_imports.all()

    def handle_exception(self, error: Exception) -> Response:
        response = super().handle_exception(error)
        if isinstance(error, LogFileRefused):
            response.data["errors"] = [{"pointer": "#", "detail": message} for message in error.messages]
            response.data["problems"] = ProblemInFileSerializer(error.log.problems if error.log else (), many=True).data
        return response

    @extend_schema(
        request=BODIES,
        parameters=[ImportRequestSerializer],
        responses={200: DryRunSerializer, 201: ImportSerializer, 202: ImportSerializer},
    )
    def create(self, request: Request) -> Response:
        """Take over a table of text or an exported record: at once (201), or later where it is large (202).

        With `dry_run` nothing changes, and the answer tells what would happen. Sent twice, nothing is added twice.
        """
        said, content = self._said()
        own = {"by": request.user, "content": content, "at": self.now_and_today()[0]}
        own["mapping"] = mapping_from(said["mapping"]) if said["mapping"] is not None else None
        if said["dry_run"]:
            log, record = import_files.look_at(**own)
            told = of_preview(log) if log else {"is_ready": True, "n_rows": record.n_rows, "n_new": record.n_new}
            return Response(DryRunSerializer(told | ({"tallies": record.tallies} if record else {})).data)
        taken = import_files.bring(**own, filename=said["filename"])
        return Response(ImportSerializer(taken).data, 201 if isinstance(taken, LogImport) else 202)

    @extend_schema(
        parameters=[OpenApiParameter("cursor", OpenApiTypes.STR), OpenApiParameter("limit", OpenApiTypes.INT)],
        responses=ImportPageSerializer,
    )
    def list(self, request: Request) -> Response:
        """Imports, the latest first, and files that are not imports yet."""
        response = super().list(request)
        response.data["under_way"] = ImportSerializer(self._files(), many=True).data
        return response

    def retrieve(self, request: Request, uuid: UUID) -> Response:
        """How far it is, or what became of it."""
        return self.shown(self._one(uuid))

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, uuid: UUID) -> Response:
        """Take a whole import back; a file that was not taken over is thrown away."""
        match self._one(uuid):
            case LogImport() as log_import:
                import_history.take_back(by=request.user, log_import=log_import, at=self.now_and_today()[0])
            case file:
                import_files.forget(by=request.user, file=file)
        return Response(status=204)

    def _said(self) -> tuple[dict[str, Any], bytes | Iterable[bytes]]:
        """What is wanted, and the file: from a form, or from the address and the bare body."""
        if isinstance(self.request.data, bytes):
            asked = ImportRequestSerializer(data=self.request.query_params)
            asked.is_valid(raise_exception=True)
            return asked.validated_data, self.request.data
        asked = ImportUploadSerializer(data=self.request.data)
        asked.is_valid(raise_exception=True)
        file = asked.validated_data["file"]
        return asked.validated_data | {"filename": file.name}, file.chunks(PIECE)

    def _files(self) -> QuerySet[ImportFile]:
        return self.patient.import_files.on_their_way()

    def _one(self, uuid: UUID) -> LogImport | ImportFile:
        return self.get_queryset().filter(uuid=uuid).first() or get_object_or_404(self._files(), uuid=uuid)
