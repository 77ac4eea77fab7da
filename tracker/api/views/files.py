from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from tracker.api.parsers import BoundedJSONParser
from tracker.api.serializers.files import FileSaidSerializer, FileSerializer, FileUploadSerializer
from tracker.api.views.base import PatientViewSet
from tracker.domain.attached_file import MAX_BYTES
from tracker.models import Attachment
from tracker.services import attachments


class FileViewSet(PatientViewSet):
    """Results and photos as files. PUT brings a new one in a form, PATCH changes what is said of it."""

    queryset = Attachment.objects.none()
    serializer_class = FileSerializer
    parser_classes = (MultiPartParser, BoundedJSONParser)
    ordering = ("-added_at",)

    def get_queryset(self) -> QuerySet[Attachment]:
        return attachments.listed(self.patient)

    @extend_schema(
        request={"multipart/form-data": FileUploadSerializer}, responses={200: FileSerializer, 201: FileSerializer}
    )
    def replace(self, request: Request, uuid: UUID) -> Response:
        said = FileUploadSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        is_new = not self.get_queryset().filter(uuid=uuid).exists()
        now, today = self.now_and_today()
        told = dict(said.validated_data)
        content = told.pop("file").read(MAX_BYTES + 1)
        file = attachments.add(by=request.user, uuid=uuid, content=content, at=now, on=today, **told)
        return self.shown(file, is_new=is_new)

    @extend_schema(request=FileSaidSerializer, responses=FileSerializer)
    def partial_update(self, request: Request, uuid: UUID) -> Response:
        file, today = self.get_object(), self.now_and_today()[1]
        current = {"kind": file.kind, "title": file.title, "made_on": file.made_on}
        told = current | self.said(partial=True)
        return self.shown(attachments.change(by=request.user, file=file, on=today, **told))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, uuid: UUID) -> Response:
        attachments.remove(by=request.user, file=self.get_object())
        return Response(status=204)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def content(self, request: Request, uuid: UUID) -> HttpResponse:
        """The file itself."""
        file = self.get_object()
        return HttpResponse(bytes(file.content), headers=attachments.headers_of(file, is_shown=False))
