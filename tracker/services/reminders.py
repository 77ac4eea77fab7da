"""The standing wishes of a patient: what is due when, and what they answered."""

import logging
import uuid as uuids
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core import signing
from django.db import transaction
from django.db.models import Prefetch

from tracker.domain import schedule
from tracker.domain.errors import DomainError
from tracker.models import AuditEvent, Occurrence, Patient, Reminder, Tick, User
from tracker.services import exercises

logger = logging.getLogger(__name__)

PLAN_AHEAD = timedelta(hours=26)
# Planned again once this much of the time ahead is used up.
PLAN_SLACK = timedelta(hours=1)
# After a longer silence of the whole system, older days are not written up any more.
LOOK_BACK = timedelta(days=14)
PLAN_BATCH = 500
SNOOZE = timedelta(minutes=30)
# One reminder and at most one nudge a day.
MAX_SENDS = 2
MAX_REMINDERS = 20
LONGEST_PAUSE = timedelta(days=366)
ADVICE_TIME = time(7)  # news that a night brings waits for the morning

_ONE_OF_ITS_KIND = {Reminder.Kind.MORNING_MOVES, *Reminder.UNTIMED}
_FINAL_ANSWERS = {Occurrence.Response.DONE, Occurrence.Response.SKIPPED}
_LINK_SALT = "tracker.reminder"


class NoWeekdays(DomainError):
    """A reminder needs at least one weekday."""


class ReminderAlreadyThere(DomainError):
    """There can be one reminder of this kind."""


class ReminderKindFixed(DomainError):
    """What a reminder is for is part of what it is; another kind is another reminder."""


class TooManyReminders(DomainError):
    """More reminders than anyone can want."""


class LinkUnknown(DomainError):
    """Not a link that Ebb made, or its reminder is gone."""


class LinkEnded(DomainError):
    """Answered before, or the day is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What a signed link in a mail may do: give one answer to one send of one occurrence."""

    occurrence_id: int
    action: str
    n_send: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NextSend:
    reminder: Reminder
    due_at: datetime


@transaction.atomic
def create(
    *,
    by: User,
    kind: str,
    wall_time: time,
    weekdays: Collection[int] = schedule.EVERY_DAY,
    at: datetime,
    is_active: bool = True,
    uuid: uuids.UUID | None = None,
) -> Reminder:
    patient = _locked(by.patient)
    if patient.reminders.count() >= MAX_REMINDERS:
        raise TooManyReminders
    if kind in _ONE_OF_ITS_KIND and patient.reminders.filter(kind=kind).exists():
        raise ReminderAlreadyThere
    reminder = patient.reminders.create(
        uuid=uuid or uuids.uuid4(),
        kind=kind,
        wall_time=wall_time,
        weekdays=_digits(weekdays),
        is_active=is_active,
        changed_at=at,
    )
    AuditEvent.objects.create(actor=by, patient=patient, verb="added", subject=f"reminder {reminder.uuid}")
    _plan([reminder], at=at)
    return reminder


@transaction.atomic
def put(
    *,
    by: User,
    uuid: uuids.UUID,
    kind: str,
    wall_time: time,
    weekdays: Collection[int] = schedule.EVERY_DAY,
    is_active: bool = True,
    at: datetime,
) -> tuple[Reminder, bool]:
    """Make the reminder with this uuid hold exactly what is said: (reminder, whether it is new)."""
    earlier = _locked(by.patient).reminders.filter(uuid=uuid).first()
    if earlier is None:
        made = create(by=by, uuid=uuid, kind=kind, wall_time=wall_time, weekdays=weekdays, is_active=is_active, at=at)
        return made, True
    if earlier.kind != kind:
        raise ReminderKindFixed
    return change(by=by, reminder=earlier, wall_time=wall_time, weekdays=weekdays, is_active=is_active, at=at), False


@transaction.atomic
def change(
    *,
    by: User,
    reminder: Reminder,
    at: datetime,
    wall_time: time | None = None,
    weekdays: Collection[int] | None = None,
    is_active: bool | None = None,
) -> Reminder:
    """Change what is given. Switching on again also undoes an unsubscribe."""
    patient = _locked(by.patient)
    reminder = patient.reminders.select_for_update().get(pk=reminder.pk)
    if wall_time is not None:
        reminder.wall_time = wall_time
    if weekdays is not None:
        reminder.weekdays = _digits(weekdays)
    if is_active is not None:
        reminder.is_active = is_active
        reminder.unsubscribed_at = None if is_active else reminder.unsubscribed_at
    reminder.save(update_fields=["wall_time", "weekdays", "is_active", "unsubscribed_at"])
    AuditEvent.objects.create(actor=by, patient=patient, verb="changed", subject=f"reminder {reminder.uuid}")
    _plan_afresh([reminder], at=at)
    return reminder


