from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tracker.api.serializers.reminders import ProfileSerializer
from tracker.models import User
from tracker.services import accounts, reminders


class ProfileView(APIView):
    @extend_schema(responses=ProfileSerializer)
    def get(self, request: Request) -> Response:
        """The patient's own settings."""
        return Response(ProfileSerializer(request.user.patient).data)

    @extend_schema(request=ProfileSerializer, responses=ProfileSerializer)
    def patch(self, request: Request) -> Response:
        """Change what is given. A given zone counts as confirmed."""
        serializer = ProfileSerializer(request.user.patient, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        with transaction.atomic():
            self.carry_out(by=request.user, at=timezone.now(), **serializer.validated_data)
        request.user.patient.refresh_from_db()
        return Response(ProfileSerializer(request.user.patient).data)

    def carry_out(self, *, by: User, at: datetime, **changes: Any) -> None:
        if "zone" in changes:
            accounts.confirm_zone(by=by, zone=changes.pop("zone"), at=at)
        if "paused_until" in changes:
            reminders.pause(by=by, until=changes.pop("paused_until"), at=at)
        if "asked" in changes:
            accounts.choose_asked(by=by, asked=changes.pop("asked"))
        if changes:
            accounts.change_settings(by=by, **changes)
