from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tracker.domain import schedule
from tracker.models import Patient
from tracker.services import accounts
from tracker.web.access import patient_required, posted
from tracker.web.forms.beside import AskedForm
from tracker.web.forms.settings import SettingsForm, ZoneForm


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def settings_home(request: HttpRequest) -> HttpResponse:
    form = SettingsForm(posted(request), patient=request.user.patient)
    if form.is_valid():
        accounts.change_settings(by=request.user, at=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("settings_home")
    context = {"form": form, "patient": request.user.patient, "now": timezone.now()}
    return render(request, "tracker/settings/home.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def asked_edit(request: HttpRequest) -> HttpResponse:
    form = AskedForm(posted(request), patient=request.user.patient)
    if form.is_valid():
        accounts.choose_asked(by=request.user, asked=form.cleaned_data["asked"])
        messages.success(request, _("Saved."))
        return redirect("settings_home")
    return render(request, "tracker/settings/asked.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def zone_confirm(request: HttpRequest) -> HttpResponse:
    form = ZoneForm(posted(request), patient=request.user.patient)
    if form.is_valid():
        patient = accounts.confirm_zone(by=request.user, at=timezone.now(), **form.said)
        messages.success(request, _("Your clock is set to %(zone)s.") % {"zone": patient.zone})
        return redirect("today")
    return render(request, "tracker/settings/zone.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@patient_required
def zone_device(request: HttpRequest) -> HttpResponse:
    """A script says in which zone this device is: a card that asks what to do about it, or nothing."""
    zone, before, at = request.POST.get("zone", ""), request.user.patient.zone, timezone.now()
    try:
        asks = accounts.meet_device(by=request.user, zone=zone, at=at)
    except accounts.UnknownZone:
        return HttpResponse(status=400)
    patient = request.user.patient
    if patient.zone != before:
        messages.info(request, _("Your clock has gone with your device, to %(zone)s.") % {"zone": patient.zone})
    if not asks:
        return HttpResponse(status=204)
    there = ZoneInfo(zone)
    parts_on = schedule.clocks_part_on(there, ZoneInfo(patient.zone), at=at)
    context = {"patient": patient, "device_zone": zone, "there": at.astimezone(there).time(), "now": at}
    context["parts_on"] = parts_on if parts_on != timezone.localdate(at) else None
    return render(request, "tracker/settings/_zone_changed.html", context)


@require_POST
@patient_required
def zone_keep(request: HttpRequest) -> HttpResponse:
    return _zone_chosen(request, lambda zone: accounts.keep_zone(by=request.user, declined=zone))


@require_POST
@patient_required
def zone_follow(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    return _zone_chosen(request, lambda zone: accounts.follow_device(by=request.user, zone=zone, at=at))


def _zone_chosen(request: HttpRequest, choose: Callable[[str], Patient]) -> HttpResponse:
    try:
        patient = choose(request.POST.get("zone", ""))
    except accounts.UnknownZone:
        messages.error(request, _("Ebb does not know that zone. Choose one here."))
        return redirect("zone_confirm")
    messages.success(request, _("Your clock is set to %(zone)s.") % {"zone": patient.zone})
    return redirect("today")
