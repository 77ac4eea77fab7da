from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tracker.api.serializers.pauses import FlareSerializer
from tracker.services import pauses


class FlareView(APIView):
    @extend_schema(responses=FlareSerializer)
    def get(self, request: Request) -> Response:
        """Whether the patient has said that it is worse than usual, and until when the moves are lighter."""
        return Response(FlareSerializer(request.user.patient).data)

    @extend_schema(request=None, responses=FlareSerializer)
    def put(self, request: Request) -> Response:
        """It is worse than usual: lighter moves for 48 hours from now. Said again, the time begins again."""
        return Response(FlareSerializer(pauses.begin_flare(by=request.user, at=timezone.now())).data)

    @extend_schema(request=None, responses=FlareSerializer)
    def delete(self, request: Request) -> Response:
        """It is over, or was a slip."""
        return Response(FlareSerializer(pauses.end_flare(by=request.user)).data)
