from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.models import SecondOpinion
from tracker.services import brief_words, said_so_far, second_opinions
from tracker.web.access import form_page, patient_required, posted
from tracker.web.forms.opinions import ComparisonForm, ContentsForm, OpinionForm, QuestionForm, ViewForm, decisions
from tracker.web.presenters.opinions import OpinionPage
from tracker.web.presenters.summaries import SheetPage

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


def own_opinion(request: HttpRequest, uuid: UUID) -> SecondOpinion:
    opinions = request.user.patient.second_opinions.select_related("patient__user", "attempt__treatment_type")
    return get_object_or_404(opinions, uuid=uuid)


@require_POST
@patient_required
def opinion_begin(request: HttpRequest) -> HttpResponse:
    """Start to prepare one: because of an attempt, or at any time."""
    patient, attempt = request.user.patient, None
    if named := request.POST.get("attempt"):
        attempt = patient.attempts.filter(uuid=named).first() if _is_uuid(named) else None
    said = {"uuid": uuid4(), "at": timezone.now(), "on": localdate(), "attempt": attempt}
    try:
        opinion = second_opinions.prepare(by=request.user, **said)
    except second_opinions.TooManyOpinions:
        messages.error(request, _("There are as many open second opinions as there can be. Close one that is over."))
        return redirect("second_opinion")
    return redirect("opinion_question", opinion.uuid)


@require_safe
@patient_required
def opinion_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    page = OpinionPage(opinion=own_opinion(request, uuid), today=localdate(), now=timezone.now())
    return render(request, "tracker/opinion/show.html", {"page": page, "opinion": page.opinion})


@reads_and_writes
@patient_required
def opinion_question(request: HttpRequest, uuid: UUID) -> HttpResponse:
    opinion = own_opinion(request, uuid)
    form = QuestionForm(posted(request), opinion=opinion, today=localdate())
    return _step(request, form, "question", then="opinion_contents")


@reads_and_writes
@patient_required
def opinion_contents(request: HttpRequest, uuid: UUID) -> HttpResponse:
    opinion = own_opinion(request, uuid)
    form = ContentsForm(posted(request), opinion=opinion, today=localdate())
    return _step(request, form, "contents", then="opinion_words")


@reads_and_writes
@patient_required
def opinion_words(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Side by side: what goes out, and what is held back."""
    opinion = own_opinion(request, uuid)
    if request.method == "POST":
        decided = decisions(request.POST.items())
        second_opinions.decide(by=request.user, opinion=opinion, decisions=decided, at=timezone.now())
        messages.success(request, _("Saved. This is what the new doctor will see."))
        return redirect("opinion_brief", opinion.uuid)
    blind = second_opinions.blind_brief(opinion, on=localdate())
    return render(request, "tracker/opinion/words.html", {"opinion": opinion, "blind": blind, "step": "words"})


@require_safe
@patient_required
def opinion_brief(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Exactly what the new doctor is handed first."""
    opinion = own_opinion(request, uuid)
    blind = second_opinions.blind_brief(opinion, on=localdate())
    page = SheetPage(sheet=brief_words.sheet(blind.brief))
    context = {"opinion": opinion, "blind": blind, "page": page, "step": "brief"}
    return render(request, "tracker/opinion/brief.html", context)


@reads_and_writes
@patient_required
def opinion_view(request: HttpRequest, uuid: UUID) -> HttpResponse:
    opinion = own_opinion(request, uuid)
    form = ViewForm(posted(request), opinion=opinion, today=localdate())
    return _step(request, form, "view", then="opinion_compare")


@reads_and_writes
@patient_required
def opinion_sealed(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Opened once and for all; what is in it is shown only then."""
    opinion = own_opinion(request, uuid)
    if request.method == "POST":
        second_opinions.open_sealed(by=request.user, opinion=opinion, at=timezone.now())
        return redirect("opinion_sealed", opinion.uuid)
    sealed = None
    if opinion.sealed_opened_at is not None:
        held_back = second_opinions.blind_brief(opinion, on=localdate()).held_back
        sealed = second_opinions.sealed_part(opinion, held_back=held_back)
    return render(request, "tracker/opinion/sealed.html", {"opinion": opinion, "sealed": sealed})


@reads_and_writes
@patient_required
def opinion_compare(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Each earlier diagnosis beside the new view."""
    opinion = own_opinion(request, uuid)
    views = list(opinion.views.all())
    given = {"opinion": opinion, "today": localdate(), "newest": views[-1] if views else None}
    said = {one.diagnosis_id: one for one in opinion.comparisons.select_related("replaced_by")}
    earlier = said_so_far.earlier_diagnoses(opinion)
    forms = [ComparisonForm(posted(request), diagnosis=one, said=said.get(one.pk), **given) for one in earlier]
    wanted = [form for form in forms if form.has_changed() or form.diagnosis.pk in said]
    if request.method == "POST" and _all_saved(request, wanted):
        messages.success(request, _("Saved."))
        return redirect("opinion_detail", opinion.uuid)
    context = {"opinion": opinion, "forms": forms, "views": views}
    status = 422 if any(form.errors for form in wanted) else 200
    return render(request, "tracker/opinion/compare.html", context, status=status)


@require_POST
@patient_required
def opinion_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    second_opinions.close(by=request.user, opinion=own_opinion(request, uuid), at=timezone.now())
    messages.success(request, _("Closed. Its links show nothing any more."))
    return redirect("second_opinion")


@reads_and_writes
@patient_required
def opinion_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    opinion = own_opinion(request, uuid)
    if request.method != "POST":
        return render(request, "tracker/opinion/delete.html", {"opinion": opinion})
    second_opinions.remove(by=request.user, opinion=opinion)
    messages.success(request, _("Deleted."))
    return redirect("second_opinion")


def _step(request: HttpRequest, form: OpinionForm, step: str, *, then: str) -> HttpResponse:
    opinion = form.opinion
    shown = {"then": lambda _saved: redirect(then, opinion.uuid), "opinion": opinion, "step": step}
    return form_page(request, form, f"tracker/opinion/{step}.html", **shown)


def _all_saved(request: HttpRequest, forms: list[ComparisonForm]) -> bool:
    """Nothing is saved unless all of it can be; each form is looked at, so that all faults show at once."""
    n_valid = sum(form.is_valid() for form in forms)
    return n_valid == len(forms) and all(form.save(by=request.user, at=timezone.now()) for form in forms)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
