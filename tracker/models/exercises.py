from django.db import models

from tracker.models.pain import nrs_field, within_nrs


class ExerciseProgramme(models.Model):
    """Which stage of the morning moves a patient is on, and since when."""

    class Stage(models.TextChoices):
        A = "A", "A"
        B = "B", "B"
        C = "C", "C"

    patient = models.OneToOneField("tracker.Patient", on_delete=models.CASCADE, related_name="exercise_programme")
    stage = models.CharField(max_length=1, choices=Stage, default=Stage.A)
    started_on = models.DateField()


class ExerciseSession(models.Model):
    """What was done on one local day."""

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="exercise_sessions")
    uuid = models.UUIDField()
    local_date = models.DateField()
    exercises_done = models.JSONField(default=list)
    pain_during = nrs_field(null=True, blank=True)
    pain_next_morning = nrs_field(null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-local_date"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "uuid"], name="session_uuid_unique_per_patient"),
            models.UniqueConstraint(fields=["patient", "local_date"], name="session_once_a_day"),
            within_nrs("pain_during", owner="session", nullable=True),
            within_nrs("pain_next_morning", owner="session", nullable=True),
        ]
