from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from assessments import services
from tests.conftest import Person
from tests.engine.walking import CASES, RULEBOOK, walk

AT = timezone.now()
ROOT = "/api/v1/assessments/"
GALL = next(case["answers"] for case in CASES["case"] if case.get("top") == "gall_bladder")
STRAIN = next(case["answers"] for case in CASES["case"] if case.get("top") == "strain")
JSON = "application/json"


def start(client: Client, **given: Any) -> Any:
    return client.post(ROOT, given, content_type=JSON)


@pytest.mark.parametrize("path", ["", "questions/", f"{UUID(int=7)}/"])
def test_a_stranger_gets_nothing(client: Client, db: None, path: str) -> None:
    assert client.get(ROOT + path).status_code in (401, 403)


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", ""), ("patch", ""), ("delete", ""), ("post", "finish/"), ("post", "seen/"), ("get", "compare/")],
)
def test_another_persons_check_up_is_not_there(alice: Person, charlie_client: Client, method: str, path: str) -> None:
    assessment = services.start(by=alice.user, at=AT, known={"age": 77})
    body = {} if method == "get" else {"data": {"answers": {"age": 1}}, "content_type": JSON}
    response = getattr(charlie_client, method)(f"{ROOT}{assessment.uuid}/{path}", **body)
    assessment.refresh_from_db()
    assert (response.status_code, assessment.answers, assessment.finished_at) == (404, {"age": 77}, None)
    assert b"77" not in response.content


def test_the_list_holds_only_ones_own(alice: Person, charlie_client: Client) -> None:
    services.start(by=alice.user, at=AT)
    assert charlie_client.get(ROOT).json()["results"] == []


@pytest.mark.parametrize(
    "answers",
    [
        {"nose": "yes"},
        {"fever": "maybe"},
        {"fever": "yes\x00"},
        {"\x00\ud800": "yes"},
        {"age": 10**20},
        {"age": -1},
        {"where": ["nose"]},
        {"where": {"middle": True}},
        [],
        "yes",
        None,
        7,
    ],
    ids=ascii,
)
def test_bad_answers_get_a_problem_in_words_and_nothing_is_kept(alice_client: Client, answers: Any) -> None:
    created = start(alice_client).json()
    response = alice_client.patch(f"{ROOT}{created['id']}/", {"answers": answers}, content_type=JSON)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert alice_client.get(f"{ROOT}{created['id']}/").json()["answers"] == {}


@pytest.mark.parametrize("body", ["{", "[]", "null", '{"id": "x"}', '{"id": []}', '{"answers": NaN}'], ids=ascii)
def test_a_bad_body_is_refused(alice_client: Client, body: str) -> None:
    assert alice_client.post(ROOT, body, content_type=JSON).status_code == 400


def test_a_check_up_without_a_result_cannot_be_seen(alice_client: Client) -> None:
    created = start(alice_client).json()
    assert alice_client.post(f"{ROOT}{created['id']}/seen/").status_code == 409


def test_a_finished_check_up_takes_no_answer(alice_client: Client) -> None:
    created = start(alice_client, answers=walk(STRAIN)).json()
    alice_client.post(f"{ROOT}{created['id']}/finish/")
    response = alice_client.patch(f"{ROOT}{created['id']}/", {"answers": {"age": 1}}, content_type=JSON)
    assert response.status_code == 409


def test_the_questions_are_those_of_the_rule_book(alice_client: Client) -> None:
    given = alice_client.get(f"{ROOT}questions/").json()
    assert given["rulebook_version"] == RULEBOOK.version
    assert [question["id"] for question in given["questions"]] == list(RULEBOOK.questions)


def test_a_client_makes_the_id_and_may_repeat_the_request(alice: Person, alice_client: Client) -> None:
    made = str(uuid4())
    assert [start(alice_client, id=made).json()["id"] for _ in range(2)] == [made, made]
    assert alice.user.assessments.count() == 1


def test_a_walk_over_the_api_ends_in_the_same_outcome(alice_client: Client) -> None:
    assessment = start(alice_client).json()
    address = f"{ROOT}{assessment['id']}/"
    answers = walk(STRAIN)
    while asked := assessment["next_question"]:
        body = {"answers": {asked: answers[asked]}}
        assessment = alice_client.patch(address, body, content_type=JSON).json()
    result = alice_client.post(f"{address}finish/").json()
    assert (result["level"], result["outcome"]["causes"][0]["id"]) == ("self_care", "strain")


def test_the_patient_says_over_the_api_that_a_clinician_has_seen_them(alice: Person, alice_client: Client) -> None:
    created = start(alice_client, answers={"bladder": "yes"}).json()
    alice_client.post(f"{ROOT}{created['id']}/finish/")
    assert services.exercise_is_paused(alice.user)
    assert alice_client.post(f"{ROOT}{created['id']}/seen/").json()["clinician_seen_at"]
    assert not services.exercise_is_paused(alice.user)


def test_a_finished_check_up_cannot_be_thrown_away(alice_client: Client, alice: Person) -> None:
    created = start(alice_client, answers=walk(STRAIN)).json()
    alice_client.post(f"{ROOT}{created['id']}/finish/")
    assert alice_client.delete(f"{ROOT}{created['id']}/").status_code == 409
    assert alice.user.assessments.count() == 1


def test_a_check_up_that_was_begun_can_be_thrown_away(alice_client: Client, alice: Person) -> None:
    created = start(alice_client).json()
    assert alice_client.delete(f"{ROOT}{created['id']}/").status_code == 204
    assert alice.user.assessments.count() == 0


def test_progress_is_told_until_the_result_is_there(alice_client: Client) -> None:
    created = start(alice_client, answers={"age": 44}).json()
    assert created["progress"]["answered"] == 1 < created["progress"]["expected"]
    assert alice_client.post(f"{ROOT}{created['id']}/finish/").json()["progress"] is None


def test_there_is_nothing_to_compare_before_a_second_result(alice_client: Client) -> None:
    created = start(alice_client, answers=walk(STRAIN)).json()
    assert alice_client.get(f"{ROOT}{created['id']}/compare/").status_code == 409
    alice_client.post(f"{ROOT}{created['id']}/finish/")
    assert alice_client.get(f"{ROOT}{created['id']}/compare/").status_code == 404


def test_two_results_are_compared_with_the_one_before(alice_client: Client) -> None:
    ids = []
    for said in (STRAIN, GALL):
        ids.append(start(alice_client, answers=walk(said)).json()["id"])
        result = alice_client.post(f"{ROOT}{ids[-1]}/finish/").json()
    found = alice_client.get(f"{ROOT}{ids[-1]}/compare/").json()
    assert [found["before"], found["after"]] == ids
    assert found["changes"]["step"] > 0
    assert set(found["changes"]["causes_new"]) <= {cause["title"] for cause in result["outcome"]["causes"]}


def test_the_rule_book_can_be_fetched_by_anybody_and_is_not_sent_twice(client: Client, db: None) -> None:
    first = client.get(f"{ROOT}rulebook/")
    assert first.json()["rulebook_version"] == RULEBOOK.version
    assert client.get(f"{ROOT}rulebook/", headers={"If-None-Match": first["ETag"]}).status_code == 304
    again = client.get(f"{ROOT}rulebook/", headers={"If-None-Match": '"of old"'})
    assert (again.status_code, again.content) == (200, first.content)
