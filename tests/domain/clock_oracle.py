"""The oracle of reminders: the clock on the wall at each minute of UTC. It knows nothing of folds, gaps and zones' rules."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONES = sorted(available_timezones() - {"localtime"})
WALL_TIMES = [time(h, m) for h, m in [(0, 0), (0, 30), (1, 30), (2, 0), (2, 30), (3, 0), (7, 0), (23, 59)]]


def read_clock(zone: ZoneInfo, around: date) -> list[tuple[datetime, datetime]]:
    """Each minute of six days of UTC, and what a clock in the zone shows."""
    start = datetime.combine(around, time(12), UTC) - 3 * DAY
    minutes = [start + n * MINUTE for n in range(6 * 24 * 60)]
    return [(at, at.astimezone(zone).replace(tzinfo=None)) for at in minutes]


def meanings(clock: list[tuple[datetime, datetime]]) -> dict[datetime, datetime]:
    """For each wall time the first instant that shows it; for a skipped one as if the clock had gone on."""
    meant: dict[datetime, datetime] = {}
    _, shown = clock[0]
    for at, now in clock:
        skipped = int((now - shown) / MINUTE) - 1
        meant |= {shown + (n + 1) * MINUTE: at + n * MINUTE for n in range(skipped)}
        meant.setdefault(now, at)
        shown = now
    return meant


def transition_days(zone: ZoneInfo, first_on: date, last_on: date) -> Iterator[date]:
    day, offset = first_on, None
    while day <= last_on:
        now = datetime.combine(day, time(12), UTC).astimezone(zone).utcoffset()
        if offset is not None and now != offset:
            yield day
        day, offset = day + DAY, now


def shape(zone: ZoneInfo, day: date) -> tuple[object, ...]:
    """What the clocks do on a day and the two beside it, so that a hundred names for the same need one walk."""
    hours = (datetime.combine(day - DAY, time(0), UTC) + n * HOUR for n in range(72))
    return (day, *(hour.astimezone(zone).utcoffset() for hour in hours))
