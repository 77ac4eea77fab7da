from datetime import date, datetime, time
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.dates import WEEKDAYS
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from assessments import services as checkups
from tracker.models import Medicine, Patient, Reminder, User
from tracker.services import pauses, reminders
from tracker.web.forms.fields import day_field, time_field
from tracker.web.forms.refusable import RefusableForm

DAYS = [(str(n + 1), name) for n, name in WEEKDAYS.items()]
REFUSALS = {
    reminders.ReminderAlreadyThere: (None, _("You have this reminder already. Change its time instead.")),
    reminders.TooManyReminders: (None, _("These are all the reminders Ebb can hold for you. Delete one first.")),
    reminders.WindowOutOfRange: ("window_minutes", _("So late it would help nobody. Choose a shorter time.")),
    reminders.RepeatOutOfRange: ("repeat_minutes", _("By then it would be too late. Choose a shorter time.")),
    reminders.NotForAMedicine: ("medicine", _("A medicine goes only with “Take my medicine”.")),
}
NO_DAY = _("Choose a day of the calendar.")
LATE = [
    ("", _("as long as it makes sense")),
    (15, _("15 minutes")),
    (30, _("half an hour")),
    (60, _("an hour")),
    (120, _("two hours")),
]
AGAIN = [
    ("", _("no, once is enough")),
    (15, _("after 15 minutes")),
    (30, _("after half an hour")),
    (60, _("after an hour")),
    (120, _("after two hours")),
]


def kinds() -> list[tuple[str, Any]]:
    """What a patient can set a time for."""
    left_out = set(Reminder.UNTIMED) | (set() if checkups.is_on() else {Reminder.Kind.CHECK_UP})
    return [(kind.value, kind.label) for kind in Reminder.Kind if kind not in left_out]


def minutes(label: Any, choices: list[tuple[Any, Any]], **options: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=choices, coerce=int, empty_value=None, required=False, **options)


