from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class NightShardQuerySet(models.QuerySet["NightShard"]):
    def open(self) -> "NightShardQuerySet":
        return self.exclude(state=NightShard.State.DONE)

    def free(self, at: datetime) -> "NightShardQuerySet":
        """Waiting, or left by a worker whose lease has run out. One that keeps failing comes last."""
        left = Q(state=NightShard.State.TAKEN, lease_until__lt=at)
        return self.filter(Q(state=NightShard.State.WAITING) | left).order_by("n_tries", "as_of", "first_attempt")


class NightShard(models.Model):
    """A range of attempts to be judged for a day, by one worker at a time: the queue of the night and its ledger.

    It only shares out the work. Whether an attempt was judged is told by its verdicts.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        TAKEN = "taken", _("taken")
        DONE = "done", _("done")

    as_of = models.DateField()
    # Keys of attempts, both ends included.
    first_attempt = models.PositiveBigIntegerField()
    last_attempt = models.PositiveBigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    n_tries = models.PositiveSmallIntegerField(default=0)
    n_due = models.PositiveIntegerField()
    n_judged = models.PositiveIntegerField(default=0)
    n_failed = models.PositiveIntegerField(default=0)
    n_advice = models.PositiveIntegerField(default=0)
    # How many verdicts of each outcome.
    outcomes = models.JSONField(default=dict)
    policy_version = models.CharField(max_length=24, blank=True)
    planned_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = NightShardQuerySet.as_manager()

    class Meta:
        ordering = ["-as_of", "first_attempt"]
        constraints = [
            models.CheckConstraint(condition=Q(last_attempt__gte=models.F("first_attempt")), name="shard_is_a_range"),
        ]
        indexes = [models.Index(fields=["state", "as_of"]), models.Index(fields=["as_of"])]


class Calibration(models.Model):
    """What this instance has learnt of its patients, as numbers of `domain.priors`. Rows are only ever added.

    The newest one that was made under the policy in force holds.
    """

    version = models.CharField(max_length=24, unique=True)
    policy_version = models.CharField(max_length=24)
    numbers = models.JSONField()
    n_attempts = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.version
