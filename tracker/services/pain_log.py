"""Writing to the pain log: the only way in, from a form, the API, a shell."""

from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.core import signing
from django.db import transaction

from tracker.domain.beside import EASED_BY, TRIGGERS, NotOnTheList, in_order
from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY, is_nrs
from tracker.domain.sites import QUALITY_KEYS, SITE_KEYS
from tracker.domain.text import storable
from tracker.models import AuditEvent, EntrySite, EntryTombstone, PainEntry, Patient, User
from tracker.models.pain import NOTE_LENGTH
from tracker.services import changes
from tracker.services.accounts import known_zone
from tracker.services.locks import locked

MANAGED_LENGTH = HELPED_LENGTH = 500
LISTS = ("triggers", "eased_by")  # of keys
# A device's clock may run a little ahead of ours.
CLOCK_SKEW = timedelta(minutes=2)
# The same tap sent twice (a double click, a resend of the browser) within this time is one entry.
TAP_REPEAT = timedelta(minutes=10)
UNDO_FOR = timedelta(minutes=10)
UNDO_SALT = "tracker.entry.undo"


class EntryInFuture(DomainError):
    """Pain cannot have been felt later than now."""


class EntryTooOld(DomainError):
    """Before the earliest day that the log keeps."""


class EntryOutOfRange(DomainError):
    """A rating, site, quality, trigger or relief that the scales do not have."""


class EntryAlreadyThere(DomainError):
    """This uuid names another entry of the same patient."""


class EntryDeleted(DomainError):
    """The entry with this uuid was deleted, perhaps on another device."""


class EntryChanged(DomainError):
    """The entry is not as the caller takes it to be; `current` is how it is, None if there is none."""

    def __init__(self, current: PainEntry | None) -> None:
        super().__init__(current)
        self.current = current


class NothingToRepeat(DomainError):
    """There is no entry that could be logged again."""


class UndoExpired(DomainError):
    """The time for taking a deletion back is over, or the deletion was not this patient's."""


@dataclass(frozen=True, kw_only=True)
class SiteRating:
    site: str
    nrs: int | None = None
    quality: str = ""


@dataclass(frozen=True, kw_only=True)
class Content:
    """All of an entry that the patient says."""

    nrs: int
    felt_at: datetime
    zone: str
    sites: tuple[SiteRating, ...] = ()
    note: str = ""
    helped: str = ""
    interference: int | None = None
    sleep: int | None = None
    mood: int | None = None
    managed: str = ""
    triggers: tuple[str, ...] = ()
    eased_by: tuple[str, ...] = ()

    @property
    def columns(self) -> dict[str, Any]:
        """The fields of the entry's own row."""
        own = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "sites"}
        return own | {name: list(own[name]) for name in LISTS}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What the caller takes for granted of the entry that a write is about."""

    is_there: bool | None = None
    versions: frozenset[int] | None = None

    def check(self, entry: PainEntry | None) -> None:
        """Raise EntryChanged unless it holds."""
        if self.is_there not in (None, entry is not None):
            raise EntryChanged(entry)
        if self.versions is not None and (entry is None or entry.version not in self.versions):
            raise EntryChanged(entry)


ANY = Condition()


def content_of(entry: PainEntry) -> Content:
    sites = [SiteRating(site=row.site, nrs=row.nrs, quality=row.quality) for row in entry.sites.all()]
    own = {field.name: getattr(entry, field.name) for field in fields(Content) if field.name != "sites"}
    return Content(sites=_in_order(sites), **own | {name: tuple(own[name]) for name in LISTS})


@transaction.atomic
def add(*, by: User, uuid: UUID, source: str, at: datetime, **said: Any) -> PainEntry:
    """Add an entry; `said` is what Content holds. The same entry sent again is the same entry."""
    return _add(by, locked(by), checked(Content(**said), at), uuid=uuid, source=source, at=at)


@transaction.atomic
def put(
    *, by: User, uuid: UUID, source: str, at: datetime, condition: Condition = ANY, **said: Any
) -> tuple[PainEntry, bool]:
    """Make the entry with this uuid hold exactly what is said: (entry, whether it is new).

    Without a zone a new entry has the patient's, and an earlier one keeps its own: travel never moves a past day.
    """
    patient = locked(by)
    earlier = _named(patient, uuid)
    content = checked(Content(**{"zone": (earlier or patient).zone} | said), at)
    if earlier:
        return _change(by, patient, earlier, content, at=at, condition=condition), False
    condition.check(None)
    return _create(by, patient, content, uuid=uuid, source=source, recorded_at=at, changed_at=at), True


@transaction.atomic
def tap(*, by: User, uuid: UUID, nrs: int, at: datetime) -> PainEntry:
    """One tap on Today. The same tap sent twice is one entry; another number is an entry of its own."""
    patient = locked(by)
    earlier = _tapped(patient, uuid, at)
    if earlier and earlier.nrs == nrs:
        return earlier
    content = checked(Content(nrs=nrs, felt_at=at, zone=patient.zone), at)
    return _add(by, patient, content, uuid=_unused(patient, uuid), source=PainEntry.Source.WEB, at=at)


@transaction.atomic
def again(*, by: User, uuid: UUID, source: str, at: datetime) -> tuple[PainEntry, bool]:
    """Log the newest entry's score, places and qualities once more, as felt now: (entry, whether it is new)."""
    patient = locked(by)
    if earlier := _named(patient, uuid):
        return earlier, False
    return _repeat(by, patient, patient.pain_entries.newest_first().first(), uuid=uuid, source=source, at=at), True


