from contextlib import suppress
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tracker.domain.set_aside import PIECE
from tracker.models import ImportFile
from tracker.services import import_files, import_history
from tracker.services.imports import LogFileRefused
from tracker.web.access import patient_required, posted
from tracker.web.forms.imports import ColumnsForm, LogFileForm
from tracker.web.presenters.imports import LogLook, brought, lists, taken_back_words

EARLIER_SHOWN = 50


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def choose(request: HttpRequest) -> HttpResponse:
    """Put a file aside to be looked at; nothing is changed yet."""
    form = LogFileForm(request.POST, request.FILES) if request.method == "POST" else LogFileForm()
    if not form.is_valid():
        return _ask(request, form)
    chosen = form.cleaned_data["file"]
    try:
        file = import_files.keep(by=request.user, content=chosen.chunks(PIECE), filename=chosen.name, at=timezone.now())
    except LogFileRefused as refused:
        return _ask(request, LogFileForm(), refused.messages)
    except import_files.TooManyImports:
        return _ask(request, LogFileForm(), [_("Other files of yours are being taken over. Wait until they are done.")])
    return redirect("import_file", file.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def import_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One file, wherever it is on its way: what it would do, how far it is, what became of it."""
    patient = request.user.patient
    if (log_import := patient.log_imports.filter(uuid=uuid).first()) is not None:
        return render(request, "tracker/imports/done.html", {"log_import": log_import, "brought": brought(log_import)})
    file = get_object_or_404(patient.import_files.on_their_way(), uuid=uuid)
    if file.state != ImportFile.State.LOOKED_AT:
        return render(request, "tracker/imports/progress.html", {"file": file})
    try:
        seen = import_files.look(by=request.user, file=file, at=timezone.now())
    except LogFileRefused as refused:
        import_files.forget(by=request.user, file=file)
        return _ask(request, LogFileForm(), refused.messages)
    return _show_log(request, seen) if seen.of_log else _show_record(request, seen)


def _show_record(request: HttpRequest, seen: import_files.Look) -> HttpResponse:
    shown = {"file": seen.file, "preview": seen.of_record, "lists": lists(seen.of_record.tallies)}
    return render(request, "tracker/imports/record.html", shown)


def _show_log(request: HttpRequest, seen: import_files.Look) -> HttpResponse:
    """What the columns mean, which may be changed here, and what would happen then."""
    form = ColumnsForm(posted(request), log=seen.of_log.log)
    if form.is_bound and form.is_valid():
        with suppress(import_files.ImportNotReady):  # on its way meanwhile, which the next page shows
            import_files.choose(by=request.user, file=seen.file, mapping=form.mapping)
        if "add" in request.POST and form.is_as_shown:
            return confirm(request, seen.file.uuid)
        return redirect("import_file", seen.file.uuid)
    shown = {"file": seen.file, "form": form, "look": LogLook(seen.of_log)}
    return render(request, "tracker/imports/preview.html", shown, status=422 if form.errors else 200)


@require_POST
@patient_required
def confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    file = get_object_or_404(request.user.patient.import_files, uuid=uuid)
    try:
        import_files.confirm(by=request.user, file=file, at=timezone.now())
    except (LogFileRefused, import_files.ImportNotReady):
        messages.error(request, _("This file has not been taken over. Look at what stands against it."))
    return redirect("import_file", uuid)


@require_POST
@patient_required
def forget(request: HttpRequest, uuid: UUID) -> HttpResponse:
    file = get_object_or_404(request.user.patient.import_files.defer("content"), uuid=uuid)
    try:
        import_files.forget(by=request.user, file=file)
    except import_files.ImportNotReady:
        messages.error(request, _("This file is being taken over just now. You can take it back when it is done."))
        return redirect("import_file", uuid)
    messages.success(request, _("The file was thrown away. Nothing was changed."))
    return redirect("import_log")


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
    patient = request.user.patient
    shown = {
        "form": form,
        "problems": problems,
        "files": patient.import_files.on_their_way(),
        "earlier": import_history.earlier(patient)[:EARLIER_SHOWN],
    }
    return render(request, "tracker/imports/choose.html", shown, status=status)
