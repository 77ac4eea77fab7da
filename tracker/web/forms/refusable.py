from collections.abc import Callable, Mapping
from typing import ClassVar, TypeVar

from django import forms

from tracker.domain.errors import DomainError

T = TypeVar("T")


class RefusableForm(forms.Form):
    """A form whose service may refuse with a domain error, told beside the field that it is about."""

    # What each refusal means to the patient: the field, or none of them, and the words.
    refusals: ClassVar[Mapping[type[DomainError], tuple[str | None, str]]] = {}

    def carried_out(self, act: Callable[[], T]) -> T | None:
        """What the service gives back; None where it refused."""
        try:
            return act()
        except tuple(self.refusals) as refusal:
            name, words = self.refusals[type(refusal)]
            self.add_error(name if name in self.fields else None, words)
            return None
