from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.models import QuestionnaireResponse
from tracker.services import questionnaires
from tracker.web.access import patient_required, posted
from tracker.web.forms.questionnaires import PutOffForm, QuestionnaireForm
from tracker.web.presenters.questionnaires import ResponsePage, bands, change_words, course, help_lines, listed

PER_PAGE = 50


def known_instrument(key: str) -> Any:
    try:
        return questionnaires.instrument_of(key)
    except questionnaires.UnknownInstrument:
        raise Http404 from None


def own_response(request: HttpRequest, uuid: UUID) -> QuestionnaireResponse:
    responses = request.user.patient.questionnaire_responses.select_related("patient", "attempt__treatment_type")
    return get_object_or_404(responses, uuid=uuid)


@require_safe
@patient_required
def questionnaire_list(request: HttpRequest) -> HttpResponse:
    shown = {"listed": listed(request.user.patient, today=localdate())}
    return render(request, "tracker/questionnaire/list.html", shown)


@require_safe
@patient_required
def questionnaire_show(request: HttpRequest, key: str) -> HttpResponse:
    instrument, patient = known_instrument(key), request.user.patient
    responses = patient.questionnaire_responses.filter(instrument=key).select_related("attempt__treatment_type")
    page = Paginator(responses.newest_first(), PER_PAGE).get_page(request.GET.get("page"))
    shown = {
        "instrument": instrument,
        "course": course(patient, key),
        "page": page,
        "results": [ResponsePage(response=response) for response in page],
        "scores": [
            {"score": score, "bands": bands(score), "change": change_words(score)} for score in instrument.scores
        ],
    }
    return render(request, "tracker/questionnaire/show.html", shown)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def questionnaire_fill(request: HttpRequest, key: str) -> HttpResponse:
    instrument, patient = known_instrument(key), request.user.patient
    initial = {"attempt": request.GET.get("attempt", "")}
    form = QuestionnaireForm(posted(request), instrument=instrument, patient=patient, initial=initial)
    if form.is_valid():
        response = form.save(by=request.user, at=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("response_show", response.uuid)
    shown = {"form": form, "instrument": instrument}
    return render(request, "tracker/questionnaire/fill.html", shown, status=422 if form.errors else 200)


@require_safe
@patient_required
def response_show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    page = ResponsePage(response=own_response(request, uuid))
    lines = help_lines(request.user.patient) if page.needs_help else {}
    return render(request, "tracker/questionnaire/response.html", {"page": page} | lines)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def response_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    response = own_response(request, uuid)
    if request.method != "POST":
        return render(request, "tracker/questionnaire/delete.html", {"page": ResponsePage(response=response)})
    questionnaires.remove(by=request.user, response=response)
    messages.success(request, _("Deleted."))
    if response.instrument not in questionnaires.all_instruments():
        return redirect("questionnaire_list")
    return redirect("questionnaire_show", response.instrument)


@require_POST
@patient_required
def questionnaire_put_off(request: HttpRequest, key: str) -> HttpResponse:
    form, today = PutOffForm(request.POST), localdate()
    if known_instrument(key).key not in questionnaires.beats():
        raise Http404
    if form.is_valid():
        until = today + timedelta(days=form.cleaned_data["days"])
        questionnaires.put_off(by=request.user, instrument=key, until=until, today=today)
    return redirect("today")


@require_POST
@patient_required
def help_seen(request: HttpRequest) -> HttpResponse:
    questionnaires.acknowledge_help(by=request.user)
    return redirect("today")
