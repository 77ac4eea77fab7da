"""The JSON document alone is enough to run a check-up: a client written apart from the engine comes to the same."""

import json
import random
from typing import Any

import pytest

from assessments.engine.document import as_document, standard_document
from assessments.engine.outcome import Outcome, assess, next_question
from assessments.engine.questionnaire import Question
from tests.assessments.offline_client import OfflineClient
from tests.engine.walking import RULEBOOK

DOCUMENT = json.loads(standard_document().body)
WALKS = 100


def some_answer(question: Question, dice: random.Random) -> Any:
    """Mostly calm, so that walks go deep; now and then yes, ticks or unsure."""
    options = [option.id for option in question.options if option.id != "unsure"]
    if dice.random() < 0.1:
        return "unsure"
    match question.type:
        case "number":
            return dice.randint(question.at_least, question.at_most)
        case "choices":
            return sorted(dice.sample(options, dice.choice([0, 0, 1, 2, min(4, len(options))])))
        case "yes_no_unsure":
            return dice.choices(["no", "yes"], [9, 1])[0]
    return dice.choice(options)


def shown(outcome: Outcome) -> dict[str, Any]:
    return {
        "level": outcome.level,
        "incomplete": outcome.incomplete,
        "fired": sorted(rule.rule for rule in outcome.fired),
        "causes": [(cause.id, cause.band) for cause in outcome.causes],
        "self_care": [measure["id"] for measure in outcome.self_care],
    }


@pytest.mark.parametrize("seed", range(WALKS))
def test_a_client_that_has_only_the_document_asks_and_ends_as_the_engine_does(seed: int) -> None:
    dice = random.Random(seed)
    answers: dict[str, Any] = {}
    while question := next_question(RULEBOOK, answers):
        assert OfflineClient(DOCUMENT, answers).next_question() == question.id
        answers[question.id] = question.accept(some_answer(question, dice))
        if dice.random() < 0.02:  # left in the middle
            break
    found = OfflineClient(DOCUMENT, answers)
    result = found.result()
    assert result | {"fired": sorted(result["fired"])} == shown(assess(RULEBOOK, answers))
    if question is None:
        assert found.next_question() is None


@pytest.mark.parametrize("seed", range(20))
def test_answers_in_no_order_come_to_the_same(seed: int) -> None:
    dice = random.Random(1000 + seed)
    picked = dice.sample(list(RULEBOOK.questions.values()), 12)
    answers = {question.id: question.accept(some_answer(question, dice)) for question in picked}
    result = OfflineClient(DOCUMENT, answers).result()
    assert result | {"fired": sorted(result["fired"])} == shown(assess(RULEBOOK, answers))


def test_the_document_is_that_of_the_rule_book() -> None:
    assert as_document(RULEBOOK) == DOCUMENT
    assert DOCUMENT["rulebook_version"] == RULEBOOK.version


def test_every_word_that_a_result_shows_is_in_the_document() -> None:
    for rule in DOCUMENT["rules"]:
        assert {"title", "because", "say", "refer_to", "ask_about", "provenance"} <= set(rule)
    for cause in DOCUMENT["causes"]:
        assert {"title", "about", "course", "refer_to", "ask_about", "provenance"} <= set(cause)
    assert {"specialists", "investigations", "self_care", "levels", "safety_net", "note"} <= set(DOCUMENT)
