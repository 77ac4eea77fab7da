from collections.abc import Collection
from datetime import date

from django.db import models
from django.db.models import Max


class QuestionnaireResponseQuerySet(models.QuerySet["QuestionnaireResponse"]):
    def newest_first(self) -> "QuestionnaireResponseQuerySet":
        return self.order_by("-answered_at", "-id")

    def last_days(self, instruments: Collection[str]) -> dict[str, date]:
        """The local day on which each of these was answered last; without those that never were."""
        answered = self.filter(instrument__in=instruments).order_by().values_list("instrument")
        return dict(answered.annotate(last=Max("local_date")))


class QuestionnaireResponse(models.Model):
    """An instrument (PEG, PHQ-4 and others) answered once. Answers and scores stand as they were given."""

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="questionnaire_responses")
    uuid = models.UUIDField()
    instrument = models.CharField(max_length=20)
    version = models.CharField(max_length=20)
    scoring_version = models.CharField(max_length=20)
    language = models.CharField(max_length=12)
    answers = models.JSONField()
    scores = models.JSONField()
    answered_at = models.DateTimeField()
    local_date = models.DateField()
    zone = models.CharField(max_length=64)
    # The treatment that a global change is about.
    attempt = models.ForeignKey(
        "tracker.TreatmentAttempt", on_delete=models.CASCADE, null=True, blank=True, related_name="responses"
    )

    objects = QuestionnaireResponseQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "uuid"], name="response_uuid_unique_per_patient")]
        indexes = [models.Index(fields=["patient", "instrument", "local_date"])]


class RedFlagScreenQuerySet(models.QuerySet["RedFlagScreen"]):
    def newest_first(self) -> "RedFlagScreenQuerySet":
        return self.order_by("-answered_at", "-id")

    def answered(self) -> "RedFlagScreenQuerySet":
        """Not put off, newest first."""
        return self.filter(answers__isnull=False).newest_first()


class RedFlagScreen(models.Model):
    """The short red-flag questions, offered after one entry: answered, or put off."""

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="red_flag_screens")
    uuid = models.UUIDField()
    entry_uuid = models.UUIDField()
    nrs = models.PositiveSmallIntegerField()
    # yes, no or unsure by question of the rule book; None while put off.
    answers = models.JSONField(null=True, blank=True)
    rulebook_version = models.CharField(max_length=12)
    answered_at = models.DateTimeField()
    # The check-up that a yes has opened.
    checkup = models.UUIDField(null=True, blank=True)

    objects = RedFlagScreenQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "uuid"], name="screen_uuid_unique_per_patient")]
        indexes = [models.Index(fields=["patient", "answered_at"])]
