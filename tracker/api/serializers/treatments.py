from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tracker.api.serializers.fields import (
    ChoiceField,
    DayField,
    InstantField,
    OptionalNRSField,
    ReferenceField,
    Strict,
    TextField,
    WholeNumberField,
)
from tracker.models import Appointment, Diagnosis, TreatmentAttempt, TreatmentDay, TreatmentType, Verdict
from tracker.models.names import SITES
from tracker.services import treatments, verdict_words
from tracker.services.attempt_overview import Overview
from tracker.services.treatments import DIAGNOSIS_LENGTHS, LENGTHS, LONGEST_TRIAL
from tracker.services.verdict_figures import figures


class TreatmentTypeSerializer(serializers.ModelSerializer):
    class Meta:
        model = TreatmentType
        fields = (
            "key",
            "name",
            "treatment_class",
            "nature",
            "expected_onset_days",
            "adequate_trial_days",
            "warnings",
            "is_prescribed",
        )
        read_only_fields = fields


class DiagnosisSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    name = TextField(max_length=DIAGNOSIS_LENGTHS["name"], required=True)
    said_by = TextField(max_length=DIAGNOSIS_LENGTHS["said_by"])
    said_on = DayField(required=False, allow_null=True)
    ground = TextField(max_length=DIAGNOSIS_LENGTHS["ground"])
    basis = ChoiceField(choices=Diagnosis.Basis.choices, required=False, allow_blank=True)
    outcome = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="Of the newest comparison: same, refined, different, undecided; null where nobody has compared.",
    )
    replaced_with = serializers.CharField(read_only=True, allow_null=True, help_text="What it is called since.")


class HistoryStepSerializer(serializers.Serializer):
    """One step in the history of what the pain was called, in the words of the page."""

    on = serializers.DateField(allow_null=True)
    what = serializers.CharField()
    by = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)
    attempt = serializers.UUIDField(allow_null=True)


class DiagnosisHistorySerializer(serializers.Serializer):
    results = HistoryStepSerializer(many=True)


class SettlingSerializer(serializers.Serializer):
    n_more_days = serializers.IntegerField()
    by = serializers.DateField()
    is_trial_end = serializers.BooleanField(help_text="No more is foreseen than the end of the fair trial.")


class FiguresSerializer(serializers.Serializer):
    """The numbers as the page tells them: points to one decimal, a chance of 20, the first day as day 1."""

    day = serializers.IntegerField()
    trial_days = serializers.IntegerField()
    days_logged = serializers.IntegerField()
    change = serializers.FloatField(allow_null=True, help_text="Negative is less pain.")
    change_low = serializers.FloatField(allow_null=True)
    change_high = serializers.FloatField(allow_null=True)
    before = serializers.FloatField(allow_null=True)
    now = serializers.FloatField(allow_null=True)
    likely_low = serializers.FloatField(allow_null=True, help_text="Where the average with it probably lies now.")
    likely_high = serializers.FloatField(allow_null=True)
    raw_before = serializers.FloatField(
        allow_null=True, help_text="Plain average of the logged days among the 120 before."
    )
    matters = serializers.FloatField(allow_null=True, help_text="The smallest drop that matters.")
    baseline = serializers.CharField()
    baseline_days = serializers.IntegerField()
    chance_of = serializers.CharField(help_text="drop_now, drop_still or rise_now; empty where no chance is told.")
    chance_in_20 = serializers.IntegerField(allow_null=True)
    is_cut_short = serializers.BooleanField()
    settling = SettlingSerializer(allow_null=True)


class VerdictSerializer(serializers.ModelSerializer):
    """The row that the rule was applied to; `told` is what the patient reads."""

    confounded_with = serializers.ListField(child=serializers.CharField(), read_only=True)
    computed_at = InstantField(read_only=True)
    told = serializers.SerializerMethodField()

    class Meta:
        model = Verdict
        exclude = ("attempt", "inputs_digest")

    @extend_schema_field(FiguresSerializer)
    def get_told(self, verdict: Verdict) -> dict[str, Any]:
        return FiguresSerializer(figures(verdict, verdict.attempt)).data


class AttemptVerdictSerializer(VerdictSerializer):
    """A verdict in a list of many attempts says which one it is about."""

    attempt = ReferenceField(read_only=True)

    class Meta(VerdictSerializer.Meta):
        exclude = ("inputs_digest",)


