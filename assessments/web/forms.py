"""One form per kind of question. Shape is checked here in words, and once more by the engine."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assessments.engine.findings import UNSURE
from assessments.engine.questionnaire import Answer, Question

NONE_OF_THESE = "none"


class OneAnswer(forms.Form):
    """Yes, no, unsure, or one of some options. Nothing is preselected."""

    answer = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose one answer. Unsure is an answer too."),
            "invalid_choice": _("Choose one of the answers below."),
        },
    )

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].choices = [(option.id, gettext(option.text)) for option in question.options]  # type: ignore[attr-defined]

    def accepted(self) -> Answer:
        return str(self.cleaned_data["answer"])


class SeveralAnswers(forms.Form):
    """Ticks, with none of these and unsure as answers of their own."""

    answer = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick what fits, or tick none of these, or unsure."),
            "invalid_choice": _("Tick some of the answers below."),
            "invalid_list": _("Tick some of the answers below."),
        },
    )

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticks = [(option.id, gettext(option.text)) for option in question.options if option.id != UNSURE]
        alone = [(NONE_OF_THESE, gettext("None of these")), (UNSURE, gettext("Unsure"))]
        self.fields["answer"].choices = [*ticks, *alone]  # type: ignore[attr-defined]

    def clean_answer(self) -> list[str]:
        ticked = self.cleaned_data["answer"]
        if len(ticked) > 1 and {NONE_OF_THESE, UNSURE} & set(ticked):
            raise forms.ValidationError(_("Tick what fits, or only none of these, or only unsure."))
        return list(ticked)

    def accepted(self) -> Answer:
        ticked = self.cleaned_data["answer"]
        return UNSURE if ticked == [UNSURE] else [tick for tick in ticked if tick != NONE_OF_THESE]


class NumberAnswer(forms.Form):
    """A whole number, or unsure."""

    answer = forms.IntegerField(
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("Write a whole number.")},
    )
    unsure = forms.BooleanField(required=False, label=_("Unsure"))

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        self.fields["answer"].widget.attrs |= {"min": question.at_least, "max": question.at_most}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        number = cleaned.get("answer")
        limits = {"least": self.question.at_least, "most": self.question.at_most}
        if (number is None) != bool(cleaned.get("unsure")) and "answer" not in self.errors:
            self.add_error("answer", _("Write a number, or tick unsure."))
        elif number is not None and not self.question.at_least <= number <= self.question.at_most:
            self.add_error("answer", _("Write a number from %(least)s to %(most)s.") % limits)
        return cleaned

    def accepted(self) -> Answer:
        return UNSURE if self.cleaned_data.get("unsure") else int(self.cleaned_data["answer"])


FORMS: dict[str, type[OneAnswer] | type[SeveralAnswers] | type[NumberAnswer]] = {
    "yes_no_unsure": OneAnswer,
    "choice": OneAnswer,
    "choices": SeveralAnswers,
    "number": NumberAnswer,
}


def form_for(question: Question, *, sent: Any = None, answer: Answer | None = None) -> Any:
    """The form of a question, filled with what was sent, or else with an earlier answer."""
    initial: dict[str, Any] = {}
    if question.type == "number":
        initial = {"unsure": True} if answer == UNSURE else {"answer": answer}
    elif question.type == "choices" and answer is not None:
        initial = {"answer": [UNSURE] if answer == UNSURE else answer or [NONE_OF_THESE]}
    elif answer is not None:
        initial = {"answer": answer}
    return FORMS[question.type](sent, question=question, initial=initial)
