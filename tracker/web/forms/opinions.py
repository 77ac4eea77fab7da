from collections.abc import Iterable
from datetime import date, datetime
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as now_translated
from django.utils.translation import gettext_lazy as _

from tracker.domain.brief import MAY_BE_LEFT_OUT
from tracker.domain.errors import DomainError
from tracker.models import Comparison, Diagnosis, IndependentView, SecondOpinion, User
from tracker.models.names import PART_NAMES
from tracker.models.second_opinions import LONG_TEXT
from tracker.services import attachments, second_opinions
from tracker.web.forms.fields import PlainText, day_field
from tracker.web.forms.refusable import RefusableForm

REFUSALS: dict[type[DomainError], tuple[str | None, str]] = {
    second_opinions.OpinionOutOfRange: (
        None,
        _("Something here is not on its list any more. Look through it once more."),
    ),
    second_opinions.ViewEmpty: ("diagnosis", _("Write down what it is called now, or what was advised.")),
    second_opinions.ViewMissing: (None, _("First write down what the new doctor thinks.")),
}


def long_text(label: str, *, rows: int = 3, help_text: str = "") -> PlainText:
    widget = forms.Textarea(attrs={"rows": rows})
    return PlainText(label=label, max_length=LONG_TEXT, required=False, widget=widget, help_text=help_text)


class OpinionForm(RefusableForm):
    """A form about one second opinion."""

    refusals = REFUSALS

    def __init__(self, *args, opinion: SecondOpinion, today: date, **kwargs) -> None:
        self.opinion, self.today = opinion, today
        super().__init__(*args, **kwargs)

    def changed(self, *, by: User, at: datetime, **changes: object) -> SecondOpinion | None:
        return self.carried_out(
            lambda: second_opinions.change(by=by, opinion=self.opinion, at=at, on=self.today, **changes)
        )


class QuestionForm(OpinionForm):
    question = long_text(
        _("Your question for the new doctor"),
        help_text=_(
            "In one or two sentences. Such as: What causes the pain between my shoulder blades, and what can be done?"
        ),
    )
    goal = long_text(_("What would you like to be able to do again?"), rows=2)
    worry = long_text(_("What worries you most?"), rows=2)
    refer_to = forms.ChoiceField(
        label=_("Whom will you see?"),
        required=False,
        help_text=_("If you are not sure, ask your family doctor whom to see. A check-up names who fits your answers."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["refer_to"].choices = [("", _("Not settled yet"))] + [
            (key, now_translated(name).capitalize()) for key, name in second_opinions.specialists()
        ]
        self.initial |= {name: getattr(self.opinion, name) for name in self.fields}

    def save(self, *, by: User, at: datetime) -> SecondOpinion | None:
        return self.changed(by=by, at=at, **self.cleaned_data)


class ContentsForm(OpinionForm):
    """What goes with it, and what stays sealed."""

    included = forms.MultipleChoiceField(
        label=_("Put in"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    log_from = day_field(
        _("Log from"), required=False, help_text=_("Without a day, the last 12 weeks. Older weeks go into an appendix.")
    )
    attached = forms.MultipleChoiceField(
        label=_("Files"), required=False, widget=forms.CheckboxSelectMultiple, choices=[]
    )
    earlier_advice = long_text(
        _("What has been advised so far"),
        help_text=_("For the sealed part: it is shown after the new doctor has a view."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        files = attachments.listed(self.opinion.patient)
        self.fields["included"].choices = [(part, PART_NAMES[part]) for part in MAY_BE_LEFT_OUT]
        self.fields["attached"].choices = [
            (str(file.uuid), f"{file.title or _('File without a name')} ({file.get_kind_display()})") for file in files
        ]
        if not self.fields["attached"].choices:
            del self.fields["attached"]
        self.initial |= {
            "included": [part for part in MAY_BE_LEFT_OUT if part not in self.opinion.left_out],
            "log_from": self.opinion.log_from,
            "attached": self.opinion.attached,
            "earlier_advice": self.opinion.earlier_advice,
        }

    def save(self, *, by: User, at: datetime) -> SecondOpinion | None:
        said = self.cleaned_data
        left_out = tuple(part.value for part in MAY_BE_LEFT_OUT if part not in said["included"])
        return self.changed(
            by=by,
            at=at,
            left_out=left_out,
            log_from=said["log_from"],
            attached=tuple(said.get("attached", ())),
            earlier_advice=said["earlier_advice"],
        )


class ViewForm(OpinionForm):
    """What the new doctor thinks, as the patient notes it after the visit."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)
    clinician = PlainText(label=_("Who"), max_length=second_opinions.SHORT_TEXT, required=False)
    diagnosis = PlainText(
        label=_("What do they call it?"),
        max_length=second_opinions.SHORT_TEXT,
        required=False,
        help_text=_("In their words. “Not clear yet” is an answer too."),
    )
    ground = long_text(_("What does it rest on?"))
    advice = long_text(_("What do they advise?"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.initial["uuid"] = uuid4()

    def save(self, *, by: User, at: datetime) -> IndependentView | None:
        said = dict(self.cleaned_data)
        uuid = said.pop("uuid") or uuid4()
        return self.carried_out(
            lambda: second_opinions.write_view(by=by, opinion=self.opinion, uuid=uuid, at=at, **said)
        )


class ComparisonForm(OpinionForm):
    """How one earlier diagnosis stands now."""

    outcome = forms.ChoiceField(
        label=_("Compared with the new view"), choices=Comparison.Outcome.choices, widget=forms.RadioSelect
    )
    called_now = PlainText(label=_("What is it called now?"), max_length=second_opinions.SHORT_TEXT, required=False)
    what_changes = long_text(_("What changes because of it?"), rows=2)

    def __init__(
        self, *args, diagnosis: Diagnosis, newest: IndependentView | None, said: Comparison | None, **kwargs
    ) -> None:
        self.diagnosis, self.newest = diagnosis, newest
        super().__init__(*args, prefix=str(diagnosis.uuid), **kwargs)
        if said is not None:
            called_now = said.replaced_by.name if said.replaced_by else ""
            self.initial |= {"outcome": said.outcome, "called_now": called_now, "what_changes": said.what_changes}
        elif newest is not None:
            self.initial["called_now"] = newest.diagnosis

    def save(self, *, by: User, at: datetime) -> Comparison | None:
        said_by = self.newest.clinician if self.newest else ""
        return self.carried_out(
            lambda: second_opinions.compare(
                by=by,
                opinion=self.opinion,
                diagnosis=self.diagnosis,
                at=at,
                on=self.today,
                said_by=said_by,
                **self.cleaned_data,
            )
        )


def decisions(posted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What was decided about each sentence, from the names of a form: `sentence-<digest>`."""
    named = ((name.removeprefix("sentence-"), value) for name, value in posted if name.startswith("sentence-"))
    return {digest: value for digest, value in named if value in second_opinions.DECISIONS and len(digest) == 16}
