"""Reads a pain log from somebody else's table, once it is known what its columns mean.

A file is taken whole or not at all: one wrong value and there are only problems, one open question and there are no
rows. Nothing is guessed in silence, nothing is cut, and every number that is not kept as it was written is told.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from tracker.domain.column_mapping import MIDNIGHT, NUMBER, RATINGS, ColumnMapping, Guess, Meaning, Scale, WrongMapping
from tracker.domain.log_faults import GIVEN_LENGTH, Fault, Problem, WrongCell
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.schedule import local_date
from tracker.domain.sites import SITE_KEYS, SITES
from tracker.domain.table_file import Line, Table
from tracker.domain.words import folded
from tracker.domain.written_time import DayOrder, Written, read_clock, read_moment

MAX_NOTE = 4_000  # characters, as in an entry
MAX_HELPED = 500
MAX_PROBLEMS = 20  # told at once; a file with more of them is the wrong file
# A rating of a whole day was felt at some time of it: noon, or now while noon of today is still to come.
DAY_ONLY_TIME = time(12)
TELL_EVERY = 1_000  # rows

# A row keeps its identity from import to import, so that a file read twice adds nothing the second time.
ROW_NAMESPACE = UUID("0d8f6a1e-52c4-5b0e-9a37-6f2c3b9d7e10")

T = TypeVar("T")

_SITES_BY_WORDS = {frozenset(folded(name).split()): key for key, name in SITES}


class Question(StrEnum):
    """What nobody but the patient can say."""

    COLUMNS = "columns"
    DAY_ORDER = "day_order"
    ENCODING = "encoding"


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversion:
    """A rating that is kept as another number than was written: of another scale, or not whole."""

    column: str
    given: Decimal
    kept: int
    is_rounded: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One rating. ``value`` is what was written, on the scale of 0 to 10; ``nrs`` the whole number that is kept."""

    line: int
    uuid: UUID
    felt_at: datetime
    has_time: bool
    local_date: date
    value: Decimal
    nrs: int
    site: str
    note: str
    helped: str = ""
    interference: int | None = None
    sleep: int | None = None
    mood: int | None = None


@dataclass(frozen=True, kw_only=True)
class LogFile:
    """``rows`` are complete only where there are no ``problems`` and no ``questions``."""

    table: Table
    mapping: ColumnMapping
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()
    n_more_problems: int = 0
    questions: frozenset[Question] = frozenset()
    # The value that could be two days, and both of them.
    doubtful_day: str = ""
    doubtful_days: tuple[tuple[DayOrder, date], ...] = ()
    # Lines that say all that an earlier line says: left out where they name the minute, kept where they name a day.
    n_repeated: int = 0
    n_repeated_left_out: int = 0
    n_unrated_left_out: int = 0
    n_without_time: int = 0
    conversions: tuple[tuple[Conversion, int], ...] = ()

    @property
    def is_ready(self) -> bool:
        return not self.problems and not self.questions

    @property
    def n_days(self) -> int:
        return len({row.local_date for row in self.rows})

    @property
    def n_rounded(self) -> int:
        return sum(n for conversion, n in self.conversions if conversion.is_rounded)

    @property
    def header(self) -> list[str]:
        return names(self.table, self.mapping)

    @property
    def unused_columns(self) -> list[str]:
        """Names of columns that are left out, without those that are empty."""
        unused = [place for place, meaning in enumerate(self.mapping.columns) if meaning is Meaning.IGNORE]
        lines = self.table.lines[1 if self.mapping.has_header else 0 :]
        return [self.header[place] for place in unused if any(line.cells[place : place + 1] != [""] for line in lines)]


def names(table: Table, mapping: ColumnMapping) -> list[str]:
    """What the columns are called; without a header, or a name, by their number."""
    first = table.first if mapping.has_header else [""] * table.n_columns
    return [name.strip() or str(number) for number, name in enumerate(first, 1)]


def read_log(
    table: Table, *, guess: Guess, zone: ZoneInfo, now: datetime, tell: Callable[[int], None] | None = None
) -> LogFile:
    """Read every row; wall times are the clock of ``zone``, ``now`` (aware) is the last instant a rating may have.

    ``tell`` hears the number of rows read. Raises WrongMapping where the mapping is for another table.
    """
    if len(guess.mapping.columns) != table.n_columns:
        raise WrongMapping("columns")
    return _Reader(table, guess, zone, now, tell).read()


