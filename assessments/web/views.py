from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments import services
from assessments.engine.loading import standard_rulebook
from assessments.engine.questionnaire import Answer, Question
from assessments.models import Assessment
from assessments.web.forms import form_for
from assessments.web.presenters import doctor, history, questions, results, rulebook

ON_START_PAGE, ON_HISTORY_PAGE = 5, 20
ANSWERS = "answers"  # a question that was opened from the summary leads back to it


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def start(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        now = timezone.now()
        assessment = services.start_anew(by=request.user, at=now, told=services.told_before(request.user, at=now))
        return redirect("checkup:question", uuid=assessment.uuid)
    standing = services.standing(request.user, on=timezone.localdate())
    newest = list(request.user.assessments.finished()[: ON_START_PAGE + 1])
    page = {"standing": standing, "earlier": history.history_rows(newest, n_shown=ON_START_PAGE)}
    return render(request, "assessments/checkup/start.html", page | {"has_more": len(newest) > ON_START_PAGE})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def question(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments, uuid=uuid)
    if assessment.finished_at:
        return redirect("checkup:result", uuid=uuid)
    asked = question_to_show(request, assessment)
    if asked is None:
        return finish(request, assessment)
    # An answer counts only for the question it was sent with.
    sent = request.POST if request.POST.get("question") == asked.id else None
    form = form_for(asked, sent=sent, answer=services.filled_in(assessment, asked))
    if form.is_valid():
        return keep(request, assessment, {asked.id: form.accepted()})
    return question_page(request, assessment, asked, form)


def question_to_show(request: HttpRequest, assessment: Assessment) -> Question | None:
    """The one named (going back, or answering), else the next."""
    named = request.POST.get("question") or request.GET.get("question") or ""
    return standard_rulebook().questions.get(named) or services.next_question(assessment)


def keep(request: HttpRequest, assessment: Assessment, answers: dict[str, Answer]) -> HttpResponse:
    try:
        assessment = services.answer(by=request.user, uuid=assessment.uuid, answers=answers)
    except services.AlreadyFinished:  # in another tab, a moment ago
        return redirect("checkup:result", uuid=assessment.uuid)
    if request.POST.get("from") == ANSWERS and not services.ends_at_once(assessment):
        return redirect("checkup:answers", uuid=assessment.uuid)
    return go_on(request, assessment)


def go_on(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    if services.next_question(assessment) is not None:
        return redirect("checkup:question", uuid=assessment.uuid)
    services.finish(by=request.user, uuid=assessment.uuid, at=timezone.now())
    return redirect("checkup:result", uuid=assessment.uuid)


def finish(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """All is answered (through an app, say): a press of the button works out the result."""
    if request.method == "POST":
        return go_on(request, assessment)
    return render(request, "assessments/checkup/answers.html", questions.answers_page(assessment))


def question_page(request: HttpRequest, assessment: Assessment, asked: Question, form: Any) -> HttpResponse:
    source = request.POST.get("from") or request.GET.get("from")
    page = questions.question_page(assessment, asked, form=form, source=ANSWERS if source == ANSWERS else "")
    status = 422 if form.is_bound else 200
    return render(request, "assessments/checkup/question.html", page | results.lines(request), status=status)


@require_safe
@login_required
def answers(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments, uuid=uuid)
    if assessment.finished_at:
        return redirect("checkup:result", uuid=uuid)
    return render(request, "assessments/checkup/answers.html", questions.answers_page(assessment))


@require_POST
@login_required
def discard(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments, uuid=uuid)
    try:
        services.discard(by=request.user, uuid=assessment.uuid)
    except services.AlreadyFinished:
        return redirect("checkup:result", uuid=uuid)
    messages.success(request, _("Those answers are gone."))
    return redirect("checkup:start")


@require_safe
@login_required
def result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments, uuid=uuid)
    if not assessment.finished_at:
        return redirect("checkup:question", uuid=uuid)
    page = results.result_page(assessment) | results.lines(request)
    name = "emergency" if assessment.level == "emergency" else "result"
    return render(request, f"assessments/checkup/{name}.html", page)


@require_POST
@login_required
def seen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments.finished(), uuid=uuid)
    services.mark_seen_by_clinician(by=request.user, uuid=assessment.uuid, at=timezone.now())
    messages.success(request, _("Noted. Exercise reminders go on."))
    return redirect("checkup:start")


@require_POST
@login_required
def correct(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments.finished(), uuid=uuid)
    opened = services.correct(by=request.user, uuid=assessment.uuid, at=timezone.now())
    return redirect("checkup:answers", uuid=opened.uuid)


@require_safe
@login_required
def history_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(request.user.assessments.finished(), ON_HISTORY_PAGE, orphans=0).get_page(request.GET.get("page"))
    first = page.start_index() - 1 if page.object_list else 0
    shown = list(request.user.assessments.finished()[first : first + ON_HISTORY_PAGE + 1])
    rows = history.history_rows(shown, n_shown=ON_HISTORY_PAGE)
    return render(request, "assessments/checkup/history.html", {"page": page, "rows": rows})


@require_safe
@login_required
def compare(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments.finished(), uuid=uuid)
    before = services.before(assessment)
    if before is None:
        return redirect("checkup:result", uuid=uuid)
    return render(request, "assessments/checkup/compare.html", history.compare_page(before, assessment))


@require_safe
@login_required
def for_doctor(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments.finished(), uuid=uuid)
    return render(request, "assessments/checkup/doctor.html", doctor.doctor_page(assessment))


@require_safe
def rule_book(request: HttpRequest) -> HttpResponse:
    page = rulebook.rulebook_page(standard_rulebook(), asked_for=request.GET.get("version", ""))
    return render(request, "assessments/rulebook/detail.html", page)
