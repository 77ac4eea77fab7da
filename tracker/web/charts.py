"""Pictures drawn on the server as SVG, for pages and later for print. Colours and strokes are in chart.css."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property, lru_cache
from math import ceil, floor

from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.domain.periods import STEP_DAYS, LoggedDays, Period, Step, TrendPoint, step_for
from tracker.services.verdict_figures import DOTS

# A chart is drawn for the width it has: phone, tablet or half a desktop, desktop. CSS shows the one that fits.
WIDTHS = {"narrow": 300, "middle": 600, "wide": 1000}

LEFT, RIGHT, TOP, AXIS = 26, 8, 10, 26  # margins, px
LANE_HEIGHT, LANE_BAR = 26, 20  # px
MIN_STEP = 3.2  # px from one bar to the next, below that they run together
BAR_SHARE, BAR_MAX, BAR_MIN = 0.58, 12, 2  # of a step; px; px
CHARACTER = 7.2  # px, about the width of a letter in a lane
TICK_SPACE = {"D j": 48, "j M": 48, "M Y": 68, "Y": 44}  # px for one date on the axis

COLUMN_HEIGHT, COLUMN_MAX = 210, 48  # px

EFFECT_LEFT, EFFECT_RIGHT, EFFECT_MARGIN = -5, 3, 12  # points; points; px


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One treatment below the chart: its name, how it stands in words, and the tone of the badge."""

    name: str
    outcome: str
    tone: str  # good, bad, warn, unsure
    started_on: date
    stopped_on: date | None = None  # the first day without it again

    @property
    def words(self) -> str:
        return f"{self.name}: {self.outcome}" if self.outcome else self.name


