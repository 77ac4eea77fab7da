from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tracker.models import Reminder
from tracker.services import reminders
from tracker.web.access import patient_required, posted
from tracker.web.forms.reminders import PauseForm, ReminderForm
from tracker.web.presenters.reminders import listed


def own_reminder(request: HttpRequest, uuid: UUID) -> Reminder:
    return get_object_or_404(request.user.patient.reminders, uuid=uuid)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def reminder_list(request: HttpRequest) -> HttpResponse:
    """All reminders; what is posted here is a pause of them all."""
    at, patient = timezone.now(), request.user.patient
    form = PauseForm(posted(request), today=timezone.localdate(at), initial={"until": patient.paused_until})
    if form.is_valid():
        reminders.pause(by=request.user, at=at, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("reminder_list")
    context = {"rows": listed(patient, at=at), "patient": patient, "form": form}
    return render(request, "tracker/reminders/list.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def reminder_add(request: HttpRequest) -> HttpResponse:
    form = ReminderForm(posted(request), kind=request.GET.get("kind", ""))
    if form.is_valid() and form.save(by=request.user, at=timezone.now()):
        messages.success(request, _("Your reminder is set."))
        return redirect("reminder_list")
    return render(request, "tracker/reminders/add.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def reminder_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    reminder = own_reminder(request, uuid)
    form = ReminderForm(posted(request), reminder=reminder)
    if form.is_valid() and form.save(by=request.user, at=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("reminder_list")
    context = {"form": form, "reminder": reminder}
    return render(request, "tracker/reminders/edit.html", context, status=400 if form.errors else 200)


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
    at = timezone.now()
    try:
        link = reminders.read_link(token)
        if request.method == "POST":
            reminders.follow_link(link=link, at=at)
        is_open = request.method == "POST" or reminders.is_open(link=link, at=at)
    except reminders.LinkUnknown as error:
        raise Http404 from error
    except reminders.LinkEnded:
        is_open = False
    context = {"action": link.action, "is_open": is_open, "is_acted": request.method == "POST"}
    return from_mail(render(request, "tracker/reminders/act.html", context, status=200 if is_open else 410))


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
