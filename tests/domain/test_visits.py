"""When a visit is, and when a mail reminds of it."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tracker.domain.visits import ClockSkips, before_quiet, instant_of, remind_at

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)  # the clocks change in Berlin


@pytest.mark.parametrize(
    ("day", "wall_time", "zone"),
    [
        pytest.param(SPRING, time(2, 30), BERLIN, id="an hour that is skipped"),
        pytest.param(date(2011, 12, 30), time(12), ZoneInfo("Pacific/Apia"), id="a day that is skipped"),
        pytest.param(date(2018, 11, 4), time(0, 15), ZoneInfo("America/Sao_Paulo"), id="a midnight that is skipped"),
    ],
)
def test_a_time_that_never_comes_is_refused(day, wall_time, zone):
    with pytest.raises(ClockSkips):
        instant_of(day, wall_time, zone)


@pytest.mark.parametrize(
    ("day", "wall_time", "utc"),
    [
        pytest.param(SPRING, time(3), (2026, 3, 29, 1), id="just after the jump"),
        pytest.param(AUTUMN, time(2, 30), (2026, 10, 25, 0, 30), id="the first of two"),
        pytest.param(date(2026, 7, 1), time(10), (2026, 7, 1, 8), id="in summer"),
    ],
)
def test_a_wall_time_is_an_instant(day, wall_time, utc):
    assert instant_of(day, wall_time, BERLIN) == datetime(*utc, tzinfo=UTC)


@pytest.mark.parametrize(
    ("starts_on", "minutes", "told"),
    [
        pytest.param(AUTUMN, 1440, (24, 10), id="a day before stays ten o'clock when clocks go back"),
        pytest.param(AUTUMN, 120, (25, 8), id="two hours before"),
        pytest.param(AUTUMN, 1440 + 120, (24, 8), id="a day and two hours"),
    ],
)
def test_a_day_before_is_a_day_of_the_calendar(starts_on, minutes, told):
    starts_at = instant_of(starts_on, time(10), BERLIN)
    local = remind_at(starts_at=starts_at, minutes=minutes, zone=BERLIN).astimezone(BERLIN)
    assert (local.day, local.hour) == told


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        pytest.param((5, 22, 0), (5, 21, 30), id="as they begin"),
        pytest.param((6, 6, 0), (5, 21, 30), id="early in the morning"),
        pytest.param((6, 7, 0), (6, 7, 0), id="as they end"),
        pytest.param((6, 12, 0), (6, 12, 0), id="by day"),
    ],
)
def test_what_falls_into_quiet_hours_is_told_before_them(wanted, told):
    at = datetime(2026, 6, *wanted, tzinfo=BERLIN).astimezone(UTC)
    local = before_quiet(at, time(22), time(7), BERLIN).astimezone(BERLIN)
    assert (local.day, local.hour, local.minute) == told
