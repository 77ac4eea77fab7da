from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.services import figures
from tracker.web.access import operator_required
from tracker.web.presenters.operator import OperatorPage


@require_safe
@operator_required
def operator_home(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    page = OperatorPage(
        at=at, judging=figures.judging(at=at), reminders=figures.reminders(at=at), ticks=figures.ticks()
    )
    return render(request, "tracker/operator/show.html", {"page": page})
