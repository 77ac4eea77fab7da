from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.models import Appointment, SecondOpinion, TreatmentType
from tracker.services import appointments, treatments
from tracker.services.calendar_files import CALENDAR_TYPE, FILE_NAME, calendar_file
from tracker.web.access import form_page, patient_required, posted
from tracker.web.forms.appointments import AppointmentForm, BeginForm, VisitForm, decided_as
from tracker.web.presenters.appointments import VisitList, VisitPage

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


def own_appointment(request: HttpRequest, uuid: UUID) -> Appointment:
    visits = request.user.patient.appointments.select_related("opinion", "next_attempt__treatment_type")
    return get_object_or_404(visits, uuid=uuid)


@require_safe
@patient_required
def appointment_list(request: HttpRequest) -> HttpResponse:
    page = VisitList(patient=request.user.patient, now=timezone.now(), page=request.GET.get("page"))
    return render(request, "tracker/appointment/list.html", {"page": page})


@reads_and_writes
@patient_required
def appointment_add(request: HttpRequest) -> HttpResponse:
    form = AppointmentForm(posted(request), patient=request.user.patient, opinion=_opinion_asked_for(request))
    done = _("Saved. Now write down what you want to ask.")
    return form_page(request, form, "tracker/appointment/add.html", done=done, then=_shown)


def _shown(appointment: Appointment) -> HttpResponse:
    return redirect("appointment_detail", appointment.uuid)


@reads_and_writes
@patient_required
def appointment_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The page to have open at the visit: questions, answers, the decision."""
    appointment = own_appointment(request, uuid)
    form = VisitForm(posted(request), appointment=appointment)
    if form.is_valid() and form.save(by=request.user, at=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("appointment_detail", appointment.uuid)
    patient, now = request.user.patient, timezone.now()
    page = VisitPage(appointment=appointment, patient=patient, now=now, today=localdate(now))
    rows = [(question, form[str(question.uuid)]) for question in form.questions]
    kind = decided_as(appointment, TreatmentType.objects.all())["treatment_type"]
    context = {"page": page, "appointment": appointment, "form": form, "rows": rows, "decided_kind": kind}
    return render(request, "tracker/appointment/show.html", context, status=422 if form.errors else 200)


@reads_and_writes
@patient_required
def appointment_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    appointment = own_appointment(request, uuid)
    form = AppointmentForm(posted(request), patient=request.user.patient, appointment=appointment)
    shown = {"done": _("Saved."), "then": lambda _saved: _shown(appointment), "appointment": appointment}
    return form_page(request, form, "tracker/appointment/edit.html", **shown)


@require_safe
@patient_required
def appointment_print(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The questions on paper, with room for answers."""
    appointment, now = own_appointment(request, uuid), timezone.now()
    page = VisitPage(appointment=appointment, patient=request.user.patient, now=now, today=localdate(now))
    return render(request, "tracker/appointment/print.html", {"page": page, "appointment": appointment})


@require_safe
@patient_required
def appointment_calendar(request: HttpRequest, uuid: UUID) -> HttpResponse:
    content = calendar_file(own_appointment(request, uuid), has_words="words" in request.GET)
    headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    return HttpResponse(content, content_type=CALENDAR_TYPE, headers=headers)


@require_POST
@patient_required
def appointment_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    appointments.cancel(by=request.user, appointment=own_appointment(request, uuid), at=timezone.now())
    messages.success(request, _("Noted as cancelled here. Tell the practice too, if you have not."))
    return redirect("appointment_detail", uuid)


@require_POST
@patient_required
def appointment_reinstate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    appointments.reinstate(by=request.user, appointment=own_appointment(request, uuid), at=timezone.now())
    messages.success(request, _("It takes place after all."))
    return redirect("appointment_detail", uuid)


@reads_and_writes
@patient_required
def appointment_begin(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What was decided, as a new attempt."""
    appointment = own_appointment(request, uuid)
    form = BeginForm(posted(request), appointment=appointment, patient=request.user.patient, today=localdate())
    if form.is_valid() and (attempt := form.save(by=request.user, at=timezone.now())):
        next_page = "attempt_recall" if treatments.needs_recall(attempt) else "attempt_detail"
        return redirect(next_page, attempt.uuid)
    context = {"form": form, "appointment": appointment, "decided_kind": form.initial["treatment_type"]}
    return render(request, "tracker/appointment/begin.html", context, status=422 if form.errors else 200)


@reads_and_writes
@patient_required
def appointment_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    appointment, now = own_appointment(request, uuid), timezone.now()
    if request.method == "POST":
        appointments.remove(by=request.user, appointment=appointment)
        messages.success(request, _("Deleted."))
        return redirect("appointment_list")
    page = VisitPage(appointment=appointment, patient=request.user.patient, now=now, today=localdate(now))
    return render(request, "tracker/appointment/delete.html", {"page": page, "appointment": appointment})


def _opinion_asked_for(request: HttpRequest) -> SecondOpinion | None:
    """The one named in the address; anything else in its place is passed over."""
    try:
        uuid = UUID(request.GET.get("opinion", ""))
    except ValueError:
        return None
    return request.user.patient.second_opinions.filter(uuid=uuid).first()
