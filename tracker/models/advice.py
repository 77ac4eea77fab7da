from datetime import date

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from tracker.domain import advice as domain


class AdviceQuerySet(models.QuerySet["Advice"]):
    def open_on(self, on: date) -> "AdviceQuerySet":
        """Waiting for an answer on this local day: not answered, or put off until a day that has come."""
        waiting = Q(state__in=(Advice.State.NEW, Advice.State.SEEN))
        return self.filter(waiting | Q(state=Advice.State.LATER, later_until__lte=on))

    def worst_first(self) -> "AdviceQuerySet":
        rank = Case(*(When(kind=kind.value, then=Value(place)) for place, kind in enumerate(domain.Kind)))
        return self.order_by(rank, "-created_at", "-pk")


class Advice(models.Model):
    """Said once for its evidence, never again: not after an edit, not under a new policy."""

    class Kind(models.TextChoices):
        STILL_WORSE = "still_worse", _("Pain has been higher for two weeks")
        WORSE = "worse", _("Pain is higher since the start")
        RED_FLAG = "red_flag", _("A warning sign waits for a clinician")
        TWO_NSAIDS = "two_nsaids", _("Two anti-inflammatory medicines at once")
        NOT_WORKING = "not_working", _("No drop that matters")
        PROCEDURE = "procedure", _("A proposed operation or procedure")
        SECOND_OPINION = "second_opinion", _("A second opinion")
        IMAGING_LABEL = "imaging_label", _("A name that rests on a picture alone")
        SEVERE = "severe", _("Pain that weighs heavily")
        NSAID_DAYS = "nsaid_days", _("Many days of an anti-inflammatory medicine")
        OPIOID_LONG = "opioid_long", _("An opioid for more than 90 days")
        RELAXANT_LONG = "relaxant_long", _("A calming or muscle-relaxing medicine for long")
        PASSIVE_CARE = "passive_care", _("Three months of the same hands-on care")
        NOTHING_LASTING = "nothing_lasting", _("Nothing in the plan is meant to last")
        LOG_MORE = "log_more", _("Too few entries to tell")

    class State(models.TextChoices):
        NEW = "new", _("new")
        SEEN = "seen", _("seen")
        LATER = "later", _("later")
        DISMISSED = "dismissed", _("put away")
        ACTED_ON = "acted_on", _("acted on")
        OUTDATED = "outdated", _("no longer holds")

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="advice")
    kind = models.CharField(max_length=16, choices=Kind)
    # What it is about, as domain.advice names it.
    evidence = models.CharField(max_length=120, default="")
    # The figures that it rests on, as they were.
    because = models.JSONField(default=dict, blank=True)
    attempt = models.ForeignKey(
        "tracker.TreatmentAttempt", on_delete=models.CASCADE, null=True, blank=True, related_name="advice"
    )
    verdict = models.ForeignKey(
        "tracker.Verdict", on_delete=models.CASCADE, null=True, blank=True, related_name="advice"
    )
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    # The local day on which it comes back, while it is put off.
    later_until = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # When a mail that there is something new was queued with it.
    announced_at = models.DateTimeField(null=True, blank=True)

    objects = AdviceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "advice"
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind", "evidence"], name="advice_once_per_patient_kind_and_evidence"
            ),
            models.CheckConstraint(
                condition=Q(state="later", later_until__isnull=False) | (~Q(state="later") & Q(later_until=None)),
                name="advice_put_off_has_its_day",
            ),
        ]
