from django.db import models
from django.utils.translation import gettext_lazy as _


class Verdict(models.Model):
    """What one night said of one attempt. Rows are only ever added."""

    class Outcome(models.TextChoices):
        WORKING = "working", _("Working")
        NOT_WORKING = "not_working", _("Not working")
        WORSE = "worse", _("Worse")
        CANT_TELL = "cant_tell", _("Can't tell yet")

    attempt = models.ForeignKey("tracker.TreatmentAttempt", on_delete=models.CASCADE, related_name="verdicts")
    as_of = models.DateField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    reason = models.CharField(max_length=24, blank=True)
    # Chances: helped tonight beyond the trivial; a drop that matters tonight; could still reach one; worse tonight.
    p_helped = models.FloatField(null=True)
    p_now = models.FloatField(null=True)
    p_reach = models.FloatField(null=True)
    p_worse = models.FloatField(null=True)
    # Points on the 0-10 scale; negative is less pain.
    change = models.FloatField(null=True)
    change_low = models.FloatField(null=True)
    change_high = models.FloatField(null=True)
    before = models.FloatField(null=True)
    now = models.FloatField(null=True)
    raw_baseline_mean = models.FloatField(null=True)
    mcid = models.FloatField(null=True)
    days_passed = models.PositiveIntegerField()
    days_logged = models.PositiveIntegerField()
    baseline_days = models.PositiveIntegerField()
    baseline = models.CharField(max_length=10)
    # Uuids of other attempts of the same patient that started within two weeks, or that hold this one up now.
    confounded_with = models.JSONField(default=list)
    policy_version = models.CharField(max_length=24)
    inputs_digest = models.CharField(max_length=32)
    computed_at = models.DateTimeField()

    class Meta:
        ordering = ["-as_of", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["attempt", "as_of", "inputs_digest"], name="verdict_once_per_night_and_input"
            )
        ]
        # Who was judged for a night is asked every few minutes.
        indexes = [models.Index(fields=["as_of", "attempt"])]
