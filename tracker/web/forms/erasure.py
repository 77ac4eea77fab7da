from django import forms
from django.utils.translation import gettext_lazy as _


class EraseForm(forms.Form):
    is_sure = forms.BooleanField(
        label=_("Yes, erase everything for good"),
        error_messages={"required": _("Nothing was erased. Tick the box if you are sure.")},
    )