class AttemptSerializer(Strict):
    uuid = serializers.UUIDField(read_only=True)
    treatment_type = serializers.SlugRelatedField(slug_field="key", queryset=TreatmentType.objects.all())
    own_words = TextField(max_length=LENGTHS["own_words"])
    dose = TextField(max_length=LENGTHS["dose"])
    site = ChoiceField(choices=SITES, required=False, allow_blank=True)
    diagnosis = ReferenceField(required=False, allow_null=True)
    diagnosis_outcome = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="How the name that it was begun for stands: different where a later opinion has overturned it.",
    )
    diagnosis_now = serializers.CharField(read_only=True, allow_null=True, help_text="What it is called since.")
    prescribed_by = TextField(max_length=LENGTHS["prescribed_by"])
    started_on = DayField()
    stopped_on = DayField(required=False, allow_null=True)
    stop_reason = ChoiceField(choices=TreatmentAttempt.StopReason.choices, required=False, allow_blank=True)
    side_effects = TextField(max_length=LENGTHS["side_effects"])
    recalled_nrs = OptionalNRSField()
    own_onset_days = WholeNumberField(min_value=1, max_value=LONGEST_TRIAL, required=False, allow_null=True)
    own_trial_days = WholeNumberField(min_value=1, max_value=LONGEST_TRIAL, required=False, allow_null=True)
    days_a_week = WholeNumberField(
        min_value=1,
        max_value=7,
        required=False,
        allow_null=True,
        help_text="How often it is planned; null is every day.",
    )
    paused_on = DayField(read_only=True, allow_null=True, help_text="First day of a pause that goes on.")
    paused_days = serializers.IntegerField(read_only=True)
    name = serializers.CharField(read_only=True)
    onset_days = serializers.IntegerField(read_only=True)
    trial_days = serializers.IntegerField(read_only=True)
    decided_at_visits = serializers.SerializerMethodField(help_text="Appointments that it came of.")
    created_at = InstantField(read_only=True)
    changed_at = InstantField(read_only=True)
    latest_verdict = VerdictSerializer(read_only=True, allow_null=True)

    def get_decided_at_visits(self, attempt: TreatmentAttempt) -> list[UUID]:
        return [visit.uuid for visit in attempt.decided_at_visits.all()]

    def validate_diagnosis(self, uuid: UUID | None) -> Diagnosis | None:
        if uuid is None:
            return None
        diagnosis = self.context["request"].user.patient.diagnoses.filter(uuid=uuid).first()
        if diagnosis is None:
            raise serializers.ValidationError(_("There is no such diagnosis."))
        return diagnosis


class StopSerializer(Strict):
    stopped_on = DayField(help_text="The first day without the treatment.")
    stop_reason = ChoiceField(choices=TreatmentAttempt.StopReason.choices)
    side_effects = TextField(max_length=LENGTHS["side_effects"])


class UndoSerializer(Strict):
    undo = TextField(
        required=True, help_text="Sent to /attempts/restore/ within ten minutes, it takes the deletion back."
    )


class FromDaySerializer(Strict):
    from_day = DayField()


class RestartSerializer(Strict):
    uuid = serializers.UUIDField(help_text="Of the new attempt, made by the client.")
    from_day = DayField(help_text="The first day with it again.")


class DoseSerializer(Strict):
    uuid = serializers.UUIDField(help_text="Of the new attempt, made by the client.")
    dose = TextField(max_length=LENGTHS["dose"], required=True)
    from_day = DayField(help_text="The first day at the new dose.")


class DaySerializer(Strict):
    local_date = DayField(read_only=True)
    state = ChoiceField(choices=TreatmentDay.State.choices)

    def validate_state(self, state: str) -> str:
        if state == TreatmentDay.State.PAUSED:
            raise serializers.ValidationError(_("A pause is told with its first day."))
        return state


class AttemptSideSerializer(serializers.Serializer):
    first = serializers.DateField()
    last = serializers.DateField()
    n_days = serializers.IntegerField()
    n_logged = serializers.IntegerField()
    mean = serializers.FloatField(allow_null=True)
    low = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True)


