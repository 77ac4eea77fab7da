from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.second_opinions import LONG_TEXT


class ShareQuerySet(models.QuerySet["Share"]):
    def open(self, at: datetime) -> "ShareQuerySet":
        return self.filter(revoked_at__isnull=True, expires_at__gt=at)


class Share(models.Model):
    """A link that shows one part of the record to whoever holds it, until it ends. Only a digest of it is kept."""

    class Scope(models.TextChoices):
        BRIEF = "brief", _("The blind brief")
        SUMMARY = "summary", _("The summary on one page")
        LOG = "log", _("The pain log of a period")

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="shares")
    uuid = models.UUIDField()
    scope = models.CharField(max_length=10, choices=Scope)
    opinion = models.ForeignKey(
        "tracker.SecondOpinion", on_delete=models.CASCADE, null=True, blank=True, related_name="shares"
    )
    first_day = models.DateField(null=True, blank=True)
    last_day = models.DateField(null=True, blank=True)
    # For the patient's own list.
    meant_for = models.CharField(max_length=200, blank=True)
    token_digest = models.CharField(max_length=64, unique=True)
    # Hashed as a password is; empty means none.
    passphrase = models.CharField(max_length=128, blank=True)
    opens_sealed = models.BooleanField(default=False)
    n_wrong_tries = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ShareQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "uuid"], name="share_uuid_unique_per_patient"),
            models.CheckConstraint(
                condition=Q(opens_sealed=False) | ~Q(passphrase=""), name="share_of_sealed_part_has_passphrase"
            ),
            models.CheckConstraint(
                condition=~Q(scope="brief") | Q(opinion__isnull=False), name="share_names_its_brief"
            ),
        ]


class ShareView(models.Model):
    """What was looked at or done through a link, for the patient to see. Rows are only ever added."""

    class Act(models.TextChoices):
        OPENED = "opened", _("opened")
        PRINTED = "pdf", _("saved as PDF")
        FHIR = "fhir", _("saved for a clinic's computer")
        ATTACHMENT = "attachment", _("opened a file")
        WROTE_VIEW = "wrote_view", _("wrote down a view")
        ASKED = "asked", _("asked you something")
        OPENED_SEALED = "opened_sealed", _("opened the sealed part")
        WRONG_PASSPHRASE = "wrong_passphrase", _("gave a wrong passphrase")

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="shown")
    act = models.CharField(max_length=16, choices=Act)
    # Kind of browser in a word or two; no address.
    device = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]


class ShareQuestion(models.Model):
    """What a clinician asks the patient through a link, and the answer."""

    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="questions")
    uuid = models.UUIDField()
    asked_by = models.CharField(max_length=200, blank=True)
    text = models.TextField(max_length=LONG_TEXT)
    asked_at = models.DateTimeField()
    answer = models.TextField(max_length=LONG_TEXT, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [models.UniqueConstraint(fields=["share", "uuid"], name="share_question_uuid_unique")]
