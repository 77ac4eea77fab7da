"""Links for clinicians over the API."""

import pytest

from tests.tracker.api.conftest import NOW, TODAY, is_problem, new_uuid
from tests.tracker.test_second_opinions import prepare
from tracker.services import sharing

PATH = "/shares/"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"scope": "everything"}, 400),
        ({"scope": "brief"}, 422),
        ({"scope": "log"}, 422),
        ({"scope": "summary", "days": 91}, 400),
        ({"scope": "summary", "passphrase": "short"}, 422),
        ({"scope": "summary", "opens_sealed": True, "passphrase": "long enough"}, 422),
        ({"scope": "brief", "opinion": str(new_uuid())}, 400),
        ({"scope": "summary", "nonsense": 1}, 400),
    ],
)
def test_what_cannot_be_is_a_problem(alice, api, body, status):
    assert is_problem(api.put(f"{PATH}{new_uuid()}/", body), status)
    assert not alice.patient.shares.exists()


def test_another_patients_opinion_is_not_there(alice, charlie, api):
    body = {"scope": "brief", "opinion": str(prepare(charlie).uuid)}
    assert is_problem(api.put(f"{PATH}{new_uuid()}/", body), 400)


def test_it_is_put_twice_and_is_one(alice, api, client):
    uuid = new_uuid()
    body = {"scope": "brief", "opinion": str(prepare(alice).uuid), "passphrase": "plum garden 7", "opens_sealed": True}
    first, second = (api.put(f"{PATH}{uuid}/", body) for _ in range(2))
    assert (first.status_code, second.status_code, alice.patient.shares.count()) == (201, 200, 1)
    told = first.json()
    assert (told["has_passphrase"], told["opens_sealed"], "passphrase" in told) == (True, True, False)
    assert client.get("/shared/" + told["address"].split("/shared/")[1]).status_code == 200


def test_it_is_ended_at_once(alice, api, client):
    uuid = new_uuid()
    path = "/shared/" + api.put(f"{PATH}{uuid}/", {"scope": "summary"}).json()["address"].split("/shared/")[1]
    client.post(path)
    assert api.post(f"{PATH}{uuid}/end/").json()["revoked_at"]
    assert client.get(path).status_code == 410
    assert [row["act"] for row in api.get(f"{PATH}{uuid}/log/").json()] == ["opened"]
    assert api.get(f"{PATH}{uuid}/").json()["n_opened"] == 1


def test_a_question_is_answered(alice, api):
    wish = sharing.Wish(scope="summary")
    share = sharing.create(by=alice.user, uuid=new_uuid(), at=NOW, on=TODAY, wish=wish)
    question = sharing.ask(share=share, uuid=new_uuid(), text="Since when?", asked_by="Dr. Q", at=NOW)
    path = f"{PATH}{share.uuid}/questions/"
    assert is_problem(api.put(f"{path}{question.uuid}/", {"answer": " "}), 422)
    assert is_problem(api.put(f"{path}{new_uuid()}/", {"answer": "May."}), 404)
    api.put(f"{path}{question.uuid}/", {"answer": "Since May."})
    assert api.get(path).json()[0]["answer"] == "Since May."
