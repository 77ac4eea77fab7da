from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tracker.models import User
from tracker.services import accounts


class SignupForm(forms.Form):
    """What Ebb asks beside e-mail and password; allauth calls `signup` once the user is saved."""

    display_name = forms.CharField(label=_("What shall we call you?"), max_length=80, required=False)
    is_adult = forms.BooleanField(label=_("I am 18 or older"))
    consents = forms.BooleanField(label=_("Ebb may store what I write about my health, so that I can use it"))
    zone = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput(attrs={"data-zone-field": ""}))

    def clean_zone(self) -> str:
        """The browser's guess; confirmed by the person later, so a strange one is simply not used."""
        try:
            return accounts.known_zone(self.cleaned_data["zone"])
        except accounts.UnknownZone:
            return "UTC"

    def signup(self, request: HttpRequest, user: User) -> None:
        accounts.open_record(by=user, at=timezone.now(), **self.cleaned_data_of_record())

    def cleaned_data_of_record(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("display_name", "is_adult", "consents", "zone")}
