"""The emergency page: open to everybody, and kept on the device, so that it opens without network."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from assessments.engine.loading import standard_rulebook
from assessments.engine.rulebook import Triage
from assessments.web.emergency import crisis_lines, emergency_lines


def signs() -> list[str]:
    """What to say on the phone, sign by sign."""
    return [
        one.say for one in standard_rulebook().short_set.values() if one.alone is Triage.EMERGENCY and not one.crisis
    ]


@require_safe
def emergency(request: HttpRequest) -> HttpResponse:
    """Rendered without the request: of a patient only the region gets in, of a stranger nothing.

    The device keeps the stranger's page, with every region's number; a script shows the one that is wanted.
    """
    patient = getattr(getattr(request, "user", None), "patient", None)
    where = ("", "") if patient is None else (patient.emergency_region, patient.zone)
    page = {"emergency_lines": emergency_lines(*where), "crisis_lines": crisis_lines(*where), "signs": signs()}
    headers = {"Cache-Control": "no-cache"} if patient is None else {}
    return HttpResponse(render_to_string("assessments/emergency/show.html", page), headers=headers)
