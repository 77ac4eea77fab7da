from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from tracker.domain.text import TextNotStorable, storable


def day_field(label: str, **options) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, **options)


def time_field(label: str, **options) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, widget=widget, **options)


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


class Keys(forms.MultipleChoiceField):
    """Some keys of a closed list, each once. An empty one in front says that the page has asked."""

    def __init__(self, **options) -> None:
        super().__init__(required=False, widget=forms.CheckboxSelectMultiple, **options)

    def to_python(self, value: object) -> list[str]:
        return [key for key in dict.fromkeys(super().to_python(value)) if key]


class LongSelect(forms.Select):
    """A select written at once. Django runs two templates for each option, which for all sites is half of a page."""

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        chosen = self.format_value(value)
        parts = format_html_join("", "{}", ((self._part(key, words, chosen),) for key, words in self.choices))
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html("<select{}>{}</select>", attributes, parts)

    def _part(self, key, words, chosen: list[str]) -> SafeString:
        """An option, or the options of a group under its name."""
        if not isinstance(words, list | tuple):
            selected = flatatt({"selected": str(key) in chosen})
            return format_html('<option value="{}"{}>{}</option>', key, selected, words)
        options = format_html_join("", "{}", ((self._part(*option, chosen),) for option in words))
        return format_html('<optgroup label="{}">{}</optgroup>', key, options)
