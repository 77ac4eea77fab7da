"""The course of a score as a small drawing: a dot for each day with answers, joined in their order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.services.questionnaires import Point
from tracker.web.charts import AXIS, LEFT, RIGHT, TOP, WIDTHS

HEIGHT = 170  # px


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The ends of a score, where its bands begin, and how many decimals it has."""

    title: str
    at_least: int
    at_most: int
    begins: tuple[int, ...] = ()
    decimals: int = 0

    def words(self, value: float) -> str:
        return number_format(value, self.decimals)

    def y(self, value: float) -> float:
        return TOP + (self.at_most - value) * (HEIGHT - TOP - AXIS) / (self.at_most - self.at_least)


def course_charts(points: Sequence[Point], scale: Scale) -> SafeString:
    """`points`, oldest first, drawn for each width; the style sheet shows one of them."""
    drawings = ((name, _chart(points, scale, width)) for name, width in WIDTHS.items())
    return format_html(
        '<div class="chart chart-of-{}">{}</div>',
        len(WIDTHS),
        format_html_join("", '<div class="chart-{}">{}</div>', drawings),
    )


def sentence(points: Sequence[Point], scale: Scale) -> str:
    """The course in words."""
    if not points:
        return _("No answers yet.")
    values = [point.value for point in points]
    told = {
        "title": scale.title,
        "n": len(points),
        "first": scale.words(values[0]),
        "last": scale.words(values[-1]),
        "low": scale.words(min(values)),
        "high": scale.words(max(values)),
    }
    if len(points) == 1:
        return _("%(title)s: %(last)s, answered on one day.") % told
    return (
        ngettext(
            "%(title)s on %(n)s day: first %(first)s, last %(last)s, between %(low)s and %(high)s.",
            "%(title)s on %(n)s days: first %(first)s, last %(last)s, between %(low)s and %(high)s.",
            len(points),
        )
        % told
    )


def _chart(points: Sequence[Point], scale: Scale, width: int) -> SafeString:
    places = [(_x(point.on, points[0].on, points[-1].on, width), scale.y(point.value)) for point in points]
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}<path class="trend" d="{}"/>{}</svg>',
        width,
        HEIGHT,
        sentence(points, scale),
        _grid(scale, width),
        _days(points, width),
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places),
        format_html_join(
            "", '<circle class="course-point" cx="{}" cy="{}" r="3.5"/>', ((f"{x:.1f}", f"{y:.1f}") for x, y in places)
        ),
    )


def _x(on: date, first: date, last: date, width: int) -> float:
    """A dot of its own stands in the middle."""
    share = (on - first) / (last - first) if last > first else 0.5
    return LEFT + 6 + share * (width - LEFT - RIGHT - 12)


def _grid(scale: Scale, width: int) -> SafeString:
    """A line at both ends and where a band begins."""
    values = sorted({scale.at_least, *scale.begins, scale.at_most})
    return format_html_join(
        "",
        '<path class="grid-line" d="M{} {}H{}"/><text class="tick" x="{}" y="{}" text-anchor="end">{}</text>',
        (
            (LEFT, f"{scale.y(value):.1f}", width - RIGHT, LEFT - 8, f"{scale.y(value) + 4:.1f}", value)
            for value in values
        ),
    )


def _days(points: Sequence[Point], width: int) -> SafeString:
    """The first and the last day below the drawing."""
    first, last = points[0].on, points[-1].on
    ends = [(LEFT, "start", first), (width - RIGHT, "end", last)] if last > first else [(width / 2, "middle", first)]
    return format_html_join(
        "",
        '<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>',
        ((x, HEIGHT - 6, anchor, date_format(on, "j M Y")) for x, anchor, on in ends),
    )
