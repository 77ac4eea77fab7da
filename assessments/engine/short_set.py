"""The short alarm questions of ordinary entries: what their answers open. Pure; the questions are rules/short_set.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.engine.findings import UNSURE, RulebookError
from assessments.engine.outcome import assess, reachable
from assessments.engine.questionnaire import YES_NO_UNSURE, AnswerError, printable
from assessments.engine.rulebook import Rulebook, ShortQuestion, Triage

YES = "yes"


@dataclass(frozen=True, kw_only=True)
class Screened:
    """What the answers to the short questions come to.

    `opened`: the short questions that open the check-up. `known`: its answers that follow. `asks`: its questions that
    come first. `unsure`: those left unsure that open nothing. `missing`: those not answered.
    `level`: how soon to be seen while no longer question can be asked; None where nothing opens.
    """

    opened: tuple[str, ...]
    known: dict[str, str]
    asks: tuple[str, ...]
    unsure: tuple[str, ...]
    missing: tuple[str, ...]
    crisis: bool
    level: Triage | None


def accept(rulebook: Rulebook, raw: Any) -> dict[str, str]:
    """Answers in the order of the set: yes, no or unsure to some or all of it. Raises AnswerError on the first bad one."""
    if not isinstance(raw, Mapping):
        raise AnswerError("answers", "must be an object of question ids and answers")
    for question_id, answer in raw.items():
        if question_id not in rulebook.short_set:
            raise AnswerError(printable(question_id), "is not one of the short questions")
        if not isinstance(answer, str) or answer not in YES_NO_UNSURE:
            raise AnswerError(question_id, f"must be one of {', '.join(YES_NO_UNSURE)}")
    return {question_id: raw[question_id] for question_id in rulebook.short_set if question_id in raw}


def screen(rulebook: Rulebook, answers: Mapping[str, str]) -> Screened:
    """What accepted answers come to. A no is no answer to the longer question, so it is never carried over."""
    every = rulebook.short_set.values()
    opened = [question for question in every if _opens(question, answers.get(question.id, ""))]
    known: dict[str, str] = {}
    for question in opened:
        for longer in question.opens:
            known[longer] = YES if YES in (answers[question.id], known.get(longer)) else UNSURE
    unsure = [key for key, answer in answers.items() if answer == UNSURE]
    return Screened(
        opened=tuple(question.id for question in opened),
        known=known,
        asks=tuple(dict.fromkeys(longer for question in opened for longer in question.asks)),
        unsure=tuple(key for key in unsure if not _opens(rulebook.short_set[key], UNSURE)),
        missing=tuple(key for key in rulebook.short_set if key not in answers),
        crisis=any(question.crisis and answers.get(question.id) in (YES, UNSURE) for question in every),
        level=max((question.alone for question in opened), key=lambda level: level.rank, default=None),
    )


def _opens(question: ShortQuestion, answer: str) -> bool:
    return answer == YES or (answer == UNSURE and question.unsure_counts)


def as_plain_short_question(question: ShortQuestion) -> dict[str, Any]:
    """A short question as JSON shows it to clients, with all that is needed to act on its answer without network."""
    return {
        "id": question.id,
        "text": question.text,
        "options": list(YES_NO_UNSURE),
        "unsure_counts": question.unsure_counts,
        "opens": list(question.opens),
        "asks": list(question.asks),
        "alone": question.alone.value,
        "say": question.say,
        "crisis": question.crisis,
    }


def check(rulebook: Rulebook) -> None:
    """Refuse a short question that leads nowhere, or whose level is milder than what its answer means."""
    for question in rulebook.short_set.values():
        owner = f"short question {question.id!r}"
        longer = [rulebook.questions.get(key) for key in (*question.opens, *question.asks)]
        if not longer or not all(one is not None and one.critical for one in longer):
            raise RulebookError(f"{owner} opens no alarm question of the check-up")
        if any(rulebook.questions[key].type != "yes_no_unsure" for key in question.opens):
            raise RulebookError(f"{owner} would answer a question that takes no yes")
        if question.alone is Triage.EMERGENCY and not question.say:
            raise RulebookError(f"{owner} has no words to say")
        for answer in (YES, UNSURE) if question.unsure_counts else (YES,):
            _check_known(rulebook, question, dict.fromkeys(question.opens, answer))


def _check_known(rulebook: Rulebook, question: ShortQuestion, known: dict[str, str]) -> None:
    if reachable(rulebook, known) != known:
        raise RulebookError(f"short question {question.id!r} would answer what the check-up does not ask")
    if known and Triage(assess(rulebook, known).level).rank > question.alone.rank:
        raise RulebookError(f"short question {question.id!r} is milder alone than its answer in the check-up")
