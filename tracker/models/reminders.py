import secrets
from datetime import date, datetime

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tracker.models.loading import LightlyLoaded


def unsubscribe_key() -> str:
    return secrets.token_urlsafe(32)


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def switched_on(self) -> "ReminderQuerySet":
        return self.filter(is_active=True, unsubscribed_at__isnull=True)

    def wanted(self) -> "ReminderQuerySet":
        return self.switched_on().filter(patient__user__is_active=True)

    def timed(self) -> "ReminderQuerySet":
        """With a wall time of their own; the others come when there is something to tell."""
        return self.exclude(kind__in=Reminder.UNTIMED)

    def unplanned(self, until: datetime) -> "ReminderQuerySet":
        return self.wanted().timed().filter(Q(planned_until__isnull=True) | Q(planned_until__lt=until))


class Reminder(LightlyLoaded):
    """The standing wish: a wall time on some weekdays, in the patient's zone."""

    class Kind(models.TextChoices):
        MORNING_MOVES = "morning_moves", _("Morning moves")
        LOG_PAIN = "log_pain", _("Log my pain")
        MEDICINE = "medicine", _("Take my medicine")
        ADVICE = "advice", _("News about my treatments")
        APPOINTMENT = "appointment", _("My appointments")
        QUESTIONS = "questions", _("Weekly questions")
        CHECK_UP = "check_up", _("Check-up again")

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PUSH = "push", _("Message on my devices")

    # They make themselves, one of each, when there is something to tell of.
    UNTIMED = (Kind.ADVICE, Kind.APPOINTMENT)
    ONE_OF_ITS_KIND = (Kind.MORNING_MOVES, Kind.QUESTIONS, Kind.CHECK_UP, *UNTIMED)

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="reminders")
    uuid = models.UUIDField()
    kind = models.CharField(max_length=20, choices=Kind)
    wall_time = models.TimeField()
    # ISO weekdays as digits, Monday is 1.
    weekdays = models.CharField(
        max_length=7,
        default="1234567",
        validators=[RegexValidator(r"^1?2?3?4?5?6?7?$", _("Choose weekdays."))],
    )
    # How long after its time it may still come, in minutes; empty means as long as its kind allows.
    window_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    # Sent once more after so many minutes if nothing was done; empty means once.
    repeat_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    skips_if_done = models.BooleanField(default=True)
    # The one it is for, where the patient chose one; named in mails only to who wants to be told more.
    medicine = models.ForeignKey(
        "tracker.Medicine", on_delete=models.SET_NULL, null=True, blank=True, related_name="reminders"
    )
    # The ways it goes out, separated by commas.
    channels = models.CharField(max_length=40, default=Channel.EMAIL)
    is_active = models.BooleanField(default=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)
    unsubscribe_key = models.CharField(max_length=64, unique=True, default=unsubscribe_key)
    changed_at = models.DateTimeField()
    # Every due time up to here has its occurrence; empty after a change, so that all is planned afresh.
    planned_until = models.DateTimeField(null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["wall_time", "id"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "uuid"], name="reminder_uuid_unique_per_patient"),
            models.UniqueConstraint(
                fields=["patient", "kind"],
                condition=Q(kind__in=["morning_moves", "advice", "appointment", "questions", "check_up"]),
                name="reminder_one_of_its_kind",
            ),
        ]

    @property
    def weekday_set(self) -> frozenset[int]:
        return frozenset(int(digit) for digit in self.weekdays)

    @property
    def channel_set(self) -> frozenset[str]:
        return frozenset(self.channels.split(","))


