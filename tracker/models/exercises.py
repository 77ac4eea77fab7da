from django.db import models

from tracker.models.pain import nrs_field, within_nrs

ANCHOR_LENGTH = 120


class ExerciseProgramme(models.Model):
    """A patient's morning moves: since when, what speaks against some, and what the patient wishes of them."""

    class Stage(models.TextChoices):
        A = "A", "A"
        B = "B", "B"
        C = "C", "C"

    patient = models.OneToOneField("tracker.Patient", on_delete=models.CASCADE, related_name="exercise_programme")
    # What the sessions have led to; worked out afresh with each of them.
    stage = models.CharField(max_length=1, choices=Stage, default=Stage.A)
    started_on = models.DateField()
    # By point of domain.move_gate: yes, no, unsure, or cleared by a clinician.
    gate = models.JSONField(default=dict, blank=True)
    gate_answered_on = models.DateField(null=True, blank=True)
    # After what the patient means to do them, in their own words.
    anchor = models.CharField(max_length=ANCHOR_LENGTH, blank=True)
    rises_at = models.TimeField(null=True, blank=True)
    # By move: easier, usual, harder or out, until the patient says otherwise.
    wishes = models.JSONField(default=dict, blank=True)
    # What the patient wished of one day alone, and which day that was.
    wished_on = models.DateField(null=True, blank=True)
    is_easier_that_day = models.BooleanField(default=False)
    swapped_that_day = models.JSONField(default=dict, blank=True)
    # Since when amounts grow by plan from what was tolerated; empty while the stage alone says how much.
    measured_since = models.DateField(null=True, blank=True)
    # Whether the moves shall be judged like a treatment; empty while nobody has said.
    wants_verdict = models.BooleanField(null=True, blank=True)
    # When fewer reminders were talked about last.
    fewer_asked_on = models.DateField(null=True, blank=True)


class ExerciseSession(models.Model):
    """What was done on one local day: the day on which it began."""

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="exercise_sessions")
    uuid = models.UUIDField()
    local_date = models.DateField()
    exercises_done = models.JSONField(default=list)
    # By move: how often, and in which version where that was not the usual one.
    amounts = models.JSONField(default=dict, blank=True)
    versions = models.JSONField(default=dict, blank=True)
    # Stopped because they hurt.
    hurt = models.JSONField(default=list, blank=True)
    pain_during = nrs_field(null=True, blank=True)
    pain_next_morning = nrs_field(null=True, blank=True)
    # The patient's usual when it was written down, from the log of the two weeks before.
    usual_nrs = nrs_field(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    zone = models.CharField(max_length=64, blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-local_date"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "uuid"], name="session_uuid_unique_per_patient"),
            models.UniqueConstraint(fields=["patient", "local_date"], name="session_once_a_day"),
            within_nrs("pain_during", owner="session", nullable=True),
            within_nrs("pain_next_morning", owner="session", nullable=True),
            within_nrs("usual_nrs", owner="session", nullable=True),
        ]
