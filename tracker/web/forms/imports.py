from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tracker.domain.log_file import MAX_BYTES


class LogFileForm(forms.Form):
    file = forms.FileField(
        label=_("Your file"),
        help_text=_("A table saved as CSV, up to 5 megabytes and 50,000 rows."),
        # An empty file gets the same kind of message as any other wrong one.
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("This file is larger than 5 megabytes."))
        return file
