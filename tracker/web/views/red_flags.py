"""The short alarm questions that go with an entry of much pain, or of more than usual."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import services as checkups
from tracker.models import RedFlagScreen
from tracker.services import red_flags
from tracker.web.access import patient_required, posted
from tracker.web.forms.red_flags import PutOffForm, ShortSetForm
from tracker.web.presenters import red_flags as presenter
from tracker.web.views.offline import ASK_AGAIN


def if_checkups_are_on(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Where the operator offers no check-up, none of this is there."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not checkups.is_on():
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@if_checkups_are_on
@patient_required
def questions(request: HttpRequest) -> HttpResponse:
    patient = request.user.patient
    if not patient.pain_entries.exists():
        return redirect("checkup:start")
    form = ShortSetForm(posted(request), uuid=None if request.method == "POST" else presenter.key_for(patient))
    try:
        if form.is_valid() and (screen := form.save(by=request.user, at=timezone.now())):
            return redirect(address_after(screen))
    except red_flags.ScreenAnswered:  # in another tab, a moment ago
        return redirect("red_flags_done", form.key)
    page = presenter.QuestionsPage(patient=patient, at=timezone.now(), form=form)
    shown = {"page": page} | presenter.lines(patient)
    return render(request, "tracker/red_flags/ask.html", shown, status=422 if form.errors else 200)


@require_POST
@if_checkups_are_on
@patient_required
def later(request: HttpRequest) -> HttpResponse:
    form = PutOffForm(request.POST)
    if form.is_valid():
        form.save(by=request.user, at=timezone.now())
    return redirect("today")


@require_safe
@if_checkups_are_on
@patient_required
def done(request: HttpRequest, uuid: UUID) -> HttpResponse:
    screen = get_object_or_404(request.user.patient.red_flag_screens, uuid=uuid)
    if (address := address_after(screen)) != request.path:
        return redirect(address)
    return render(request, "tracker/red_flags/done.html", presenter.done_page(screen))


@require_safe
@if_checkups_are_on
def offline(request: HttpRequest) -> HttpResponse:
    """The same for everybody: it is rendered without a request."""
    return HttpResponse(render_to_string("tracker/red_flags/offline.html", presenter.offline_page()), headers=ASK_AGAIN)


def address_after(screen: RedFlagScreen) -> str:
    name, arguments, query = presenter.next_address(screen)
    return reverse(name, args=arguments) + query
