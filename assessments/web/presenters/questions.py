"""A question, and the answers so far."""

from typing import Any

from assessments import services
from assessments.engine.loading import standard_rulebook
from assessments.engine.questionnaire import Question
from assessments.models import Assessment


def question_page(assessment: Assessment, question: Question, *, form: Any, source: str) -> dict[str, Any]:
    progress = services.progress(assessment)
    return {
        "assessment": assessment,
        "question": question,
        "form": form,
        "source": source,
        "is_told_before": question.id in assessment.prefilled,
        "before": services.question_before(assessment, question),
        "progress": progress,
        "n_left": progress.n_expected - progress.n_answered,
        "is_other_rulebook": services.is_from_other_rulebook(assessment),
        "shows_crisis": assessment.answers.get("harm") in ("yes", "unsure"),
    }


def answers_page(assessment: Assessment) -> dict[str, Any]:
    """Every answer in words, in the order of the questions."""
    questions = standard_rulebook().questions
    answers = services.answers_of(assessment)
    progress = services.progress(assessment)
    return {
        "assessment": assessment,
        "said": [
            {
                "question": questions[key],
                "words": questions[key].words(answer),
                "is_told_before": key in assessment.prefilled,
            }
            for key, answer in answers.items()
        ],
        "is_complete": services.next_question(assessment) is None,
        "n_left": progress.n_expected - progress.n_answered,
        "is_other_rulebook": services.is_from_other_rulebook(assessment),
    }
