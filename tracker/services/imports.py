"""Taking over a pain log that was kept elsewhere: first what would happen, then it happens, whole or not at all."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from tracker.domain.errors import DomainError
from tracker.domain.log_file import (
    COLUMN_NAMES,
    MAX_BYTES,
    MAX_ROWS,
    Column,
    Fault,
    LogFile,
    Problem,
    Row,
    read_log,
)
from tracker.models import AuditEvent, EntrySite, LogImport, PainEntry, Patient, Tick, User
from tracker.services import changes, import_history

# A file that is looked at and not confirmed is forgotten.
KEPT_FOR = timedelta(days=1)
N_FIRST_ROWS = 5
_BATCH = 1_000
_SALT = "tracker.import.kept"


class LogFileRefused(DomainError):
    """The file cannot be taken over; `messages` name line and column."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__(messages)
        self.messages = messages


class NoFileKept(DomainError):
    """The file that was looked at is no longer here: confirmed already, or older than a day."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What an import would do."""

    log: LogFile
    new: tuple[Row, ...]
    n_present: int
    n_deleted: int

    @property
    def n_rows(self) -> int:
        return len(self.log.rows)

    @property
    def n_new(self) -> int:
        return len(self.new)

    @property
    def n_duplicates(self) -> int:
        """Rows that add nothing: there already, or deleted by the patient after an earlier import."""
        return self.n_present + self.n_deleted

    @property
    def first_on(self) -> date:
        return min(row.local_date for row in self.log.rows)

    @property
    def last_on(self) -> date:
        return max(row.local_date for row in self.log.rows)

    @property
    def first_rows(self) -> list[Row]:
        return list(islice(self.log.rows, N_FIRST_ROWS))


def preview(*, by: User, content: bytes, at: datetime) -> Preview:
    """Read the file and compare it with the pain log; changes nothing. Raises LogFileRefused."""
    patient = by.patient
    log = read_log(content, zone=ZoneInfo(patient.zone), now=at)
    if log.problems:
        raise LogFileRefused([words(problem) for problem in log.problems] + _more(log.n_more_problems))
    present = set(patient.pain_entries.values_list("uuid", flat=True))
    deleted = import_history.deleted_by_hand(patient) - present
    return Preview(
        log=log,
        new=tuple(row for row in log.rows if row.uuid not in present and row.uuid not in deleted),
        n_present=sum(row.uuid in present for row in log.rows),
        n_deleted=sum(row.uuid in deleted for row in log.rows),
    )


@transaction.atomic
def run(*, by: User, content: bytes, filename: str, at: datetime) -> LogImport:
    """Add the rows that are not in the pain log yet. Raises LogFileRefused, and then nothing has changed."""
    # Two imports of one patient wait for each other, so that the second sees what the first has added.
    patient = Patient.objects.select_for_update().get(pk=by.patient.pk)
    plan = preview(by=by, content=content, at=at)
    log_import = LogImport.objects.create(
        patient=patient,
        uuid=uuid4(),
        filename=_plain(filename),
        digest=sha256(content).hexdigest(),
        imported_at=at,
        n_rows=plan.n_rows,
        n_added=plan.n_new,
        n_duplicates=plan.n_duplicates,
        n_rounded=plan.log.n_rounded,
    )
    _add(plan.new, log_import, at)
    AuditEvent.objects.create(actor=by, patient=patient, verb="imported", subject=f"{plan.n_new} pain entries")
    return log_import


def _plain(filename: str) -> str:
    """A file name may hold anything but a slash; what is stored can be shown and stored everywhere."""
    return "".join(character for character in filename if character.isprintable())[:255]


def _add(rows: tuple[Row, ...], log_import: LogImport, at: datetime) -> None:
    patient = log_import.patient
    import_history.forget_tombstones(patient, [row.uuid for row in rows])
    numbers = changes.allot(patient, len(rows))
    entries = PainEntry.objects.bulk_create(
        (
            PainEntry(
                uuid=row.uuid,
                patient=patient,
                nrs=row.nrs,
                felt_at=row.felt_at,
                recorded_at=at,
                changed_at=at,
                local_date=row.local_date,
                zone=patient.zone,
                note=row.note,
                source=PainEntry.Source.IMPORT,
                change_number=number,
                log_import=log_import,
            )
            for number, row in zip(numbers, rows, strict=True)
        ),
        batch_size=_BATCH,
    )
    EntrySite.objects.bulk_create(
        (
            EntrySite(entry=entry, site=row.site, nrs=row.nrs)
            for entry, row in zip(entries, rows, strict=True)
            if row.site
        ),
        batch_size=_BATCH,
    )


