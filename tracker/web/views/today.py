from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.services import advice, red_flags
from tracker.web.access import patient_required
from tracker.web.presenters.today import asked_for, today_page


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return today(request) if request.user.is_authenticated else redirect("welcome")


@patient_required
def today(request: HttpRequest) -> HttpResponse:
    page = today_page(request, at=timezone.now())
    response = render(request, "tracker/today/show.html", {"page": page})
    if page.new_advice:
        advice.mark_seen(by=request.user, at=page.at, shown=page.new_advice)
    return response


@require_safe
@patient_required
def bad_day(request: HttpRequest) -> HttpResponse:
    """Eleven numbers and nothing else; after much pain, the way to the short alarm questions."""
    patient = request.user.patient
    saved = asked_for(request, patient)
    felt = [(saved.nrs, saved.felt_at)] if saved else []
    is_due = red_flags.is_due_after(patient=patient, felt=felt, at=timezone.now())
    shown = {"saved": saved, "asks_red_flags": is_due, "tap_uuid": uuid4(), "scores": range(11)}
    return render(request, "tracker/bad_day/show.html", shown)
