from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.services import accounts
from tracker.web.access import patient_required, posted
from tracker.web.forms.beside import AskedForm
from tracker.web.forms.settings import SettingsForm, ZoneForm


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def settings_home(request: HttpRequest) -> HttpResponse:
    form = SettingsForm(posted(request), patient=request.user.patient)
    if form.is_valid():
        accounts.change_settings(by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("settings_home")
    context = {"form": form, "patient": request.user.patient, "now": timezone.now()}
    return render(request, "tracker/settings/home.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def asked_edit(request: HttpRequest) -> HttpResponse:
    form = AskedForm(posted(request), patient=request.user.patient)
    if form.is_valid():
        accounts.choose_asked(by=request.user, asked=form.cleaned_data["asked"])
        messages.success(request, _("Saved."))
        return redirect("settings_home")
    return render(request, "tracker/settings/asked.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def zone_confirm(request: HttpRequest) -> HttpResponse:
    form = ZoneForm(posted(request), patient=request.user.patient)
    if form.is_valid():
        patient = accounts.confirm_zone(by=request.user, zone=form.cleaned_data["zone"], at=timezone.now())
        messages.success(request, _("Your clock is set to %(zone)s.") % {"zone": patient.zone})
        return redirect("today")
    return render(request, "tracker/settings/zone.html", {"form": form}, status=400 if form.errors else 200)
