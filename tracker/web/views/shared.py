"""What whoever holds a link sees. A GET reveals nothing, since mail scanners open links; a POST opens it."""

from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from tracker.models import Share, Summary
from tracker.services import exports, second_opinions, shared, sharing, summary_pdf
from tracker.web.access import posted
from tracker.web.forms.sharing import PassphraseForm, SharedQuestionForm, SharedViewForm
from tracker.web.presenters.summaries import SheetPage
from tracker.web.shared_links import (
    cut_short,
    device_of,
    forget,
    has_sealed_open,
    private,
    remember,
    through_link,
    was_opened,
)
from tracker.web.views.files import served

READS, WRITES = ("GET", "HEAD"), ("POST",)
ENTRIES_ON_A_PAGE = 200


@through_link(*READS, *WRITES, is_open=False)
def landing(request: HttpRequest, share: Share, *, token: str, at: datetime) -> HttpResponse:
    """The closed door, or behind it what was shared."""
    if request.method == "POST":
        return _opened(request, share, token, at)
    if not was_opened(request, share, at=at):
        return _door(request, share, PassphraseForm())
    return _content(request, share, token, at)


@through_link(*WRITES)
def close(request: HttpRequest, share: Share, *, token: str, at: datetime) -> HttpResponse:
    """So that the next person at this computer finds the door closed."""
    forget(request, share)
    return redirect("shared", token)


@through_link(*WRITES)
def write_view(request: HttpRequest, share: Share, *, token: str, at: datetime) -> HttpResponse:
    if (begun := cut_short(request)) is not None:
        form = SharedViewForm(prefix="view", initial=_kept(begun, "view"))
        return _content(request, share, token, at, view_form=form, is_too_much=True)
    form = SharedViewForm(request.POST, prefix="view")
    if form.is_valid() and form.save(share=share, device=device_of(request), at=at):
        return redirect("shared", token)
    return _content(request, share, token, at, view_form=form)


@through_link(*WRITES)
def ask(request: HttpRequest, share: Share, *, token: str, at: datetime) -> HttpResponse:
    if (begun := cut_short(request)) is not None:
        form = SharedQuestionForm(prefix="ask", initial=_kept(begun, "ask"))
        return _content(request, share, token, at, question_form=form, is_too_much=True)
    form = SharedQuestionForm(request.POST, prefix="ask")
    if form.is_valid() and form.save(share=share, device=device_of(request), at=at):
        return redirect("shared", token)
    return _content(request, share, token, at, question_form=form)


@through_link(*READS, *WRITES)
def sealed(request: HttpRequest, share: Share, *, token: str, at: datetime) -> HttpResponse:
    """Opened by a POST after a view stands; then shown for the rest of this visit."""
    if request.method == "POST":
        try:
            shared.open_sealed(share=share, device=device_of(request), at=at)
        except second_opinions.ViewMissing:
            return _content(request, share, token, at, is_too_early=True)
        remember(request, share, at=at, with_sealed=True)
        return redirect("shared_sealed", token)
    if not has_sealed_open(request, share, at=at):
        return redirect("shared", token)
    context = {"sealed": shared.sealed_of(share, on=localdate()), "token": token, "opinion": share.opinion}
    return render(request, "tracker/shared/sealed.html", context)


@through_link(*READS)
def file(request: HttpRequest, share: Share, *, token: str, at: datetime, uuid: UUID) -> HttpResponse:
    with_sealed = has_sealed_open(request, share, at=at)
    return served(shared.file_of(share, uuid, with_sealed=with_sealed, device=device_of(request), at=at))


@through_link(*READS)
def pdf(request: HttpRequest, share: Share, *, token: str, at: datetime, paper: str) -> HttpResponse:
    """The file, or the page that tells how far it is."""
    content = shared.pdf(share=share, paper=paper, device=device_of(request), at=at, on=localdate())
    if content is None:
        return redirect("shared_paper", token, paper)
    return _download(HttpResponse(content, content_type="application/pdf"), summary_pdf.filename(localdate()))


