"""The summary as PDF: tagged (PDF/UA-1), with its own fonts, from data that stays data. Nothing is fetched."""

import json
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from tracker.domain.sheet import Sheet

HERE = Path(__file__).parents[1] / "typst"
FONTS = HERE / "fonts"
# A word without a place to break runs out of any column.
LONGEST_WORD = 16
BREAK, RIGHT_TO_LEFT = "\u200b", "\u200f"
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD}}}(?=\S{{{LONGEST_WORD // 2}}})")
MISSING = "\ufffd"  # instead of a sign that no font here has
MOST_MARKS = 8  # that lean on one sign
LAID_OUT, JOINERS, JOINER = "\n\t", "\u200c\u200d", "\u200d"
SHADES = "".join(map(chr, range(0x1F3FB, 0x1F400)))  # of emoji
Spans = tuple[tuple[int, ...], tuple[int, ...]]


class Paper(StrEnum):
    A4 = "a4"
    LETTER = "letter"


def pdf(sheet: Sheet, *, paper: Paper) -> bytes:
    """Whatever is written in the sheet, this is a PDF with one page 1 and an appendix."""
    import typst  # 30 MB that only whoever makes one needs

    made = typst.compile(
        HERE / "summary.typ",
        root=HERE,
        font_paths=_fonts(),
        sys_inputs={
            "sheet": json.dumps(_showable(asdict(sheet)), ensure_ascii=False),
            "picture": sheet.chart.picture,
            "fonts": json.dumps(families()),
            "paper": paper.value,
        },
        pdf_standards=["ua-1"],
    )
    if not isinstance(made, bytes):
        raise TypeError(type(made))
    return made


def filename(on: date) -> str:
    """Says nothing about pain: a folder of downloads is seen by others."""
    return f"ebb-{on}.pdf"


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def _showable(value: Any) -> Any:
    """Every text, however deep it lies, in signs that the fonts have."""
    if isinstance(value, str):
        return showable(value)
    if isinstance(value, dict):
        return {key: _showable(words) for key, words in value.items() if key != "marks"}
    if isinstance(value, list | tuple):
        return [_showable(one) for one in value]
    return value


def showable(words: str) -> str:
    """What cannot be shown is shown to be missing, since PDF/UA allows no empty boxes; long words may be broken."""
    counted = "".join(sign for sign in unicodedata.normalize("NFC", words) if _counts(sign))
    known = "".join(_shown(_bounded(cluster)) for cluster in _clusters(counted))
    breakable = _LONG_WORD.sub(lambda part: part[0] + BREAK, known)
    return RIGHT_TO_LEFT + breakable if _begins_at_the_right(breakable) else breakable


def _begins_at_the_right(words: str) -> bool:
    """By its first sign that has a direction, as browsers do."""
    directions = (unicodedata.bidirectional(sign) for sign in words)
    return next((one for one in directions if one in ("L", "R", "AL")), "L") != "L"


def _counts(sign: str) -> bool:
    """Not one that only steers: a control sign, a change of direction that would turn what follows around."""
    return sign in LAID_OUT or sign in JOINERS or unicodedata.category(sign) not in ("Cc", "Cf")


def _clusters(words: str) -> Iterator[str]:
    """Each sign with what leans on it: marks, shades of emoji, joiners with the sign behind them."""
    cluster = ""
    for sign in words:
        leans = unicodedata.category(sign).startswith("M") or sign in JOINERS or sign in SHADES
        if cluster and (leans or cluster.endswith(JOINER)):
            cluster += sign
            continue
        yield cluster
        cluster = sign
    yield cluster


def _bounded(cluster: str) -> str:
    """More marks on one sign than any script has cannot be read, and take minutes to lay out: the rest is missing."""
    marks = [place for place, sign in enumerate(cluster) if unicodedata.category(sign).startswith("M")]
    return cluster if len(marks) <= MOST_MARKS else cluster[: marks[MOST_MARKS]] + MISSING


@lru_cache(maxsize=20_000)
def _shown(cluster: str) -> str:
    """A sign with the marks that lean on it: one font must have all of them, else the marks are said to be missing."""
    if cluster.endswith(MISSING):
        return _shown(cluster.removesuffix(MISSING)) + MISSING
    if any(all(_is_in(font, sign) for sign in cluster) for font in _coverage().values()):
        return cluster
    base, marks = cluster[:1], cluster[1:]
    has_base = any(_is_in(font, base) for font in _coverage().values())
    return f"{base}{MISSING}" if has_base and marks else MISSING


def _is_in(font: Spans, sign: str) -> bool:
    """Joiners and choices between two pictures are invisible, with or without a font."""
    if sign in LAID_OUT or sign in JOINERS or "\ufe00" <= sign <= "\ufe0f":
        return True
    starts, ends = font
    place = bisect_right(starts, ord(sign)) - 1
    return place >= 0 and ord(sign) <= ends[place]


@cache
def families() -> tuple[str, ...]:
    """In the order in which they are tried."""
    return tuple(_coverage())


@cache
def _coverage() -> dict[str, Spans]:
    fonts: dict[str, list[tuple[int, int]]] = {}
    for line in (FONTS / "COVERAGE.txt").read_text(encoding="ascii").splitlines():
        if line.startswith(" "):
            first, last = line.split("-")
            fonts[next(reversed(fonts))].append((int(first, 16), int(last, 16)))
        elif not line.startswith("#"):
            fonts[line] = []
    return {name: (tuple(one for one, _ in spans), tuple(one for _, one in spans)) for name, spans in fonts.items()}
