from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import (
    ChoiceField,
    ClockField,
    DayField,
    InstantField,
    KeysField,
    OptionalNRSField,
    Strict,
    TextField,
    WholeNumberField,
    YesNoField,
)
from tracker.domain.pacing import MOVES
from tracker.domain.schedule import local_date
from tracker.models import EmergencyRegion, Occurrence, Reminder
from tracker.models.names import ASKED
from tracker.services import reminders


class ReminderSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    kind = ChoiceField(choices=Reminder.Kind.choices)
    wall_time = ClockField()
    weekdays = serializers.ListField(
        source="weekday_set",
        child=WholeNumberField(min_value=1, max_value=7),
        allow_empty=False,
        max_length=7,
        required=False,
        help_text=_("ISO weekdays: 1 is Monday."),
    )
    is_active = YesNoField(required=False)
    unsubscribed_at = InstantField(read_only=True, allow_null=True)
    changed_at = InstantField(read_only=True)

    def to_representation(self, instance: Reminder) -> dict[str, Any]:
        return super().to_representation(instance) | {"weekdays": sorted(instance.weekday_set)}


class ReminderChangeSerializer(ReminderSerializer):
    """The kind of a reminder is part of what it is."""

    kind = serializers.ChoiceField(choices=Reminder.Kind.choices, read_only=True)


class OccurrenceSerializer(serializers.ModelSerializer):
    due_at = InstantField(read_only=True)
    window_ends_at = InstantField(read_only=True)
    sent_at = InstantField(read_only=True, allow_null=True)
    responded_at = InstantField(read_only=True, allow_null=True)

    class Meta:
        model = Occurrence
        fields = ("local_date", "zone", "due_at", "window_ends_at", "state", "sent_at", "response", "responded_at")
        read_only_fields = fields


class SessionSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    local_date = DayField(read_only=True)
    exercises_done = serializers.ListField(
        child=ChoiceField(choices=[(move.key, move.name) for move in MOVES]), max_length=len(MOVES)
    )
    pain_during = OptionalNRSField()
    pain_next_morning = serializers.IntegerField(read_only=True, allow_null=True)
    recorded_at = InstantField(read_only=True)


class ProfileSerializer(Strict):
    email = serializers.EmailField(source="user.email", read_only=True)
    display_name = TextField(max_length=80)
    zone = TextField(max_length=64, allow_blank=False)
    zone_confirmed_at = InstantField(read_only=True, allow_null=True)
    quiet_from = ClockField(required=False, allow_null=True)
    quiet_until = ClockField(required=False, allow_null=True)
    emergency_region = ChoiceField(choices=EmergencyRegion.choices, required=False, allow_blank=True)
    paused_until = DayField(required=False, allow_null=True, help_text=_("No reminder before this day."))
    asked = KeysField(choices=ASKED, help_text=_("What the patient wants to be asked beside the number, each once."))

    def validate_paused_until(self, until: date | None) -> date | None:
        today = local_date(timezone.now(), ZoneInfo(self.instance.zone))
        if until and not today < until <= today + reminders.LONGEST_PAUSE:
            raise serializers.ValidationError(_("Choose a day from tomorrow on, within a year."))
        return until

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        ends = [attrs.get(name, getattr(self.instance, name)) for name in ("quiet_from", "quiet_until")]
        if (ends[0] is None) != (ends[1] is None):
            raise serializers.ValidationError({"quiet_until": [_("Quiet hours need both ends.")]})
        return attrs
