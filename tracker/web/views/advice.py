from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tracker.models import Advice
from tracker.services import advice as advising
from tracker.web.access import patient_required
from tracker.web.presenters.advice import AdvicePage, advice_cards
from tracker.web.presenters.talk import TalkPage

ANSWERS = {
    "dismiss": Advice.State.DISMISSED,
    "acted_on": Advice.State.ACTED_ON,
    "later": Advice.State.LATER,
    "undo": Advice.State.SEEN,
}


def own_advice(request: HttpRequest, pk: int) -> Advice:
    return get_object_or_404(advising.advice_of(request.user.patient), pk=pk)


@require_safe
@patient_required
def advice_list(request: HttpRequest) -> HttpResponse:
    page = AdvicePage(patient=request.user.patient, today=localdate())
    response = render(request, "tracker/advice/list.html", {"page": page, "came_from": "list"})
    if page.new:
        advising.mark_seen(by=request.user, at=timezone.now(), shown=page.new)
    return response


@require_safe
@patient_required
def advice_talk(request: HttpRequest, pk: int) -> HttpResponse:
    """A short list to take along, printable."""
    (card,) = advice_cards([own_advice(request, pk)])
    page = TalkPage(patient=request.user.patient, card=card, today=localdate())
    return render(request, "tracker/advice/talk.html", {"page": page, "card": card})


@require_POST
@patient_required
def advice_respond(request: HttpRequest, pk: int) -> HttpResponse:
    piece = own_advice(request, pk)
    state = ANSWERS.get(request.POST.get("action", ""))
    if state is None:
        return HttpResponseBadRequest(_("Choose what to do with this advice."), content_type="text/plain")
    try:
        until = date.fromisoformat(request.POST.get("until") or "") if request.POST.get("until") else None
        advising.respond(by=request.user, advice=piece, state=state, at=timezone.now(), later_until=until)
    except (ValueError, advising.PutOffOutOfRange):
        messages.error(request, _("Choose a day from tomorrow to a year from now. The advice stays as it was."))
    except advising.NoLongerHolds:
        messages.info(request, _("The verdict has changed meanwhile, so this advice no longer holds."))
    return _back(request, piece)


def _back(request: HttpRequest, piece: Advice) -> HttpResponse:
    match request.POST.get("from"):
        case "attempt" if piece.attempt:
            return redirect("attempt_detail", piece.attempt.uuid)
        case "list":
            return redirect("advice_list")
    return redirect("today")
