from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tracker.web.access import patient_required


@require_safe
@patient_required
def guidance(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/second_opinion/guidance.html")
