from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tracker.api.serializers.reminders import ProfileSerializer
from tracker.services import accounts


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
        changes = dict(serializer.validated_data)
        zone = changes.pop("zone", None)
        with transaction.atomic():
            if zone is not None:
                accounts.confirm_zone(by=request.user, zone=zone, at=timezone.now())
            if changes:
                accounts.change_settings(by=request.user, **changes)
        return Response(ProfileSerializer(request.user.patient).data)
