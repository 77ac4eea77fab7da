from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tracker.domain.text import TextNotStorable, storable


class PlainText(forms.CharField):
    """Text kept exactly as it was typed, or refused in words."""

    def __init__(self, **options) -> None:
        super().__init__(strip=False, **options)

    def run_validators(self, value: str) -> None:
        super().run_validators(value)
        try:
            storable(value, longest=self.max_length or len(value))
        except TextNotStorable as error:
            raise ValidationError(_("This text holds a character that cannot be stored.")) from error
