"""Numbers to call, in the language of the page."""

from dataclasses import replace

from django.utils.translation import gettext as _

from assessments.engine import emergency
from assessments.engine.emergency import Line


def emergency_lines(region: str, zone: str = "") -> list[Line]:
    """The number of the region. Where it is not known every number, the likely one first."""
    return [replace(line, where=_(line.where)) for line in emergency.emergency_lines(region, zone)]


def crisis_lines(region: str, zone: str = "") -> list[Line]:
    """Where a person answers, day and night in most places."""
    return [replace(line, where=_(line.where)) for line in emergency.crisis_lines(region, zone)]
