from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from tracker.web.access import patient_required
from tracker.web.forms.timeline import RangeForm
from tracker.web.presenters.timeline import Timeline


@require_safe
@patient_required
def timeline(request: HttpRequest) -> HttpResponse:
    today = localdate()
    form = RangeForm(request.GET, today=today)
    page = Timeline(patient=request.user.patient, form=form, today=today, has_table=request.GET.get("table") == "1")
    return render(request, "tracker/timeline/show.html", {"page": page}, status=200 if form.is_valid() else 400)
