"""The standing wishes of a patient: what is due when, and what they answered."""

import logging
import uuid as uuids
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Q

from tracker.domain import schedule
from tracker.domain.errors import DomainError
from tracker.models import AuditEvent, Occurrence, Patient, Reminder, Tick, User
from tracker.services import appointment_reminders
from tracker.services.locks import locked

logger = logging.getLogger(__name__)

PLAN_AHEAD = timedelta(hours=26)
# Planned again once this much of the time ahead is used up.
PLAN_SLACK = timedelta(hours=1)
# After a longer silence of the whole system, older days are not written up any more.
LOOK_BACK = timedelta(days=14)
PLAN_BATCH = 500
MAX_REMINDERS = 20
# What a patient may choose, in minutes.
LEAST_WINDOW, LONGEST_WINDOW = 10, 24 * 60
LEAST_REPEAT, LONGEST_REPEAT = 10, 240
# Why a row waits, as it is written there.
WAITS_FOR_QUIET = "quiet hours"
ADVICE_TIME = time(7)  # news that a night brings waits for the morning

# What a wish may say beside its time and days, and what it says if nothing is chosen.
HOW = {
    "window_minutes": None,
    "repeat_minutes": None,
    "skips_if_done": True,
    "medicine": None,
    "channels": Reminder.Channel.EMAIL.value,
}


class NoWeekdays(DomainError):
    """A reminder needs at least one weekday."""


class ReminderAlreadyThere(DomainError):
    """There can be one reminder of this kind."""


class ReminderKindFixed(DomainError):
    """What a reminder is for is part of what it is; another kind is another reminder."""


class TooManyReminders(DomainError):
    """More reminders than anyone can want."""


class WindowOutOfRange(DomainError):
    """A reminder can come late by ten minutes at least, and by no more than is good for what it is about."""


class RepeatOutOfRange(DomainError):
    """A repeat comes ten minutes to four hours after the first, and while the reminder may still come."""


class NotForAMedicine(DomainError):
    """Only a reminder to take a medicine is for one, and it has to be on the patient's own list."""


class NoChannels(DomainError):
    """A reminder goes out by one way at least, and only by ways that there are."""


class LinkUnknown(DomainError):
    """Not a link that Ebb made, or its reminder is gone."""


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
    **how: Any,
) -> Reminder:
    """A new wish; `how` is some of HOW."""
    patient = locked(by)
    if patient.reminders.count() >= MAX_REMINDERS:
        raise TooManyReminders
    if kind in Reminder.ONE_OF_ITS_KIND and patient.reminders.filter(kind=kind).exists():
        raise ReminderAlreadyThere
    reminder = Reminder(
        patient=patient,
        uuid=uuid or uuids.uuid4(),
        kind=kind,
        wall_time=wall_time,
        weekdays=_digits(weekdays),
        is_active=is_active,
        changed_at=at,
        **(HOW | how),
    )
    _check_how(reminder)
    reminder.save()
    AuditEvent.objects.create(actor=by, patient=patient, verb="added", subject=f"reminder {reminder.uuid}")
    _plan([reminder], at=at)
    return reminder


@transaction.atomic
def create_once(
    *, by: User, kind: str, wall_time: time, weekdays: Collection[int], at: datetime, **how: Any
) -> Reminder:
    """A new wish, unless the very same is there: a button tapped twice must not send every dose twice."""
    same = {"kind": kind, "wall_time": wall_time, "weekdays": _digits(weekdays)} | HOW | how
    there = locked(by).reminders.filter(unsubscribed_at=None, **same).first()
    return there or create(by=by, kind=kind, wall_time=wall_time, weekdays=weekdays, at=at, **how)


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
    **how: Any,
) -> tuple[Reminder, bool]:
    """Make the reminder with this uuid hold exactly what is said: (reminder, whether it is new)."""
    earlier = locked(by).reminders.filter(uuid=uuid).first()
    if earlier is None:
        said: dict[str, Any] = {"kind": kind, "wall_time": wall_time, "weekdays": weekdays, "is_active": is_active}
        return create(by=by, uuid=uuid, at=at, **said, **how), True
    if earlier.kind != kind:
        raise ReminderKindFixed
    told: dict[str, Any] = {"wall_time": wall_time, "weekdays": weekdays, "is_active": is_active}
    return change(by=by, reminder=earlier, at=at, **told, **(HOW | how)), False


@transaction.atomic
def change(
    *,
    by: User,
    reminder: Reminder,
    at: datetime,
    wall_time: time | None = None,
    weekdays: Collection[int] | None = None,
    is_active: bool | None = None,
    **how: Any,
) -> Reminder:
    """Change what is given; `how` is some of HOW. Switching on again also undoes an unsubscribe."""
    patient = locked(by)
    reminder = patient.reminders.select_for_update().get(pk=reminder.pk)
    if wall_time is not None:
        reminder.wall_time = wall_time
    if weekdays is not None:
        reminder.weekdays = _digits(weekdays)
    if is_active is not None:
        reminder.is_active = is_active
        reminder.unsubscribed_at = None if is_active else reminder.unsubscribed_at
    for name, value in how.items():
        setattr(reminder, name, value)
    _check_how(reminder)
    reminder.save(update_fields=["wall_time", "weekdays", "is_active", "unsubscribed_at", *HOW])
    AuditEvent.objects.create(actor=by, patient=patient, verb="changed", subject=f"reminder {reminder.uuid}")
    _plan_afresh([reminder], at=at)
    return reminder


