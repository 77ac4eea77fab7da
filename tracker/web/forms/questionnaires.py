from datetime import datetime
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from tracker.models import Patient, QuestionnaireResponse, User
from tracker.services import questionnaires

UNANSWERED = _("Choose an answer.")


class AttemptChoice(forms.ModelChoiceField):
    def label_from_instance(self, attempt: Any) -> str:
        return str(attempt.name)


class QuestionnaireForm(forms.Form):
    """All items of one questionnaire. Nothing is preselected; what was given stays when something is missing."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, instrument: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        self.fields["uuid"].initial = uuid4()
        if instrument.names_attempt:
            self.fields["attempt"] = AttemptChoice(
                queryset=patient.attempts.newest_first().select_related("treatment_type"),
                to_field_name="uuid",
                label=_("Which treatment is this about?"),
                empty_label=_("None in particular"),
                required=False,
            )
        for item in instrument.items:
            self.fields[item.id] = field_for(item)

    def clean(self) -> dict[str, Any]:
        answers = self.answers()
        for item in questionnaires.faults_of(self.instrument, answers):
            if item not in self.errors:
                self.add_error(item, UNANSWERED)
        return self.cleaned_data

    def answers(self) -> dict[str, int | None]:
        return {item.id: self.cleaned_data.get(item.id) for item in self.instrument.items}

    def save(self, *, by: User, at: datetime) -> QuestionnaireResponse:
        said = {"by": by, "at": at, "instrument": self.instrument.key, "answers": self.answers()}
        said["attempt"] = self.cleaned_data.get("attempt")
        try:
            return questionnaires.answer(uuid=self.cleaned_data["uuid"] or uuid4(), **said)[0]
        except questionnaires.ResponseAlreadyThere:  # a page from the history, filled in anew
            return questionnaires.answer(uuid=uuid4(), **said)[0]

    @property
    def sections(self) -> list[dict[str, Any]]:
        """The items with their fields, those of one heading together."""
        found: list[dict[str, Any]] = []
        for item in self.instrument.items:
            if not found or found[-1]["heading"] != item.heading or not item.heading:
                found.append({"heading": item.heading, "rows": []})
            found[-1]["rows"].append({"item": item, "field": self[item.id]})
        return found


def field_for(item: Any) -> forms.Field:
    if item.type == "tick":
        return Tick(label=item.text, required=False)
    words = {choice.value: choice.text for choice in item.choices}
    return forms.TypedChoiceField(
        label=item.text,
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(value, words.get(value, str(value))) for value in item.values],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": UNANSWERED},
    )


class Tick(forms.BooleanField):
    def clean(self, value: Any) -> int:
        return int(super().clean(value))


class PutOffForm(forms.Form):
    """Not now: tomorrow, or in a week."""

    days = forms.TypedChoiceField(coerce=int, choices=[(1, "1"), (7, "7")])
