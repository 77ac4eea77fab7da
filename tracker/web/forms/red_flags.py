from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from tracker.models import RedFlagScreen, User
from tracker.services import red_flags

ANSWERS = [("yes", pgettext_lazy("answer", "Yes")), ("no", pgettext_lazy("answer", "No")), ("unsure", _("Unsure"))]
CHOOSE = _("Choose one answer. Unsure is an answer too.")


class PutOffForm(forms.Form):
    uuid = forms.UUIDField(required=False)

    def save(self, *, by: User, at: datetime) -> RedFlagScreen:
        return red_flags.put_off(by=by, uuid=self.cleaned_data["uuid"] or uuid4(), at=at)


class ShortSetForm(forms.Form):
    """The short questions, with nothing chosen. One yes is enough; without any, each wants an answer."""

    uuid = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, sent: Any = None, *, uuid: UUID | None = None) -> None:
        super().__init__(sent, initial={"uuid": uuid})
        for question in red_flags.questions():
            self.fields[question.id] = forms.ChoiceField(
                label=gettext(question.text),
                choices=ANSWERS,
                widget=forms.RadioSelect,
                required=False,
                error_messages={"invalid_choice": CHOOSE},
            )

    @property
    def key(self) -> UUID:
        return self.cleaned_data["uuid"] or uuid4()

    def save(self, *, by: User, at: datetime) -> RedFlagScreen | None:
        """Keep the answers; None where some are wanting, which the form then says."""
        said = {question.id: self.cleaned_data[question.id] for question in red_flags.questions()}
        try:
            answers = {key: answer for key, answer in said.items() if answer}
            return red_flags.answer(by=by, uuid=self.key, answers=answers, at=at)
        except red_flags.ScreenIncomplete as error:
            for question_id in error.missing:
                self.add_error(question_id, CHOOSE)
            return None
