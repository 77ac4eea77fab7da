"""Second opinions over the API."""

import pytest

from tests.tracker.api.conftest import is_problem, new_uuid
from tests.tracker.test_second_opinions import diagnosed

PATH = "/second-opinions/"


@pytest.fixture
def opinion(alice, api):
    uuid = new_uuid()
    api.put(f"{PATH}{uuid}/", {"question": "What is it?", "goal": "Lift my child. Dr. Weber said scoliosis."})
    return f"{PATH}{uuid}/"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"left_out": ["allergies"]}, 400),
        ({"log_from": "2999-01-01"}, 422),
        ({"attached": [str(new_uuid())]}, 422),
        ({"attempt": str(new_uuid())}, 400),
        ({"question": "q" * 10_001}, 400),
        ({"nonsense": 1}, 400),
    ],
)
def test_what_cannot_be_is_a_problem(alice, api, body, status):
    assert is_problem(api.put(f"{PATH}{new_uuid()}/", body), status)
    assert not alice.patient.second_opinions.exists()


def test_it_is_put_twice_and_is_one(alice, api):
    uuid = new_uuid()
    statuses = [api.put(f"{PATH}{uuid}/", {"question": "Why?"}).status_code for _ in range(2)]
    assert (statuses, alice.patient.second_opinions.count()) == ([201, 200], 1)


def test_a_put_holds_exactly_what_it_says_and_a_patch_changes_what_it_names(api, opinion):
    assert api.patch(opinion, {"worry": "It stays"}).json()["question"] == "What is it?"
    assert api.put(opinion, {"question": "Why?"}).json()["worry"] == ""


def test_the_brief_leaves_the_page_without_what_is_in_doubt(api, opinion):
    brief = api.get(f"{opinion}brief/")
    assert brief.json()["brief"]["goal"] == {"text": "Lift my child.", "n_held_back": 1}
    assert "scoliosis" not in brief.content.decode()


def test_a_sentence_is_shown_once_the_patient_says_so(api, opinion):
    (sentence,) = api.get(f"{opinion}words/").json()["sentences"]
    shown = api.post(f"{opinion}words/", {"decided": {sentence["digest"]: "show"}}).json()["sentences"]
    assert (sentence["is_shown"], shown[0]["is_shown"]) == (False, True)
    assert "scoliosis" in api.get(f"{opinion}brief/").content.decode()


@pytest.mark.parametrize("decided", [None, [], {"a" * 16: "maybe"}, {"a" * 16: 1}])
def test_a_decision_that_there_is_not_is_a_problem(api, opinion, decided):
    assert is_problem(api.post(f"{opinion}words/", {"decided": decided}), 400)


def test_the_sealed_part_is_not_there_until_it_is_opened(alice, api, opinion):
    diagnosed(alice, "Kaltenborn syndrome")
    assert is_problem(api.get(f"{opinion}sealed/"), 404)
    opened = api.post(f"{opinion}sealed/").json()["sealed"]
    assert [one["name"] for one in opened["diagnoses"]] == ["Kaltenborn syndrome"]
    assert opened["held_back"] == ["Dr. Weber said scoliosis."]
    assert api.get(f"{opinion}sealed/").status_code == 200


def test_from_the_view_to_the_comparison(alice, api, opinion):
    earlier = diagnosed(alice, "Strain")
    path = f"{opinion}comparisons/{earlier.uuid}/"
    said = {"outcome": "different", "called_now": "Rib joint"}
    assert is_problem(api.put(path, said), 409)
    assert api.put(f"{opinion}views/{new_uuid()}/", {"diagnosis": "Rib joint"}).status_code == 201
    assert api.put(path, said).json()["outcome"] == "different"
    assert [one["outcome"] for one in api.get(f"{opinion}comparisons/").json()] == ["different"]
    assert [one["diagnosis"] for one in api.get(f"{opinion}views/").json()] == ["Rib joint"]


def test_it_is_closed_and_deleted(alice, api, opinion):
    assert api.post(f"{opinion}close/").json()["closed_at"]
    assert api.delete(opinion).status_code == 204
    assert not alice.patient.second_opinions.exists()
