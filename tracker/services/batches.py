"""Many changes of a pain log at once, from a device that was away."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction

from tracker.domain.errors import DomainError
from tracker.models import AuditEvent, EntrySite, EntryTombstone, PainEntry, Patient, User
from tracker.services import changes
from tracker.services.locks import locked
from tracker.services.pain_log import (
    ANY,
    Condition,
    Content,
    EntryDeleted,
    checked,
    columns,
    content_of,
)

MAX_ROWS = 1_000
_PER_STATEMENT = 500


class Outcome(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


_VERBS = {Outcome.CREATED: "added", Outcome.CHANGED: "changed", Outcome.DELETED: "deleted"}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What one row asks: that the entry hold exactly what is said, or, where nothing is said, be deleted."""

    uuid: UUID
    said: dict[str, Any] | None
    source: str = PainEntry.Source.API
    condition: Condition = ANY


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a wish; `version` is that of the entry after the whole batch."""

    uuid: UUID
    outcome: Outcome
    version: int | None = None
    refusal: DomainError | None = None


@transaction.atomic
def apply(*, by: User, wishes: Sequence[Wish], at: datetime) -> list[Result]:
    """Do what the wishes ask, one after the other; a refused one leaves the others alone.

    Sent again, a batch changes nothing. Works on the rows in memory and writes the outcome in bulk.
    """
    log = _Log.read(locked(by), {wish.uuid for wish in wishes}, at)
    done = [(wish.uuid, *log.try_to(wish)) for wish in wishes]
    log.write()
    AuditEvent.objects.bulk_create(
        (
            AuditEvent(actor=by, patient=log.patient, verb=_VERBS[outcome], subject=f"entry {uuid}")
            for uuid, outcome, _ in done
            if outcome in _VERBS
        ),
        batch_size=_PER_STATEMENT,
    )
    return [
        Result(uuid=uuid, outcome=outcome, version=log.version_of(uuid), refusal=refusal)
        for uuid, outcome, refusal in done
    ]


@dataclass(kw_only=True)
class _Log:
    """The part of a pain log that a batch names."""

    patient: Patient
    at: datetime
    entries: dict[UUID, PainEntry]
    contents: dict[UUID, Content]
    deleted: set[UUID]
    # As it was stored before, and what has to be stored after, in the order of the first change.
    stored: dict[UUID, Content] = field(default_factory=dict)
    touched: dict[UUID, None] = field(default_factory=dict)

    @classmethod
    def read(cls, patient: Patient, uuids: set[UUID], at: datetime) -> "_Log":
        rows = patient.pain_entries.filter(uuid__in=uuids).prefetch_related("sites")
        entries = {entry.uuid: entry for entry in rows}
        contents = {uuid: content_of(entry) for uuid, entry in entries.items()}
        deleted = set(patient.entry_tombstones.filter(uuid__in=uuids).values_list("uuid", flat=True))
        return cls(
            patient=patient,
            at=at,
            entries=entries,
            contents=contents,
            deleted=deleted - entries.keys(),
            stored=dict(contents),
        )

    def try_to(self, wish: Wish) -> tuple[Outcome, DomainError | None]:
        try:
            return (self._delete(wish) if wish.said is None else self._hold(wish, wish.said)), None
        except DomainError as refusal:
            return Outcome.REFUSED, refusal

    def _delete(self, wish: Wish) -> Outcome:
        """A key that was never heard of is buried too: the entry may still be under way from the same device."""
        if wish.uuid in self.deleted:
            return Outcome.UNCHANGED
        if entry := self.entries.get(wish.uuid):
            wish.condition.check(entry)
            del self.entries[wish.uuid], self.contents[wish.uuid]
        self.deleted.add(wish.uuid)
        self.touched[wish.uuid] = None
        return Outcome.DELETED

    def _hold(self, wish: Wish, said: dict[str, Any]) -> Outcome:
        if wish.uuid in self.deleted:
            raise EntryDeleted(wish.uuid)
        entry = self.entries.get(wish.uuid)
        content = checked(Content(**{"zone": (entry or self.patient).zone} | said), self.at)
        if entry and content == self.contents[wish.uuid]:
            return Outcome.UNCHANGED
        wish.condition.check(entry)
        if entry is None:
            entry = PainEntry(patient=self.patient, uuid=wish.uuid, source=wish.source, recorded_at=self.at)
        outcome = Outcome.CHANGED if wish.uuid in self.entries else Outcome.CREATED
        for name, value in (columns(content) | {"changed_at": self.at}).items():
            setattr(entry, name, value)
        self.entries[wish.uuid], self.contents[wish.uuid] = entry, content
        self.touched[wish.uuid] = None
        return outcome

    def version_of(self, uuid: UUID) -> int | None:
        return self.entries[uuid].version if uuid in self.entries else None

    def write(self) -> None:
        numbers = dict(zip(self.touched, changes.allot(self.patient, len(self.touched)), strict=True))
        standing = [self.entries[uuid] for uuid in self.touched if uuid in self.entries]
        for entry in standing:
            entry.change_number = numbers[entry.uuid]
        self._bury({uuid: number for uuid, number in numbers.items() if uuid in self.deleted})
        self._update([entry for entry in standing if entry.uuid in self.stored])
        PainEntry.objects.bulk_create(
            (entry for entry in standing if entry.uuid not in self.stored), batch_size=_PER_STATEMENT
        )
        self._write_sites(standing)

    def _bury(self, numbers: dict[UUID, int]) -> None:
        self.patient.pain_entries.filter(uuid__in=self.stored.keys() & numbers.keys()).delete()
        EntryTombstone.objects.bulk_create(
            (
                EntryTombstone(patient=self.patient, uuid=uuid, deleted_at=self.at, change_number=number)
                for uuid, number in numbers.items()
            ),
            batch_size=_PER_STATEMENT,
        )

    def _update(self, entries: list[PainEntry]) -> None:
        """One statement for many rows: bulk_update would write a case for each value."""
        every = [column.name for column in PainEntry._meta.concrete_fields if not column.primary_key]
        PainEntry.objects.bulk_create(
            entries, batch_size=_PER_STATEMENT, update_conflicts=True, unique_fields=["id"], update_fields=every
        )

    def _write_sites(self, entries: Iterable[PainEntry]) -> None:
        moved = [entry for entry in entries if self._sites_before(entry.uuid) != self.contents[entry.uuid].sites]
        EntrySite.objects.filter(entry__in=[entry for entry in moved if entry.uuid in self.stored]).delete()
        EntrySite.objects.bulk_create(
            (EntrySite(entry=entry, **asdict(site)) for entry in moved for site in self.contents[entry.uuid].sites),
            batch_size=_PER_STATEMENT,
        )

    def _sites_before(self, uuid: UUID) -> tuple[Any, ...]:
        return self.stored[uuid].sites if uuid in self.stored else ()