# Between look and confirm the file lies in the installation's own folder, since five megabytes are too many for a
# session or a hidden field. Where several machines serve the pages, they share that folder.
def keep(*, by: User, content: bytes, filename: str, at: datetime) -> str:
    """Put the file aside, readable for this service only; returns a sealed token for `kept` and `forget`."""
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{by.patient.pk}-{secrets.token_urlsafe(32)}"
    with open(_folder() / name, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(content)
    return signing.dumps(
        {"patient": by.patient.pk, "name": name, "filename": _plain(filename)},
        salt=_SALT,
    )


def kept(*, by: User, token: str) -> tuple[bytes, str]:
    """The content and the name of a file that this patient put aside. Raises NoFileKept."""
    facts = _opened(by, token)
    try:
        return (_folder() / facts["name"]).read_bytes(), facts["filename"]
    except FileNotFoundError:
        raise NoFileKept from None


def forget(*, by: User, token: str) -> None:
    (_folder() / _opened(by, token)["name"]).unlink(missing_ok=True)


def _opened(by: User, token: str) -> dict[str, str]:
    try:
        facts = signing.loads(token, salt=_SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        raise NoFileKept from None
    if facts["patient"] != by.patient.pk:
        raise NoFileKept
    return facts


def _folder() -> Path:
    return Path(settings.VAR) / "uploads"


def forget_unconfirmed(*, at: datetime) -> None:
    """Delete every file that was put aside more than a day ago, whether or not anybody comes back for it."""
    last = (at - KEPT_FOR).timestamp()
    for path in _folder().iterdir() if _folder().is_dir() else ():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < last:
                path.unlink()
    Tick.objects.update_or_create(name="tidy", defaults={"ticked_at": at})


def words(problem: Problem) -> str:
    """One sentence that says where, what, and what is wanted."""
    where = _("Line %(line)d, column “%(column)s”") % {
        "line": problem.line,
        "column": problem.column,
    }
    what = str(_WORDS[problem.fault]) % {
        "given": problem.given,
        "day_names": _names(Column.DAY),
        "pain_names": _names(Column.PAIN),
        "megabytes": MAX_BYTES // 1_000_000,
        "rows": MAX_ROWS,
    }
    return f"{where}: {what}"


def _more(n: int) -> list[str]:
    if not n:
        return []
    return [ngettext("… and %(n)d more problem.", "… and %(n)d more problems.", n) % {"n": n}]


def _names(column: Column) -> str:
    return ", ".join(name for name, meaning in COLUMN_NAMES.items() if meaning is column)


_WORDS = {
    Fault.TOO_LARGE: _lazy("the file is larger than %(megabytes)d megabytes."),
    Fault.TOO_MANY_ROWS: _lazy("the file has more than %(rows)d rows."),
    Fault.EMPTY: _lazy("there is no rating in this file."),
    Fault.NOT_TEXT: _lazy("this is not a text file. Save the table as CSV (comma-separated values) in UTF-8."),
    Fault.NOT_UTF8: _lazy("this letter is not written in UTF-8. Save the table as CSV in UTF-8."),
    Fault.BROKEN_QUOTES: _lazy("a quotation mark is in the wrong place or never closed, or a value is far too long."),
    Fault.NO_DAY_COLUMN: _lazy(
        "there is no such column. The first line must name the columns, one of them %(day_names)s. It says: %(given)s"
    ),
    Fault.NO_PAIN_COLUMN: _lazy(
        "there is no such column. The first line must name the columns, one of them %(pain_names)s. It says: %(given)s"
    ),
    Fault.COLUMN_TWICE: _lazy("two columns mean the same. Keep one of them."),
    Fault.WRONG_LENGTH: _lazy("the first line names another number of columns than this line has values."),
    Fault.NO_DAY: _lazy("the day is missing. Write it as 2026-03-01 (year-month-day)."),
    Fault.BAD_DAY: _lazy("“%(given)s” is not a day. Write it as 2026-03-01 (year-month-day)."),
    Fault.TOO_EARLY: _lazy("“%(given)s” is before the year 1900."),
    Fault.IN_FUTURE: _lazy("“%(given)s” has not come yet."),
    Fault.BAD_TIME: _lazy("“%(given)s” is not a time of day. Write it as 07:30 or 19:45."),
    Fault.TIME_TWICE: _lazy("the day of this line already has a time. Keep one of them."),
    Fault.NO_PAIN: _lazy("the rating is missing. Write a number from 0 to 10, or take the line out."),
    Fault.NOT_A_NUMBER: _lazy("“%(given)s” is not a number. Write one from 0 to 10, such as 4 or 4.5."),
    Fault.OUT_OF_RANGE: _lazy("“%(given)s” is not on the scale. Write a number from 0 to 10."),
    Fault.UNKNOWN_SITE: _lazy("Ebb knows no place “%(given)s”. Write one such as low_back or “Knee, left”."),
    Fault.NOTE_TOO_LONG: _lazy("the note is longer than 4,000 characters."),
}
