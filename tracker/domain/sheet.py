"""A brief as it is read: blocks of words that page, print and PDF show alike, and the picture of the course.

Page 1 exists in several lengths, the fullest first: whoever lays it out takes the first that fits. What a shorter one
leaves to the appendix, it says; the appendix holds all of it, always.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import NamedTuple
from unicodedata import east_asian_width
from xml.sax.saxutils import escape, quoteattr

from tracker.domain.brief import Score, Week

LINES_OF_PAGE_1 = 56  # of Letter, the shorter paper, at the size of the print view, besides picture, head and foot
TITLE_LINES = 2  # of a block, with the room above it
LINE_SIGNS, CELL_SIGNS = 100, 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """`rows`: a term and its words in `list`, the cells of a line in `table`; `text`: one paragraph."""

    kind: str  # text, list, table, chart
    title: str = ""
    text: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    is_alarm: bool = False


class Mark(NamedTuple):
    """One element of the picture: its name, its attributes, and words in it."""

    tag: str
    attributes: dict[str, str]
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """The last weeks; `words` say the same for those who do not see it."""

    marks: tuple[Mark, ...]
    words: str
    key: str

    @property
    def picture(self) -> str:
        """SVG"""
        return svg(self.marks)


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstPage:
    blocks: tuple[Block, ...]
    more: str  # what is in the appendix instead; empty where nothing is


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    language: str
    title: str
    made: str
    footer: str
    first_pages: tuple[FirstPage, ...]  # the fullest first
    chart: Chart
    appendix_title: str
    appendix: tuple[Block, ...]

    @property
    def fullest(self) -> FirstPage:
        return self.first_pages[0]


def likely_page(pages: Sequence[FirstPage]) -> FirstPage:
    """The fullest that is likely to fit on paper, where nothing can be measured; the shortest if none is."""
    return next((page for page in pages if _n_lines(page) <= LINES_OF_PAGE_1), pages[-1])


def shortened(text: str, longest: int) -> tuple[str, bool]:
    """The beginning, up to the end of a word, and whether that is less than all. One line, whatever the text is."""
    flat = " ".join(text.split())
    if _width(flat) <= longest:
        return flat, False
    kept, width = [], 0
    for sign in flat:
        width += _width(sign)
        if width > longest - 2:
            break
        kept.append(sign)
    begun = "".join(kept)
    cut = begun.rfind(" ")
    return (begun[:cut] if cut > longest // 2 else begun).rstrip() + " …", True


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _n_lines(page: FirstPage) -> int:
    return sum(TITLE_LINES + _lines_of(block) for block in page.blocks) + ceil(_width(page.more) / LINE_SIGNS)


def _lines_of(block: Block) -> int:
    if block.kind == "table":
        return 1 + sum(max(ceil(_width(cell) / CELL_SIGNS) for cell in row) for row in block.rows)
    texts = [block.text] if block.kind == "text" else [words for _term, words in block.rows]
    return sum(max(ceil(_width(text) / LINE_SIGNS), 1) for text in texts if text)


# The picture, in points
WIDTH, HEIGHT = 520.0, 130.0
LEFT, RIGHT, TOP, BOTTOM = 22.0, 8.0, 6.0, 20.0
TOP_NRS = 10
VIEW_BOX = f"0 0 {WIDTH:g} {HEIGHT:g}"
FONT = "Atkinson Hyperlegible Next"


def course(weeks: Sequence[Week], peg: Sequence[Score], *, days: Sequence[str], colours: "Colours") -> list[Mark]:
    """Weekly means with their range, and the PEG scores as a broken line. `days`: of each week, in words, "" for none."""
    step = (WIDTH - LEFT - RIGHT) / max(len(weeks), 1)
    middles = [LEFT + step * (n + 0.5) for n in range(len(weeks))]
    placed = list(zip(middles, weeks, strict=True))
    return [
        *_scale(colours),
        *(_range(x, step, week, colours) for x, week in placed if week.mean is not None),
        *_mean_lines([(x, week.mean) for x, week in placed], colours),
        *_peg_line(weeks, peg, step, colours),
        *(_words(x, HEIGHT - 6, "middle", words, colours) for x, words in zip(middles, days, strict=True) if words),
    ]


def svg(marks: Iterable[Mark]) -> str:
    """The picture as a file."""
    drawn = "".join(_drawn(mark) for mark in marks)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{VIEW_BOX}" font-family="{FONT}" font-size="8">{drawn}</svg>'
    )


def _drawn(mark: Mark) -> str:
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in mark.attributes.items())
    return f"<{mark.tag}{attributes}>{escape(mark.words)}</{mark.tag}>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Colours:
    ink: str = "#1d2b2f"
    faint: str = "#c9d3d4"
    pain: str = "#0f6670"
    span: str = "#bfdcdd"
    peg: str = "#8a4b14"


PAPER = Colours()


def _y(nrs: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - nrs / TOP_NRS)


def _words(x: float, y: float, anchor: str, words: str, colours: Colours) -> Mark:
    return Mark("text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, "fill": colours.ink}, words)


def _line(path: str, colour: str, width: str, **more: str) -> Mark:
    return Mark("path", {"d": path, "fill": "none", "stroke": colour, "stroke-width": width} | more)


def _scale(colours: Colours) -> Iterator[Mark]:
    for nrs in range(0, TOP_NRS + 1, 2):
        yield _line(f"M{LEFT:g} {_y(nrs):.1f}H{WIDTH - RIGHT:g}", colours.faint, "0.6")
        yield _words(LEFT - 5, _y(nrs) + 2.8, "end", str(nrs), colours)


def _range(x: float, step: float, week: Week, colours: Colours) -> Mark:
    low, high = _y(week.lowest or 0), _y(week.highest or 0)
    wide = min(step * 0.4, 16)
    place = {
        "x": f"{x - wide / 2:.1f}",
        "y": f"{high - 1:.1f}",
        "width": f"{wide:.1f}",
        "height": f"{low - high + 2:.1f}",
    }
    return Mark("rect", place | {"rx": "2", "fill": colours.span})


def _mean_lines(points: Iterable[tuple[float, float | None]], colours: Colours) -> Iterator[Mark]:
    """Broken where nothing was logged."""
    pen, path = "M", []
    for x, mean in points:
        if mean is None:
            pen = "M"
            continue
        path.append(f"{pen}{x:.1f} {_y(mean):.1f}")
        pen = "L"
        yield Mark("circle", {"cx": f"{x:.1f}", "cy": f"{_y(mean):.1f}", "r": "2.6", "fill": colours.pain})
    if path:
        yield _line("".join(path), colours.pain, "1.6")


def _peg_line(weeks: Sequence[Week], peg: Sequence[Score], step: float, colours: Colours) -> Iterator[Mark]:
    if not weeks:
        return
    points = [
        (LEFT + step * ((one.on - weeks[0].first_day).days + 0.5) / 7, _y(one.value))
        for one in peg
        if one.on >= weeks[0].first_day
    ]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    if path:
        yield _line(f"M{path}", colours.peg, "1.3", **{"stroke-dasharray": "4 3"})
    for x, y in points:
        yield Mark("path", {"d": f"M{x:.1f} {y - 3.2:.1f}l3.2 3.2-3.2 3.2-3.2-3.2z", "fill": colours.peg})


def days_shown(weeks: Sequence[Week], *, at_most: int = 6) -> list[date | None]:
    """The first days that are written under the picture: the newest, and others at even steps before it."""
    every = max(ceil(len(weeks) / at_most), 1)
    return [week.first_day if (len(weeks) - 1 - n) % every == 0 else None for n, week in enumerate(weeks)]
