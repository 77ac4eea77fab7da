from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

LONG_TEXT = 10_000  # characters of what a patient or a clinician writes in one field


class SecondOpinion(models.Model):
    """Another clinician examines afresh: the question, what is handed over, and when the sealed part was opened."""

    class OpenedBy(models.TextChoices):
        CLINICIAN = "clinician", _("the clinician, after writing down a view")
        PATIENT = "patient", _("you")

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="second_opinions")
    uuid = models.UUIDField()
    question = models.TextField(max_length=LONG_TEXT, blank=True)
    goal = models.TextField(max_length=LONG_TEXT, blank=True)
    worry = models.TextField(max_length=LONG_TEXT, blank=True)
    # Key of a referral of the rule book: whom to see.
    refer_to = models.CharField(max_length=40, blank=True)
    # The attempt whose verdict led here, if one did.
    attempt = models.ForeignKey(
        "tracker.TreatmentAttempt", on_delete=models.SET_NULL, null=True, blank=True, related_name="second_opinions"
    )
    # First day of the log that is handed over; empty means the last twelve weeks.
    log_from = models.DateField(null=True, blank=True)
    # Keys of domain.blind_brief that the patient leaves out; what must never be blinded cannot be among them.
    left_out = models.JSONField(default=list, blank=True)
    # Uuids of attachments that go with it.
    attached = models.JSONField(default=list, blank=True)
    # What the patient decided about sentences in doubt, by digest: "show" or "hold_back".
    decided = models.JSONField(default=dict, blank=True)
    # Sealed: what was advised so far. Diagnoses and reports have rows of their own.
    earlier_advice = models.TextField(max_length=LONG_TEXT, blank=True)
    sealed_opened_at = models.DateTimeField(null=True, blank=True)
    sealed_opened_by = models.CharField(max_length=10, choices=OpenedBy, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "uuid"], name="opinion_uuid_unique_per_patient"),
            models.CheckConstraint(
                condition=Q(sealed_opened_at__isnull=True, sealed_opened_by="")
                | (Q(sealed_opened_at__isnull=False) & ~Q(sealed_opened_by="")),
                name="opinion_opening_says_by_whom",
            ),
        ]


class IndependentView(models.Model):
    """What the new clinician thinks, written down before the sealed part opens. Rows are only ever added."""

    class WrittenBy(models.TextChoices):
        CLINICIAN = "clinician", _("the clinician, through the link")
        PATIENT = "patient", _("you, after the visit")

    opinion = models.ForeignKey(SecondOpinion, on_delete=models.CASCADE, related_name="views")
    uuid = models.UUIDField()
    written_by = models.CharField(max_length=10, choices=WrittenBy)
    share = models.ForeignKey(
        "tracker.Share", on_delete=models.SET_NULL, null=True, blank=True, related_name="independent_views"
    )
    clinician = models.CharField(max_length=200, blank=True)
    diagnosis = models.CharField(max_length=200, blank=True)
    ground = models.TextField(max_length=LONG_TEXT, blank=True)
    advice = models.TextField(max_length=LONG_TEXT, blank=True)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["written_at", "id"]
        constraints = [models.UniqueConstraint(fields=["opinion", "uuid"], name="view_uuid_unique_per_opinion")]


class Comparison(models.Model):
    """How an earlier diagnosis stands after the new view. The newest one of a diagnosis holds."""

    class Outcome(models.TextChoices):
        SAME = "same", _("The same")
        REFINED = "refined", _("More precise")
        DIFFERENT = "different", _("Different")
        UNDECIDED = "undecided", _("Undecided")

    opinion = models.ForeignKey(SecondOpinion, on_delete=models.CASCADE, related_name="comparisons")
    diagnosis = models.ForeignKey("tracker.Diagnosis", on_delete=models.CASCADE, related_name="comparisons")
    outcome = models.CharField(max_length=10, choices=Outcome)
    # What the new view calls it, where that is another name.
    replaced_by = models.ForeignKey(
        "tracker.Diagnosis", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaces"
    )
    what_changes = models.TextField(max_length=LONG_TEXT, blank=True)
    compared_at = models.DateTimeField()

    class Meta:
        ordering = ["compared_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["opinion", "diagnosis"], name="comparison_once_per_opinion_and_diagnosis")
        ]


class Attachment(models.Model):
    """A result or photo as a file. It lies in the database, is cleaned before it is kept, and goes with the patient."""

    class Kind(models.TextChoices):
        RESULT = "result", _("Result itself: blood values, an image of an X-ray or scan")
        PHOTO = "photo", _("Photo, such as of posture or a rash")
        REPORT = "report", _("Report: what somebody wrote about a result")

    # Reports say what somebody concluded, so they never go into a blind brief.
    SEALED_KINDS = (Kind.REPORT,)

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="attachments")
    uuid = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=200, blank=True)
    made_on = models.DateField(null=True, blank=True)
    media_type = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    n_bytes = models.PositiveIntegerField()
    content = models.BinaryField()
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["-added_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["patient", "uuid"], name="attachment_uuid_unique_per_patient")]
