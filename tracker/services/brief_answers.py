"""Red-flag answers and the story of the pain, as they were asked and answered: what a brief takes from check-ups.

A red flag is whatever a check-up calls critical, so that a new question cannot be forgotten. The story is a list of
single questions: each of them asks what is felt or known, none what others have concluded.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from assessments.engine.loading import standard_rulebook
from tracker.domain.brief import AnswerLine
from tracker.domain.schedule import local_date
from tracker.models import Patient

STORY = (
    "duration",
    "where",
    "changes",
    "feels",
    "weakness_signs",
    "attack",
    "stomach",
    "arm_neck",
    "history",
    "inflamed",
    "sensitive",
    "regions",
    "tired",
)
NO_RED_FLAG = frozenset({"age", *STORY})
CALM = (["No"], ["None of these"])
UNSURE = "Unsure"
SHORT_ANSWERS = {"yes": "Yes", "no": "No", "unsure": UNSURE}


def red_flags_and_story(patient: Patient) -> tuple[tuple[AnswerLine, ...], tuple[AnswerLine, ...]]:
    """What was found or unsure first, then what was denied, then what was not asked. Three queries at most."""
    checkup = patient.user.assessments.finished().first()
    flags = [*(_of_checkup(checkup, patient) if checkup else _never_asked()), *_of_short_questions(patient)]
    flags.sort(key=_rank)
    return tuple(flags), tuple(_story(checkup, patient)) if checkup else ()


def _rank(line: AnswerLine) -> int:
    if not line.answer:
        return 2
    return 1 if line.is_calm else 0


def _of_checkup(checkup: Any, patient: Patient) -> Iterator[AnswerLine]:
    outcome = checkup.outcome or {}
    for entry in outcome.get("answered", ()):
        if entry["critical"] and entry["question"] not in NO_RED_FLAG:
            yield replace(_line(entry, checkup, patient), not_ticked=_not_ticked(entry))
    for gap in outcome.get("not_assessed", ()):
        if gap["question"] not in NO_RED_FLAG:
            yield AnswerLine(question=_said(gap["text"]), answer="", on=None, key=gap["question"])


def _story(checkup: Any, patient: Patient) -> Iterator[AnswerLine]:
    answered = {entry["question"]: entry for entry in (checkup.outcome or {}).get("answered", ())}
    for key in STORY:
        if key in answered and answered[key]["words"] not in CALM:
            yield _line(answered[key], checkup, patient)


def _line(entry: dict[str, Any], checkup: Any, patient: Patient) -> AnswerLine:
    return AnswerLine(
        question=_said(entry["text"]),
        answer="; ".join(map(_said, entry["words"])),
        on=local_date(checkup.finished_at, ZoneInfo(patient.zone)) if checkup.finished_at else None,
        key=entry["question"],
        is_calm=entry["words"] in CALM,
    )


def _not_ticked(entry: dict[str, Any]) -> tuple[str, ...]:
    """The rest of a list of signs is denied, unless the patient was unsure of it."""
    return () if UNSURE in entry["words"] else tuple(map(_said, entry.get("not_ticked", ())))


def _never_asked() -> Iterator[AnswerLine]:
    """What a check-up would ask of everybody."""
    for question in standard_rulebook().questions.values():
        if question.critical and not question.ask_when and question.id not in NO_RED_FLAG:
            yield AnswerLine(question=_said(question.text), answer="", on=None, key=question.id)


def _of_short_questions(patient: Patient) -> Iterator[AnswerLine]:
    """Asked beside an entry of much pain; the newest answers."""
    screen = patient.red_flag_screens.answered().first()
    if screen is None:
        return
    asked = standard_rulebook().short_set
    for key, answer in (screen.answers or {}).items():
        yield AnswerLine(
            question=_said(asked[key].text) if key in asked else key,
            answer=_said(SHORT_ANSWERS.get(answer, str(answer))),
            on=local_date(screen.answered_at, ZoneInfo(patient.zone)),
            key=key,
            is_calm=answer == "no",
        )


def _said(words: str) -> str:
    """Words of the rule book in the patient's language."""
    return gettext(words) if words else ""
