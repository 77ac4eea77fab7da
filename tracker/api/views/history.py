from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tracker.api.serializers.history import (
    WEEKDAYS,
    Asked,
    AskedComparison,
    AskedRange,
    AskedSearch,
    BeforeAfterSerializer,
    HistoryDaysSerializer,
    PatternsSerializer,
)
from tracker.domain.history import PARTS, Pattern
from tracker.domain.periods import Day
from tracker.domain.schedule import local_date
from tracker.services import history


class HistoryView(APIView):
    """Reads the caller's own log, with the same numbers as the pages."""

    def asked(self, serializer: type[Asked]) -> dict[str, Any]:
        """What the query asks for, with the patient's own today."""
        patient = self.request.user.patient
        today = local_date(timezone.now(), ZoneInfo(patient.zone))
        query = serializer(data=self.request.query_params.dict(), today=today)
        query.is_valid(raise_exception=True)
        return query.validated_data | {"patient": patient}


class HistoryDaysView(HistoryView):
    @extend_schema(operation_id="history_days", parameters=[AskedRange], responses=HistoryDaysSerializer)
    def get(self, request: Request) -> Response:
        """The logged days of a range; 120 days until today if none is given, ten years at most."""
        asked = self.asked(AskedRange)
        rows = [Day._make(row) for row in history.days(**asked)]
        return Response(HistoryDaysSerializer(asked | {"results": rows}).data)


class PatternsView(HistoryView):
    @extend_schema(operation_id="history_patterns", parameters=[AskedSearch], responses=PatternsSerializer)
    def get(self, request: Request) -> Response:
        """Weekdays and times of day; over 365 days until today if none are given, two years at most."""
        asked = self.asked(AskedSearch)
        found = history.patterns(**asked)
        told = {
            "weekdays": _named(found.weekdays, "weekday", WEEKDAYS),
            "parts": _named(found.parts, "part", PARTS),
        }
        return Response(PatternsSerializer(asked | told).data)


def _named(pattern: Pattern, name: str, keys: Sequence[str]) -> dict[str, Any]:
    cells = zip(keys, pattern.cells, strict=True)
    return {"finding": pattern.finding, "cells": [asdict(cell) | {name: key} for key, cell in cells]}


class BeforeAfterView(HistoryView):
    @extend_schema(operation_id="history_before_after", parameters=[AskedComparison], responses=BeforeAfterSerializer)
    def get(self, request: Request) -> Response:
        """The weeks before and after a date."""
        asked = self.asked(AskedComparison)
        today = local_date(timezone.now(), ZoneInfo(request.user.patient.zone))
        return Response(BeforeAfterSerializer(history.before_and_after(today=today, **asked).comparison).data)
