from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tracker.api.serializers.fields import (
    ChoiceField,
    ClockField,
    DayField,
    InstantField,
    NRSField,
    OptionalNRSField,
    Strict,
    TextField,
    WholeNumberField,
    YesNoField,
)
from tracker.domain.daily_set import Planned, Standing, Wish
from tracker.domain.move_drawings import DRAWINGS, Picture
from tracker.domain.move_gate import POINTS, Answer, Effect, Gate
from tracker.domain.moves import MOVE_KEYS, MOVES, STAGES, STOP_SIGNS, Move, Purpose, Unit, Version
from tracker.models import ExerciseProgramme
from tracker.models.exercises import ANCHOR_LENGTH
from tracker.services import move_trial, move_words
from tracker.services.exercises import MOST_OF_A_MOVE
from tracker.services.move_plans import Day

MOVE_CHOICES = [(move.key, _(move.name)) for move in MOVES]
ANSWER_CHOICES = [(answer.value, answer.value) for answer in Answer]


class ByMoveField(serializers.DictField):
    """Something for each of some moves."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict) and not data.keys() <= MOVE_KEYS:
            raise serializers.ValidationError(_("There is no move of that name."))
        return super().to_internal_value(data)


class MovesField(serializers.ListField):
    def __init__(self, **options: Any) -> None:
        super().__init__(child=ChoiceField(choices=MOVE_CHOICES), max_length=len(MOVES), **options)


class SessionSerializer(Strict):
    """What was done on one local day, the day on which it began."""

    uuid = serializers.UUIDField(read_only=True)
    local_date = DayField(read_only=True)
    exercises_done = MovesField()
    amounts = ByMoveField(
        child=WholeNumberField(min_value=0, max_value=MOST_OF_A_MOVE),
        required=False,
        help_text=_("How often, or how many minutes, by move."),
    )
    versions = ByMoveField(
        child=ChoiceField(choices=[(version.value, version.value) for version in Version]), required=False
    )
    hurt = MovesField(required=False, help_text=_("Moves that were stopped because they hurt."))
    pain_during = OptionalNRSField()
    started_at = InstantField(required=False, allow_null=True)
    zone = TextField(max_length=64, help_text=_("IANA zone where it began; with it the day is that of its start."))
    usual_nrs = serializers.IntegerField(read_only=True, allow_null=True)
    pain_next_morning = serializers.IntegerField(read_only=True, allow_null=True)
    recorded_at = InstantField(read_only=True)


class MorningSerializer(Strict):
    """How it was on the morning after."""

    pain = NRSField()


class MoveSerializer(serializers.Serializer):
    """One of the twelve, with what each stage asks for."""

    key = serializers.CharField()
    name = serializers.SerializerMethodField()
    purpose = serializers.ChoiceField(choices=[(one.value, one.value) for one in Purpose])
    how = serializers.SerializerMethodField()
    what_for = serializers.SerializerMethodField()
    easier = serializers.SerializerMethodField()
    harder = serializers.SerializerMethodField()
    with_a_chair = serializers.SerializerMethodField()
    skip_if = serializers.SerializerMethodField()
    stop_if = serializers.SerializerMethodField()
    unit = serializers.ChoiceField(choices=[(one.value, one.value) for one in Unit])
    amounts = serializers.SerializerMethodField()
    hold_seconds = serializers.IntegerField(source="hold_s")
    stop_signs = serializers.SerializerMethodField()

    def get_name(self, move: Move) -> str:
        return _now(move.name)

    def get_how(self, move: Move) -> list[str]:
        return [_now(line) for line in move.how]

    def get_what_for(self, move: Move) -> str:
        return _now(move.why)

    def get_easier(self, move: Move) -> str:
        return _now(move.easier)

    def get_harder(self, move: Move) -> str:
        return _now(move.harder)

    def get_with_a_chair(self, move: Move) -> str:
        return _now(move.chair or move.easier)

    def get_skip_if(self, move: Move) -> str:
        return _now(move.skip_if)

    def get_stop_if(self, move: Move) -> str:
        return _now(move.stop_if)

    def get_amounts(self, move: Move) -> dict[str, int]:
        return {stage: move.amount(stage) for stage in STAGES}

    def get_stop_signs(self, move: Move) -> list[str]:
        return [_now(sign) for sign in STOP_SIGNS]


class PlannedSerializer(serializers.Serializer):
    """A move as it is on today's list."""

    key = serializers.CharField(source="move.key")
    version = serializers.ChoiceField(choices=[(one.value, one.value) for one in Version])
    amount = serializers.IntegerField()
    in_words = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()

    def get_in_words(self, planned: Planned) -> str:
        return move_words.amount(planned)

    def get_reasons(self, planned: Planned) -> list[str]:
        return [move_words.reason(one) for one in planned.why]


