from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tracker.api.permissions import IsPatient
from tracker.api.views.exports import SaidPasswordAgain
from tracker.services import erasure


class AccountView(APIView):
    permission_classes = (IsPatient, SaidPasswordAgain)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request) -> HttpResponse:
        """Erase the whole record and the account, at once and for good. The session must have given its password in the
        last minutes. All its sessions and tokens end, so that asking again answers 401."""
        erasure.erase(by=request.user)
        return Response(status=204)
