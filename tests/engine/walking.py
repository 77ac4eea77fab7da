"""Answer the questionnaire as a person would: one question after the other."""

import tomllib
from pathlib import Path
from typing import Any

from assessments.engine.loading import standard_rulebook
from assessments.engine.outcome import Outcome, assess, next_question
from assessments.engine.questionnaire import Question, accept_answers

VIGNETTES = Path(__file__).parent.parent / "vignettes"
CASES = tomllib.loads((VIGNETTES / "cases.toml").read_text())
RULES = tomllib.loads((VIGNETTES / "rules.toml").read_text())["rule"]
REST = CASES["rest"]
RULEBOOK = standard_rulebook()


def otherwise(question: Question) -> Any:
    """What somebody without complaints answers."""
    return REST.get(question.id, [] if question.type == "choices" else REST.get(question.type))


def walk(said: dict[str, Any]) -> dict[str, Any]:
    """All answers up to the end of the questionnaire. What was to be said must have been asked for."""
    answers: dict[str, Any] = {}
    while question := next_question(RULEBOOK, answers):
        answers[question.id] = question.accept(said.get(question.id, otherwise(question)))
    assert set(said) <= set(answers), f"never asked: {set(said) - set(answers)}"
    return answers


def outcome_of(said: dict[str, Any], *, exactly: bool = False) -> Outcome:
    return assess(RULEBOOK, accept_answers(RULEBOOK.questions, said) if exactly else walk(said))