@transaction.atomic
def remove(*, by: User, reminder: Reminder) -> None:
    """Forget it and what came of it. One that makes itself anew stays behind switched off, with what it waits for."""
    patient = _locked(by.patient)
    AuditEvent.objects.create(actor=by, patient=patient, verb="deleted", subject=f"reminder {reminder.uuid}")
    mine = patient.reminders.filter(pk=reminder.pk)
    if reminder.kind in Reminder.UNTIMED:
        coming = {"appointment__isnull": False, "state": Occurrence.State.PENDING}
        Occurrence.objects.filter(reminder__in=mine).exclude(**coming).delete()
        mine.update(is_active=False)
    else:
        mine.delete()


@transaction.atomic
def pause(*, by: User, until: date | None, at: datetime) -> None:
    """Send nothing before the local day ``until``; None ends the pause. What falls due meanwhile is noted."""
    patient = _locked(by.patient)
    patient.paused_until = until
    patient.save(update_fields=["paused_until"])
    AuditEvent.objects.create(actor=by, patient=patient, verb="paused", subject=f"reminders until {until}")
    replan(patient=patient, at=at)


def replan(*, patient: Patient, at: datetime) -> None:
    """Plan all of a patient's reminders afresh, for a new zone or after a pause."""
    _plan_afresh(list(patient.reminders.timed()), at=at)


@transaction.atomic
def unsubscribe(*, key: str, at: datetime) -> Reminder:
    """One click from a mail, by whoever holds the key. A second click changes nothing."""
    reminder = reminder_by_key(key)
    Reminder.objects.filter(pk=reminder.pk, unsubscribed_at__isnull=True).update(unsubscribed_at=at)
    reminder.occurrences.replannable(at).delete()
    return reminder


def reminder_by_key(key: str) -> Reminder:
    if "\x00" in key or not (reminder := Reminder.objects.filter(unsubscribe_key=key).first()):
        raise LinkUnknown
    return reminder


def plan(*, at: datetime) -> int:
    """Write down everything that falls due within the next day or so; return how many reminders were looked at."""
    n_planned = 0
    while n := _plan_batch(at=at):
        n_planned += n
    Tick.objects.update_or_create(name="plan", defaults={"ticked_at": at})
    return n_planned


@transaction.atomic
def announce_advice(*, patient: Patient, at: datetime, least_gap: timedelta | None = None) -> Occurrence | None:
    """Queue today's one mail that there is something new to read.

    None where the patient does not want it, or where such a mail was queued less than `least_gap` ago.
    """
    reminder, _ = patient.reminders.get_or_create(
        kind=Reminder.Kind.ADVICE,
        defaults={"uuid": uuids.uuid4(), "wall_time": ADVICE_TIME, "changed_at": at},
    )
    if not reminder.is_active or reminder.unsubscribed_at:
        return None
    zone = ZoneInfo(patient.zone)
    due_at = _not_before(reminder.wall_time, at, zone)
    due_at = quiet_end(patient=patient, at=due_at) or due_at
    due = schedule.Due(instant=due_at, local_date=schedule.local_date(due_at, zone))
    if least_gap and reminder.occurrences.told_since(due.local_date - least_gap).exists():
        return None
    Occurrence.objects.bulk_create([_occurrence(reminder, due, zone)], ignore_conflicts=True)
    return reminder.occurrences.get(local_date=due.local_date)


def _not_before(wall_time: time, at: datetime, zone: ZoneInfo) -> datetime:
    """``at``, or later on its local day if that time of day is still to come: nights are judged at night."""
    next_one = schedule.next_due(wall_time=wall_time, weekdays=schedule.EVERY_DAY, zone=zone, after=at)
    return next_one.instant if next_one.local_date == schedule.local_date(at, zone) else at


def quiet_end(*, patient: Patient, at: datetime) -> datetime | None:
    """When the patient's quiet hours end, if they hold now."""
    if patient.quiet_from is None or patient.quiet_until is None:
        return None
    return schedule.quiet_until(at, patient.quiet_from, patient.quiet_until, ZoneInfo(patient.zone))


