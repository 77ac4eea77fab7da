"""A text as a table: lines of cells, whatever separates them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from itertools import islice

from tracker.domain.log_faults import Fault, Problem, WrongTable
from tracker.domain.text_file import Encoding, TextFile, read_text

MAX_ROWS = 50_000
MAX_COLUMNS = 60
N_SAMPLE = 200  # lines that tell what separates the cells, and what the columns hold
# Of two that fit as well: whoever writes a tab or a semicolon may have commas inside a value.
_SEPARATORS = ("\t", ";", "|", ",")
# Excel's own hint at the head of a file.
_HINT = "sep="


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """``number`` is that of the line of the file on which it starts."""

    number: int
    cells: list[str]


@dataclass(frozen=True, kw_only=True)
class Table:
    """Every line that holds something; the first may be a header."""

    file: TextFile
    separator: str
    lines: list[Line]

    @property
    def n_columns(self) -> int:
        return len(self.lines[0].cells)

    @property
    def first(self) -> list[str]:
        return self.lines[0].cells

    @property
    def digest(self) -> str:
        """Names the first line, so that the next file with the same header is known again."""
        return sha256("\x1f".join(cell.strip() for cell in self.first).encode()).hexdigest()


def read_table(content: bytes, *, encoding: Encoding | None = None) -> Table:
    """Raises WrongTable where the file is none, or more than can be taken."""
    file = read_text(content, encoding=encoding)
    if not file.text.strip():
        raise _refusal(Fault.EMPTY, line=1)
    text, n_before = _without_hint(file.text)
    separator = _separator(text)
    lines: list[Line] = []
    for line in _lines(text, separator):
        # One more than rows, for a header.
        if len(lines) > MAX_ROWS:
            raise _refusal(Fault.TOO_MANY_ROWS, line=line.number + n_before)
        lines.append(Line(number=line.number + n_before, cells=line.cells) if n_before else line)
    if not lines:
        raise _refusal(Fault.EMPTY, line=1)
    if len(lines[0].cells) > MAX_COLUMNS:
        raise _refusal(Fault.TOO_MANY_COLUMNS, line=lines[0].number)
    return Table(file=file, separator=separator, lines=lines)


def _without_hint(text: str) -> tuple[str, int]:
    """The text behind the hint, and how many lines that took away."""
    first, _, rest = text.partition("\n")
    return (rest, 1) if first.strip("\r ").lower().startswith(_HINT) and len(first) < 8 else (text, 0)


def _separator(text: str) -> str:
    """The one that gives the most of the first lines as many cells as the very first, and more than one."""
    evenness = {separator: _evenness(text, separator) for separator in _SEPARATORS}
    return max(evenness, key=lambda separator: evenness[separator]) if any(evenness.values()) else ","


def _evenness(text: str, separator: str) -> float:
    counts = []
    try:
        counts = [len(line.cells) for line in islice(_lines(text, separator), N_SAMPLE)]
    except WrongTable:
        return 0.0
    return counts.count(counts[0]) / len(counts) if counts and counts[0] > 1 else 0.0


def _lines(text: str, separator: str) -> Iterator[Line]:
    """Each line that holds something, with the number of the line it starts on."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _refusal(Fault.BROKEN_QUOTES, line=number) from None
        if any(cell.strip() for cell in cells):
            yield Line(number=number, cells=cells)


def _refusal(fault: Fault, *, line: int) -> WrongTable:
    return WrongTable(Problem(fault=fault, line=line, column="1"))
