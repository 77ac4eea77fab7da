"""The page of the morning moves: today's list with its reasons, what holds it, and what it leads to."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from assessments import services as checkups
from tracker.domain import pacing, schedule
from tracker.domain.daily_set import REST_S, Planned, Wish
from tracker.domain.move_drawings import DRAWINGS, Drawing
from tracker.domain.move_gate import Point
from tracker.domain.moves import MOVES, STAGES, STOP_SIGNS, Move, Purpose, Unit, Version
from tracker.models import ExerciseSession, Patient, Reminder
from tracker.services import exercises, move_plans, move_trial, move_words, pauses, verdict_words, ways
from tracker.services.exercises import DayDone
from tracker.services.move_plans import Day
from tracker.web.forms.moves import SessionForm, session_form
from tracker.web.presenters.attempt_list import Item
from tracker.web.presenters.offline import account_key
from tracker.web.presenters.treatments import standing

PURPOSES = {
    Purpose.WARM_UP: lambda: _("Warm up"),
    Purpose.MOBILITY: lambda: _("Mobility"),
    Purpose.STRENGTH: lambda: _("Strength"),
}
# What a drawing is of, where that is not the move itself.
KINDS = {
    "usual": lambda: "",
    "easier": lambda: _("Easier"),
    "chair": lambda: _("With a chair"),
    "band": lambda: _("With a band"),
    "worktop": lambda: _("On a worktop"),
    "floor": lambda: _("On the floor, from the knees"),
    "one_leg": lambda: _("One leg at a time"),
    "nod": lambda: _("And the nod"),
}
REASONS_SHOWN = 3  # before the rest is folded away


@dataclass(frozen=True, kw_only=True)
class MoveToday:
    planned: Planned
    alternatives: list[Move]
    wish: str

    @property
    def move(self) -> Move:
        return self.planned.move

    @property
    def amount(self) -> str:
        return move_words.amount(self.planned)

    @property
    def version(self) -> str:
        """Nothing where it is the usual one."""
        return "" if self.planned.version is Version.USUAL else move_words.version(self.planned)

    @property
    def what_differs(self) -> str:
        return move_words.what_differs(self.planned)

    @property
    def reasons(self) -> list[str]:
        return [move_words.reason(one) for one in self.planned.why]

    @property
    def drawing(self) -> Drawing:
        return DRAWINGS[self.planned.drawing]

    @property
    def also(self) -> Drawing | None:
        return DRAWINGS[self.move.key, self.move.drawn_also] if self.move.drawn_also else None

    @property
    def wishes(self) -> list[tuple[str, str]]:
        return other_wishes(self.wish, comes_as=self.planned.version)


def other_wishes(kept: str, *, comes_as: Version | None) -> list[tuple[str, str]]:
    """What else can be wished of a move. "As usual" is no change where Ebb has it so."""
    offered = {
        Wish.EASIER: _("Easier from now on"),
        Wish.HARDER: _("Harder from now on"),
        Wish.USUAL: _("As usual from now on"),
        Wish.OUT: _("Leave it out from now on"),
    }
    now = kept or (Wish.USUAL if comes_as is Version.USUAL else "")
    shown = [(wish.value, words) for wish, words in offered.items() if wish != now]
    return [("", _("Let Ebb choose"))] + shown if kept else shown


@dataclass(kw_only=True)
class MovesPage:
    patient: Patient
    at: datetime
    form: SessionForm | None = None

    def __post_init__(self) -> None:
        self.form = self.form or session_form(None, self.session)

    @cached_property
    def today(self) -> date:
        return schedule.local_date(self.at, ZoneInfo(self.patient.zone))

    @property
    def shown_at(self) -> str:
        """Refused and shown again, it is still the session that was begun."""
        return (self.form and self.form["shown_at"].value()) or self.at.isoformat()

    @cached_property
    def day(self) -> Day:
        return move_plans.day_of(patient=self.patient, at=self.at)

    @cached_property
    def session(self) -> ExerciseSession | None:
        return self.patient.exercise_sessions.filter(local_date=self.today).first()

    @cached_property
    def morning(self) -> ExerciseSession | None:
        return exercises.morning_to_ask(patient=self.patient, on=self.today)

    @cached_property
    def is_paused(self) -> bool:
        return checkups.exercise_is_paused(self.patient.user)

    @property
    def holding(self) -> tuple[Point, ...]:
        return self.day.gate.holding

    @property
    def is_open(self) -> bool:
        return not self.is_paused and self.day.gate.is_open

    @property
    def is_held(self) -> bool:
        """Nobody is reminded until a clinician has agreed."""
        return self.is_paused or bool(self.holding)

    @property
    def is_new(self) -> bool:
        return not self.day.gate.is_answered

    @property
    def is_in_flare(self) -> bool:
        return pauses.is_in_flare(patient=self.patient, at=self.at)

    @cached_property
    def rests(self) -> pauses.Standing | None:
        """A sick day or a pause, if it is one."""
        standing = pauses.standing(patient=self.patient, on=self.today)
        return standing if standing.is_sick_today or standing.is_paused else None

    @property
    def stage(self) -> str:
        return self.day.set.level.stage

    @cached_property
    def moves(self) -> list[MoveToday]:
        wishes = self.day.programme.wishes
        return [
            MoveToday(
                planned=planned,
                alternatives=self.day.alternatives(planned.move.key),
                wish=wishes.get(planned.move.key, ""),
            )
            for planned in self.day.set.moves
        ]

    @property
    def left_out(self) -> list[Move]:
        """By the patient's wish: they can come back."""
        return [move for move in MOVES if self.day.programme.wishes.get(move.key) == Wish.OUT]

    @property
    def others_ticked(self) -> list[Move]:
        """Done today, but not on today's list: they stay ticked."""
        listed = {planned.move.key for planned in self.day.set.moves}
        ticked = self.form.ticked if self.form else []
        return [move for move in MOVES if move.key in ticked and move.key not in listed]

    @property
    def reasons(self) -> list[str]:
        return [move_words.reason(one) for one in self.day.set.why][:REASONS_SHOWN]

    @property
    def more_reasons(self) -> list[str]:
        return [move_words.reason(one) for one in self.day.set.why][REASONS_SHOWN:]

    @property
    def is_easier_today(self) -> bool:
        return self.day.facts.wishes.is_easier_today

    @property
    def plan(self) -> str:
        """What a device keeps of today's list, for a session without network."""
        return device_plan(self.patient, self.day)

    @cached_property
    def week(self) -> list[DayDone]:
        return exercises.week(patient=self.patient, on=self.today)

    @property
    def n_done(self) -> int:
        return sum(day.is_done for day in self.week)

    @property
    def week_in_words(self) -> str:
        return move_words.days_of_week(self.n_done)

    @cached_property
    def reminder(self) -> Reminder | None:
        return self.patient.reminders.wanted().filter(kind=Reminder.Kind.MORNING_MOVES).first()

    @property
    def is_reached(self) -> bool:
        """By a way that the reminder takes."""
        return self.reminder is not None and bool(self.reminder.channel_set & ways.open_to(self.patient))

    @cached_property
    def n_days_done(self) -> int:
        return move_plans.n_days_done(self.patient)

    @property
    def is_no_time_for_habits(self) -> bool:
        """While the patient is ill, away, in a flare or needs help, nothing is asked about a habit."""
        return self.is_in_flare or self.rests is not None or self.patient.help_shown_at is not None

    @property
    def offers_fewer(self) -> str:
        """The words about a habit, if it is time for fewer reminders."""
        has_many = self.reminder is not None and len(self.reminder.weekday_set) > 3
        if (
            self.is_no_time_for_habits
            or not has_many
            or not move_plans.offers_fewer_reminders(self.day.programme, n_done=self.n_days_done)
        ):
            return ""
        return move_words.habit(self.n_days_done)

    @cached_property
    def trial(self) -> Item | None:
        """The moves as a treatment, if they are one."""
        newest = move_trial.attempt_of(patient=self.patient)
        if newest is None:
            return None
        verdict = newest.verdicts.order_by("-as_of", "-pk").first()
        told = {"badge": verdict_words.badge(verdict), "tone": verdict_words.tone(verdict)}
        return Item(attempt=newest, standing=standing(newest, today=self.today), **told)

    @property
    def asks_for_trial(self) -> bool:
        return self.trial is None and self.day.programme.wants_verdict is None

    @property
    def scores(self) -> list[str]:
        return [str(score) for score in range(11)]

    @property
    def stop_signs(self) -> list[str]:
        return [_(sign) for sign in STOP_SIGNS]