def upcoming(*, patient: Patient, at: datetime, n: int = 5) -> list[NextSend]:
    """The next sends of the patient's timed reminders, soonest first, one per reminder and local day."""
    sends = [send for reminder in _awaited(patient, at) for send in _next_sends(reminder, patient, at, n)]
    return sorted(sends, key=lambda send: send.due_at)[:n]


def next_of_each(*, patient: Patient, at: datetime) -> dict[int, datetime]:
    """When each timed reminder, by its primary key, is sent next."""
    return {
        reminder.pk: send.due_at for reminder in _awaited(patient, at) for send in _next_sends(reminder, patient, at, 1)
    }


def link_token(*, occurrence: Occurrence, action: str, n_send: int) -> str:
    return signing.dumps([occurrence.pk, action, n_send], salt=_LINK_SALT)


def read_link(token: str) -> Link:
    try:
        occurrence_id, action, n_send = signing.loads(token, salt=_LINK_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise LinkUnknown from error
    return Link(occurrence_id=occurrence_id, action=action, n_send=n_send)


def is_open(*, link: Link, at: datetime) -> bool:
    occurrence = Occurrence.objects.filter(pk=link.occurrence_id).first()
    return occurrence is not None and _may_answer(occurrence, link, at)


@transaction.atomic
def follow_link(*, link: Link, at: datetime) -> Occurrence:
    """Give the answer that a link from a mail stands for; the link itself shows that the mail arrived."""
    occurrences = Occurrence.objects.select_for_update(of=("self",)).select_related("reminder__patient__user")
    occurrence = occurrences.filter(pk=link.occurrence_id).first()
    if occurrence is None:
        raise LinkUnknown
    if not _may_answer(occurrence, link, at):
        raise LinkEnded
    if occurrence.n_sends < link.n_send:
        _note_arrival(occurrence, n_send=link.n_send, at=at)
    return _answer(occurrence, action=link.action, at=at)


@transaction.atomic
def respond(*, by: User, occurrence: Occurrence, action: str, at: datetime) -> Occurrence:
    """The same answers from inside Ebb."""
    occurrence = Occurrence.objects.select_for_update(of=("self",)).get(pk=occurrence.pk, reminder__patient=by.patient)
    link = Link(occurrence_id=occurrence.pk, action=action, n_send=occurrence.n_sends)
    if not _may_answer(occurrence, link, at):
        raise LinkEnded
    return _answer(occurrence, action=action, at=at)


def _locked(patient: Patient) -> Patient:
    """Changes of one patient's reminders come one after the other."""
    return Patient.objects.select_for_update().get(pk=patient.pk)


def _digits(weekdays: Collection[int]) -> str:
    if not schedule.EVERY_DAY.intersection(weekdays):
        raise NoWeekdays
    return "".join(str(day) for day in sorted(schedule.EVERY_DAY.intersection(weekdays)))


def _plan_afresh(reminders: list[Reminder], *, at: datetime) -> None:
    """Forget what was only planned, keep what is due or was tried, and plan again from now on."""
    for reminder in reminders:
        reminder.changed_at, reminder.planned_until = at, None
    Reminder.objects.bulk_update(reminders, ["changed_at", "planned_until"])
    Occurrence.objects.filter(reminder__in=reminders).replannable(at).delete()
    _plan([r for r in reminders if r.is_active and not r.unsubscribed_at], at=at)


@transaction.atomic
def _plan_batch(*, at: datetime) -> int:
    unplanned = Reminder.objects.unplanned(at + PLAN_AHEAD - PLAN_SLACK).select_related("patient")
    batch = list(unplanned.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:PLAN_BATCH])
    _plan(batch, at=at)
    return len(batch)


def _plan(reminders: list[Reminder], *, at: datetime) -> None:
    until = at + PLAN_AHEAD
    timed = [reminder for reminder in reminders if reminder.kind not in Reminder.UNTIMED]
    rows = [row for reminder in timed for row in _planned(reminder, at=at, until=until)]
    Occurrence.objects.bulk_create(rows, ignore_conflicts=True, batch_size=PLAN_BATCH)
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(planned_until=until)


def _planned(reminder: Reminder, *, at: datetime, until: datetime) -> Iterable[Occurrence]:
    try:
        zone = ZoneInfo(reminder.patient.zone)
        dues = schedule.dues_between(
            wall_time=reminder.wall_time,
            weekdays=reminder.weekday_set,
            zone=zone,
            after=max(reminder.planned_until or reminder.changed_at, at - LOOK_BACK),
            until=until,
        )
    except (ZoneInfoNotFoundError, ValueError):
        # One broken row must not stop everybody's reminders.
        logger.exception("reminder %s cannot be planned", reminder.pk)
        return []
    return [_occurrence(reminder, due, zone) for due in dues]


