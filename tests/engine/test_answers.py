from typing import Any

import pytest

from assessments.engine.findings import RulebookError, State, join, parse, test_answer
from assessments.engine.loading import standard_rulebook
from assessments.engine.outcome import next_question, reachable
from assessments.engine.questionnaire import AnswerError, accept_answers
from tests.engine.walking import RULEBOOK

test_answer.__test__ = False  # type: ignore[attr-defined]
QUESTIONS = standard_rulebook().questions
Y, N, U, M = State.YES, State.NO, State.UNSURE, State.MISSING


@pytest.mark.parametrize(
    ("question", "given"),
    [
        pytest.param("nose", "yes", id="an unknown question"),
        pytest.param("a\x00b\ud800", "yes", id="an unprintable question"),
        pytest.param("fever", "maybe", id="an unknown word"),
        pytest.param("fever", True, id="a truth value"),
        pytest.param("fever", None, id="nothing"),
        pytest.param("fever", ["yes"], id="a list for a word"),
        pytest.param("fever", {"yes": 1}, id="an object"),
        pytest.param("fever", "yes\x00", id="a NUL"),
        pytest.param("age", -1, id="below the range"),
        pytest.param("age", 10**20, id="a huge number"),
        pytest.param("age", 40.5, id="a fraction"),
        pytest.param("age", float("nan"), id="not a number"),
        pytest.param("age", float("inf"), id="infinity"),
        pytest.param("age", True, id="a truth value for a number"),
        pytest.param("age", "40", id="a number in words"),
        pytest.param("where", "middle", id="a word for a list"),
        pytest.param("where", ["nose"], id="an unknown tick"),
        pytest.param("where", [["middle"]], id="a list in a list"),
        pytest.param("where", ["middle"] * 1000, id="far too many ticks"),
        pytest.param("duration", "ages", id="an unknown choice"),
    ],
)
def test_a_bad_answer_is_refused_in_words(question: str, given: Any) -> None:
    with pytest.raises(AnswerError) as refused:
        accept_answers(QUESTIONS, {question: given})
    assert refused.value.question.isascii()
    assert refused.value.words


@pytest.mark.parametrize("given", [[], "yes", None, 3], ids=repr)
def test_answers_that_are_no_object_are_refused(given: Any) -> None:
    with pytest.raises(AnswerError):
        accept_answers(QUESTIONS, given)


def test_ticks_are_kept_once_and_in_the_order_of_the_questionnaire() -> None:
    assert accept_answers(QUESTIONS, {"where": ["neck", "middle", "neck"]}) == {"where": ["middle", "neck"]}


@pytest.mark.parametrize("question_id", QUESTIONS)
def test_unsure_is_an_answer_to_every_question(question_id: str) -> None:
    assert accept_answers(QUESTIONS, {question_id: "unsure"}) == {question_id: "unsure"}


@pytest.mark.parametrize(
    ("operator", "states", "expected"),
    [
        ("all", [Y, Y], Y),
        ("all", [Y, N, M], N),
        ("all", [Y, M, U], M),
        ("all", [Y, U], U),
        ("any", [N, N], N),
        ("any", [N, Y, M], Y),
        ("any", [N, U, M], U),
        ("any", [N, M], M),
        ("none", [N, N], Y),
        ("none", [N, Y], N),
        ("none", [N, U], U),
        ("none", [N, M], M),
        ("all", [], Y),
        ("any", [], N),
    ],
)
def test_states_join_without_taking_missing_for_no(operator: str, states: list[State], expected: State) -> None:
    assert join(operator, states) is expected


@pytest.mark.parametrize(
    ("raw", "answer", "expected"),
    [
        ({"is": "yes"}, "yes", Y),
        ({"is": "yes"}, "no", N),
        ({"is": "yes"}, "unsure", U),
        ({"in": ["yes", "unsure"]}, "unsure", Y),
        ({"is": "unsure"}, "unsure", Y),
        ({"at_least": 18}, 18, Y),
        ({"at_least": 18}, 17, N),
        ({"at_most": 17}, 17, Y),
        ({"between": [50, 59]}, 49, N),
        ({"between": [50, 59]}, 50, Y),
        ({"between": [50, 59]}, 59, Y),
        ({"between": [50, 59]}, 60, N),
        ({"between": [50, 59]}, "unsure", U),
        ({"how_many_of": ["a", "b", "c"], "at_least": 2}, ["a", "c"], Y),
        ({"how_many_of": ["a", "b", "c"], "at_least": 2}, ["a", "d"], N),
        ({"is": "a"}, ["b", "a"], Y),
        ({"is": "a"}, [], N),
    ],
)
def test_an_operator_reads_an_answer(raw: dict[str, Any], answer: Any, expected: State) -> None:
    assert test_answer(parse({"question": "q", **raw}), answer) is expected  # type: ignore[arg-type]


