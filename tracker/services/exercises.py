"""The sessions of the morning moves: what was done on which day, and what that leads to.

A session belongs to the local day on which it began. Several devices may write about the same day: `merge` adds what one
of them knows and never takes back what another said; `record` makes the day hold exactly what the patient says.
"""

import uuid as uuids
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils.dates import WEEKDAYS

from tracker.domain import move_gate, pacing, red_flags, schedule
from tracker.domain.errors import DomainError
from tracker.domain.moves import MOVE_KEYS, MOVES, Version
from tracker.domain.pain import EARLIEST_DAY, is_nrs
from tracker.models import AuditEvent, ExerciseProgramme, ExerciseSession, Patient, User
from tracker.services.locks import locked

TREATMENT_TYPE = "morning_moves"
MOST_OF_A_MOVE = 999  # times or minutes on one day
USUAL_DAYS = 45  # days of the log that the usual pain is looked for in
VERSIONS = frozenset(Version)
LONGEST_SESSION = timedelta(hours=3)  # with a call in between; as in session.js
CLOCK_SKEW = timedelta(minutes=2)  # a device's clock may be so much ahead
MORNING_ASKED_FOR = 1  # days after the session


class UnknownMove(DomainError):
    """Not one of the twelve moves, or not a version of it."""


class SessionInFuture(DomainError):
    """That day has not come yet."""


class SessionOutOfRange(DomainError):
    """A rating or an amount that the scales do not have, or a day before any record."""


class SessionOfAnotherDay(DomainError):
    """A session belongs to the local day on which it began."""


class NoSession(DomainError):
    """Nothing was noted of that day."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DayDone:
    day: date
    is_done: bool
    is_today: bool

    @property
    def name(self) -> str:
        """The weekday."""
        return str(WEEKDAYS[self.day.weekday()])


@dataclass(frozen=True, kw_only=True, slots=True)
class LastDone:
    """The last time that one move was done or tried. `amount`: None where it was not said."""

    move: str
    day: date
    amount: int | None
    version: Version
    is_hurt: bool


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is said of a session."""

    exercises_done: Collection[str]
    pain_during: int | None = None
    amounts: Mapping[str, int] | None = None
    versions: Mapping[str, str] | None = None
    hurt: Collection[str] = ()
    started_at: datetime | None = None
    zone: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "exercises_done": _ordered(self.exercises_done),
            "pain_during": self.pain_during,
            "amounts": dict(self.amounts or {}),
            "versions": dict(self.versions or {}),
            "hurt": _ordered(self.hurt),
            "started_at": self.started_at,
            "zone": self.zone,
        }


def programme_of(*, patient: Patient, on: date) -> ExerciseProgramme:
    """The patient's programme, begun on that day if there was none."""
    programme, _ = ExerciseProgramme.objects.get_or_create(patient=patient, defaults={"started_on": on})
    return programme


def programme_at_hand(*, patient: Patient, on: date) -> ExerciseProgramme:
    """The same for reading: one that was not begun is not stored."""
    found = ExerciseProgramme.objects.filter(patient=patient).first()
    return found or ExerciseProgramme(patient=patient, started_on=on)


def is_done(*, patient: Patient, on: date) -> bool:
    return patient.exercise_sessions.filter(local_date=on).exists()


def is_held(patient: Patient) -> bool:
    """Whether the moves rest until a clinician has been asked, by the safety questions."""
    return holds(programme_at_hand(patient=patient, on=date.min))


def held_among(patients: Iterable[int]) -> set[int]:
    """The same of many patients at once, by their keys."""
    return {one.patient_id for one in ExerciseProgramme.objects.filter(patient__in=patients) if holds(one)}


def holds(programme: ExerciseProgramme) -> bool:
    return bool(move_gate.Gate(answers=programme.gate, answered_on=None, on=date.min).holding)


def week(*, patient: Patient, on: date) -> list[DayDone]:
    """The seven days that end with ``on``: a Monday does not wipe out what was done."""
    days = [on - timedelta(days=n) for n in reversed(range(7))]
    sessions = patient.exercise_sessions.filter(local_date__gte=days[0], local_date__lte=on).order_by()
    done = set(sessions.values_list("local_date", flat=True))
    return [DayDone(day=day, is_done=day in done, is_today=day == on) for day in days]