class ReminderForm(RefusableForm):
    refusals = REFUSALS

    kind = forms.ChoiceField(
        label=_("What for?"),
        choices=kinds,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is for.")},
    )
    medicine = forms.ModelChoiceField(
        label=_("Which medicine?"),
        queryset=Medicine.objects.none(),
        required=False,
        to_field_name="uuid",
        empty_label=_("not named"),
        help_text=_("Shown here. A mail names it only if you let mails say more."),
    )
    wall_time = time_field(
        _("At what time?"),
        error_messages=dict.fromkeys(("required", "invalid"), _("Choose a time, such as 07:30.")),
    )
    weekdays = forms.MultipleChoiceField(
        label=_("On which days?"),
        choices=DAYS,
        widget=forms.CheckboxSelectMultiple,
        initial=[day for day, _n in DAYS],
        error_messages={"required": _("Choose at least one day.")},
    )
    channels = forms.MultipleChoiceField(
        label=_("By which way?"),
        choices=Reminder.Channel.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Reminder.Channel.EMAIL],
        error_messages={
            "required": _("Choose at least one way. To stop it for a while, untick “Switched on” instead.")
        },
    )
    repeat_minutes = minutes(_("Once more if nothing is done?"), AGAIN)
    window_minutes = minutes(_("How late may it come?"), LATE, help_text=_("After that it is left out, not sent late."))
    skips_if_done = forms.BooleanField(label=_("Only if it is not done yet"), required=False, initial=True)
    is_active = forms.BooleanField(label=_("Switched on"), required=False, initial=True)

    def __init__(
        self, *args: Any, patient: Patient, reminder: Reminder | None = None, kind: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, initial=self.initial_of(reminder) if reminder else {"kind": kind}, **kwargs)
        self.reminder = reminder
        if not patient.push_devices.filter(gone_at__isnull=True).exists():
            link = reverse("reminder_ways")
            words = _('Messages need a device of yours: <a href="{}">add one</a> first.')
            self.fields["channels"].help_text = format_html(words, link)
        self.leave_out_kinds(patient)
        if reminder:
            self.keep_own_minutes(reminder)
        self.fields["medicine"].queryset = patient.medicines.order_by("name")
        for name in self.not_asked(patient):
            del self.fields[name]

    def leave_out_kinds(self, patient: Patient) -> None:
        """Those of which there is one only, and it is there. Sent all the same, it is refused in words."""
        there = set(patient.reminders.filter(kind__in=Reminder.ONE_OF_ITS_KIND).values_list("kind", flat=True))
        asked = kinds()
        left = [(kind, label) for kind, label in asked if kind not in there]
        if left != asked:
            self.fields["kind"].widget.choices = left
            self.fields["kind"].help_text = _(
                "What you have already, and need only once, is left out: change it in the list."
            )

    def keep_own_minutes(self, reminder: Reminder) -> None:
        """What an app chose may be none of the usual ones: it stays chosen."""
        for name, own in (("repeat_minutes", reminder.repeat_minutes), ("window_minutes", reminder.window_minutes)):
            choices = self.fields[name].choices
            if own is not None and own not in dict(choices):
                words = ngettext("%(n)s minute", "%(n)s minutes", own) % {"n": own}
                self.fields[name].choices = [*choices, (own, words)]

    def not_asked(self, patient: Patient) -> list[str]:
        if self.reminder is None:
            return [] if patient.medicines.exists() else ["medicine"]
        if self.reminder.kind in Reminder.UNTIMED:
            return [name for name in self.fields if name not in ("is_active", "channels")]
        if self.reminder.kind == Reminder.Kind.MEDICINE and patient.medicines.exists():
            return ["kind"]
        return ["kind", "medicine"]

    @property
    def plain(self) -> list[forms.BoundField]:
        return [self[name] for name in ("kind", "medicine", "wall_time", "weekdays", "channels") if name in self.fields]

    @property
    def more(self) -> list[forms.BoundField]:
        names = ("repeat_minutes", "window_minutes", "skips_if_done")
        return [self[name] for name in names if name in self.fields]

    @property
    def more_is_open(self) -> bool:
        """Where something other than usual is chosen, or wrong."""
        usual = {"repeat_minutes": (None, ""), "window_minutes": (None, ""), "skips_if_done": (True,)}
        return any(field.errors or field.value() not in usual[field.name] for field in self.more)

    def initial_of(self, reminder: Reminder) -> dict[str, Any]:
        return {
            "wall_time": reminder.wall_time,
            "weekdays": list(reminder.weekdays),
            "medicine": reminder.medicine and reminder.medicine.uuid,
            "channels": sorted(reminder.channel_set),
            "repeat_minutes": reminder.repeat_minutes,
            "window_minutes": reminder.window_minutes,
            "skips_if_done": reminder.skips_if_done,
            "is_active": reminder.is_active and not reminder.unsubscribed_at,
        }

    def clean_wall_time(self) -> time:
        return self.cleaned_data["wall_time"].replace(second=0, microsecond=0)

    def clean_channels(self) -> str:
        return ",".join(self.cleaned_data["channels"])

    def clean_weekdays(self) -> list[int]:
        return [int(day) for day in self.cleaned_data["weekdays"]]

    def save(self, *, by: User, at: datetime) -> Reminder | None:
        """The saved reminder, or None with the refusal as an error of this form."""
        said, known = self.cleaned_data, self.reminder
        if known:
            return self.carried_out(lambda: reminders.change(by=by, reminder=known, at=at, **said))
        return self.carried_out(lambda: reminders.create_once(by=by, at=at, **said))


class PauseForm(forms.Form):
    """The days without reminders, the first and the last among them; no first day means from now on."""

    first_on = day_field(
        _("First day without"),
        required=False,
        help_text=_("Empty: from today on."),
        error_messages={"invalid": NO_DAY},
    )
    last_on = day_field(
        _("Last day without"),
        error_messages={"required": _("Choose the last day of your rest."), "invalid": NO_DAY},
    )
    covers_all = forms.BooleanField(label=_("Medicine and appointments rest too"), required=False)

    def __init__(self, *args: Any, patient: Patient, today: date, **kwargs: Any) -> None:
        now = pauses.standing(patient=patient, on=today)
        # Of one that has begun the first day is past: sent again with another last day, it goes on from today.
        first_on = now.first_on if now.is_coming else None
        initial = {"first_on": first_on, "last_on": now.last_on, "covers_all": now.covers_all}
        super().__init__(*args, initial=initial, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        first_on, last_on = self.cleaned_data.get("first_on") or self.today, self.cleaned_data.get("last_on")
        if last_on and "first_on" in self.cleaned_data:
            if not self.today <= first_on:
                self.add_error("first_on", _("Choose today or a day to come."))
            elif not first_on <= last_on < self.today + pauses.LONGEST_PAUSE:
                self.add_error("last_on", _("Choose a day from the first one on, within a year."))
            self.cleaned_data["first_on"] = first_on
        return self.cleaned_data

    def save(self, *, by: User, at: datetime) -> None:
        pauses.holiday(by=by, at=at, **self.cleaned_data)


class WordsForm(forms.Form):
    says_more = forms.BooleanField(label=_("Say in the mail what it is about"), required=False)
