from typing import Any

import pytest

from assessments.engine.comparison import compare
from tests.engine.walking import CASES, outcome_of

STRAIN = next(case["answers"] for case in CASES["case"] if case.get("top") == "strain")
GALL = next(case["answers"] for case in CASES["case"] if case.get("top") == "gall_bladder")


def stored(said: dict[str, Any]) -> dict[str, Any]:
    return outcome_of(said).as_dict()


def test_the_same_answers_again_have_changed_nothing():
    found = compare(stored(STRAIN), stored(STRAIN))
    assert found.is_empty
    assert found.is_same_rulebook is True


@pytest.mark.parametrize(("before", "after", "sign"), [(STRAIN, GALL, 1), (GALL, STRAIN, -1)], ids=["worse", "milder"])
def test_the_step_says_whether_it_is_more_urgent_now(before, after, sign):
    assert compare(stored(before), stored(after)).step * sign > 0


def test_what_is_new_one_way_is_gone_the_other_way():
    there, back = compare(stored(STRAIN), stored(GALL)), compare(stored(GALL), stored(STRAIN))
    assert there.signs_new and there.causes_new
    assert (there.signs_new, there.causes_new) == (back.signs_gone, back.causes_gone)


def test_an_answer_that_changed_is_told_in_the_words_that_were_asked():
    changes = {change.question: change for change in compare(stored(STRAIN), stored(GALL)).answers}
    assert changes["changes"].new and changes["changes"].gone
    assert "?" in changes["changes"].text


def test_a_stored_outcome_is_enough_whatever_the_rule_book_says_today():
    old = stored(STRAIN) | {"rulebook_version": "of old", "causes": [], "fired": []}
    old["answered"] = [{"question": "a_question_of_old", "text": "Asked long ago?", "words": ["Yes"], "critical": True}]
    found = compare(old, stored(STRAIN))
    assert not found.is_same_rulebook
    assert found.answers[-1].text == "Asked long ago?" and found.answers[-1].gone == ("Yes",)


def test_a_cause_in_another_band_has_moved():
    after = stored(STRAIN)
    before = after | {"causes": [cause | {"band": "fits_little"} for cause in after["causes"]]}
    moved = compare(before, after).causes_moved
    assert (moved[0].id, moved[0].title) == ("strain", after["causes"][0]["title"])
    assert (moved[0].before, moved[0].after) == ("fits_little", after["causes"][0]["band"])


def test_an_outcome_from_before_answers_were_stored_with_it_can_be_compared():
    old = {name: value for name, value in stored(STRAIN).items() if name != "answered"}
    assert compare(old, stored(STRAIN)).answers
    assert compare(old, old).answers == compare(old, old | {"answered": []}).answers
