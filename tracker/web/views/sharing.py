"""Links for clinicians, as the patient sees them."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.models import Share
from tracker.services import sharing
from tracker.web.access import form_page, patient_required, posted
from tracker.web.forms.sharing import AnswerForm, ShareForm
from tracker.web.presenters.sharing import LinkPage

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


WISHED = ("scope", "opinion", "first_day", "last_day")


def own_share(request: HttpRequest, uuid: UUID) -> Share:
    return get_object_or_404(sharing.listed(request.user.patient).select_related("patient", "opinion"), uuid=uuid)


@require_safe
@patient_required
def share_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    links = [LinkPage(share=share, now=now) for share in sharing.listed(request.user.patient)]
    context = {"open": [one for one in links if one.is_open], "ended": [one for one in links if not one.is_open]}
    return render(request, "tracker/sharing/list.html", context)


@reads_and_writes
@patient_required
def share_add(request: HttpRequest) -> HttpResponse:
    """What stands in the address is what the form begins with."""
    wished = {name: request.GET[name] for name in WISHED if name in request.GET}
    form = ShareForm(posted(request), initial=wished, patient=request.user.patient, today=localdate())
    return form_page(
        request,
        form,
        "tracker/sharing/add.html",
        done=_("The link is made. Copy it and send it."),
        then=lambda share: redirect("share_show", share.uuid),
    )


@require_safe
@patient_required
def share_show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return _shown(request, own_share(request, uuid))


@require_POST
@patient_required
def share_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    sharing.revoke(by=request.user, share=own_share(request, uuid), at=timezone.now())
    messages.success(request, _("The link has ended. Whoever has it sees nothing from now on."))
    return redirect("share_show", uuid)


@require_POST
@patient_required
def share_answer(request: HttpRequest, uuid: UUID, question: UUID) -> HttpResponse:
    share = own_share(request, uuid)
    asked = get_object_or_404(share.questions, uuid=question)
    form = AnswerForm(request.POST, prefix=str(question))
    if form.is_valid() and form.save(by=request.user, question=asked, at=timezone.now()):
        messages.success(request, _("Saved. Whoever has the link sees your answer."))
        return redirect("share_show", uuid)
    return _shown(request, share, wrong=(asked, form))


def _shown(request: HttpRequest, share: Share, wrong: tuple | None = None) -> HttpResponse:
    asked = [(one, AnswerForm(initial={"text": one.answer}, prefix=str(one.uuid))) for one in share.questions.all()]
    if wrong is not None:
        asked = [wrong if one == wrong[0] else (one, form) for one, form in asked]
    address = settings.SITE_URL + reverse("shared", args=[sharing.token_of(share)])
    context = {"link": LinkPage(share=share, now=timezone.now()), "share": share, "asked": asked, "address": address}
    return render(request, "tracker/sharing/show.html", context, status=422 if wrong else 200)
