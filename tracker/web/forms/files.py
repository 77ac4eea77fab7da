from datetime import date, datetime
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tracker.domain.attached_file import MAX_BYTES
from tracker.domain.errors import DomainError
from tracker.models import Attachment, User
from tracker.services import attachments
from tracker.web.forms.fields import PlainText, day_field
from tracker.web.forms.refusable import RefusableForm

REFUSALS: dict[type[DomainError], tuple[str | None, str]] = {
    attachments.FileEmpty: ("file", _("This file is empty.")),
    attachments.FileKindUnknown: (
        "file",
        _("Choose a picture (PNG or JPEG) or a PDF. Whatever its name says, this is something else."),
    ),
    attachments.FileTooLarge: ("file", _("This file is larger than 10 megabytes. A smaller picture of it is enough.")),
    attachments.FileUnreadable: (
        "file",
        _("This file is broken or locked, or larger than any page or photo, so it cannot be shown."),
    ),
    attachments.FileOutOfRange: ("made_on", _("Choose a day from 1900 to today.")),
    attachments.FileAlreadyThere: (None, _("This has been saved already, with another file.")),
    attachments.NoRoomForFiles: (None, _("There is no room for more files. Delete some that nobody needs any more.")),
}


class FileDetailForm(RefusableForm):
    """What is said of a file; without it, changing that."""

    refusals = REFUSALS

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=Attachment.Kind.choices,
        widget=forms.RadioSelect,
        help_text=_("A report says what somebody concluded, so it goes into the sealed part."),
    )
    title = PlainText(label=_("Your name for it"), max_length=attachments.TITLE_LENGTH, required=False)
    made_on = day_field(_("Made on"), required=False)

    def __init__(self, *args, today: date, file: Attachment | None = None, **kwargs) -> None:
        self.today, self.attachment = today, file
        said = {"kind": file.kind, "title": file.title, "made_on": file.made_on} if file else {"uuid": uuid4()}
        super().__init__(*args, initial=said, **kwargs)

    def save(self, *, by: User, at: datetime) -> Attachment | None:
        said = {name: self.cleaned_data[name] for name in ("kind", "title", "made_on")}
        if self.attachment:
            return self.carried_out(lambda: attachments.change(by=by, file=self.attachment, on=self.today, **said))
        said |= {"content": self.cleaned_data["file"].read(), "uuid": self.cleaned_data["uuid"] or uuid4()}
        return self.carried_out(lambda: attachments.add(by=by, at=at, on=self.today, **said))


class FileForm(FileDetailForm):
    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A picture or a PDF, up to 10 megabytes. What your camera wrote into it, such as the place, is left out."
        ),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,application/pdf,.png,.jpg,.jpeg,.pdf"}),
    )
    field_order = ("uuid", "file", "kind", "title", "made_on")

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(REFUSALS[attachments.FileTooLarge][1])
        return file
