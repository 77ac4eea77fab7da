from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from tracker.models import Reminder
from tracker.services import accounts, answers, reminders
from tracker.web.access import form_page, patient_required, posted
from tracker.web.forms.reminders import PauseForm, ReminderForm, WordsForm
from tracker.web.presenters.answers import answer_page
from tracker.web.presenters.reminders import RemindersPage


def own_reminder(request: HttpRequest, uuid: UUID) -> Reminder:
    return get_object_or_404(request.user.patient.reminders, uuid=uuid)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def reminder_list(request: HttpRequest) -> HttpResponse:
    """All reminders; what is posted here is a pause of them all."""
    at, patient = timezone.now(), request.user.patient
    form = PauseForm(posted(request), patient=patient, today=timezone.localdate(at))
    if form.is_valid():
        form.save(by=request.user, at=at)
        messages.success(request, _("Noted. You can end it here at any time."))
        return redirect("reminder_list")
    page = RemindersPage(patient=patient, at=at, pause_form=form)
    return render(request, "tracker/reminders/list.html", {"page": page}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def reminder_add(request: HttpRequest) -> HttpResponse:
    form = ReminderForm(posted(request), patient=request.user.patient, kind=request.GET.get("kind", ""))
    return form_page(request, form, "tracker/reminders/add.html", done=_("Your reminder is set."), then=_listed)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def reminder_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    reminder = own_reminder(request, uuid)
    form = ReminderForm(posted(request), patient=request.user.patient, reminder=reminder)
    return form_page(request, form, "tracker/reminders/edit.html", done=_("Saved."), then=_listed, reminder=reminder)


def _listed(_saved: Reminder) -> HttpResponse:
    return redirect("reminder_list")


@require_POST
@patient_required
def mail_words(request: HttpRequest) -> HttpResponse:
    form = WordsForm(request.POST)
    form.is_valid()  # one box, ticked or not
    accounts.change_settings(by=request.user, at=timezone.now(), **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("reminder_list")


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def reminder_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    reminder = own_reminder(request, uuid)
    if request.method == "POST":
        reminders.remove(by=request.user, reminder=reminder)
        messages.success(request, _("The reminder is deleted."))
        return redirect("reminder_list")
    return render(request, "tracker/reminders/delete.html", {"reminder": reminder})


# The two pages below are opened from a mail, on any device, signed in or not. The address itself is the permission: it
# is signed or unguessable, can do one small thing, and another site that knew it could simply call it. Asking is safe,
# since mail scanners open links; only POST acts.


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def reminder_act(request: HttpRequest, token: str) -> HttpResponse:
    try:
        page, status = answer_page(answers.read_link(token), posted(request), at=timezone.now())
    except reminders.LinkUnknown as error:
        raise Http404 from error
    return from_mail(render(request, "tracker/reminders/act.html", {"page": page}, status=status))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, key: str) -> HttpResponse:
    try:
        reminder = reminders.reminder_by_key(key)
        if request.method == "POST":
            reminder = reminders.unsubscribe(key=key, at=timezone.now())
    except reminders.LinkUnknown as error:
        raise Http404 from error
    is_stopped = request.method == "POST" or reminder.unsubscribed_at is not None
    return from_mail(render(request, "tracker/reminders/unsubscribe.html", {"is_stopped": is_stopped}))


def from_mail(response: HttpResponse) -> HttpResponse:
    """The address is a small key: it must not travel on in a Referer, nor stay in a cache."""
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
