"""The ways out to a patient, beside the mail address: browsers, a calendar, and what keeps a way closed."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _


def feed_key() -> str:
    return secrets.token_urlsafe(32)


class PushDevice(models.Model):
    """One browser that gets messages. The endpoint is its maker's; the two keys are the browser's own."""

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="push_devices")
    uuid = models.UUIDField()
    name = models.CharField(max_length=80, blank=True)
    # One browser belongs to whoever signed up last on it.
    endpoint = models.CharField(max_length=800, unique=True)
    public_key = models.CharField(max_length=100)
    auth_secret = models.CharField(max_length=30)
    created_at = models.DateTimeField()
    reached_at = models.DateTimeField(null=True, blank=True)
    # The maker said that the browser is gone. The row stays until the patient has seen it.
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint(fields=["patient", "uuid"], name="push_device_uuid_unique_per_patient")]


class MailStop(models.Model):
    """Mail to this address is refused for good, or not wanted: nothing is sent there until the patient starts it again."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("came back")
        REFUSED = "refused", _("was refused")
        COMPLAINED = "complained", _("was marked as spam")

    patient = models.OneToOneField("tracker.Patient", on_delete=models.CASCADE, related_name="mail_stop")
    # A new address is a new beginning.
    address = models.CharField(max_length=254)
    reason = models.CharField(max_length=10, choices=Reason)
    # What the mail server said.
    words = models.CharField(max_length=200, blank=True)
    stopped_at = models.DateTimeField()


class CalendarFeed(models.Model):
    """A secret address from which the patient's calendar reads what is to come."""

    patient = models.OneToOneField("tracker.Patient", on_delete=models.CASCADE, related_name="calendar_feed")
    key = models.CharField(max_length=64, unique=True, default=feed_key)
    # Whether it says what a reminder is for and who an appointment is with.
    has_words = models.BooleanField(default=False)
    made_at = models.DateTimeField()


class Circuit(models.Model):
    """What all workers know of a server that did not answer: how often in a row, and from when on one may try again."""

    name = models.CharField(max_length=20, unique=True)
    n_failures = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True)
    words = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()
