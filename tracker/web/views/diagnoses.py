"""What clinicians said and proposed, as the patient notes it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.services import proposals, said_so_far, said_so_far_words, treatments
from tracker.web.access import form_page, patient_required, posted
from tracker.web.forms.diagnoses import DiagnosisForm, ProposalForm, TellForm

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@patient_required
def diagnosis_list(request: HttpRequest) -> HttpResponse:
    patient = request.user.patient
    diagnoses = [
        (one, said_so_far_words.stands(one.outcome or "", one.replaced_with or ""))
        for one in said_so_far.diagnoses_of(patient)
    ]
    steps = [said_so_far_words.told(line) for line in said_so_far.history(patient)]
    shown = {"diagnoses": diagnoses, "proposals": patient.proposals.all(), "steps": steps}
    return render(request, "tracker/diagnosis/list.html", shown)


@reads_and_writes
@patient_required
def diagnosis_add(request: HttpRequest) -> HttpResponse:
    return _form_page(request, DiagnosisForm(posted(request), today=localdate()), "diagnosis_add")


@reads_and_writes
@patient_required
def diagnosis_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    diagnosis = get_object_or_404(request.user.patient.diagnoses, uuid=uuid)
    form = DiagnosisForm(posted(request), today=localdate(), earlier=diagnosis)
    return _form_page(request, form, "diagnosis_edit", delete="diagnosis_delete")


@reads_and_writes
@patient_required
def diagnosis_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    diagnosis = get_object_or_404(request.user.patient.diagnoses, uuid=uuid)
    if request.method != "POST":
        return render(request, "tracker/diagnosis/delete.html", {"row": diagnosis, "page": "diagnosis_edit"})
    treatments.remove_diagnosis(by=request.user, diagnosis=diagnosis)
    messages.success(request, _("Deleted: %(name)s.") % {"name": diagnosis.name})
    return redirect("diagnosis_list")


@reads_and_writes
@patient_required
def proposal_add(request: HttpRequest) -> HttpResponse:
    return _form_page(request, ProposalForm(posted(request), today=localdate()), "proposal_add")


@reads_and_writes
@patient_required
def proposal_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    proposal = get_object_or_404(request.user.patient.proposals, uuid=uuid)
    form = ProposalForm(posted(request), today=localdate(), earlier=proposal)
    return _form_page(request, form, "proposal_edit", delete="proposal_delete")


@reads_and_writes
@patient_required
def proposal_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    proposal = get_object_or_404(request.user.patient.proposals, uuid=uuid)
    if request.method != "POST":
        return render(request, "tracker/diagnosis/delete.html", {"row": proposal, "page": "proposal_edit"})
    proposals.remove(by=request.user, proposal=proposal)
    messages.success(request, _("Deleted: %(name)s.") % {"name": proposal.name})
    return redirect("diagnosis_list")


def _form_page(request: HttpRequest, form: TellForm, page: str, delete: str = "") -> HttpResponse:
    return form_page(
        request,
        form,
        "tracker/diagnosis/form.html",
        done=_("Noted."),
        then=lambda _saved: redirect("diagnosis_list"),
        page=page,
        delete=delete,
    )
