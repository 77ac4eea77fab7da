from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import (
    ChoiceField,
    DayField,
    InstantField,
    KeysField,
    ReferenceField,
    Strict,
    TextField,
    YesNoField,
)
from tracker.domain.brief import MAY_BE_LEFT_OUT, Part
from tracker.models import SecondOpinion, Summary
from tracker.models.second_opinions import LONG_TEXT

PARTS = [(part.value, part.value) for part in MAY_BE_LEFT_OUT if part != Part.FILES]


class SummarySerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    first_day = DayField()
    last_day = DayField()
    question = TextField(max_length=LONG_TEXT)
    goal = TextField(max_length=LONG_TEXT)
    worry = TextField(max_length=LONG_TEXT)
    is_blind = YesNoField(
        required=False, help_text=_("Without what others have concluded; doubtful sentences stay out.")
    )
    left_out = KeysField(choices=PARTS, help_text=_("Parts that stay out; notes do unless this says otherwise."))
    paper = ChoiceField(choices=Summary.Paper.choices, required=False)
    opinion = ReferenceField(
        required=False, allow_null=True, help_text=_("A second opinion, of which this is the brief.")
    )
    state = serializers.ChoiceField(choices=Summary.State.choices, read_only=True)
    made_at = InstantField(read_only=True)

    def validate_opinion(self, uuid: UUID | None) -> SecondOpinion | None:
        opinion = self.context["request"].user.patient.second_opinions.filter(uuid=uuid).first() if uuid else None
        if uuid and opinion is None:
            raise serializers.ValidationError(_("There is no such second opinion."))
        return opinion


class BlockSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["text", "list", "table", "chart"])
    title = serializers.CharField()
    text = serializers.CharField()
    head = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    is_alarm = serializers.BooleanField()


class ChartSerializer(serializers.Serializer):
    picture = serializers.CharField(help_text=_("SVG"))
    words = serializers.CharField()
    key = serializers.CharField()


class SheetSerializer(serializers.Serializer):
    """What page and paper show."""

    language = serializers.CharField()
    title = serializers.CharField()
    made = serializers.CharField()
    footer = serializers.CharField()
    first_page = BlockSerializer(many=True, source="fullest.blocks", help_text=_("The fullest page 1."))
    chart = ChartSerializer()
    appendix = BlockSerializer(many=True)
