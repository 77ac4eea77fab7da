from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from tracker.services import import_history, imports, record_imports
from tracker.web.access import patient_required
from tracker.web.forms.imports import LogFileForm
from tracker.web.presenters.imports import taken_back_words

EARLIER_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def look(request: HttpRequest) -> HttpResponse:
    """Show what the file would add; nothing is changed yet."""
    form = LogFileForm(request.POST, request.FILES) if request.method == "POST" else LogFileForm()
    if not form.is_valid():
        return _ask(request, form)
    file = form.cleaned_data["file"]
    content, now = file.read(), timezone.now()
    is_record = record_imports.is_record(content)
    preview_of = record_imports.preview if is_record else imports.preview
    try:
        preview = preview_of(by=request.user, content=content, at=now)
    except imports.LogFileRefused as refused:
        return _ask(request, LogFileForm(), refused.messages)
    token = imports.keep(by=request.user, content=content, filename=file.name, at=now)
    shown = {"preview": preview, "filename": file.name, "token": token}
    return render(request, f"tracker/imports/{'record' if is_record else 'preview'}.html", shown)


@require_POST
@patient_required
def confirm(request: HttpRequest) -> HttpResponse:
    token = request.POST.get("kept", "")
    try:
        content, filename = imports.kept(by=request.user, token=token)
        run = record_imports.run if record_imports.is_record(content) else imports.run
        log_import = run(by=request.user, content=content, filename=filename, at=timezone.now())
    except imports.NoFileKept:
        messages.error(
            request,
            _("That file is no longer here. It has been taken over already, or it is older than a day."),
        )
        return redirect("import_log")
    except imports.LogFileRefused as refused:
        return _ask(request, LogFileForm(), refused.messages)
    imports.forget(by=request.user, token=token)
    return redirect("import_done", log_import.uuid)


@require_safe
@patient_required
def done(request: HttpRequest, uuid: UUID) -> HttpResponse:
    log_import = get_object_or_404(request.user.patient.log_imports, uuid=uuid)
    return render(request, "tracker/imports/done.html", {"log_import": log_import})


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def take_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Undo a whole import, after saying what goes and what stays."""
    log_import = get_object_or_404(request.user.patient.log_imports, uuid=uuid, taken_back_at__isnull=True)
    if request.method == "POST":
        told = import_history.take_back(by=request.user, log_import=log_import, at=timezone.now())
        messages.success(request, taken_back_words(told))
        return redirect("import_log")
    shown = {"log_import": log_import, "told": import_history.weigh(log_import)}
    return render(request, "tracker/imports/take_back.html", shown)


def _ask(request: HttpRequest, form: LogFileForm, problems: list[str] | None = None) -> HttpResponse:
    status = 422 if problems or form.errors else 200
    return render(
        request,
        "tracker/imports/choose.html",
        {"form": form, "problems": problems, "earlier": import_history.earlier(request.user.patient)[:EARLIER_SHOWN]},
        status=status,
    )
