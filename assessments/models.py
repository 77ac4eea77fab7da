from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assessments.engine.rulebook import Triage


class Level(models.TextChoices):
    """The triage levels as stored; the words shown come from the rule book."""

    SELF_CARE = Triage.SELF_CARE.value, _("Self-care")
    ROUTINE = Triage.ROUTINE.value, _("Routine")
    WITHIN_DAYS = Triage.WITHIN_DAYS.value, _("Within days")
    SAME_DAY = Triage.SAME_DAY.value, _("Same day")
    EMERGENCY = Triage.EMERGENCY.value, _("Emergency")


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def finished(self) -> "AssessmentQuerySet":
        """With a result, newest first."""
        return self.filter(finished_at__isnull=False).order_by("-finished_at", "-id")

    def unfinished(self) -> "AssessmentQuerySet":
        """Still being answered, newest first."""
        return self.filter(finished_at__isnull=True).order_by("-started_at", "-id")

    def waiting_for_clinician(self) -> "AssessmentQuerySet":
        """A result of within days or worse, and no clinician has seen the patient. A milder one since lifts nothing."""
        urgent = [level.value for level in Triage if level.rank >= Triage.WITHIN_DAYS.rank]
        return self.filter(level__in=urgent, clinician_seen_at__isnull=True)

    def brief(self) -> "AssessmentQuerySet":
        """Without answers and outcome, which are long."""
        return self.defer("answers", "outcome")


class Assessment(models.Model):
    """One check-up. Once finished, answers and outcome stand as they were, whatever the rule book says later."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="assessments")
    # May be made by a client, unique per user only, so that nobody learns of another's.
    uuid = models.UUIDField(default=uuid4)
    answers = models.JSONField(default=dict)
    rulebook_version = models.CharField(max_length=12)
    outcome = models.JSONField(null=True, blank=True)
    level = models.CharField(max_length=11, choices=Level, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    clinician_seen_at = models.DateTimeField(null=True, blank=True)
    # By question: what was filled in from what the person had told before, and not yet looked at in this check-up.
    prefilled = models.JSONField(default=dict, blank=True)
    # The day on the person's calendar that the result named for looking again.
    check_again_on = models.DateField(null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "uuid"], name="assessment_uuid_unique_per_user"),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, outcome__isnull=True, level="")
                | Q(finished_at__isnull=False, outcome__isnull=False, level__in=Level.values),
                name="assessment_finished_has_outcome",
            ),
        ]
        indexes = [models.Index(fields=["user", "finished_at"])]

    def __str__(self) -> str:
        return f"check-up of {self.started_at:%Y-%m-%d}"
