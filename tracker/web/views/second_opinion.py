from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker.models import TreatmentAttempt
from tracker.web.access import patient_required


@require_safe
@patient_required
def guidance(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/second_opinion/guidance.html")


@require_safe
@patient_required
def prepare(request: HttpRequest) -> HttpResponse:
    """Those under way and those that are over, and a button for a new one."""
    opinions = request.user.patient.second_opinions.all()
    context = {
        "opinions": opinions,
        "attempt": _because_of(request),
        "n_diagnoses": request.user.patient.diagnoses.count(),
    }
    return render(request, "tracker/second_opinion/prepare.html", context)


def _because_of(request: HttpRequest) -> TreatmentAttempt | None:
    try:
        uuid = UUID(request.GET.get("attempt", ""))
    except ValueError:
        return None
    return request.user.patient.attempts.select_related("treatment_type").filter(uuid=uuid).first()
