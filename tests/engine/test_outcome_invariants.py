"""What must hold for any answers whatever (evidence: the invariants of the rule module)."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessments.engine.outcome import assess, next_question, progress, reachable
from assessments.engine.questionnaire import Question, accept_answers
from assessments.engine.rulebook import Triage
from tests.engine.walking import RULEBOOK, RULES, STRAIN, walk

QUESTIONS = RULEBOOK.questions
ALARM_TICKS = [("conditions", option.id) for option in QUESTIONS["conditions"].options if option.id != "unsure"]
ALARM_TICKS += [("feels", tick) for tick in ("night", "tight_band", "weak_muscles", "rash", "red_eye")]
YES_QUESTIONS = [key for key, question in QUESTIONS.items() if question.type == "yes_no_unsure"]


def answers_to(question: Question) -> st.SearchStrategy[Any]:
    options = [option.id for option in question.options]
    if question.type == "number":
        return st.one_of(st.integers(question.at_least, question.at_most), st.just("unsure"))
    if question.type == "choices":
        return st.one_of(st.lists(st.sampled_from(options[:-1]), unique=True, max_size=4), st.just("unsure"))
    return st.sampled_from(options)


def quietly(question: Question) -> st.SearchStrategy[Any]:
    """Mostly without complaints, so that the lower levels are reached as well."""
    calm = {"yes_no_unsure": "no", "choices": [], "number": 40, "choice": question.options[0].id}
    return st.one_of(st.just(calm[question.type]), st.just(calm[question.type]), answers_to(question))


some_answers = st.one_of(
    st.fixed_dictionaries({}, optional={key: answers_to(question) for key, question in QUESTIONS.items()}),
    st.fixed_dictionaries({key: quietly(question) for key, question in QUESTIONS.items()}),
    st.fixed_dictionaries({}, optional={key: quietly(question) for key, question in QUESTIONS.items()}),
).map(lambda given: accept_answers(QUESTIONS, given))

many = settings(max_examples=80, deadline=None)


def rank(answers: dict[str, Any]) -> int:
    return Triage(assess(RULEBOOK, answers).level).rank


@many
@given(some_answers, st.sampled_from(YES_QUESTIONS))
def test_a_yes_to_an_alarm_question_never_lowers_the_level(answers: dict[str, Any], question_id: str) -> None:
    assert rank(answers | {question_id: "yes"}) >= rank(answers)


@many
@given(some_answers, st.sampled_from(ALARM_TICKS))
def test_a_tick_at_an_alarm_sign_never_lowers_the_level(answers: dict[str, Any], tick: tuple[str, str]) -> None:
    question_id, option = tick
    if isinstance(before := answers.get(question_id, []), list):
        assert rank(answers | {question_id: [*before, option]}) >= rank(answers | {question_id: before})


@many
@given(some_answers, st.randoms(use_true_random=False))
def test_the_order_of_the_answers_changes_nothing(answers: dict[str, Any], random: Any) -> None:
    shuffled = list(answers.items())
    random.shuffle(shuffled)
    assert assess(RULEBOOK, dict(shuffled)).to_json() == assess(RULEBOOK, answers).to_json()


@many
@given(some_answers)
def test_while_an_alarm_question_is_open_self_care_is_not_on_offer_as_the_level(answers: dict[str, Any]) -> None:
    outcome = assess(RULEBOOK, answers)
    asked_next = next_question(RULEBOOK, answers)
    assert outcome.incomplete == bool(outcome.not_assessed)
    assert not (outcome.level == "self_care" and (outcome.incomplete or (asked_next and asked_next.critical)))


@pytest.mark.parametrize("left_out", [key for key in walk(STRAIN) if QUESTIONS[key].critical])
def test_each_alarm_question_left_out_of_a_plain_strain_is_missed(left_out: str) -> None:
    answers = {key: value for key, value in walk(STRAIN).items() if key != left_out}
    outcome = assess(RULEBOOK, answers)
    assert (outcome.level, outcome.incomplete) == ("routine", True)


@pytest.mark.parametrize("unsure", [key for key in walk(STRAIN) if QUESTIONS[key].critical])
def test_each_alarm_question_left_unsure_in_a_plain_strain_bars_self_care(unsure: str) -> None:
    assert assess(RULEBOOK, walk(STRAIN) | {unsure: "unsure"}).level != "self_care"


@many
@given(some_answers)
def test_an_emergency_names_no_cause_and_no_self_care(answers: dict[str, Any]) -> None:
    outcome = assess(RULEBOOK, answers)
    if outcome.level == "emergency":
        assert (outcome.causes, outcome.self_care, outcome.avoid, bool(outcome.say)) == ((), (), (), True)


@many
@given(some_answers)
def test_a_sensitive_pain_system_never_comes_first_with_an_alarm_sign_or_within_three_months(answers: dict) -> None:
    outcome = assess(RULEBOOK, answers)
    is_flagged = Triage(outcome.level).rank >= Triage.WITHIN_DAYS.rank
    if outcome.causes and (is_flagged or answers.get("duration") != "over_3m"):
        assert outcome.causes[0].id != "nociplastic"


@many
@given(some_answers)
def test_an_outcome_always_comes_and_shows_at_most_four_causes_by_words(answers: dict[str, Any]) -> None:
    outcome = assess(RULEBOOK, answers)
    assert len(outcome.causes) <= 4
    assert outcome.as_dict()["rulebook_version"] == RULEBOOK.version


@many
@given(some_answers)
def test_dropping_unreachable_answers_twice_is_the_same_as_once(answers: dict[str, Any]) -> None:
    once = reachable(RULEBOOK, answers)
    assert reachable(RULEBOOK, once) == once
    assert progress(RULEBOOK, once).n_answered == len(once)


@pytest.mark.parametrize(
    "rule", [rule for rule in RULEBOOK.urgency_rules if rule.level is Triage.EMERGENCY], ids=lambda rule: rule.id
)
def test_a_perfect_strain_with_an_emergency_sign_is_an_emergency(rule: Any) -> None:
    fires = RULES[rule.id]["fires"]
    assert assess(RULEBOOK, accept_answers(QUESTIONS, walk(STRAIN) | fires)).level == "emergency"
