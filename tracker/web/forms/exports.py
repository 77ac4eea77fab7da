from django import forms

from tracker.services.exports import Format


class ExportForm(forms.Form):
    """Which file, as the address says it."""

    format = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in Format])
    with_name = forms.BooleanField(required=False)

    @property
    def kind(self) -> Format:
        return Format(self.cleaned_data["format"])
