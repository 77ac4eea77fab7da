from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models import Patient, User
from tracker.services import accounts
from tracker.web.forms.fields import PlainText

NAME_LENGTH = Patient._meta.get_field("display_name").max_length


class RecordForm(forms.Form):
    """What Ebb asks before it opens a record."""

    display_name = PlainText(label=_("What shall we call you?"), max_length=NAME_LENGTH, required=False)
    is_adult = forms.BooleanField(
        label=_("I am 18 or older"), error_messages={"required": _("Ebb is for adults. Tick this if you are one.")}
    )
    consents = forms.BooleanField(
        label=_("Ebb may store what I write about my health, so that I can use it"),
        error_messages={"required": _("Without this Ebb cannot keep a pain log for you. Tick it if you agree.")},
    )
    zone = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput(attrs={"data-zone-field": ""}))

    def clean_zone(self) -> str:
        """The browser's guess; confirmed by the person later, so a strange one is simply not used."""
        try:
            return accounts.known_zone(self.cleaned_data["zone"])
        except accounts.UnknownZone:
            return "UTC"

    def open_record(self, user: User) -> Patient:
        answers = {name: self.cleaned_data[name] for name in ("display_name", "is_adult", "consents", "zone")}
        return accounts.open_record(by=user, at=timezone.now(), **answers)


class SignupForm(RecordForm):
    """Asked beside e-mail and password; allauth calls `signup` once the user is saved."""

    field_order = ["email", "password1", "display_name", "is_adult", "consents", "zone"]

    def signup(self, request: HttpRequest, user: User) -> None:
        self.open_record(user)
