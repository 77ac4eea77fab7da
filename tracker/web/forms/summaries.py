from datetime import date, timedelta

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from tracker.domain.brief import MAY_BE_LEFT_OUT, Part
from tracker.domain.pain import EARLIEST_DAY
from tracker.models import Summary
from tracker.models.second_opinions import LONG_TEXT
from tracker.services.summaries import DEFAULT_DAYS, Wish
from tracker.web.forms.fields import Keys, PlainText, day_field

PERIODS = (
    (str(DEFAULT_DAYS), _("the last 12 weeks")),
    ("182", _("the last 6 months")),
    ("365", _("the last 12 months")),
    ("all", _("all that is logged")),
    ("days", _("from one day to another")),
)
PART_TITLES = {
    Part.PERSON: _("Your name, age and sex"),
    Part.CONDITIONS: _("Other illnesses, in your own words"),
    Part.STORY: _("How it began and what changes it, from your check-up"),
    Part.FUNCTION: _("What the pain keeps you from, sleep, mood, questionnaires"),
    Part.TRIED: _("What you have tried"),
    Part.GOAL: _("What you want to be able to do again"),
    Part.WORRY: _("What you fear, or expect"),
    Part.NOTES: _("Every note of your log"),
}
# Files go with a second opinion alone.
PARTS = tuple((part.value, PART_TITLES[part]) for part in MAY_BE_LEFT_OUT if part != Part.FILES)
VERSIONS = (
    ("whole", _("Whole: everything, also what others have called it so far")),
    ("blind", _("Blind: what you feel and what was done, without what others have concluded")),
)


def _text(label: str, help_text: str, rows: int = 2) -> PlainText:
    area = forms.Textarea(attrs={"rows": rows})
    return PlainText(label=label, help_text=help_text, max_length=LONG_TEXT, required=False, widget=area)


class SummaryForm(forms.Form):
    """What the patient wants on the page for a clinician."""

    question = _text(_("Your question"), _("The one thing that you want an answer to. It stands at the top."))
    period = forms.ChoiceField(label=_("Which days of your log"), choices=PERIODS)
    first_day = day_field(_("From, if you chose days"), required=False)
    last_day = day_field(_("To, if you chose days"), required=False)
    version = forms.ChoiceField(
        label=_("Which version"),
        choices=VERSIONS,
        widget=forms.RadioSelect,
        help_text=_("Alarm signs, medicines, allergies, operations and conditions that matter are in both."),
    )
    goal = _text(_("What you want to be able to do again"), "")
    worry = _text(_("What you fear, or expect"), "")
    parts = Keys(label=_("Parts that go with it"), choices=PARTS)
    paper = forms.ChoiceField(label=_("Paper"), choices=Summary.Paper.choices)

    def __init__(self, *args, today: date, first_logged: date | None, words: dict[str, str], **kwargs) -> None:
        self.today, self.first_logged = today, first_logged
        said = {"period": str(DEFAULT_DAYS), "version": "whole", "paper": Summary.Paper.A4, **words}
        said["parts"] = [key for key, _name in PARTS if key != Part.NOTES]
        super().__init__(*args, initial=said | kwargs.pop("initial", {}), **kwargs)

    def clean(self) -> dict:
        said = super().clean()
        if said.get("period") == "days":
            first, last = said.get("first_day"), said.get("last_day") or self.today
            if first is None and "first_day" not in self.errors:
                self.add_error("first_day", _("Choose the first day."))
            elif first is not None and not EARLIEST_DAY <= first <= last:
                self.add_error("first_day", _("The first day is before 1900, or after the last one."))
            if last > self.today:
                self.add_error("last_day", _("That day has not come yet."))
        return said

    @property
    def wish(self) -> Wish:
        said = self.cleaned_data
        first, last = self._days()
        return Wish(
            first_day=first,
            last_day=last,
            question=said["question"],
            goal=said["goal"],
            worry=said["worry"],
            is_blind=said["version"] == "blind",
            left_out=tuple(key for key, _name in PARTS if key not in said["parts"]),
            paper=said["paper"],
        )

    def _days(self) -> tuple[date, date]:
        said = self.cleaned_data
        match said["period"]:
            case "days":
                return said["first_day"], said["last_day"] or self.today
            case "all":
                return min(self.first_logged or self.today, self.today), self.today
            case n:
                return self.today - timedelta(days=int(n) - 1), self.today


def paper_of(posted: QueryDict) -> str:
    """Which paper a button asks for; A4 unless it is known."""
    return posted.get("paper", "") if posted.get("paper") in Summary.Paper.values else Summary.Paper.A4.value
