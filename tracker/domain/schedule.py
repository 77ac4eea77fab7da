"""When a reminder is due, in the clock time of the person it is for.

Instants are aware datetimes in UTC; days are local dates. A wall time that a clock change skips is read with the
offset before the change (02:30 becomes 03:30), as RFC 5545 does; a wall time that comes twice means the first one.
PEP 495 calls both readings ``fold=0``.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count, takewhile
from zoneinfo import ZoneInfo

# ISO weekdays: Monday is 1.
EVERY_DAY = frozenset(range(1, 8))
MIDNIGHT = time(0)

_ONE_SECOND = timedelta(seconds=1)


class Kind(StrEnum):
    """What a reminder is for; decides how long it may still be sent after its time."""

    MORNING_MOVES = "morning_moves"
    MEDICINE = "medicine"
    LOG_PAIN = "log_pain"
    ADVICE = "advice"
    APPOINTMENT = "appointment"
    QUESTIONS = "questions"
    CHECK_UP = "check_up"


# Design ruling: a morning reminder in the afternoon helps nobody, a late dose may do harm.
WINDOW_MINUTES = {Kind.MORNING_MOVES: 120, Kind.MEDICINE: 60}

# How far ahead it matters whether two clocks differ: about as far as a page foretells what is sent.
FORETOLD_DAYS = 14


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """``instant`` in UTC and the local date on which it falls: the key under which at most one is sent."""

    instant: datetime
    local_date: date


def next_due(*, wall_time: time, weekdays: Collection[int], zone: ZoneInfo, after: datetime) -> Due:
    """The first due instant later than ``after``.

    ``weekdays`` are ISO numbers (Monday is 1) and speak of the date on which the wall time was meant. Where a clock
    change pushes that time past midnight, the key is the date it lands on, and the first to land there is the only one.
    Raises ValueError for no weekdays and for a time of day with a zone.
    """
    return next(dues_after(wall_time, weekdays, zone, after))


def dues_between(
    *, wall_time: time, weekdays: Collection[int], zone: ZoneInfo, after: datetime, until: datetime
) -> list[Due]:
    """All that is due later than ``after`` and not later than ``until``, earliest first; raises as ``next_due``."""
    return list(takewhile(lambda due: due.instant <= until, dues_after(wall_time, weekdays, zone, after)))


def local_date(instant: datetime, zone: ZoneInfo) -> date:
    """The date that a calendar on the wall in ``zone`` shows at ``instant``."""
    return instant.astimezone(zone).date()


def end_of_local_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant from which ``day`` is over for good in ``zone``, whatever the clocks do at midnight."""
    midnight = datetime.combine(day + timedelta(days=1), MIDNIGHT, zone)
    first, second = _utc(midnight), _utc(midnight.replace(fold=1))
    if first <= second:
        went_back_to_the_old_day = local_date(second - _ONE_SECOND, zone) <= day
        return second if went_back_to_the_old_day else first
    before, after = second, first
    while after - before > _ONE_SECOND:
        middle = before + (after - before) / 2
        before, after = (before, middle) if local_date(middle, zone) > day else (middle, after)
    return _whole_second(after)


def window_end(*, kind: Kind, due_at: datetime, zone: ZoneInfo, minutes: int | None = None) -> datetime:
    """The instant from which a reminder due at ``due_at`` comes too late to be sent.

    ``minutes`` is what the patient chose: it shortens the window of the kind and never lengthens it.
    """
    of_kind = WINDOW_MINUTES.get(kind)
    if of_kind is None:
        day_ends_at = end_of_local_day(local_date(due_at, zone), zone)
        return day_ends_at if minutes is None else min(day_ends_at, due_at + timedelta(minutes=minutes))
    return due_at + timedelta(minutes=of_kind if minutes is None else min(of_kind, minutes))


def keep_the_same_clock(one: ZoneInfo, other: ZoneInfo, *, at: datetime) -> bool:
    """Whether the clocks of two zones show the same now and in the year to come, whatever the zones are called."""
    return all(
        day.astimezone(one).utcoffset() == day.astimezone(other).utcoffset()
        for day in (at + timedelta(days=n) for n in range(366))
    )


def clocks_part_on(one: ZoneInfo, other: ZoneInfo, *, at: datetime) -> date | None:
    """The day in ``other`` from which the clocks of two zones differ, at most FORETOLD_DAYS ahead; None if later or never."""
    days = (at + timedelta(days=n) for n in range(FORETOLD_DAYS + 1))
    unlike = (day for day in days if day.astimezone(one).utcoffset() != day.astimezone(other).utcoffset())
    return next((local_date(day, other) for day in unlike), None)


def quiet_until(instant: datetime, quiet_from: time, quiet_to: time, zone: ZoneInfo) -> datetime | None:
    """The end of the quiet hours that hold at ``instant``, or None outside them.

    Hours run from ``quiet_from`` up to but not including ``quiet_to``, across midnight where the end is the smaller;
    two equal times mean no quiet hours. What counts is the clock on the wall, so a repeated hour is quiet twice.
    """
    if not _is_quiet(instant, quiet_from, quiet_to, zone):
        return None
    today = local_date(instant, zone)
    ends = (
        _utc(datetime.combine(today + timedelta(days=days), quiet_to, zone).replace(fold=fold))
        for days in range(3)
        for fold in (0, 1)
    )
    return min(end for end in ends if end > instant and not _is_quiet(end, quiet_from, quiet_to, zone))


def dues_after(wall_time: time, weekdays: Collection[int], zone: ZoneInfo, after: datetime) -> Iterator[Due]:
    """All that is ever due later than ``after``, one by one; raises as ``next_due``."""
    if not EVERY_DAY.intersection(weekdays):
        raise ValueError("weekdays must name at least one day from 1 (Monday) to 7")
    if wall_time.tzinfo is not None:
        raise ValueError("wall_time must not carry a zone")
    # Starting three days early shows which date was taken by a time that a clock change pushed past midnight.
    start = local_date(after, zone) - timedelta(days=3)
    previous: date | None = None
    for day in (start + timedelta(days=n) for n in count()):
        if day.isoweekday() not in weekdays:
            continue
        instant = _utc(datetime.combine(day, wall_time, zone).replace(fold=0))
        key = local_date(instant, zone)
        if key != previous and instant > after:
            yield Due(instant=instant, local_date=key)
        previous = key


def _is_quiet(instant: datetime, quiet_from: time, quiet_to: time, zone: ZoneInfo) -> bool:
    wall = instant.astimezone(zone).time()
    if quiet_from <= quiet_to:
        return quiet_from <= wall < quiet_to
    return wall >= quiet_from or wall < quiet_to


def _utc(local: datetime) -> datetime:
    return local.astimezone(UTC)


def _whole_second(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)
