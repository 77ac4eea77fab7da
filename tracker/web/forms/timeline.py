from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from tracker.domain.history import LONGEST_DAYS, SPAN_WEEKS
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.periods import Step, end_of, start_of
from tracker.domain.sites import SITE_KEYS
from tracker.models.names import SITE_GROUPS
from tracker.web.forms.fields import LongSelect, day_field

DEFAULT_RANGE = "120"
ALL = "all"
# Weeks, months and years are those of the calendar, the others so many days up to one.
RANGES = (
    (Step.WEEK.value, _("Week")),
    (Step.MONTH.value, _("Month")),
    (DEFAULT_RANGE, _("120 days")),
    (Step.YEAR.value, _("Year")),
    (ALL, _("All")),
)
UNLISTED_RANGES = (("30", _("30 days")), ("365", _("365 days")))
SEARCHED_RANGES = (("84", _("12 weeks")), ("182", _("Half a year")), ("365", _("Year")), ("730", _("Two years")))
DEFAULT_WEEKS = 4


def span_choices() -> list[tuple[int, str]]:
    return [(n, ngettext("%(n)s week", "%(n)s weeks", n) % {"n": n}) for n in SPAN_WEEKS]


class SiteSelect(LongSelect):
    """Always the same places, so each way of writing them is kept: they are a tenth of a page."""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        key = value if value in SITE_KEYS else ""
        return _site_select(get_language(), name, key, tuple((attrs or {}).items()))


@lru_cache(maxsize=500)
def _site_select(language: str, name: str, value: str, attrs: tuple[tuple[str, Any], ...]) -> SafeString:
    return LongSelect(choices=site_choices()).render(name, value, dict(attrs))


def site_choices() -> list[tuple[str, Any]]:
    return [("", _("Overall")), *SITE_GROUPS]


def site_field() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Which pain"), choices=site_choices, required=False, widget=SiteSelect)


class HistoryForm(forms.Form):
    """What is asked of the log: which days, and of which pain."""

    site = site_field()

    def __init__(self, *args, today: date, **kwargs) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def check_day(self, name: str) -> None:
        day = self.cleaned_data.get(name)
        if day and not EARLIEST_DAY <= day <= self.today + timedelta(days=366):
            self.add_error(name, _("Choose a day from 1900 to a year from now."))

    @property
    def is_refused(self) -> bool:
        return not self.is_valid()

    @property
    def site_key(self) -> str:
        return self.cleaned_data.get("site", "") if self.is_valid() else ""


class RangeForm(HistoryForm):
    """Which days to look at: one of the ranges, as it was `on` a day, or from one day to another."""

    shown, default = RANGES, DEFAULT_RANGE

    range = forms.ChoiceField(choices=[*RANGES, *UNLISTED_RANGES], required=False, widget=forms.HiddenInput)
    on = day_field(_("On"), required=False)
    since = day_field(_("From"), required=False)
    until = day_field(_("To"), required=False)

    field_order = ("range", "on", "since", "until", "site")

    def clean(self) -> dict:
        cleaned = self.cleaned_data
        for name in ("on", "since", "until"):
            self.check_day(name)
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and since > (until or self.today):
            self.add_error("until", _("The last day lies before the first."))
        return cleaned

    @property
    def is_custom(self) -> bool:
        return self.is_valid() and bool(self.cleaned_data["since"] or self.cleaned_data["until"])

    @property
    def chosen_range(self) -> str:
        """The key of the range, empty where days are given."""
        if not self.is_valid():
            return self.default
        return "" if self.is_custom else self.cleaned_data["range"] or self.default

    @property
    def ranges(self) -> list[tuple[str, str, bool]]:
        return [(key, words, key == self.chosen_range) for key, words in self.shown]

    @property
    def step(self) -> Step | None:
        """What is shown, where it is a week, month or year of the calendar."""
        return Step(self.chosen_range) if self.chosen_range in list(Step) else None

    def days(self) -> tuple[date | None, date]:
        """First and last day; the first is None where all is asked for. A range ends today at the latest."""
        if self.is_custom:
            return self.cleaned_data["since"], self.cleaned_data["until"] or self.today
        if self.chosen_range == ALL:
            return None, self.today
        on = min(self.is_valid() and self.cleaned_data["on"] or self.today, self.today)
        if self.step:
            first = start_of(on, self.step)
            return first, min(end_of(first, self.step), self.today)
        return on - timedelta(days=int(self.chosen_range) - 1), on

    def stepped(self, ways: int) -> dict[str, date | None] | None:
        """What to ask for to see as many days just before (-1) or just after (1) these; None where there are none.

        Each name that tells days is there, so that what is not asked for any more leaves the address.
        """
        first, last = self.days()
        if first is None or (ways > 0 and last >= self.today):
            return None
        length = timedelta(days=(last - first).days + 1)
        if self.is_custom:
            asked = {"since": first + ways * length, "until": min(last + ways * length, self.today)}
        elif self.step:
            asked = {"on": last + timedelta(days=1) if ways > 0 else first - timedelta(days=1)}
        else:
            asked = {"on": min(last + ways * length, self.today)}
        if min(asked.values()) < EARLIEST_DAY:
            return None
        return {"on": None, "since": None, "until": None} | asked


