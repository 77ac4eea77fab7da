"""What will be sent to a patient, worked out by the rules that hold at the send, and what became of what was."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q, QuerySet

from assessments import services as checkups
from tracker.domain import schedule
from tracker.models import Occurrence, Patient, Reminder
from tracker.services import pauses, questionnaires, reminders, send_rules, ways

Kind, State = Reminder.Kind, Occurrence.State

SHOWN = 14
HISTORY_DAYS = 14
# More than all reminders that one can have come to in that time.
MOST_SHOWN = 30 * HISTORY_DAYS
# A pause lasts a year at most; a rare reminder is looked for as long again.
_FARTHEST = timedelta(days=2 * 366)
_ENDED = (State.SENT, State.SKIPPED_LATE, State.SUPPRESSED, State.FAILED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Send:
    """One mail to come. `moved_by` says what holds it back from its own time, if anything does."""

    reminder: Reminder
    local_date: date
    due_at: datetime
    send_at: datetime
    moved_by: str = ""
    # Sent before on that day: comes again after a snooze, or if nothing is done until then.
    is_repeat: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """What is to come of one reminder, soonest first. `is_lost_to_quiet`: its times all fall into the quiet hours."""

    reminder: Reminder
    sends: tuple[Send, ...] = ()
    is_lost_to_quiet: bool = False


@dataclass(kw_only=True)
class _Candidate:
    local_date: date
    due_at: datetime
    window_ends_at: datetime
    is_repeat: bool = False


@dataclass(kw_only=True)
class Outlook:
    """The reminders of one patient, read once."""

    patient: Patient
    at: datetime
    _due_days: dict[date, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.patient.zone)
        self.today = schedule.local_date(self.at, self.zone)
        recent = Occurrence.objects.filter(local_date__gte=self.at.date() - timedelta(days=8))
        self.reminders = list(
            self.patient.reminders.wanted().select_related("medicine").prefetch_related(Prefetch("occurrences", recent))
        )
        self.moves_rest = send_rules.moves_rest(self.patient)
        standing = checkups.standing(self.patient.user, on=self.today + _FARTHEST)
        self.check_up_on = standing.due.check_again_on if standing.due else None

    def courses(self, *, n: int = SHOWN) -> list[Course]:
        return [self._course(reminder, n) for reminder in self.reminders]

    def upcoming(self, *, n: int = SHOWN) -> list[Send]:
        """The next sends of all reminders together, without those that no way is open to."""
        courses = (course for course in self.courses(n=n) if self.reaches(course.reminder))
        sends = sorted((send for course in courses for send in course.sends), key=lambda s: (s.send_at, s.reminder.pk))
        return list(islice(self._few_logs(sends), n))

    def reaches(self, reminder: Reminder) -> bool:
        return bool(reminder.channel_set & self._open_ways)

    @cached_property
    def _open_ways(self) -> set[str]:
        return ways.open_to(self.patient)

    def _few_logs(self, sends: Iterable[Send]) -> Iterator[Send]:
        """All log reminders of a day together come twice at most."""
        logs = (
            row for reminder in self.reminders if reminder.kind == Kind.LOG_PAIN for row in reminder.occurrences.all()
        )
        n_sent: Counter[date] = Counter()
        for row in logs:
            n_sent[row.local_date] += row.n_sends
        for send in sends:
            if send.reminder.kind == Kind.LOG_PAIN:
                if n_sent[send.local_date] >= send_rules.MAX_LOGS_A_DAY:
                    continue
                n_sent[send.local_date] += 1
            yield send

    def _course(self, reminder: Reminder, n: int) -> Course:
        if reminder.kind == Kind.MORNING_MOVES and self.moves_rest:
            return Course(reminder=reminder)
        sends: list[Send] = []
        n_lost = 0
        last = max((row.sent_at for row in reminder.occurrences.all() if row.sent_at), default=None)
        for candidate in self._candidates(reminder):
            if len(sends) == n or (n_lost > n and not sends):
                break
            send = self._placed(reminder, candidate, last)
            if send is None:
                n_lost += reminders.quiet_end(patient=self.patient, at=candidate.due_at) is not None
                continue
            sends.append(send)
            last = send.send_at
        return Course(reminder=reminder, sends=tuple(sends), is_lost_to_quiet=bool(n_lost) and not sends)

    def _candidates(self, reminder: Reminder) -> Iterator[_Candidate]:
        """Rows that wait, then days that have none yet, each at its own time."""
        rows = list(reminder.occurrences.all())
        waiting = [one for row in rows if (one := self._waiting(row)) is not None]
        open_rows = sorted(waiting, key=lambda one: one.due_at)
        yield from (one for one in open_rows if self._is_wanted(reminder, one))
        if reminder.kind in Reminder.UNTIMED:
            return
        taken = {row.local_date for row in rows}
        dues = schedule.dues_after(
            reminder.wall_time, reminder.weekday_set, self.zone, self.at - timedelta(microseconds=1)
        )
        for due in takewhile(lambda due: due.instant < self.at + _FARTHEST, dues):
            if due.local_date in taken:
                continue
            ends_at = schedule.window_end(
                kind=schedule.Kind(reminder.kind), due_at=due.instant, zone=self.zone, minutes=reminder.window_minutes
            )
            one = _Candidate(local_date=due.local_date, due_at=due.instant, window_ends_at=ends_at)
            if self._is_wanted(reminder, one):
                yield one

    def _waiting(self, row: Occurrence) -> _Candidate | None:
        is_repeat, is_open = row.n_sends > 0, row.window_ends_at > self.at
        if row.state == State.PENDING and is_open and row.response not in {"done", "skipped"}:
            due_at = max(row.due_at, self.at)
        elif row.state == State.SENT and is_open and row.repeats_at and not row.response:
            due_at = max(row.repeats_at, self.at)
        else:
            return None
        if row.local_date == self.today and self._is_over_today(row, due_at):
            return None
        return _Candidate(
            local_date=row.local_date, due_at=due_at, window_ends_at=row.window_ends_at, is_repeat=is_repeat
        )

    def _is_over_today(self, row: Occurrence, due_at: datetime) -> bool:
        reminder = next(one for one in self.reminders if one.pk == row.reminder_id)
        row.reminder, reminder.patient = reminder, self.patient
        if send_rules.is_once_enough(row, at=due_at):
            return True
        return (reminder.skips_if_done or row.n_sends > 0) and send_rules.is_done(row, on=row.local_date)

    def _is_wanted(self, reminder: Reminder, one: _Candidate) -> bool:
        on = schedule.local_date(one.due_at, self.zone)
        if pauses.holds(patient=self.patient, kind=reminder.kind, on=on):
            return False
        if reminder.kind == Kind.CHECK_UP:
            return self.check_up_on is not None and self.check_up_on <= on
        return reminder.kind != Kind.QUESTIONS or self._asks_on(on)

    def _asks_on(self, on: date) -> bool:
        if self.patient.help_shown_at is not None:
            return False
        if on not in self._due_days:
            days = [on + timedelta(days=n) for n in range(60)]
            due = questionnaires.days_due(self.patient, days)
            self._due_days |= {day: day in due for day in days}
        return self._due_days[on]

    def _placed(self, reminder: Reminder, one: _Candidate, last: datetime | None) -> Send | None:
        """When it really goes out; None if the gap after the last one, or quiet hours, leave no time for it."""
        send_at, ends_at, moved_by = one.due_at, one.window_ends_at, ""
        gap = send_rules.LEAST_GAP.get(Kind(reminder.kind))
        if gap and last and not one.is_repeat and send_at < last + gap:
            send_at, moved_by = last + gap, send_rules.TOO_SOON
            day_ends_at = schedule.end_of_local_day(one.local_date, self.zone)
            ends_at = max(ends_at, min(send_at + (ends_at - one.due_at), day_ends_at))
            if send_at >= day_ends_at:
                return None
        if quiet_end := reminders.quiet_end(patient=self.patient, at=send_at):
            send_at, moved_by = quiet_end, send_rules.QUIET
        if send_at >= ends_at:
            return None
        return Send(
            reminder=reminder,
            local_date=one.local_date,
            due_at=one.due_at,
            send_at=send_at,
            moved_by=moved_by,
            is_repeat=one.is_repeat,
        )


def history(*, patient: Patient, at: datetime, days: int = HISTORY_DAYS) -> QuerySet[Occurrence]:
    """What came of the reminders of the last days, newest first."""
    first = schedule.local_date(at, ZoneInfo(patient.zone)) - timedelta(days=days - 1)
    ended = Q(state__in=_ENDED) | Q(n_sends__gt=0)
    rows = Occurrence.objects.filter(ended, reminder__patient=patient, local_date__gte=first, due_at__lte=at)
    return rows.select_related("reminder__medicine").order_by("-local_date", "-due_at", "-pk")


def by_reminder(courses: Iterable[Course]) -> Mapping[int, Course]:
    return {course.reminder.pk: course for course in courses}
