from django.db import models
from django.utils.translation import gettext_lazy as _


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def undecided(self) -> "ProposalQuerySet":
        return self.filter(decision=Proposal.Decision.OPEN)


class Proposal(models.Model):
    """An operation, an injection or another procedure that somebody has proposed."""

    class Decision(models.TextChoices):
        OPEN = "open", _("Not decided yet")
        AGREED = "agreed", _("Agreed")
        DECLINED = "declined", _("Declined")
        DONE = "done", _("Done")

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="proposals")
    uuid = models.UUIDField()
    name = models.CharField(max_length=200)
    proposed_by = models.CharField(max_length=200, blank=True)
    proposed_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.OPEN)
    changed_at = models.DateTimeField()

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_on", "name"]
        constraints = [models.UniqueConstraint(fields=["patient", "uuid"], name="proposal_uuid_unique_per_patient")]

    def __str__(self) -> str:
        return self.name
