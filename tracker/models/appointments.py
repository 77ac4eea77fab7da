from datetime import datetime

from django.db import models

from tracker.models.second_opinions import LONG_TEXT


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def upcoming(self, at: datetime) -> "AppointmentQuerySet":
        return self.filter(starts_at__gte=at, cancelled_at__isnull=True).order_by("starts_at", "id")


class Appointment(models.Model):
    """A visit to a clinician: when, why, what to ask, and afterwards what was said and decided."""

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="appointments")
    uuid = models.UUIDField()
    # The instant, and the zone in which it was told: the wall time there is what was agreed.
    starts_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    with_whom = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=500, blank=True)
    purpose = models.TextField(max_length=LONG_TEXT, blank=True)
    opinion = models.ForeignKey(
        "tracker.SecondOpinion", on_delete=models.SET_NULL, null=True, blank=True, related_name="appointments"
    )
    # Minutes before the start at which a mail reminds of it; empty means none.
    remind_before = models.PositiveIntegerField(null=True, blank=True)
    decided = models.TextField(max_length=LONG_TEXT, blank=True)
    # The attempt that came out of it, if one did.
    next_attempt = models.ForeignKey(
        "tracker.TreatmentAttempt", on_delete=models.SET_NULL, null=True, blank=True, related_name="decided_at_visits"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    # Counts changes of time and place, as a calendar needs to know which of two copies is newer.
    sequence = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [models.UniqueConstraint(fields=["patient", "uuid"], name="appointment_uuid_unique_per_patient")]


class VisitQuestion(models.Model):
    """One thing to ask at a visit, and what was answered."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="questions")
    uuid = models.UUIDField()
    text = models.TextField(max_length=LONG_TEXT)
    answer = models.TextField(max_length=LONG_TEXT, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["appointment", "uuid"], name="visit_question_uuid_unique")]
