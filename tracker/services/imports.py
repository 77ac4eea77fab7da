"""Taking over a pain log that was kept elsewhere: first what would happen, then it happens, whole or not at all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import islice
from operator import attrgetter
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.db import transaction

from tracker.domain.column_mapping import ColumnMapping, Guess, guess, mapping_from
from tracker.domain.errors import DomainError
from tracker.domain.log_faults import WrongTable
from tracker.domain.log_file import LogFile, Row, read_log
from tracker.domain.table_file import Table, read_table
from tracker.domain.text_file import Encoding
from tracker.models import AuditEvent, EntrySite, LogImport, PainEntry, Patient, User
from tracker.services import changes, import_history, import_words
from tracker.services.bulk import insert
from tracker.services.locks import locked

N_FIRST_ROWS = 5


class LogFileRefused(DomainError):
    """The file cannot be taken over; `messages` name line and column."""

    def __init__(self, messages: list[str], log: LogFile | None = None) -> None:
        super().__init__(messages)
        self.messages, self.log = messages, log


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an import would do. Where the file is not ready, nothing: `messages` say why."""

    log: LogFile
    new: tuple[Row, ...] = ()
    n_present: int = 0
    n_deleted: int = 0

    @property
    def messages(self) -> list[str]:
        return import_words.of_file(self.log)

    @property
    def n_rows(self) -> int:
        return len(self.log.rows) + self.log.n_repeated_left_out

    @property
    def n_new(self) -> int:
        return len(self.new)

    @property
    def n_duplicates(self) -> int:
        """Rows that add nothing: there already, said twice, or deleted by the patient after an earlier import."""
        return self.n_present + self.n_deleted + self.log.n_repeated_left_out

    @property
    def first_on(self) -> date:
        return min(row.local_date for row in self.log.rows)

    @property
    def last_on(self) -> date:
        return max(row.local_date for row in self.log.rows)

    @property
    def first_rows(self) -> list[Row]:
        return list(islice(self.log.rows, N_FIRST_ROWS))


def look(*, by: User, content: bytes, at: datetime, mapping: ColumnMapping | None = None) -> Preview:
    """Read the file as far as it can be read, and compare it with the pain log; changes nothing.

    Without a mapping, the one that the patient chose for a table with the same first line is taken, else a guess.
    Raises LogFileRefused only where the file is no table at all, and WrongMapping where the mapping is of another one.
    """
    log = _read(by.patient, content, at, mapping)
    return _compared(by.patient, log) if log.is_ready else Preview(log=log)


def table_of(content: bytes, *, encoding: Encoding | None = None) -> Table:
    """Raises LogFileRefused where the file is no table of text."""
    try:
        return read_table(content, encoding=encoding)
    except WrongTable as wrong:
        raise LogFileRefused([import_words.of_problem(wrong.problem)]) from None


def preview(*, by: User, content: bytes, at: datetime, mapping: ColumnMapping | None = None) -> Preview:
    """As `look`, of a file that can be taken over as it is. Raises LogFileRefused."""
    found = look(by=by, content=content, at=at, mapping=mapping)
    if not found.log.is_ready:
        raise LogFileRefused(found.messages, found.log)
    return found


def run(*, by: User, content: bytes, filename: str, at: datetime, mapping: ColumnMapping | None = None) -> LogImport:
    """Add the rows that are not in the pain log yet. Raises LogFileRefused, and then nothing has changed."""
    log = read(by=by, content=content, at=at, mapping=mapping)
    return add(by=by, log=log, content=content, filename=filename, at=at)


def read(
    *,
    by: User,
    content: bytes,
    at: datetime,
    mapping: ColumnMapping | None = None,
    tell: Callable[[int], None] | None = None,
) -> LogFile:
    """The rows of a file that can be taken over; holds nothing in the database. Raises LogFileRefused."""
    log = _read(by.patient, content, at, mapping, tell)
    if not log.is_ready:
        raise LogFileRefused(import_words.of_file(log), log)
    return log


@transaction.atomic
def add(*, by: User, log: LogFile, content: bytes, filename: str, at: datetime, uuid: UUID | None = None) -> LogImport:
    """Add what was read and is not in the pain log yet."""
    # Two imports of one patient wait for each other, so that the second sees what the first has added.
    patient = locked(by)
    plan = _compared(patient, log)
    log_import = LogImport.objects.create(
        patient=patient,
        uuid=uuid or uuid4(),
        filename=printable(filename),
        digest=sha256(content).hexdigest(),
        imported_at=at,
        n_rows=plan.n_rows,
        n_added=plan.n_new,
        n_duplicates=plan.n_duplicates,
        n_rounded=log.n_rounded,
        n_unrated=log.n_unrated_left_out,
        header_digest=log.table.digest if log.mapping.has_header else "",
        mapping=log.mapping.plain(),
    )
    _add(plan.new, log_import, at)
    AuditEvent.objects.create(actor=by, patient=patient, verb="imported", subject=f"{plan.n_new} pain entries")
    return log_import


