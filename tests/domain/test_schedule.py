import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.clock_oracle import DAY, MINUTE, WALL_TIMES, ZONES, meanings, read_clock, shape, transition_days
from tracker.domain.schedule import (
    EVERY_DAY,
    Kind,
    clocks_part_on,
    dues_between,
    end_of_local_day,
    local_date,
    next_due,
    quiet_until,
    window_end,
)

CASES = [json.loads(line) for line in (Path(__file__).parents[1] / "data" / "dst_cases.jsonl").read_text().splitlines()]
BERLIN, NEW_YORK, NUUK = (ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("America/Nuuk"))

instants = st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 1)).map(lambda naive: naive.replace(tzinfo=UTC))
wall_times = st.times().map(lambda t: t.replace(second=0, microsecond=0))
zones = st.sampled_from(ZONES).map(ZoneInfo)
some_days = st.sets(st.integers(1, 7), min_size=1)


def utc(*args):
    return datetime(*args, tzinfo=UTC)


def dues(*, wall_time, zone, first_on, last_on, weekdays=EVERY_DAY):
    """Everything due with a key from the first date to the last."""
    after, until = (datetime.combine(first_on, time(0), UTC) - DAY, datetime.combine(last_on, time(0), UTC) + 2 * DAY)
    found = dues_between(wall_time=wall_time, weekdays=weekdays, zone=zone, after=after, until=until)
    return [due for due in found if first_on <= due.local_date <= last_on]


class TestNextDue:
    def test_refuses_a_reminder_without_weekdays(self):
        with pytest.raises(ValueError, match="weekdays"):
            next_due(wall_time=time(7), weekdays=[], zone=BERLIN, after=utc(2026, 1, 1))

    def test_refuses_weekdays_that_do_not_exist(self):
        with pytest.raises(ValueError, match="weekdays"):
            next_due(wall_time=time(7), weekdays=[0, 8], zone=BERLIN, after=utc(2026, 1, 1))

    def test_refuses_a_wall_time_that_carries_a_zone(self):
        with pytest.raises(ValueError, match="zone"):
            next_due(wall_time=time(7, tzinfo=UTC), weekdays=EVERY_DAY, zone=BERLIN, after=utc(2026, 1, 1))

    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['kind']}-{case['zone']}")
    def test_means_what_three_other_time_libraries_say(self, case):
        local, zone = datetime.fromisoformat(case["local"]), ZoneInfo(case["zone"])
        expected = datetime.fromisoformat(case["utc"][0] if case["utc"] else case["if_gap"]["offset_before_transition"])

        due = next_due(wall_time=local.time(), weekdays={local.isoweekday()}, zone=zone, after=expected - MINUTE)

        assert due.instant == expected
        assert due.local_date == local_date(expected, zone)

    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['kind']}-{case['zone']}")
    def test_comes_once_on_each_local_date(self, case):
        local, zone = datetime.fromisoformat(case["local"]), ZoneInfo(case["zone"])
        on = local.date()

        keys = [due.local_date for due in dues(wall_time=local.time(), zone=zone, first_on=on - DAY, last_on=on + DAY)]

        assert len(keys) == len(set(keys))
        assert len(keys) >= 2

    def test_a_skipped_half_past_two_becomes_half_past_three(self):
        due = next_due(wall_time=time(2, 30), weekdays=EVERY_DAY, zone=BERLIN, after=utc(2026, 3, 28, 12))
        assert due.instant.astimezone(BERLIN).time() == time(3, 30)

    def test_a_repeated_half_past_two_counts_once_and_first(self):
        due = next_due(wall_time=time(2, 30), weekdays=EVERY_DAY, zone=BERLIN, after=utc(2026, 10, 24, 12))
        following = next_due(wall_time=time(2, 30), weekdays=EVERY_DAY, zone=BERLIN, after=due.instant)
        assert (due.instant, following.instant) == (utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30))

    def test_a_day_that_never_was_gets_nothing(self):
        apia = ZoneInfo("Pacific/Apia")
        keys = [
            d.local_date
            for d in dues(wall_time=time(7), zone=apia, first_on=date(2011, 12, 28), last_on=date(2012, 1, 1))
        ]
        assert keys == [date(2011, 12, 28), date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]

    def test_a_weekly_reminder_on_a_day_that_never_was_comes_on_the_next(self):
        apia, friday = ZoneInfo("Pacific/Apia"), 5
        due = next_due(wall_time=time(7), weekdays={friday}, zone=apia, after=utc(2011, 12, 29))
        assert due.local_date == date(2011, 12, 31)

    def test_a_time_pushed_past_midnight_takes_the_date_it_lands_on(self):
        found = dues(wall_time=time(23, 30), zone=NUUK, first_on=date(2026, 3, 27), last_on=date(2026, 3, 30))
        assert [d.local_date.day for d in found] == [27, 29, 30]
        assert found[1].instant.astimezone(NUUK).time() == time(0, 30)

    def test_keeps_to_the_chosen_weekdays(self):
        found = dues(
            wall_time=time(7), zone=NEW_YORK, weekdays={1, 3}, first_on=date(2028, 2, 20), last_on=date(2028, 3, 5)
        )
        assert [d.local_date.isoformat() for d in found] == ["2028-02-21", "2028-02-23", "2028-02-28", "2028-03-01"]

    def test_a_leap_day_is_a_day(self):
        due = next_due(wall_time=time(7), weekdays=EVERY_DAY, zone=BERLIN, after=utc(2028, 2, 28, 12))
        assert due.local_date == date(2028, 2, 29)

    @given(wall_time=wall_times, weekdays=some_days, zone=zones, after=instants)
    @settings(max_examples=500, deadline=None)
    def test_is_later_than_asked_in_utc_and_keyed_by_its_own_date(self, wall_time, weekdays, zone, after):
        due = next_due(wall_time=wall_time, weekdays=weekdays, zone=zone, after=after)
        assert due.instant > after and due.instant.tzinfo is UTC
        assert due.local_date == local_date(due.instant, zone)

    @given(wall_time=wall_times, weekdays=some_days, zone=zones, after=instants, step=st.integers(1, 200))
    @settings(max_examples=500, deadline=None)
    def test_asking_from_any_earlier_moment_gives_the_same_answer(self, wall_time, weekdays, zone, after, step):
        ask = {"wall_time": wall_time, "weekdays": weekdays, "zone": zone}
        due = next_due(after=after, **ask)
        between = after + (due.instant - after) * (step / 201)
        assert next_due(after=between, **ask) == due


