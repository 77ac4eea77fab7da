"""What of a brief goes onto page 1, and the picture of its weeks."""

from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from tracker.domain.brief import Score, Week
from tracker.domain.sheet import PAPER, Block, FirstPage, course, days_shown, likely_page, shortened, svg

FIRST = date(2026, 9, 7)


def week(n: int, mean: float | None, low: int | None = None, high: int | None = None) -> Week:
    logged = 0 if mean is None else 7
    return Week(first_day=FIRST + timedelta(days=7 * n), n_days_logged=logged, mean=mean, lowest=low, highest=high)


def drawing(weeks, peg, *, days) -> str:
    return svg(course(weeks, peg, days=days, colours=PAPER))


@pytest.mark.parametrize(
    ("text", "longest", "shown", "is_less"),
    [
        pytest.param("one two", 10, "one two", False, id="fits"),
        pytest.param("one  two\nthree", 20, "one two three", False, id="becomes one line"),
        pytest.param("one two three four", 10, "one two …", True, id="ends with a word"),
        pytest.param("x" * 50, 10, "x" * 8 + " …", True, id="one long word"),
        pytest.param("痛みが続いています", 10, "痛みが続 …", True, id="wide signs count twice"),
        pytest.param("", 10, "", False, id="nothing"),
    ],
)
def test_a_text_is_shortened_to_whole_words(text: str, longest: int, shown: str, is_less: bool) -> None:
    assert shortened(text, longest) == (shown, is_less)


def test_the_fullest_page_that_is_likely_to_fit_is_taken() -> None:
    full = FirstPage(blocks=(Block(kind="text", text="word " * 3_000),), more="")
    short = FirstPage(blocks=(Block(kind="text", text="word"),), more="the rest")
    assert likely_page([full, short]) is short
    assert likely_page([short, full]) is short
    assert likely_page([full, full]) is full


def test_the_picture_is_broken_where_nothing_was_logged() -> None:
    drawn = drawing([week(0, 4.0, 2, 6), week(1, None), week(2, 5.0, 5, 5)], (), days=["", "", ""])
    assert drawn.count("<circle") == 2
    (line,) = [path for path in drawn.split("<path") if 'stroke-width="1.6"' in path]
    assert line.split('"')[1].count("M") == 2


def test_the_picture_shows_only_scores_of_these_weeks() -> None:
    scores = (Score(on=FIRST - timedelta(days=1), value=9.0), Score(on=FIRST, value=5.0))
    drawn = drawing([week(0, 4.0, 2, 6)], scores, days=["7 Sep"])
    assert drawn.count(f'fill="{PAPER.peg}"') == 1


@pytest.mark.parametrize("weeks", [[], [week(0, None)], [week(n, 10.0, 0, 10) for n in range(12)]], ids=len)
def test_the_picture_is_well_formed(weeks: list[Week]) -> None:
    assert ElementTree.fromstring(drawing(weeks, (), days=["7 Sep"] * len(weeks))).tag.endswith("svg")


def test_the_newest_week_is_named() -> None:
    shown = days_shown([week(n, 4.0) for n in range(12)])
    assert shown[-1] == FIRST + timedelta(days=77)
    assert sum(day is not None for day in shown) == 6
