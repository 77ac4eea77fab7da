"""What is asked beside the number, and what is on the page for it."""

from collections.abc import Collection
from dataclasses import dataclass

from django import forms
from django.db.models import Q
from django.forms import BoundField
from django.utils.translation import gettext as _

from tracker.domain.beside import ANCHORS
from tracker.models import PainEntry, Patient
from tracker.web.forms.beside import BesideForm
from tracker.web.forms.fields import Keys


@dataclass(frozen=True, kw_only=True)
class Question:
    field: BoundField

    @property
    def is_rating(self) -> bool:
        return isinstance(self.field.field, forms.TypedChoiceField)

    @property
    def is_ticked(self) -> bool:
        return isinstance(self.field.field, Keys)

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """Value, words, and whether it is chosen. Nothing is, unless the patient has said it."""
        value = self.field.value()
        chosen = [str(one) for one in (value if isinstance(value, list) else [value]) if one is not None]
        return [(str(key), words, str(key) in chosen) for key, words in self.field.field.choices]

    @property
    def ends(self) -> tuple[str, str]:
        low, high = ANCHORS[self.field.name]
        return _(low), _(high)


def questions(form: BesideForm, asked: Collection[str] = tuple(BesideForm.base_fields)) -> list[Question]:
    """Of what is asked, and of what was sent just now with a mistake."""
    shown = {*asked, *form.sent()}
    return [Question(field=form[name]) for name in BesideForm.base_fields if name in shown]


def asked_of(patient: Patient, entry: PainEntry) -> set[str]:
    """What the card asks of one entry. Of sleep only with the day's first, unless it was said with this one."""
    asked = set(patient.asked)
    if "sleep" in asked and entry.sleep is None:
        others = patient.pain_entries.between(entry.local_date, entry.local_date).exclude(pk=entry.pk)
        if others.filter(Q(felt_at__lt=entry.felt_at) | Q(sleep__isnull=False)).exists():
            asked.remove("sleep")
    return asked
