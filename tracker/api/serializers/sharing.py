from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import (
    ChoiceField,
    DayField,
    InstantField,
    ReferenceField,
    Strict,
    TextField,
    WholeNumberField,
    YesNoField,
)
from tracker.models import Share, ShareView
from tracker.models.second_opinions import LONG_TEXT
from tracker.services import sharing


class ShareSerializer(Strict):
    """A link. `address` is the key itself: whoever has it can open it."""

    uuid = serializers.UUIDField(read_only=True)
    scope = ChoiceField(choices=Share.Scope.choices)
    opinion = ReferenceField(required=False, allow_null=True)
    first_day = DayField(required=False, allow_null=True)
    last_day = DayField(required=False, allow_null=True)
    meant_for = TextField(max_length=sharing.NAME_LENGTH)
    days = WholeNumberField(write_only=True, required=False, min_value=1, max_value=sharing.LONGEST)
    passphrase = TextField(write_only=True, max_length=sharing.LONGEST_PASSPHRASE)
    opens_sealed = YesNoField(required=False)
    has_passphrase = serializers.BooleanField(source="passphrase", read_only=True)
    address = serializers.SerializerMethodField()
    n_opened = serializers.IntegerField(read_only=True)
    last_opened_at = InstantField(read_only=True, allow_null=True)
    n_waiting = serializers.IntegerField(read_only=True)
    created_at = InstantField(read_only=True)
    expires_at = InstantField(read_only=True)
    revoked_at = InstantField(read_only=True, allow_null=True)

    def get_address(self, share: Share) -> str:
        return settings.SITE_URL + reverse("shared", args=[sharing.token_of(share)])

    def validate_opinion(self, uuid: Any) -> Any:
        if uuid is None:
            return None
        opinion = self.context["view"].patient.second_opinions.filter(uuid=uuid).first()
        if opinion is None:
            raise serializers.ValidationError(_("There is no such second opinion."))
        return opinion


class ShareActSerializer(serializers.Serializer):
    act = ChoiceField(choices=ShareView.Act.choices)
    device = serializers.CharField()
    at = InstantField()


class ShareQuestionSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    asked_by = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True)
    asked_at = InstantField(read_only=True)
    answer = TextField(required=True, max_length=LONG_TEXT)
    answered_at = InstantField(read_only=True, allow_null=True)
