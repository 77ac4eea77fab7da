"""Hostile input: the Big List of Naughty Strings and what it lacks."""

import json
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from django.conf import settings

BLNS = json.loads((Path(__file__).parents[1] / "data" / "naughty" / "blns.json").read_text(encoding="utf-8"))
LACKING = [
    "\x00",
    "a\x00b",
    "\x01\x02\x1b[31m\x7f\x85",
    "\u202eright to left\u202c",
    "\u2028\u2029\ufeff\ufffe\uffff",
    "e\u0301 is not \u00e9",
    " leading and trailing \t\r\n ",
    '=HYPERLINK("http://evil.example")',
    "\U0010ffff" * 3,
    "9" * 20,
    "-" + "9" * 20,
    "9" * 5_000,
    "NaN",
    "Infinity",
    "1e400",
    "0000-01-01",
    "10000-01-01",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "../../../etc/passwd",
    "%00",
    "x" * 10_000,
]
STRINGS = LACKING + BLNS
THINNER = 4
MEGABYTE = "x" * 1_000_000
# What a value of a body, and one of a question in an address, may be instead of what is meant.
WRONG_TYPES = [None, True, -1, 10**18, -(10**18), 0.5, 1e300, "", "x", [], [[]], {}, {"a": {"b": []}}, ["x"] * 1000]
NASTY = [
    "\x00",
    "9" * 30,
    "-1",
    "0000-01-01",
    "10000-01-01",
    "2026-02-30",
    "é" * 2_000,
    "<script>alert(1)</script>",
    "[]",
]
NASTY += ["//evil.example", "cD0yMDI2", "' OR 1=1 --", "\ud7ff", "1e400", "%", "all", "2026-01-01", "1900-01-01"]


def every(step: int, start: int = 0) -> list[str]:
    """All of what the list lacks, and every so-manyth of the list; fewer on SQLite, which refuses less by itself."""
    step *= 1 if settings.DATABASE_URL else THINNER
    return LACKING + BLNS[start % step :: step]


def rotated(strings: list[Any], by: int) -> list[Any]:
    return list(islice(cycle(strings), by, by + len(strings)))


def some(strings: list[Any], step: int, start: int) -> list[Any]:
    """Every so-manyth from a place on, round and round: the next place gets others."""
    return rotated(strings, start)[::step]