@transaction.atomic
def tap_again(*, by: User, uuid: UUID, of: UUID, at: datetime) -> PainEntry:
    """One tap on "same as last time", which names the entry whose score stands on the button."""
    patient = locked(by)
    if earlier := _tapped(patient, uuid, at):
        return earlier
    shown = patient.pain_entries.filter(uuid=of).first()
    return _repeat(by, patient, shown, uuid=_unused(patient, uuid), source=PainEntry.Source.WEB, at=at)


@transaction.atomic
def change(*, by: User, entry: PainEntry, at: datetime, condition: Condition = ANY, **said: Any) -> PainEntry:
    """Change some of what an entry says; nothing is written where nothing changes."""
    patient = locked(by)
    current = _named(patient, entry.uuid)
    if current is None:
        raise EntryDeleted(entry.uuid)
    content = checked(replace(content_of(current), **said), at)
    return _change(by, patient, current, content, at=at, condition=condition)


@transaction.atomic
def remove(*, by: User, entry: PainEntry, at: datetime, condition: Condition = ANY) -> str:
    """Delete for good, leaving a tombstone for other devices; return a sealed token that takes it back."""
    patient = locked(by)
    current = _named(patient, entry.uuid)
    if current is None:
        raise EntryDeleted(entry.uuid)
    condition.check(current)
    token = signing.dumps(_packed(current), salt=UNDO_SALT, compress=True)
    _audit(by, current, "deleted")
    (number,) = changes.allot(patient)
    grave = {"deleted_at": at, "change_number": number}
    EntryTombstone.objects.update_or_create(patient=patient, uuid=current.uuid, defaults=grave)
    current.delete()
    return token


@transaction.atomic
def restore(*, by: User, token: str, at: datetime) -> PainEntry:
    """Take a deletion back, once or more often: the entry is there afterwards."""
    try:
        packed = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_FOR)
    except signing.BadSignature as error:
        raise UndoExpired from error
    patient = locked(by)
    if packed["patient"] != patient.pk:
        raise UndoExpired
    uuid = UUID(packed["uuid"])
    patient.entry_tombstones.filter(uuid=uuid).delete()
    earlier = _named(patient, uuid)
    return earlier or _create(by, patient, _unpacked(packed["content"]), changed_at=at, uuid=uuid, **_origin(packed))


def _named(patient: Patient, uuid: UUID) -> PainEntry | None:
    entry = patient.pain_entries.filter(uuid=uuid).first()
    if entry is None and patient.entry_tombstones.filter(uuid=uuid).exists():
        raise EntryDeleted(uuid)
    return entry


def checked(content: Content, at: datetime) -> Content:
    """Refuse what the log cannot hold; the rest comes back in the one form in which equals compare equal."""
    _check_time(content, at)
    ratings = [content.interference, content.sleep, content.mood, *(site.nrs for site in content.sites)]
    names = [site.site for site in content.sites]
    in_range = (
        is_nrs(content.nrs)
        and all(is_nrs(rating) for rating in ratings if rating is not None)
        and SITE_KEYS.issuperset(names)
        and len(names) == len(set(names))
        and all(not site.quality or site.quality in QUALITY_KEYS for site in content.sites)
    )
    if not in_range:
        raise EntryOutOfRange
    storable(content.note, longest=NOTE_LENGTH)
    storable(content.helped, longest=HELPED_LENGTH)
    storable(content.managed, longest=MANAGED_LENGTH)
    return replace(content, sites=_in_order(content.sites), felt_at=content.felt_at.astimezone(UTC), **_ticked(content))