class StageSerializer(serializers.Serializer):
    stage = serializers.CharField()
    amount = serializers.IntegerField()
    in_words = serializers.CharField()
    drawing = serializers.CharField(help_text=_("Which of the drawings."))


class LastDoneSerializer(serializers.Serializer):
    on = serializers.DateField(source="day")
    amount = serializers.IntegerField(allow_null=True)
    version = serializers.CharField()
    is_hurt = serializers.BooleanField(help_text=_("Stopped because it hurt."))


class MoveTodaySerializer(serializers.Serializer):
    """How a move stands today. Without `planned` it is left out."""

    is_listed = serializers.BooleanField()
    planned = PlannedSerializer(allow_null=True)
    reasons = serializers.SerializerMethodField()

    def get_reasons(self, standing: Standing) -> list[str]:
        return [move_words.reason(one) for one in standing.why]


class PathSerializer(serializers.Serializer):
    kind = serializers.CharField(help_text=_("How it is coloured, such as: moves, body, ground, arrow."))
    d = serializers.CharField(help_text=_("As in the path of an SVG."))


class PictureSerializer(serializers.Serializer):
    title = serializers.SerializerMethodField()
    view_box = serializers.CharField()
    paths = PathSerializer(source="marks", many=True)

    def get_title(self, picture: Picture) -> str:
        return _now(picture.title)


class DrawingSerializer(serializers.Serializer):
    start = PictureSerializer()
    end = PictureSerializer()


class MoveDetailSerializer(MoveSerializer):
    """One move with its drawings, when the patient did it last, and how it stands today; null while all are held."""

    stages = serializers.SerializerMethodField()
    drawings = serializers.SerializerMethodField()
    last_done = serializers.SerializerMethodField()
    today = serializers.SerializerMethodField()

    @extend_schema_field(StageSerializer(many=True))
    def get_stages(self, move: Move) -> Any:
        stages = [
            {
                "stage": stage,
                "amount": move.amount(stage),
                "in_words": move_words.dose(move, stage),
                "drawing": move.drawing(stage, Version.USUAL),
            }
            for stage in STAGES
        ]
        return StageSerializer(stages, many=True).data

    @extend_schema_field(serializers.DictField(child=DrawingSerializer()))
    def get_drawings(self, move: Move) -> Any:
        return {kind: DrawingSerializer(drawn).data for (key, kind), drawn in DRAWINGS.items() if key == move.key}

    @extend_schema_field(LastDoneSerializer(allow_null=True))
    def get_last_done(self, move: Move) -> Any:
        last = self.context["last_done"]
        return None if last is None else LastDoneSerializer(last).data

    @extend_schema_field(MoveTodaySerializer(allow_null=True))
    def get_today(self, move: Move) -> Any:
        day = self.context["day"]
        is_held = self.context["is_paused"] or not day.gate.is_open
        return None if is_held else MoveTodaySerializer(day.standing(move.key)).data


