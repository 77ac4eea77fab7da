"""When a visit is, and when a mail reminds of it, in the clock time of the place where it was agreed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.domain import schedule
from tracker.domain.errors import DomainError

LONGEST_AHEAD = timedelta(days=5 * 366)
DAY_MINUTES = 24 * 60
LONGEST_BEFORE = 14 * DAY_MINUTES  # minutes a mail may come before the visit
QUIET_LEAD = timedelta(minutes=30)  # before quiet hours begin, so that a busy mail server does not run into them


class ClockSkips(DomainError):
    """The clocks jump over this time on that day."""


def instant_of(day: date, wall_time: time, zone: ZoneInfo) -> datetime:
    """The instant in UTC; a wall time that comes twice means the first. Raises ClockSkips for one that never comes."""
    instant = datetime.combine(day, wall_time, zone).astimezone(UTC)
    back = instant.astimezone(zone)
    if (back.date(), back.time()) != (day, wall_time):
        raise ClockSkips
    return instant


def remind_at(*, starts_at: datetime, minutes: int, zone: ZoneInfo) -> datetime:
    """`minutes` before the start. Whole days are days of the calendar: the day before at ten stays ten o'clock when
    the clocks change in between."""
    days, rest = divmod(minutes, DAY_MINUTES)
    local = starts_at.astimezone(zone)
    earlier = datetime.combine(local.date() - timedelta(days=days), local.time(), zone).replace(fold=local.fold)
    return earlier.astimezone(UTC) - timedelta(minutes=rest)


def before_quiet(wanted_at: datetime, quiet_from: time, quiet_until: time, zone: ZoneInfo) -> datetime:
    """`wanted_at`, or shortly before the quiet hours that it falls into: a visit early in the morning is told in the
    evening."""
    if schedule.quiet_until(wanted_at, quiet_from, quiet_until, zone) is None:
        return wanted_at
    today = schedule.local_date(wanted_at, zone)
    begins = (datetime.combine(today - timedelta(days=days), quiet_from, zone).astimezone(UTC) for days in (0, 1, 2))
    return next(begin for begin in begins if begin <= wanted_at) - QUIET_LEAD
