from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.web.access import patient_required, posted
from tracker.web.forms.sites import SitesForm
from tracker.web.forms.timeline import RangeForm
from tracker.web.presenters.body import BodyMap, SitesPage
from tracker.web.views.entries import own_entry, shown_on_today


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def entry_sites(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Where one entry hurt. Without script a first saving names the places, a second one rates them."""
    form = SitesForm(posted(request), entry=own_entry(request, uuid))
    if form.is_valid() and (entry := form.save(by=request.user, at=timezone.now())):
        if form.asks_more():
            messages.success(request, _("Saved. Each place has its own number below, if you want to give it one."))
            return redirect(request.get_full_path())
        messages.success(request, _("Added to your entry."))
        return redirect("entry_edit", uuid) if request.GET.get("from") == "edit" else shown_on_today(entry)
    status = 422 if form.errors else 200
    return render(request, "tracker/body/entry.html", {"page": SitesPage(form=form)}, status=status)


@require_safe
@patient_required
def body_map(request: HttpRequest) -> HttpResponse:
    today = localdate()
    form = RangeForm(request.GET, today=today)
    page = BodyMap(patient=request.user.patient, form=form, today=today)
    return render(request, "tracker/body/map.html", {"page": page}, status=200 if form.is_valid() else 422)
