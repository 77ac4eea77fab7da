"""A brief as it is read: blocks of words that page, print and PDF show alike, and the picture of the course.

Page 1 exists in several lengths, the fullest first: whoever lays it out takes the first that fits. What a shorter one
leaves to the appendix, it says; the appendix holds all of it, always.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from unicodedata import east_asian_width

from tracker.domain.brief import Score, Week

LINES_OF_PAGE_1 = 58  # of A4 at the size of the print view, besides the chart
LINE_SIGNS, CELL_SIGNS = 104, 22


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """The last weeks: `picture` is SVG, `words` say the same for those who do not see it."""

    picture: str
    words: str
    key: str


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
    return sum(1 + _lines_of(block) for block in page.blocks) + ceil(_width(page.more) / LINE_SIGNS)


def _lines_of(block: Block) -> int:
    if block.kind == "table":
        return 1 + sum(max(ceil(_width(cell) / CELL_SIGNS) for cell in row) for row in block.rows)
    texts = [block.text] if block.kind == "text" else [words for _term, words in block.rows]
    return sum(max(ceil(_width(text) / LINE_SIGNS), 1) for text in texts if text)


# The picture, in points
WIDTH, HEIGHT = 520.0, 130.0
LEFT, RIGHT, TOP, BOTTOM = 22.0, 8.0, 6.0, 20.0
TOP_NRS = 10


def course_svg(weeks: Sequence[Week], peg: Sequence[Score], *, days: Sequence[str], colours: "Colours") -> str:
    """Weekly means with their range, and the PEG scores as a broken line. `days`: of each week, in words, "" for none.

    Only numbers and these words go into it; whoever passes `days` has escaped them.
    """
    step = (WIDTH - LEFT - RIGHT) / max(len(weeks), 1)
    middles = [LEFT + step * (n + 0.5) for n in range(len(weeks))]
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-hidden="true" '
        'focusable="false" font-family="Atkinson Hyperlegible Next" font-size="8">'
    ]
    drawn += _scale(colours)
    drawn += [_range(x, step, week, colours) for x, week in zip(middles, weeks, strict=True) if week.mean is not None]
    drawn += _mean_lines([(x, week.mean) for x, week in zip(middles, weeks, strict=True)], colours)
    drawn += _peg_line(weeks, peg, step, colours)
    drawn += [
        f'<text x="{x:.1f}" y="{HEIGHT - 6:g}" text-anchor="middle" fill="{colours.ink}">{words}</text>'
        for x, words in zip(middles, days, strict=True)
        if words
    ]
    return "".join([*drawn, "</svg>"])


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


def _scale(colours: Colours) -> Iterable[str]:
    for nrs in (0, 2, 4, 6, 8, 10):
        y = _y(nrs)
        yield f'<path d="M{LEFT:g} {y:.1f}H{WIDTH - RIGHT:g}" stroke="{colours.faint}" stroke-width=".6"/>'
        yield f'<text x="{LEFT - 5:g}" y="{y + 2.8:.1f}" text-anchor="end" fill="{colours.ink}">{nrs}</text>'


def _range(x: float, step: float, week: Week, colours: Colours) -> str:
    low, high = _y(week.lowest or 0), _y(week.highest or 0)
    wide = min(step * 0.4, 16)
    return (
        f'<rect x="{x - wide / 2:.1f}" y="{high - 1:.1f}" width="{wide:.1f}" height="{low - high + 2:.1f}" rx="2" '
        f'fill="{colours.span}"/>'
    )


def _mean_lines(points: Iterable[tuple[float, float | None]], colours: Colours) -> Iterable[str]:
    """Broken where nothing was logged."""
    pen, path = "M", []
    for x, mean in points:
        if mean is None:
            pen = "M"
            continue
        path.append(f"{pen}{x:.1f} {_y(mean):.1f}")
        pen = "L"
        yield f'<circle cx="{x:.1f}" cy="{_y(mean):.1f}" r="2.6" fill="{colours.pain}"/>'
    if path:
        yield f'<path d="{"".join(path)}" fill="none" stroke="{colours.pain}" stroke-width="1.6"/>'


def _peg_line(weeks: Sequence[Week], peg: Sequence[Score], step: float, colours: Colours) -> Iterable[str]:
    if not weeks:
        return
    points = [
        (LEFT + step * ((one.on - weeks[0].first_day).days + 0.5) / 7, _y(one.value))
        for one in peg
        if one.on >= weeks[0].first_day
    ]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    if path:
        yield f'<path d="M{path}" fill="none" stroke="{colours.peg}" stroke-width="1.3" stroke-dasharray="4 3"/>'
    for x, y in points:
        yield f'<path d="M{x:.1f} {y - 3.2:.1f}l3.2 3.2-3.2 3.2-3.2-3.2z" fill="{colours.peg}"/>'


def days_shown(weeks: Sequence[Week], *, at_most: int = 6) -> list[date | None]:
    """The first days that are written under the picture: the newest, and others at even steps before it."""
    every = max(ceil(len(weeks) / at_most), 1)
    return [week.first_day if (len(weeks) - 1 - n) % every == 0 else None for n, week in enumerate(weeks)]
