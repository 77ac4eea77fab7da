from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tracker.models.names import site_choices
from tracker.models.pain import nrs_field, within_nrs


class TreatmentType(models.Model):
    """A kind of treatment with its expected onset and fair trial; an operator may edit the list."""

    class Class(models.TextChoices):
        MEDICINE = "medicine", _("medicine")
        TOPICAL = "topical", _("gel or ointment")
        MOVEMENT = "movement", _("movement")
        HANDS_ON = "hands_on", _("hands-on treatment")
        SELF_CARE = "self_care", _("self-care")
        DEVICE = "device", _("device")
        PSYCHOLOGICAL = "psychological", _("psychological treatment")
        PROCEDURE = "procedure", _("procedure")
        OTHER = "other", _("something else")

    class Nature(models.TextChoices):
        SYMPTOMATIC = "symptomatic", _("eases while it is used")
        CORRECTIVE = "corrective", _("meant to last")
        ADJUNCT = "adjunct", _("goes with another treatment")

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    treatment_class = models.CharField(max_length=20, choices=Class)
    nature = models.CharField(max_length=20, choices=Nature)
    expected_onset_days = models.PositiveSmallIntegerField()
    adequate_trial_days = models.PositiveSmallIntegerField()
    warnings = models.TextField(blank=True)
    is_prescribed = models.BooleanField(default=False)
    review_needed = models.BooleanField(default=True)

    class Meta:
        ordering = ["treatment_class", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expected_onset_days__gte=1, adequate_trial_days__gte=F("expected_onset_days")),
                name="type_trial_covers_onset",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def class_words(self) -> str:
        """As get_treatment_class_display, which makes a table of all classes each time."""
        return str(self.Class(self.treatment_class).label)


class Diagnosis(models.Model):
    """What a clinician said, who, when and on what ground: the thing a second opinion may overturn."""

    class Basis(models.TextChoices):
        NOT_SAID = "", _("I do not know")
        EXAMINED = "examined", _("Talking and examining, no pictures")
        IMAGING = "imaging", _("A picture (X-ray, scan) alone")
        BOTH = "both", _("A picture, and examining me")
        TESTS = "tests", _("Blood or other tests")

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="diagnoses")
    uuid = models.UUIDField()
    name = models.CharField(max_length=200)
    said_by = models.CharField(max_length=200, blank=True)
    said_on = models.DateField(null=True, blank=True)
    ground = models.CharField(max_length=500, blank=True)
    basis = models.CharField(max_length=10, choices=Basis, blank=True, default=Basis.NOT_SAID)

    class Meta:
        ordering = ["-said_on", "name"]
        verbose_name_plural = "diagnoses"
        constraints = [models.UniqueConstraint(fields=["patient", "uuid"], name="diagnosis_uuid_unique_per_patient")]

    def __str__(self) -> str:
        return self.name


class TreatmentAttemptQuerySet(models.QuerySet["TreatmentAttempt"]):
    def under_way(self, on: date) -> "TreatmentAttemptQuerySet":
        return self.filter(Q(stopped_on__isnull=True) | Q(stopped_on__gt=on), started_on__lte=on)

    def during(self, first: date, last: date) -> "TreatmentAttemptQuerySet":
        """Used on at least one day of the closed range."""
        return self.filter(Q(stopped_on__isnull=True) | Q(stopped_on__gt=first), started_on__lte=last)

    def newest_first(self) -> "TreatmentAttemptQuerySet":
        return self.order_by("-started_on", "-id")


