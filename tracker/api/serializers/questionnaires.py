from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tracker.api.serializers.fields import ChoiceField, DayField, InstantField, ReferenceField, Strict, TextField
from tracker.models import QuestionnaireResponse, TreatmentAttempt
from tracker.services import questionnaires

KEYS = [(key, one.title) for key, one in questionnaires.all_instruments().items()]


class ChoiceSerializer(serializers.Serializer):
    value = serializers.IntegerField()
    text = serializers.CharField()


class ItemSerializer(serializers.Serializer):
    """`low` and `high` are the words at the ends of a scale; a tick that is not set counts as 0."""

    id = serializers.CharField()
    text = serializers.CharField()
    type = serializers.ChoiceField(["scale", "choice", "tick"])
    heading = serializers.CharField(allow_blank=True)
    choices = ChoiceSerializer(many=True)
    at_least = serializers.IntegerField()
    at_most = serializers.IntegerField()
    low = serializers.CharField(allow_blank=True)
    high = serializers.CharField(allow_blank=True)


class BandSerializer(serializers.Serializer):
    begins = serializers.IntegerField()
    text = serializers.CharField()
    words = serializers.CharField(allow_blank=True)


class SmallestChangeSerializer(serializers.Serializer):
    """All that is given has to be reached; usable where the earlier score lies in the range."""

    points = serializers.IntegerField()
    percent = serializers.IntegerField()
    usable_from = serializers.IntegerField()
    usable_to = serializers.IntegerField()
    source = serializers.CharField()


class OfferSerializer(serializers.Serializer):
    begins = serializers.IntegerField()
    key = serializers.CharField()


class ScoreSerializer(serializers.Serializer):
    """sum: of the items, a missing one counting as the mean of the others; mean: with one decimal; groups: how many
    groups have at least one item that is not 0. Halves are rounded up. A band ends where the next one begins."""

    id = serializers.CharField()
    title = serializers.CharField()
    how = serializers.ChoiceField(["sum", "mean", "groups"])
    items = serializers.ListField(child=serializers.CharField())
    groups = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    at_least = serializers.IntegerField()
    at_most = serializers.IntegerField()
    bands = BandSerializer(many=True)
    change = SmallestChangeSerializer(allow_null=True)
    offers = OfferSerializer(allow_null=True)
    loinc = serializers.CharField(allow_blank=True)


class TestSerializer(serializers.Serializer):
    of = serializers.CharField()
    at_least = serializers.IntegerField()
    at_most = serializers.IntegerField()


class CriterionSerializer(serializers.Serializer):
    """Holds where every test of `every` holds, and every test of at least one list of `some`."""

    id = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    every = TestSerializer(many=True)
    some = serializers.ListField(child=TestSerializer(many=True))
    met = serializers.CharField()
    not_met = serializers.CharField()


class AlarmSerializer(serializers.Serializer):
    """The item that shows help at once: from this answer on, and where it was left out."""

    item = serializers.CharField()
    at_least = serializers.IntegerField()


class InstrumentSerializer(serializers.Serializer):
    """One questionnaire, with all that it takes to show and to score it without us."""

    key = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    version = serializers.CharField()
    scoring_version = serializers.CharField()
    language = serializers.CharField()
    licence = serializers.CharField()
    source = serializers.CharField()
    reviewed = serializers.CharField(allow_blank=True)
    review_needed = serializers.CharField(allow_blank=True)
    recall = serializers.CharField()
    minutes = serializers.IntegerField()
    stem = serializers.CharField(allow_blank=True)
    every_days = serializers.IntegerField(help_text="How often it is offered to who wants that; 0 is never.")
    may_miss = serializers.IntegerField(help_text="How many items may stay unanswered, ticks aside.")
    names_attempt = serializers.BooleanField()
    alarm = AlarmSerializer(allow_null=True)
    items = ItemSerializer(many=True)
    scores = ScoreSerializer(many=True)
    criteria = CriterionSerializer(many=True)


@extend_schema_field({"type": "object", "additionalProperties": {"type": "integer", "nullable": True}})
class AnswersField(serializers.Field):
    """{item: whole number}; null is not answered."""

    def to_internal_value(self, given: Any) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise serializers.ValidationError(_("This must be an object of items and answers."))
        return given

    def to_representation(self, answers: dict[str, int]) -> dict[str, int]:
        return answers


class LineSerializer(serializers.Serializer):
    number = serializers.CharField()
    where = serializers.CharField()


class HelpSerializer(serializers.Serializer):
    """Where a person answers, now: show it at once, before anything else."""

    crisis = LineSerializer(many=True)
    emergency = LineSerializer(many=True)


class ResponseSerializer(Strict):
    """Answers and their scores, which stand as they were. `help` is there where an answer calls for it."""

    uuid = serializers.UUIDField(read_only=True)
    instrument = ChoiceField(choices=KEYS)
    version = TextField(max_length=20, help_text="The wording that was shown. Without it, the one of today.")
    scoring_version = serializers.CharField(read_only=True)
    language = serializers.CharField(read_only=True)
    answers = AnswersField()
    scores = serializers.DictField(read_only=True)
    answered_at = InstantField(required=False, help_text="Without it, now.")
    local_date = DayField(read_only=True)
    zone = TextField(max_length=64, allow_blank=False, help_text="Without it, the patient's.")
    attempt = ReferenceField(required=False, allow_null=True, help_text="The treatment that it is about.")
    help = serializers.SerializerMethodField()

    def validate_attempt(self, uuid: UUID | None) -> TreatmentAttempt | None:
        if uuid is None:
            return None
        attempt = self.context["request"].user.patient.attempts.filter(uuid=uuid).first()
        if attempt is None:
            raise serializers.ValidationError(_("There is no such treatment."))
        return attempt

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        asked = questionnaires.instrument_of(attrs["instrument"])
        if attrs.get("version", asked.version) == asked.version and (
            faults := questionnaires.faults_of(asked, attrs["answers"])
        ):
            raise serializers.ValidationError({"answers": {item: [words] for item, words in faults.items()}})
        return attrs

    @extend_schema_field(HelpSerializer(allow_null=True))
    def get_help(self, response: QuestionnaireResponse) -> dict[str, Any] | None:
        if not questionnaires.needs_help(response):
            return None
        return HelpSerializer(questionnaires.help_for(self.context["request"].user.patient)).data


class DueSerializer(serializers.Serializer):
    """What to offer today, and where help is until `help-seen` is posted."""

    instrument = serializers.ChoiceField(choices=KEYS, allow_null=True)
    help = HelpSerializer(allow_null=True)


class PutOffSerializer(Strict):
    instrument = ChoiceField(choices=KEYS)
    until = DayField(help_text="The local day on which it is offered again.")
