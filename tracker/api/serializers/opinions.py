from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tracker.api.serializers.fields import (
    ChoiceField,
    DayField,
    InstantField,
    KeysField,
    ReferenceField,
    Strict,
    TextField,
)
from tracker.domain.brief import MAY_BE_LEFT_OUT, Brief, SealedPart
from tracker.models import Comparison, IndependentView
from tracker.models.names import PART_NAMES
from tracker.models.second_opinions import LONG_TEXT
from tracker.services.second_opinions import DECISIONS, SHORT_TEXT, Content

_DECISIONS = {"type": "object", "additionalProperties": {"type": "string", "enum": sorted(DECISIONS)}}


@extend_schema_field(_DECISIONS)
class DecisionsField(serializers.Field):
    """{digest of a sentence: show or hold_back}."""

    default_error_messages = {"invalid": _("Must be an object of digests and “show” or “hold_back”.")}

    def to_internal_value(self, given: Any) -> dict[str, str]:
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            self.fail("invalid")
        if not set(given.values()) <= DECISIONS:
            self.fail("invalid")
        return given

    def to_representation(self, decided: dict[str, str]) -> dict[str, str]:
        return decided


class OpinionSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    question = TextField(max_length=LONG_TEXT)
    goal = TextField(max_length=LONG_TEXT)
    worry = TextField(max_length=LONG_TEXT)
    refer_to = TextField(max_length=40)
    attempt = ReferenceField(required=False, allow_null=True)
    log_from = DayField(required=False, allow_null=True)
    left_out = KeysField(choices=[(part.value, PART_NAMES[part]) for part in MAY_BE_LEFT_OUT])
    attached = serializers.ListField(child=ReferenceField(), required=False, max_length=200)
    earlier_advice = TextField(max_length=LONG_TEXT)
    sealed_opened_at = InstantField(read_only=True, allow_null=True)
    sealed_opened_by = serializers.CharField(read_only=True)
    closed_at = InstantField(read_only=True, allow_null=True)
    created_at = InstantField(read_only=True)
    changed_at = InstantField(read_only=True)

    def validate_attempt(self, uuid: Any) -> Any:
        if uuid is None:
            return None
        attempt = self.context["view"].patient.attempts.filter(uuid=uuid).first()
        if attempt is None:
            raise serializers.ValidationError(_("There is no such attempt."))
        return attempt

    def validate_attached(self, uuids: list[Any]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(str, uuids)))

    def validate_left_out(self, parts: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(parts))

    def run_validation(self, data: Any = serializers.empty) -> dict[str, Any]:
        """A whole body says nothing of what it leaves out."""
        said = super().run_validation(data)
        return said if self.partial else Content(**said).columns | said


class SentenceSerializer(serializers.Serializer):
    digest = serializers.CharField(source="sentence.digest")
    text = serializers.CharField(source="sentence.text")
    doubts = serializers.ListField(child=serializers.CharField(), source="sentence.kinds")
    is_shown = serializers.BooleanField()


class WordsSerializer(serializers.Serializer):
    sentences = SentenceSerializer(many=True, source="doubtful")


class DecideSerializer(Strict):
    decided = DecisionsField()


@extend_schema_field(OpenApiTypes.OBJECT)
class ValueField(serializers.Field):
    """A frozen value of the domain, as it is."""

    def to_representation(self, value: Brief | SealedPart) -> dict[str, Any]:
        return asdict(value)


class BriefSerializer(serializers.Serializer):
    brief = ValueField()


class SealedSerializer(serializers.Serializer):
    sealed = ValueField()


class ViewSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    written_by = ChoiceField(choices=IndependentView.WrittenBy.choices, read_only=True)
    clinician = TextField(max_length=SHORT_TEXT)
    diagnosis = TextField(max_length=SHORT_TEXT)
    ground = TextField(max_length=LONG_TEXT)
    advice = TextField(max_length=LONG_TEXT)
    written_at = InstantField(read_only=True)


class OpinionComparisonSerializer(Strict):
    diagnosis = ReferenceField(read_only=True)
    outcome = ChoiceField(choices=Comparison.Outcome.choices)
    called_now = TextField(max_length=SHORT_TEXT, write_only=True)
    said_by = TextField(max_length=SHORT_TEXT, write_only=True)
    replaced_by = ReferenceField(read_only=True, allow_null=True)
    what_changes = TextField(max_length=LONG_TEXT)
    compared_at = InstantField(read_only=True)
