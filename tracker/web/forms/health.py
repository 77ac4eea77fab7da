from datetime import date, datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain.health import EARLIEST_BIRTH_YEAR, FACTS, NO, UNSURE, YES
from tracker.models import HealthProfile, User
from tracker.models.health import FREE_TEXT_LENGTH
from tracker.services import health
from tracker.web.forms.fields import PlainText

ANSWERS = ((YES, _("Yes")), (NO, _("No")), (UNSURE, _("Unsure")), ("", _("Skip")))


def fact_field(key: str) -> str:
    """The name of the field that asks for a fact."""
    return f"fact_{key}"


def free_text(label: str, help_text: str = "") -> PlainText:
    area = forms.Textarea(attrs={"rows": 2})
    return PlainText(label=label, help_text=help_text, max_length=FREE_TEXT_LENGTH, required=False, widget=area)


class ProfileForm(forms.Form):
    """The whole profile. Everything may stay unsaid."""

    birth_year = forms.IntegerField(
        label=_("Year of birth"), required=False, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    sex = forms.ChoiceField(label=_("Sex"), choices=HealthProfile.Sex.choices, required=False)
    allergies = free_text(_("Allergies"), _("To medicines, food or anything else, and what happened."))
    conditions = free_text(_("Other illnesses"))
    operations = free_text(_("Operations"), _("What and when, as far as you know."))
    implants = free_text(_("Implants"), _("A pacemaker, a joint, screws, a pump, a clip."))

    def __init__(self, *args, profile: HealthProfile | None, today: date, **kwargs) -> None:
        self.profile, self.today = profile, today
        before = health.content_of(profile)
        facts = {fact_field(key): answer for key, answer in before.facts.items()}
        super().__init__(*args, initial=before.columns | facts, **kwargs)
        for fact in FACTS:
            self.fields[fact_field(fact.key)] = forms.ChoiceField(choices=ANSWERS, required=False)
        self.fields["birth_year"].widget.attrs |= {"min": EARLIEST_BIRTH_YEAR, "max": today.year}

    def clean(self) -> dict:
        """Browsers send other line breaks than were stored; that alone is no change."""
        for name in health.TEXTS:
            sent, stored = self.cleaned_data.get(name, ""), self.initial[name]
            if "\r" in sent and sent.splitlines() == stored.splitlines():
                self.cleaned_data[name] = stored
        return self.cleaned_data

    def said(self) -> dict:
        cleaned = self.cleaned_data
        facts = {fact.key: cleaned[fact_field(fact.key)] for fact in FACTS if cleaned[fact_field(fact.key)]}
        own = {name: cleaned[name] for name in ("birth_year", "sex", *health.TEXTS)}
        return own | {"facts": facts}

    def save(self, *, by: User, at: datetime) -> HealthProfile | None:
        """The saved profile, or None with the refusal as an error of this form."""
        try:
            return health.save_profile(by=by, at=at, on=self.today, **self.said())
        except health.BirthYearOutOfRange:
            self.add_error("birth_year", _("Write a year from 1900 on. Ebb is made for adults."))
            return None