@transaction.atomic
def remove(*, by: User, reminder: Reminder) -> None:
    """Forget it and what came of it. One that makes itself anew stays behind switched off, with what it waits for."""
    patient = locked(by)
    AuditEvent.objects.create(actor=by, patient=patient, verb="deleted", subject=f"reminder {reminder.uuid}")
    mine = patient.reminders.filter(pk=reminder.pk)
    if reminder.kind in Reminder.UNTIMED:
        coming = {"appointment__isnull": False, "state": Occurrence.State.PENDING}
        Occurrence.objects.filter(reminder__in=mine).exclude(**coming).delete()
        mine.update(is_active=False)
    else:
        mine.delete()


@transaction.atomic
def replan(*, patient: Patient, at: datetime) -> None:
    """Plan all of a patient's reminders afresh, for a new zone. What was to come today, at a time that the clock there
    has passed already, comes now, with its window: no date is missed for a journey east."""
    timed, zone = list(patient.reminders.timed()), ZoneInfo(patient.zone)
    now = schedule.Due(instant=at, local_date=schedule.local_date(at, zone))
    to_come = Occurrence.objects.filter(reminder__in=timed, local_date=now.local_date).replannable(at)
    waited_for = set(to_come.values_list("reminder", flat=True))
    _plan_afresh(timed, at=at)
    rows = [_occurrence(reminder, now, zone) for reminder in timed if reminder.pk in waited_for]
    day_ends_at = schedule.end_of_local_day(now.local_date, zone)
    for row in rows:
        row.window_ends_at = min(row.window_ends_at, day_ends_at)
    Occurrence.objects.bulk_create(rows, ignore_conflicts=True)


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
def announce_advice(
    *, patients: Collection[Patient], at: datetime, least_gap: Mapping[int, timedelta] | None = None
) -> dict[int, Occurrence]:
    """Queue today's one mail that there is something new to read, and return it by patient; a handful of queries.

    Left out is who does not want it, and who was queued such a mail less than their ``least_gap`` ago.
    """
    wishes = _advice_wishes(patients, at)
    wanted = [one for one in patients if wishes[one.pk].is_active and not wishes[one.pk].unsubscribed_at]
    dues = {one.pk: _advice_due(wishes[one.pk], one, at) for one in wanted}
    told = _advice_told([wishes[pk] for pk in dues], dues, least_gap or {})
    rows = [_occurrence(wishes[one.pk], dues[one.pk], ZoneInfo(one.zone)) for one in wanted if one.pk not in told]
    Occurrence.objects.bulk_create(rows, ignore_conflicts=True)
    queued = Occurrence.objects.filter(
        reminder__in=[row.reminder_id for row in rows], local_date__in={row.local_date for row in rows}
    ).select_related("reminder")
    return {
        row.reminder.patient_id: row for row in queued if row.local_date == dues[row.reminder.patient_id].local_date
    }


def _advice_wishes(patients: Iterable[Patient], at: datetime) -> dict[int, Reminder]:
    """The reminder of each for news, made where it is not there yet."""
    pks = [patient.pk for patient in patients]
    there = Reminder.objects.filter(patient__in=pks, kind=Reminder.Kind.ADVICE)
    known = {wish.patient_id: wish for wish in there}
    if missing := [pk for pk in pks if pk not in known]:
        about = {"kind": Reminder.Kind.ADVICE, "wall_time": ADVICE_TIME, "changed_at": at}
        wishes = [Reminder(patient_id=pk, uuid=uuids.uuid4(), **about) for pk in missing]
        Reminder.objects.bulk_create(wishes, ignore_conflicts=True)
        known |= {wish.patient_id: wish for wish in there.filter(patient__in=missing)}
    return known


def _advice_told(
    wishes: Collection[Reminder], dues: Mapping[int, schedule.Due], least_gap: Mapping[int, timedelta]
) -> set[int]:
    """The patients who were queued such a mail too short a while ago for another one."""
    since = {pk: dues[pk].local_date - gap for pk, gap in least_gap.items() if pk in dues}
    if not since:
        return set()
    told = Occurrence.objects.told_since(min(since.values())).filter(reminder__in=wishes)
    rows = told.values_list("reminder__patient", "local_date")
    return {patient for patient, day in rows if patient in since and day > since[patient]}


def _advice_due(reminder: Reminder, patient: Patient, at: datetime) -> schedule.Due:
    zone = ZoneInfo(patient.zone)
    due_at = _not_before(reminder.wall_time, at, zone)
    due_at = quiet_end(patient=patient, at=due_at) or due_at
    return schedule.Due(instant=due_at, local_date=schedule.local_date(due_at, zone))


