"""One appointment as a file for the patient's own calendar (RFC 5545).

The time is written in UTC, so that no calendar has to know a zone and no clock change can shift it. Without being asked
for more, it says neither who, nor where, nor why: calendars are shared, and shown on locked screens.
"""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event

from tracker.models import Appointment

FILE_NAME = "appointment.ics"
CALENDAR_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Ebb//Appointments//EN"
# What some reader takes for the end of a line, and what the format does not allow in a text at all.
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def calendar_file(appointment: Appointment, *, has_words: bool = False) -> bytes:
    """The same file each time until something changes; a newer one has a higher SEQUENCE under the same UID."""
    is_cancelled = appointment.cancelled_at is not None
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_cancelled else "PUBLISH")
    event = Event()
    event.add("uid", f"{appointment.uuid}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.changed_at)
    event.add("dtstart", appointment.starts_at)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    words = _words(appointment, has_words=has_words)
    for name, text in words.items():
        event.add(name, _one_text(text))
    if appointment.remind_before is not None and not is_cancelled:
        # As long before the visit as the mail, and with the words of the event itself.
        event.add_component(alarm(_one_text(words["summary"]), before=timedelta(minutes=appointment.remind_before)))
    calendar.add_component(event)
    return calendar.to_ical()


def alarm(words: str, *, before: timedelta = timedelta(0)) -> Alarm:
    """Shown so long before the start."""
    shown = Alarm()
    shown.add("action", "DISPLAY")
    shown.add("description", words)
    shown.add("trigger", -before)
    return shown


def _words(appointment: Appointment, *, has_words: bool) -> dict[str, str]:
    if not has_words:
        return {"summary": _("Appointment")}
    words = {
        "summary": " ".join(appointment.with_whom.split()) or _("Appointment"),
        "location": appointment.place,
        "description": appointment.purpose,
    }
    return {name: text for name, text in words.items() if text.strip()}


def _one_text(text: str) -> str:
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text))