def device_plan(patient: Patient, day: Day) -> str:
    told = {
        "account": account_key(patient.user),
        "on": day.set.on.isoformat(),
        "zone": patient.zone,
        "rest": REST_S,
        "stopAt": pacing.stop_at(exercises.usual_nrs(patient=patient, on=day.set.on)),
        "moves": [_for_device(planned) for planned in day.set.moves],
    }
    return json.dumps(told)


def _for_device(planned: Planned) -> dict[str, object]:
    move = planned.move
    easier = Version.CHAIR if planned.version is Version.CHAIR else Version.EASIER
    return {
        "key": move.key,
        "version": planned.version.value,
        "amount": planned.amount,
        "words": move_words.amount(planned),
        "drawing": planned.drawing[1],
        "easier": move.drawing(planned.stage, easier),
        "easierWords": move_words.amount(replace(planned, version=easier)),
        "seconds": move.seconds(1) // (2 if move.unit is Unit.EACH_SIDE else 1),
        "sides": 2 if move.unit is Unit.EACH_SIDE else 1,
        "isTimed": move.unit is Unit.MINUTES,
        "isStrength": move.purpose is Purpose.STRENGTH,
    }


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A move with all its stages and versions."""

    move: Move

    @property
    def purpose(self) -> str:
        return PURPOSES[self.move.purpose]()

    @property
    def doses(self) -> list[tuple[str, str]]:
        return [(stage, move_words.dose(self.move, stage)) for stage in STAGES]

    @property
    def drawings(self) -> list[tuple[str, Drawing]]:
        """Its drawings with what they are of, its own first."""
        kinds = [kind for key, kind in DRAWINGS if key == self.move.key]
        return [(KINDS[kind](), DRAWINGS[self.move.key, kind]) for kind in kinds]


def explained(moves: Iterable[Move] = MOVES) -> list[Explained]:
    return [Explained(move=move) for move in moves]
