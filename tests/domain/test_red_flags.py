from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from tracker.domain.red_flags import Felt, Screen, asks_again, is_raised, raised, usual

NOW = datetime(2026, 6, 3, 12, tzinfo=UTC)
TODAY = NOW.date()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY


def felt(nrs: int, *, ago: timedelta = timedelta(0), is_brought: bool = False) -> Felt:
    felt_at = NOW - ago
    return Felt(uuid=UUID(int=nrs), nrs=nrs, felt_at=felt_at, local_date=felt_at.date(), is_brought=is_brought)


def nothing_usual(day: date) -> None:
    return None


def never_asked(day: date) -> None:
    pytest.fail("the usual was asked for, though the numbers decide")


@pytest.mark.parametrize(
    ("nrs", "before", "usual_nrs", "holds"),
    [
        pytest.param(6, None, None, False, id="the first rating of all, below 7"),
        pytest.param(7, None, None, True, id="7 is high"),
        pytest.param(10, 10, 10.0, True, id="high stays high, also as usual"),
        pytest.param(6, 4, None, False, id="2 above the last"),
        pytest.param(6, 3, None, True, id="3 above the last"),
        pytest.param(3, 0, None, True, id="from none to 3"),
        pytest.param(2, 0, 0.0, False, id="from none to 2"),
        pytest.param(5, 4, 2.0, True, id="a slow climb: 3 above the usual"),
        pytest.param(5, 4, 2.1, False, id="not quite 3 above the usual"),
        pytest.param(5, 2, 5.0, False, id="back to the usual from a good hour"),
        pytest.param(5, 2, 3.1, False, id="from a good hour to not quite 2 above the usual"),
        pytest.param(5, 2, 3.0, True, id="from a good hour to 2 above the usual"),
        pytest.param(4, 4, 4.0, False, id="as always"),
    ],
)
def test_a_rating_is_raised_by_its_height_or_by_its_rise(nrs, before, usual_nrs, holds):
    assert is_raised(nrs, before=before, usual_nrs=usual_nrs) is holds


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        pytest.param([], None, id="no day"),
        pytest.param([(1, 4.0), (2, 4.0)], None, id="two days are too few"),
        pytest.param([(1, 9.0), (2, 2.0), (3, 3.0)], 3.0, id="the median of three: one bad day does not move it"),
        pytest.param([(0, 9.0), (1, 2.0), (2, 2.0)], None, id="the day itself does not count"),
        pytest.param([(14, 1.0), (13, 1.0), (12, 1.0)], 1.0, id="two weeks back"),
        pytest.param([(15, 1.0), (14, 1.0), (13, 1.0)], None, id="longer ago is no longer usual"),
    ],
)
def test_the_usual_is_the_middle_of_the_last_two_weeks(days, expected):
    assert usual([(TODAY - n * DAY, mean) for n, mean in days], before=TODAY) == expected


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        pytest.param([], [], id="an empty log"),
        pytest.param([felt(4), felt(3, ago=HOUR)], [], id="quiet"),
        pytest.param([felt(8)], [8], id="high"),
        pytest.param([felt(5), felt(2, ago=HOUR)], [5], id="risen within the hour"),
        pytest.param([felt(2), felt(8, ago=HOUR)], [8], id="high an hour ago, and nobody has asked"),
        pytest.param([felt(8, ago=71 * HOUR)], [8], id="sent later, felt within three days"),
        pytest.param([felt(8, ago=72 * HOUR)], [], id="felt three days ago"),
        pytest.param([felt(8, is_brought=True)], [], id="from an imported file"),
        pytest.param([felt(5), felt(1, ago=HOUR, is_brought=True)], [5], id="above what an import brought"),
        pytest.param([felt(5), felt(1, ago=900 * DAY)], [5], id="above a rating of years ago"),
        pytest.param([felt(9), felt(7, ago=HOUR), felt(4, ago=2 * HOUR)], [9, 7], id="newest first"),
    ],
)
def test_which_ratings_call_for_the_questions(log, expected):
    assert [one.nrs for one in raised(log, at=NOW, usual_on=nothing_usual)] == expected


def test_the_usual_is_looked_up_only_where_the_height_does_not_decide():
    assert list(raised([felt(7), felt(2, ago=HOUR)], at=NOW, usual_on=never_asked))


def test_a_slow_climb_counts_against_the_usual():
    climb = [felt(5), felt(4, ago=DAY), felt(3, ago=2 * DAY), felt(2, ago=3 * DAY)]
    assert [one.nrs for one in raised(climb, at=NOW, usual_on=lambda day: 2.0)] == [5]


@pytest.mark.parametrize(
    ("nrs", "last", "again"),
    [
        pytest.param(8, None, True, id="never asked"),
        pytest.param(8, Screen(nrs=8, at=NOW, is_answered=True), False, id="answered just now, about this"),
        pytest.param(9, Screen(nrs=5, at=NOW + HOUR, is_answered=True), False, id="answered since, at less pain"),
        pytest.param(8, Screen(nrs=8, at=NOW - DAY, is_answered=True), False, id="within the week, no worse"),
        pytest.param(8, Screen(nrs=6, at=NOW - DAY, is_answered=True), False, id="within the week, 2 more"),
        pytest.param(8, Screen(nrs=5, at=NOW - DAY, is_answered=True), True, id="within the week, 3 more"),
        pytest.param(8, Screen(nrs=8, at=NOW - WEEK + HOUR, is_answered=True), False, id="an hour short of a week"),
        pytest.param(8, Screen(nrs=8, at=NOW - WEEK, is_answered=True), True, id="after a week"),
        pytest.param(8, Screen(nrs=8, at=NOW, is_answered=False), False, id="put off just now"),
        pytest.param(8, Screen(nrs=7, at=NOW - DAY, is_answered=False), False, id="put off, no worse"),
        pytest.param(8, Screen(nrs=5, at=NOW - DAY, is_answered=False), True, id="put off, 3 more"),
        pytest.param(9, Screen(nrs=5, at=NOW + HOUR, is_answered=False), True, id="put off, and a worse entry arrives"),
        pytest.param(8, Screen(nrs=8, at=NOW - WEEK, is_answered=False), True, id="put off a week ago"),
    ],
)
def test_nobody_is_asked_again_within_a_week_unless_the_pain_has_risen(nrs, last, again):
    assert asks_again(felt(nrs), last) is again