def clock_changes():
    """One zone for each distinct pair of day and offsets, so that a hundred aliases are walked once."""
    seen = set()
    for name in ZONES:
        zone = ZoneInfo(name)
        for day in transition_days(zone, date(2026, 1, 1), date(2028, 12, 31)):
            if (key := shape(zone, day)) not in seen:
                seen.add(key)
                yield zone, day


def test_every_zone_is_right_around_its_clock_changes():
    wrong, n_asked = [], 0
    for zone, changed_on in clock_changes():
        meant = meanings(read_clock(zone, changed_on))
        for on, wall_time in product((changed_on - DAY, changed_on, changed_on + DAY), WALL_TIMES):
            expected = meant[datetime.combine(on, wall_time)]
            due = next_due(wall_time=wall_time, weekdays={on.isoweekday()}, zone=zone, after=expected - MINUTE)
            n_asked += 1
            if due.instant != expected:
                wrong.append((zone.key, on, wall_time, due, expected))
    assert wrong == []
    assert n_asked > 1000


def test_every_zone_keeps_seven_in_the_morning_for_three_years():
    for name in ZONES:
        zone = ZoneInfo(name)
        days = [date(2026, 1, 1), *transition_days(zone, date(2026, 1, 1), date(2028, 12, 31)), date(2028, 2, 29)]
        for on in days:
            after = end_of_local_day(on - DAY, zone) - MINUTE
            due = next_due(wall_time=time(7), weekdays=EVERY_DAY, zone=zone, after=after)
            assert due.instant.astimezone(zone).replace(tzinfo=None) == datetime.combine(on, time(7)), (name, on)


class TestEndOfLocalDay:
    @pytest.mark.parametrize(
        ("zone", "day", "end"),
        [
            pytest.param("Europe/Berlin", date(2026, 12, 31), utc(2026, 12, 31, 23), id="an ordinary midnight"),
            pytest.param("Africa/Cairo", date(2026, 4, 23), utc(2026, 4, 23, 22), id="midnight is skipped"),
            pytest.param("America/Havana", date(2026, 10, 31), utc(2026, 11, 1, 4), id="clocks go back at one"),
            pytest.param("America/Santiago", date(2026, 4, 4), utc(2026, 4, 5, 4), id="the last hour comes twice"),
            pytest.param("America/Toronto", date(1999, 4, 3), utc(1999, 4, 4, 5), id="clocks change at two"),
            pytest.param("Pacific/Apia", date(2011, 12, 29), utc(2011, 12, 30, 10), id="the next day never was"),
            pytest.param("America/Nuuk", date(2026, 3, 28), utc(2026, 3, 29, 1), id="the day ends an hour early"),
            pytest.param("America/Scoresbysund", date(2027, 3, 27), utc(2027, 3, 28, 1), id="the last hour is skipped"),
        ],
    )
    def test_is_when_the_next_date_has_come_for_good(self, zone, day, end):
        assert end_of_local_day(day, ZoneInfo(zone)) == end

    @given(zone=zones, at=instants)
    @settings(max_examples=500, deadline=None)
    def test_splits_the_instants_of_a_day_from_those_of_the_next(self, zone, at):
        day = local_date(at, zone)
        end = end_of_local_day(day, zone)
        assert at < end
        assert local_date(end, zone) > day


