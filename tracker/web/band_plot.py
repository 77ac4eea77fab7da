"""Before and with a treatment as a picture: each day a dot, the usual level before, what a drop that matters would be,
and where the average with it probably lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.domain.periods import LoggedDays, Period, Step, step_for
from tracker.web.charts import AXIS, LEFT, RIGHT, TOP, WIDTHS, Frame, dates, grid, height_of, room_of

BAND_DAYS = 7  # of the band at least, where the treatment is younger than its onset
WORDS_FIT = 84  # px that the words in a zone need
DOT_MAX, DOT_MIN = 8, 3.5  # px across


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Lines and bands across the picture, on the 0 to 10 scale; None where nothing is known."""

    raw_before: float | None = None
    usual_before: float | None = None
    matters_below: float | None = None  # this or less is a drop that matters
    likely_low: float | None = None  # likely average with it
    likely_high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Span:
    first: date
    last: date
    started_on: date
    used_until: date  # the last day with it that counts
    felt_from: date  # when it can have begun to help


def band_plots(days: Sequence[Sequence], span: Span, levels: Levels, *, label: str) -> SafeString:
    """Drawn for each width; the style sheet shows one of them."""
    logged = LoggedDays(days)
    drawings = ((name, _plot(logged, span, levels, width, label)) for name, width in WIDTHS.items())
    return format_html(
        '<div class="chart chart-of-{} band-plot">{}</div>',
        len(WIDTHS),
        format_html_join("", '<div class="chart-{}">{}</div>', drawings),
    )


def step_of(span: Span, width: str = "wide") -> Step:
    return step_for((span.last - span.first).days + 1, at_most=room_of(WIDTHS[width]))


def _plot(logged: LoggedDays, span: Span, levels: Levels, width: int, label: str) -> SafeString:
    frame = Frame(first=span.first, last=span.last, width=width, height=height_of(width))
    step = step_for((span.last - span.first).days + 1, at_most=room_of(width))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}{}{}</svg>',
        width,
        frame.height,
        label,
        _before(frame, span),
        _zone(frame, span, levels),
        grid(width, frame.height),
        dates(frame),
        _band(frame, span, levels),
        _dots(frame, logged.by(step), step, span),
        _lines(frame, span, levels),
    )


def _before(frame: Frame, span: Span) -> SafeString:
    left, right = frame.left_of(span.first), frame.left_of(span.started_on)
    return format_html(
        '<rect class="plot-before" x="{x}" y="{y}" width="{width}" height="{height}"/>'
        '<text x="{text_x}" y="{text_y}">{before}</text><text x="{with_x}" y="{text_y}">{with_it}</text>',
        x=f"{left:.1f}",
        y=TOP,
        width=f"{max(right - left, 0):.1f}",
        height=frame.height - TOP - AXIS,
        text_x=f"{left + 5:.1f}",
        with_x=f"{right + 5:.1f}",
        text_y=TOP + 13,
        before=_("before") if right - left > WORDS_FIT / 2 else "",
        with_it=_("with it") if frame.width - RIGHT - right > WORDS_FIT / 2 else "",
    )


def _zone(frame: Frame, span: Span, levels: Levels) -> SafeString | str:
    if levels.matters_below is None or levels.matters_below <= NRS_MIN:
        return ""
    left, right = frame.left_of(span.started_on), frame.left_of(span.used_until + timedelta(days=1))
    top, ground = frame.y(levels.matters_below), frame.y(NRS_MIN)
    return format_html(
        '<rect class="plot-zone" x="{x}" y="{y}" width="{width}" height="{height}"/>'
        '<text class="plot-zone-name" x="{text_x}" y="{text_y}">{words}</text>',
        x=f"{left:.1f}",
        y=f"{top:.1f}",
        width=f"{max(right - left, 2):.1f}",
        height=f"{ground - top:.1f}",
        text_x=f"{left + 5:.1f}",
        text_y=f"{ground - 6:.1f}",
        words=_("a drop that matters") if right - left > WORDS_FIT * 1.6 and ground - top > 18 else "",
    )


def _band(frame: Frame, span: Span, levels: Levels) -> SafeString | str:
    if levels.likely_low is None or levels.likely_high is None:
        return ""
    young = max(span.used_until - timedelta(days=BAND_DAYS - 1), span.started_on)
    left = frame.left_of(max(span.started_on, min(span.felt_from, young)))
    right = frame.left_of(span.used_until + timedelta(days=1))
    low, high = (min(max(level, NRS_MIN), NRS_MAX) for level in (levels.likely_low, levels.likely_high))
    return format_html(
        '<rect class="plot-band" x="{}" y="{}" width="{}" height="{}" rx="4"/>',
        f"{left:.1f}",
        f"{frame.y(high):.1f}",
        f"{max(right - left, 3):.1f}",
        f"{max(frame.y(low) - frame.y(high), 3):.1f}",
    )


def _dots(frame: Frame, logged: Sequence[Period], step: Step, span: Span) -> SafeString:
    """One path for the days before and one for those since: a dot for a day, or for the mean of a longer step."""
    across = min(max(frame.day_width * 0.6, DOT_MIN), DOT_MAX)
    before, since = [], []
    for period in logged:
        place = before if period.ends_on < span.started_on else since
        place.append(f"M{frame.middle_of(period, step):.1f} {frame.y(period.mean):.1f}h.01")
    return format_html_join(
        "",
        '<path class="plot-dots {}" stroke-width="{}" d="{}"/>',
        ((name, f"{across:.1f}", "".join(marks)) for name, marks in (("earlier", before), ("since", since)) if marks),
    )


def _lines(frame: Frame, span: Span, levels: Levels) -> SafeString:
    start, right = frame.left_of(span.started_on), frame.left_of(span.used_until + timedelta(days=1))
    lines = [("mark", f"M{start:.1f} {TOP}V{frame.height - AXIS}")]
    if levels.raw_before is not None:
        lines.append(("plot-raw", f"M{LEFT} {frame.y(levels.raw_before):.1f}H{start:.1f}"))
    if levels.usual_before is not None:
        lines.append(("plot-usual", f"M{LEFT} {frame.y(levels.usual_before):.1f}H{right:.1f}"))
    return format_html_join("", '<path class="{}" d="{}"/>', lines)
