from django.db import models


class AuditEvent(models.Model):
    """Who saw or changed what of whom. Rows are only ever added."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey("tracker.User", on_delete=models.SET_NULL, null=True, related_name="+")
    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="audit_events")
    verb = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["patient", "at"])]


class Tick(models.Model):
    """When each periodic job last ran to its end: the truth about whether the workers live."""

    name = models.CharField(max_length=40, primary_key=True)
    ticked_at = models.DateTimeField()
