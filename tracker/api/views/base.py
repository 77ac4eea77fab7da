from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from tracker.domain.schedule import local_date
from tracker.models import Patient

F = TypeVar("F", bound=Callable[..., Any])


def makes_or_replaces(serializer: type[Serializer]) -> Callable[[F], F]:
    """Tells the schema what a PUT answers: 201 for a new object, 200 for one that was there."""
    return extend_schema(request=serializer, responses={200: serializer, 201: serializer})


class PatientViewSet(GenericViewSet):
    """Everything is reached through the signed-in patient, so that another patient's object answers 404."""

    # A view that names no rows of its own has none: `queryset` only tells the schema what they look like.
    lookup_field = "uuid"

    @property
    def patient(self) -> Patient:
        return self.request.user.patient

    def now_and_today(self) -> tuple[datetime, date]:
        """This instant, and the patient's local day."""
        now = timezone.now()
        return now, local_date(now, ZoneInfo(self.patient.zone))

    @cached_property
    def serializer(self) -> Serializer:
        """One for what is said and what is shown: making the fields of one takes longer than using them."""
        return self.get_serializer()

    def said(self, *, partial: bool = False) -> dict[str, Any]:
        """What the body says, checked for its shape."""
        self.serializer.partial = partial
        return self.serializer.run_validation(self.request.data)

    def sent(self, serializer: type[Serializer]) -> dict[str, Any]:
        """What the body says where it is no row of this view, checked for its shape."""
        sent = serializer(data=self.request.data)
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)

    def shown(self, instance: object, *, is_new: bool = False) -> Response:
        return Response(self.serializer.to_representation(instance), 201 if is_new else 200)

    def list(self, request: object, **key: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: object, **key: Any) -> Response:
        return self.shown(self.get_object())
