from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from assessments import services as checkups
from tracker.domain import pacing, schedule
from tracker.models import ExerciseSession, Patient, Reminder
from tracker.services import exercises, pauses
from tracker.services.exercises import DayDone
from tracker.web.forms.moves import SessionForm, session_form


@dataclass(frozen=True, kw_only=True)
class TodaysMove:
    move: pacing.Move
    amount: str


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

    @cached_property
    def session(self) -> ExerciseSession | None:
        return self.patient.exercise_sessions.filter(local_date=self.today).first()

    @cached_property
    def is_paused(self) -> bool:
        return checkups.exercise_is_paused(self.patient.user)

    @property
    def is_in_flare(self) -> bool:
        return pauses.is_in_flare(patient=self.patient, at=self.at)

    @cached_property
    def stage(self) -> str:
        return exercises.programme_of(patient=self.patient, on=self.today).stage

    @property
    def moves(self) -> list[TodaysMove]:
        return [TodaysMove(move=move, amount=move.amount(self.stage)) for move in pacing.moves_on(self.today)]

    @cached_property
    def week(self) -> list[DayDone]:
        return exercises.week(patient=self.patient, on=self.today)

    @property
    def n_done(self) -> int:
        return sum(day.is_done for day in self.week)

    @cached_property
    def reminder(self) -> Reminder | None:
        return self.patient.reminders.wanted().filter(kind=Reminder.Kind.MORNING_MOVES).first()

    @property
    def scores(self) -> list[str]:
        return [str(score) for score in range(11)]
