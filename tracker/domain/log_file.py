"""Reads a pain log from a file of comma-separated values.

The first line names the columns: a day (day, date or felt_at) and a rating (pain, nrs, pain_max or score), and, where
there are any, time, note and site. A file is taken whole or not at all: one wrong value and there are only problems.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from io import StringIO
from typing import TypeVar
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.domain.schedule import local_date
from tracker.domain.sites import SITE_KEYS, SITES

MAX_BYTES = 5_000_000
MAX_ROWS = 50_000
MAX_NOTE = 4_000  # characters, as in an entry
MAX_PROBLEMS = 20  # told at once; a file with more of them is the wrong file
FIRST_DAY = date(1900, 1, 1)
# A rating of a whole day was felt at some time of it: noon, or now while noon of today is still to come.
DAY_ONLY_TIME = time(12)

# A row keeps its identity from import to import, so that a file read twice adds nothing the second time.
ROW_NAMESPACE = UUID("0d8f6a1e-52c4-5b0e-9a37-6f2c3b9d7e10")

T = TypeVar("T")

_GIVEN_LENGTH = 40
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
_TIME = re.compile(r"\d{2}:\d{2}(:\d{2})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,6}(\.\d{0,12})?", re.ASCII)


class Column(StrEnum):
    DAY = "day"
    PAIN = "pain"
    TIME = "time"
    NOTE = "note"
    SITE = "site"


COLUMN_NAMES = {
    "day": Column.DAY,
    "date": Column.DAY,
    "felt_at": Column.DAY,
    "pain": Column.PAIN,
    "nrs": Column.PAIN,
    "pain_max": Column.PAIN,
    "score": Column.PAIN,
    "time": Column.TIME,
    "note": Column.NOTE,
    "site": Column.SITE,
}
_SITE_BY_NAME = {name.casefold(): key for key, name in SITES}


class Fault(StrEnum):
    """What is wrong at one place of a file; the outer layer has the words."""

    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    EMPTY = "empty"
    NOT_TEXT = "not_text"
    NOT_UTF8 = "not_utf8"
    BROKEN_QUOTES = "broken_quotes"
    NO_DAY_COLUMN = "no_day_column"
    NO_PAIN_COLUMN = "no_pain_column"
    COLUMN_TWICE = "column_twice"
    WRONG_LENGTH = "wrong_length"
    NO_DAY = "no_day"
    BAD_DAY = "bad_day"
    TOO_EARLY = "too_early"
    IN_FUTURE = "in_future"
    BAD_TIME = "bad_time"
    TIME_TWICE = "time_twice"
    NO_PAIN = "no_pain"
    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_SITE = "unknown_site"
    NOTE_TOO_LONG = "note_too_long"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """``line`` counts from 1, the header included; ``column`` is a header, or a place where none are named yet."""

    fault: Fault
    line: int
    column: str
    given: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One rating. ``value`` is what was written, ``nrs`` the whole number that is kept."""

    line: int
    uuid: UUID
    felt_at: datetime
    local_date: date
    value: Decimal
    nrs: int
    site: str
    note: str


@dataclass(frozen=True, kw_only=True)
class LogFile:
    """``rows`` are complete only where there are no ``problems``."""

    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    n_more_problems: int = 0
    n_repeated: int = 0
    unused_columns: tuple[str, ...] = ()

    @property
    def n_days(self) -> int:
        return len({row.local_date for row in self.rows})

    @property
    def roundings(self) -> list[tuple[Decimal, int, int]]:
        """(value, whole number kept, how often), by value, for every value that is not a whole number."""
        counts = Counter((row.value, row.nrs) for row in self.rows if row.value != row.nrs)
        return [(value, nrs, n) for (value, nrs), n in sorted(counts.items())]

    @property
    def n_rounded(self) -> int:
        return sum(n for _, _, n in self.roundings)


