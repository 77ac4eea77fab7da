from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from tracker.services import circuit, figures, mail_stops, mailbox, sender_check
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


@require_safe
@operator_required
def operator_mail(request: HttpRequest) -> HttpResponse:
    """What makes mail arrive: records to set, what the settings lack, and how the server is doing."""
    context = {
        "findings": sender_check.findings(),
        "records": sender_check.records(),
        "circuit": circuit.state(circuit.MAIL),
        "is_kept_here": mailbox.is_used(),
        "n_stopped": mail_stops.n_stopped(),
    }
    return render(request, "tracker/operator/mail.html", context)