def _occurrence(reminder: Reminder, due: schedule.Due, zone: ZoneInfo) -> Occurrence:
    return Occurrence(
        reminder=reminder,
        local_date=due.local_date,
        zone=zone.key,
        due_at=due.instant,
        window_ends_at=schedule.window_end(kind=schedule.Kind(reminder.kind), due_at=due.instant, zone=zone),
    )


def _awaited(patient: Patient, at: datetime) -> Iterable[Reminder]:
    recent = Occurrence.objects.filter(local_date__gte=at.date() - timedelta(days=2))
    return patient.reminders.wanted().timed().prefetch_related(Prefetch("occurrences", recent))


def _next_sends(reminder: Reminder, patient: Patient, at: datetime, n: int) -> Iterable[NextSend]:
    """What is waiting already, then what will be, without the days that had theirs."""
    zone, starts_at = ZoneInfo(patient.zone), at
    if patient.paused_until:
        starts_at = max(at, schedule.end_of_local_day(patient.paused_until - timedelta(days=1), zone))
    rows = reminder.occurrences.all()
    waiting = [row.due_at for row in rows if row.state == Occurrence.State.PENDING and row.window_ends_at > at]
    taken = {row.local_date for row in rows}
    dues = schedule.dues_between(
        wall_time=reminder.wall_time,
        weekdays=reminder.weekday_set,
        zone=zone,
        after=starts_at - timedelta(microseconds=1),
        until=starts_at + timedelta(weeks=n + 1),
    )
    later = [due.instant for due in dues if due.local_date not in taken]
    instants = sorted([*(due_at for due_at in waiting if not patient.paused_until or due_at >= starts_at), *later])
    return [NextSend(reminder=reminder, due_at=due_at) for due_at in instants[:n]]


def _may_answer(occurrence: Occurrence, link: Link, at: datetime) -> bool:
    if at >= schedule.end_of_local_day(occurrence.local_date, ZoneInfo(occurrence.zone)):
        return False
    if occurrence.response in _FINAL_ANSWERS:
        return False
    if link.action == Occurrence.Response.SNOOZED:
        return _may_snooze(occurrence, link, at)
    return True


def _may_snooze(occurrence: Occurrence, link: Link, at: datetime) -> bool:
    """Only from the newest send, while another is allowed and still falls on the same local day."""
    day_ends_at = schedule.end_of_local_day(occurrence.local_date, ZoneInfo(occurrence.zone))
    already_snoozed = occurrence.state == Occurrence.State.PENDING and occurrence.n_sends >= link.n_send
    return (
        link.n_send >= occurrence.n_sends
        and link.n_send < MAX_SENDS
        and not already_snoozed
        and (at + SNOOZE < day_ends_at)
    )


def _note_arrival(occurrence: Occurrence, *, n_send: int, at: datetime) -> None:
    """The worker that sent it never came back to say so; the reader's click does."""
    occurrence.state, occurrence.n_sends, occurrence.sent_at = Occurrence.State.SENT, n_send, at
    occurrence.lease_token = occurrence.lease_until = None
    occurrence.save(update_fields=["state", "n_sends", "sent_at", "lease_token", "lease_until"])


def _answer(occurrence: Occurrence, *, action: str, at: datetime) -> Occurrence:
    occurrence.response, occurrence.responded_at = Occurrence.Response(action), at
    fields = ["response", "responded_at"]
    if action == Occurrence.Response.SNOOZED:
        fields += _send_again(occurrence, due_at=at + SNOOZE)
    occurrence.save(update_fields=fields)
    if action == Occurrence.Response.DONE and occurrence.reminder.kind == Reminder.Kind.MORNING_MOVES:
        exercises.note_done(patient=occurrence.reminder.patient, on=occurrence.local_date, at=at)
    return occurrence


def _send_again(occurrence: Occurrence, *, due_at: datetime) -> list[str]:
    zone = ZoneInfo(occurrence.zone)
    window_end = schedule.window_end(kind=schedule.Kind(occurrence.reminder.kind), due_at=due_at, zone=zone)
    occurrence.window_ends_at = min(window_end, schedule.end_of_local_day(occurrence.local_date, zone))
    occurrence.state, occurrence.due_at, occurrence.message_id = Occurrence.State.PENDING, due_at, ""
    occurrence.n_attempts = occurrence.n_retries = 0
    return ["state", "due_at", "window_ends_at", "message_id", "n_attempts", "n_retries"]
