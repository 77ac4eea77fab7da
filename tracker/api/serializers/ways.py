from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import InstantField, Strict, TextField, YesNoField
from tracker.models import CalendarFeed, MailStop, PushDevice
from tracker.services import calendar_feeds


class PushDeviceSerializer(Strict):
    """What a browser's push subscription says; address and keys are never shown again."""

    uuid = serializers.UUIDField(read_only=True)
    name = TextField(max_length=80)
    endpoint = TextField(max_length=800, required=True, write_only=True)
    public_key = TextField(max_length=100, required=True, write_only=True, help_text=_("Named p256dh there."))
    auth_secret = TextField(max_length=30, required=True, write_only=True, help_text=_("Named auth there."))
    created_at = InstantField(read_only=True)
    reached_at = InstantField(read_only=True, allow_null=True)
    gone_at = InstantField(read_only=True, allow_null=True, help_text=_("Since then the browser takes nothing."))

    class Meta:
        model = PushDevice


class PushKeySerializer(serializers.Serializer):
    public_key = serializers.CharField(help_text=_("applicationServerKey of a push subscription."))


class CalendarFeedSerializer(Strict):
    """`address` is the key itself: whoever has it can read the feed."""

    address = serializers.SerializerMethodField()
    has_words = YesNoField()
    made_at = InstantField(read_only=True)

    def get_address(self, feed: CalendarFeed) -> str:
        return calendar_feeds.address_of(feed)


class MailStatusSerializer(serializers.Serializer):
    """Whether mail to the patient's address is stopped, and why."""

    is_stopped = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=MailStop.Reason.choices, allow_null=True)
    stopped_at = InstantField(allow_null=True)
