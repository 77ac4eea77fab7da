from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tracker.api.serializers.entries import EntrySerializer
from tracker.api.serializers.fields import InstantField, ReferenceField, Strict
from tracker.models import RedFlagScreen
from tracker.services import red_flags

ANSWERS = ("yes", "no", "unsure")
OFFER = _("The short red-flag questions are to be asked now: see /red-flag-questions/.")


class SavedEntrySerializer(EntrySerializer):
    """An entry that was just written."""

    offer_red_flags = serializers.BooleanField(read_only=True, default=False, help_text=OFFER)


class ShortQuestionSerializer(serializers.Serializer):
    """One of the eight. A yes opens the check-up, and unsure does where it counts; `alone` is for want of network."""

    id = serializers.CharField()
    text = serializers.CharField()
    options = serializers.ListField(child=serializers.ChoiceField(ANSWERS))
    unsure_counts = serializers.BooleanField()
    opens = serializers.ListField(child=serializers.CharField(), help_text=_("Get the same answer in the check-up."))
    asks = serializers.ListField(child=serializers.CharField(), help_text=_("Come first in the check-up, unanswered."))
    alone = serializers.CharField(help_text=_("The level of a yes while the check-up cannot be asked."))
    say = serializers.CharField(allow_blank=True, help_text=_("What to say on the phone in an emergency."))
    crisis = serializers.BooleanField(help_text=_("Yes or unsure: show at once where to find a person."))


class ShortSetSerializer(serializers.Serializer):
    rulebook_version = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True, help_text=_("The questions ask what is new since then."))
    questions = ShortQuestionSerializer(many=True)


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string", "enum": list(ANSWERS)}})
class ShortAnswersField(serializers.Field):
    """{question id: yes, no or unsure}. Null: not now."""

    def to_internal_value(self, given: Any) -> dict[str, str]:
        try:
            return red_flags.accepted(given)
        except red_flags.NoSuchAnswer as error:
            raise serializers.ValidationError({error.question: [error.words]}) from error

    def to_representation(self, answers: dict[str, str]) -> dict[str, str]:
        return answers


class ScreenSerializer(Strict):
    """The questions, answered or put off. Without an entry named, it is the one that calls for them."""

    uuid = serializers.UUIDField(read_only=True)
    entry = ReferenceField(source="entry_uuid", required=False)
    nrs = serializers.IntegerField(read_only=True)
    answers = ShortAnswersField(allow_null=True)
    answered_at = InstantField(read_only=True)
    rulebook_version = serializers.CharField(read_only=True)
    opened = serializers.SerializerMethodField(help_text=_("The questions whose answers opened the check-up."))
    crisis = serializers.SerializerMethodField(help_text=_("Show at once where to find a person."))
    checkup = serializers.UUIDField(
        read_only=True, allow_null=True, help_text=_("See /assessments/. Without a next question it has its result.")
    )

    def get_opened(self, screen: RedFlagScreen) -> list[str]:
        return list(red_flags.screened(screen).opened)

    def get_crisis(self, screen: RedFlagScreen) -> bool:
        return red_flags.screened(screen).crisis
