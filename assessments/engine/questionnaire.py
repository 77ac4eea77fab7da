"""The questions, what counts as an answer to each, and which one comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.engine.findings import UNSURE, Expression, as_plain

YES_NO_UNSURE = ("yes", "no", UNSURE)
TYPES = ("yes_no_unsure", "choice", "choices", "number")

# An answer as it is stored: a word, a whole number, or the ticked options in the order of the questionnaire.
Answer = str | int | list[str]
Answers = Mapping[str, Answer]


class AnswerError(ValueError):
    """An answer that cannot be taken. `question` is the id it was given under, `words` say why."""

    def __init__(self, question: str, words: str) -> None:
        super().__init__(f"{question}: {words}")
        self.question = question
        self.words = words


@dataclass(frozen=True, kw_only=True)
class Option:
    """One offered answer."""

    id: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question. `critical`: while it applies and is not answered, the outcome is incomplete.

    `compound`: it names several signs, and the questions that it opens ask about each of them.
    """

    id: str
    text: str
    why: str
    type: str
    options: tuple[Option, ...] = ()
    critical: bool = False
    compound: bool = False
    ask_when: Expression | None = None
    unit: str = ""
    at_least: int = 0
    at_most: int = 0

    def accept(self, value: Any) -> Answer:
        """The answer in its stored form. Raises AnswerError."""
        match self.type:
            case "number":
                return self._accept_number(value)
            case "choices":
                return self._accept_choices(value)
        allowed = [option.id for option in self.options]
        if not isinstance(value, str) or value not in allowed:
            raise AnswerError(self.id, f"must be one of {', '.join(allowed)}")
        return value

    def _accept_number(self, value: Any) -> Answer:
        if value == UNSURE:
            return UNSURE
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not self.at_least <= value <= self.at_most:
            raise AnswerError(self.id, f"must be a whole number from {self.at_least} to {self.at_most}, or unsure")
        return int(value)

    def _accept_choices(self, value: Any) -> Answer:
        allowed = [option.id for option in self.options]
        if value == UNSURE:
            return UNSURE
        is_list = isinstance(value, list | tuple) and len(value) <= len(allowed)
        if not is_list or not all(isinstance(ticked, str) and ticked in allowed for ticked in value):
            raise AnswerError(self.id, f"must be a list of {', '.join(allowed)} (empty for none), or unsure")
        return [option for option in allowed if option in value]

    def words(self, answer: Answer) -> list[str]:
        """An accepted answer in the words of the questionnaire."""
        if answer == UNSURE:
            return ["Unsure"]
        if isinstance(answer, int):
            return [f"{answer} {self.unit}".strip()]
        ticked = [answer] if isinstance(answer, str) else answer
        return [option.text for option in self.options if option.id in ticked] or ["None of these"]


def accept_answers(questions: Mapping[str, Question], raw: Any) -> dict[str, Answer]:
    """All answers in stored form and in the order of the questionnaire. Raises AnswerError on the first bad one."""
    if not isinstance(raw, Mapping):
        raise AnswerError("answers", "must be an object of question ids and answers")
    for question_id in raw:
        if question_id not in questions:
            raise AnswerError(printable(question_id), "is not a question of this check-up")
    return {
        question_id: question.accept(raw[question_id])
        for question_id, question in questions.items()
        if question_id in raw
    }


def as_plain_question(question: Question) -> dict[str, Any]:
    """A question as JSON shows it to clients; `ask_when` is null or an expression over earlier answers."""
    plain: dict[str, Any] = {
        "id": question.id,
        "text": question.text,
        "why": question.why,
        "type": question.type,
        "critical": question.critical,
        "compound": question.compound,
        "options": [{"id": option.id, "text": option.text} for option in question.options],
        "ask_when": None if question.ask_when is None else as_plain(question.ask_when),
    }
    if question.type == "number":
        plain |= {"at_least": question.at_least, "at_most": question.at_most, "unit": question.unit}
    return plain


def printable(given: Any) -> str:
    """What was given as a question id, short and safe to repeat in any message."""
    return str(given)[:80].encode("ascii", "backslashreplace").decode()
