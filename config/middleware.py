from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponse]


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
