"""Taking an exported record back in: first what would happen, then it happens, whole or not at all.

What is in the record already stays as it is. Verdicts and advice are worked out again by night; settings and reminders
are the patient's to make; the audit of another record is not this record's.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from tracker.domain import set_aside
from tracker.domain.record_file import MAX_BYTES, Fault, WrongFile
from tracker.domain.schedule import local_date
from tracker.models import AuditEvent, EntrySite, EntryTombstone, LogImport, PainEntry, User
from tracker.services import (
    changes,
    exports,
    import_history,
    record_files,
    record_opinions,
    record_parts,
    record_words,
)
from tracker.services.bulk import column, insert
from tracker.services.exports import Row
from tracker.services.imports import LogFileRefused, printable
from tracker.services.locks import locked
from tracker.services.record_files import Apart, Folder
from tracker.services.record_parts import Plan, Tally, said_of
from tracker.services.record_reading import RecordRows, is_record, read_record

__all__ = ["RecordPreview", "add", "is_record", "joined", "preview", "read", "run", "without_files"]


@dataclass(frozen=True, kw_only=True)
class RecordPreview:
    """What an import would do, list by list."""

    tallies: Mapping[str, Tally]

    @property
    def n_new(self) -> int:
        return sum(tally.n_new for tally in self.tallies.values())

    @property
    def n_rows(self) -> int:
        return sum(tally.n_rows for tally in self.tallies.values())


def preview(*, by: User, content: bytes, at: datetime, aside: Apart | None = None) -> RecordPreview:
    """Read the file and compare it with the record; changes nothing. Raises LogFileRefused.

    `aside`: files that were taken out of it; they are looked into only when they are taken over.
    """
    record = read(by=by, content=content, at=at, aside=aside)
    with transaction.atomic():
        plan, _ = _bring(by, record, is_look=True)
        transaction.set_rollback(True)
    return RecordPreview(tallies=plan.tallies)


def run(*, by: User, content: bytes, filename: str, at: datetime, aside: Apart | None = None) -> LogImport:
    """Add what is not in the record yet. Raises LogFileRefused, and then nothing has changed."""
    record = read(by=by, content=content, at=at, aside=aside)
    if aside is not None:
        record_files.clean(aside)
    return add(by=by, record=record, content=content, filename=filename, at=at)


def read(
    *,
    by: User,
    content: bytes,
    at: datetime,
    tell: Callable[[int], None] | None = None,
    aside: Apart | None = None,
) -> RecordRows:
    """The rows of a file; holds nothing in the database. Raises LogFileRefused."""
    try:
        return read_record(content, at=at, today=local_date(at, ZoneInfo(by.patient.zone)), tell=tell, aside=aside)
    except WrongFile as wrong:
        raise LogFileRefused([record_words.of_record(wrong)]) from None


@transaction.atomic
def add(
    *, by: User, record: RecordRows, content: bytes, filename: str, at: datetime, uuid: UUID | None = None
) -> LogImport:
    """Add what was read and is not in the record yet. Raises LogFileRefused, and then nothing has changed."""
    plan, new = _bring(by, record)
    tally = plan.tallies["entries"]
    log_import = LogImport.objects.create(
        patient=plan.patient,
        uuid=uuid or uuid4(),
        filename=printable(filename),
        digest=sha256(content).hexdigest(),
        imported_at=at,
        n_rows=tally.n_rows,
        n_added=tally.n_new,
        n_duplicates=tally.n_rows - tally.n_new,
        n_rounded=0,
        brought=plan.brought,
    )
    _add_entries(plan, new, log_import)
    _add_tombstones(plan)
    record_parts.add_intakes(plan, log_import)
    AuditEvent.objects.create(
        actor=by, patient=plan.patient, verb="imported", subject=f"{len(new)} pain entries of a record"
    )
    return log_import


@contextmanager
def without_files(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, Apart]]:
    """A record and, apart from it, its files: these lie in a folder as long as they are needed. Raises LogFileRefused."""
    with TemporaryDirectory() as folder:
        files = Folder(Path(folder))
        yield joined(set_aside.without_files(pieces, files.keep)), files


def joined(pieces: Iterable[bytes]) -> bytes:
    """What may be held: no more than a record without files can be. Raises LogFileRefused."""
    held, n_bytes = [], 0
    try:
        for piece in pieces:
            n_bytes += len(piece)
            if n_bytes > MAX_BYTES:
                raise WrongFile(Fault.TOO_LARGE)
            held.append(piece)
    except WrongFile as wrong:
        raise LogFileRefused([record_words.of_record(wrong)]) from None
    return b"".join(held)


def _bring(by: User, record: RecordRows, *, is_look: bool = False) -> tuple[Plan, list[Row]]:
    """What becomes of the file, all but its entries brought, and the entries that are new. Holds the patient's row."""
    patient = locked(by)
    plan = Plan(patient=patient, record=record, is_look=is_look)
    new = _compare_entries(by, plan)
    try:
        record_parts.bring(by, plan)
        record_opinions.bring(by, plan)
    except WrongFile as wrong:
        raise LogFileRefused([record_words.of_record(wrong)]) from None
    return plan, new


