from datetime import datetime
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.models import PushDevice, User
from tracker.services import push_devices
from tracker.web.forms.refusable import RefusableForm

REFUSALS = {
    push_devices.UnknownPushService: (None, _("Ebb does not know who makes this browser, so it hands nothing over.")),
    push_devices.BadDeviceKeys: (None, _("The browser gave no usable keys. Try again.")),
    push_devices.TooManyDevices: (None, _("These are as many devices as Ebb can hold for you. Remove one first.")),
}


class DeviceForm(RefusableForm):
    """Filled in by the browser, but for the name."""

    refusals = REFUSALS

    name = forms.CharField(label=_("Name of this device"), max_length=80, required=False)
    endpoint = forms.CharField(max_length=800, widget=forms.HiddenInput)
    public_key = forms.CharField(max_length=100, widget=forms.HiddenInput)
    auth_secret = forms.CharField(max_length=30, widget=forms.HiddenInput)

    def save(self, *, by: User, at: datetime) -> PushDevice | None:
        """The device, or None with the refusal as an error of this form."""
        said = self.cleaned_data
        known = by.patient.push_devices.filter(endpoint=said["endpoint"]).first()
        uuid = known.uuid if known else uuid4()
        put = self.carried_out(lambda: push_devices.put(by=by, uuid=uuid, at=at, **said))
        return put and put[0]


class FeedWordsForm(forms.Form):
    has_words = forms.BooleanField(label=_("Say in the calendar what it is about"), required=False)
