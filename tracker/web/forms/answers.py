from django import forms

from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.services import answers


class AnswerForm(forms.Form):
    """The number that goes with an answer from a mail."""

    minutes = forms.TypedChoiceField(
        choices=[(minutes, minutes) for minutes in answers.SNOOZE_MINUTES],
        coerce=int,
        required=False,
        empty_value=answers.USUAL_SNOOZE,
    )
    nrs = forms.IntegerField(min_value=NRS_MIN, max_value=NRS_MAX, required=False)

    @property
    def said(self) -> answers.Said:
        return answers.Said(minutes=self.cleaned_data["minutes"], nrs=self.cleaned_data["nrs"])