class TodaySerializer(serializers.Serializer):
    """Today's list with its reasons; `moves` is empty while something holds them."""

    on = serializers.DateField(source="set.on")
    is_held = serializers.SerializerMethodField()
    stage = serializers.SerializerMethodField()
    minutes = serializers.IntegerField(source="set.minutes")
    moves = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()
    is_easier_today = serializers.BooleanField(source="facts.wishes.is_easier_today")
    wishes = serializers.DictField(child=serializers.CharField(), source="programme.wishes")

    def get_is_held(self, day: Day) -> bool:
        return bool(self.context["is_paused"]) or not day.gate.is_open

    def get_stage(self, day: Day) -> str:
        return day.set.level.stage

    @extend_schema_field(PlannedSerializer(many=True))
    def get_moves(self, day: Day) -> Any:
        return [] if self.get_is_held(day) else PlannedSerializer(day.set.moves, many=True).data

    def get_reasons(self, day: Day) -> list[str]:
        return [] if self.get_is_held(day) else [move_words.reason(one) for one in day.set.why]


class SwapSerializer(Strict):
    old = ChoiceField(choices=MOVE_CHOICES)
    new = ChoiceField(choices=MOVE_CHOICES)


class TodayWishSerializer(Strict):
    """What is wished of today alone."""

    is_easier = YesNoField(required=False)
    swap = SwapSerializer(required=False)


class WishSerializer(Strict):
    wish = ChoiceField(choices=[(wish.value, wish.value) for wish in Wish])


class GatePointSerializer(serializers.Serializer):
    key = serializers.CharField()
    text = serializers.CharField()
    effect = serializers.ChoiceField(choices=[(effect.value, effect.value) for effect in Effect])
    answer = serializers.CharField(allow_blank=True)
    from_profile = serializers.CharField(allow_blank=True, help_text=_("What the health profile would answer."))
    todo = serializers.CharField(help_text=_("What to do if it is so."))


class GateSerializer(serializers.Serializer):
    """The safety points with their answers, and what they come to."""

    is_open = serializers.BooleanField()
    answered_on = serializers.DateField(allow_null=True)
    is_out_of_date = serializers.BooleanField()
    points = GatePointSerializer(many=True)

    @classmethod
    def of(cls, gate: Gate, prefilled: dict[str, str]) -> dict[str, Any]:
        points = [
            {
                "key": point.key,
                "text": _now(point.text),
                "effect": point.effect.value,
                "answer": gate.answers.get(point.key, ""),
                "from_profile": prefilled.get(point.key, ""),
                "todo": _now(point.todo),
            }
            for point in POINTS
        ]
        return dict(cls({**_standing(gate), "points": points}).data)


def _standing(gate: Gate) -> dict[str, Any]:
    return {"is_open": gate.is_open, "answered_on": gate.answered_on, "is_out_of_date": gate.is_out_of_date}


GateAnswersSerializer = type(
    "GateAnswersSerializer",
    (Strict,),
    {
        "__doc__": "An answer to every safety point.",
        **{point.key: ChoiceField(choices=ANSWER_CHOICES) for point in POINTS},
    },
)


class HabitSerializer(Strict):
    """Where the moves have their place."""

    anchor = TextField(max_length=ANCHOR_LENGTH)
    rises_at = ClockField(required=False, allow_null=True)
    is_measured = YesNoField(required=False, help_text=_("Amounts grow by plan from what was tolerated."))
    days_done = serializers.IntegerField(read_only=True)

    def to_representation(self, programme: ExerciseProgramme) -> dict[str, Any]:
        return {
            "anchor": programme.anchor,
            "rises_at": programme.rises_at.isoformat() if programme.rises_at else None,
            "is_measured": programme.measured_since is not None,
            "days_done": self.context["days_done"],
        }


class TrialSerializer(Strict):
    """Whether the moves are judged like a treatment."""

    wants_verdict = YesNoField(allow_null=False)
    attempt = serializers.UUIDField(read_only=True, allow_null=True, help_text=_("The treatment that they are."))

    def to_representation(self, programme: ExerciseProgramme) -> dict[str, Any]:
        attempt = move_trial.attempt_of(patient=programme.patient)
        return {"wants_verdict": bool(programme.wants_verdict), "attempt": attempt.uuid if attempt else None}