@dataclass(frozen=True, kw_only=True)
class Column:
    """One of a few averages side by side; without a number its place stays empty."""

    name: str
    nrs: float | None
    is_marked: bool = False


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where days and ratings lie on the drawing."""

    first: date
    last: date
    width: int
    height: int

    @cached_property
    def day_width(self) -> float:
        return (self.width - LEFT - RIGHT) / ((self.last - self.first).days + 1)

    def left_of(self, on: date) -> float:
        """The left edge of a day, kept inside the drawing."""
        inside = min(max(on, self.first), self.last + timedelta(days=1))
        return LEFT + (inside - self.first).days * self.day_width

    def middle_of(self, period: Period, step: Step) -> float:
        """A bar keeps its distance to the next one, even if the range cuts its week or month."""
        middle = LEFT + ((period.starts_on - self.first).days + STEP_DAYS[step] / 2) * self.day_width
        right = self.width - RIGHT
        return LEFT if middle < LEFT else right if middle > right else middle

    @cached_property
    def ground(self) -> float:
        return _y(NRS_MIN, self.height)

    @cached_property
    def point_height(self) -> float:
        return _y(NRS_MIN, self.height) - _y(NRS_MIN + 1, self.height)

    def y(self, nrs: float) -> float:
        return self.ground - (nrs - NRS_MIN) * self.point_height


def range_charts(
    days: Iterable[Sequence] | LoggedDays,
    *,
    first: date,
    last: date,
    widths: Sequence[str] = tuple(WIDTHS),
    says_step: bool = False,
    **options,
) -> SafeString:
    """`range_chart` drawn for each width, with the same options; the style sheet shows one of them.

    `says_step`: a line below each drawing tells for how long one of its bars stands.
    """
    logged = days if isinstance(days, LoggedDays) else LoggedDays(days)
    options["label"] = options.get("label") or sentence(logged.rows, first=first, last=last)
    drawings = (
        (
            name,
            range_chart(logged, first=first, last=last, width=WIDTHS[name], **options),
            _step_line(step_shown(first=first, last=last, width=name)) if says_step else "",
        )
        for name in widths
    )
    return format_html(
        '<div class="chart chart-of-{}">{}</div>',
        len(widths),
        format_html_join("", '<div class="chart-{}">{}{}</div>', drawings),
    )


def _step_line(step: Step) -> SafeString:
    words = {
        Step.DAY: _("Each bar is one day."),
        Step.WEEK: _("Each bar is one week."),
        Step.MONTH: _("Each bar is one month."),
        Step.QUARTER: _("Each bar is three months."),
        Step.YEAR: _("Each bar is one year."),
    }
    return format_html('<p class="small">{}</p>', words[step])


def range_chart(
    days: Iterable[Sequence] | LoggedDays,
    *,
    first: date,
    last: date,
    width: int,
    lanes: Sequence[Lane] = (),
    mark: date | None = None,
    label: str = "",
) -> SafeString:
    """A bar for each day (week, month... if the range is long) from its lowest to its highest pain, with the trend.

    `days`: rows as PainEntryQuerySet.by_day gives them, inside first..last. Days without entries stay empty.
    `mark`: a day where something changed; the trend does not run across it.
    """
    logged = days if isinstance(days, LoggedDays) else LoggedDays(days)
    frame = Frame(first=first, last=last, width=width, height=height_of(width))
    step = step_for((last - first).days + 1, at_most=room_of(width))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}{}</svg>',
        width,
        frame.height + len(lanes) * LANE_HEIGHT,
        label or sentence(logged.rows, first=first, last=last),
        grid(width, frame.height),
        dates(frame),
        _bars(frame, logged.by(step), step),
        _trend(frame, logged.trend(step, mark=mark), step),
        _mark(frame, mark),
        _lanes(frame, lanes),
    )


def step_shown(*, first: date, last: date, width: str) -> Step:
    """Which step `range_charts` draws at that width, so that a caption or a table can say the same."""
    return step_for((last - first).days + 1, at_most=room_of(WIDTHS[width]))


def sentence(days: Sequence[Sequence], *, first: date, last: date, is_of_a_place: bool = False) -> str:
    """The chart in words. A place that was not named is not a place without pain, nor a day that was not logged."""
    if not days:
        return _("It was not named in this time.") if is_of_a_place else _("No pain was logged in this time.")
    n_days = (last - first).days + 1
    numbers = {"logged": len(days), "n": n_days}
    if is_of_a_place:
        logged = ngettext("Named on %(logged)s of %(n)s day.", "Named on %(logged)s of %(n)s days.", n_days) % numbers
    else:
        logged = ngettext("%(logged)s of %(n)s day logged.", "%(logged)s of %(n)s days logged.", n_days) % numbers
    _days, lows, highs, means, _n_entries = zip(*days, strict=True)
    lowest, highest, mean = min(lows), max(highs), sum(means) / len(days)
    if lowest == highest:
        return logged + " " + _("Pain was %(nrs)s each time.") % {"nrs": lowest}
    pain = _("Pain was between %(low)s and %(high)s out of 10, %(mean).1f on average.")
    return logged + " " + pain % {"low": lowest, "high": highest, "mean": mean}


def _y(nrs: float, height: int) -> float:
    return TOP + (NRS_MAX - nrs) * (height - TOP - AXIS) / (NRS_MAX - NRS_MIN)


def height_of(width: int) -> int:
    return 210 if width < 450 else 250 if width < 800 else 300


def room_of(width: int) -> int:
    """How many bars fit side by side."""
    return int((width - LEFT - RIGHT) / MIN_STEP)


@cache
def grid(width: int, height: int) -> SafeString:
    return format_html_join(
        "",
        '<path class="grid-line" d="M{} {}H{}"/><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (LEFT, f"{_y(nrs, height):.1f}", width - RIGHT, LEFT - 8, f"{_y(nrs, height) + 4:.1f}", nrs)
            for nrs in range(NRS_MIN, NRS_MAX + 1, 2)
        ),
    )


def dates(frame: Frame) -> SafeString:
    """Dates below the chart: as many as fit, on round days, each below the middle of its day."""
    n_days = (frame.last - frame.first).days + 1
    pattern = "D j" if n_days <= 7 else "j M" if n_days <= 120 else "M Y" if n_days <= 5 * 365 else "Y"
    edge, language = frame.width - TICK_SPACE[pattern] / 2, get_language()
    places = [(frame.left_of(on) + frame.day_width / 2, on) for on in _round_days(frame, pattern)]
    places = [(f"{x:.1f}", on) for x, on in places if x <= edge]
    return format_html(
        '<path class="tick-mark" d="{}"/>{}',
        "".join(f"M{x} {frame.height - AXIS + 2}v5" for x, _on in places),
        format_html_join(
            "",
            '<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>',
            ((x, frame.height - 6, _date(on, pattern, language)) for x, on in places),
        ),
    )


@lru_cache(maxsize=2000)
def _date(on: date, pattern: str, language: str) -> SafeString:
    """The same few days stand below every chart."""
    return conditional_escape(date_format(on, pattern))


def _round_days(frame: Frame, pattern: str) -> list[date]:
    n_days = (frame.last - frame.first).days + 1
    room = (frame.width - LEFT - RIGHT) // TICK_SPACE[pattern]
    if pattern in ("D j", "j M"):
        every = next(days for days in (1, 2, 7, 14, 28, 56) if n_days / days <= room)
        return [frame.first + timedelta(days=number) for number in range(0, n_days, every)]
    choices = (1, 2, 3, 6, 12) if pattern == "M Y" else (12, 24, 60, 120, 240, 600, 1200, 6000, 12000)
    return _round_months(
        frame,
        next(months for months in choices if n_days / 30.4 / months <= room or months > 6000),
    )


def _round_months(frame: Frame, every: int) -> list[date]:
    """First days of months within the range whose count since year 0 divides by `every`."""
    from_month = frame.first.year * 12 + frame.first.month - 1
    to_month = frame.last.year * 12 + frame.last.month - 1
    days = [date(month // 12, month % 12 + 1, 1) for month in range(from_month, to_month + 1) if month % every == 0]
    return [on for on in days if on >= frame.first]


def _bars(frame: Frame, logged: Sequence[Period], step: Step) -> SafeString:
    """One path for each colour; behind them a thin edge, and for long steps a hair from lowest to highest."""
    pitch = frame.day_width * STEP_DAYS[step]
    thick = min(max(pitch * BAR_SHARE, BAR_MIN), BAR_MAX)
    y = [frame.y(nrs) for nrs in range(NRS_MAX + 1)]
    by_pain: dict[int, list[str]] = {}
    hairs = []
    for period in logged:
        x = frame.middle_of(period, step)
        top, bottom = y[period.usual_high] + thick / 2, y[period.usual_low] - thick / 2
        if top > bottom:
            top = bottom = (top + bottom) / 2
        by_pain.setdefault(round(period.mean), []).append(f"M{x:.1f} {top:.1f}V{bottom + 0.01:.2f}")
        if (period.low, period.high) != (period.usual_low, period.usual_high):
            hairs.append(f"M{x:.1f} {y[period.high]:.1f}V{y[period.low]:.1f}")
    paths = {nrs: "".join(pieces) for nrs, pieces in sorted(by_pain.items())}
    return format_html(
        '<path class="hair" d="{}"/><path class="capsule edge" stroke-width="{}" d="{}"/>{}',
        "".join(hairs),
        f"{thick + 1.2:.1f}",
        "".join(paths.values()),
        format_html_join(
            "",
            '<path class="capsule pain-{}" stroke-width="{}" d="{}"/>',
            ((nrs, f"{thick:.1f}", path) for nrs, path in paths.items()),
        ),
    )


def _trend(frame: Frame, runs: Iterable[Sequence[TrendPoint]], step: Step) -> SafeString:
    lines = (
        "L".join(f"{frame.middle_of(period, step):.1f} {frame.y(nrs):.1f}" for period, nrs in run)
        for run in runs
        if len(run) > 1
    )
    return format_html('<path class="trend" d="{}"/>', "".join(f"M{line}" for line in lines))


def _mark(frame: Frame, mark: date | None) -> SafeString:
    if mark is None or not frame.first < mark <= frame.last:
        return format_html_join("", "", ())
    return format_html(
        '<path class="mark" d="M{} {}V{}"/>',
        f"{frame.left_of(mark):.1f}",
        TOP,
        frame.height - AXIS,
    )


def _lanes(frame: Frame, lanes: Sequence[Lane]) -> SafeString:
    return format_html_join("", "{}", ((_lane(frame, lane, row),) for row, lane in enumerate(lanes)))


def _lane(frame: Frame, lane: Lane, row: int) -> SafeString:
    """A bar for the time of the treatment. Words that do not fit right of its start end at the right edge."""
    y = frame.height + row * LANE_HEIGHT
    x = frame.left_of(lane.started_on)
    right = frame.left_of(lane.stopped_on or frame.last + timedelta(days=1))
    words = _shortened(lane, room=int((frame.width - LEFT - RIGHT - 8) / CHARACTER))
    fits = x + 8 + len(words) * CHARACTER <= frame.width - RIGHT
    return format_html(
        '<rect class="lane {tone}" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>'
        '<text class="lane-name {tone}" x="{text_x}" y="{text_y}" text-anchor="{anchor}">{words}</text>',
        tone=lane.tone,
        x=f"{x:.1f}",
        y=y,
        width=f"{max(right - x, 3):.1f}",
        height=LANE_BAR,
        text_x=f"{x + 8:.1f}" if fits else frame.width - RIGHT - 4,
        text_y=y + 14,
        anchor="start" if fits else "end",
        words=words,
    )


def _shortened(lane: Lane, *, room: int) -> str:
    """The outcome is never cut, the name is; the whole name stands in the table and in the list of treatments."""
    if len(lane.words) <= room:
        return lane.words
    return f"{lane.name[: max(1, room - len(lane.outcome) - 3)]}…: {lane.outcome}"


def column_charts(columns: Sequence[Column], *, label: str) -> SafeString:
    """`column_chart` drawn for a phone and for a wider page."""
    return format_html(
        '<div class="chart chart-of-2"><div class="chart-narrow">{}</div><div class="chart-middle">{}</div></div>',
        column_chart(columns, label=label, width=WIDTHS["narrow"]),
        column_chart(columns, label=label, width=WIDTHS["middle"]),
    )


def column_chart(columns: Sequence[Column], *, label: str, width: int) -> SafeString:
    """Averages from 0 to 10, each with its number above and its name below."""
    pitch = (width - LEFT - RIGHT) / len(columns)
    places = [(column, f"{LEFT + (number + 0.5) * pitch:.1f}") for number, column in enumerate(columns)]
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}: {}">{}{}{}</svg>',
        width,
        COLUMN_HEIGHT,
        label,
        ", ".join(f"{column.name} {_column_number(column)}" for column in columns),
        grid(width, COLUMN_HEIGHT),
        format_html_join("", "{}", ((_column(column, x, min(pitch * BAR_SHARE, COLUMN_MAX)),) for column, x in places)),
        format_html_join(
            "",
            '<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>',
            ((x, COLUMN_HEIGHT - 8, column.name) for column, x in places),
        ),
    )


def _column_number(column: Column) -> str:
    return _("too little") if column.nrs is None else f"{column.nrs:.1f}"


def _column(column: Column, x: str, thick: float) -> SafeString:
    """Where too little was logged, a dash stands on the ground line."""
    ground = _y(0, COLUMN_HEIGHT)
    if column.nrs is None:
        return format_html('<text class="tick" x="{}" y="{}" text-anchor="middle">–</text>', x, ground - 6)
    top = _y(column.nrs, COLUMN_HEIGHT)
    return format_html(
        '<path class="column pain-{nrs}{mark}" stroke-width="{thick}" d="M{x} {ground}V{top}"/>'
        '<text class="column-number{mark}" x="{x}" y="{text_y}" text-anchor="middle">{number}</text>',
        nrs=round(column.nrs),
        mark=" marked" if column.is_marked else "",
        thick=f"{thick:.1f}",
        x=x,
        ground=f"{ground:.1f}",
        top=f"{min(top, ground - 2):.1f}",
        text_y=f"{top - 5:.1f}",
        number=f"{column.nrs:.1f}",
    )


def dots(n: int, *, label: str, tone: str = "unsure") -> SafeString:
    """Twenty dots, `n` of them filled: a chance in 20."""
    return format_html(
        '<svg class="dots {}" viewBox="0 0 246 52" role="img" aria-label="{}">{}</svg>', tone, label, _circles(n)
    )


@cache
def _circles(n: int) -> SafeString:
    places = ((15 + 24 * (place % 10), 14 + 24 * (place // 10), place < n) for place in range(DOTS))
    return format_html_join(
        "",
        '<circle class="{}" cx="{}" cy="{}" r="9"/>',
        (("dot full" if is_full else "dot", x, y) for x, y, is_full in places),
    )


def shift(before: float, now: float, *, label: str, tone: str) -> SafeString:
    """From a ring (before) to a dot (now) on a line from 0 to 10."""

    def x(nrs: float) -> str:
        return f"{16 + nrs * 11.8:.1f}"

    return format_html(
        '<svg class="shift" viewBox="0 0 150 30" role="img" aria-label="{}"><path class="shift-line" d="M16 11H134"/>'
        '<path class="shift-way" d="M{} 11H{}"/><circle class="shift-before" cx="{}" cy="11" r="5"/>'
        '<circle class="shift-now {}" cx="{}" cy="11" r="6"/><text x="16" y="28" text-anchor="middle">0</text>'
        '<text x="134" y="28" text-anchor="middle">10</text></svg>',
        label,
        x(before),
        x(now),
        x(before),
        tone,
        x(now),
    )


def effect_plots(**effect) -> SafeString:
    """`effect_plot` drawn for a phone and for a wider page."""
    return format_html(
        '<div class="chart chart-of-2"><div class="chart-narrow">{}</div><div class="chart-middle">{}</div></div>',
        effect_plot(width=WIDTHS["narrow"], **effect),
        effect_plot(width=WIDTHS["middle"], **effect),
    )


def effect_plot(
    *, change: float, low: float, high: float, mcid: float, label: str, tone: str = "unsure", width: int = 600
) -> SafeString:
    """Where the change probably lies, against no change and the zone of a drop that matters. Negative is less pain."""
    left, right = min(EFFECT_LEFT, floor(low)), max(EFFECT_RIGHT, ceil(high))
    scale = (width - 2 * EFFECT_MARGIN) / (right - left)

    def x(points: float) -> str:
        return f"{EFFECT_MARGIN + (points - left) * scale:.1f}"

    return format_html(
        '<svg class="effect" viewBox="0 0 {width} 116" role="img" aria-label="{label}">'
        '<rect class="zone" x="{left}" y="28" width="{zone_width}" height="56" rx="10"/>'
        '<text x="{zone_middle}" y="18" text-anchor="middle">{zone}</text>'
        '<path class="no-change" d="M{zero} 26V90"/><text x="{zero}" y="18" text-anchor="middle">{no_change}</text>'
        '<rect class="likely {tone}" x="{low}" y="48" width="{likely_width}" height="16" rx="8"/>'
        '<circle class="most-likely {tone}" cx="{change}" cy="56" r="7"/>'
        '<text x="{left}" y="108">{best}</text><text x="{right}" y="108" text-anchor="end">{worst}</text></svg>',
        width=width,
        label=label,
        left=x(left),
        right=x(right),
        zero=x(0),
        zone_width=f"{(-mcid - left) * scale:.1f}",
        zone_middle=x((left - mcid) / 2),
        zone=_("a drop that matters"),
        no_change=_("no change"),
        tone=tone,
        low=x(low),
        likely_width=f"{max((high - low) * scale, 4):.1f}",
        change=x(change),
        best=_("%(n)s points lower") % {"n": -left},
        worst=_("%(n)s points higher") % {"n": right},
    )
