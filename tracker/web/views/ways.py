"""How reminders reach the patient: mail, messages on devices, a calendar."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.services import calendar_feeds, mail_stops, push_devices, web_push
from tracker.services.calendar_files import CALENDAR_TYPE
from tracker.web.access import patient_required, posted
from tracker.web.forms.ways import DeviceForm, FeedWordsForm


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def reminder_ways(request: HttpRequest) -> HttpResponse:
    """All ways on one page; what is posted here is this browser."""
    patient = request.user.patient
    form = DeviceForm(posted(request))
    if form.is_valid() and form.save(by=request.user, at=timezone.now()):
        messages.success(request, _("This device gets messages now. Send it a test."))
        return redirect("reminder_ways")
    feed = calendar_feeds.feed_of(patient)
    context = {
        "form": form,
        "stop": mail_stops.stop_of(patient),
        "devices": patient.push_devices.all(),
        "push_key": web_push.public_key(),
        "feed": feed,
        "address": calendar_feeds.address_of(feed) if feed else "",
        "words_form": FeedWordsForm(initial={"has_words": feed.has_words}) if feed else None,
    }
    return render(request, "tracker/ways/show.html", context, status=422 if form.errors else 200)


@require_POST
@patient_required
def mail_start_again(request: HttpRequest) -> HttpResponse:
    mail_stops.start_again(by=request.user)
    messages.success(request, _("Mail to you starts again."))
    return redirect("reminder_ways")


@require_POST
@patient_required
def device_test(request: HttpRequest, uuid: UUID) -> HttpResponse:
    device = get_object_or_404(request.user.patient.push_devices, uuid=uuid)
    try:
        push_devices.try_out(by=request.user, device=device, at=timezone.now())
    except push_devices.DeviceNotReached:
        device.refresh_from_db()
        if device.gone_at:
            messages.error(request, _("This browser does not take messages any more. Add the device again there."))
        else:
            messages.error(request, _("The message was not taken just now. Try again later."))
    else:
        messages.success(request, _("Sent. It should show up on that device within a minute."))
    return redirect("reminder_ways")


@require_POST
@patient_required
def device_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    device = get_object_or_404(request.user.patient.push_devices, uuid=uuid)
    push_devices.remove(by=request.user, device=device)
    messages.success(request, _("That device gets no more messages."))
    return redirect("reminder_ways")


@require_POST
@patient_required
def feed_replace(request: HttpRequest) -> HttpResponse:
    calendar_feeds.replace(by=request.user, at=timezone.now())
    messages.success(request, _("Here is a new address. An earlier one does not work any more."))
    return redirect("reminder_ways")


@require_POST
@patient_required
def feed_words(request: HttpRequest) -> HttpResponse:
    form = FeedWordsForm(request.POST)
    if form.is_valid():
        calendar_feeds.choose_words(by=request.user, has_words=form.cleaned_data["has_words"])
        messages.success(request, _("Saved."))
    return redirect("reminder_ways")


@require_POST
@patient_required
def feed_stop(request: HttpRequest) -> HttpResponse:
    calendar_feeds.stop(by=request.user)
    messages.success(request, _("The address does not work any more."))
    return redirect("reminder_ways")


@require_safe
def calendar_feed(request: HttpRequest, key: str) -> HttpResponse:
    """For a calendar program, which cannot sign in: the address is the permission."""
    feed = calendar_feeds.feed_by_key(key)
    if feed is None:
        raise Http404
    content = calendar_feeds.content(feed=feed, at=timezone.now())
    etag = calendar_feeds.etag_of(content)
    if etag in request.headers.get("If-None-Match", ""):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(content, content_type=CALENDAR_TYPE)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