class PatternForm(RangeForm):
    """The days that are searched for patterns: two years at most."""

    shown, default = SEARCHED_RANGES, "365"

    range = forms.ChoiceField(choices=SEARCHED_RANGES, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors or not (cleaned["since"] or cleaned["until"]):
            return cleaned
        if not cleaned["since"]:
            self.add_error("since", _("Choose the first day as well."))
        elif ((cleaned["until"] or self.today) - cleaned["since"]).days >= LONGEST_DAYS:
            self.add_error("since", _("Choose two years at most."))
        return cleaned


class YearForm(HistoryForm):
    year = forms.IntegerField(label=_("Year"), required=False, min_value=EARLIEST_DAY.year)

    field_order = ("year", "site")

    def clean_year(self) -> int | None:
        year = self.cleaned_data["year"]
        if year and year > self.today.year:
            raise forms.ValidationError(_("That year has not come yet."))
        return year

    @property
    def chosen_year(self) -> int:
        return self.is_valid() and self.cleaned_data["year"] or self.today.year


class CompareForm(HistoryForm):
    """A date, and how far to look to either side."""

    on = day_field(_("Date"))
    weeks = forms.TypedChoiceField(label=_("How far to either side"), choices=span_choices, coerce=int)

    field_order = ("on", "weeks", "site")

    def __init__(self, data: QueryDict, **kwargs) -> None:
        """Without a date, nothing is asked for yet."""
        data = data.copy()
        data.setdefault("weeks", DEFAULT_WEEKS)
        super().__init__(data if "on" in data else None, initial=data.dict(), **kwargs)

    def clean(self) -> dict:
        self.check_day("on")
        on = self.cleaned_data.get("on")
        if on and not self.has_error("on") and on > self.today:
            self.add_error("on", _("That day has not come yet."))
        return self.cleaned_data

    @property
    def is_refused(self) -> bool:
        return self.is_bound and not self.is_valid()

    @property
    def chosen_day(self) -> date | None:
        return self.cleaned_data["on"] if self.is_valid() else None

    @property
    def n_weeks(self) -> int:
        return self.cleaned_data["weeks"] if self.is_valid() else DEFAULT_WEEKS


class DayForm(forms.Form):
    """One day of the list of entries."""

    day = day_field(_("Day"), required=False)

    def __init__(self, *args, today: date, **kwargs) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def clean_day(self) -> date | None:
        day = self.cleaned_data["day"]
        if day and not EARLIEST_DAY <= day <= self.today:
            raise forms.ValidationError(_("Choose a day from 1900 to today."))
        return day

    @property
    def chosen_day(self) -> date | None:
        return self.cleaned_data["day"] if self.is_valid() else None

    @property
    def day_before(self) -> date | None:
        return self.chosen_day and max(self.chosen_day - timedelta(days=1), EARLIEST_DAY)

    @property
    def day_after(self) -> date | None:
        """None where it has not come yet."""
        return self.chosen_day + timedelta(days=1) if self.chosen_day and self.chosen_day < self.today else None
