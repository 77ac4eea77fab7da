from types import SimpleNamespace
from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.sessions.backends.base import SessionBase
from django.http import JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from tracker.api.permissions import IsPatient
from tracker.services import exports


class SaidPasswordAgain(BasePermission):
    """A session lasts for weeks; to take everything along at once, it has to be the patient again, just now."""

    message = _("Give the password again first: POST /_allauth/app/v1/auth/reauthenticate.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        session = request.auth if isinstance(request.auth, SessionBase) else request.session
        asked = SimpleNamespace(user=request.user, session=session, method="GET")
        try:
            reauthentication_required(lambda request: None)(asked)
        except ReauthenticationRequired:
            return False
        return True


class ExportSerializer(serializers.Serializer):
    format = serializers.ChoiceField(
        choices=[kind.value for kind in exports.Format],
        default=exports.Format.JSON.value,
        help_text="json: the whole record, for Ebb and for keeping; csv: the pain log; fhir: a bundle for clinics.",
    )
    with_name = serializers.BooleanField(default=False, help_text="Put the patient's name into the FHIR bundle.")


class ExportView(APIView):
    permission_classes = (IsPatient, SaidPasswordAgain)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        """Problems are JSON; `format` names the file here, and not the shape of an answer."""
        return JSONRenderer(), JSONRenderer.media_type

    @extend_schema(
        parameters=[ExportSerializer],
        responses={(200, exports.Format(kind).content_type): OpenApiTypes.BINARY for kind in exports.Format},
    )
    def get(self, request: Request) -> Any:
        """Everything of the patient as a file, streamed. The session must have given its password in the last minutes."""
        asked = ExportSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        at, kind = timezone.now(), exports.Format(asked.validated_data["format"])
        pieces = exports.pieces(by=request.user, kind=kind, at=at, with_name=asked.validated_data["with_name"])
        name = exports.filename(kind, timezone.localdate(at))
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return StreamingHttpResponse(pieces, content_type=kind.content_type, headers=headers)


class CheckupExportView(APIView):
    """One check-up as a FHIR bundle: the answers, and what the rules made of them."""

    @extend_schema(responses={(200, exports.Format.FHIR.content_type): OpenApiTypes.OBJECT})
    def get(self, request: Request, uuid: UUID) -> Any:
        get_object_or_404(request.user.assessments, uuid=uuid)
        bundle = exports.check_up_bundle(by=request.user, uuid=uuid, at=timezone.now())
        return JsonResponse(bundle, content_type=exports.Format.FHIR.content_type)
