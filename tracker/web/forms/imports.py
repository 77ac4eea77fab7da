from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tracker.domain import record_file
from tracker.domain.log_file import MAX_BYTES
from tracker.services import record_imports


class LogFileForm(forms.Form):
    file = forms.FileField(
        label=_("Your file"),
        help_text=_("A table saved as CSV, up to 5 megabytes and 50,000 rows, or a file that Ebb has exported."),
        # An empty file gets the same kind of message as any other wrong one.
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,.json,application/json"}),
    )

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        is_record = record_imports.is_record(file.read(64))
        file.seek(0)
        most = record_file.MAX_BYTES if is_record else MAX_BYTES
        if file.size > most:
            said = _("This file is larger than %(n)d megabytes.")
            raise forms.ValidationError(said, params={"n": most // 1_000_000})
        return file