class TreatmentAttempt(models.Model):
    """One patient trying one treatment from a date on. A change of dose is a new attempt."""

    class StopReason(models.TextChoices):
        DONE = "done", _("The course was finished")
        NO_HELP = "no_help", _("It did not help")
        SIDE_EFFECTS = "side_effects", _("Side effects")
        BETTER = "better", _("I no longer needed it")
        DOSE_CHANGE = "dose_change", _("The dose changed")
        OTHER = "other", _("Another reason")

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="attempts")
    uuid = models.UUIDField()
    treatment_type = models.ForeignKey(TreatmentType, on_delete=models.PROTECT, related_name="attempts")
    own_words = models.CharField(max_length=120, blank=True)
    dose = models.CharField(max_length=120, blank=True)
    # The pain that is judged: blank means the overall score.
    site = models.CharField(max_length=40, choices=site_choices, blank=True)
    diagnosis = models.ForeignKey(Diagnosis, on_delete=models.SET_NULL, null=True, blank=True, related_name="attempts")
    prescribed_by = models.CharField(max_length=200, blank=True)
    started_on = models.DateField()
    stopped_on = models.DateField(null=True, blank=True)
    stop_reason = models.CharField(max_length=20, choices=StopReason, blank=True)
    side_effects = models.CharField(max_length=500, blank=True)
    # Asked once, and used only where fewer than three days were logged before the start.
    recalled_nrs = nrs_field(null=True, blank=True)
    # Where the patient's own entry sets them; else those of the type hold.
    own_onset_days = models.PositiveSmallIntegerField(null=True, blank=True)
    own_trial_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # How often it is planned; blank means every day.
    days_a_week = models.PositiveSmallIntegerField(null=True, blank=True)
    # The first day of a pause that goes on, and the days of the pauses that are over.
    paused_on = models.DateField(null=True, blank=True)
    paused_days = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = TreatmentAttemptQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "uuid"], name="attempt_uuid_unique_per_patient"),
            models.CheckConstraint(
                condition=Q(stopped_on__isnull=True) | Q(stopped_on__gte=F("started_on")),
                name="attempt_stops_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(paused_on__isnull=True) | Q(paused_on__gte=F("started_on")),
                name="attempt_pauses_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(days_a_week__isnull=True) | Q(days_a_week__range=(1, 7)),
                name="attempt_days_a_week_in_range",
            ),
            within_nrs("recalled_nrs", owner="attempt", nullable=True),
        ]
        indexes = [models.Index(fields=["patient", "started_on"])]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.own_words or self.treatment_type.name, self.dose) if part)

    @property
    def onset_days(self) -> int:
        return self.own_onset_days or self.treatment_type.expected_onset_days

    @property
    def trial_days(self) -> int:
        """Calendar days of a fair trial: a pause makes it longer."""
        return (self.own_trial_days or self.treatment_type.adequate_trial_days) + self.paused_days

    @property
    def judged_until(self) -> date | None:
        """The first day without it: of a stop, or of a pause that goes on."""
        return self.stopped_on or self.paused_on

    @property
    def latest_verdict(self) -> "Verdict | None":  # noqa: F821
        """The newest stored verdict; prefetch `verdicts` newest first to ask for many attempts at once."""
        return next(iter(self.verdicts.all()), None)


class TreatmentDay(models.Model):
    """What was said of one day of an attempt, in one tap. Of a day without a row nothing is known."""

    class State(models.TextChoices):
        DONE = "done", _("done")
        MISSED = "missed", _("not done")
        PAUSED = "paused", _("paused")

    attempt = models.ForeignKey(TreatmentAttempt, on_delete=models.CASCADE, related_name="days")
    local_date = models.DateField()
    state = models.CharField(max_length=8, choices=State)

    class Meta:
        ordering = ["-local_date"]
        constraints = [models.UniqueConstraint(fields=["attempt", "local_date"], name="treatment_day_once_per_attempt")]


class TreatmentPlan(models.Model):
    """What the patient means to try next. It becomes an attempt when they say that they have begun."""

    patient = models.OneToOneField("tracker.Patient", on_delete=models.CASCADE, related_name="treatment_plan")
    uuid = models.UUIDField()
    treatment_type = models.ForeignKey(TreatmentType, on_delete=models.PROTECT, related_name="plans")
    own_words = models.CharField(max_length=120, blank=True)
    dose = models.CharField(max_length=120, blank=True)
    site = models.CharField(max_length=40, choices=site_choices, blank=True)
    prescribed_by = models.CharField(max_length=200, blank=True)
    planned_for = models.DateField()
    # At which it was decided; the attempt that it becomes is what came of that visit.
    visit = models.ForeignKey(
        "tracker.Appointment", on_delete=models.SET_NULL, null=True, blank=True, related_name="plans"
    )
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.own_words or self.treatment_type.name, self.dose) if part)
