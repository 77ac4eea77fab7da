"""The seeded notes of tests/data, and how to look for what must not be in a text."""

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from tracker.domain.screening import Screen

FOLDER = Path(__file__).parent / "data"
_WORD = re.compile(r"[^\W_]+")


@cache
def _file(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


NOTES: list[dict[str, Any]] = _file("leak_corpus.toml")["note"]
RECORD: list[dict[str, str]] = _file("leak_corpus.toml")["record"]
HARMLESS: list[str] = _file("harmless_notes.toml")["notes"]


def screen() -> Screen:
    """As the patient of the corpus is known to us."""
    return Screen(
        diagnoses=[one["name"] for one in RECORD],
        people=[one["said_by"] for one in RECORD],
        places=[one["institution"] for one in RECORD],
    )


def words(text: str) -> str:
    """Small letters without accents and invisible signs, one blank around each word."""
    seen = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", seen) if not unicodedata.combining(sign))
    return f" {' '.join(_WORD.findall(plain.casefold()))} "


def leaked(terms: list[str], text: str) -> list[str]:
    """Those of the terms that the text still has, word for word."""
    among = words(text)
    return [term for term in terms if words(term) in among]
