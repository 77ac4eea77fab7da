"""Reminders and appointments as a feed for the patient's own calendar, at a secret address (RFC 5545, RFC 7986).

Each reminder is one event that comes again by its weekdays, in the patient's zone with its rules written out, so that a
calendar works out the same instants as `domain.schedule`, also where the clocks change; one that falls into quiet hours
stands at their end, or not at all, as its mail would. Questions and check-ups are not due every week: the next times
that `outlook` foretells are events of their own. Words are neutral unless the patient wants them: calendars are shared,
and shown on locked screens.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from tracker import emails
from tracker.domain import schedule
from tracker.models import Appointment, AuditEvent, CalendarFeed, Patient, Reminder, User
from tracker.models.channels import feed_key
from tracker.services import outlook, pauses, reminders, send_rules
from tracker.services.calendar_files import alarm
from tracker.services.locks import locked

PRODUCT = "-//Ebb//Calendar feed//EN"
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Appointments that are over stay for so long; a calendar that reads the feed forgets what is not in it.
LOOK_BACK = timedelta(days=92)
# Rules of a zone are written out up to here; a reader asks again long before.
RULES_AHEAD = timedelta(days=5 * 366)
ASK_AGAIN = timedelta(hours=1)
WHEN_DUE = frozenset({Reminder.Kind.QUESTIONS, Reminder.Kind.CHECK_UP})
N_FORETOLD = 4  # of each of these


@transaction.atomic
def replace(*, by: User, at: datetime) -> CalendarFeed:
    """A new address; an earlier one ends at once."""
    patient = locked(by)
    made = {"key": feed_key(), "made_at": at}
    feed, _new = CalendarFeed.objects.update_or_create(patient=patient, defaults=made)
    AuditEvent.objects.create(actor=by, patient=patient, verb="added", subject="calendar feed")
    return feed


@transaction.atomic
def choose_words(*, by: User, has_words: bool) -> None:
    CalendarFeed.objects.filter(patient=by.patient).update(has_words=has_words)
    AuditEvent.objects.create(actor=by, patient=by.patient, verb="changed", subject="calendar feed")


@transaction.atomic
def stop(*, by: User) -> None:
    if CalendarFeed.objects.filter(patient=by.patient).delete()[0]:
        AuditEvent.objects.create(actor=by, patient=by.patient, verb="deleted", subject="calendar feed")


def feed_of(patient: Patient) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(patient=patient).first()


def feed_by_key(key: str) -> CalendarFeed | None:
    """None too where the account is closed."""
    feeds = CalendarFeed.objects.filter(patient__user__is_active=True).select_related("patient__user")
    return None if "\x00" in key else feeds.filter(key=key).first()


def address_of(feed: CalendarFeed) -> str:
    return emails.site_link("calendar_feed", feed.key)


def etag_of(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def content(*, feed: CalendarFeed, at: datetime) -> bytes:
    """The same bytes until something changes, apart from appointments that pass out of sight."""
    patient = feed.patient
    with translation.override(patient.language):
        calendar = Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("method", "PUBLISH")
        calendar.add("x-wr-calname", "Ebb")
        calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
        for event in _reminder_events(feed, at):
            calendar.add_component(event)
        for appointment in _visits(patient, at):
            calendar.add_component(_appointment_event(appointment, feed))
    # Written in any case: a calendar without a component is none (RFC 5545, 3.6).
    first = min((reminder.changed_at for reminder in patient.reminders.wanted().timed()), default=feed.made_at)
    calendar.subcomponents.insert(0, _timezone(ZoneInfo(patient.zone), first, at))
    return calendar.to_ical()


def _reminder_events(feed: CalendarFeed, at: datetime) -> Iterator[Event]:
    patient = feed.patient
    timed = list(patient.reminders.wanted().timed().select_related("medicine"))
    for reminder in timed:
        rests = reminder.kind == Reminder.Kind.MORNING_MOVES and send_rules.moves_rest(patient)
        if reminder.kind not in WHEN_DUE and not rests and (event := _weekly_event(reminder, patient, feed)):
            yield event
    if any(reminder.kind in WHEN_DUE for reminder in timed):
        for course in outlook.Outlook(patient=patient, at=at).courses(n=N_FORETOLD):
            if course.reminder.kind in WHEN_DUE:
                yield from (_foretold_event(send, feed) for send in course.sends)


def _weekly_event(reminder: Reminder, patient: Patient, feed: CalendarFeed) -> Event | None:
    zone = ZoneInfo(patient.zone)
    first = schedule.next_due(
        wall_time=reminder.wall_time, weekdays=reminder.weekday_set, zone=zone, after=reminder.changed_at
    )
    told = _told(reminder, patient, first)
    if told is None:
        return None
    wall_time, later = told
    weekdays = {(weekday + later - 1) % 7 + 1 for weekday in reminder.weekday_set}
    day = _meant_day(first.local_date, reminder) + timedelta(days=later)
    event = _event_of(reminder, feed, key=str(reminder.uuid))
    event.add("dtstart", datetime.combine(day, wall_time, zone))
    event.add("rrule", vRecur(freq="weekly", byday=[WEEKDAYS[n - 1] for n in sorted(weekdays)]))
    for paused in _paused_days(reminder, patient, weekdays):
        event.add("exdate", datetime.combine(paused, wall_time, zone))
    return event


def _told(reminder: Reminder, patient: Patient, due: schedule.Due) -> tuple[time, int] | None:
    """The wall time at which it is sent, and how many days later; None where quiet hours outlast its window."""
    until = reminders.quiet_end(patient=patient, at=due.instant)
    if until is None or patient.quiet_until is None:
        return reminder.wall_time, 0
    kind, zone = schedule.Kind(reminder.kind), ZoneInfo(patient.zone)
    if until >= schedule.window_end(kind=kind, due_at=due.instant, zone=zone, minutes=reminder.window_minutes):
        return None
    return patient.quiet_until, int(patient.quiet_until <= reminder.wall_time)


def _foretold_event(send: outlook.Send, feed: CalendarFeed) -> Event:
    event = _event_of(send.reminder, feed, key=f"{send.reminder.uuid}-{send.local_date:%Y%m%d}")
    event.add("dtstart", send.send_at.astimezone(UTC))
    return event


def _event_of(reminder: Reminder, feed: CalendarFeed, *, key: str) -> Event:
    event = Event()
    event.add("uid", f"{key}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("dtstamp", reminder.changed_at.astimezone(UTC))
    title = reminder.medicine.name if reminder.medicine else str(reminder.get_kind_display())
    _describe(event, title if feed.has_words else _("Ebb"))
    return event


def _meant_day(landed_on: date, reminder: Reminder) -> date:
    """The date on which the wall time was meant: a clock change may push its instant past midnight."""
    is_meant = landed_on.isoweekday() in reminder.weekday_set
    return landed_on if is_meant else landed_on - timedelta(days=1)


def _paused_days(reminder: Reminder, patient: Patient, weekdays: set[int]) -> Iterator[date]:
    days = set()
    if patient.sick_on:
        days.add(patient.sick_on)
    if patient.paused_until:
        first = patient.paused_from or patient.paused_until - pauses.LONGEST_PAUSE
        days |= {first + timedelta(days=n) for n in range((patient.paused_until - first).days)}
    for day in sorted(days):
        if day.isoweekday() in weekdays and pauses.holds(patient=patient, kind=reminder.kind, on=day):
            yield day


def _visits(patient: Patient, at: datetime) -> Iterator[Appointment]:
    return patient.appointments.filter(starts_at__gt=at - LOOK_BACK, cancelled_at__isnull=True).iterator()


def _appointment_event(appointment: Appointment, feed: CalendarFeed) -> Event:
    event = Event()
    event.add("uid", f"{appointment.uuid}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.changed_at.astimezone(UTC))
    event.add("dtstart", appointment.starts_at.astimezone(UTC))
    with_whom = " ".join(appointment.with_whom.split())
    _describe(event, with_whom if feed.has_words and with_whom else _("Appointment"))
    return event


def _describe(event: Event, title: str) -> None:
    event.add("summary", "".join(letter for letter in title if letter.isprintable()))
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    event.add("url", emails.site_link("today"))
    event.add_component(alarm(_("Ebb")))


def _timezone(zone: ZoneInfo, first: datetime, at: datetime) -> Timezone:
    """The offsets of the zone from a day before the first event on, one entry for each change."""
    made = Timezone()
    made.add("tzid", zone.key)
    begins = (first - timedelta(days=2)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    ends = at.astimezone(UTC).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0) + RULES_AHEAD
    before = begins.astimezone(zone)
    made.add_component(_offset(before.replace(tzinfo=None), before, before))
    for change in _changes(zone, begins, ends):
        earlier = (change - timedelta(seconds=1)).astimezone(zone)
        wall = (change.replace(tzinfo=None)) + (earlier.utcoffset() or timedelta())
        made.add_component(_offset(wall, earlier, change.astimezone(zone)))
    return made


def _offset(starts_at: datetime, earlier: datetime, now: datetime) -> TimezoneStandard | TimezoneDaylight:
    entry = TimezoneDaylight() if now.dst() else TimezoneStandard()
    entry.add("dtstart", starts_at)
    entry.add("tzoffsetfrom", earlier.utcoffset())
    entry.add("tzoffsetto", now.utcoffset())
    entry.add("tzname", now.tzname() or "")
    return entry


def _changes(zone: ZoneInfo, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """The instants at which the offset changes, to the second."""
    day = timedelta(days=1)
    while begins < ends:
        until = begins + day
        if begins.astimezone(zone).utcoffset() != until.astimezone(zone).utcoffset():
            low, high = begins, until
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                is_before = middle.astimezone(zone).utcoffset() == begins.astimezone(zone).utcoffset()
                low, high = (middle, high) if is_before else (low, middle)
            yield high.replace(microsecond=0)
        begins = until
