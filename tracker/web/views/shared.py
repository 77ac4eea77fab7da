"""What whoever holds a link sees. A GET reveals nothing, since mail scanners open links; a POST opens it."""

from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from tracker.models import Share
from tracker.services import second_opinions, shared, sharing
from tracker.web.access import posted
from tracker.web.forms.sharing import PassphraseForm, SharedQuestionForm, SharedViewForm
from tracker.web.presenters.summaries import SheetPage
from tracker.web.shared_links import device_of, forget, has_sealed_open, remember, through_link, was_opened
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
    form = SharedViewForm(request.POST, prefix="view")
    if form.is_valid() and form.save(share=share, device=device_of(request), at=at):
        return redirect("shared", token)
    return _content(request, share, token, at, view_form=form)


@through_link(*WRITES)
def ask(request: HttpRequest, share: Share, *, token: str, at: datetime) -> HttpResponse:
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
    context = {"sealed": shared.sealed_of(share, on=localdate()), "token": token}
    return render(request, "tracker/shared/sealed.html", context)


@through_link(*READS)
def file(request: HttpRequest, share: Share, *, token: str, at: datetime, uuid: UUID) -> HttpResponse:
    with_sealed = has_sealed_open(request, share, at=at)
    who = {"device": device_of(request), "at": at, "on": localdate()}
    return served(shared.file_of(share, uuid, with_sealed=with_sealed, **who))


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
) -> HttpResponse:
    context = {
        "share": share,
        "token": token,
        "question_form": question_form or SharedQuestionForm(prefix="ask"),
        "questions": share.questions.all(),
        "is_too_early": is_too_early,
    }
    if share.scope == Share.Scope.LOG:
        context["log"] = Paginator(shared.log_of(share), ENTRIES_ON_A_PAGE).get_page(request.GET.get("page"))
    else:
        context["page"] = SheetPage(sheet=shared.sheet_of(share, on=localdate()))
    if share.scope == Share.Scope.BRIEF:
        context |= {
            "files": shared.brief_of(share, on=localdate()).files,
            "view_form": view_form or SharedViewForm(prefix="view"),
            "views": share.opinion.views.filter(share=share),
            "may_open_sealed": share.opens_sealed,
            "has_view": share.opinion.views.exists(),
            "is_sealed_open": has_sealed_open(request, share, at=at),
        }
    is_wrong = is_too_early or any(form is not None and form.errors for form in (view_form, question_form))
    return render(request, "tracker/shared/show.html", context, status=422 if is_wrong else 200)
