from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain.errors import DomainError
from tracker.models import PushDevice, User
from tracker.services import push_devices

WORDS: dict[type[DomainError], Any] = {
    push_devices.UnknownPushService: _("Ebb does not know who makes this browser, so it hands nothing over."),
    push_devices.BadDeviceKeys: _("The browser gave no usable keys. Try again."),
    push_devices.TooManyDevices: _("These are as many devices as Ebb can hold for you. Remove one first."),
}


class DeviceForm(forms.Form):
    """Filled in by the browser, but for the name."""

    name = forms.CharField(label=_("Name of this device"), max_length=80, required=False)
    endpoint = forms.CharField(max_length=800, widget=forms.HiddenInput)
    public_key = forms.CharField(max_length=100, widget=forms.HiddenInput)
    auth_secret = forms.CharField(max_length=30, widget=forms.HiddenInput)

    def save(self, *, by: User, at: datetime) -> PushDevice | None:
        """The device, or None with the refusal as an error of this form."""
        said = self.cleaned_data
        known = by.patient.push_devices.filter(endpoint=said["endpoint"]).first()
        try:
            device, _new = push_devices.put(by=by, uuid=known.uuid if known else uuid4(), at=at, **said)
        except tuple(WORDS) as refusal:
            self.add_error(None, WORDS[type(refusal)])
            return None
        return device


class FeedWordsForm(forms.Form):
    has_words = forms.BooleanField(label=_("Say in the calendar what it is about"), required=False)
