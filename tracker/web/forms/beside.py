from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.models import PainEntry, Patient
from tracker.models.names import ASKED, EASED_BY, TRIGGERS
from tracker.services.pain_log import HELPED_LENGTH, MANAGED_LENGTH
from tracker.web.forms.fields import Keys, PlainText
from tracker.web.forms.refusable import RefusableForm

NUMBERS = [(number, str(number)) for number in range(NRS_MIN, NRS_MAX + 1)]


def rating(label: str) -> forms.TypedChoiceField:
    """From 0 to 10, or taken back."""
    choices = [*NUMBERS, ("", _("Not said"))]
    return forms.TypedChoiceField(label=label, choices=choices, coerce=int, empty_value=None, required=False)


def some_words(label: str, *, longest: int, help_text: str = "") -> PlainText:
    """In more than one line, so that no browser drops the line breaks of what is there already."""
    area = forms.Textarea(attrs={"rows": 2})
    return PlainText(label=label, max_length=longest, required=False, help_text=help_text, widget=area)


class BesideForm(RefusableForm):
    """What may be said beside the number. What a page did not send stays as it was."""

    interference = rating(_("How much is the pain in your way?"))
    sleep = rating(_("How did you sleep last night?"))
    mood = rating(_("How is your mood?"))
    triggers = Keys(label=_("What may have set it off?"), choices=TRIGGERS)
    eased_by = Keys(label=_("What eased it?"), choices=EASED_BY)
    managed = some_words(
        _("What I managed today"), longest=MANAGED_LENGTH, help_text=_("Large or small: whatever counts for you.")
    )
    helped = some_words(_("What helped, in your own words"), longest=HELPED_LENGTH)

    entry: PainEntry | None = None

    def sent(self) -> list[str]:
        return [name for name in BesideForm.base_fields if name in self.data]

    def said_beside(self) -> dict:
        return {name: self.cleaned_data[name] for name in self.sent()}

    def as_stored(self, name: str) -> str:
        """Browsers send other line breaks than were stored; that alone is no change."""
        words, stored = self.cleaned_data[name], getattr(self.entry, name, "")
        return stored if words.splitlines() == stored.splitlines() and "\r" in words else words

    def clean_managed(self) -> str:
        return self.as_stored("managed")

    def clean_helped(self) -> str:
        return self.as_stored("helped")


def said_before(entry: PainEntry) -> dict:
    return {name: getattr(entry, name) for name in BesideForm.base_fields}


class AskedForm(forms.Form):
    """What this patient wants to be asked beside the number."""

    asked = Keys(label=_("What Ebb asks beside the number"), choices=ASKED)

    def __init__(self, *args, patient: Patient, **kwargs) -> None:
        super().__init__(*args, initial={"asked": patient.asked}, **kwargs)

    def rows(self) -> Iterable[tuple[str, str, str, bool]]:
        """Key, name, what it means for the patient, and whether it is chosen."""
        chosen = self["asked"].value() or []
        return [(key, name, MEANINGS[key], key in chosen) for key, name in ASKED]


MEANINGS = {
    "interference": _("A number from 0, not at all, to 10, completely."),
    "sleep": _("A number from 0, very badly, to 10, very well. Asked once a day at most."),
    "mood": _("A number from 0, very low, to 10, very good."),
    "managed": _("A few words about what you did, large or small."),
    "triggers": _("Words to tap, such as sitting, stress or the weather."),
    "eased_by": _("Words to tap, such as rest, warmth or a walk."),
    "helped": _("A few words, where none to tap fit."),
    "medicine": _("One tap for a medicine from your list."),
    "peg": _("About the pain, and what it kept you from. Asked once a week."),
    "phq_4": _("How low or worried you felt in the last two weeks. Asked every four weeks."),
}