class TestWindowEnd:
    @pytest.mark.parametrize(("kind", "minutes"), [(Kind.MORNING_MOVES, 120), (Kind.MEDICINE, 60)])
    def test_counts_real_minutes_even_when_the_clock_jumps(self, kind, minutes):
        due_at = utc(2026, 3, 29, 0, 30)
        assert window_end(kind=kind, due_at=due_at, zone=BERLIN) == due_at + minutes * MINUTE

    @pytest.mark.parametrize("kind", [Kind.LOG_PAIN, Kind.ADVICE])
    def test_lasts_until_the_local_day_is_over(self, kind):
        assert window_end(kind=kind, due_at=utc(2026, 6, 1, 18), zone=BERLIN) == utc(2026, 6, 1, 22)


class TestQuietHours:
    NIGHT = (time(22), time(7))

    @pytest.mark.parametrize(
        ("at", "end"),
        [
            pytest.param(utc(2026, 6, 1, 19, 59), None, id="a minute before"),
            pytest.param(utc(2026, 6, 1, 20), utc(2026, 6, 2, 5), id="at their start"),
            pytest.param(utc(2026, 6, 2, 4, 59), utc(2026, 6, 2, 5), id="a minute before their end"),
            pytest.param(utc(2026, 6, 2, 5), None, id="at their end"),
            pytest.param(utc(2026, 3, 28, 23), utc(2026, 3, 29, 5), id="the night that loses an hour"),
            pytest.param(utc(2026, 10, 24, 22), utc(2026, 10, 25, 6), id="the night that gains one"),
        ],
    )
    def test_run_across_midnight(self, at, end):
        assert quiet_until(at, *self.NIGHT, BERLIN) == end

    def test_may_lie_within_a_day(self):
        assert quiet_until(utc(2026, 6, 1, 11), time(12), time(15), BERLIN) == utc(2026, 6, 1, 13)

    def test_two_equal_times_mean_none(self):
        assert quiet_until(utc(2026, 6, 1, 5), time(7), time(7), BERLIN) is None

    def test_an_end_that_is_skipped_moves_with_the_clock(self):
        cairo = ZoneInfo("Africa/Cairo")
        assert quiet_until(utc(2026, 4, 23, 20), time(21), time(0), cairo) == utc(2026, 4, 23, 22)

    def test_a_repeated_hour_is_quiet_twice(self):
        assert quiet_until(utc(2026, 10, 25, 1, 15), time(22), time(2, 30), BERLIN) == utc(2026, 10, 25, 1, 30)

    @given(at=instants, zone=zones, start=wall_times, end=wall_times)
    @settings(max_examples=500, deadline=None)
    def test_their_end_is_never_quiet_itself(self, at, zone, start, end):
        until = quiet_until(at, start, end, zone)
        if until is not None:
            assert at < until <= at + timedelta(hours=50)
            assert quiet_until(until, start, end, zone) is None


class TestTwoClocks:
    @pytest.mark.parametrize(
        ("other", "at", "day"),
        [
            pytest.param("Asia/Tokyo", utc(2026, 6, 1, 20), date(2026, 6, 2), id="different now, on the day there"),
            pytest.param("Africa/Johannesburg", utc(2026, 10, 25, 4), date(2026, 10, 25), id="since this night"),
            pytest.param("Africa/Johannesburg", utc(2026, 10, 11, 4), date(2026, 10, 25), id="in two weeks"),
            pytest.param("Africa/Johannesburg", utc(2026, 10, 10, 4), None, id="later than that"),
            pytest.param("Arctic/Longyearbyen", utc(2026, 10, 24, 4), None, id="another name of the same clock"),
        ],
    )
    def test_part_on_the_first_day_that_they_show_different_times(self, other, at, day):
        assert clocks_part_on(BERLIN, ZoneInfo(other), at=at) == day
