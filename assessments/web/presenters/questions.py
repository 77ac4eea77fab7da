"""A question, and the answers so far."""

import re
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from assessments import services
from assessments.engine.loading import standard_rulebook
from assessments.engine.questionnaire import Question
from assessments.models import Assessment


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question on its page: one that names several signs as a sentence, its signs, and what is to be said after."""

    sentence: str
    signs: tuple[str, ...] = ()
    note: str = ""


def asked(question: Question) -> Asked:
    """'Is there any of this: a; b; or c? A note.' becomes a sentence and a list; any other text stays as it is."""
    text = _(question.text)
    found = re.fullmatch(r"([^:?]+): (.+;.+)\?(.*)", text, re.DOTALL) if question.compound else None
    if found is None:
        return Asked(sentence=text)
    head, signs, note = found.groups()
    return Asked(sentence=f"{head}?", signs=tuple(sign.strip() for sign in signs.split(";")), note=note.strip())


def question_page(assessment: Assessment, question: Question, *, form: Any, source: str) -> dict[str, Any]:
    progress = services.progress(assessment)
    return {
        "assessment": assessment,
        "question": question,
        "asked": asked(question),
        "form": form,
        "source": source,
        "is_told_before": question.id in assessment.prefilled,
        "before": services.question_before(assessment, question),
        "progress": progress,
        "n_left": progress.n_expected - progress.n_answered,
        "is_other_rulebook": services.is_from_other_rulebook(assessment),
        "shows_crisis": assessment.answers.get("harm") in ("yes", "unsure"),
        "may_be_emergency": services.may_be_emergency(assessment),
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