def history(patient: Patient) -> list[pacing.Done]:
    """All sessions, oldest first, as pacing reads them."""
    rows = patient.exercise_sessions.order_by("local_date").values_list(
        "local_date", "exercises_done", "hurt", "amounts", "pain_during", "usual_nrs", "pain_next_morning"
    )
    return [
        pacing.Done(
            day=day,
            moves=frozenset(moves),
            hurt=frozenset(hurt),
            amounts=amounts,
            pain=pain,
            usual=usual,
            morning=morning,
        )
        for day, moves, hurt, amounts, pain, usual, morning in rows
    ]


def last_done(*, patient: Patient, move: str) -> LastDone | None:
    rows = patient.exercise_sessions.order_by("-local_date").values_list(
        "local_date", "exercises_done", "hurt", "amounts", "versions"
    )
    for day, moves, hurt, amounts, versions in rows.iterator():
        if move in moves or move in hurt:
            version = Version(versions.get(move, Version.USUAL))
            return LastDone(move=move, day=day, amount=amounts.get(move), version=version, is_hurt=move in hurt)
    return None


def usual_nrs(*, patient: Patient, on: date) -> int | None:
    """The patient's usual pain on the days before, rounded; None with too little logged."""
    first = on - timedelta(days=USUAL_DAYS)
    days = patient.pain_entries.between(first, on - timedelta(days=1)).by_day()
    usual = red_flags.usual(((day, mean) for day, _low, _high, mean, _n in days), before=on)
    return None if usual is None else round(usual)


@transaction.atomic
def record(*, by: User, on: date, at: datetime, uuid: uuids.UUID | None = None, **said: Any) -> ExerciseSession:
    """Make the day's session hold exactly what is said."""
    patient, told = locked(by), _checked(Told(**said))
    _check_day(patient, told, on=on, at=at)
    return _written(by, patient, on=on, at=at, uuid=uuid, columns=told.columns)


@transaction.atomic
def merge(*, by: User, on: date, at: datetime, uuid: uuids.UUID | None = None, **said: Any) -> ExerciseSession:
    """Add what one device knows of the day's session. Sent again, or by two devices, it is the same session: of amounts
    and pain the most counts, so that nothing that was said of the day is lost."""
    patient, told = locked(by), _checked(Told(**said))
    _check_day(patient, told, on=on, at=at)
    earlier = patient.exercise_sessions.filter(local_date=on).first()
    columns = told.columns
    if earlier is not None:
        columns = _merged(earlier, told)
        if all(getattr(earlier, name) == value for name, value in columns.items()):
            return earlier
    return _written(by, patient, on=on, at=at, uuid=uuid, columns=columns)


@transaction.atomic
def note_morning(*, by: User, on: date, pain: int, at: datetime) -> ExerciseSession:
    """How much it hurt on the morning after the session of the day `on`. Said again, the last word holds."""
    patient = locked(by)
    if not is_nrs(pain):
        raise SessionOutOfRange
    session = patient.exercise_sessions.filter(local_date=on).first()
    if session is None:
        raise NoSession
    if on >= schedule.local_date(at, ZoneInfo(patient.zone)):
        raise SessionInFuture
    session.pain_next_morning = pain
    session.save(update_fields=["pain_next_morning"])
    _fit_stage(patient, on=on)
    AuditEvent.objects.create(actor=by, patient=patient, verb="said", subject=f"morning after the moves of {on}")
    return session


@transaction.atomic
def remove(*, by: User, on: date) -> None:
    """Nothing was done on that day after all. Raises NoSession."""
    patient = locked(by)
    if not patient.exercise_sessions.filter(local_date=on).delete()[0]:
        raise NoSession
    _fit_stage(patient, on=on)
    AuditEvent.objects.create(actor=by, patient=patient, verb="deleted", subject=f"moves on {on}")


