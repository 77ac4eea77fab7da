"""The file for a calendar, read back by the library and held against the zone."""

from datetime import UTC, date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import gettz
from icalendar import Calendar

from tests.tracker.test_appointments import NOW, add
from tracker.domain.visits import instant_of
from tracker.services import appointments
from tracker.services.calendar_files import calendar_file


def event_of(content):
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return event


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
@pytest.mark.parametrize("day", [date(2026, 3, 7), date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1)])
def test_the_wall_time_is_right_on_both_sides_of_a_clock_change(alice, name, day):
    visit = add(alice, starts_at=instant_of(day, time(9, 15), ZoneInfo(name)), zone=name)
    starts_at = event_of(calendar_file(visit))["dtstart"].dt
    assert starts_at.utcoffset().total_seconds() == 0
    read = [starts_at.astimezone(zone).replace(tzinfo=None) for zone in (ZoneInfo(name), gettz(name))]
    assert {(moment.date(), moment.time()) for moment in read} == {(day, time(9, 15))}


def test_it_tells_nothing_unless_asked(alice):
    visit = add(alice, with_whom="Dr. Quarshie", place="Pain clinic", purpose="my back")
    content = calendar_file(visit).decode()
    assert not [word for word in ("Quarshie", "Pain", "back") if word in content]
    assert event_of(content)["summary"] == "Appointment"


def test_it_rings_as_long_before_as_the_mail_comes_and_says_as_little(alice):
    visit = add(alice, remind_before=90, with_whom="Dr. Quarshie")
    (alarm,) = event_of(calendar_file(visit)).walk("VALARM")
    assert (alarm["action"], alarm["trigger"].dt, alarm["description"]) == (
        "DISPLAY",
        timedelta(minutes=-90),
        "Appointment",
    )


def test_it_does_not_ring_where_no_mail_is_wanted_or_nothing_takes_place(alice):
    quiet, cancelled = add(alice), add(alice, remind_before=90)
    appointments.cancel(by=alice.user, appointment=cancelled, at=NOW)
    cancelled.refresh_from_db()
    assert not [alarm for visit in (quiet, cancelled) for alarm in event_of(calendar_file(visit)).walk("VALARM")]


def test_asked_for_words_it_has_them(alice):
    visit = add(alice, with_whom="Dr. Quarshie", place="Room 3; left, \\ upstairs", purpose="زيادة الألم 🙂\nknee")
    event = event_of(calendar_file(visit, has_words=True))
    told = [str(event[name]) for name in ("summary", "location", "description")]
    assert told == ["Dr. Quarshie", "Room 3; left, \\ upstairs", "زيادة الألم 🙂\nknee"]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("name", ["with_whom", "place", "purpose"])
def test_no_text_can_add_a_line(alice, name, end):
    hostile = f"x{end}END:VEVENT{end}BEGIN:VEVENT{end}ATTACH:https://evil.example"
    content = calendar_file(add(alice, **{name: hostile}), has_words=True).decode()
    assert [line for line in content.splitlines() if line.startswith(("ATTACH", "BEGIN:VEVENT"))] == ["BEGIN:VEVENT"]


def test_the_longest_text_is_folded_into_short_lines_and_read_back(alice):
    text = "ع🙂" * 5000
    content = calendar_file(add(alice, purpose=text), has_words=True)
    assert max(map(len, content.split(b"\r\n"))) <= 75
    assert str(event_of(content)["description"]) == text


def test_a_copy_that_is_newer_says_so_under_the_same_name(alice):
    visit = add(alice)
    first = event_of(calendar_file(visit))
    moved = appointments.change(by=alice.user, appointment=visit, at=NOW, place="elsewhere")
    cancelled = appointments.cancel(by=alice.user, appointment=moved, at=NOW)
    last = event_of(calendar_file(cancelled))
    assert first["uid"] == last["uid"] and str(visit.uuid) in first["uid"]
    assert (first["sequence"], last["sequence"]) == (0, 2)
    assert (first["status"], last["status"]) == ("CONFIRMED", "CANCELLED")
    assert Calendar.from_ical(calendar_file(cancelled))["method"] == "CANCEL"


def test_nothing_changes_nothing_in_the_file(alice):
    visit = add(alice)
    visit.refresh_from_db()
    assert calendar_file(visit) == calendar_file(visit)
    assert event_of(calendar_file(visit))["dtstamp"].dt.astimezone(UTC) == NOW
