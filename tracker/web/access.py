"""Who may see a page: signed in, and with a record of their own.

Inside such a view everything is reached through the patient, so that another patient's object answers 404:
`get_object_or_404(request.user.patient.pain_entries, uuid=uuid)`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from tracker.models import Patient

P = ParamSpec("P")


def patient_of(request: HttpRequest) -> Patient | None:
    return getattr(request.user, "patient", None)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent with a form, even if it was nothing; None where the form is only asked for."""
    return request.POST if request.method == "POST" else None


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
