from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import time as as_time
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.models import Intake, Medicine
from tracker.services import medicines
from tracker.web.access import form_page, patient_required, posted
from tracker.web.forms.medicines import IntakeForm, MedicineForm, MedicineServiceForm, StopMedicineForm, TapForm
from tracker.web.presenters.medicines import intakes_of, said_of

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


def own_medicine(request: HttpRequest, uuid: UUID) -> Medicine:
    return get_object_or_404(request.user.patient.medicines, uuid=uuid)


def own_intake(request: HttpRequest, uuid: UUID) -> Intake:
    return get_object_or_404(request.user.patient.intakes.select_related("medicine"), uuid=uuid)


@reads_and_writes
@patient_required
def medicine_add(request: HttpRequest) -> HttpResponse:
    form = MedicineForm(posted(request), today=localdate())
    if form.is_valid() and (medicine := form.save(by=request.user, at=timezone.now())):
        messages.success(request, _("On your list: %(name)s.") % {"name": medicine})
        return redirect("health")
    return render(request, "tracker/medicine/add.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@patient_required
def medicine_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    medicine = own_medicine(request, uuid)
    context = {"medicine": medicine, "page": intakes_of(medicine, request.GET.get("page")), "tap_uuid": uuid4()}
    return render(request, "tracker/medicine/show.html", context)


@reads_and_writes
@patient_required
def medicine_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    medicine = own_medicine(request, uuid)
    form = MedicineForm(posted(request), today=localdate(), medicine=medicine)
    return _form_page(request, form, medicine, "tracker/medicine/edit.html", _("Saved."))


@reads_and_writes
@patient_required
def medicine_stop(request: HttpRequest, uuid: UUID) -> HttpResponse:
    medicine = own_medicine(request, uuid)
    form = StopMedicineForm(posted(request), today=localdate(), medicine=medicine)
    return _form_page(request, form, medicine, "tracker/medicine/stop.html", _("Noted as stopped."))


@reads_and_writes
@patient_required
def medicine_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    medicine = own_medicine(request, uuid)
    if request.method != "POST":
        context = {"medicine": medicine, "n_intakes": medicine.intakes.count()}
        return render(request, "tracker/medicine/delete.html", context)
    medicines.remove_medicine(by=request.user, medicine=medicine)
    messages.success(request, _("Deleted: %(name)s.") % {"name": medicine})
    return redirect("health")


@reads_and_writes
@patient_required
def intake_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """At another time, or another dose."""
    medicine = own_medicine(request, uuid)
    form = IntakeForm(posted(request), patient=request.user.patient, medicine=medicine, now=timezone.now())
    return _form_page(request, form, medicine, "tracker/medicine/taken.html", _("Saved."))


@reads_and_writes
@patient_required
def intake_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    intake = own_intake(request, uuid)
    given = {"patient": request.user.patient, "medicine": intake.medicine, "now": timezone.now(), "intake": intake}
    form = IntakeForm(posted(request), **given)
    return _form_page(request, form, intake.medicine, "tracker/medicine/taken.html", _("Saved."), intake=intake)


@require_POST
@patient_required
def intake_tap(request: HttpRequest) -> HttpResponse:
    """One tap on a medicine: the usual dose, now."""
    form = TapForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of your medicines."))
        return redirect("today")
    medicine = own_medicine(request, form.cleaned_data["medicine"])
    uuid = form.cleaned_data["uuid"] or uuid4()
    intake = medicines.tap(by=request.user, uuid=uuid, medicine=medicine, at=timezone.now())
    if request.POST.get("from") == "medicine":
        messages.success(request, _("Taken at %(time)s.") % {"time": as_time(localtime(intake.taken_at))})
        return redirect("medicine_detail", medicine.uuid)
    return _today(request, intake=str(intake.uuid))


@require_POST
@patient_required
def intake_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    intake = own_intake(request, uuid)
    medicines.untake(by=request.user, intake=intake)
    messages.success(request, _("Taken back: %(name)s.") % {"name": said_of(intake)})
    if request.POST.get("from") == "medicine":
        return redirect("medicine_detail", intake.medicine.uuid)
    return _today(request)


def _today(request: HttpRequest, **told: str) -> HttpResponse:
    """Back to Today, and to the entry that was saved there a moment ago."""
    if entry := request.POST.get("entry"):
        told["entry"] = entry[:36]
    return redirect(f"{reverse('today')}?{urlencode(told)}" if told else "today")


def _form_page(
    request: HttpRequest,
    form: MedicineServiceForm,
    medicine: Medicine,
    template: str,
    done: str,
    intake: Intake | None = None,
) -> HttpResponse:
    shown = {"medicine": medicine, "intake": intake}
    return form_page(
        request, form, template, done=done, then=lambda _saved: redirect("medicine_detail", medicine.uuid), **shown
    )
