from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.models import Attachment
from tracker.services import attachments
from tracker.web.access import form_page, patient_required, posted
from tracker.web.forms.files import FileDetailForm, FileForm

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


@reads_and_writes
@patient_required
def file_list(request: HttpRequest) -> HttpResponse:
    form = FileForm(posted(request), request.FILES or None, today=localdate())
    files = attachments.listed(request.user.patient)
    return form_page(request, form, "tracker/files/list.html", done=_("The file is kept."), then=_listed, files=files)


@require_safe
@patient_required
def file_show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return served(get_object_or_404(request.user.patient.attachments, uuid=uuid))


@reads_and_writes
@patient_required
def file_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    file = get_object_or_404(attachments.listed(request.user.patient), uuid=uuid)
    form = FileDetailForm(posted(request), today=localdate(), file=file)
    return form_page(request, form, "tracker/files/edit.html", done=_("Saved."), then=_listed, file=file)


def _listed(_saved: Attachment) -> HttpResponse:
    return redirect("file_list")


@reads_and_writes
@patient_required
def file_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    file = get_object_or_404(attachments.listed(request.user.patient), uuid=uuid)
    if request.method != "POST":
        return render(request, "tracker/files/delete.html", {"file": file})
    attachments.remove(by=request.user, file=file)
    messages.success(request, _("The file is deleted."))
    return redirect("file_list")


def served(file: Attachment) -> HttpResponse:
    """The file itself."""
    return HttpResponse(bytes(file.content), headers=attachments.headers_of(file, is_shown=True))
