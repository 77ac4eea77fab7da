from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from tracker.models import Reminder, User
from tracker.services import reminders

KINDS = [(kind.value, kind.label) for kind in Reminder.Kind if kind not in Reminder.UNTIMED]
DAYS = [(str(n + 1), name) for n, name in WEEKDAYS.items()]
WORDS = {
    reminders.ReminderAlreadyThere: _("You have this reminder already. Change its time instead."),
    reminders.TooManyReminders: _("These are all the reminders Ebb can hold for you. Delete one first."),
}


class ReminderForm(forms.Form):
    kind = forms.ChoiceField(label=_("What for?"), choices=KINDS, widget=forms.RadioSelect)
    wall_time = forms.TimeField(
        label=_("At what time?"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    weekdays = forms.MultipleChoiceField(
        label=_("On which days?"), choices=DAYS, widget=forms.CheckboxSelectMultiple, initial=[day for day, _n in DAYS]
    )
    is_active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    def __init__(self, *args: Any, reminder: Reminder | None = None, kind: str = "", **kwargs: Any) -> None:
        super().__init__(*args, initial=self.initial_of(reminder) if reminder else {"kind": kind}, **kwargs)
        self.reminder = reminder
        if reminder:
            del self.fields["kind"]
        if reminder and reminder.kind in Reminder.UNTIMED:
            del self.fields["wall_time"], self.fields["weekdays"]

    def initial_of(self, reminder: Reminder) -> dict[str, Any]:
        return {
            "wall_time": reminder.wall_time,
            "weekdays": list(reminder.weekdays),
            "is_active": reminder.is_active and not reminder.unsubscribed_at,
        }

    def clean_wall_time(self) -> time:
        return self.cleaned_data["wall_time"].replace(second=0, microsecond=0)

    def clean_weekdays(self) -> list[int]:
        return [int(day) for day in self.cleaned_data["weekdays"]]

    def save(self, *, by: User, at: datetime) -> Reminder | None:
        """The saved reminder, or None with the refusal as an error of this form."""
        if self.reminder:
            return reminders.change(by=by, reminder=self.reminder, at=at, **self.cleaned_data)
        try:
            return reminders.create(by=by, at=at, uuid=uuid4(), **self.cleaned_data)
        except tuple(WORDS) as refusal:
            self.add_error(None, WORDS[type(refusal)])
            return None


class PauseForm(forms.Form):
    """An empty day ends the pause."""

    until = forms.DateField(
        label=_("Send nothing before"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> date | None:
        until = self.cleaned_data["until"]
        if until and not self.today < until <= self.today + reminders.LONGEST_PAUSE:
            raise ValidationError(_("Choose a day from tomorrow on, within a year."))
        return until
