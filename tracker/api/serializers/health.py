from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tracker.api.serializers.fields import ChoiceField, InstantField, Strict, TextField, WholeNumberField
from tracker.domain.health import ANSWERS, EARLIEST_BIRTH_YEAR, FACT_KEYS
from tracker.models import HealthProfile
from tracker.models.health import FREE_TEXT_LENGTH

_FACTS = {
    "type": "object",
    "properties": {key: {"type": "string", "enum": [*ANSWERS, None], "nullable": True} for key in FACT_KEYS},
    "additionalProperties": False,
}


@extend_schema_field(_FACTS)
class FactsField(serializers.Field):
    """{fact: yes, no or unsure}. Null, or leaving it out, says nothing."""

    default_error_messages = {"invalid": "Must be an object of facts and answers."}

    def to_internal_value(self, given: Any) -> dict[str, str | None]:
        if not isinstance(given, dict):
            self.fail("invalid")
        faults = {str(key)[:80]: ["There is no such fact."] for key in given if key not in FACT_KEYS}
        faults |= {
            key: [f"Must be one of {', '.join(ANSWERS)}, or null."]
            for key, answer in given.items()
            if key in FACT_KEYS and answer is not None and (not isinstance(answer, str) or answer not in ANSWERS)
        }
        if faults:
            raise serializers.ValidationError(faults)
        return given

    def to_representation(self, facts: dict[str, str]) -> dict[str, str]:
        return {key: facts[key] for key in FACT_KEYS if key in facts}


class HealthProfileSerializer(Strict):
    birth_year = WholeNumberField(min_value=EARLIEST_BIRTH_YEAR, max_value=9999, required=False, allow_null=True)
    sex = ChoiceField(choices=HealthProfile.Sex.choices, required=False, allow_blank=True)
    facts = FactsField(required=False)
    conditions = TextField(max_length=FREE_TEXT_LENGTH)
    operations = TextField(max_length=FREE_TEXT_LENGTH)
    implants = TextField(max_length=FREE_TEXT_LENGTH)
    allergies = TextField(max_length=FREE_TEXT_LENGTH)
    changed_at = InstantField(read_only=True, allow_null=True)
