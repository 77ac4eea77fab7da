from contextlib import suppress
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tracker.domain.moves import MOVE
from tracker.domain.pacing import Light, light
from tracker.models import Reminder
from tracker.services import exercises, move_plans, move_trial, reminders
from tracker.web.access import patient_required
from tracker.web.forms.moves import GateForm, HabitForm, MorningForm, SessionForm, SwapForm, WishForm, habit_form
from tracker.web.presenters import move_history as move_days
from tracker.web.presenters.move_page import MovePage
from tracker.web.presenters.moves import MovesPage, explained
from tracker.web.presenters.offline import session_page

FEWER = (1, 3, 5)  # Monday, Wednesday, Friday
BACK = {"today": "today"}


def page_of(request: HttpRequest, form: SessionForm | None = None) -> MovesPage:
    return MovesPage(patient=request.user.patient, at=timezone.now(), form=form)


@require_safe
@patient_required
def moves(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/moves/show.html", {"page": page_of(request)})


@require_POST
@patient_required
def session_add(request: HttpRequest) -> HttpResponse:
    page = page_of(request, SessionForm(request.POST))
    if not page.form.is_valid():
        return render(request, "tracker/moves/show.html", {"page": page}, status=422)
    on = page.form.began_on(at=page.at, zone=ZoneInfo(page.patient.zone))
    session = page.form.save(by=request.user, on=on, at=page.at)
    if session.pain_during is not None and light(session.pain_during, session.usual_nrs) is Light.RED:
        hint = _("Noted. That hurt more than it should. Leave out what hurt, and the list gets easier.")
        messages.warning(request, hint)
    elif on != page.today:
        messages.success(request, _("Noted for the day on which you began. Well done."))
    else:
        messages.success(request, _("Noted. Well done for today."))
    return redirect("moves")


@require_POST
@patient_required
def morning_add(request: HttpRequest) -> HttpResponse:
    form = MorningForm(request.POST)
    said = form.cleaned_data if form.is_valid() else {}
    try:
        if not said:
            raise exercises.SessionOutOfRange
        exercises.note_morning(by=request.user, at=timezone.now(), **said)
        messages.success(request, _("Noted. Today's list takes it into account."))
    except (exercises.NoSession, exercises.SessionInFuture, exercises.SessionOutOfRange):
        messages.error(request, _("That could not be noted. Please tap one of the numbers."))
    return redirect(BACK.get(request.POST.get("from", ""), "moves"))


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def gate(request: HttpRequest) -> HttpResponse:
    page = page_of(request)
    told = {"known": page.day.programme.gate, "prefilled": move_plans.prefilled(patient=page.patient)}
    form = GateForm(request.POST, **told) if request.method == "POST" else GateForm(**told)
    if request.method == "POST" and form.is_valid():
        form.save(by=request.user, on=page.today)
        return redirect("moves")
    status = 422 if form.is_bound else 200
    return render(request, "tracker/moves/gate.html", {"form": form, "page": page}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def habit(request: HttpRequest) -> HttpResponse:
    page = page_of(request)
    form: HabitForm = habit_form(request.POST if request.method == "POST" else None, page.day.programme)
    if form.is_bound and form.is_valid():
        form.save(by=request.user, on=page.today)
        messages.success(request, _("Saved."))
        return redirect("moves")
    return render(request, "tracker/moves/habit.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@patient_required
def move_wish(request: HttpRequest) -> HttpResponse:
    """One button: how a move is wanted from now on, which takes its place today, or all of them easier today."""
    page = page_of(request)
    wished, swapped = WishForm.sent(request.POST), SwapForm.sent(request.POST)
    if "easier_today" in request.POST:
        is_easier = request.POST["easier_today"] == "yes"
        move_plans.wish_for_today(by=request.user, on=page.today, is_easier=is_easier)
    elif "swap" in request.POST and swapped.is_valid():
        pair = (swapped.cleaned_data["old"], swapped.cleaned_data["new"])
        move_plans.wish_for_today(by=request.user, on=page.today, swapped=pair)
    elif "wish" in request.POST and wished.is_valid():
        move_plans.wish(by=request.user, on=page.today, **wished.cleaned_data)
    else:
        messages.error(request, _("That change is not one that can be made."))
        return redirect("moves")
    messages.success(request, _("Changed, as you wish."))
    asked_on = request.POST.get("from", "")
    return redirect("move_detail", asked_on) if asked_on in MOVE else redirect("moves")


@require_POST
@patient_required
def trial_decide(request: HttpRequest) -> HttpResponse:
    page, wants = page_of(request), request.POST.get("judge") == "yes"
    move_trial.decide(by=request.user, wants_verdict=wants, at=page.at, on=page.today, uuid=uuid4())
    if wants:
        messages.success(request, _("From today on, Ebb looks whether the moves help. It takes 8 weeks to say."))
    return redirect("moves")


@require_POST
@patient_required
def reminders_fewer(request: HttpRequest) -> HttpResponse:
    page = page_of(request)
    reminder = page.reminder
    if request.POST.get("fewer") == "yes" and reminder is not None and reminder.kind == Reminder.Kind.MORNING_MOVES:
        reminders.change(by=request.user, reminder=reminder, weekdays=FEWER, at=page.at)
        messages.success(request, _("From now on on Monday, Wednesday and Friday."))
    move_plans.settle_fewer_reminders(by=request.user, on=page.today)
    return redirect("moves")


@require_safe
@patient_required
def move_library(request: HttpRequest) -> HttpResponse:
    return render(request, "tracker/moves/all.html", {"moves": explained()})


@require_safe
@patient_required
def move_detail(request: HttpRequest, key: str) -> HttpResponse:
    if key not in MOVE:
        raise Http404
    page = MovePage(move=MOVE[key], moves=page_of(request), from_session=request.GET.get("from") == "session")
    return render(request, "tracker/moves/detail.html", {"page": page})


@require_safe
@patient_required
def move_history(request: HttpRequest) -> HttpResponse:
    patient = request.user.patient
    page = move_days.page_of(patient, request.GET.get("page"))
    context = {"page": page, "lines": move_days.lines(page), "years": move_days.years_of(patient)}
    return render(request, "tracker/moves/history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@patient_required
def session_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    session = get_object_or_404(request.user.patient.exercise_sessions, uuid=uuid)
    if request.method != "POST":
        return render(request, "tracker/moves/delete.html", {"line": move_days.DayLine(session=session)})
    with suppress(exercises.NoSession):  # a tap before this one took it
        exercises.remove(by=request.user, on=session.local_date)
    messages.success(request, _("Nothing is noted of that day any more."))
    return redirect("move_history")


@require_safe
def move_session(request: HttpRequest) -> HttpResponse:
    """The guided session: the same page for everybody, kept on the device; the list comes from there."""
    return HttpResponse(session_page(), headers={"Cache-Control": "no-cache"})
