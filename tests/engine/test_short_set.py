"""The eight short questions that go with an entry: what they open, and what the loader does not let through."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from assessments.engine import short_set
from assessments.engine.findings import RulebookError
from assessments.engine.loading import load, rule_files, standard_rulebook
from assessments.engine.outcome import assess, next_question, reachable
from assessments.engine.questionnaire import AnswerError
from assessments.engine.rulebook import Triage

RULEBOOK = standard_rulebook()
IDS = list(RULEBOOK.short_set)
ALL_NO = dict.fromkeys(IDS, "no")
FEVERISH = 'opens = ["belly", "fever"]'
# Evidence, section 1.3: unsure on these is taken for a yes.
UNSURE_COUNTS = {"bladder_bowel", "weakness", "sudden_worst", "chest_breath"}


def with_change(before: str, after: str) -> dict[str, bytes]:
    files = rule_files()
    text = files["short_set"].decode()
    assert before in text
    return files | {"short_set": text.replace(before, after, 1).encode()}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param(FEVERISH, 'opens = ["nose"]', "opens no alarm question", id="no such question"),
        pytest.param(FEVERISH, "", "opens no alarm question", id="nothing opened"),
        pytest.param(FEVERISH, 'opens = ["duration"]', "opens no alarm question", id="no alarm question"),
        pytest.param(FEVERISH, 'opens = ["conditions"]', "takes no yes", id="a question with ticks"),
        pytest.param(FEVERISH, 'opens = ["very_unwell"]', "does not ask", id="a branch that is shut"),
        pytest.param('id = "feverish"', 'id = "hurt"', "there twice", id="twice the same id"),
        pytest.param('alone = "emergency"', 'alone = "same_day"', "milder alone", id="milder than in the check-up"),
        pytest.param('alone = "same_day"', 'alone = "emergency"', "no words to say", id="an emergency without words"),
        pytest.param("unsure_counts = true", "unsure_count = true", "unsure_count", id="a misspelt key"),
        pytest.param('review_needed = "clinician sign-off"', "", "neither reviewed", id="nobody has to look at it"),
        pytest.param("source = ", "cite = ", "no source", id="no source"),
    ],
)
def test_a_short_set_that_does_not_hold_together_is_refused(before: str, after: str, words: str) -> None:
    with pytest.raises(RulebookError, match=words):
        load(with_change(before, after))


@pytest.mark.parametrize(
    "raw",
    [None, [], "yes", {"nose": "yes"}, {"hurt": "maybe"}, {"hurt": None}, {"hurt": ["yes"]}, {"hurt": True}, {1: "no"}],
    ids=ascii,
)
def test_what_is_no_answer_is_refused(raw: object) -> None:
    with pytest.raises(AnswerError):
        short_set.accept(RULEBOOK, raw)


def test_what_is_an_answer_is_kept_in_the_order_of_the_set() -> None:
    first, second, *_ = RULEBOOK.short_set
    assert list(short_set.accept(RULEBOOK, {second: "no", first: "unsure"}).items()) == [
        (first, "unsure"),
        (second, "no"),
    ]


def test_the_version_of_the_rule_book_changes_with_a_word_of_the_short_set() -> None:
    assert load(with_change("chills or shivering", "chills, shivering")).version != RULEBOOK.version


def test_there_are_eight_and_four_of_them_take_unsure_for_yes() -> None:
    assert len(IDS) == 8
    assert {question.id for question in RULEBOOK.short_set.values() if question.unsure_counts} == UNSURE_COUNTS


def test_all_no_opens_nothing() -> None:
    screened = short_set.screen(RULEBOOK, ALL_NO)
    assert (screened.opened, screened.known, screened.missing, screened.level) == ((), {}, (), None)


@pytest.mark.parametrize("question_id", IDS)
def test_any_yes_opens_the_check_up_whatever_else_is_said_or_left_out(question_id: str) -> None:
    for others in (ALL_NO, {}, dict.fromkeys(IDS, "unsure")):
        assert question_id in short_set.screen(RULEBOOK, others | {question_id: "yes"}).opened


@pytest.mark.parametrize("question_id", IDS)
def test_unsure_opens_only_where_it_counts_and_is_named_elsewhere(question_id: str) -> None:
    screened = short_set.screen(RULEBOOK, ALL_NO | {question_id: "unsure"})
    counts = question_id in UNSURE_COUNTS
    assert screened.opened == ((question_id,) if counts else ())
    assert screened.unsure == (() if counts else (question_id,))


@pytest.mark.parametrize("answer", ["yes", "unsure"])
def test_thoughts_of_self_harm_call_for_a_person_at_once(answer: str) -> None:
    assert short_set.screen(RULEBOOK, ALL_NO | {"self_harm": answer}).crisis


def test_two_short_questions_may_open_the_same_one() -> None:
    known = short_set.screen(RULEBOOK, {"feverish": "yes", "hurt": "yes"}).known
    assert known == {"belly": "yes", "fever": "yes", "injury": "yes"}


@pytest.mark.parametrize("pair", list(combinations(IDS, 2)), ids="+".join)
def test_what_is_carried_over_is_kept_by_the_check_up(pair: tuple[str, str]) -> None:
    known = short_set.screen(RULEBOOK, dict.fromkeys(pair, "yes")).known
    assert reachable(RULEBOOK, known) == known


@pytest.mark.parametrize("question_id", [key for key in IDS if RULEBOOK.short_set[key].opens])
def test_what_the_answer_opens_is_asked_before_all_else(question_id: str) -> None:
    known = short_set.screen(RULEBOOK, {question_id: "yes"}).known
    asked = next_question(RULEBOOK, known)
    if asked is None:
        assert assess(RULEBOOK, known).level == Triage.EMERGENCY
    else:
        assert asked.ask_when is not None and asked.critical


def test_a_certain_emergency_asks_nothing_more() -> None:
    assert next_question(RULEBOOK, short_set.screen(RULEBOOK, {"bladder_bowel": "yes"}).known) is None


def test_clients_get_all_they_need_to_run_it_without_network() -> None:
    plain = [short_set.as_plain_short_question(question) for question in RULEBOOK.short_set.values()]
    assert [question["id"] for question in plain] == IDS
    assert all(question["alone"] in list(Triage) and question["options"] for question in plain)


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ({}, None),
        ({"hidden_illness": "yes"}, Triage.SAME_DAY),
        ({"feverish": "yes", "weakness": "yes"}, Triage.EMERGENCY),
        ({"feverish": "unsure"}, None),
        ({"weakness": "unsure"}, Triage.EMERGENCY),
    ],
    ids=["nothing", "the same day", "the higher counts", "unsure that opens nothing", "unsure that opens"],
)
def test_the_level_alone_is_the_highest_of_what_opens(said: dict[str, str], level: Triage | None) -> None:
    assert short_set.screen(RULEBOOK, ALL_NO | said).level is level


def test_what_comes_first_and_what_stays_unsure_or_missing_is_named() -> None:
    found = short_set.screen(RULEBOOK, {"hidden_illness": "yes", "hurt": "unsure", "bladder_bowel": "unsure"})
    assert (found.opened, found.asks) == (("bladder_bowel", "hidden_illness"), ("conditions",))
    assert (found.unsure, found.known) == (("hurt",), {"bladder": "unsure"})
    assert found.missing == ("weakness", "feverish", "sudden_worst", "chest_breath", "self_harm")
    assert not found.crisis


def test_yes_counts_more_than_unsure_where_two_short_questions_open_the_same() -> None:
    for first, second in (("yes", "unsure"), ("unsure", "yes")):
        both = replace(RULEBOOK.short_set["chest_breath"], id="again")
        book = replace(RULEBOOK, short_set={"chest_breath": RULEBOOK.short_set["chest_breath"], "again": both})
        assert short_set.screen(book, {"chest_breath": first, "again": second}).known == {"chest": "yes"}
    assert short_set.screen(RULEBOOK, {"chest_breath": "unsure"}).known == {"chest": "unsure"}


def test_a_client_gets_each_short_question_whole() -> None:
    plain = short_set.as_plain_short_question(RULEBOOK.short_set["bladder_bowel"])
    assert plain == {
        "id": "bladder_bowel",
        "text": RULEBOOK.short_set["bladder_bowel"].text,
        "options": ["yes", "no", "unsure"],
        "unsure_counts": True,
        "opens": ["bladder"],
        "asks": [],
        "alone": "emergency",
        "say": RULEBOOK.short_set["bladder_bowel"].say,
        "crisis": False,
    }


@pytest.mark.parametrize(
    ("raw", "question", "words"),
    [
        ([], "answers", "must be an object of question ids and answers"),
        ({"nose": "yes"}, "nose", "is not one of the short questions"),
        ({"hurt": "perhaps"}, "hurt", "must be one of yes, no, unsure"),
        ({"hurt": ["yes"]}, "hurt", "must be one of yes, no, unsure"),
    ],
    ids=["a list", "an unknown question", "an unknown word", "a list for a word"],
)
def test_a_short_answer_that_cannot_be_taken_is_told_in_words(raw: Any, question: str, words: str) -> None:
    with pytest.raises(AnswerError) as refused:
        short_set.accept(RULEBOOK, raw)
    assert (refused.value.question, refused.value.words, str(refused.value)) == (
        question,
        words,
        f"{question}: {words}",
    )
