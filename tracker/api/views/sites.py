from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tracker.api.serializers.sites import SiteSerializer
from tracker.domain.sites import BODY


class SitesView(APIView):
    """The places that an entry can name, the same for everybody."""

    @extend_schema(operation_id="sites_list", responses=SiteSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(SiteSerializer(BODY, many=True).data)
