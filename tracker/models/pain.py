from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connections, models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.models.names import EASED_BY_NAMES, QUALITIES, TRIGGER_NAMES, site_choices

NOTE_LENGTH = 4000
BESIDE = ("nrs", "interference", "sleep", "mood")  # what is rated from 0 to 10


def nrs_field(**options) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(**options)


def within_nrs(field: str, *, owner: str, nullable: bool) -> models.CheckConstraint:
    condition = models.Q(**{f"{field}__gte": NRS_MIN, f"{field}__lte": NRS_MAX})
    if nullable:
        condition |= models.Q(**{f"{field}__isnull": True})
    return models.CheckConstraint(condition=condition, name=f"{owner}_{field}_0_to_10")


class SiteDays(NamedTuple):
    """One site over some days: the mean of its daily means, and on how many days it was named."""

    site: str
    mean: float
    n_days: int


def _hour(felt_at: datetime, zone: str) -> int:
    """Of an instant as the database gives it: SQLite leaves out that it is in UTC."""
    return (felt_at if felt_at.tzinfo else felt_at.replace(tzinfo=UTC)).astimezone(ZoneInfo(zone)).hour


class PainEntryQuerySet(models.QuerySet["PainEntry"]):
    def between(self, first: date, last: date) -> "PainEntryQuerySet":
        """Entries whose local day lies in the closed range."""
        return self.filter(local_date__gte=first, local_date__lte=last)

    def newest_first(self) -> "PainEntryQuerySet":
        return self.order_by("-felt_at", "-id")

    def recent_sites(self, since: date) -> list[str]:
        """Sites named on or after a local day, the one named last first."""
        named = self.filter(local_date__gte=since, sites__isnull=False).values("sites__site")
        return list(named.annotate(last=models.Max("felt_at")).order_by("-last").values_list("sites__site", flat=True))

    def most_named(self, n: int) -> list[str]:
        """The sites named in most of these entries."""
        named = self.filter(sites__isnull=False).order_by().values("sites__site")
        by_entries = named.annotate(n=models.Count("id")).order_by("-n", "sites__site")
        return list(by_entries.values_list("sites__site", flat=True)[:n])

    def by_day(self) -> list[tuple[date, int, int, float, int]]:
        """One row per logged local day: (day, lowest, highest, mean, number of entries), oldest first."""
        return self._by_day(models.F("nrs"))

    def by_day_at(self, site: str) -> list[tuple[date, int, int, float, int]]:
        """As by_day, of one site. Named without a rating of its own, it counts with the entry's."""
        return self.filter(sites__site=site)._by_day(Coalesce("sites__nrs", "nrs"))

    def _by_day(self, nrs: models.F | Coalesce) -> list[tuple[date, int, int, float, int]]:
        """The rows as the database gives them: reading ten years through the ORM takes longer than the query.

        Whole numbers and text are what it gives soonest; the means and days of ten years are made of them in no time.
        """
        daily = (
            self.order_by()
            .values("local_date")
            .annotate(low=models.Min(nrs), high=models.Max(nrs), total=models.Sum(nrs), n=models.Count("id"))
            .values_list("local_date", "low", "high", "total", "n")
        )
        rows, values = daily.query.sql_with_params()
        with connections[self.db].cursor() as cursor:
            cursor.execute(
                f"SELECT CAST(local_date AS text) AS on_day, low, high, total, n FROM ({rows}) AS daily ORDER BY on_day",
                values,
            )
            return [(date.fromisoformat(on), low, high, total / n, n) for on, low, high, total, n in cursor.fetchall()]

    def by_hour(self, site: str = "") -> list[tuple[date, int, int]]:
        """One row per rating, of one site if named: (day, hour on the patient's own clock, rating)."""
        asked = self.filter(sites__site=site) if site else self
        nrs = Coalesce("sites__nrs", "nrs") if site else models.F("nrs")
        rows = asked.order_by().annotate(rated=nrs).values_list("local_date", "felt_at", "zone", "rated")
        with connections[self.db].cursor() as cursor:
            cursor.execute(*rows.query.sql_with_params())
            return [(on, _hour(felt_at, zone), nrs) for on, felt_at, zone, nrs in cursor.fetchall()]

    def beside(self) -> dict[str, tuple[float | None, int]]:
        """Of each number beside the pain the mean of its daily means, and on how many days it was said; "nrs" is pain."""
        daily = self.order_by().values("local_date").annotate(**{f"{name}_": models.Avg(name) for name in BESIDE})
        rows, values = daily.values_list(*(f"{name}_" for name in BESIDE)).query.sql_with_params()
        columns = ", ".join(f"AVG({name}_), COUNT({name}_)" for name in BESIDE)
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM ({rows}) AS daily", values)
            found = cursor.fetchone()
        means = [None if mean is None else float(mean) for mean in found[::2]]
        return dict(zip(BESIDE, zip(means, found[1::2], strict=True), strict=True))

    def by_site(self) -> list[SiteDays]:
        """Each named site of these entries, from daily means, as `by_day_at` counts: a day of many entries counts once."""
        daily = (
            self.filter(sites__isnull=False)
            .order_by()
            .values("local_date", named=models.F("sites__site"))
            .annotate(mean=models.Avg(Coalesce("sites__nrs", "nrs")))
        )
        rows, values = daily.query.sql_with_params()
        with connections[self.db].cursor() as cursor:
            cursor.execute(f"SELECT named, AVG(mean), COUNT(*) FROM ({rows}) AS daily GROUP BY named", values)
            return [SiteDays(site, float(mean), n_days) for site, mean, n_days in cursor.fetchall()]

    def first_days(self, n: int) -> list[date]:
        """The first logged local days, oldest first."""
        return list(self.order_by("local_date").values_list("local_date", flat=True).distinct()[:n])

    def last_days(self, n: int) -> list[date]:
        """The last logged local days, oldest first."""
        return list(self.order_by("-local_date").values_list("local_date", flat=True).distinct()[:n])[::-1]


