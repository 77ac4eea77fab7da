from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from tracker.services import exports
from tracker.web.access import patient_required
from tracker.web.forms.exports import ExportForm
from tracker.web.presenters.exports import choices


@require_safe
@patient_required
@reauthentication_required()
def export_page(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/exports/choose.html", {"choices": choices(exports.sizes(by=request.user))})


@require_GET
@patient_required
@reauthentication_required()
def export_file(request: HttpRequest) -> HttpResponseBase:
    form = ExportForm(request.GET)
    if not form.is_valid():
        context = {"choices": choices(exports.sizes(by=request.user))}
        return render(request, "tracker/exports/choose.html", context, status=422)
    at, kind = timezone.now(), form.kind
    pieces = exports.pieces(by=request.user, kind=kind, at=at, with_name=form.cleaned_data["with_name"])
    name = exports.filename(kind, timezone.localdate(at))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(pieces, content_type=kind.content_type, headers=headers)


@require_safe
@patient_required
def export_checkup(request: HttpRequest, uuid: UUID) -> HttpResponse:
    get_object_or_404(request.user.assessments, uuid=uuid)
    at = timezone.now()
    bundle = exports.check_up_bundle(by=request.user, uuid=uuid, at=at)
    name = exports.filename(exports.Format.FHIR, timezone.localdate(at))
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return JsonResponse(bundle, content_type=exports.Format.FHIR.content_type, headers=headers)
