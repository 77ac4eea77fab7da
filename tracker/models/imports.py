from datetime import datetime
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _


class LogImport(models.Model):
    """One imported file and what became of its rows."""

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="log_imports")
    uuid = models.UUIDField()
    filename = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    n_rows = models.PositiveIntegerField()
    n_added = models.PositiveIntegerField()
    n_duplicates = models.PositiveIntegerField()
    n_rounded = models.PositiveIntegerField()
    # Lines without a rating, left out because the patient has said so.
    n_unrated = models.PositiveIntegerField(default=0)
    # What the columns mean, kept for the next file whose first line has the same digest.
    header_digest = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    # Keys of what came beside entries, by list: an exported record brings treatments and more.
    brought = models.JSONField(default=dict)
    taken_back_at = models.DateTimeField(null=True, blank=True)

    @property
    def n_brought(self) -> dict[str, int]:
        """How much of each list came beside entries."""
        return {name: len(keys) for name, keys in self.brought.items()}

    @property
    def n_others(self) -> int:
        """How much came beside entries."""
        return sum(self.n_brought.values())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "uuid"], name="import_uuid_unique_per_patient")]


class ImportFileQuerySet(models.QuerySet["ImportFile"]):
    def under_way(self) -> "ImportFileQuerySet":
        """Said to be taken over, and not finished yet."""
        return self.filter(state__in=(ImportFile.State.WAITING, ImportFile.State.RUNNING))

    def on_their_way(self) -> "ImportFileQuerySet":
        """Not taken over yet, without what is in them; the newest first."""
        return self.exclude(state=ImportFile.State.TAKEN).defer("content").order_by("-kept_at", "-id")

    def due(self, at: datetime) -> "ImportFileQuerySet":
        """Waiting for a worker, or left by one that died; the longest waiting first."""
        waits = models.Q(state=ImportFile.State.WAITING)
        left = models.Q(state=ImportFile.State.RUNNING, claimed_until__lt=at)
        return self.filter(waits | left).order_by("kept_at", "id")


class ImportFile(models.Model):
    """A file on its way into the record: looked at, then taken over, then gone.

    It lies in the database, where every web process and every worker finds it, and goes with the patient.
    """

    class State(models.TextChoices):
        LOOKED_AT = "looked_at", _("looked at, nothing is changed yet")
        WAITING = "waiting", _("waiting to be taken over")
        RUNNING = "running", _("being taken over")
        REFUSED = "refused", _("not taken over")
        TAKEN = "taken", _("taken over")  # and only its parts are still there, for a moment

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="import_files")
    # Of the import that it becomes.
    uuid = models.UUIDField(default=uuid4)
    filename = models.CharField(max_length=255)
    content = models.BinaryField()
    kept_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.LOOKED_AT)
    # What the patient has said of the columns; null while nobody has said anything.
    mapping = models.JSONField(null=True)
    n_rows = models.PositiveIntegerField(default=0)
    n_read = models.PositiveIntegerField(default=0)
    # Until when a worker may take, and how often one has begun.
    claimed_until = models.DateTimeField(null=True)
    n_tries = models.PositiveSmallIntegerField(default=0)
    problems = models.JSONField(default=list)

    objects = ImportFileQuerySet.as_manager()

    @property
    def n_files(self) -> int:
        """How many lie apart from it."""
        return self.parts.count()

    @property
    def n_files_ready(self) -> int:
        return self.parts.filter(is_clean=True).count()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "uuid"], name="import_file_uuid_unique_per_patient")]
        indexes = [
            models.Index(
                fields=["kept_at"], name="import_files_under_way", condition=models.Q(state__in=["waiting", "running"])
            )
        ]


class ImportPart(models.Model):
    """An attached file of a record on its way, apart from the record: large, and read one at a time."""

    import_file = models.ForeignKey(ImportFile, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()
    # Written anew, without what a camera or a clinic wrote into it.
    is_clean = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["import_file", "number"], name="import_part_number_unique")]
