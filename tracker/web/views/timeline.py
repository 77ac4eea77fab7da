from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from tracker.web.access import patient_required
from tracker.web.forms.timeline import CompareForm, HistoryForm, PatternForm, RangeForm, YearForm
from tracker.web.presenters.history import Calendar, ComparePage, PatternsPage
from tracker.web.presenters.timeline import Timeline


@require_safe
@patient_required
def timeline(request: HttpRequest) -> HttpResponse:
    today = localdate()
    form = RangeForm(request.GET, today=today)
    page = Timeline(patient=request.user.patient, form=form, today=today, has_table=request.GET.get("table") == "1")
    return shown(request, "show", page, form)


@require_safe
@patient_required
def calendar(request: HttpRequest) -> HttpResponse:
    today = localdate()
    form = YearForm(request.GET, today=today)
    return shown(request, "calendar", Calendar(patient=request.user.patient, form=form, today=today), form)


@require_safe
@patient_required
def patterns(request: HttpRequest) -> HttpResponse:
    today = localdate()
    form = PatternForm(request.GET, today=today)
    return shown(request, "patterns", PatternsPage(patient=request.user.patient, form=form, today=today), form)


@require_safe
@patient_required
def compare(request: HttpRequest) -> HttpResponse:
    today = localdate()
    form = CompareForm(request.GET, today=today)
    return shown(request, "compare", ComparePage(patient=request.user.patient, form=form, today=today), form)


def shown(request: HttpRequest, template: str, page: object, form: HistoryForm) -> HttpResponse:
    status = 422 if form.is_refused else 200
    return render(request, f"tracker/timeline/{template}.html", {"page": page}, status=status)
