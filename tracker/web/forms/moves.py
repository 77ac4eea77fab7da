from datetime import date, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain.pacing import MOVES, PAIN_TO_STOP
from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.models import ExerciseSession, User
from tracker.services import exercises


class SessionForm(forms.Form):
    """What was done today; nothing is chosen beforehand."""

    exercises_done = forms.MultipleChoiceField(
        choices=[(move.key, move.name) for move in MOVES],
        error_messages={"required": _("Tick at least one move that you did.")},
    )
    pain_during = forms.IntegerField(required=False, min_value=NRS_MIN, max_value=NRS_MAX)

    @property
    def ticked(self) -> list[str]:
        return self["exercises_done"].value() or []

    @property
    def pain(self) -> str:
        value = self["pain_during"].value()
        return "" if value is None else str(value)

    @property
    def was_too_much(self) -> bool:
        return (self.cleaned_data["pain_during"] or 0) > PAIN_TO_STOP

    def save(self, *, by: User, on: date, at: datetime) -> ExerciseSession:
        return exercises.record(by=by, on=on, at=at, **self.cleaned_data)


def session_form(sent, session: ExerciseSession | None) -> SessionForm:
    """For today's session, if it has begun, with what is known of it."""
    if session is None:
        return SessionForm(sent)
    return SessionForm(sent, initial={"exercises_done": session.exercises_done, "pain_during": session.pain_during})
