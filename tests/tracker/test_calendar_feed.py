"""The feed, read by libraries that calendar programs use, against the schedule by which Ebb sends."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
import time_machine
from django.urls import reverse
from icalendar import Calendar

from tests.tracker.moves import open_gate
from tracker.domain import schedule
from tracker.services import accounts, appointments, calendar_feeds, pauses, reminders
from tracker.services.outlook import Outlook

MARCH = datetime(2026, 3, 20, 12, tzinfo=UTC)
YEAR = timedelta(days=366)


def feed(person, at=MARCH):
    made = calendar_feeds.feed_of(person.patient) or calendar_feeds.replace(by=person.user, at=at)
    person.user.refresh_from_db()
    return calendar_feeds.content(feed=calendar_feeds.feed_by_key(made.key), at=at)


def read_instants(content, begins, ends):
    events = recurring_ical_events.of(Calendar.from_ical(content)).between(begins, ends)
    return sorted(event["DTSTART"].dt.astimezone(UTC) for event in events)


def our_instants(reminder, begins, ends):
    dues = schedule.dues_between(
        wall_time=reminder.wall_time,
        weekdays=reminder.weekday_set,
        zone=ZoneInfo(reminder.patient.zone),
        after=begins - timedelta(microseconds=1),
        until=ends - timedelta(microseconds=1),
    )
    return [due.instant for due in dues]


@pytest.mark.parametrize(
    "zone",
    ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "America/Nuuk"],
)
@pytest.mark.parametrize(
    ("wall_time", "weekdays"),
    [
        pytest.param(time(7), range(1, 8), id="every morning"),
        pytest.param(time(2, 30), range(1, 8), id="in the hour that a change skips or repeats"),
        pytest.param(time(1, 30), (6, 7), id="at half past one on weekends"),
        pytest.param(time(23, 59), (1, 3, 5), id="before midnight"),
        pytest.param(time(0), (7,), id="at midnight on Sundays"),
    ],
)
def test_a_calendar_works_out_the_same_year_as_ebb(alice, zone, wall_time, weekdays):
    accounts.confirm_zone(by=alice.user, zone=zone, at=MARCH)
    reminder = reminders.create(by=alice.user, kind="medicine", wall_time=wall_time, weekdays=set(weekdays), at=MARCH)
    begins, ends = MARCH + timedelta(minutes=1), MARCH + YEAR
    read = read_instants(feed(alice), begins, ends)
    assert read == our_instants(reminder, begins, ends)
    assert len(read) > 50


def test_its_zone_is_written_out_for_readers_without_a_list_of_zones(alice):
    reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=MARCH)
    (zone,) = Calendar.from_ical(feed(alice)).walk("VTIMEZONE")
    own = zone.to_tz(lookup_tzid=False)
    assert {entry["TZNAME"] for entry in zone.walk("DAYLIGHT")} == {"CEST"}
    assert {entry["TZNAME"] for entry in zone.walk("STANDARD")} == {"CET"}
    for month in range(1, 13):
        wall = datetime(2027, month, 28, 7)
        assert wall.replace(tzinfo=own).utcoffset() == wall.replace(tzinfo=ZoneInfo("Europe/Berlin")).utcoffset()


def test_with_nothing_to_tell_it_is_still_a_calendar(alice):
    """RFC 5545, 3.6: it has to have a component."""
    calendar = Calendar.from_ical(feed(alice))
    assert [component.name for component in calendar.subcomponents] == ["VTIMEZONE"]
    assert read_instants(feed(alice), MARCH, MARCH + YEAR) == []


def test_a_pause_is_left_out(alice):
    reminders.create(by=alice.user, kind="log_pain", wall_time=time(7), at=MARCH)
    pauses.holiday(by=alice.user, first_on=date(2026, 3, 25), last_on=date(2026, 3, 29), at=MARCH)
    days = {at.date() for at in read_instants(feed(alice), MARCH, MARCH + timedelta(days=14))}
    assert date(2026, 3, 24) in days and date(2026, 3, 30) in days
    assert not days & {date(2026, 3, 25) + timedelta(days=n) for n in range(5)}


@pytest.mark.parametrize(
    ("kind", "wall_time", "quiet", "shown"),
    [
        pytest.param("medicine", time(6, 30), (time(22), time(7)), ["21 06:00", "22 06:00"], id="at their end"),
        pytest.param("medicine", time(5), (time(22), time(7)), [], id="too late after them"),
        pytest.param("medicine", time(23, 30), (time(23), time(0, 15)), ["20 23:15", "21 23:15"], id="after midnight"),
        pytest.param("medicine", time(8), (time(22), time(7)), ["21 07:00", "22 07:00"], id="outside"),
    ],
)
def test_quiet_hours_hold_in_it_as_for_mail(alice, kind, wall_time, quiet, shown):
    reminders.create(by=alice.user, kind=kind, wall_time=wall_time, at=MARCH)
    accounts.change_settings(by=alice.user, at=MARCH, quiet_from=quiet[0], quiet_until=quiet[1])
    read = read_instants(feed(alice), MARCH + timedelta(hours=1), MARCH + timedelta(days=2, hours=1))
    assert [f"{at:%d %H:%M}" for at in read] == shown
    told = [send.send_at for send in Outlook(patient=alice.patient, at=MARCH).upcoming(n=2)]
    assert [at for at in told if at < MARCH + timedelta(days=2, hours=1)] == read


def test_moved_past_midnight_it_keeps_its_day_of_the_week_and_its_pauses(alice):
    reminders.create(by=alice.user, kind="medicine", wall_time=time(23, 30), weekdays={7}, at=MARCH)
    accounts.change_settings(by=alice.user, at=MARCH, quiet_from=time(23), quiet_until=time(0, 15))
    read = read_instants(feed(alice), MARCH, MARCH + timedelta(days=5))
    assert [at.astimezone(ZoneInfo("Europe/Berlin")) for at in read] == [
        datetime(2026, 3, 23, 0, 15, tzinfo=ZoneInfo("Europe/Berlin"))
    ]
    days = {"first_on": date(2026, 3, 23), "last_on": date(2026, 3, 23)}
    pauses.holiday(by=alice.user, at=MARCH, covers_all=True, **days)
    assert not read_instants(feed(alice), MARCH, MARCH + timedelta(days=5))


def test_weekly_questions_stand_on_the_days_on_which_some_are_due(alice):
    begun = alice.patient.consented_at
    begins, ends = begun, begun + timedelta(days=60)
    reminder = reminders.create(by=alice.user, kind="questions", wall_time=time(18), at=begun)
    read = read_instants(feed(alice, begun), begins, ends)
    (course,) = [c for c in Outlook(patient=alice.patient, at=begun).courses(n=4) if c.reminder == reminder]
    assert read == [send.send_at for send in course.sends] and len(read) == 4
    assert min(later - earlier for earlier, later in pairwise(read)) >= timedelta(days=6)
    accounts.choose_asked(by=alice.user, asked=())
    assert not read_instants(feed(alice, begun), begins, ends)


def test_a_check_up_that_is_not_due_again_is_not_in_it(alice):
    reminders.create(by=alice.user, kind="check_up", wall_time=time(18), at=MARCH)
    assert b"VEVENT" not in feed(alice)


def test_moves_that_rest_are_not_in_it(alice):
    reminders.create(by=alice.user, kind="morning_moves", wall_time=time(7), at=MARCH)
    assert b"VEVENT" in feed(alice)
    open_gate(alice, on=MARCH.date(), infection="yes")
    assert b"VEVENT" not in feed(alice)


def test_what_is_switched_off_is_not_in_it(alice):
    reminders.create(by=alice.user, kind="medicine", wall_time=time(7), is_active=False, at=MARCH)
    assert b"VEVENT" not in feed(alice)


def test_its_words_are_neutral_unless_the_patient_wants_more(alice):
    reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=MARCH)
    visit(alice)
    neutral = feed(alice)
    calendar_feeds.choose_words(by=alice.user, has_words=True)
    fuller = feed(alice)
    assert b"Dr Knee" not in neutral and b"medicine" not in neutral
    assert b"Dr Knee" in fuller and b"Take my medicine" in fuller


def visit(person):
    starts_at = MARCH + timedelta(days=9, hours=2)
    said = {"starts_at": starts_at, "with_whom": "Dr Knee", "zone": "Europe/Berlin"}
    return appointments.add(by=person.user, uuid=uuid4(), at=MARCH, **said)


def test_appointments_are_in_it_until_they_are_cancelled(alice):
    made = visit(alice)
    assert made.starts_at in read_instants(feed(alice), MARCH, MARCH + timedelta(days=14))
    appointments.cancel(by=alice.user, appointment=made, at=MARCH)
    assert b"VEVENT" not in feed(alice)


class TestAddress:
    @pytest.fixture
    def address(self, alice):
        reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=MARCH)
        return reverse("calendar_feed", args=[calendar_feeds.replace(by=alice.user, at=MARCH).key])

    def test_opens_without_log_in_and_says_when_nothing_is_new(self, client, address):
        with time_machine.travel(MARCH, tick=False):
            first = client.get(address)
            second = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert (first.status_code, second.status_code, second.content) == (200, 304, b"")
        assert first["Content-Type"] == "text/calendar; charset=utf-8"
        assert (first["Referrer-Policy"], first["X-Robots-Tag"]) == ("no-referrer", "noindex")

    def test_changes_its_tag_with_the_reminders(self, alice, client, address):
        first = client.get(address)["ETag"]
        reminders.create(by=alice.user, kind="log_pain", wall_time=time(8), at=MARCH)
        assert client.get(address)["ETag"] != first

    def test_ends_when_it_is_replaced_or_stopped(self, alice, client, address):
        feed = calendar_feeds.replace(by=alice.user, at=MARCH)
        newer = reverse("calendar_feed", args=[feed.key])
        assert (client.get(address).status_code, client.get(newer).status_code) == (404, 200)
        calendar_feeds.stop(by=alice.user)
        assert client.get(newer).status_code == 404

    def test_ends_with_the_account(self, alice, client, address):
        alice.user.is_active = False
        alice.user.save()
        assert client.get(address).status_code == 404

    @pytest.mark.parametrize("key", ["guess", "x" * 43, "%00", "..%2Fadmin"])
    def test_a_guess_finds_nothing(self, client, db, key):
        assert client.get(f"/calendar/{key}.ics").status_code == 404

    def test_is_made_shown_and_replaced_on_the_page(self, alice, alice_client):
        page = alice_client.post(reverse("feed_replace"), follow=True).content.decode()
        first = calendar_feeds.feed_of(alice.patient).key
        assert first in page
        assert first not in alice_client.post(reverse("feed_replace"), follow=True).content.decode()
