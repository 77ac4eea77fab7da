from dataclasses import dataclass
from datetime import datetime

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from tracker.domain import schedule
from tracker.models import Patient, Reminder
from tracker.services import reminders


@dataclass(frozen=True, kw_only=True)
class Row:
    reminder: Reminder
    days: str
    next_at: datetime | None
    is_on: bool


def listed(patient: Patient, *, at: datetime) -> list[Row]:
    """Each reminder with its days in words and its next send."""
    next_at = reminders.next_of_each(patient=patient, at=at)
    return [
        Row(
            reminder=reminder,
            days=in_words(reminder.weekday_set),
            next_at=next_at.get(reminder.pk),
            is_on=reminder.is_active and not reminder.unsubscribed_at,
        )
        for reminder in patient.reminders.all()
    ]


def in_words(weekdays: frozenset[int]) -> str:
    if weekdays == schedule.EVERY_DAY:
        return _("every day")
    return ", ".join(str(WEEKDAYS_ABBR[day - 1]) for day in sorted(weekdays))
