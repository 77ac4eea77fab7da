from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tracker.api.serializers.reminders import (
    DeviceZoneAnswerSerializer,
    DeviceZoneSerializer,
    ProfileSerializer,
)
from tracker.models import User
from tracker.services import accounts, pauses


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
            until = changes.pop("paused_until")
            pauses.rest(by=by, until=until, at=at) if until else pauses.end(by=by, at=at)
        if "asked" in changes:
            accounts.choose_asked(by=by, asked=changes.pop("asked"))
        if changes:
            accounts.change_settings(by=by, at=at, **changes)


class DeviceZoneView(APIView):
    @extend_schema(request=DeviceZoneSerializer, responses=DeviceZoneAnswerSerializer)
    def post(self, request: Request) -> Response:
        """Tell in which zone the device is. Asked once about a new one, the patient chooses what to do."""
        serializer = DeviceZoneSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        by, at, zone = request.user, timezone.now(), serializer.validated_data["zone"]
        match serializer.validated_data.get("choice"):
            case "keep":
                accounts.keep_zone(by=by, declined=zone)
            case "use":
                accounts.confirm_zone(by=by, zone=zone, at=at)
            case "follow":
                accounts.follow_device(by=by, zone=zone, at=at)
        asks = accounts.meet_device(by=by, zone=zone, at=at)
        told = {"zone": by.patient.zone, "follows_device": by.patient.follows_device, "asks": asks}
        return Response(DeviceZoneAnswerSerializer(told).data)