class PainEntry(models.Model):
    """One rating at one instant. Only the score is needed."""

    class Source(models.TextChoices):
        WEB = "web", _("this site")
        OFFLINE = "offline", _("written without network")
        API = "api", _("an app")
        MAIL = "mail", _("a mail")
        IMPORT = "import", _("an imported file")

    # Made by the client, unique per patient only, so that nobody learns of another's.
    uuid = models.UUIDField()
    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="pain_entries")
    nrs = nrs_field()
    felt_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    # The patient's own day and zone when it was felt: travel never moves a past day.
    local_date = models.DateField()
    zone = models.CharField(max_length=64)
    interference = nrs_field(null=True, blank=True)
    sleep = nrs_field(null=True, blank=True)
    mood = nrs_field(null=True, blank=True)
    managed = models.CharField(max_length=500, blank=True)
    # Keys of domain.beside, in its order.
    triggers = models.JSONField(default=list, blank=True)
    eased_by = models.JSONField(default=list, blank=True)
    helped = models.CharField(max_length=500, blank=True)
    note = models.TextField(max_length=NOTE_LENGTH, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    # Which change of the log this is, from services.changes; without one, no feed shows the entry.
    change_number = models.PositiveBigIntegerField(null=True, editable=False)
    log_import = models.ForeignKey(
        "tracker.LogImport", on_delete=models.SET_NULL, null=True, blank=True, related_name="entries"
    )

    objects = PainEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "uuid"], name="entry_uuid_unique_per_patient"),
            models.UniqueConstraint(fields=["patient", "change_number"], name="entry_change_unique_per_patient"),
            within_nrs("nrs", owner="entry", nullable=False),
            *(within_nrs(field, owner="entry", nullable=True) for field in ("interference", "sleep", "mood")),
        ]
        indexes = [
            models.Index(fields=["patient", "local_date", "nrs"]),
            models.Index(fields=["patient", "felt_at"]),
            models.Index(fields=["patient", "changed_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.nrs} at {self.felt_at:%Y-%m-%d %H:%M}"

    @property
    def version(self) -> int:
        """Grows with each change of this entry."""
        return self.change_number or 0

    @property
    def triggers_in_words(self) -> list[str]:
        return [str(TRIGGER_NAMES.get(key, key)) for key in self.triggers]

    @property
    def eased_by_in_words(self) -> list[str]:
        return [str(EASED_BY_NAMES.get(key, key)) for key in self.eased_by]

    @property
    def is_backdated(self) -> bool:
        """Written down more than an hour after it was felt."""
        return self.recorded_at > self.felt_at and (self.recorded_at - self.felt_at).total_seconds() > 3600


class EntrySite(models.Model):
    """Where it hurt in one entry, with a rating and a quality of its own where the patient gave them."""

    entry = models.ForeignKey(PainEntry, on_delete=models.CASCADE, related_name="sites")
    site = models.CharField(max_length=40, choices=site_choices)
    nrs = nrs_field(null=True, blank=True)
    quality = models.CharField(max_length=20, choices=QUALITIES, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "site"], name="entry_names_a_site_once"),
            within_nrs("nrs", owner="entrysite", nullable=True),
        ]
        indexes = [models.Index(fields=["site", "entry"])]


class EntryTombstone(models.Model):
    """That an entry was deleted, so that other devices forget it too."""

    patient = models.ForeignKey("tracker.Patient", on_delete=models.CASCADE, related_name="entry_tombstones")
    uuid = models.UUIDField()
    deleted_at = models.DateTimeField()
    change_number = models.PositiveBigIntegerField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "uuid"], name="tombstone_unique_per_patient"),
            models.UniqueConstraint(fields=["patient", "change_number"], name="tombstone_change_unique_per_patient"),
        ]
        indexes = [models.Index(fields=["patient", "deleted_at"])]
