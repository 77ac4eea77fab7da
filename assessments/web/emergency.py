"""Numbers to call, by the region that the patient chose. Plain data: nothing here needs a network."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, kw_only=True)
class Line:
    """A number to call, and where it answers."""

    number: str
    where: str


EMERGENCY = {
    "eu": Line(number="112", where=_("European Union and most other countries")),
    "uk": Line(number="999", where=_("United Kingdom")),
    "us": Line(number="911", where=_("United States and Canada")),
    "au": Line(number="000", where=_("Australia")),
}
CRISIS = {
    "eu": Line(number="116123", where=_("emotional support, in many European countries")),
    "uk": Line(number="116123", where=_("Samaritans, United Kingdom and Ireland, day and night")),
    "us": Line(number="988", where=_("crisis line, United States and Canada, day and night")),
    "au": Line(number="131114", where=_("Lifeline, Australia, day and night")),
}


def emergency_lines(region: str) -> list[Line]:
    """The number of the region, or every number where the region is not known."""
    return [EMERGENCY[region]] if region in EMERGENCY else list(EMERGENCY.values())


def crisis_lines(region: str) -> list[Line]:
    """Where a person answers, day and night in most places."""
    return [CRISIS[region]] if region in CRISIS else list(CRISIS.values())
