from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assessments import services
from assessments.engine.loading import standard_rulebook
from assessments.engine.questionnaire import Answer, Question
from assessments.models import Assessment
from assessments.web import presenters
from assessments.web.forms import form_for


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        assessment = services.start(by=request.user, at=timezone.now())
        return redirect("checkup:question", uuid=assessment.uuid)
    earlier = [presenters.listed(assessment) for assessment in request.user.assessments.finished()[:20]]
    unfinished = request.user.assessments.unfinished().first()
    return render(request, "assessments/checkup/start.html", {"earlier": earlier, "unfinished": unfinished})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments, uuid=uuid)
    if assessment.finished_at:
        return redirect("checkup:result", uuid=uuid)
    asked = question_to_show(request, assessment)
    if asked is None:
        return finish(request, assessment)
    # An answer counts only for the question it was sent with.
    sent = request.POST if request.POST.get("question") == asked.id else None
    form = form_for(asked, sent=sent, answer=services.answers_of(assessment).get(asked.id))
    if form.is_valid():
        return keep(request, assessment, {asked.id: form.accepted()})
    return question_page(request, assessment, asked, form)


def question_to_show(request: HttpRequest, assessment: Assessment) -> Question | None:
    """The one named (going back, or answering), else the next."""
    named = request.POST.get("question") or request.GET.get("question") or ""
    return standard_rulebook().questions.get(named) or services.next_question(assessment)


def keep(request: HttpRequest, assessment: Assessment, answers: dict[str, Answer]) -> HttpResponse:
    try:
        return go_on(request, services.answer(by=request.user, uuid=assessment.uuid, answers=answers))
    except services.AlreadyFinished:  # in another tab, a moment ago
        return redirect("checkup:result", uuid=assessment.uuid)


def go_on(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    if services.next_question(assessment) is not None:
        return redirect("checkup:question", uuid=assessment.uuid)
    services.finish(by=request.user, uuid=assessment.uuid, at=timezone.now())
    return redirect("checkup:result", uuid=assessment.uuid)


def finish(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    """All is answered (through an app, say): a press of the button works out the result."""
    if request.method == "POST":
        return go_on(request, assessment)
    return render(request, "assessments/checkup/finish.html", {"assessment": assessment})


def question_page(request: HttpRequest, assessment: Assessment, asked: Question, form: Any) -> HttpResponse:
    shown = {
        "assessment": assessment,
        "question": asked,
        "form": form,
        "before": services.question_before(assessment, asked),
        "progress": services.progress(assessment),
        "shows_crisis": assessment.answers.get("harm") in ("yes", "unsure"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "assessments/checkup/question.html", shown | presenters.lines(request), status=status)


@login_required
@require_GET
def result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments, uuid=uuid)
    if not assessment.finished_at:
        return redirect("checkup:question", uuid=uuid)
    page = presenters.result_page(assessment) | presenters.lines(request)
    name = "emergency" if assessment.level == "emergency" else "result"
    return render(request, f"assessments/checkup/{name}.html", page)


@login_required
@require_POST
def seen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = get_object_or_404(request.user.assessments.finished(), uuid=uuid)
    services.mark_seen_by_clinician(by=request.user, uuid=assessment.uuid, at=timezone.now())
    messages.success(request, _("Noted. Exercise reminders go on."))
    return redirect("checkup:start")


@require_GET
def rulebook(request: HttpRequest) -> HttpResponse:
    return render(request, "assessments/rulebook/detail.html", presenters.rulebook_page(standard_rulebook()))