def round_half_up(value: Decimal) -> int:
    """2.5 becomes 3: halves go up, as people round."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


class _Reader:
    def __init__(
        self,
        table: Table,
        guess: Guess,
        zone: ZoneInfo,
        now: datetime,
        tell: Callable[[int], None] | None,
    ) -> None:
        mapping = guess.mapping
        self.table, self.mapping, self.tell = table, mapping, tell
        self.lines = table.lines[1 if mapping.has_header else 0 :]
        self.header = names(table, mapping)
        self.zone, self.now, self.today = zone, now.astimezone(UTC), local_date(now, zone)
        self.day_at = mapping.place(Meaning.DAY, Meaning.MOMENT)
        self.is_day_only = mapping.place(Meaning.DAY) is not None
        self.time_at = mapping.place(Meaning.TIME)
        self.texts = {meaning: mapping.place(meaning) for meaning in (Meaning.NOTE, Meaning.SITE, Meaning.HELPED)}
        self.to_note = [place for place, meaning in enumerate(mapping.columns) if meaning is Meaning.TO_NOTE]
        self.ratings: list[tuple[str, int, Scale]] = [
            (name, place, scale)
            for name, scales in RATINGS.items()
            for meaning, scale in scales.items()
            if (place := mapping.place(meaning)) is not None
        ]
        self.order: DayOrder | None = mapping.day_order
        self.questions: set[Question] = set()
        if not guess.is_sure:
            self.questions.add(Question.COLUMNS)
        if not table.file.is_certain:
            self.questions.add(Question.ENCODING)
        self.doubtful: tuple[str, Written] | None = None
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self.seen: Counter[str] = Counter()
        self.whole_lines: set[tuple[object, ...]] = set()
        # Ratings that are kept as another number than was written, by column and text, and how often.
        self.changes: dict[tuple[int, str], Conversion] = {}
        self.changed: Counter[tuple[int, str]] = Counter()
        self.n_repeated = self.n_repeated_left_out = self.n_unrated = self.n_without_time = 0
        # A column says the same again and again.
        self.days: dict[str, Written | Fault] = {}
        self.clocks: dict[str, time | None] = {}
        self.numbers: dict[tuple[int, str], tuple[Decimal, int] | None] = {}

    def read(self) -> LogFile:
        if self._has_columns():
            self._decide_order()
            for number, line in enumerate(self.lines, 1):
                self._read_line(line)
                if self.tell is not None and number % TELL_EVERY == 0:
                    self.tell(number)
            if not self.rows and not self.problems and not self.questions:
                self._wrong_here(Fault.EMPTY, self.table.lines[-1].number + 1, self.header[self.day_at or 0])
        told = _each_once(self.problems)
        return LogFile(
            table=self.table,
            mapping=self.mapping,
            rows=() if self.problems else tuple(self.rows),
            problems=told[:MAX_PROBLEMS],
            n_more_problems=sum(1 + problem.n_more for problem in told[MAX_PROBLEMS:]),
            questions=frozenset(self.questions),
            doubtful_day=self.doubtful[0].strip() if self.doubtful else "",
            doubtful_days=tuple(self.doubtful[1].days.items()) if self.doubtful else (),
            n_repeated=self.n_repeated,
            n_repeated_left_out=self.n_repeated_left_out,
            n_unrated_left_out=self.n_unrated,
            n_without_time=self.n_without_time,
            conversions=self._conversions(),
        )

    def _has_columns(self) -> bool:
        found = ", ".join(self.header)
        for is_there, name, fault in (
            (self.mapping.has_day, "day", Fault.NO_DAY_COLUMN),
            (self.mapping.has_pain, "pain", Fault.NO_PAIN_COLUMN),
        ):
            if not is_there:
                self._wrong_here(fault, self.table.lines[0].number, name, found)
        return not self.problems

    def _decide_order(self) -> None:
        """Values that make a day in one order only prove it; what two orders may read is asked, not guessed."""
        shown: set[DayOrder] = set()
        doubtful: tuple[str, Written] | None = None
        for line in self.lines:
            text = line.cells[self.day_at] if self.day_at is not None and self.day_at < len(line.cells) else ""
            if text in self.days:
                continue
            written = self.days[text] = _moment(text)
            if isinstance(written, Written):
                doubtful = doubtful or ((text, written) if written.is_ambiguous else None)
                shown |= {written.shows} if written.shows else set()
        if doubtful is None or self.order in (shown or set(DayOrder)):
            return
        self.order = shown.pop() if len(shown) == 1 else None
        if self.order is None:
            self.doubtful = doubtful
            self.questions.add(Question.DAY_ORDER)

    def _read_line(self, line: Line) -> None:
        cells = line.cells
        if len(cells) != len(self.header) and (len(cells) < len(self.header) or any(cells[len(self.header) :])):
            self._wrong_here(
                Fault.WRONG_LENGTH, line.number, str(min(len(cells), len(self.header)) + 1), str(len(cells))
            )
            return
        n_before = len(self.problems)
        if self.mapping.leave_out_unrated and self._is_unrated(cells):
            self.n_unrated += 1
            return
        written = self._cell(line, self.day_at, self._day)
        clock = self._cell(line, self.time_at, self._clock)
        ratings = {name: self._rating(line, name, place, scale) for name, place, scale in self.ratings}
        site = self._cell(line, self.texts[Meaning.SITE], _site) or ""
        helped = self._cell(line, self.texts[Meaning.HELPED], _helped) or ""
        note = self._note(line)
        if len(self.problems) > n_before or written is None or (nrs := ratings.pop("nrs")) is None:
            return
        if clock is not None and isinstance(written, datetime):
            self._wrong(Fault.TIME_TWICE, line, self.time_at)
            return
        felt_at = self._instant(written, clock)
        if felt_at > self.now:
            self._wrong(Fault.IN_FUTURE, line, self.day_at if clock is None else self.time_at)
            return
        value, whole = nrs
        others = {name: rating[1] for name, rating in ratings.items() if rating is not None}
        has_time = clock is not None or isinstance(written, datetime)
        said = (written, clock, value, site, note, helped, *sorted(others.items()))
        if self._is_repeated(said, has_time):
            return
        self.n_without_time += not has_time
        self.changed.update(key for _, place, _ in self.ratings if (key := (place, cells[place])) in self.changes)
        self.rows.append(
            Row(
                line=line.number,
                uuid=self._identity(written, clock, value, site),
                felt_at=felt_at,
                has_time=has_time,
                local_date=local_date(felt_at, self.zone),
                value=value,
                nrs=whole,
                site=site,
                note=note,
                helped=helped,
                **others,
            )
        )

    def _cell(self, line: Line, place: int | None, parse: Callable[[str], T]) -> T | None:
        """The parsed value, or None where the column is not there or the value is wrong, which is noted."""
        if place is None:
            return None
        try:
            return parse(line.cells[place])
        except WrongCell as wrong:
            self._wrong(wrong.fault, line, place)
            return None

    def _day(self, text: str) -> date | None:
        """A date, or a datetime where a time of day is written behind it; None while its order is not known."""
        written = self.days[text]
        if isinstance(written, Fault):
            raise WrongCell(written)
        day, clock = written.day(self.order), written.clock
        if day is None:
            return None
        if self.is_day_only and clock is not None:
            if clock != MIDNIGHT or clock.tzinfo is not None:
                raise WrongCell(Fault.HAS_TIME)
            clock = None
        # One day of slack: with an offset of its own an instant may fall on the day before or after.
        if day < EARLIEST_DAY:
            raise WrongCell(Fault.TOO_EARLY)
        if (day - self.today).days > (1 if clock is not None else 0):
            raise WrongCell(Fault.IN_FUTURE)
        return day if clock is None else datetime.combine(day, clock)

    def _clock(self, text: str) -> time | None:
        if text not in self.clocks:
            self.clocks[text] = read_clock(text)
        return self.clocks[text]

    def _is_unrated(self, cells: list[str]) -> bool:
        return any(name == "nrs" and not cells[place].strip() for name, place, _ in self.ratings)

    def _rating(self, line: Line, name: str, place: int, scale: Scale) -> tuple[Decimal, int] | None:
        """The value on the scale of 0 to 10, and the whole number that is kept; only pain has to be there."""
        text = line.cells[place]
        if (place, text) in self.numbers:
            return self.numbers[place, text]
        try:
            read = _rating(text, scale)
            if read is None and name == "nrs":
                raise WrongCell(Fault.NO_PAIN)
        except WrongCell as wrong:
            self._wrong(wrong.fault, line, place)
            return None
        self.numbers[place, text] = read
        if read is not None and (given := _number(text)) != read[1]:
            self.changes[place, text] = Conversion(
                column=self.header[place], given=given, kept=read[1], is_rounded=read[0] != read[1]
            )
        return read

    def _conversions(self) -> tuple[tuple[Conversion, int], ...]:
        """3 and 3.0 are one value."""
        counts: Counter[Conversion] = Counter()
        for key, n in self.changed.items():
            counts[self.changes[key]] += n
        return tuple(sorted(counts.items(), key=lambda told: (told[0].column, told[0].given)))

    def _note(self, line: Line) -> str:
        """The note, and a line for each column that the patient wants added to it."""
        place = self.texts[Meaning.NOTE]
        note = line.cells[place] if place is not None else ""
        added = [f"{self.header[at]}: {line.cells[at]}" for at in self.to_note if line.cells[at].strip()]
        note = "\n".join([note, *added] if note else added)
        if len(note) > MAX_NOTE:
            self._wrong(Fault.NOTE_TOO_LONG, line, place if place is not None else self.to_note[0])
        return note

    def _instant(self, written: date, clock: time | None) -> datetime:
        """In UTC. A wall time that a clock change skips has the offset before the change; of two, the first."""
        if isinstance(written, datetime):
            local = written if written.tzinfo else written.replace(tzinfo=self.zone)
            return local.astimezone(UTC)
        if clock is not None and clock.tzinfo is not None:
            return datetime.combine(written, clock).astimezone(UTC)
        felt_at = datetime.combine(written, clock or DAY_ONLY_TIME, self.zone).astimezone(UTC)
        return min(felt_at, self.now) if clock is None else felt_at

    def _is_repeated(self, said: tuple[object, ...], has_time: bool) -> bool:
        """Whether this line adds nothing to an earlier one. Two ratings of a day may be alike, of a minute not."""
        if said not in self.whole_lines:
            self.whole_lines.add(said)
            return False
        self.n_repeated += not has_time
        self.n_repeated_left_out += has_time
        return has_time

    def _identity(self, written: date, clock: time | None, value: Decimal, site: str) -> UUID:
        """The same for the same line in every import; lines alike within one file are counted."""
        line = f"{written.isoformat()}|{clock.isoformat() if clock else ''}|{value.normalize():f}|{site}"
        self.seen[line] += 1
        return uuid5(ROW_NAMESPACE, f"{line}|{self.seen[line]}")

    def _wrong(self, fault: Fault, line: Line, place: int | None) -> None:
        assert place is not None
        self._wrong_here(fault, line.number, self.header[place], line.cells[place])

    def _wrong_here(self, fault: Fault, line: int, column: str, given: str = "") -> None:
        column, given = column[:GIVEN_LENGTH], given.strip()[:GIVEN_LENGTH]
        self.problems.append(Problem(fault=fault, line=line, column=column, given=given))


def _each_once(problems: list[Problem]) -> tuple[Problem, ...]:
    """A column says the same again and again: where that is wrong, the first line is named and the others counted."""
    first: dict[tuple[Fault, str, str], Problem] = {}
    lines: Counter[tuple[Fault, str, str]] = Counter()
    for problem in problems:
        same = (problem.fault, problem.column, problem.given)
        first.setdefault(same, problem)
        lines[same] += 1
    return tuple(replace(problem, n_more=lines[same] - 1) for same, problem in first.items())


def _moment(text: str) -> Written | Fault:
    try:
        return read_moment(text)
    except WrongCell as wrong:
        return wrong.fault


def _number(text: str) -> Decimal:
    return Decimal(text.strip().replace(",", "."))


def _rating(text: str, scale: Scale) -> tuple[Decimal, int] | None:
    said = text.strip()
    if not said:
        return None
    if not NUMBER.fullmatch(said):
        raise WrongCell(Fault.NOT_A_NUMBER)
    value = _number(said)
    if not scale.lowest <= value <= scale.highest:
        raise WrongCell(Fault.OUT_OF_RANGE)
    value = scale.on_nrs(value)
    return value, round_half_up(value)


@lru_cache(maxsize=512)
def _site(text: str) -> str:
    """By its key or its name, the words of which may stand in any order."""
    name = text.strip().casefold()
    if not name or name in SITE_KEYS:
        return name
    found = _SITES_BY_WORDS.get(frozenset(folded(name).split()))
    if found is None:
        raise WrongCell(Fault.UNKNOWN_SITE)
    return found


def _helped(text: str) -> str:
    if len(text) > MAX_HELPED:
        raise WrongCell(Fault.HELPED_TOO_LONG)
    return text
