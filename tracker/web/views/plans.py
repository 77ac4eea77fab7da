"""Planning what to try next."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tracker.models import Appointment, TreatmentType
from tracker.services import treatment_plans, treatments
from tracker.web.access import form_page, patient_required, posted
from tracker.web.forms.plans import PlanForm
from tracker.web.presenters.plans import PlanPage, types_to_choose


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def plan(request: HttpRequest) -> HttpResponse:
    patient, today = request.user.patient, localdate()
    page = PlanPage(patient=patient, today=today)
    visit = _visit_asked_for(request)
    if (key := request.GET.get("type", "")) == "":
        shown = {"page": page, "groups": types_to_choose(), "visit": visit}
        return render(request, "tracker/plan/show.html", shown)
    kind = get_object_or_404(TreatmentType, key=key.replace("\0", ""))
    form = PlanForm(posted(request), patient=patient, kind=kind, today=today, visit=visit)
    shown = {"page": page, "kind": kind, "visit": visit}
    return form_page(request, form, "tracker/plan/edit.html", then=lambda _plan: redirect("plan"), **shown)


@require_POST
@patient_required
def plan_begin(request: HttpRequest) -> HttpResponse:
    """One tap, and the plan is an attempt from today on."""
    page = PlanPage(patient=request.user.patient, today=localdate())
    if page.plan is None:
        return redirect("attempt_list")
    when = {"started_on": page.today, "at": timezone.now(), "on": page.today}
    try:
        attempt = treatment_plans.begin(by=request.user, uuid=page.plan.uuid, **when)
    except treatments.AttemptAlreadyOpen:
        messages.error(request, _("You have this treatment at this dose on your list, and it is not stopped."))
        return redirect("plan")
    except treatment_plans.NothingPlanned as error:
        raise Http404 from error
    return redirect("attempt_recall" if treatments.needs_recall(attempt) else "attempt_detail", attempt.uuid)


@require_POST
@patient_required
def plan_drop(request: HttpRequest) -> HttpResponse:
    treatment_plans.drop(by=request.user)
    messages.success(request, _("The plan is dropped."))
    return redirect("attempt_list")


def _visit_asked_for(request: HttpRequest) -> Appointment | None:
    """At which it was decided; anything else in the address is passed over."""
    try:
        uuid = UUID(request.GET.get("visit", ""))
    except ValueError:
        return None
    return request.user.patient.appointments.filter(uuid=uuid).first()
