from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:  # the framework reads this class while its own views are still being loaded
    from rest_framework.views import APIView


class IsPatient(BasePermission):
    """Signed in and with a record of one's own; every queryset then starts from that record."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.user.is_authenticated and hasattr(request.user, "patient")
