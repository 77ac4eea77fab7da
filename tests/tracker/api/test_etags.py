"""ETag and If-Match: an edit never overwrites what its device has not seen."""

import pytest

from tests.tracker.api.conftest import MARKER, add_entry, is_problem, new_uuid
from tracker.services import pain_log

FELT = "2026-03-01T07:30:00+01:00"
WHOLE = {"nrs": 4, "felt_at": FELT, "note": "here", "sites": [{"site": "knee_left", "nrs": 6, "quality": "aching"}]}


@pytest.fixture
def path(api) -> str:
    path = f"/entries/{new_uuid()}/"
    assert api.put(path, WHOLE).status_code == 201
    return path


def tag(api, path: str) -> str:
    return api.get(path).headers["ETag"]


@pytest.mark.parametrize(
    "stale",
    ['"0"', '"999"', "1", '""', '"1', 'W/"1"', "", ",", '"x"', '"01"', '"-1"', '"' + "9" * 5000 + '"', "\xff", '"٣"'],
)
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_tag_that_does_not_match_changes_nothing_and_shows_how_it_is(api, alice, path, method, stale):
    before = api.get(path).json()
    response = getattr(api, method)(path, WHOLE | {"nrs": 9}, headers={"If-Match": stale})
    assert is_problem(response, 412)
    assert response.json()["current"] == before == api.get(path).json()


def test_an_edit_of_what_another_device_has_changed_is_refused(api, path):
    seen = tag(api, path)
    api.patch(path, {"note": "from the other device"})
    response = api.put(path, WHOLE | {"nrs": 9}, headers={"If-Match": seen})
    assert is_problem(response, 412)
    assert (response.json()["current"]["note"], response.json()["current"]["sites"]) == (
        "from the other device",
        WHOLE["sites"],
    )


def test_a_new_entry_cannot_be_taken_for_an_old_one(api, alice):
    for wanted in ('"1"', "*"):
        response = api.put(f"/entries/{new_uuid()}/", WHOLE, headers={"If-Match": wanted})
        assert is_problem(response, 412)
        assert response.json()["current"] is None
    assert not alice.patient.pain_entries.exists()


@pytest.mark.parametrize("nrs", [4, 9], ids=["the same", "another"])
def test_create_only_never_touches_what_is_there(api, path, nrs):
    response = api.put(path, WHOLE | {"nrs": nrs}, headers={"If-None-Match": "*"})
    assert is_problem(response, 412)
    assert response.json()["current"]["nrs"] == 4


def test_the_tag_of_a_stranger_tells_nothing(api, charlies, alice, charlie):
    entry = add_entry(alice)
    for wanted in (f'"{entry.version}"', "*"):
        answers = [
            charlies.put(f"/entries/{uuid}/", WHOLE, headers={"If-Match": wanted}).content
            for uuid in (entry.uuid, new_uuid())
        ]
        assert answers[0] == answers[1]
        assert MARKER not in answers[0].decode()
    assert not charlie.patient.pain_entries.exists()


def test_what_was_deleted_answers_that_it_is_gone_whatever_the_tag(api, path):
    seen = tag(api, path)
    api.delete(path)
    assert is_problem(api.put(path, WHOLE, headers={"If-Match": seen}), 410)
    assert is_problem(api.delete(path, headers={"If-Match": seen}), 404)


def test_a_body_that_does_not_fit_is_told_before_the_tag(api, path):
    assert is_problem(api.put(path, {"nrs": 11, "felt_at": FELT}, headers={"If-Match": '"0"'}), 400)


def test_create_only_makes_what_is_not_there(api):
    response = api.put(f"/entries/{new_uuid()}/", WHOLE, headers={"If-None-Match": "*"})
    assert response.status_code == 201


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_tag_that_matches_lets_the_edit_through_once(api, path, method):
    seen = tag(api, path)
    response = getattr(api, method)(path, WHOLE | {"nrs": 9}, headers={"If-Match": f'"77", {seen}'})
    assert (response.status_code, response.json()["nrs"]) == (200, 9)
    assert response.headers["ETag"] == tag(api, path) != seen
    assert response.headers["ETag"] == f'"{response.json()["version"]}"'


def test_an_edit_whose_answer_was_lost_may_be_sent_again(api, path):
    seen = tag(api, path)
    answers = [api.put(path, WHOLE | {"nrs": 9}, headers={"If-Match": seen}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.headers["ETag"] for answer in answers}) == 1


def test_any_entry_will_do_for_a_star(api, path):
    assert api.patch(path, {"nrs": 5}, headers={"If-Match": "*"}).status_code == 200
    assert api.delete(path, headers={"If-Match": "*"}).status_code == 204


def test_a_delete_on_condition(api, alice, path):
    assert api.delete(path, headers={"If-Match": tag(api, path)}).status_code == 204
    assert not alice.patient.pain_entries.exists()


def test_what_the_device_has_is_not_sent_again(api, path):
    seen = tag(api, path)
    response = api.get(path, headers={"If-None-Match": seen})
    assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", seen)
    assert api.get(path, headers={"If-None-Match": '"0"'}).status_code == 200


def test_an_undo_gives_a_tag_of_its_own(api, alice, path):
    seen, entry = tag(api, path), alice.patient.pain_entries.get()
    token = pain_log.remove(by=alice.user, entry=entry, at=entry.recorded_at)
    pain_log.restore(by=alice.user, token=token, at=entry.recorded_at)
    assert is_problem(api.patch(path, {"nrs": 1}, headers={"If-Match": seen}), 412)
