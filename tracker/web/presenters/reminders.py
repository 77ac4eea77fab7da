from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.domain import schedule
from tracker.models import Occurrence, Patient, Reminder
from tracker.services import mail_stops, outlook, pauses, send_rules
from tracker.services.outlook import Course, Outlook, Send
from tracker.web.forms.reminders import PauseForm, WordsForm
from tracker.web.presenters.answers import in_minutes

State, Response = Occurrence.State, Occurrence.Response

WHEN_THERE_IS = {
    Reminder.Kind.ADVICE: gettext_lazy("when there is something new"),
    Reminder.Kind.APPOINTMENT: gettext_lazy("before each one, as you chose there"),
}
ONLY_IF = {
    Reminder.Kind.QUESTIONS: gettext_lazy("only when some are due, and once a week at most"),
    Reminder.Kind.CHECK_UP: gettext_lazy("only when your last result says to look again, and once a week at most"),
}
# What an occurrence carries for the operator, in the patient's words.
BECAUSE = {
    "turned off": gettext_lazy("you had switched it off"),
    pauses.BECAUSE: gettext_lazy("you had paused it"),
    "paused after a check-up": gettext_lazy("an answer of yours says that somebody should look first"),
    send_rules.ANSWERED: gettext_lazy("you had answered already"),
    "already done": gettext_lazy("it was done already"),
    "already seen": gettext_lazy("you had read it already"),
    "nothing due": gettext_lazy("nothing was due"),
    "moved or cancelled": gettext_lazy("the appointment was moved or cancelled"),
    "mail to this address is stopped": gettext_lazy("mail to your address is stopped"),
    "no device takes messages": gettext_lazy("no device of yours takes messages"),
    send_rules.QUIET: gettext_lazy("your quiet hours lasted too long"),
    send_rules.TOO_SOON: gettext_lazy("it was too soon after the one before"),
    send_rules.ENOUGH: gettext_lazy("there had been two that day"),
}
FAILED = {
    "recipient": gettext_lazy("the mail server did not take mail for your address; is it right?"),
    "push": gettext_lazy("no device of yours could be reached"),
    send_rules.MAY_HAVE_ARRIVED.split(":")[0]: gettext_lazy("the connection broke; it may have arrived"),
}
RESPONSES = {
    Response.DONE: gettext_lazy("you said: done"),
    Response.SNOOZED: gettext_lazy("you said: later"),
    Response.SKIPPED: gettext_lazy("you said: not today"),
}
MOVED = {
    send_rules.QUIET: gettext_lazy("after your quiet hours"),
    send_rules.TOO_SOON: gettext_lazy("not so soon after the one before"),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    reminder: Reminder
    days: str
    course: Course | None
    is_on: bool
    reaches: bool

    @property
    def next_at(self) -> datetime | None:
        if not self.reaches:
            return None
        return self.course.sends[0].send_at if self.course and self.course.sends else None

    @property
    def is_lost_to_quiet(self) -> bool:
        return self.course is not None and self.course.is_lost_to_quiet

    @property
    def when_there_is(self) -> str:
        return str(WHEN_THERE_IS.get(self.reminder.kind, ""))

    @property
    def only_if(self) -> str:
        return str(ONLY_IF.get(self.reminder.kind, ""))

    @property
    def repeat(self) -> str:
        if self.reminder.repeat_minutes is None:
            return ""
        return _("once more %(when)s if nothing is done") % {"when": in_minutes(self.reminder.repeat_minutes)}


@dataclass(frozen=True, kw_only=True)
class Past:
    """One line of the history: when, what, and what came of it."""

    occurrence: Occurrence
    outcome: str
    words: str
    tone: str

    @property
    def at(self) -> datetime:
        return self.occurrence.sent_at or self.occurrence.due_at


@dataclass(kw_only=True)
class RemindersPage:
    patient: Patient
    at: datetime
    pause_form: PauseForm

    @cached_property
    def outlook(self) -> Outlook:
        return Outlook(patient=self.patient, at=self.at)

    @cached_property
    def courses(self) -> Sequence[Course]:
        return self.outlook.courses()

    @property
    def today(self) -> date:
        return self.outlook.today

    @property
    def rests(self) -> pauses.Standing:
        return pauses.standing(patient=self.patient, on=self.today)

    @property
    def mail_is_stopped(self) -> bool:
        return mail_stops.stop_of(self.patient) is not None

    @property
    def is_in_flare(self) -> bool:
        return pauses.is_in_flare(patient=self.patient, at=self.at)

    @property
    def has_moves(self) -> bool:
        return any(row.reminder.kind == Reminder.Kind.MORNING_MOVES and row.is_on for row in self.rows)

    @property
    def words_form(self) -> WordsForm:
        return WordsForm(initial={"says_more": self.patient.says_more})

    @cached_property
    def rows(self) -> list[Row]:
        """Each reminder with its days in words and its next send."""
        courses = outlook.by_reminder(self.courses)
        return [
            Row(
                reminder=reminder,
                days=in_words(reminder.weekday_set),
                course=courses.get(reminder.pk),
                is_on=reminder.is_active and not reminder.unsubscribed_at,
                reaches=self.outlook.reaches(reminder),
            )
            for reminder in self.patient.reminders.select_related("medicine")
        ]

    @cached_property
    def upcoming(self) -> list[tuple[date, list[tuple[Send, str]]]]:
        """The next sends, day by day, each with what holds it back from its own time."""
        sends = self.outlook.upcoming()
        by_day = groupby(sends, key=lambda send: schedule.local_date(send.send_at, self.outlook.zone))
        return [(day, [(send, str(MOVED.get(send.moved_by, ""))) for send in of_day]) for day, of_day in by_day]

    @cached_property
    def history(self) -> list[tuple[date, list[Past]]]:
        """What was sent and what was not, day by day, the newest first."""
        rows = outlook.history(patient=self.patient, at=self.at)[: outlook.MOST_SHOWN]
        lines = sorted((past(row) for row in rows), key=lambda one: one.at, reverse=True)
        by_day = groupby(lines, key=lambda one: schedule.local_date(one.at, self.outlook.zone))
        return [(day, list(of_day)) for day, of_day in by_day]

    @property
    def n_missed(self) -> int:
        """Of the last days: those that should have come and did not."""
        return sum(one.tone == "bad" for _day, lines in self.history for one in lines)


def past(row: Occurrence) -> Past:
    said = str(RESPONSES.get(row.response, ""))
    if row.n_sends:
        words = [said, _("sent %(n)s times on that day") % {"n": row.n_sends} if row.n_sends > 1 else ""]
        return Past(occurrence=row, outcome=_("sent"), words="; ".join(filter(None, words)), tone="good")
    if row.state == State.SKIPPED_LATE:
        words = _("Ebb could not send it in time")
        return Past(occurrence=row, outcome=_("too late, not sent"), words=words, tone="bad")
    if row.state == State.FAILED:
        key = row.because.split(":")[0]
        words = str(FAILED.get(key, _("the mail server did not take it")))
        return Past(occurrence=row, outcome=_("could not be sent"), words=words, tone="bad")
    words = str(BECAUSE.get(row.because, ""))
    return Past(occurrence=row, outcome=_("not needed"), words=words, tone="")


def in_words(weekdays: Iterable[int]) -> str:
    if set(weekdays) == schedule.EVERY_DAY:
        return _("every day")
    return ", ".join(str(WEEKDAYS_ABBR[day - 1]) for day in sorted(weekdays))
