from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tracker.web.access import patient_required
from tracker.web.forms.moves import SessionForm
from tracker.web.presenters.moves import MovesPage


@require_safe
@patient_required
def moves(request: HttpRequest) -> HttpResponse:
    page = MovesPage(patient=request.user.patient, at=timezone.now())
    return render(request, "tracker/moves/show.html", {"page": page})


@require_POST
@patient_required
def session_add(request: HttpRequest) -> HttpResponse:
    page = MovesPage(patient=request.user.patient, at=timezone.now(), form=SessionForm(request.POST))
    if not page.form.is_valid():
        return render(request, "tracker/moves/show.html", {"page": page}, status=422)
    page.form.save(by=request.user, on=page.today, at=page.at)
    messages.success(request, _("Noted. Well done for today."))
    if page.form.was_too_much:
        messages.warning(request, _("That hurt more than it should. Leave out what hurt, and the list gets easier."))
    return redirect("moves")
