"""A7: every IANA zone, ten years, eight wall times, against the clock on the wall. `EBB_FULL=1` walks all of it (about
three minutes on one core); without it one zone in sixty, so that the walk itself stays tried.
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tests.domain.clock_oracle import DAY, WALL_TIMES, ZONES, meanings, read_clock, transition_days
from tracker.domain.schedule import EVERY_DAY, dues_between

FULL = bool(os.environ.get("EBB_FULL"))
FIRST, LAST = date(2026, 1, 1), date(2035, 12, 31)
# In the past whole days were left out (Samoa 2011, Kwajalein 1993), which no future rule says yet.
MISSING_DAYS = [("Pacific/Apia", date(2011, 12, 30)), ("Pacific/Kwajalein", date(1993, 8, 21))]
WALKED = ZONES if FULL else ZONES[::60]


def by_offsets(zone: ZoneInfo, wall_time: time, changes: set[date]) -> Iterator[tuple[date, datetime]]:
    """Days without a change nearby: an offset taken from that day's noon says it all, and needs no search."""
    for n in range((LAST - FIRST).days + 1):
        day = FIRST + n * DAY
        if not changes & {day - DAY, day, day + DAY}:
            offset = datetime.combine(day, time(12), UTC).astimezone(zone).utcoffset()
            assert offset is not None
            yield day, datetime.combine(day, wall_time, UTC) - offset


def around_changes(zone: ZoneInfo, changes: set[date]) -> dict[datetime, datetime]:
    """What each wall time of those days means, by the clock on the wall."""
    meant: dict[datetime, datetime] = {}
    for change in changes:
        near = meanings(read_clock(zone, change))
        days = {change + n * DAY for n in (-2, -1, 0, 1, 2)}
        meant |= {wall: at for wall, at in near.items() if wall.date() in days}
    return meant


def expected(
    zone: ZoneInfo, wall_time: time, near: dict[datetime, datetime], changes: set[date]
) -> dict[date, datetime]:
    """The instant of each local date: the first that lands there."""
    found = dict(by_offsets(zone, wall_time, changes))
    for wall, instant in near.items():
        if wall.time() == wall_time and FIRST <= wall.date() <= LAST:
            lands_on = instant.astimezone(zone).date()
            found[lands_on] = min(found.get(lands_on, instant), instant)
    return found


@pytest.mark.parametrize("name", WALKED)
def test_every_wall_time_of_ten_years_is_right_and_comes_once_a_date(name: str) -> None:
    zone = ZoneInfo(name)
    changes = set(transition_days(zone, FIRST - 3 * DAY, LAST + 3 * DAY))
    near = around_changes(zone, changes)
    after, until = datetime.combine(FIRST - 2 * DAY, time(0), UTC), datetime.combine(LAST + 2 * DAY, time(0), UTC)
    for wall_time in WALL_TIMES:
        dues = dues_between(wall_time=wall_time, weekdays=EVERY_DAY, zone=zone, after=after, until=until)
        ours = {due.local_date: due.instant for due in dues if FIRST < due.local_date < LAST}
        assert len(ours) == sum(FIRST < due.local_date < LAST for due in dues), (name, wall_time)
        theirs = {day: at for day, at in expected(zone, wall_time, near, changes).items() if FIRST < day < LAST}
        assert ours == theirs, (name, wall_time)


@pytest.mark.parametrize(("name", "missing"), MISSING_DAYS)
@pytest.mark.parametrize("wall_time", WALL_TIMES)
def test_a_date_that_never_was_gets_none(name: str, missing: date, wall_time: time) -> None:
    zone = ZoneInfo(name)
    start = datetime.combine(missing - 3 * DAY, time(0), UTC)
    dues = dues_between(wall_time=wall_time, weekdays=EVERY_DAY, zone=zone, after=start, until=start + 7 * DAY)
    dates = [due.local_date for due in dues]
    assert missing not in dates
    assert {missing - DAY, missing + DAY} <= set(dates)
    assert len(dates) == len(set(dates))


def test_the_walk_itself_knows_what_a_skipped_half_past_two_means() -> None:
    zone = ZoneInfo("Europe/Berlin")
    changes = {date(2026, 3, 29)}
    theirs = expected(zone, time(2, 30), around_changes(zone, changes), changes)
    assert theirs[date(2026, 3, 29)] == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
