"""Who may see a page: signed in, and with a record of their own; and how a form on it is saved.

Inside such a view everything is reached through the patient, so that another patient's object answers 404:
`get_object_or_404(request.user.patient.pain_entries, uuid=uuid)`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.models import Patient, User

P = ParamSpec("P")


def patient_of(request: HttpRequest) -> Patient | None:
    return getattr(request.user, "patient", None)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent with a form, even if it was nothing; None where the form is only asked for."""
    return request.POST if request.method == "POST" else None


class SavedForm(Protocol):
    """A form whose service saves what it holds, or says in the form why not."""

    errors: Mapping[str, Any]

    def is_valid(self) -> bool: ...

    def save(self, *, by: User, at: datetime) -> Any: ...


def form_page(
    request: HttpRequest,
    form: SavedForm,
    template: str,
    *,
    then: Callable[[Any], HttpResponse],
    done: str = "",
    **shown: Any,
) -> HttpResponse:
    """Save what was sent, say that it is done and lead on; else the form, with what is wrong in it."""
    if form.is_valid() and (saved := form.save(by=request.user, at=timezone.now())):
        if done:
            messages.success(request, done)
        return then(saved)
    return render(request, template, {"form": form, **shown}, status=422 if form.errors else 200)


def patient_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Ask a stranger to log in, lead an operator without a record to their page, and others to open a record."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated and request.method == "POST":
            return _logged_out_meanwhile(request)
        return asked_to_log_in(request, *args, **kwargs)

    @login_required
    def asked_to_log_in(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if patient_of(request) is None:
            return redirect("operator_home" if request.user.is_staff else "record_open")
        return view(request, *args, **kwargs)

    return guarded


def operator_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Ask a stranger to log in; for whoever does not run this instance the page does not exist."""

    @wraps(view)
    @login_required
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def _logged_out_meanwhile(request: HttpRequest) -> HttpResponse:
    """Sent from a page that was open while the log-in ended: what was sent is gone, and its address shows nothing."""
    messages.error(request, _("You were logged out, so this has not been saved. Log in and enter it once more."))
    return redirect_to_login(reverse("today"))