def test_a_question_that_was_not_opened_counts_as_no() -> None:
    assert RULEBOOK.read({"legs": "no"}).finding("legs_weak") is State.NO


def test_a_question_that_waits_for_an_open_one_is_missing() -> None:
    assert RULEBOOK.read({}).finding("legs_weak") is State.MISSING


def test_unsure_opens_the_branch_as_yes_does() -> None:
    asked = [
        next_question(RULEBOOK, {"chest": "no", "sudden": "no", "bladder": "no", "legs": word})
        for word in ("yes", "unsure")
    ]
    assert [question and question.id for question in asked] == ["legs_weak", "legs_weak"]


def test_a_changed_answer_takes_its_branch_with_it() -> None:
    assert reachable(RULEBOOK, {"legs": "no", "legs_weak": "yes"}) == {"legs": "no"}


def test_what_a_question_named_among_others_is_denied_with_it() -> None:
    reading = RULEBOOK.read({"belly": "no", "duration": "under_2w"})
    assert reading.is_denied("fever")
    assert not reading.is_answered("fever")
    assert not reading.is_denied("desk")  # not asked: that is no denial


@pytest.mark.parametrize("answers", [{}, {"belly": "unsure"}, {"belly": "yes"}, {"belly": "yes", "fever": "no"}])
def test_nothing_else_is_a_denial(answers: dict[str, str]) -> None:
    assert not RULEBOOK.read(answers).is_denied("fever")


def test_an_answer_is_told_in_the_words_of_its_question() -> None:
    fever, place = RULEBOOK.questions["fever"], RULEBOOK.questions["where"]
    assert fever.words("unsure") == ["Unsure"]
    assert fever.words("yes") == [next(option.text for option in fever.options if option.id == "yes")]
    assert place.words([]) == ["None of these"]


def test_the_most_that_can_be_answered_is_taken() -> None:
    every = [option.id for option in RULEBOOK.questions["arm_neck"].options]
    raw = {"age": 120, "arm_neck": every}
    assert accept_answers(RULEBOOK.questions, raw) == raw


@pytest.mark.parametrize(
    ("raw", "question", "words"),
    [
        (None, "answers", "must be an object of question ids and answers"),
        ({"n" * 100: "yes"}, "n" * 80, "is not a question of this check-up"),
        ({"fever": "perhaps"}, "fever", "must be one of yes, no, unsure"),
        ({"age": 121}, "age", "must be a whole number from 0 to 120, or unsure"),
        (
            {"arm_neck": ["nose"]},
            "arm_neck",
            "must be a list of arm_tingle, hand_on_head, unsure (empty for none), or unsure",
        ),
    ],
    ids=["nothing", "an unknown question", "a word", "a number", "ticks"],
)
def test_a_refusal_names_the_question_and_what_would_be_taken(raw: Any, question: str, words: str) -> None:
    with pytest.raises(AnswerError) as refused:
        accept_answers(QUESTIONS, raw)
    assert (refused.value.question, refused.value.words, str(refused.value)) == (
        question,
        words,
        f"{question}: {words}",
    )


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param({}, M, id="what opens it is not answered"),
        pytest.param({"chest": "yes"}, M, id="opened, not answered"),
        pytest.param({"chest": "no"}, N, id="not opened"),
        pytest.param({"chest_pressure": "no"}, N, id="denied"),
        pytest.param({"chest_pressure": "yes"}, Y, id="yes, and what it opens is open"),
        pytest.param({"chest_pressure": "unsure"}, Y, id="unsure, and what it opens is open"),
        pytest.param({"chest_pressure": "yes", "chest_when": "days"}, N, id="yes, and all is told"),
    ],
)
def test_a_sign_is_unsettled_while_what_it_opens_is_not_told(answers: dict[str, str], expected: State) -> None:
    assert RULEBOOK.read(answers).finding("chest_pressure_open") is expected


@pytest.mark.parametrize("raw", [{"most": ["a", "b"]}, {"all": "a"}, {"all": ["a"], "any": ["b"]}, {}, 3, None])
def test_members_are_joined_by_all_any_or_none_and_nothing_else(raw: Any) -> None:
    with pytest.raises(RulebookError, match="cannot read the expression"):
        parse(raw)


def test_counting_ticks_needs_the_least_number() -> None:
    with pytest.raises(RulebookError, match="unknown operator 'how_many_of'"):
        parse({"question": "q", "how_many_of": "a"})
