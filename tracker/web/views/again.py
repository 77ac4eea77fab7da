from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tracker.services import pain_log
from tracker.web.access import patient_required
from tracker.web.forms.entries import AgainForm
from tracker.web.views.entries import shown_on_today


@require_POST
@patient_required
def entry_again(request: HttpRequest) -> HttpResponse:
    """The one button for "same as last time"."""
    form = AgainForm(request.POST)
    try:
        if form.is_valid():
            tapped = {"uuid": form.cleaned_data["uuid"] or uuid4(), "of": form.cleaned_data["of"]}
            return shown_on_today(pain_log.tap_again(by=request.user, at=timezone.now(), **tapped))
    except pain_log.NothingToRepeat:
        pass
    messages.error(request, _("That entry is no longer there. Tap a number from 0 to 10."))
    return redirect("today")
