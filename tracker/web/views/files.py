from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tracker.models import Attachment
from tracker.services import attachments
from tracker.web.access import patient_required, posted
from tracker.web.forms.files import FileDetailForm, FileForm

reads_and_writes = require_http_methods(["GET", "HEAD", "POST"])


@reads_and_writes
@patient_required
def file_list(request: HttpRequest) -> HttpResponse:
    form = FileForm(posted(request), request.FILES or None, today=localdate())
    if form.is_valid() and form.save(by=request.user, at=timezone.now()):
        messages.success(request, _("The file is kept."))
        return redirect("file_list")
    context = {"form": form, "files": attachments.listed(request.user.patient)}
    return render(request, "tracker/files/list.html", context, status=422 if form.errors else 200)


@require_safe
@patient_required
def file_show(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return served(get_object_or_404(request.user.patient.attachments, uuid=uuid))


@reads_and_writes
@patient_required
def file_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    file = get_object_or_404(attachments.listed(request.user.patient), uuid=uuid)
    form = FileDetailForm(posted(request), today=localdate(), file=file)
    if form.is_valid() and form.save(by=request.user, at=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("file_list")
    context = {"form": form, "file": file}
    return render(request, "tracker/files/edit.html", context, status=422 if form.errors else 200)


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
