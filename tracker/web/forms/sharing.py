from datetime import date, datetime
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain.errors import DomainError
from tracker.models import Patient, Share, ShareQuestion, User
from tracker.models.second_opinions import LONG_TEXT
from tracker.services import second_opinions, shared, sharing
from tracker.web.forms.fields import PlainText, day_field
from tracker.web.forms.opinions import long_text
from tracker.web.forms.refusable import RefusableForm

REFUSALS: dict[type[DomainError], tuple[str | None, str]] = {
    sharing.PassphraseNeeded: (
        "passphrase",
        _("The sealed part is never shared without a passphrase. Choose one, or leave the sealed part out."),
    ),
    sharing.PassphraseTooShort: ("passphrase", _("Choose at least 8 characters. A few words are easy to say.")),
    sharing.ShareOutOfRange: (
        None,
        _("Choose what to show: for the log, a first and a last day up to today; for a brief, a second opinion."),
    ),
    sharing.TooManyShares: (None, _("As many links are open as there can be. End one that is not needed any more.")),
    sharing.ShareAlreadyThere: (None, _("This link has been made already, and shows something else.")),
    sharing.QuestionEmpty: ("text", _("Write something first.")),
    sharing.TooManyQuestions: (None, _("As many questions were asked through this link as it takes.")),
    second_opinions.ViewEmpty: ("diagnosis", _("Write down what it is, or what you advise.")),
    shared.TooManyViews: (None, _("As many views were written down through this link as it takes.")),
}


class SharingForm(RefusableForm):
    refusals = REFUSALS

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("uuid", uuid4())

    @property
    def said(self) -> dict:
        return self.cleaned_data | {"uuid": self.cleaned_data["uuid"] or uuid4()}


class ShareForm(SharingForm):
    """A new link: what it shows, to whom and how long."""

    scope = forms.ChoiceField(
        label=_("What should it show?"),
        choices=Share.Scope.choices,
        widget=forms.RadioSelect,
        help_text=_(
            "The blind brief leaves out what others have concluded. The summary is the whole page, with what you were told so far. The log shows each entry with its note."
        ),
    )
    opinion = forms.ModelChoiceField(
        label=_("Which second opinion?"), queryset=None, required=False, to_field_name="uuid", empty_label=_("None")
    )
    first_day = day_field(
        _("From"), required=False, help_text=_("For the log and the summary. The summary shows 12 weeks without it.")
    )
    last_day = day_field(_("To"), required=False)
    meant_for = PlainText(
        label=_("Whom is it for?"),
        max_length=sharing.NAME_LENGTH,
        required=False,
        help_text=_("For your own list; nobody else sees it."),
    )
    days = forms.IntegerField(
        label=_("For how many days?"), min_value=1, max_value=sharing.LONGEST, initial=sharing.DAYS
    )
    passphrase = PlainText(
        label=_("Passphrase"),
        max_length=sharing.LONGEST_PASSPHRASE,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        help_text=_(
            "At least 8 characters, such as three words. Tell it by phone or in person, never beside the link. Ebb cannot show it again."
        ),
    )
    opens_sealed = forms.BooleanField(
        label=_("The doctor may open the sealed part once a view is written down"),
        required=False,
        help_text=_("Only for a blind brief, and only with a passphrase."),
    )

    def __init__(self, *args, patient: Patient, today: date, **kwargs) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        opinions = patient.second_opinions.filter(closed_at__isnull=True)
        self.fields["opinion"].queryset = opinions
        self.fields["opinion"].label_from_instance = lambda one: one.question[:80].strip() or str(_("No question yet"))
        found = list(opinions[:2])
        if len(found) == 1:
            self.initial.setdefault("opinion", found[0].uuid)
        if not found:
            for name in ("opinion", "opens_sealed"):
                del self.fields[name]
            self.fields["scope"].choices = [one for one in Share.Scope.choices if one[0] != Share.Scope.BRIEF]

    def save(self, *, by: User, at: datetime) -> Share | None:
        said = self.said
        uuid = said.pop("uuid")
        if said["scope"] != Share.Scope.BRIEF:
            said["opinion"] = None
        return self.carried_out(
            lambda: sharing.create(by=by, uuid=uuid, at=at, on=self.today, wish=sharing.Wish(**said))
        )


class AnswerForm(SharingForm):
    text = PlainText(label=_("Your answer"), max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 3}))
    uuid = None

    def save(self, *, by: User, question: ShareQuestion, at: datetime) -> ShareQuestion | None:
        return self.carried_out(lambda: sharing.answer(by=by, question=question, text=self.cleaned_data["text"], at=at))


class PassphraseForm(forms.Form):
    passphrase = forms.CharField(
        label=_("Passphrase"),
        strip=False,
        max_length=sharing.LONGEST_PASSPHRASE,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("The person who sent you the link tells it to you."),
    )


class SharedViewForm(SharingForm):
    """A clinician's own view, before the sealed part."""

    clinician = PlainText(label=_("Your name"), max_length=second_opinions.SHORT_TEXT)
    diagnosis = PlainText(
        label=_("What do you call it?"),
        max_length=second_opinions.SHORT_TEXT,
        required=False,
        help_text=_("“Not clear yet” is an answer too."),
    )
    ground = long_text(_("What does that rest on?"))
    advice = long_text(_("What do you advise?"))

    def save(self, *, share: Share, device: str, at: datetime):
        return self.carried_out(lambda: shared.write_view(share=share, device=device, at=at, **self.said))


class SharedQuestionForm(SharingForm):
    asked_by = PlainText(label=_("Your name"), max_length=sharing.NAME_LENGTH, required=False)
    text = PlainText(
        label=_("Your question to the patient"), max_length=LONG_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )

    def save(self, *, share: Share, device: str, at: datetime):
        return self.carried_out(lambda: shared.ask(share=share, device=device, at=at, **self.said))
