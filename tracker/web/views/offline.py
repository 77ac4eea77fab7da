import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from tracker.web.access import patient_of
from tracker.web.presenters import offline as device

# Kept, and asked for again each time whether it is still the same.
ASK_AGAIN = {"Cache-Control": "no-cache"}


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    return HttpResponse(device.offline_page(), headers=ASK_AGAIN)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    start = f"import {{ serve }} from {json.dumps(static('tracker/js/worker.js'))};\n"
    start += f"serve({json.dumps(device.kept_on_device())});\n"
    return HttpResponse(start, content_type="text/javascript", headers=ASK_AGAIN)


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    return JsonResponse(device.manifest(), content_type="application/manifest+json", headers=ASK_AGAIN)


@require_safe
def device_pass(request: HttpRequest) -> HttpResponse:
    """Whose entries this device may send now, and the token for it; scripts cannot read the cookie."""
    if patient_of(request) is None:
        return JsonResponse({}, status=401)
    return JsonResponse({"account": device.account_key(request.user), "token": get_token(request)})
