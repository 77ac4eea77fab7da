import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from tracker.web import charts

LAST = date(2026, 11, 23)
SVG = "{http://www.w3.org/2000/svg}"


def logged(n_days: int, *, low: int = 3, high: int = 7, without: tuple[int, ...] = ()) -> list[tuple]:
    """One row for each day up to LAST; `without`: days ago that were not logged."""
    return [
        (LAST - timedelta(days=ago), low, high, (low + high) / 2, 2)
        for ago in reversed(range(n_days))
        if ago not in without
    ]


def drawn(days: list[tuple], *, n_days: int, width: int = 600, **options) -> ElementTree.Element:
    svg = charts.range_chart(days, first=LAST - timedelta(days=n_days - 1), last=LAST, width=width, **options)
    return ElementTree.fromstring(svg)


def path(svg: ElementTree.Element, name: str) -> list[str]:
    return [part.get("d") for part in svg.iter("path") if name in part.get("class", "").split()]


def n_bars(svg: ElementTree.Element) -> int:
    bars = [part for part in svg.iter("path") if "pain-" in part.get("class", "")]
    return sum(bar.get("d").count("M") for bar in bars)


def test_a_name_of_a_treatment_cannot_smuggle_markup_in():
    lane = charts.Lane(name="<script>alert(1)</script>", outcome="", tone="bad", started_on=LAST)
    assert "<script" not in charts.range_chart([], first=LAST, last=LAST, width=1000, lanes=[lane])


@pytest.mark.parametrize("n_days", [1, 7, 30, 120, 365, 3650, 25_000])
@pytest.mark.parametrize("width", charts.WIDTHS.values())
def test_no_chart_holds_inline_style_or_runs_its_bars_together(n_days, width):
    svg = charts.range_chart(logged(n_days), first=LAST - timedelta(days=n_days - 1), last=LAST, width=width)
    assert "style=" not in svg
    assert n_bars(ElementTree.fromstring(svg)) <= width / charts.MIN_STEP


@pytest.mark.parametrize("n_days", [1, 30, 365, 3650, 20_000])
@pytest.mark.parametrize("width", charts.WIDTHS.values())
def test_everything_is_drawn_inside_the_picture(n_days, width):
    svg = charts.range_chart(logged(n_days), first=LAST - timedelta(days=n_days - 1), last=LAST, width=width)
    places = [float(x) for x in re.findall(r'M(-?[\d.]+) |L(-?[\d.]+) | x="(-?[\d.]+)"', svg) for x in x if x]
    assert min(places) >= 0 and max(places) <= width


def test_a_day_is_a_bar_coloured_by_its_mean():
    svg = drawn([(LAST, 2, 8, 6.0, 3)], n_days=30)
    assert len(path(svg, "pain-6")) == 1 and n_bars(svg) == 1


@pytest.mark.parametrize("n_days", [5, 7, 30])
def test_a_date_stands_below_the_middle_of_its_day(n_days):
    svg = drawn(logged(n_days), n_days=n_days, width=1000)
    bars = {float(x) for d in path(svg, "capsule") for x in re.findall(r"M([\d.]+) ", d)}
    dates = [float(part.get("x")) for part in svg.iter("text") if part.get("text-anchor") == "middle"]
    assert dates and all(min(abs(x - bar) for bar in bars) <= 0.1 for x in dates)


def test_the_dates_of_a_week_name_their_weekdays():
    words = [part.text for part in drawn(logged(7), n_days=7).iter("text")]
    assert [word for word in words if word.startswith("M")] == ["Mon 23"]


def test_a_place_that_was_not_named_is_not_a_place_without_pain():
    said = {"first": LAST - timedelta(days=29), "last": LAST, "is_of_a_place": True}
    assert charts.sentence([], **said) == "It was not named in this time."
    assert charts.sentence(logged(2), **said).startswith("Named on 2 of 30 days.")


def test_an_empty_range_has_its_axes_and_says_so():
    svg = drawn([], n_days=30)
    assert n_bars(svg) == 0
    assert svg.get("aria-label") == "No pain was logged in this time."


def test_a_short_gap_is_crossed_by_the_trend_and_holds_no_bar():
    svg = drawn(logged(60, without=tuple(range(20, 30))), n_days=60)
    assert path(svg, "trend")[0].count("M") == 1
    assert n_bars(svg) == 50


def test_a_long_gap_breaks_the_trend():
    svg = drawn(logged(60, without=tuple(range(20, 40))), n_days=60)
    assert path(svg, "trend")[0].count("M") == 2


def test_the_trend_does_not_run_across_the_mark():
    svg = drawn(logged(60), n_days=60, mark=LAST - timedelta(days=20))
    assert path(svg, "trend")[0].count("M") == 2 and path(svg, "mark")


def test_a_steady_log_has_a_flat_trend():
    points = re.findall(r"[ML][\d.]+ ([\d.]+)", path(drawn(logged(60), n_days=60), "trend")[0])
    assert set(points) == {points[0]}


def test_the_picture_says_in_words_what_it_shows():
    label = drawn(logged(30, low=2, high=8, without=(3, 4)), n_days=30).get("aria-label")
    assert label == "28 of 30 days logged. Pain was between 2 and 8 out of 10, 5.0 on average."


@pytest.mark.parametrize(
    ("started_ago", "stopped_ago"),
    [
        pytest.param(400, None, id="before the range"),
        pytest.param(0, None, id="today"),
        pytest.param(20, 20, id="one day"),
    ],
)
def test_a_lane_stays_inside_the_picture_and_keeps_its_words(started_ago, stopped_ago):
    stopped_on = None if stopped_ago is None else LAST - timedelta(days=stopped_ago)
    started_on = LAST - timedelta(days=started_ago)
    lane = charts.Lane(name="Naproxen", outcome="Not working", tone="bad", started_on=started_on, stopped_on=stopped_on)
    svg = drawn(logged(30), n_days=30, width=300, lanes=[lane])
    (bar,) = (part for part in svg.iter("rect"))
    assert float(bar.get("x")) >= 0 and float(bar.get("x")) + float(bar.get("width")) <= 300
    assert "Naproxen: Not working" in [part.text for part in svg.iter("text")]


def test_a_long_name_is_shortened_but_never_its_outcome():
    lane = charts.Lane(name="A" * 120, outcome="Not working", tone="bad", started_on=LAST)
    svg = drawn([], n_days=30, width=300, lanes=[lane])
    assert [part.text for part in svg.iter("text")][-1].endswith("…: Not working")


@pytest.mark.parametrize("n", [0, 7, 20])
def test_twenty_dots_hold_the_chance(n):
    svg = ElementTree.fromstring(charts.dots(n, label="about"))
    dots = [part.get("class") for part in svg.iter("circle")]
    assert (len(dots), dots.count("dot full")) == (20, n)


@pytest.mark.parametrize(
    ("low", "high"), [pytest.param(-9.5, -6.0, id="far better"), pytest.param(4.0, 8.0, id="far worse")]
)
def test_the_effect_stays_inside_its_picture(low, high):
    svg = ElementTree.fromstring(
        charts.effect_plot(change=(low + high) / 2, low=low, high=high, mcid=1.8, label="so", width=300)
    )
    for bar in svg.iter("rect"):
        assert float(bar.get("x")) >= 0 and float(bar.get("x")) + float(bar.get("width")) <= 300
