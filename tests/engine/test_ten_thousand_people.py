"""The invariants on ten thousand people made up by chance, the same ones in every run."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from assessments.engine.outcome import Outcome, assess, next_question, triage
from assessments.engine.questionnaire import Question, accept_answers
from assessments.engine.rulebook import Triage
from tests.engine.walking import RULEBOOK

N_CROWDS, N_PEOPLE = 20, 460  # with the examples of test_outcome_invariants.py ten thousand in all
QUESTIONS = RULEBOOK.questions
CALM = {"yes_no_unsure": "no", "choices": [], "number": 40, "choice": "unsure"}
CALM |= {"duration": "under_2w", "changes": ["movement"]}
ALARM_QUESTIONS = [key for key, question in QUESTIONS.items() if question.type == "yes_no_unsure"]
ALARM_TICKS = [("conditions", option.id) for option in QUESTIONS["conditions"].options if option.id != "unsure"]
ALARM_TICKS += [
    ("feels", tick)
    for tick in (
        "night",
        "tight_band",
        "weak_muscles",
        "rash",
        "red_eye",
        "worse_weekly",
        "numb_strip",
        "burning_strip",
    )
]
ALARM_TICKS += [
    ("weakness_signs", "dark_urine"),
    ("stomach", "swallow"),
    ("stomach", "pale_stools"),
    ("changes", "exertion"),
]


def some_answer(question: Question, chance: random.Random) -> Any:
    options = [option.id for option in question.options]
    if chance.random() < 0.1:
        return "unsure"
    if question.type == "number":
        return chance.choice([0, 17, 18, 30, 44, 45, 50, 55, 59, 60, 64, 65, 69, 70, 90, 120])
    if question.type == "choices":
        return chance.sample(options[:-1], k=min(chance.randint(0, 4), len(options) - 1))
    return chance.choice(options)


def people(seed: int) -> Iterator[tuple[dict[str, Any], random.Random]]:
    """Each answers a share of the questions, and a share of those without complaints."""
    chance = random.Random(seed)
    for _ in range(N_PEOPLE):
        told, calm = chance.choice([0.2, 0.7, 0.95, 1.0]), chance.choice([0.5, 0.9, 0.96, 0.99])
        raw = {
            key: CALM.get(key, CALM[question.type]) if chance.random() < calm else some_answer(question, chance)
            for key, question in QUESTIONS.items()
            if chance.random() < told
        }
        yield accept_answers(QUESTIONS, raw), chance


def rank(answers: dict[str, Any]) -> int:
    return triage(RULEBOOK, RULEBOOK.read(answers)).level.rank


def broken_promises(answers: dict[str, Any], outcome: Outcome, chance: random.Random) -> Iterator[str]:
    level = Triage(outcome.level)
    flagged = level.rank >= Triage.WITHIN_DAYS.rank
    question_id = chance.choice(ALARM_QUESTIONS)
    if rank(answers | {question_id: "yes"}) < level.rank:
        yield f"a yes to {question_id} lowers the level"
    ticked, option = chance.choice(ALARM_TICKS)
    before = answers.get(ticked, [])
    without = level.rank if ticked in answers else rank(answers | {ticked: before})
    if isinstance(before, list) and rank(answers | {ticked: [*before, option]}) < without:
        yield f"a tick at {option} lowers the level"
    if chance.random() < 0.2 and rank(dict(reversed(answers.items()))) != level.rank:
        yield "the order of the answers changes the level"
    if level is Triage.SELF_CARE and (outcome.incomplete or outcome.unsettled):
        yield "self-care while something is open"
    upcoming = next_question(RULEBOOK, answers) if level is Triage.SELF_CARE else None
    if upcoming is not None and upcoming.critical and not upcoming.compound:
        yield "self-care before all alarm questions were asked"
    if level is Triage.EMERGENCY and (outcome.causes or outcome.self_care or not outcome.say):
        yield "an emergency with anything but what to do"
    first = outcome.causes[0].id if outcome.causes else ""
    if first in ("nociplastic", "fibromyalgia") and (flagged or answers.get("duration") != "over_3m"):
        yield "a sensitive pain system first too early"
    if len(outcome.causes) > 4:
        yield "more than four causes"
    if outcome.causes and not outcome.unknown_cause:
        yield "causes without the line that mostly nothing is damaged"
    if any(not (rule.source and (rule.reviewed or rule.review_needed)) for rule in outcome.fired):
        yield "a rule without its source"


@pytest.mark.parametrize("seed", range(N_CROWDS))
def test_no_promise_is_broken_for_anybody(seed: int) -> None:
    broken = [
        (promise, answers)
        for answers, chance in people(seed)
        for promise in broken_promises(answers, assess(RULEBOOK, answers), chance)
    ]
    assert broken[:3] == []


def test_all_levels_are_met_among_them() -> None:
    met = {triage(RULEBOOK, RULEBOOK.read(answers)).level for seed in range(2) for answers, _ in people(seed)}
    assert met == set(Triage)
