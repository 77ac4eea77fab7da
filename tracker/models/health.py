from datetime import UTC, date, datetime, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

FREE_TEXT_LENGTH = 2000


class HealthProfile(models.Model):
    """What a check-up and a doctor need to know beside the pain. Every field may stay empty or unsure."""

    class Sex(models.TextChoices):
        NOT_SAID = "", _("Not said")
        FEMALE = "female", _("Female")
        MALE = "male", _("Male")
        OTHER = "other", _("Intersex or other")
        UNSURE = "unsure", _("Unsure")

    patient = models.OneToOneField("tracker.Patient", on_delete=models.CASCADE, related_name="health_profile")
    birth_year = models.PositiveSmallIntegerField(null=True, blank=True)
    sex = models.CharField(max_length=6, choices=Sex, blank=True, default=Sex.NOT_SAID)
    # yes, no or unsure, by key of domain.health; what is not there was not said.
    facts = models.JSONField(default=dict, blank=True)
    conditions = models.TextField(max_length=FREE_TEXT_LENGTH, blank=True)
    operations = models.TextField(max_length=FREE_TEXT_LENGTH, blank=True)
    implants = models.TextField(max_length=FREE_TEXT_LENGTH, blank=True)
    allergies = models.TextField(max_length=FREE_TEXT_LENGTH, blank=True)
    changed_at = models.DateTimeField()

    @property
    def version(self) -> int:
        """Grows with each change: microseconds since 1970; 0 while nothing was said."""
        if self.changed_at is None:
            return 0
        return (self.changed_at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


class MedicineQuerySet(models.QuerySet["Medicine"]):
    def in_use(self, on: date) -> "MedicineQuerySet":
        """Begun and not stopped on a local day."""
        begun = models.Q(started_on__isnull=True) | models.Q(started_on__lte=on)
        going_on = models.Q(stopped_on__isnull=True) | models.Q(stopped_on__gt=on)
        return self.filter(begun & going_on)


class Medicine(models.Model):
    """A medicine that the patient takes or took, with the dose that is taken as a rule."""

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="medicines")
    uuid = models.UUIDField()
    name = models.CharField(max_length=120)
    dose = models.CharField(max_length=120, blank=True)
    is_as_needed = models.BooleanField(default=True)
    taken_for = models.CharField(max_length=200, blank=True)
    started_on = models.DateField(null=True, blank=True)
    stopped_on = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField()

    objects = MedicineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "uuid"], name="medicine_uuid_unique_per_patient"),
            models.CheckConstraint(
                condition=models.Q(stopped_on__isnull=True)
                | models.Q(started_on__isnull=True)
                | models.Q(stopped_on__gte=models.F("started_on")),
                name="medicine_stops_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.dose}".strip()


class Intake(models.Model):
    """That a medicine was taken: one dose at one instant."""

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="intakes")
    uuid = models.UUIDField()
    medicine = models.ForeignKey(Medicine, on_delete=models.CASCADE, related_name="intakes")
    dose = models.CharField(max_length=120, blank=True)
    taken_at = models.DateTimeField()
    local_date = models.DateField()
    zone = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    # The file that brought it, while nobody has changed it since.
    log_import = models.ForeignKey(
        "tracker.LogImport", on_delete=models.SET_NULL, null=True, blank=True, related_name="intakes"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "uuid"], name="intake_uuid_unique_per_patient")]
        indexes = [models.Index(fields=["patient", "local_date"])]