def printable(filename: str) -> str:
    """A file name may hold anything but a slash; what is stored can be shown and stored everywhere."""
    return "".join(character for character in filename if character.isprintable())[:255]


def remembered(patient: Patient, table: Table) -> ColumnMapping | None:
    """What this patient chose last for a table with the same first line."""
    same = patient.log_imports.filter(header_digest=table.digest).order_by("-imported_at", "-id").first()
    return mapping_from(same.mapping) if same else None


def _read(
    patient: Patient,
    content: bytes,
    at: datetime,
    mapping: ColumnMapping | None,
    tell: Callable[[int], None] | None = None,
) -> LogFile:
    table = table_of(content, encoding=mapping.encoding if mapping else None)
    if mapping is None and (known := remembered(patient, table)) is not None:
        table = table_of(content, encoding=known.encoding) if known.encoding else table
        mapping = known
    suggestion = Guess(mapping=mapping, is_sure=True) if mapping is not None else guess(table)
    return read_log(table, guess=suggestion, zone=ZoneInfo(patient.zone), now=at, tell=tell)


def _compared(patient: Patient, log: LogFile) -> Preview:
    """What of the file is in the log: the same row of an earlier import, or an entry that says the same."""
    entries = patient.pain_entries
    present = set(entries.values_list("uuid", flat=True))
    deleted = import_history.deleted_by_hand(patient) - present
    coming = [row for row in log.rows if row.uuid not in present and row.uuid not in deleted]
    said = _said_at(patient, coming)
    new = tuple(row for row in coming if not row.has_time or _said(row) not in said)
    n_deleted = sum(row.uuid in deleted for row in log.rows)
    return Preview(log=log, new=new, n_deleted=n_deleted, n_present=len(log.rows) - len(new) - n_deleted)


def _said(row: Row) -> tuple[Any, ...]:
    sites = frozenset({(row.site, row.nrs)} if row.site else ())
    return (row.felt_at, row.nrs, row.note, row.helped, row.interference, row.sleep, row.mood, sites)


def _said_at(patient: Patient, rows: list[Row]) -> set[tuple[Any, ...]]:
    """What the entries say that were felt at the minutes that these rows name, however they came into the log."""
    named = [row.felt_at for row in rows if row.has_time]
    if not named:
        return set()
    between = {"felt_at__gte": min(named), "felt_at__lte": max(named)}
    columns = ("felt_at", "nrs", "note", "helped", "interference", "sleep", "mood")
    entries = {pk: said for pk, *said in patient.pain_entries.filter(**between).values_list("pk", *columns)}
    sites: dict[int, set[tuple[str, int]]] = {}
    of_them = EntrySite.objects.filter(entry__patient=patient, **{f"entry__{name}": at for name, at in between.items()})
    for pk, site, nrs in of_them.values_list("entry_id", "site", "nrs"):
        sites.setdefault(pk, set()).add((site, nrs))
    return {(*said, frozenset(sites.get(pk, ()))) for pk, said in entries.items()}


def _add(rows: tuple[Row, ...], log_import: LogImport, at: datetime) -> None:
    patient = log_import.patient
    import_history.forget_tombstones(patient, [row.uuid for row in rows])
    common = {
        "patient_id": patient.pk,
        "recorded_at": at,
        "changed_at": at,
        "zone": patient.zone,
        "source": PainEntry.Source.IMPORT,
        "log_import_id": log_import.pk,
    }
    said = ("uuid", "nrs", "felt_at", "local_date", "interference", "sleep", "mood", "helped", "note")
    of_row = attrgetter(*said)
    numbers = changes.allot(patient, len(rows))
    numbered = ((number, *of_row(row)) for number, row in zip(numbers, rows, strict=True))
    insert(PainEntry, ("change_number", *said), numbered, common=common)
    with_site = [row for row in rows if row.site]
    keys = dict(log_import.entries.values_list("uuid", "pk")) if with_site else {}
    insert(EntrySite, ("entry_id", "site", "nrs"), ((keys[row.uuid], row.site, row.nrs) for row in with_site))
