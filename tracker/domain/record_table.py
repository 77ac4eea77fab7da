"""Reads the table that an export writes: the entries of a pain log, a line for each place of an entry.

It gives the rows that the JSON file would give, so that both come back the same way; places in the file are lines.
"""

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Any

from tracker.domain import csv_text
from tracker.domain.record_file import FORMAT, MAX_BYTES, VERSION, Fault, Item, WrongFile, WrongValue

COLUMNS = (
    "uuid",
    "felt_at",
    "zone",
    "local_date",
    "recorded_at",
    "changed_at",
    "source",
    "nrs",
    "site",
    "site_nrs",
    "site_quality",
    "interference",
    "sleep",
    "mood",
    "managed",
    "triggers",
    "eased_by",
    "helped",
    "note",
)
RATINGS = frozenset({"nrs", "site_nrs", "interference", "sleep", "mood"})
KEY_LISTS = frozenset({"triggers", "eased_by"})  # several keys in one cell, parted by blanks
# Files of an earlier Ebb do not have these.
ADDED_LATER = KEY_LISTS | {"managed"}
_BOM = b"\xef\xbb\xbf"
_SEPARATORS = (",", ";")  # spreadsheets of many countries write semicolons


def is_record_table(content: bytes) -> bool:
    """Whether this begins as our own table does; no other program names its columns so."""
    start = content[:64].removeprefix(_BOM)
    return any(start.startswith(separator.join(COLUMNS[:4]).encode()) for separator in _SEPARATORS)


class RecordTable:
    """The table, read as a record that has entries only."""

    def __init__(self, content: bytes) -> None:
        if len(content) > MAX_BYTES:
            raise WrongFile(Fault.TOO_LARGE)
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise WrongFile(Fault.NOT_UTF8, line=content.count(b"\n", 0, error.start) + 1, column=0) from None
        separator = "," if text.startswith(COLUMNS[0] + ",") else ";"
        self._lines = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)

    def wrong(self, error: WrongValue, at: int, path: str = "") -> WrongFile:
        return WrongFile(error.fault, line=at, column=0, path=(path + error.path).removeprefix("."), given=error.given)

    def items(self) -> Iterator[Item]:
        """Everything in the file, in its order. Raises WrongFile."""
        yield Item(section="format", number=None, at=1, value=FORMAT)
        yield Item(section="version", number=None, at=1, value=VERSION)
        number, began, entry = 0, 1, None
        for line, cells in self._rows():
            own, sites = _split(cells)
            if entry is not None and entry["uuid"] == own["uuid"]:
                if {**entry, "sites": []} != {**own, "sites": []}:
                    raise self.wrong(WrongValue(Fault.LINES_DIFFER, own["uuid"]), line, f"entries[{number}]")
                entry["sites"] += sites
                continue
            if entry is not None:
                yield Item(section="entries", number=number, at=began, value=entry)
                number += 1
            began, entry = line, own | {"sites": sites}
        if entry is not None:
            yield Item(section="entries", number=number, at=began, value=entry)

    def _rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each line but the first, with the number of the line it starts on."""
        header: list[str] = []
        while True:
            line = self._lines.line_num + 1
            try:
                cells = next(self._lines)
            except StopIteration:
                return
            except csv.Error:
                raise WrongFile(Fault.BROKEN_TABLE, line=line, column=0) from None
            if not header:
                header = cells
                if len(header) != len(set(header)) or not set(COLUMNS) - ADDED_LATER <= set(header) <= set(COLUMNS):
                    raise WrongFile(Fault.OTHER_COLUMNS, line=line, column=0)
            elif len(cells) != len(header):
                raise WrongFile(Fault.BROKEN_TABLE, line=line, column=0)
            else:
                yield line, dict(zip(header, cells, strict=True))


def _split(cells: dict[str, str]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What a line says of the entry, and of the place it is about."""
    values = {name: _value(name, cell) for name, cell in cells.items()}
    site = {"site": values.pop("site"), "nrs": values.pop("site_nrs"), "quality": values.pop("site_quality")}
    is_there = any(value not in ("", None) for value in site.values())
    return values | {"sites": []}, [site] if is_there else []


def _value(name: str, cell: str) -> Any:
    if name in KEY_LISTS:
        return csv_text.plain(cell).split()
    if name not in RATINGS:
        return csv_text.plain(cell)
    if not cell:
        return None
    return int(cell) if cell.isascii() and cell.isdecimal() and len(cell) < 9 else cell
