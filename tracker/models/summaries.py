from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.second_opinions import LONG_TEXT


class SummaryQuerySet(models.QuerySet["Summary"]):
    def wished_by_patient(self) -> "SummaryQuerySet":
        """Without those that clinicians have asked for through a link."""
        return self.filter(share__isnull=True)

    def due(self, at: datetime) -> "SummaryQuerySet":
        """Waiting for a worker, or left by one that died; the longest waiting first."""
        waits = Q(state=Summary.State.WAITING)
        left = Q(state=Summary.State.RUNNING, claimed_until__lt=at)
        return self.filter(waits | left).order_by("made_at", "id")


class Summary(models.Model):
    """What the patient wants on the page for a clinician, and the PDF of it once a worker has made it. Kept for a day."""

    class Paper(models.TextChoices):
        A4 = "a4", _("A4")
        LETTER = "letter", _("Letter (USA, Canada)")

    class State(models.TextChoices):
        ON_SCREEN = "on_screen", _("no PDF is made yet")
        WAITING = "waiting", _("the PDF waits to be made")
        RUNNING = "running", _("the PDF is being made")
        READY = "ready", _("the PDF is ready")
        FAILED = "failed", _("the PDF could not be made")

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="summaries")
    uuid = models.UUIDField()
    question = models.TextField(max_length=LONG_TEXT, blank=True)
    goal = models.TextField(max_length=LONG_TEXT, blank=True)
    worry = models.TextField(max_length=LONG_TEXT, blank=True)
    # Where it is the brief of a second opinion: then that says what is asked and shown, and it is blind.
    opinion = models.ForeignKey(
        "tracker.SecondOpinion", on_delete=models.CASCADE, null=True, blank=True, related_name="summaries"
    )
    # Where it is the paper of a link: its clinician asked for it, and it ends with the link.
    share = models.ForeignKey(
        "tracker.Share", on_delete=models.CASCADE, null=True, blank=True, related_name="summaries"
    )
    first_day = models.DateField()
    last_day = models.DateField()
    is_blind = models.BooleanField(default=False)
    # Keys of domain.brief.Part.
    left_out = models.JSONField(default=list, blank=True)
    paper = models.CharField(max_length=6, choices=Paper, default=Paper.A4)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.ON_SCREEN)
    content = models.BinaryField(default=b"")
    claimed_until = models.DateTimeField(null=True)
    n_tries = models.PositiveSmallIntegerField(default=0)

    objects = SummaryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "summaries"
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "uuid"], name="summary_uuid_unique_per_patient"),
            models.UniqueConstraint(fields=["share", "paper"], name="summary_once_per_share_and_paper"),
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="summary_ends_after_it_begins"
            ),
        ]
        indexes = [
            models.Index(fields=["made_at"], name="summaries_under_way", condition=Q(state__in=["waiting", "running"]))
        ]
