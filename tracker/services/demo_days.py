"""How Dana's days are counted: back from today, in her zone."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tracker.domain import schedule

ZONE = ZoneInfo("Europe/Lisbon")


def day_of(at: datetime, days_ago: int) -> date:
    return schedule.local_date(at, ZONE) - timedelta(days=days_ago)


def instant_of(day: date, wall_time: time) -> datetime:
    return datetime.combine(day, wall_time, ZONE)


def nrs_of(level: float) -> int:
    return min(max(round(level), 0), 10)
