"""Fields that take one JSON type each and keep text byte for byte, and a serializer that refuses unknown names."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tracker.domain.pain import EARLIEST_DAY, NRS_MAX, NRS_MIN

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_CLOCK = re.compile(r"\d{2}:\d{2}(:00)?", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)


class Strict(serializers.Serializer):
    """A name that is not known is an error; one that can only be read is passed over."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            raise serializers.ValidationError({name: [_("There is no such field.")] for name in sorted(unknown)})
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    default_error_messages = {"invalid": _("This must be text.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        options.setdefault("allow_blank", not options["required"])
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class NRSField(WholeNumberField):
    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=NRS_MIN, max_value=NRS_MAX, **options)


class OptionalNRSField(NRSField):
    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_null=True, **options)


class YesNoField(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class ChoiceField(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class KeysField(serializers.ListField):
    """Some keys of a closed list."""

    def __init__(self, *, choices: Sequence[tuple[str, Any]], **options: Any) -> None:
        super().__init__(child=ChoiceField(choices=choices), required=False, max_length=len(choices), **options)


class InstantField(serializers.DateTimeField):
    """An instant with its offset from UTC; without one nobody knows when it was."""

    default_error_messages = {"invalid": _("Write an instant with its offset, such as 2026-03-01T07:30:00+01:00.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            self.fail("invalid", format="")
        return super().to_internal_value(value.upper())


class DayField(serializers.DateField):
    default_error_messages = {
        "invalid": _("Write a day as 2026-03-01."),
        "too_early": _("Days before the year 1900 are not kept."),
    }

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            self.fail("invalid", format="")
        day = super().to_internal_value(value)
        if day < EARLIEST_DAY:
            self.fail("too_early")
        return day


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:00)?$", "example": "07:00"})
class ClockField(serializers.TimeField):
    """A wall time to the minute, without a zone: no page keeps seconds."""

    default_error_messages = {"invalid": _("Write a time of day as 07:30.")}

    def to_internal_value(self, value: Any) -> time:
        if not isinstance(value, str) or not _CLOCK.fullmatch(value):
            self.fail("invalid", format="")
        return super().to_internal_value(value)


@extend_schema_field(OpenApiTypes.UUID)
class ReferenceField(serializers.UUIDField):
    """The uuid of another object of the same patient; the view looks it up."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        return super().to_internal_value(data)

    def to_representation(self, value: Any) -> str:
        return super().to_representation(getattr(value, "uuid", value))