class OccurrenceQuerySet(models.QuerySet["Occurrence"]):
    def due(self, at: datetime) -> "OccurrenceQuerySet":
        """Waiting, and its time has come."""
        return self.filter(state=Occurrence.State.PENDING, due_at__lte=at)

    def to_repeat(self, at: datetime) -> "OccurrenceQuerySet":
        """Sent, nothing done since, and the time for the repeat has come."""
        return self.filter(state=Occurrence.State.SENT, repeats_at__lte=at)

    def untouched(self, at: datetime) -> "OccurrenceQuerySet":
        """Planned for later and never tried: may be planned afresh without losing anything."""
        return self.filter(
            state=Occurrence.State.PENDING,
            due_at__gt=at,
            because="",
            n_attempts=0,
            n_retries=0,
            n_sends=0,
        )

    def replannable(self, at: datetime) -> "OccurrenceQuerySet":
        """Untouched ones that follow from a wall time. The mail before an appointment does not."""
        return self.untouched(at).filter(appointment__isnull=True)

    def told_since(self, day: date) -> "OccurrenceQuerySet":
        """Sent, or still to be sent, for a local date later than ``day``."""
        ended = (Occurrence.State.SKIPPED_LATE, Occurrence.State.SUPPRESSED, Occurrence.State.FAILED)
        return self.filter(local_date__gt=day).exclude(state__in=ended)

    def abandoned(self, at: datetime) -> "OccurrenceQuerySet":
        """Claimed or started by a worker whose lease has run out."""
        return self.filter(
            state__in=[Occurrence.State.CLAIMED, Occurrence.State.STARTED],
            lease_until__lt=at,
        )


class Occurrence(LightlyLoaded):
    """The one row for a reminder on a local date, with its state: the queue and the ledger in one."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        CLAIMED = "claimed", _("taken")
        STARTED = "started", _("being sent")
        SENT = "sent", _("sent")
        SKIPPED_LATE = "skipped_late", _("too late, not sent")
        SUPPRESSED = "suppressed", _("not needed")
        FAILED = "failed", _("could not be sent")

    class Response(models.TextChoices):
        DONE = "done", _("done")
        SNOOZED = "snoozed", _("later")
        SKIPPED = "skipped", _("skipped")

    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="occurrences")
    # What it tells of, where the reminder is one of appointments.
    appointment = models.ForeignKey(
        "tracker.Appointment", on_delete=models.CASCADE, null=True, blank=True, related_name="mails"
    )
    local_date = models.DateField()
    zone = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    window_ends_at = models.DateTimeField()
    state = models.CharField(max_length=14, choices=State, default=State.PENDING)
    # Why it was not sent, or the last error, in words for the operator.
    because = models.CharField(max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    # Times a worker took it up and did not come to an end; times the mail server asked for patience.
    n_attempts = models.PositiveSmallIntegerField(default=0)
    n_retries = models.PositiveSmallIntegerField(default=0)
    # Numbered sends of the same occurrence: the first, those after a snooze, and a repeat if nothing was done.
    n_sends = models.PositiveSmallIntegerField(default=0)
    # When it comes once more, unless something is done before.
    repeats_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    # Of the numbered send under way: the channels that took it, and those that refused it for good.
    told_by = models.CharField(max_length=40, blank=True)
    given_up = models.CharField(max_length=40, blank=True)
    is_ambiguous = models.BooleanField(default=False)  # one of its sends may have arrived without our knowing
    # The last numbered send of which that is so: each is repeated once.
    doubted_send = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    response = models.CharField(max_length=8, choices=Response, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)

    objects = OccurrenceQuerySet.as_manager()
    # Never stored: set by services.send_rules on rows that it has looked at together, and about which there is nothing.
    is_clear = False

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reminder", "local_date"],
                condition=Q(appointment__isnull=True),
                name="occurrence_once_per_reminder_and_date",
            ),
            models.UniqueConstraint(
                fields=["appointment", "local_date"],
                condition=Q(appointment__isnull=False),
                name="occurrence_once_per_appointment_and_date",
            ),
        ]
        indexes = [
            # A mark on a row that is being sent touches none of these but the one of leases.
            models.Index(fields=["due_at"], name="occurrence_by_due_time"),
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="occurrence_waiting"),
            models.Index(fields=["lease_until"], condition=Q(lease_until__isnull=False), name="occurrence_in_hand"),
            models.Index(
                fields=["repeats_at"], condition=Q(repeats_at__isnull=False), name="occurrence_to_be_repeated"
            ),
        ]
