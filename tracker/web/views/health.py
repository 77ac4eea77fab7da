from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tracker.services import health
from tracker.web.access import patient_required, posted
from tracker.web.forms.health import ProfileForm
from tracker.web.presenters.health import parts
from tracker.web.presenters.medicines import medicine_list


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def health_page(request: HttpRequest) -> HttpResponse:
    """Medicines first, then the profile."""
    patient, today = request.user.patient, localdate()
    profile = health.profile_of(patient)
    form = ProfileForm(posted(request), profile=profile, today=today)
    if form.is_valid() and form.save(by=request.user, at=timezone.now()):
        messages.success(request, _("Your health profile is saved."))
        return redirect("health")
    shown = {"form": form, "parts": list(parts(form)), "medicines": medicine_list(patient, on=today)}
    shown["is_empty"] = profile is None
    return render(request, "tracker/health/show.html", shown, status=422 if form.errors else 200)