def morning_to_ask(*, patient: Patient, on: date) -> ExerciseSession | None:
    """Yesterday's session, if it was not said yet how the morning after was."""
    yesterday = on - timedelta(days=MORNING_ASKED_FOR)
    return patient.exercise_sessions.filter(local_date=yesterday, pain_next_morning__isnull=True).first()


def note_done(*, patient: Patient, on: date, at: datetime) -> None:
    """A bare "done" from a mail: the day counts, the patient may say more later."""
    ExerciseSession.objects.get_or_create(
        patient=patient, local_date=on, defaults={"uuid": uuids.uuid4(), "recorded_at": at}
    )


def _written(
    by: User, patient: Patient, *, on: date, at: datetime, uuid: uuids.UUID | None, columns: dict[str, Any]
) -> ExerciseSession:
    columns = columns | {"recorded_at": at}
    first = columns | {"uuid": uuid or uuids.uuid4(), "usual_nrs": usual_nrs(patient=patient, on=on)}
    session, _ = ExerciseSession.objects.update_or_create(
        patient=patient, local_date=on, defaults=columns, create_defaults=first
    )
    if session.usual_nrs is None and first["usual_nrs"] is not None:
        session.usual_nrs = first["usual_nrs"]
        session.save(update_fields=["usual_nrs"])
    _fit_stage(patient, on=on)
    AuditEvent.objects.create(actor=by, patient=patient, verb="recorded", subject=f"moves on {on}")
    return session


def _merged(earlier: ExerciseSession, told: Told) -> dict[str, Any]:
    pains = [pain for pain in (earlier.pain_during, told.pain_during) if pain is not None]
    starts = [start for start in (earlier.started_at, told.started_at) if start is not None]
    amounts = dict(earlier.amounts)
    for key, amount in (told.amounts or {}).items():
        amounts[key] = max(amount, amounts.get(key, 0))
    began = min(starts, default=None)
    return {
        "exercises_done": _ordered({*earlier.exercises_done, *told.exercises_done}),
        "pain_during": max(pains, default=None),
        "amounts": amounts,
        "versions": {**(told.versions or {}), **earlier.versions},
        "hurt": _ordered({*earlier.hurt, *told.hurt}),
        "started_at": began,
        "zone": told.zone if began is not None and began == told.started_at else earlier.zone,
    }


def _checked(told: Told) -> Told:
    named = {*told.exercises_done, *told.hurt, *(told.amounts or {}), *(told.versions or {})}
    if not named <= MOVE_KEYS or not all(version in VERSIONS for version in (told.versions or {}).values()):
        raise UnknownMove
    amounts = (told.amounts or {}).values()
    if told.pain_during is not None and not is_nrs(told.pain_during):
        raise SessionOutOfRange
    if not all(isinstance(n, int) and 0 <= n <= MOST_OF_A_MOVE for n in amounts):
        raise SessionOutOfRange
    return told


def _check_day(patient: Patient, told: Told, *, on: date, at: datetime) -> None:
    """Of a session that says when and where it began, the local day there counts, whatever the patient's zone is now."""
    if on < EARLIEST_DAY:
        raise SessionOutOfRange
    try:
        zone = ZoneInfo(told.zone or patient.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SessionOfAnotherDay from None
    if told.started_at is not None and told.started_at > at + CLOCK_SKEW:
        raise SessionInFuture
    if told.started_at is None or not told.zone:
        return _refuse_future(patient, on=on, at=at)
    if told.started_at.year <= EARLIEST_DAY.year or schedule.local_date(told.started_at, zone) != on:
        raise SessionOfAnotherDay
    return None


def _refuse_future(patient: Patient, *, on: date, at: datetime) -> None:
    if on > schedule.local_date(at, ZoneInfo(patient.zone)):
        raise SessionInFuture


def _fit_stage(patient: Patient, *, on: date) -> None:
    programme = programme_of(patient=patient, on=on)
    sessions = history(patient)
    last = sessions[-1].day if sessions else on
    programme.stage = pacing.course(sessions, started_on=programme.started_on, on=last).level.stage
    programme.save(update_fields=["stage"])


def _ordered(keys: Iterable[str]) -> list[str]:
    named = set(keys)
    return [move.key for move in MOVES if move.key in named]
