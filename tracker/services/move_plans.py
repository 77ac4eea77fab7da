"""Today's set of morning moves, what the patient wishes of it, and when they mean to do it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from tracker.domain import daily_set, move_gate, pacing, schedule
from tracker.domain.daily_set import DailySet, Facts, Standing, Wish, Wishes
from tracker.domain.errors import DomainError
from tracker.domain.moves import MOVE, Move
from tracker.domain.text import storable
from tracker.models import AuditEvent, ExerciseProgramme, Patient, User
from tracker.models.exercises import ANCHOR_LENGTH
from tracker.services import exercises, health
from tracker.services.exercises import UnknownMove
from tracker.services.locks import locked

WISHES = frozenset(Wish)


class UnknownWish(DomainError):
    """Not one of the wishes that a move can have."""


class GateUnanswered(DomainError):
    """Not one of the safety points, or not one of their answers."""


@dataclass(frozen=True, kw_only=True)
class Day:
    """All that a day of the moves rests on."""

    programme: ExerciseProgramme
    gate: move_gate.Gate
    facts: Facts
    set: DailySet

    def alternatives(self, key: str) -> list[Move]:
        return daily_set.alternatives(key, [planned.move.key for planned in self.set.moves], self.facts)

    def standing(self, key: str) -> Standing:
        return daily_set.standing(key, self.facts, self.set)


def gate_of(*, programme: ExerciseProgramme, on: date) -> move_gate.Gate:
    profile = health.profile_of(programme.patient)
    age = on.year - profile.birth_year if profile and profile.birth_year else None
    return move_gate.Gate(answers=programme.gate, answered_on=programme.gate_answered_on, on=on, age=age)


def prefilled(*, patient: Patient) -> dict[str, str]:
    """What the health profile says of the safety points."""
    profile = health.profile_of(patient)
    return move_gate.prefilled(profile.facts) if profile else {}


@transaction.atomic
def answer_gate(*, by: User, answers: dict[str, str], on: date) -> ExerciseProgramme:
    """Keep all answers to the safety points; with the first the programme begins."""
    patient = locked(by)
    if not move_gate.are_answers(answers) or set(answers) != set(move_gate.POINT):
        raise GateUnanswered
    programme = exercises.programme_of(patient=patient, on=on)
    programme.gate, programme.gate_answered_on = dict(answers), on
    programme.save(update_fields=["gate", "gate_answered_on"])
    AuditEvent.objects.create(actor=by, patient=patient, verb="answered", subject="safety questions of the moves")
    return programme


def day_of(*, patient: Patient, at: datetime) -> Day:
    """Today's set, from sessions before today: what is done today changes tomorrow's."""
    zone = ZoneInfo(patient.zone)
    on = schedule.local_date(at, zone)
    programme = exercises.programme_at_hand(patient=patient, on=on)
    gate = gate_of(programme=programme, on=on)
    sessions = [session for session in exercises.history(patient) if session.day < on]
    share = pacing.flare_share(at, patient.flare_until)
    facts = Facts(
        on=on,
        course=pacing.course(sessions, started_on=programme.started_on, on=on),
        sessions=sessions,
        wishes=_wishes(programme, on),
        conditions=gate.conditions,
        needs_chair=gate.needs_chair,
        share=share,
        is_flare=patient.flare_until is not None and at < patient.flare_until,
        has_risen=_has_risen(programme.rises_at, at.astimezone(zone).time()),
    )
    return Day(programme=programme, gate=gate, facts=facts, set=daily_set.daily_set(facts))


@transaction.atomic
def wish(*, by: User, move: str, wish: str, on: date) -> ExerciseProgramme:
    """Keep how the patient wants a move from now on; `usual` also overrules what Ebb would make easier."""
    if move not in MOVE:
        raise UnknownMove
    if wish not in WISHES and wish != "":
        raise UnknownWish
    programme = exercises.programme_of(patient=locked(by), on=on)
    programme.wishes = {key: kept for key, kept in programme.wishes.items() if key != move} | (
        {move: wish} if wish else {}
    )
    programme.save(update_fields=["wishes"])
    _audit(by, programme, f"wish for {move}")
    return programme


@transaction.atomic
def wish_for_today(
    *, by: User, on: date, is_easier: bool | None = None, swapped: tuple[str, str] | None = None
) -> ExerciseProgramme:
    """Everything easier, or another move of the same purpose in the place of one: for the day `on` alone."""
    programme = exercises.programme_of(patient=locked(by), on=on)
    if programme.wished_on != on:
        programme.wished_on, programme.is_easier_that_day, programme.swapped_that_day = on, False, {}
    if is_easier is not None:
        programme.is_easier_that_day = is_easier
    if swapped is not None:
        old, new = swapped
        if old not in MOVE or new not in MOVE or MOVE[old].purpose is not MOVE[new].purpose:
            raise UnknownMove
        before = {first: other for first, other in programme.swapped_that_day.items() if first != old and other != old}
        # Swapped twice, the first of the three is the one whose place it is.
        first = next((first for first, other in programme.swapped_that_day.items() if other == old), old)
        programme.swapped_that_day = before | ({first: new} if first != new else {})
    programme.save(update_fields=["wished_on", "is_easier_that_day", "swapped_that_day"])
    _audit(by, programme, "wish for today's moves")
    return programme


@transaction.atomic
def set_habit(
    *, by: User, on: date, anchor: str | None = None, rises_at: time | None = None, is_measured: bool | None = None
) -> ExerciseProgramme:
    """After what the moves come, when the patient gets up, and whether amounts grow by a plan of their own."""
    programme = exercises.programme_of(patient=locked(by), on=on)
    if anchor is not None:
        programme.anchor = storable(anchor, longest=ANCHOR_LENGTH)
    programme.rises_at = rises_at
    if is_measured is not None:
        programme.measured_since = (programme.measured_since or on) if is_measured else None
    programme.save(update_fields=["anchor", "rises_at", "measured_since"])
    _audit(by, programme, "habit of the moves")
    return programme


def n_days_done(patient: Patient) -> int:
    return patient.exercise_sessions.count()


def offers_fewer_reminders(programme: ExerciseProgramme, *, n_done: int) -> bool:
    """Once, when a habit may stand; the patient decides."""
    return n_done >= pacing.HABIT_DAYS and programme.fewer_asked_on is None


@transaction.atomic
def settle_fewer_reminders(*, by: User, on: date) -> None:
    """It was talked about, whatever the answer."""
    programme = exercises.programme_of(patient=locked(by), on=on)
    programme.fewer_asked_on = on
    programme.save(update_fields=["fewer_asked_on"])


def _has_risen(rises_at: time | None, now: time) -> bool:
    """Half an hour after the time at which the patient gets up; nobody knows without it, and after midnight it is night."""
    if rises_at is None:
        return False
    minutes = (now.hour - rises_at.hour) * 60 + now.minute - rises_at.minute
    return timedelta(minutes=minutes) >= pacing.RISEN_FOR


def _wishes(programme: ExerciseProgramme, on: date) -> Wishes:
    is_today = programme.wished_on == on
    return Wishes(
        kept={key: Wish(wish) for key, wish in programme.wishes.items() if wish in WISHES},
        is_easier_today=is_today and programme.is_easier_that_day,
        swapped_today=programme.swapped_that_day if is_today else {},
        is_measured_since=programme.measured_since,
    )


def _audit(by: User, programme: ExerciseProgramme, subject: str) -> None:
    AuditEvent.objects.create(actor=by, patient_id=programme.patient_id, verb="changed", subject=subject)
