"""Dana's mornings: her moves, which are on trial, the reminders for them and others, and how these reach her."""

import random
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from tracker.domain import schedule
from tracker.domain.move_gate import POINTS
from tracker.models import Occurrence, Reminder, TreatmentType, User
from tracker.services import (
    accounts,
    calendar_feeds,
    exercises,
    move_plans,
    move_trial,
    push_devices,
    reminders,
    treatments,
)
from tracker.services.demo_days import ZONE, day_of, instant_of, nrs_of

SEED = 7
QUIET_FROM, QUIET_UNTIL = time(22), time(7)
# Days ago. One session hurt too much: a step back, and three good ones later a step forward again.
BEGAN, HURT = 28, 12
LEFT_OUT = {26, 23, 19, 16, 15, 9, 4}
ANCHOR, RISES_AT, MOVES_AT = "my first coffee", time(6, 45), time(7, 25)
DAYS_A_WEEK = 5
PAIN, PAIN_SD, PAIN_TOO_MUCH, PAIN_NEXT_MORNING = 3, 0.7, 7, 3

SENDS_DAYS, SENDS_LATE = 13, 5  # days of mails before today, and the day that went wrong
# A phone that she has given away; nothing is ever sent there.
PHONE_ADDED, PHONE_GONE = 40, 20
PHONE = {
    "name": "Old phone",
    "endpoint": "https://updates.push.services.mozilla.com/wpush/v2/of-dana-the-demonstration-patient",
    "public_key": "BO3JEqxgkiiBk8XN0IxukxpP6izFfz-n5gOT4qeUL4XYKhJvLtztgbQmMRv6g9r1ZDVE8YSh_Fev4ycxmMWWiZo",
    "auth_secret": "c2l4dGVlbiBvY3RldHMuLg",
}


def exercise(user: User, *, at: datetime) -> None:
    """Four weeks of mornings. How the last one left her is still to be asked."""
    chance = random.Random(SEED)
    _begin(user, chance, at=at)
    for days_ago in sorted(set(range(1, BEGAN)) - LEFT_OUT, reverse=True):
        _move(user, chance, days_ago, at=at)


def _begin(user: User, chance: random.Random, *, at: datetime) -> None:
    began, today = day_of(at, BEGAN), day_of(at, 0)
    move_plans.answer_gate(by=user, answers=dict.fromkeys((point.key for point in POINTS), "no"), on=began)
    move_plans.set_habit(by=user, on=began, anchor=ANCHOR, rises_at=RISES_AT)
    moves = TreatmentType.objects.get(key=move_trial.TREATMENT_TYPE)
    said: dict[str, Any] = {"treatment_type": moves, "started_on": began, "days_a_week": DAYS_A_WEEK}
    began_at = instant_of(began, MOVES_AT)
    treatments.start(by=user, uuid=_uuid(chance), at=began_at, on=today, **said)
    move_trial.decide(by=user, wants_verdict=True, at=began_at, on=began)


def _move(user: User, chance: random.Random, days_ago: int, *, at: datetime) -> None:
    day = day_of(at, days_ago)
    began_at = instant_of(day, MOVES_AT)
    planned = move_plans.day_of(patient=user.patient, at=began_at).set.moves
    pain = nrs_of(chance.gauss(PAIN, PAIN_SD))
    exercises.record(
        by=user,
        uuid=_uuid(chance),
        on=day,
        exercises_done=[one.move.key for one in planned],
        amounts={one.move.key: one.amount for one in planned},
        pain_during=PAIN_TOO_MUCH if days_ago == HURT else pain,
        started_at=began_at,
        zone=ZONE.key,
        at=began_at,
    )
    if days_ago > 1:
        asked_at = instant_of(day + timedelta(days=1), time(7, 30))
        exercises.note_morning(by=user, on=day, pain=PAIN_NEXT_MORNING, at=asked_at)


def wish_for_reminders(user: User, *, at: datetime) -> None:
    """Last, and without quiet hours where they hold now, so that the mail about the verdict comes at once."""
    everyday, weekdays = schedule.EVERY_DAY, schedule.EVERY_DAY - {6, 7}
    for kind, wall_time, days, repeat_minutes in (
        (Reminder.Kind.MORNING_MOVES, time(7), weekdays, 30),
        (Reminder.Kind.LOG_PAIN, time(20), everyday, None),
        (Reminder.Kind.QUESTIONS, time(18), frozenset({7}), None),
    ):
        reminder = reminders.create(
            by=user, kind=kind, wall_time=wall_time, weekdays=days, repeat_minutes=repeat_minutes, at=at
        )
        _remember_sends(reminder, at=at)
    if not schedule.quiet_until(at, QUIET_FROM, QUIET_UNTIL, ZONE):
        accounts.change_settings(by=user, at=at, quiet_from=QUIET_FROM, quiet_until=QUIET_UNTIL)


def _remember_sends(reminder: Reminder, *, at: datetime) -> None:
    """What came of it on the days before today; on one of them the mail came too late."""
    kind = schedule.Kind(reminder.kind)
    moved_on = set(reminder.patient.exercise_sessions.values_list("local_date", flat=True))
    rows = []
    for day in (day_of(at, days_ago) for days_ago in range(SENDS_DAYS, 0, -1)):
        if day.isoweekday() not in reminder.weekday_set:
            continue
        due_at = instant_of(day, reminder.wall_time)
        is_late = day == day_of(at, SENDS_LATE)
        row = Occurrence(reminder=reminder, local_date=day, zone=ZONE.key, due_at=due_at)
        row.window_ends_at = schedule.window_end(kind=kind, due_at=due_at, zone=ZONE)
        row.state, row.n_sends = (Occurrence.State.SKIPPED_LATE, 0) if is_late else (Occurrence.State.SENT, 1)
        row.sent_at = None if is_late else due_at
        if kind is schedule.Kind.MORNING_MOVES and day in moved_on and not is_late:
            row.response, row.responded_at = Occurrence.Response.DONE, instant_of(day, time(7, 45))
        rows.append(row)
    Occurrence.objects.bulk_create(rows)


def open_ways(user: User, *, at: datetime) -> None:
    """Her calendar reads the feed; a browser that took messages is gone."""
    calendar_feeds.replace(by=user, at=at)
    added_at = instant_of(day_of(at, PHONE_ADDED), time(18))
    phone, _new = push_devices.put(by=user, uuid=UUID(int=SEED, version=4), at=added_at, **PHONE)
    phone.reached_at = instant_of(day_of(at, PHONE_GONE + 1), time(20))
    phone.gone_at = instant_of(day_of(at, PHONE_GONE), time(20))
    phone.save(update_fields=["reached_at", "gone_at"])


def _uuid(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