class OutcomeChangeSerializer(serializers.Serializer):
    as_of = serializers.DateField()
    badge = serializers.CharField()
    outcome = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    day = serializers.IntegerField()
    change = serializers.FloatField(allow_null=True)
    chance_in_20 = serializers.IntegerField(allow_null=True)
    n_nights = serializers.IntegerField()


class FunctionSerializer(serializers.Serializer):
    before = serializers.FloatField()
    before_on = serializers.DateField()
    now = serializers.FloatField()
    now_on = serializers.DateField()
    movement = serializers.CharField(allow_blank=True)


class GlobalChangeSerializer(serializers.Serializer):
    answered_on = serializers.DateField()
    answer = serializers.IntegerField()
    words = serializers.CharField()


class AdherenceSerializer(serializers.Serializer):
    n_done = serializers.IntegerField()
    n_planned = serializers.IntegerField()
    n_said = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="Null while too little was said.")
    is_from_log = serializers.BooleanField(
        help_text="Worked out of the medicines taken or the morning moves done, since nothing was said of the days."
    )


class SaidSerializer(serializers.Serializer):
    badge = serializers.CharField()
    headline = serializers.CharField()
    text = serializers.CharField()


class OverviewSerializer(serializers.Serializer):
    """All that the page of an attempt shows, in its words and numbers."""

    said = SaidSerializer()
    labels = serializers.SerializerMethodField()
    told = FiguresSerializer(source="figures", allow_null=True)
    settles = serializers.SerializerMethodField()
    natural_course = serializers.SerializerMethodField()
    picture = serializers.SerializerMethodField(help_text="The picture of the page in words.")
    before = AttemptSideSerializer()
    during = AttemptSideSerializer(allow_null=True)
    mixed_with = serializers.SerializerMethodField()
    changes = OutcomeChangeSerializer(many=True)
    function = FunctionSerializer(allow_null=True)
    global_change = GlobalChangeSerializer(allow_null=True)
    disagreements = serializers.SerializerMethodField()
    adherence = AdherenceSerializer()
    said_of_today = serializers.CharField(allow_blank=True)
    asks_before = serializers.SerializerMethodField(help_text="The usual pain before is to be asked for.")

    def get_labels(self, overview: Overview) -> list[str]:
        return verdict_words.labels(overview.figures)

    def get_settles(self, overview: Overview) -> str:
        return verdict_words.what_would_settle_it(overview.figures) if overview.figures else ""

    def get_natural_course(self, overview: Overview) -> str:
        return verdict_words.natural_course()

    def get_picture(self, overview: Overview) -> str:
        return overview.picture

    def get_mixed_with(self, overview: Overview) -> list[str]:
        return [str(other.uuid) for other in overview.others]

    def get_disagreements(self, overview: Overview) -> list[str]:
        return [verdict_words.disagreement(key) for key in overview.disagreements]

    def get_asks_before(self, overview: Overview) -> bool:
        return treatments.needs_recall(overview.attempt)


class UnderWaySerializer(serializers.Serializer):
    attempt = ReferenceField()
    clear_on = serializers.DateField(help_text="From then on a new treatment takes no day of the trial away.")


class PlanSerializer(Strict):
    """What to try next. It becomes an attempt with the plan's uuid when it is begun."""

    uuid = serializers.UUIDField()
    treatment_type = serializers.SlugRelatedField(slug_field="key", queryset=TreatmentType.objects.all())
    own_words = TextField(max_length=LENGTHS["own_words"])
    dose = TextField(max_length=LENGTHS["dose"])
    site = ChoiceField(choices=SITES, required=False, allow_blank=True)
    prescribed_by = TextField(max_length=LENGTHS["prescribed_by"])
    planned_for = DayField()
    visit = ReferenceField(
        required=False, allow_null=True, help_text="The appointment at which it was decided; told what came of it."
    )

    def validate_visit(self, uuid: UUID | None) -> Appointment | None:
        if uuid is None:
            return None
        visit = self.context["request"].user.patient.appointments.filter(uuid=uuid).first()
        if visit is None:
            raise serializers.ValidationError(_("There is no such appointment."))
        return visit


class PlanningSerializer(serializers.Serializer):
    plan = PlanSerializer(allow_null=True)
    under_way = UnderWaySerializer(many=True)
    baseline_ready_on = serializers.DateField(help_text="With a week of logging, where it is safe to wait.")


class BeginSerializer(Strict):
    uuid = serializers.UUIDField()
    started_on = DayField()