@through_link(*READS)
def paper(request: HttpRequest, share: Share, *, token: str, at: datetime, paper: str) -> HttpResponse:
    state = shared.paper_state(share, paper)
    is_being_made = state in (Summary.State.WAITING, Summary.State.RUNNING)
    context = {"token": token, "paper": paper, "state": state, "is_being_made": is_being_made}
    return render(request, "tracker/shared/paper.html", context)


@through_link(*READS)
def fhir(request: HttpRequest, share: Share, *, token: str, at: datetime) -> HttpResponse:
    bundle = shared.bundle(share=share, device=device_of(request), at=at, on=localdate())
    kind = exports.Format.FHIR
    return _download(JsonResponse(bundle, content_type=kind.content_type), exports.filename(kind, localdate()))


def too_much(request: HttpRequest, *, status: int) -> HttpResponse:
    """Of a body that nobody reads to its end: in the frame of these pages, without a word of whoever is signed in."""
    return private(render(request, "tracker/shared/too_much.html", status=status))


def _kept(begun: dict[str, str], prefix: str) -> dict[str, str]:
    """For the fields of a form; its key is made anew."""
    return {
        name.removeprefix(f"{prefix}-"): words
        for name, words in begun.items()
        if name.startswith(f"{prefix}-") and name != f"{prefix}-uuid"
    }


def _download(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _opened(request: HttpRequest, share: Share, token: str, at: datetime) -> HttpResponse:
    form = PassphraseForm(posted(request) if share.passphrase else {"passphrase": "-"})
    if not form.is_valid():
        return _door(request, share, form, status=422)
    try:
        passphrase = form.cleaned_data["passphrase"]
        shared.open_link(share=share, passphrase=passphrase, device=device_of(request), at=at)
    except sharing.WrongPassphrase:
        form.add_error("passphrase", _("This is not the passphrase of this link. Ask the person who sent it."))
        return _door(request, share, form, status=422)
    except sharing.ShareLocked:
        form.add_error(None, _("Too many wrong tries. Wait a quarter of an hour, then try again."))
        return _door(request, share, form, status=429)
    remember(request, share, at=at)
    return redirect("shared", token)


def _door(request: HttpRequest, share: Share, form: PassphraseForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "has_passphrase": bool(share.passphrase)}
    return render(request, "tracker/shared/door.html", context, status=status)


def _content(
    request: HttpRequest,
    share: Share,
    token: str,
    at: datetime,
    *,
    view_form: SharedViewForm | None = None,
    question_form: SharedQuestionForm | None = None,
    is_too_early: bool = False,
    is_too_much: bool = False,
) -> HttpResponse:
    context = {
        "share": share,
        "token": token,
        "question_form": question_form or SharedQuestionForm(prefix="ask"),
        "questions": share.questions.all(),
        "is_too_early": is_too_early,
        "is_too_much": is_too_much,
    }
    if share.scope == Share.Scope.LOG:
        context["log"] = Paginator(shared.log_of(share), ENTRIES_ON_A_PAGE).get_page(request.GET.get("page"))
        return _shown(request, context)
    shown = shared.shown_by(share, at=at, on=localdate())
    context["page"] = SheetPage(sheet=shown.sheet)
    if share.scope == Share.Scope.BRIEF:
        context |= {
            "files": shown.brief.files,
            "view_form": view_form or SharedViewForm(prefix="view"),
            "opinion": share.opinion,
            "views": share.opinion.views.filter(share=share),
            "has_sealed": share.opens_sealed,
            "may_open_sealed": shared.may_open_sealed(share),
            "is_sealed_open": has_sealed_open(request, share, at=at),
        }
    return _shown(request, context)


def _shown(request: HttpRequest, context: dict) -> HttpResponse:
    forms = (context.get("view_form"), context["question_form"])
    is_wrong = context["is_too_early"] or any(form is not None and form.is_bound and form.errors for form in forms)
    status = 413 if context["is_too_much"] else 422 if is_wrong else 200
    return render(request, "tracker/shared/show.html", context, status=status)
