"""A file on its way into the record: put aside, looked at, then taken over, at once or by a worker.

The database is the queue: a file waits there until a worker takes it, whatever happens to worker or broker meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import QuerySet, Sum
from django.db.models.functions import Length
from django.utils.translation import gettext

from tracker.domain.column_mapping import ColumnMapping, mapping_from
from tracker.domain.errors import DomainError
from tracker.models import ImportFile, ImportPart, LogImport, Tick, User
from tracker.services import imports, record_files, record_imports
from tracker.services.imports import LogFileRefused, Preview
from tracker.services.locks import locked
from tracker.services.record_files import Apart
from tracker.services.record_imports import RecordPreview

# A file that is looked at and not confirmed is forgotten.
KEPT_FOR = timedelta(days=1)
# Files of one patient at a time: those looked at and left lying go first.
MOST_FILES = 3
# Up to here, some 2,000 rows, taking over lasts no longer than a page may.
AT_ONCE_BYTES = 100_000
# Longer than the worker's own limit; a worker that is silent for so long is dead.
LEASE = timedelta(minutes=10)
MOST_TRIES = 3


class ImportNotReady(DomainError):
    """The file is being taken over, or was refused."""


class TooManyImports(DomainError):
    """As many files of this patient as there may be are being taken over."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """A file and what it would do: `of_record` where Ebb has exported it, else `of_log`."""

    file: ImportFile
    of_log: Preview | None = None
    of_record: RecordPreview | None = None


def keep(*, by: User, content: bytes | Iterable[bytes], filename: str, at: datetime) -> ImportFile:
    """Put the file aside, whole or in pieces. Raises TooManyImports, and LogFileRefused where it is neither a table nor
    a record. Files in a record are kept apart from it, so that a large record is never held whole."""
    pieces = iter([content] if isinstance(content, bytes) else content)
    first = next(pieces, b"")
    if record_imports.is_record(first):
        with record_imports.without_files(chain([first], pieces)) as (record, apart):
            return _kept(by, record, apart, filename, at)
    table = record_imports.joined(chain([first], pieces))
    imports.table_of(table)
    return _kept(by, table, {}, filename, at)


@transaction.atomic
def _kept(by: User, content: bytes, apart: Mapping[int, bytes], filename: str, at: datetime) -> ImportFile:
    """In the place of one that was left lying, where there are as many as may be."""
    patient = locked(by)
    files = patient.import_files
    if files.under_way().count() >= MOST_FILES:
        raise TooManyImports
    left_lying = files.exclude(pk__in=files.under_way()).order_by("-kept_at", "-id")
    files.filter(pk__in=list(left_lying.values_list("pk", flat=True)[MOST_FILES - 1 :])).delete()
    if apart:  # one large record of a patient at a time
        left_lying.filter(pk__in=ImportPart.objects.filter(import_file__patient=patient).values("import_file")).delete()
    file = ImportFile.objects.create(
        patient=patient,
        content=content,
        filename=imports.printable(filename),
        kept_at=at,
        n_rows=content.count(b"\n"),
    )
    for number in apart:
        file.parts.create(number=number, content=apart[number])
    return file


class _Parts(Apart):
    """The files of a record that is kept."""

    def __init__(self, file: ImportFile) -> None:
        self.parts = file.parts

    def __getitem__(self, number: int) -> bytes:
        part = self.parts.filter(number=number).first()
        if part is None:
            raise KeyError(number)
        return bytes(part.content)

    def is_clean(self, number: int) -> bool:
        return self.parts.filter(number=number, is_clean=True).exists()

    def put_clean(self, number: int, content: bytes) -> None:
        self.parts.filter(number=number).update(content=content, is_clean=True)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.parts.filter(number=number).exists()

    def __iter__(self) -> Iterator[int]:
        return iter(self.parts.values_list("number", flat=True))

    def __len__(self) -> int:
        return self.parts.count()


def bring(
    *, by: User, content: bytes | Iterable[bytes], filename: str, at: datetime, mapping: ColumnMapping | None
) -> LogImport | ImportFile:
    """Keep and confirm at once, for somebody who has looked before. Raises LogFileRefused, and nothing is kept then."""
    file = keep(by=by, content=content, filename=filename, at=at)
    if mapping is not None:
        choose(by=by, file=file, mapping=mapping)
        file.refresh_from_db(fields=["mapping"])
    try:
        log_import = confirm(by=by, file=file, at=at)
    except DomainError:
        forget(by=by, file=file)
        raise
    if log_import is None:
        file.refresh_from_db(fields=["state"])
    return log_import or file


def look(*, by: User, file: ImportFile, at: datetime) -> Look:
    """What taking it over would do. Raises LogFileRefused where it is a record that cannot be taken over."""
    content, mapping = bytes(file.content), mapping_of(file)
    if record_imports.is_record(content):
        return Look(file=file, of_record=record_imports.preview(by=by, content=content, at=at, aside=_Parts(file)))
    return Look(file=file, of_log=imports.look(by=by, content=content, at=at, mapping=mapping))


def look_at(
    *, by: User, content: bytes | Iterable[bytes], at: datetime, mapping: ColumnMapping | None
) -> tuple[Preview | None, RecordPreview | None]:
    """As `look`, of a file that is not kept. Raises LogFileRefused also where it is no table."""
    pieces = iter([content] if isinstance(content, bytes) else content)
    first = next(pieces, b"")
    if record_imports.is_record(first):
        with record_imports.without_files(chain([first], pieces)) as (record, aside):
            return None, record_imports.preview(by=by, content=record, at=at, aside=aside)
    whole = record_imports.joined(chain([first], pieces))
    return imports.look(by=by, content=whole, at=at, mapping=mapping), None


def mapping_of(file: ImportFile) -> ColumnMapping | None:
    return mapping_from(file.mapping) if file.mapping is not None else None


def choose(*, by: User, file: ImportFile, mapping: ColumnMapping) -> None:
    """Keep what the patient says of the columns. Raises ImportNotReady."""
    lookable = by.patient.import_files.filter(pk=file.pk, state=ImportFile.State.LOOKED_AT)
    if not lookable.update(mapping=mapping.plain()):
        raise ImportNotReady


def forget(*, by: User, file: ImportFile) -> None:
    """Throw a file away that was not taken over. Raises ImportNotReady while a worker has it."""
    n_gone, _ = by.patient.import_files.filter(pk=file.pk).exclude(state=ImportFile.State.RUNNING).delete()
    if not n_gone:
        raise ImportNotReady


def confirm(*, by: User, file: ImportFile, at: datetime) -> LogImport | None:
    """Take the file over: a small one at once, a large one waits for a worker, and there is no import yet.

    Raises LogFileRefused, ImportNotReady.
    """
    n_aside = file.parts.aggregate(n=Sum(Length("content")))["n"] or 0
    if len(file.content) + n_aside <= AT_ONCE_BYTES:
        return _take_over(by, file, at)
    if not record_imports.is_record(bytes(file.content)):
        imports.preview(by=by, content=bytes(file.content), at=at, mapping=mapping_of(file))
    lookable = by.patient.import_files.filter(pk=file.pk, state=ImportFile.State.LOOKED_AT)
    if not lookable.update(state=ImportFile.State.WAITING, kept_at=at):
        raise ImportNotReady
    return None


def take_over_due(*, clock: Callable[[], datetime]) -> None:
    """Take over every file that waits, one after another."""
    while (file := _claim(clock())) is not None:
        _work_on(file, clock())
    Tick.objects.update_or_create(name="files", defaults={"ticked_at": clock()})


def forget_left_lying(*, at: datetime) -> None:
    """Delete every file that was put aside or refused more than a day ago, and not taken over."""
    under_way = ImportFile.objects.under_way()
    ImportFile.objects.filter(kept_at__lt=at - KEPT_FOR).exclude(pk__in=under_way.values("pk")).delete()
    Tick.objects.update_or_create(name="tidy", defaults={"ticked_at": at})


def _claim(at: datetime) -> ImportFile | None:
    """The next file that waits, for this worker alone."""
    for pk, n_tries in ImportFile.objects.due(at).values_list("pk", "n_tries"):
        free = ImportFile.objects.due(at).filter(pk=pk, n_tries=n_tries).order_by()
        running = {"state": ImportFile.State.RUNNING, "claimed_until": at + LEASE, "n_tries": n_tries + 1}
        if free.update(**running, n_read=0):
            return ImportFile.objects.select_related("patient__user").get(pk=pk)
    return None


def _work_on(file: ImportFile, at: datetime) -> None:
    """To an end that the patient sees: the import, or why there is none. What breaks here is tried again."""
    ours = ImportFile.objects.filter(pk=file.pk, state=ImportFile.State.RUNNING, n_tries=file.n_tries)
    messages = [gettext("Ebb has tried it several times and could not finish. Nothing was changed.")]
    try:
        if file.n_tries <= MOST_TRIES:
            _take_over(file.patient.user, file, at, tell=lambda n: _tell(ours, n))
    except LogFileRefused as refused:
        messages = refused.messages
    except ImportNotReady:
        return
    except Exception:
        ours.update(state=ImportFile.State.WAITING)
        raise
    # Nothing is left of it where it was taken over.
    ours.update(state=ImportFile.State.REFUSED, problems=messages, content=b"")
    file.parts.all().delete()


def _tell(ours: QuerySet[ImportFile], n_read: int) -> None:
    ours.update(n_read=n_read)


def _take_over(by: User, file: ImportFile, at: datetime, tell: Callable[[int], None] | None = None) -> LogImport:
    """Reading, and cleaning its files, holds nothing in the database; adding, and letting go of the file, is one.

    Each file stays clean, so that a worker that was stopped has done nothing in vain.
    """
    content = bytes(file.content)
    own: dict[str, Any] = {"by": by, "content": content, "filename": file.filename, "at": at, "uuid": file.uuid}
    if record_imports.is_record(content):
        parts = _Parts(file)
        record = record_imports.read(by=by, content=content, at=at, tell=tell, aside=parts)
        if tell is not None:
            tell(file.n_rows)
        record_files.clean(parts)
        add = partial(record_imports.add, record=record, **own)
    else:
        log = imports.read(by=by, content=content, at=at, mapping=mapping_of(file), tell=tell)
        add = partial(imports.add, log=log, **own)
    with transaction.atomic():
        locked(by)
        ours = ImportFile.objects.filter(pk=file.pk, state=file.state, n_tries=file.n_tries)
        if not list(ours.select_for_update().values_list("pk")):
            raise ImportNotReady
        log_import = add()
        ours.update(state=ImportFile.State.TAKEN, content=b"")
    _let_go(file)
    return log_import


def _let_go(file: ImportFile) -> None:
    """Part by part: to delete all at once would have everybody else wait. What is left is forgotten with the rest."""
    for pk in file.parts.values_list("pk", flat=True):
        ImportPart.objects.filter(pk=pk).delete()
    ImportFile.objects.filter(pk=file.pk).delete()
