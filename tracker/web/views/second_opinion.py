from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from tracker.web.access import patient_required
from tracker.web.presenters.second_opinion import PreparePage


@require_safe
@patient_required
def guidance(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/second_opinion/guidance.html")


@require_safe
@patient_required
def prepare(request: HttpRequest) -> HttpResponse:
    page = PreparePage(patient=request.user.patient, today=localdate())
    return render(request, "tracker/second_opinion/prepare.html", {"page": page})
