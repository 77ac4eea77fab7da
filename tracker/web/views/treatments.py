from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.models import TreatmentAttempt
from tracker.services import advice, treatment_days, treatment_plans, treatments
from tracker.web.access import form_page, patient_required, posted
from tracker.web.forms.treatments import (
    AttemptForm,
    DayForm,
    DoseForm,
    PauseForm,
    RecallForm,
    RestartForm,
    ResumeForm,
    ServiceForm,
    StopForm,
)
from tracker.web.presenters.attempt_list import UNDO_KEY, attempt_items, take_undo
from tracker.web.presenters.treatments import AttemptPage

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


def own_attempt(request: HttpRequest, uuid: UUID) -> TreatmentAttempt:
    return get_object_or_404(request.user.patient.attempts.select_related("treatment_type", "diagnosis"), uuid=uuid)


@require_safe
@patient_required
def attempt_list(request: HttpRequest) -> HttpResponse:
    items = attempt_items(request.user.patient, today=localdate())
    shown = {"items": items, "plan": treatment_plans.plan_of(request.user.patient), "undo": take_undo(request)}
    return render(request, "tracker/attempt/list.html", shown)


@reads_and_writes
@patient_required
def attempt_add(request: HttpRequest) -> HttpResponse:
    form = AttemptForm(posted(request), patient=request.user.patient, today=localdate())
    return form_page(request, form, "tracker/attempt/add.html", then=_begun)


def _begun(attempt: TreatmentAttempt) -> HttpResponse:
    return redirect("attempt_recall" if treatments.needs_recall(attempt) else "attempt_detail", attempt.uuid)


@require_safe
@patient_required
def attempt_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    page = AttemptPage(attempt=own_attempt(request, uuid), today=localdate(), has_table="table" in request.GET)
    response = render(request, "tracker/attempt/show.html", {"page": page, "attempt": page.attempt})
    if page.new_advice:
        advice.mark_seen(by=request.user, at=timezone.now(), shown=page.new_advice)
    return response


@reads_and_writes
@patient_required
def attempt_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    attempt = own_attempt(request, uuid)
    form = AttemptForm(posted(request), patient=request.user.patient, today=localdate(), attempt=attempt)
    return _form_page(request, form, attempt, "tracker/attempt/edit.html", _("Saved."))


@reads_and_writes
@patient_required
def attempt_stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    attempt = own_attempt(request, uuid)
    form = StopForm(posted(request), attempt=attempt, today=localdate())
    return _form_page(request, form, attempt, "tracker/attempt/stop.html", _("Noted as stopped."))


@reads_and_writes
@patient_required
def attempt_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    attempt = own_attempt(request, uuid)
    if request.method != "POST":
        return render(request, "tracker/attempt/delete.html", {"attempt": attempt})
    request.session[UNDO_KEY] = {"token": treatments.remove(by=request.user, attempt=attempt), "name": attempt.name}
    return redirect("attempt_list")


@require_POST
@patient_required
def attempt_restore(request: HttpRequest) -> HttpResponse:
    try:
        attempt = treatments.restore(by=request.user, token=request.POST.get("token", ""))
    except treatments.removed_attempts.UndoExpired:
        messages.error(request, _("It is too late to take that back."))
        return redirect("attempt_list")
    except treatments.AttemptAlreadyOpen:
        messages.error(request, _("This treatment has been started anew meanwhile, so it is not put back."))
        return redirect("attempt_list")
    messages.success(request, _("Put back: %(name)s.") % {"name": attempt.name})
    return redirect("attempt_detail", attempt.uuid)


@require_POST
@patient_required
def attempt_day(request: HttpRequest, uuid: UUID) -> HttpResponse:
    attempt, form = own_attempt(request, uuid), DayForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    day, said = form.cleaned_data["day"], form.cleaned_data["said"]
    try:
        if said == "unknown":
            treatment_days.forget(by=request.user, attempt=attempt, day=day)
        else:
            treatment_days.note(by=request.user, attempt=attempt, day=day, is_done=said == "done", on=localdate())
    except treatment_days.DayNotOfAttempt:
        messages.error(request, _("It was not in use on that day."))
    return redirect("attempt_detail", attempt.uuid)


@reads_and_writes
@patient_required
def attempt_dose(request: HttpRequest, uuid: UUID) -> HttpResponse:
    attempt = own_attempt(request, uuid)
    form = DoseForm(posted(request), attempt=attempt, today=localdate())
    return _form_page(request, form, attempt, "tracker/attempt/dose.html", _("The new dose is judged on its own."))


@reads_and_writes
@patient_required
def attempt_pause(request: HttpRequest, uuid: UUID) -> HttpResponse:
    attempt = own_attempt(request, uuid)
    form = PauseForm(posted(request), attempt=attempt, today=localdate())
    return _form_page(request, form, attempt, "tracker/attempt/pause.html", _("Noted as paused."))


@reads_and_writes
@patient_required
def attempt_resume(request: HttpRequest, uuid: UUID) -> HttpResponse:
    attempt = own_attempt(request, uuid)
    form = ResumeForm(posted(request), attempt=attempt, today=localdate())
    return _form_page(request, form, attempt, "tracker/attempt/resume.html", _("Noted: in use again."))


@reads_and_writes
@patient_required
def attempt_restart(request: HttpRequest, uuid: UUID) -> HttpResponse:
    attempt = own_attempt(request, uuid)
    form = RestartForm(posted(request), attempt=attempt, today=localdate())
    return _form_page(request, form, attempt, "tracker/attempt/restart.html", _("It is judged on its own from here."))


@reads_and_writes
@patient_required
def attempt_recall(request: HttpRequest, uuid: UUID) -> HttpResponse:
    attempt = own_attempt(request, uuid)
    form = RecallForm(posted(request), attempt=attempt, today=localdate())
    return _form_page(request, form, attempt, "tracker/attempt/recall.html", _("Saved."))


def _form_page(
    request: HttpRequest, form: ServiceForm, attempt: TreatmentAttempt, template: str, done: str
) -> HttpResponse:
    return form_page(
        request,
        form,
        template,
        done=done,
        then=lambda changed: redirect("attempt_detail", changed.uuid),
        attempt=attempt,
    )
