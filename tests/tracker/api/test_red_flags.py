"""The short red-flag questions for a mobile client: when to ask, what, and what the answers open."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.tracker.api.conftest import NOW, add_entry, is_problem, new_uuid
from tracker.services import red_flags

QUESTIONS, SCREENS = "/red-flag-questions/", "/red-flag-screens/"
ALL_NO = {question.id: "no" for question in red_flags.questions()}
HIGH = {"nrs": 8, "felt_at": NOW.isoformat()}


def path(uuid=None) -> str:
    return f"{SCREENS}{uuid or new_uuid()}/"


@pytest.fixture
def entry(alice):
    return add_entry(alice, nrs=8)


@pytest.mark.parametrize("address", [QUESTIONS, SCREENS, f"{SCREENS}{UUID(int=1)}/"])
def test_nobody_signed_in_gets_anything(client, db, address):
    assert is_problem(client.get(f"/api/v1{address}"), 401)


@pytest.mark.parametrize("address", [QUESTIONS, SCREENS, f"{SCREENS}{UUID(int=1)}/"])
def test_where_check_ups_are_off_it_is_not_there(api, entry, settings, address):
    settings.EBB_CHECKUP = False
    assert is_problem(api.get(address), 404)
    assert is_problem(api.put(path(), {"answers": ALL_NO}), 404)
    assert api.put(f"/entries/{new_uuid()}/", HIGH).json()["offer_red_flags"] is False


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({}, 400, id="nothing said"),
        pytest.param({"answers": []}, 400, id="a list"),
        pytest.param({"answers": "yes"}, 400, id="a word"),
        pytest.param({"answers": {"nose": "yes"}}, 400, id="no such question"),
        pytest.param({"answers": {"hurt": "maybe"}}, 400, id="no such answer"),
        pytest.param({"answers": {"hurt": True}}, 400, id="yes as truth"),
        pytest.param({"answers": {"hurt": None}}, 400, id="nothing as an answer"),
        pytest.param({"answers": {"x" * 9_000: "yes"}}, 400, id="a long name"),
        pytest.param({"answers": ALL_NO, "colour": "red"}, 400, id="an unknown field"),
        pytest.param({"answers": ALL_NO, "entry": 5}, 400, id="a number for an entry"),
        pytest.param({"answers": ALL_NO, "entry": str(UUID(int=1))}, 404, id="no such entry"),
        pytest.param({"answers": {"hurt": "no"}}, 422, id="a no and silence"),
        pytest.param({"answers": {}}, 422, id="silence"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_kept(api, alice, entry, body, status):
    assert is_problem(api.put(path(), body), status)
    assert not alice.patient.red_flag_screens.exists()


def test_an_entry_of_another_is_not_there(charlies, charlie, entry):
    response = charlies.put(path(), {"answers": ALL_NO, "entry": str(entry.uuid)})
    assert is_problem(response, 404)
    assert not charlie.patient.red_flag_screens.exists()


def test_other_answers_under_the_same_key_are_refused(api, alice, entry):
    uuid = new_uuid()
    api.put(path(uuid), {"answers": ALL_NO})
    assert is_problem(api.put(path(uuid), {"answers": ALL_NO | {"hurt": "yes"}}), 409)
    assert not alice.user.assessments.exists()


@pytest.mark.parametrize(
    ("nrs", "ago", "offers"),
    [
        pytest.param(8, timedelta(0), True, id="high"),
        pytest.param(6, timedelta(0), False, id="not high"),
        pytest.param(8, timedelta(hours=70), True, id="sent later"),
        pytest.param(8, timedelta(days=40), False, id="of long ago"),
    ],
)
def test_a_written_entry_says_whether_to_ask(api, nrs, ago, offers):
    felt = {"nrs": nrs, "felt_at": (NOW - ago).isoformat(), "source": "offline"}
    assert api.put(f"/entries/{new_uuid()}/", felt).json()["offer_red_flags"] is offers
    batch = {"changes": [{"type": "entry", "uuid": str(new_uuid())} | felt]}
    assert api.post("/entries/batch/", batch).json()["offer_red_flags"] is offers


def test_a_changed_and_a_repeated_entry_say_so_too(api):
    uuid = new_uuid()
    api.put(f"/entries/{uuid}/", {"nrs": 6, "felt_at": NOW.isoformat()})
    assert api.patch(f"/entries/{uuid}/", {"nrs": 9}).json()["offer_red_flags"] is True
    assert api.post("/entries/again/", {"uuid": str(new_uuid())}).json()["offer_red_flags"] is True


def test_what_was_answered_is_not_offered_again(api):
    api.put(f"/entries/{new_uuid()}/", HIGH)
    api.put(path(), {"answers": ALL_NO})
    assert api.put(f"/entries/{new_uuid()}/", HIGH).json()["offer_red_flags"] is False


def test_an_empty_batch_offers_nothing(api):
    assert api.post("/entries/batch/", {"changes": []}).json()["offer_red_flags"] is False


def test_the_set_comes_with_all_that_is_needed_without_network(api, entry):
    said = api.get(QUESTIONS).json()
    assert [question["id"] for question in said["questions"]] == list(ALL_NO)
    assert (said["answered_at"], {question["alone"] for question in said["questions"]}) == (
        None,
        {"emergency", "same_day"},
    )
    api.put(path(), {"answers": ALL_NO})
    assert api.get(QUESTIONS).json()["answered_at"]


def test_answers_are_kept_once_and_come_back(api, alice, entry):
    address, body = path(), {"answers": ALL_NO}
    responses = [api.put(address, body) for _ in range(3)]
    assert [response.status_code for response in responses] == [201, 200, 200]
    screen = api.get(address).json()
    assert (screen["entry"], screen["nrs"], screen["answers"]) == (str(entry.uuid), 8, ALL_NO)
    assert (screen["opened"], screen["crisis"], screen["checkup"]) == ([], False, None)
    assert [row["uuid"] for row in api.get(SCREENS).json()["results"]] == [screen["uuid"]]


def test_one_yes_opens_a_check_up_that_can_be_gone_on_with(api, entry):
    screen = api.put(path(), {"answers": {"weakness": "yes"}}).json()
    checkup = api.get(f"/assessments/{screen['checkup']}/").json()
    assert (screen["opened"], checkup["answers"], checkup["next_question"]) == (
        ["weakness"],
        {"legs": "yes"},
        "legs_weak",
    )


def test_a_certain_emergency_has_its_result_at_once(api, entry):
    screen = api.put(path(), {"answers": ALL_NO | {"bladder_bowel": "yes"}}).json()
    assert api.get(f"/assessments/{screen['checkup']}/").json()["level"] == "emergency"


def test_unsure_about_self_harm_asks_for_the_numbers_at_once(api, entry):
    assert api.put(path(), {"answers": ALL_NO | {"self_harm": "unsure"}}).json()["crisis"] is True


def test_put_off_and_answered_later(api, entry):
    address = path()
    assert api.put(address, {"answers": None}).json()["answers"] is None
    assert api.put(address, {"answers": ALL_NO}).json()["answers"] == ALL_NO
