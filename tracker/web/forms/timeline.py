from datetime import date, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain.sites import SITES
from tracker.web.forms.fields import LongSelect

EARLIEST_DAY = date(1900, 1, 1)
DEFAULT_RANGE = "120"
ALL = "all"
RANGES = (("30", _("30 days")), (DEFAULT_RANGE, _("120 days")), ("365", _("Year")), (ALL, _("All")))


def day_field(label: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class RangeForm(forms.Form):
    """Which days to look at: one of the ranges, or from one day to another."""

    range = forms.ChoiceField(choices=RANGES, required=False, widget=forms.HiddenInput)
    since = day_field(_("From"))
    until = day_field(_("To"))
    site = forms.ChoiceField(
        label=_("Which pain"), choices=[("", _("Overall")), *SITES], required=False, widget=LongSelect
    )

    def __init__(self, *args, today: date, **kwargs) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def clean(self) -> dict:
        cleaned = self.cleaned_data
        since, until = cleaned.get("since"), cleaned.get("until")
        for name, day in (("since", since), ("until", until)):
            if day and not EARLIEST_DAY <= day <= self.today + timedelta(days=366):
                self.add_error(name, _("Choose a day from 1900 to a year from now."))
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
            return DEFAULT_RANGE
        return "" if self.is_custom else self.cleaned_data["range"] or DEFAULT_RANGE

    @property
    def site_key(self) -> str:
        return self.cleaned_data.get("site", "") if self.is_valid() else ""

    def days(self) -> tuple[date | None, date]:
        """First and last day; the first is None where all is asked for."""
        if self.is_custom:
            return self.cleaned_data["since"], self.cleaned_data["until"] or self.today
        if self.chosen_range == ALL:
            return None, self.today
        return self.today - timedelta(days=int(self.chosen_range) - 1), self.today
