from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import ChoiceField, DayField, InstantField, ReferenceField, Strict, TextField
from tracker.api.serializers.treatments import VerdictSerializer
from tracker.models import Advice, Proposal
from tracker.services.proposals import LENGTHS


class AdviceSerializer(Strict):
    id = serializers.IntegerField(read_only=True)
    kind = serializers.ChoiceField(choices=Advice.Kind.choices, read_only=True)
    evidence = serializers.CharField(read_only=True, help_text="What it is about. It is said once for this.")
    because = serializers.DictField(read_only=True, help_text="The figures it rests on, as they were.")
    attempt = ReferenceField(read_only=True, allow_null=True)
    verdict = VerdictSerializer(read_only=True, allow_null=True)
    state = ChoiceField(
        choices=Advice.State.choices, help_text="“seen” takes an answer back, “later” puts off until a day."
    )
    later_until = DayField(
        required=False, allow_null=True, help_text="The local day on which it comes back; with “later” alone."
    )
    created_at = InstantField(read_only=True)
    changed_at = InstantField(read_only=True)

    def validate_state(self, state: str) -> str:
        if state == Advice.State.NEW:
            raise serializers.ValidationError(_("Advice that was looked at is not new again."))
        return state

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        if said.get("later_until") and said.get("state") != Advice.State.LATER:
            raise serializers.ValidationError({"later_until": _("Only advice that is put off has a day.")})
        return said


class ProposalSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    name = TextField(max_length=LENGTHS["name"], required=True)
    proposed_by = TextField(max_length=LENGTHS["proposed_by"])
    proposed_on = DayField(required=False, allow_null=True)
    reason = TextField(max_length=LENGTHS["reason"])
    decision = ChoiceField(choices=Proposal.Decision.choices, required=False)
    changed_at = InstantField(read_only=True)
