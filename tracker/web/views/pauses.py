from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tracker.services import pauses
from tracker.web.access import patient_required


@require_POST
@patient_required
def flare_begin(request: HttpRequest) -> HttpResponse:
    pauses.begin_flare(by=request.user, at=timezone.now())
    messages.success(request, _("Noted. For two days the moves are lighter, and it is fine to leave them out."))
    return redirect(_back(request))


@require_POST
@patient_required
def flare_end(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    patient = pauses.end_flare(by=request.user, at=at)
    if pauses.is_in_flare(patient=patient, at=at):
        words = _("Taken back. The flare that began before goes on.")
    elif patient.flare_until:
        words = _("Noted. The moves come back over the next days.")
    else:
        words = _("Taken back.")
    messages.success(request, words)
    return redirect(_back(request))


@require_POST
@patient_required
def pause_end(request: HttpRequest) -> HttpResponse:
    pauses.end(by=request.user, at=timezone.now())
    messages.success(request, _("Your reminders come again."))
    return redirect("reminder_list")


@require_POST
@patient_required
def sick_day(request: HttpRequest) -> HttpResponse:
    pauses.sick_day(by=request.user, at=timezone.now())
    messages.success(request, _("Get well. Nothing but medicine and appointments today."))
    return redirect("reminder_list")


@require_POST
@patient_required
def sick_day_end(request: HttpRequest) -> HttpResponse:
    pauses.not_sick(by=request.user, at=timezone.now())
    messages.success(request, _("Your reminders come again."))
    return redirect("reminder_list")


def _back(request: HttpRequest) -> str:
    return {"today": "today", "reminders": "reminder_list"}.get(request.POST.get("from", ""), "moves")
