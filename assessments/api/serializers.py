from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from assessments import services
from assessments.engine.loading import standard_rulebook
from assessments.engine.questionnaire import AnswerError, accept_answers
from assessments.models import Assessment


class QuestionSerializer(serializers.Serializer):
    """One question. `ask_when` is null or an expression over earlier answers."""

    id = serializers.CharField()
    text = serializers.CharField()
    why = serializers.CharField()
    type = serializers.ChoiceField(["yes_no_unsure", "choice", "choices", "number"])
    critical = serializers.BooleanField()
    compound = serializers.BooleanField()
    options = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    ask_when = serializers.JSONField(allow_null=True)
    at_least = serializers.IntegerField(required=False)
    at_most = serializers.IntegerField(required=False)
    unit = serializers.CharField(required=False)


class QuestionnaireSerializer(serializers.Serializer):
    rulebook_version = serializers.CharField()
    questions = QuestionSerializer(many=True)


@extend_schema_field({"type": "object", "additionalProperties": True})
class AnswersField(serializers.Field):
    """{question id: answer}: yes, no or unsure, an option, a list of options, or a whole number. Null takes one back."""

    def to_internal_value(self, given: Any) -> dict[str, Any]:
        if not isinstance(given, dict):
            raise serializers.ValidationError("Must be an object of question ids and answers.")
        try:
            accept_answers(
                standard_rulebook().questions, {key: value for key, value in given.items() if value is not None}
            )
        except AnswerError as error:
            raise serializers.ValidationError({error.question: error.words}) from error
        return given

    def to_representation(self, answers: dict[str, Any]) -> dict[str, Any]:
        return answers


class StartSerializer(serializers.Serializer):
    id = serializers.UUIDField(required=False, help_text="Made by the client, so that a repeated request is harmless.")
    answers = AnswersField(required=False)
    prefill = serializers.BooleanField(
        default=False, help_text="Fill in what the person told before: see `prefilled` in the answer."
    )


class AnswerSerializer(serializers.Serializer):
    answers = AnswersField()


class ProgressSerializer(serializers.Serializer):
    answered = serializers.IntegerField(source="n_answered")
    expected = serializers.IntegerField(
        source="n_expected", help_text="As far as is known now; answers open questions."
    )


class AssessmentSerializer(serializers.ModelSerializer):
    """`next_question` is null when it is time to finish. `outcome` stands as it was when it was finished."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    level = serializers.ChoiceField(
        choices=Assessment._meta.get_field("level").choices, read_only=True, allow_blank=True
    )
    next_question = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Assessment
        fields = [
            "id",
            "started_at",
            "finished_at",
            "level",
            "rulebook_version",
            "answers",
            "prefilled",
            "next_question",
            "progress",
            "outcome",
            "check_again_on",
            "clinician_seen_at",
        ]
        read_only_fields = fields

    def get_next_question(self, assessment: Assessment) -> str | None:
        if assessment.finished_at:
            return None
        question = services.next_question(assessment)
        return question.id if question else None

    @extend_schema_field(ProgressSerializer(allow_null=True))
    def get_progress(self, assessment: Assessment) -> dict[str, int] | None:
        return None if assessment.finished_at else ProgressSerializer(services.progress(assessment)).data


class AnswerChangeSerializer(serializers.Serializer):
    question = serializers.CharField()
    text = serializers.CharField()
    new = serializers.ListField(child=serializers.CharField())
    gone = serializers.ListField(child=serializers.CharField())


class BandChangeSerializer(serializers.Serializer):
    id = serializers.CharField()
    title = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class CheckupChangesSerializer(serializers.Serializer):
    """`step`: how many levels more urgent (negative: less) the later one is."""

    step = serializers.IntegerField()
    signs_new = serializers.ListField(child=serializers.CharField())
    signs_gone = serializers.ListField(child=serializers.CharField())
    causes_new = serializers.ListField(child=serializers.CharField())
    causes_gone = serializers.ListField(child=serializers.CharField())
    causes_moved = BandChangeSerializer(many=True)
    answers = AnswerChangeSerializer(many=True)
    is_same_rulebook = serializers.BooleanField()


class ComparisonSerializer(serializers.Serializer):
    before = serializers.UUIDField()
    after = serializers.UUIDField()
    changes = CheckupChangesSerializer()
