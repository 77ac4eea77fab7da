from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.services import verdicts
from tracker.web.access import patient_required
from tracker.web.presenters.today import today_page


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    return today(request) if request.user.is_authenticated else redirect("welcome")


@patient_required
def today(request: HttpRequest) -> HttpResponse:
    page = today_page(request, at=timezone.now())
    response = render(request, "tracker/today/show.html", {"page": page})
    if page.has_new_advice:
        verdicts.mark_seen(by=request.user, patient=page.patient, at=page.at)
    return response
