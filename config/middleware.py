from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from tracker.api.parsers import read_json
from tracker.domain import set_aside
from tracker.web.accounts import RENEWED_ON

GetResponse = Callable[[HttpRequest], HttpResponse]


# The largest thing a patient sends is a log file, or a whole record that Ebb has exported; a form
# around it needs a little more.
MAX_BODY = 6_000_000
MAX_RECORD_BODY = set_aside.MAX_WITH_FILES + 1_000_000  # read in pieces: a form puts it on the disk
RECORD_PATHS = ("/import/", "/api/v1/imports/")
# An attached picture or document.
MAX_FILE_BODY = 11_000_000
FILE_PATHS = ("/files/", "/api/v1/files/")


def _most(path: str) -> int:
    if path in RECORD_PATHS:
        return MAX_RECORD_BODY
    return MAX_FILE_BODY if path.startswith(FILE_PATHS) else MAX_BODY


def bounded_bodies(get_response: GetResponse) -> GetResponse:
    """Refuse a larger body before anything reads it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        most = _most(request.path)
        if length.isdecimal() and (len(length) > len(str(most)) or int(length) > most):
            raise RequestDataTooBig
        return get_response(request)

    return middleware


def strict_account_json(get_response: GetResponse) -> GetResponse:
    """The log-in of mobile clients reads JSON of its own; what no database keeps must not get that far."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/_allauth/") and request.body:
            try:
                read_json(request.body)
            except (ValueError, RecursionError):
                error = {"message": _("The body is not JSON that can be read."), "code": "invalid"}
                return JsonResponse({"status": 400, "errors": [error]}, status=400)
        return get_response(request)

    return middleware


def readable_refusals(get_response: GetResponse) -> GetResponse:
    """Where only a button may send something, a person who opens the address reads why, and finds the way back."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content and request.method == "GET":
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    return middleware


def renewed_sessions(get_response: GetResponse) -> GetResponse:
    """Use keeps a person signed in: once a day the time to the end of the session starts again."""

    def middleware(request: HttpRequest) -> HttpResponse:
        today, renewed_on = timezone.now().date().isoformat(), request.session.get(RENEWED_ON)
        if renewed_on and renewed_on != today:
            request.session[RENEWED_ON] = today
        return get_response(request)

    return middleware


def private_pages(get_response: GetResponse) -> GetResponse:
    """Nothing that a signed-in person sees is kept by a browser or a proxy."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        response.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response

    return middleware


def patient_zone(get_response: GetResponse) -> GetResponse:
    """Pages speak in the patient's own wall-clock time."""

    def middleware(request: HttpRequest) -> HttpResponse:
        patient = getattr(request.user, "patient", None) if request.user.is_authenticated else None
        if patient is None:
            return get_response(request)
        with timezone.override(ZoneInfo(patient.zone)):
            return get_response(request)

    return middleware