class _Wrong(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def read_log(content: bytes, *, zone: ZoneInfo, now: datetime) -> LogFile:
    """Read every row; wall times are the clock of ``zone``, ``now`` (aware) is the last instant a rating may have."""
    try:
        text = _decode(content)
    except _Undecodable as wrong:
        return LogFile(problems=(wrong.problem,))
    return _Reader(text, zone, now).read()


def round_half_up(value: Decimal) -> int:
    """2.5 becomes 3: halves go up, as people round."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


class _Undecodable(Exception):
    def __init__(self, fault: Fault, content: bytes = b"", at: int = 0) -> None:
        line, after_break = (
            content.count(b"\n", 0, at) + 1,
            content.rfind(b"\n", 0, at) + 1,
        )
        self.problem = Problem(fault=fault, line=line, column=str(at - after_break + 1))


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise _Undecodable(Fault.TOO_LARGE)
    if (at := content.find(b"\0")) >= 0:
        raise _Undecodable(Fault.NOT_TEXT, content, at)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Undecodable(Fault.NOT_UTF8, content, error.start) from None
    if not text.strip():
        raise _Undecodable(Fault.EMPTY)
    return text


class _Reader:
    def __init__(self, text: str, zone: ZoneInfo, now: datetime) -> None:
        first_line = text.split("\n", 1)[0]
        # Spreadsheets of many countries write semicolons.
        separator = ";" if ";" in first_line and "," not in first_line else ","
        self.lines = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
        self.zone, self.now, self.today = zone, now, local_date(now, zone)
        self.header: list[str] = []
        self.place: dict[Column, int] = {}
        self.n_read = 0
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self.seen: Counter[str] = Counter()

    def read(self) -> LogFile:
        for line, cells in self._numbered():
            if not self.header:
                self._read_header(line, cells)
                if self.problems:
                    break
            elif self.n_read == MAX_ROWS:
                self._wrong(Fault.TOO_MANY_ROWS, line, Column.DAY)
                break
            else:
                self.n_read += 1
                self._read_row(line, cells)
        if not self.rows and not self.problems:
            self._wrong(Fault.EMPTY, self.lines.line_num + 1, Column.DAY)
        return LogFile(
            rows=() if self.problems else tuple(self.rows),
            problems=tuple(self.problems[:MAX_PROBLEMS]),
            n_more_problems=max(0, len(self.problems) - MAX_PROBLEMS),
            n_repeated=sum(n - 1 for n in self.seen.values()),
            unused_columns=tuple(name.strip() for name in self.header if _meaning(name) is None),
        )

    def _numbered(self) -> Iterator[tuple[int, list[str]]]:
        """Each line that holds something, with the number of the line it starts on."""
        while True:
            line = self.lines.line_num + 1
            try:
                cells = next(self.lines)
            except StopIteration:
                return
            except csv.Error:
                self.problems.append(Problem(fault=Fault.BROKEN_QUOTES, line=line, column="1"))
                return
            if any(cell.strip() for cell in cells):
                yield line, cells

    def _read_header(self, line: int, cells: list[str]) -> None:
        self.header = cells
        for number, name in enumerate(cells):
            column = _meaning(name)
            if column in self.place:
                self._wrong_here(Fault.COLUMN_TWICE, line, name.strip()[:_GIVEN_LENGTH], name)
            elif column is not None:
                self.place[column] = number
        found = ", ".join(cells)
        for column, fault in (
            (Column.DAY, Fault.NO_DAY_COLUMN),
            (Column.PAIN, Fault.NO_PAIN_COLUMN),
        ):
            if column not in self.place:
                self._wrong_here(fault, line, column.value, found)

    def _read_row(self, line: int, cells: list[str]) -> None:
        if len(cells) != len(self.header):
            self._wrong_here(
                Fault.WRONG_LENGTH,
                line,
                str(min(len(cells), len(self.header)) + 1),
                str(len(cells)),
            )
            return
        n_before = len(self.problems)
        written = self._cell(line, cells, Column.DAY, self._day)
        clock = self._cell(line, cells, Column.TIME, _clock)
        value = self._cell(line, cells, Column.PAIN, _rating)
        site = self._cell(line, cells, Column.SITE, _site) or ""
        note = self._cell(line, cells, Column.NOTE, _note) or ""
        if written is None or value is None or len(self.problems) > n_before:
            return
        if clock is not None and isinstance(written, datetime):
            self._wrong(Fault.TIME_TWICE, line, Column.TIME, cells)
            return
        felt_at = self._instant(written, clock)
        if felt_at > self.now:
            self._wrong(
                Fault.IN_FUTURE,
                line,
                Column.DAY if clock is None else Column.TIME,
                cells,
            )
            return
        self.rows.append(
            Row(
                line=line,
                uuid=self._identity(written, clock, value, site),
                felt_at=felt_at,
                local_date=local_date(felt_at, self.zone),
                value=value,
                nrs=round_half_up(value),
                site=site,
                note=note,
            )
        )

    def _cell(self, line: int, cells: list[str], column: Column, parse: Callable[[str], T]) -> T | None:
        """The parsed value, or None where the column is not there or the value is wrong, which is noted."""
        if column not in self.place:
            return None
        try:
            return parse(cells[self.place[column]])
        except _Wrong as wrong:
            self._wrong(wrong.fault, line, column, cells)
            return None

    def _day(self, text: str) -> date:
        """A date, or a datetime where a time of day is written behind it."""
        written = _day_or_instant(text.strip())
        day = written.date() if isinstance(written, datetime) else written
        # One day of slack: with an offset of its own an instant may fall on the day before or after.
        if day < FIRST_DAY:
            raise _Wrong(Fault.TOO_EARLY)
        if (day - self.today).days > (1 if isinstance(written, datetime) else 0):
            raise _Wrong(Fault.IN_FUTURE)
        return written

    def _instant(self, written: date, clock: time | None) -> datetime:
        """In UTC. A wall time that a clock change skips has the offset before the change; of two, the first."""
        if isinstance(written, datetime):
            local = written if written.tzinfo else written.replace(tzinfo=self.zone)
            return local.astimezone(UTC)
        felt_at = datetime.combine(written, clock or DAY_ONLY_TIME, self.zone).astimezone(UTC)
        return min(felt_at, self.now.astimezone(UTC)) if clock is None else felt_at

    def _identity(self, written: date, clock: time | None, value: Decimal, site: str) -> UUID:
        """The same for the same line in every import; lines alike within one file are counted."""
        line = "|".join(
            [
                written.isoformat(),
                clock.isoformat() if clock else "",
                f"{value.normalize():f}",
                site,
            ]
        )
        self.seen[line] += 1
        return uuid5(ROW_NAMESPACE, f"{line}|{self.seen[line]}")

    def _wrong(self, fault: Fault, line: int, column: Column, cells: list[str] | None = None) -> None:
        number = self.place.get(column, 0)
        self._wrong_here(fault, line, self.header[number].strip(), cells[number] if cells else "")

    def _wrong_here(self, fault: Fault, line: int, column: str, given: str = "") -> None:
        self.problems.append(
            Problem(
                fault=fault,
                line=line,
                column=column,
                given=given.strip()[:_GIVEN_LENGTH],
            )
        )


def _meaning(name: str) -> Column | None:
    return COLUMN_NAMES.get(name.strip().casefold())


def _day_or_instant(text: str) -> date:
    if not text:
        raise _Wrong(Fault.NO_DAY)
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise _Wrong(Fault.BAD_DAY)


def _clock(text: str) -> time | None:
    if not text.strip():
        return None
    try:
        if _TIME.fullmatch(text.strip()):
            return time.fromisoformat(text.strip())
    except ValueError:
        pass
    raise _Wrong(Fault.BAD_TIME)


def _rating(text: str) -> Decimal:
    if not text.strip():
        raise _Wrong(Fault.NO_PAIN)
    if not _NUMBER.fullmatch(text.strip()):
        raise _Wrong(Fault.NOT_A_NUMBER)
    value = Decimal(text.strip())
    if not NRS_MIN <= value <= NRS_MAX:
        raise _Wrong(Fault.OUT_OF_RANGE)
    return value


def _site(text: str) -> str:
    name = text.strip().casefold()
    if not name or name in SITE_KEYS:
        return name
    if name not in _SITE_BY_NAME:
        raise _Wrong(Fault.UNKNOWN_SITE)
    return _SITE_BY_NAME[name]


def _note(text: str) -> str:
    if len(text) > MAX_NOTE:
        raise _Wrong(Fault.NOTE_TOO_LONG)
    return text
