from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain import schedule
from tracker.domain.daily_set import Wish
from tracker.domain.move_gate import POINTS, Answer, Effect, Point
from tracker.domain.moves import MOVE, MOVES
from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.models import ExerciseProgramme, ExerciseSession, User
from tracker.models.exercises import ANCHOR_LENGTH
from tracker.services import exercises, move_plans
from tracker.web.forms.fields import time_field

MOVE_CHOICES = [(move.key, _(move.name)) for move in MOVES]
HELD = [
    (Answer.NO, _("No")),
    (Answer.YES, _("Yes")),
    (Answer.UNSURE, _("Not sure")),
    (Answer.CLEARED, _("Yes, and a clinician who knows of it says that I may exercise")),
]


class SessionForm(forms.Form):
    """What was done today; nothing is chosen beforehand."""

    exercises_done = forms.MultipleChoiceField(choices=MOVE_CHOICES, required=False)
    hurt = forms.MultipleChoiceField(choices=MOVE_CHOICES, required=False)
    pain_during = forms.IntegerField(required=False, min_value=NRS_MIN, max_value=NRS_MAX)
    shown_at = forms.DateTimeField(required=False)  # when the page was: a session may end after midnight

    def clean(self) -> dict[str, Any]:
        """A move that was stopped because it hurt is worth a note, also alone."""
        if not self.errors and not self.cleaned_data["exercises_done"] and not self.cleaned_data["hurt"]:
            self.add_error("exercises_done", _("Tick at least one move that you did."))
        return self.cleaned_data

    @property
    def ticked(self) -> list[str]:
        return self["exercises_done"].value() or []

    @property
    def stopped(self) -> list[str]:
        return self["hurt"].value() or []

    @property
    def pain(self) -> str:
        value = self["pain_during"].value()
        return "" if value is None else str(value)

    def began_on(self, *, at: datetime, zone: ZoneInfo) -> date:
        """The local day of the session: that of its page, if that was shown so shortly ago."""
        shown_at = self.cleaned_data["shown_at"] or at
        is_same = timedelta(0) <= at - shown_at <= exercises.LONGEST_SESSION
        return schedule.local_date(shown_at if is_same else at, zone)

    def save(self, *, by: User, on: date, at: datetime) -> ExerciseSession:
        """What a device knows of the day beside, stays with what is still ticked."""
        kept: dict[str, Any] = {}
        said = {name: value for name, value in self.cleaned_data.items() if name != "shown_at"}
        session = by.patient.exercise_sessions.filter(local_date=on).first()
        if session is not None:
            named = {*self.cleaned_data["exercises_done"], *self.cleaned_data["hurt"]}
            kept = {
                "amounts": {key: n for key, n in session.amounts.items() if key in named},
                "versions": {key: version for key, version in session.versions.items() if key in named},
                "started_at": session.started_at,
                "zone": session.zone,
            }
        return exercises.record(by=by, on=on, at=at, **kept, **said)


def session_form(sent: Any, session: ExerciseSession | None) -> SessionForm:
    """For today's session, if it has begun, with what is known of it."""
    if session is None:
        return SessionForm(sent)
    known = {"exercises_done": session.exercises_done, "hurt": session.hurt, "pain_during": session.pain_during}
    return SessionForm(sent, initial=known)


class MorningForm(forms.Form):
    """How it was on the morning after."""

    on = forms.DateField()
    pain = forms.IntegerField(min_value=NRS_MIN, max_value=NRS_MAX)


class GateForm(forms.Form):
    """The safety points, each of which needs its answer."""

    def __init__(self, *args: Any, known: dict[str, str], prefilled: dict[str, str], **options: Any) -> None:
        super().__init__(*args, initial=prefilled | known, **options)
        for point in POINTS:
            self.fields[point.key] = forms.ChoiceField(
                label=_(point.text),
                choices=HELD if point.effect is Effect.HOLD else HELD[:3],
                widget=forms.RadioSelect,
                help_text=_("Filled in from your health profile.") if self._is_from_profile(point, known) else "",
                error_messages={"required": _("Please answer this one too, if only with “Not sure”.")},
            )

    def _is_from_profile(self, point: Point, known: dict[str, str]) -> bool:
        return point.key in self.initial and point.key not in known

    def save(self, *, by: User, on: date) -> ExerciseProgramme:
        return move_plans.answer_gate(by=by, answers=self.cleaned_data, on=on)


class HabitForm(forms.Form):
    """When the moves have their place in the day."""

    anchor = forms.CharField(
        label=_("After what in the morning?"),
        max_length=ANCHOR_LENGTH,
        required=False,
        strip=False,
        help_text=_("Something that you do every day anyway, such as: after I brush my teeth."),
    )
    rises_at = time_field(
        _("When do you usually get up?"),
        required=False,
        help_text=_("For half an hour after that, what bends your back comes last. Empty: it always comes last."),
        error_messages={"invalid": _("Choose a time, such as 06:45, or leave it empty.")},
    )
    is_measured = forms.BooleanField(
        label=_("Plan my amounts, since good days often cost me bad ones"),
        required=False,
        help_text=_(
            "After three sessions that went well, Ebb begins a little below what you did, and adds some 7 % a week, on good and bad days alike."
        ),
    )

    def save(self, *, by: User, on: date) -> ExerciseProgramme:
        return move_plans.set_habit(by=by, on=on, **self.cleaned_data)


def habit_form(sent: Any, programme: ExerciseProgramme) -> HabitForm:
    known = {
        "anchor": programme.anchor,
        "rises_at": programme.rises_at,
        "is_measured": programme.measured_since is not None,
    }
    return HabitForm(sent, initial=known)


class WishForm(forms.Form):
    """How a move is wanted from now on: a key and a wish, or a key alone to take a wish back."""

    move = forms.ChoiceField(choices=MOVE_CHOICES)
    wish = forms.ChoiceField(choices=[("", ""), *((wish.value, wish.value) for wish in Wish)], required=False)

    @classmethod
    def sent(cls, post: Any) -> "WishForm":
        """From one button that says both, such as `bridge:easier`."""
        move, _colon, wish = str(post.get("wish", "")).partition(":")
        return cls({"move": move, "wish": wish})


class SwapForm(forms.Form):
    """Another move in the place of one, for today."""

    old = forms.ChoiceField(choices=MOVE_CHOICES)
    new = forms.ChoiceField(choices=MOVE_CHOICES)

    @classmethod
    def sent(cls, post: Any) -> "SwapForm":
        old, _colon, new = str(post.get("swap", "")).partition(":")
        return cls({"old": old, "new": new})

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        old, new = said.get("old", ""), said.get("new", "")
        if old in MOVE and new in MOVE and MOVE[old].purpose is not MOVE[new].purpose:
            raise forms.ValidationError(_("These two are not for the same."))
        return said
