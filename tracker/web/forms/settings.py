from itertools import groupby

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.models import EmergencyRegion, Patient
from tracker.services import accounts
from tracker.web.forms.accounts import NAME_LENGTH
from tracker.web.forms.fields import PlainText, time_field


def quiet_time(label: str) -> forms.TimeField:
    refusal = {"invalid": _("Choose a time, such as 22:00, or leave both empty.")}
    return time_field(label, required=False, error_messages=refusal)


class SettingsForm(forms.Form):
    display_name = PlainText(label=_("What shall we call you?"), max_length=NAME_LENGTH, required=False)
    quiet_from = quiet_time(_("No messages from"))
    quiet_until = quiet_time(_("until"))
    emergency_region = forms.ChoiceField(
        label=_("Emergency number where you live"),
        choices=EmergencyRegion.choices,
        required=False,
        help_text=_("Shown at once when your answers point to an emergency."),
    )

    def __init__(self, *args, patient: Patient, **kwargs) -> None:
        names = ("display_name", "quiet_from", "quiet_until", "emergency_region")
        super().__init__(*args, initial={name: getattr(patient, name) for name in names}, **kwargs)

    def clean(self) -> dict:
        one_end = (self.cleaned_data.get("quiet_from") is None) != (self.cleaned_data.get("quiet_until") is None)
        if one_end and not self.errors:
            self.add_error("quiet_until", _("Give both times, or leave both empty."))
        return self.cleaned_data


def zone_choices() -> list:
    """All zones, those of one part of the world together."""
    places = sorted(name for name in accounts.zone_names() if "/" in name and not name.startswith("Etc/"))
    grouped = groupby(places, key=lambda name: name.split("/")[0])
    regions = [
        (region, [(name, name.split("/", 1)[1].replace("_", " ")) for name in names]) for region, names in grouped
    ]
    return [("UTC", "UTC"), *regions]


class ZoneForm(forms.Form):
    zone = forms.ChoiceField(
        label=_("Where are you?"),
        choices=zone_choices,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choose the place of your clock from the list.")
        ),
    )
    follows_device = forms.ChoiceField(
        label=_("When you travel"),
        choices=[("no", _("Keep this clock, and ask me once")), ("yes", _("Follow my device"))],
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(self, *args, patient: Patient, **kwargs) -> None:
        initial = {"zone": patient.zone, "follows_device": "yes" if patient.follows_device else "no"}
        super().__init__(*args, initial=initial, **kwargs)
        if patient.zone not in accounts.zone_names():
            return
        offered = self.fields["zone"].choices
        self.fields["zone"].choices = [(patient.zone, patient.zone.replace("_", " ")), *offered]

    @property
    def said(self) -> dict[str, str | bool]:
        """One tap that confirms the zone says nothing of travelling."""
        follows = self.cleaned_data["follows_device"]
        return {"zone": self.cleaned_data["zone"]} | ({"follows_device": follows == "yes"} if follows else {})
