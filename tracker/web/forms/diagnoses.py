from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY
from tracker.models import Diagnosis, Proposal, User
from tracker.services import proposals, treatments
from tracker.services.treatments import DIAGNOSIS_LENGTHS
from tracker.web.forms.fields import PlainText, day_field
from tracker.web.forms.refusable import RefusableForm

REFUSALS: dict[type[DomainError], tuple[str | None, str]] = {
    proposals.ProposalDayOutOfRange: ("proposed_on", _("Choose a day from 1900 to today.")),
    proposals.ProposalNameMissing: ("name", _("Say what was proposed.")),
    proposals.TooManyProposals: (None, _("There are as many proposals as there can be. Delete some first.")),
    treatments.NameMissing: ("name", _("Say what you were told.")),
}
TWO_LINES = forms.Textarea(attrs={"rows": 2})


class TellForm(RefusableForm):
    """Something that a clinician said."""

    refusals = REFUSALS

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date, earlier: Any = None, **options: Any) -> None:
        self.today, self.earlier = today, earlier
        kept = {name: getattr(earlier, name) for name in self.base_fields} if earlier else {"uuid": uuid4()}
        super().__init__(*args, initial=kept, **options)

    def said(self) -> dict[str, Any]:
        """The row's own key is not taken from the page."""
        key = self.earlier.uuid if self.earlier else self.cleaned_data["uuid"] or uuid4()
        return self.cleaned_data | {"uuid": key}


class DiagnosisForm(TellForm):
    name = PlainText(label=_("What it was called"), max_length=DIAGNOSIS_LENGTHS["name"])
    said_by = PlainText(label=_("Who said so"), max_length=DIAGNOSIS_LENGTHS["said_by"], required=False)
    said_on = day_field(_("When"), required=False)
    basis = forms.ChoiceField(label=_("What it rests on"), choices=Diagnosis.Basis.choices, required=False)
    ground = PlainText(
        label=_("More about that, if you like"),
        max_length=DIAGNOSIS_LENGTHS["ground"],
        required=False,
        widget=TWO_LINES,
    )

    def clean_said_on(self) -> date | None:
        day = self.cleaned_data["said_on"]
        if day is not None and not EARLIEST_DAY <= day <= self.today:
            raise forms.ValidationError(_("Choose a day from 1900 to today."))
        return day

    def save(self, *, by: User, at: datetime) -> bool:
        return self.carried_out(lambda: treatments.note_diagnosis(by=by, **self.said()))


class ProposalForm(TellForm):
    name = PlainText(
        label=_("What was proposed"),
        max_length=proposals.LENGTHS["name"],
        help_text=_("Such as an operation, an injection, a nerve treatment."),
    )
    proposed_by = PlainText(label=_("Who proposed it"), max_length=proposals.LENGTHS["proposed_by"], required=False)
    proposed_on = day_field(_("When"), required=False)
    reason = PlainText(
        label=_("Why, as it was explained to you"),
        max_length=proposals.LENGTHS["reason"],
        required=False,
        widget=TWO_LINES,
    )
    decision = forms.ChoiceField(label=_("How it stands"), choices=Proposal.Decision.choices)

    def save(self, *, by: User, at: datetime) -> bool:
        return self.carried_out(lambda: proposals.put(by=by, at=at, on=self.today, **self.said()))
