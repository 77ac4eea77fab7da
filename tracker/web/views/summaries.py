from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.models import Summary
from tracker.services import exports, summaries, summary_pdf
from tracker.web.access import patient_required, posted
from tracker.web.forms.summaries import SummaryForm, paper_of
from tracker.web.presenters.summaries import SheetPage, wished, words_so_far

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


def own_summary(request: HttpRequest, uuid: UUID) -> Summary:
    own = request.user.patient.summaries.wished_by_patient().select_related("patient__user", "opinion__patient")
    return get_object_or_404(own.defer("content"), uuid=uuid)


def _form(request: HttpRequest, **said) -> SummaryForm:
    patient = request.user.patient
    first = patient.pain_entries.first_days(1)
    own = {"today": localdate(), "first_logged": first[0] if first else None, "words": words_so_far(patient)}
    return SummaryForm(posted(request), **own, **said)


@reads_and_writes
@patient_required
def summary_choose(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    if form.is_valid():
        summary, _ = summaries.put(by=request.user, uuid=uuid4(), at=timezone.now(), wish=form.wish)
        return redirect("summary_show", summary.uuid)
    context = {"form": form, "checkup": request.user.assessments.finished().brief().first()}
    return render(request, "tracker/summary/choose.html", context, status=422 if form.errors else 200)


@reads_and_writes
@patient_required
def summary_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    summary = own_summary(request, uuid)
    form = _form(request, initial=wished(summary))
    if form.is_valid():
        summaries.put(by=request.user, uuid=uuid, at=timezone.now(), wish=form.wish)
        return redirect("summary_show", uuid)
    context = {"form": form, "summary": summary}
    return render(request, "tracker/summary/choose.html", context, status=422 if form.errors else 200)


@require_safe
@patient_required
def summary_show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    summary = own_summary(request, uuid)
    page = SheetPage(sheet=summaries.sheet_of(summary, on=localdate()))
    return render(request, "tracker/summary/show.html", {"summary": summary, "page": page})


@require_safe
@patient_required
def summary_pdf_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The file, or the page that tells how far it is."""
    summary = own_summary(request, uuid)
    content = summaries.pdf(by=request.user, summary=summary, on=localdate())
    if content is None:
        return redirect("summary_progress", uuid)
    name = summary_pdf.filename(localdate())
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@require_safe
@patient_required
def summary_progress(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return render(request, "tracker/summary/progress.html", {"summary": own_summary(request, uuid)})


@require_safe
@patient_required
def summary_fhir_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    at, summary = timezone.now(), own_summary(request, uuid)
    bundle = summaries.bundle(by=request.user, summary=summary, on=localdate(), at=at)
    name = exports.filename(exports.Format.FHIR, localdate())
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return JsonResponse(bundle, content_type=exports.Format.FHIR.content_type, headers=headers)


@require_POST
@patient_required
def summary_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    summaries.remove(by=request.user, summary=own_summary(request, uuid))
    return redirect("summary_choose")


@require_POST
@patient_required
def opinion_paper(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The blind brief of a second opinion for paper."""
    opinion = get_object_or_404(request.user.patient.second_opinions, uuid=uuid)
    said = {"opinion": opinion, "paper": paper_of(request.POST)}
    summary = summaries.of_opinion(by=request.user, uuid=uuid4(), at=timezone.now(), **said)
    return redirect("summary_show", summary.uuid)
