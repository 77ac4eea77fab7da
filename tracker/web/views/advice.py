from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tracker.models import Advice
from tracker.services import verdicts
from tracker.web.access import patient_required

ANSWERS = {"dismiss": Advice.State.DISMISSED, "acted_on": Advice.State.ACTED_ON}


@require_POST
@patient_required
def advice_respond(request: HttpRequest, pk: int) -> HttpResponse:
    advice = get_object_or_404(verdicts.advice_of(request.user.patient), pk=pk)
    state = ANSWERS.get(request.POST.get("action", ""))
    if state is None:
        return HttpResponseBadRequest(_("Choose what to do with this advice."), content_type="text/plain")
    verdicts.respond_to_advice(by=request.user, advice=advice, state=state, at=timezone.now())
    return (
        redirect("attempt_detail", advice.attempt.uuid) if request.POST.get("from") == "attempt" else redirect("today")
    )