def _compare_entries(by: User, plan: Plan) -> list[Row]:
    given = {placed.row["uuid"]: placed.row for placed in plan.record.rows["entries"]}
    present = {row["uuid"]: row for row in exports.rows(exports.ENTRIES, by) if row["uuid"] in given}
    deleted = import_history.deleted_by_hand(plan.patient)
    tally, new = plan.tallies["entries"], []
    for uuid, row in given.items():
        if uuid in present:
            is_same = said_of(row) == said_of(present[uuid])
            tally.n_present += is_same
            tally.n_different += not is_same
        elif uuid in deleted:
            tally.n_deleted += 1
        else:
            new.append(row)
    tally.n_new = len(new)
    _compare_tombstones(plan, {*given, *plan.patient.pain_entries.values_list("uuid", flat=True)})
    return new


def _compare_tombstones(plan: Plan, living: Collection[UUID]) -> None:
    known = set(plan.patient.entry_tombstones.values_list("uuid", flat=True))
    tally = plan.tallies["tombstones"]
    for placed in plan.record.rows["tombstones"]:
        if placed.row["uuid"] in known:
            tally.n_present += 1
        elif placed.row["uuid"] in living:
            tally.n_different += 1
        else:
            tally.n_new += 1
    plan.record.rows["tombstones"] = [
        row for row in plan.record.rows["tombstones"] if row.row["uuid"] not in {*known, *living}
    ]


def _add_entries(plan: Plan, rows: list[Row], log_import: LogImport) -> None:
    import_history.forget_tombstones(plan.patient, [row["uuid"] for row in rows])
    numbers = changes.allot(plan.patient, len(rows))
    # An entry is changed when it comes in, so that other devices of the patient hear of it.
    common = {"patient_id": plan.patient.pk, "changed_at": plan.record.at, "log_import_id": log_import.pk}
    columns = sorted({name for row in rows for name in row} - {"sites", "changed_at", "log_import"})
    empty = {name: column(PainEntry, name).get_default() for name in columns}
    values = (
        (number, *(row.get(name, empty[name]) for name in columns)) for number, row in zip(numbers, rows, strict=True)
    )
    insert(PainEntry, ("change_number", *columns), values, common=common)
    keys = dict(log_import.entries.values_list("uuid", "pk"))
    sites = (
        (keys[row["uuid"]], site["site"], site.get("nrs"), site.get("quality", ""))
        for row in rows
        for site in row.get("sites", [])
    )
    insert(EntrySite, ("entry_id", "site", "nrs", "quality"), sites)


def _add_tombstones(plan: Plan) -> None:
    rows = [placed.row for placed in plan.record.rows["tombstones"]]
    numbers = changes.allot(plan.patient, len(rows))
    values = ((number, row["uuid"], row["deleted_at"]) for number, row in zip(numbers, rows, strict=True))
    insert(EntryTombstone, ("change_number", "uuid", "deleted_at"), values, common={"patient_id": plan.patient.pk})