def _not_before(wall_time: time, at: datetime, zone: ZoneInfo) -> datetime:
    """``at``, or later on its local day if that time of day is still to come: nights are judged at night."""
    next_one = schedule.next_due(wall_time=wall_time, weekdays=schedule.EVERY_DAY, zone=zone, after=at)
    return next_one.instant if next_one.local_date == schedule.local_date(at, zone) else at


def quiet_end(*, patient: Patient, at: datetime) -> datetime | None:
    """When the patient's quiet hours end, if they hold now."""
    if patient.quiet_from is None or patient.quiet_until is None:
        return None
    return schedule.quiet_until(at, patient.quiet_from, patient.quiet_until, ZoneInfo(patient.zone))


@transaction.atomic
def move_with_quiet_hours(*, patient: Patient, at: datetime) -> None:
    """The quiet hours are others now: what waited for the end of the old ones, or was queued around them, moves."""
    waiting = Occurrence.objects.filter(reminder__patient=patient, state=Occurrence.State.PENDING, due_at__gt=at)
    waiting.filter(because=WAITS_FOR_QUIET).update(due_at=at)
    for row in waiting.filter(reminder__kind=Reminder.Kind.ADVICE, because="").select_related("reminder"):
        _queue_advice_afresh(row, patient, at)
    visits = waiting.filter(appointment__isnull=False, because="").values("appointment")
    for appointment in patient.appointments.filter(pk__in=visits):
        appointment_reminders.plan(appointment=appointment, at=at)


def _queue_advice_afresh(row: Occurrence, patient: Patient, at: datetime) -> None:
    due, zone = _advice_due(row.reminder, patient, at), ZoneInfo(patient.zone)
    if row.reminder.occurrences.exclude(pk=row.pk).filter(local_date=due.local_date).exists():
        row.delete()
        return
    moved = _occurrence(row.reminder, due, zone)
    row.local_date, row.due_at, row.window_ends_at = moved.local_date, moved.due_at, moved.window_ends_at
    row.save(update_fields=["local_date", "due_at", "window_ends_at"])


def longest_window(kind: str) -> int:
    """How late a reminder of this kind may come, in minutes; the local day ends it in any case."""
    return schedule.WINDOW_MINUTES.get(schedule.Kind(kind), LONGEST_WINDOW)


def _check_how(reminder: Reminder) -> None:
    if not reminder.channel_set or not reminder.channel_set <= set(Reminder.Channel.values):
        raise NoChannels
    longest = longest_window(reminder.kind)
    if reminder.window_minutes is not None and not LEAST_WINDOW <= reminder.window_minutes <= longest:
        raise WindowOutOfRange
    latest = min(LONGEST_REPEAT, (reminder.window_minutes or longest) - 1)
    if reminder.repeat_minutes is not None and not LEAST_REPEAT <= reminder.repeat_minutes <= latest:
        raise RepeatOutOfRange
    if reminder.medicine is not None and (
        reminder.kind != Reminder.Kind.MEDICINE or reminder.medicine.patient_id != reminder.patient_id
    ):
        raise NotForAMedicine


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
    for row in _plan([r for r in reminders if r.is_active and not r.unsubscribed_at], at=at):
        _once_more(row)


def _once_more(planned: Occurrence) -> None:
    """A date on which nothing came, and whose time is now still to come, has its reminder then, not at the end of the
    quiet hours into which its old time fell."""
    ended = [Occurrence.State.SKIPPED_LATE, Occurrence.State.SUPPRESSED]
    mine = Occurrence.objects.filter(reminder=planned.reminder, local_date=planned.local_date, appointment=None)
    held_back = Q(state__in=ended) | Q(state=Occurrence.State.PENDING, because=WAITS_FOR_QUIET)
    mine.filter(held_back, n_sends=0, told_by="", response="", due_at__lt=planned.due_at).update(
        state=Occurrence.State.PENDING,
        because="",
        zone=planned.zone,
        due_at=planned.due_at,
        window_ends_at=planned.window_ends_at,
        n_attempts=0,
        n_retries=0,
    )


@transaction.atomic
def _plan_batch(*, at: datetime) -> int:
    unplanned = Reminder.objects.unplanned(at + PLAN_AHEAD - PLAN_SLACK).select_related("patient")
    batch = list(unplanned.order_by("pk").select_for_update(of=("self",), skip_locked=True)[:PLAN_BATCH])
    _plan(batch, at=at)
    return len(batch)


def _plan(reminders: list[Reminder], *, at: datetime) -> list[Occurrence]:
    until = at + PLAN_AHEAD
    timed = [reminder for reminder in reminders if reminder.kind not in Reminder.UNTIMED]
    rows = [row for reminder in timed for row in _planned(reminder, at=at, until=until)]
    Occurrence.objects.bulk_create(rows, ignore_conflicts=True, batch_size=PLAN_BATCH)
    Reminder.objects.filter(pk__in=[reminder.pk for reminder in reminders]).update(planned_until=until)
    return rows


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
        window_ends_at=schedule.window_end(
            kind=schedule.Kind(reminder.kind), due_at=due.instant, zone=zone, minutes=reminder.window_minutes
        ),
    )
