from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from tracker.api.serializers.fields import InstantField, ReferenceField, Strict, TextField, WholeNumberField
from tracker.domain.visits import LONGEST_BEFORE
from tracker.models import SecondOpinion
from tracker.models.second_opinions import LONG_TEXT
from tracker.services.appointments import LENGTHS, MAX_QUESTIONS, SHORTEST_BEFORE, Asked, Content


class VisitQuestionSerializer(Strict):
    """In a list that is put, an answer that is left out stays as it is."""

    uuid = ReferenceField()
    text = TextField(max_length=LONG_TEXT, required=True)
    answer = TextField(max_length=LONG_TEXT)


class AppointmentSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    starts_at = InstantField()
    zone = TextField(max_length=64, allow_blank=False, help_text=_("Where it takes place; yours unless said."))
    with_whom = TextField(max_length=LENGTHS["with_whom"])
    place = TextField(max_length=LENGTHS["place"])
    purpose = TextField(max_length=LENGTHS["purpose"])
    opinion = ReferenceField(required=False, allow_null=True)
    remind_before = WholeNumberField(
        required=False,
        allow_null=True,
        min_value=SHORTEST_BEFORE,
        max_value=LONGEST_BEFORE,
        help_text=_("Minutes before the start at which a mail tells of it; null for none."),
    )
    decided = TextField(max_length=LENGTHS["decided"])
    next_attempt = ReferenceField(read_only=True, allow_null=True)
    questions = VisitQuestionSerializer(many=True, read_only=True)
    cancelled_at = InstantField(read_only=True, allow_null=True)
    sequence = serializers.IntegerField(read_only=True)
    created_at = InstantField(read_only=True)
    changed_at = InstantField(read_only=True)

    def validate_opinion(self, uuid: UUID | None) -> SecondOpinion | None:
        if uuid is None:
            return None
        opinion = self.context["view"].patient.second_opinions.filter(uuid=uuid).first()
        if opinion is None:
            raise serializers.ValidationError(_("There is no such second opinion."))
        return opinion

    def run_validation(self, data: Any = serializers.empty) -> dict[str, Any]:
        """A whole body says nothing of what it leaves out."""
        said = super().run_validation(data)
        if self.partial:
            return said
        return Content(**{"zone": self.context["view"].patient.zone} | said).columns


class VisitQuestionsSerializer(Strict):
    questions = VisitQuestionSerializer(many=True, max_length=MAX_QUESTIONS)

    def validate_questions(self, questions: list[dict[str, Any]]) -> list[Asked]:
        return [Asked(**one) for one in questions]


class IdeasSerializer(serializers.Serializer):
    ideas = serializers.ListField(child=serializers.CharField())
