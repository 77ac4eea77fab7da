"""Comma-separated values as of RFC 4180 that a spreadsheet shows and never runs.

A text that a spreadsheet could take for a formula gets an apostrophe in front, and so does one that begins with an
apostrophe: whatever begins with one has been given one, and `plain` takes exactly that one away.
"""

import csv
from collections.abc import Iterable
from io import StringIO

# Beside = + - @ the same signs as East Asian keyboards write them, and the blanks that spreadsheets skip.
_RUNS = frozenset("=+-@\t\r\n＝＋－＠'")
MARK = "'"


def neutral(text: str) -> str:
    """The text as it goes into a cell."""
    return MARK + text if text and text[0] in _RUNS else text


def plain(cell: str) -> str:
    """The text that `neutral` was given."""
    return cell[1:] if cell.startswith(MARK) else cell


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Rows as lines that end in CR LF; None is an empty cell, texts are made neutral."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([neutral(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue()
