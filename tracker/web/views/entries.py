from datetime import date
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.models import PainEntry, Patient
from tracker.services import pain_log
from tracker.web.access import patient_required, posted
from tracker.web.forms.entries import DetailForm, EntryForm, TapForm
from tracker.web.forms.timeline import DayForm
from tracker.web.presenters.beside import questions
from tracker.web.presenters.entries import UNDO_KEY, places, take_undo
from tracker.web.presenters.today import today_page

PER_PAGE = 50


def own_entry(request: HttpRequest, uuid: UUID) -> PainEntry:
    return get_object_or_404(request.user.patient.pain_entries.prefetch_related("sites"), uuid=uuid)


def shown_on_today(entry: PainEntry, *, page: str = "today") -> HttpResponse:
    return redirect(f"{reverse(page)}?entry={entry.uuid}")


def page_of_tap(request: HttpRequest) -> str:
    """Both pages with the eleven buttons show what was tapped on them."""
    return "bad_day" if request.POST.get("from") == "bad_day" else "today"


def key_in_address(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("uuid", ""))
    except ValueError:
        return None


def already_used(patient: Patient, key: UUID | None, day: date | None) -> str:
    """Where the form for a key leads instead: to the entry that was saved under it, or to a key that nothing has had."""
    if key and patient.pain_entries.filter(uuid=key).exists():
        return reverse("entry_edit", args=[key])
    if key and not patient.entry_tombstones.filter(uuid=key).exists():
        return ""
    asked = {"uuid": uuid4()} | ({"day": day} if day else {})
    return f"{reverse('entry_earlier')}?{urlencode(asked)}"


@require_safe
@patient_required
def entry_list(request: HttpRequest) -> HttpResponse:
    """All entries, or those of one day."""
    form = DayForm(request.GET, today=localdate())
    entries = request.user.patient.pain_entries.newest_first().prefetch_related("sites")
    if form.chosen_day:
        entries = entries.between(form.chosen_day, form.chosen_day)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "undo_token": take_undo(request)}
    return render(request, "tracker/entry/list.html", context, status=200 if form.is_valid() else 422)


@require_POST
@patient_required
def entry_add(request: HttpRequest) -> HttpResponse:
    form = TapForm(request.POST)
    if form.is_valid():
        tapped = {"uuid": form.cleaned_data["uuid"] or uuid4(), "nrs": form.cleaned_data["nrs"]}
        entry = pain_log.tap(by=request.user, at=timezone.now(), **tapped)
        return shown_on_today(entry, page=page_of_tap(request))
    page = today_page(request, at=timezone.now(), error=_("Tap a number from 0 to 10."))
    return render(request, "tracker/today/show.html", {"page": page}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def entry_earlier(request: HttpRequest) -> HttpResponse:
    """The key of the new entry stands in the address: going back and saving again is no second entry."""
    patient, key = request.user.patient, key_in_address(request)
    day = DayForm(request.GET, today=localdate()).chosen_day
    if request.method != "POST" and (elsewhere := already_used(patient, key, day)):
        return redirect(elsewhere)
    form = EntryForm(posted(request), patient=patient, key=key, day=day)
    if form.is_valid() and (entry := form.save(by=request.user, at=timezone.now())):
        return shown_on_today(entry)
    context = {"form": form, "places": places(form, patient, at=timezone.now()), "beside": questions(form)}
    return render(request, "tracker/entry/earlier.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def entry_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    entry = own_entry(request, uuid)
    form = EntryForm(posted(request), patient=request.user.patient, entry=entry)
    if form.is_valid() and form.save(by=request.user, at=timezone.now()):
        messages.success(request, _("Saved."))
        return redirect("entry_list")
    context = {"form": form, "entry": entry, "beside": questions(form)}
    context["places"] = places(form, request.user.patient, at=timezone.now())
    return render(request, "tracker/entry/edit.html", context, status=422 if form.errors else 200)


@require_POST
@patient_required
def entry_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Place, quality, note and what stands beside the number, added from the card on Today."""
    form = DetailForm(request.POST, entry=own_entry(request, uuid))
    if form.is_valid() and (entry := form.save(by=request.user, at=timezone.now())):
        messages.success(request, _("Added to your entry."))
        return shown_on_today(entry)
    page = today_page(request, at=timezone.now(), form=form)
    return render(request, "tracker/today/show.html", {"page": page}, status=422)


@require_POST
@patient_required
def entry_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    try:
        token = pain_log.remove(by=request.user, entry=own_entry(request, uuid), at=timezone.now())
    except pain_log.EntryDeleted as error:  # by a second click, a moment ago
        raise Http404 from error
    request.session[UNDO_KEY] = token
    return redirect("entry_list" if request.POST.get("from") == "list" else page_of_tap(request))


@require_POST
@patient_required
def entry_restore(request: HttpRequest) -> HttpResponse:
    try:
        entry = pain_log.restore(by=request.user, token=request.POST.get("token", ""), at=timezone.now())
    except pain_log.UndoExpired:
        messages.error(request, _("It is too late to take that back."))
        return redirect("today")
    return shown_on_today(entry)