def _ticked(content: Content) -> dict[str, Any]:
    try:
        return {"triggers": in_order(content.triggers, TRIGGERS), "eased_by": in_order(content.eased_by, EASED_BY)}
    except NotOnTheList as error:
        raise EntryOutOfRange from error


def _check_time(content: Content, at: datetime) -> None:
    zone = ZoneInfo(known_zone(content.zone))
    if content.felt_at > at + CLOCK_SKEW:
        raise EntryInFuture
    midnight_there = datetime.combine(EARLIEST_DAY, datetime.min.time(), zone)
    if content.felt_at < midnight_there.astimezone(UTC):
        raise EntryTooOld


def _in_order(sites: Any) -> tuple[SiteRating, ...]:
    return tuple(sorted(sites, key=lambda rating: rating.site))


def columns(content: Content) -> dict[str, Any]:
    """The row's columns; the local day is worked out once, here, and stays with the entry."""
    return content.columns | {"local_date": content.felt_at.astimezone(ZoneInfo(content.zone)).date()}


def _add(by: User, patient: Patient, content: Content, *, uuid: UUID, source: str, at: datetime) -> PainEntry:
    earlier = _named(patient, uuid)
    if earlier is None:
        return _create(by, patient, content, uuid=uuid, source=source, recorded_at=at, changed_at=at)
    if content_of(earlier) != content:
        raise EntryAlreadyThere(uuid)
    return earlier


def _create(by: User, patient: Patient, content: Content, **origin: Any) -> PainEntry:
    (number,) = changes.allot(patient)
    entry = PainEntry.objects.create(patient=patient, change_number=number, **columns(content), **origin)
    _write_sites(entry, content)
    _audit(by, entry, "added")
    return entry


def _change(
    by: User, patient: Patient, current: PainEntry, content: Content, *, at: datetime, condition: Condition
) -> PainEntry:
    before = content_of(current)
    if content == before and condition.is_there is not False:
        return current  # also when it was sent twice on a condition that held for the first
    condition.check(current)
    for name, value in columns(content).items():
        setattr(current, name, value)
    (current.change_number,) = changes.allot(patient)
    current.changed_at = at
    current.save(force_update=True)
    if content.sites != before.sites:
        current.sites.all().delete()
        _write_sites(current, content)
    _audit(by, current, "changed")
    return current


def _repeat(by: User, patient: Patient, shown: PainEntry | None, *, uuid: UUID, source: str, at: datetime) -> PainEntry:
    if shown is None:
        raise NothingToRepeat
    content = Content(nrs=shown.nrs, sites=content_of(shown).sites, felt_at=at, zone=patient.zone)
    return _add(by, patient, checked(content, at), uuid=uuid, source=source, at=at)


def _tapped(patient: Patient, uuid: UUID, at: datetime) -> PainEntry | None:
    """The entry that the same tap has made a moment ago."""
    return patient.pain_entries.filter(uuid=uuid, recorded_at__gt=at - TAP_REPEAT).first()


def _unused(patient: Patient, uuid: UUID) -> UUID:
    """The key that a page carries, or a new one if the page was used before."""
    is_used = patient.pain_entries.filter(uuid=uuid).exists() or patient.entry_tombstones.filter(uuid=uuid).exists()
    return uuid4() if is_used else uuid


def _write_sites(entry: PainEntry, content: Content) -> None:
    EntrySite.objects.bulk_create(EntrySite(entry=entry, **asdict(site)) for site in content.sites)


def _audit(by: User, entry: PainEntry, verb: str) -> None:
    AuditEvent.objects.create(actor=by, patient_id=entry.patient_id, verb=verb, subject=f"entry {entry.uuid}")


def _packed(entry: PainEntry) -> dict[str, Any]:
    content = content_of(entry)
    return {
        "patient": entry.patient_id,
        "uuid": str(entry.uuid),
        "source": entry.source,
        "recorded_at": entry.recorded_at.isoformat(),
        "log_import": entry.log_import_id,
        "content": asdict(content) | {"felt_at": content.felt_at.isoformat()},
    }


def _unpacked(packed: dict[str, Any]) -> Content:
    """A token of yesterday does not know what is new today."""
    sites = tuple(SiteRating(**site) for site in packed["sites"])
    ticked = {name: tuple(packed.get(name, ())) for name in LISTS}
    return Content(**packed | ticked | {"sites": sites, "felt_at": datetime.fromisoformat(packed["felt_at"])})


def _origin(packed: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": packed["source"],
        "recorded_at": datetime.fromisoformat(packed["recorded_at"]),
        "log_import_id": packed["log_import"],
    }
