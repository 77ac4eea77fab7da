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
    ReferenceField,
    Strict,
    TextField,
    WholeNumberField,
    YesNoField,
)
from tracker.domain.schedule import local_date
from tracker.models import EmergencyRegion, Occurrence, Reminder
from tracker.models.names import ASKED
from tracker.services import answers, pauses, reminders


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
    window_minutes = WholeNumberField(
        required=False,
        allow_null=True,
        min_value=reminders.LEAST_WINDOW,
        max_value=reminders.LONGEST_WINDOW,
        help_text=_("How late it may come; null is as long as its kind allows, and no more than that."),
    )
    repeat_minutes = WholeNumberField(
        required=False,
        allow_null=True,
        min_value=reminders.LEAST_REPEAT,
        max_value=reminders.LONGEST_REPEAT,
        help_text=_("It comes once more after so long if nothing is done; null is once."),
    )
    skips_if_done = YesNoField(required=False, help_text=_("Left out if what it asks for is done."))
    medicine = ReferenceField(
        required=False, allow_null=True, help_text=_("The medicine it is for, of reminders to take one.")
    )
    channels = KeysField(
        source="channel_set",
        choices=Reminder.Channel.choices,
        allow_empty=False,
        help_text=_("The ways it goes out, each once; messages need a device of the patient's."),
    )
    is_active = YesNoField(required=False)
    unsubscribed_at = InstantField(read_only=True, allow_null=True)
    changed_at = InstantField(read_only=True)

    def to_representation(self, instance: Reminder) -> dict[str, Any]:
        return super().to_representation(instance) | {
            "weekdays": sorted(instance.weekday_set),
            "channels": sorted(instance.channel_set),
        }


class ReminderChangeSerializer(ReminderSerializer):
    """The kind of a reminder is part of what it is."""

    kind = serializers.ChoiceField(choices=Reminder.Kind.choices, read_only=True)


class OccurrenceSerializer(serializers.ModelSerializer):
    reminder = ReferenceField(read_only=True)
    kind = serializers.ChoiceField(choices=Reminder.Kind.choices, source="reminder.kind", read_only=True)
    because = serializers.SerializerMethodField(help_text=_("Why it was not sent, or could not be, as a short text."))
    due_at = InstantField(read_only=True)
    window_ends_at = InstantField(read_only=True)
    sent_at = InstantField(read_only=True, allow_null=True)
    responded_at = InstantField(read_only=True, allow_null=True)

    class Meta:
        model = Occurrence
        fields = (
            "reminder",
            "kind",
            "local_date",
            "zone",
            "due_at",
            "window_ends_at",
            "state",
            "because",
            "n_sends",
            "sent_at",
            "response",
            "responded_at",
        )
        read_only_fields = fields

    def get_because(self, row: Occurrence) -> str:
        """What a mail server says may hold an address or a name of a machine, so of that only the stage is told."""
        return row.because.split(":")[0]


class AnswerSerializer(Strict):
    action = ChoiceField(choices=[(answer, answer) for answer in (*Occurrence.Response.values, answers.SCORE)])
    minutes = WholeNumberField(required=False, help_text=_("Of “snoozed”: 10, 30, 60 or 120; 30 unless said."))
    nrs = OptionalNRSField(help_text=_("Of “score”: the pain now, from 0 to 10. It becomes an entry of the log."))


class SendSerializer(serializers.Serializer):
    reminder = ReferenceField(read_only=True)
    kind = serializers.ChoiceField(choices=Reminder.Kind.choices, source="reminder.kind", read_only=True)
    local_date = DayField(read_only=True)
    due_at = InstantField(read_only=True, help_text=_("Its own time."))
    send_at = InstantField(read_only=True, help_text=_("When it is sent."))
    moved_by = serializers.CharField(read_only=True, help_text=_("What holds it back from its own time, if anything."))
    is_repeat = serializers.BooleanField(read_only=True)


class DeviceZoneSerializer(Strict):
    zone = TextField(max_length=64, required=True, allow_blank=False, help_text=_("The zone that the device is in."))
    choice = ChoiceField(
        choices=[("keep", _("stay at home")), ("use", _("use this zone")), ("follow", _("follow the device"))],
        required=False,
        help_text=_("What the patient said when asked. Without it the device only tells where it is."),
    )


class DeviceZoneAnswerSerializer(serializers.Serializer):
    zone = serializers.CharField(read_only=True, help_text=_("The zone that reminders go by now."))
    follows_device = serializers.BooleanField(read_only=True)
    asks = serializers.BooleanField(read_only=True, help_text=_("Whether to ask the patient what to do."))


class ProfileSerializer(Strict):
    email = serializers.EmailField(source="user.email", read_only=True)
    display_name = TextField(max_length=80)
    zone = TextField(max_length=64, allow_blank=False)
    zone_confirmed_at = InstantField(read_only=True, allow_null=True)
    quiet_from = ClockField(required=False, allow_null=True)
    quiet_until = ClockField(required=False, allow_null=True)
    emergency_region = ChoiceField(choices=EmergencyRegion.choices, required=False, allow_blank=True)
    follows_device = YesNoField(required=False, help_text=_("The zone goes with the device when it travels."))
    says_more = YesNoField(required=False, help_text=_("Mails name what they are about. Off: neutral words."))
    paused_until = DayField(required=False, allow_null=True, help_text=_("No reminder before this day."))
    asked = KeysField(choices=ASKED, help_text=_("What the patient wants to be asked beside the number, each once."))

    def validate_paused_until(self, until: date | None) -> date | None:
        today = local_date(timezone.now(), ZoneInfo(self.instance.zone))
        if until and not today < until <= today + pauses.LONGEST_PAUSE:
            raise serializers.ValidationError(_("Choose a day from tomorrow on, within a year."))
        return until

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        ends = [attrs.get(name, getattr(self.instance, name)) for name in ("quiet_from", "quiet_until")]
        if (ends[0] is None) != (ends[1] is None):
            raise serializers.ValidationError({"quiet_until": [_("Quiet hours need both ends.")]})
        return attrs
