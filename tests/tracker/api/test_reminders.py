from datetime import timedelta

import pytest

from tests.tracker.api.conftest import TODAY, is_problem, new_uuid

MOVES = {"kind": "morning_moves", "wall_time": "07:00", "weekdays": [1, 2, 3]}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"kind": "morning_moves"}, id="no time"),
        pytest.param(MOVES | {"kind": "telegram"}, id="no such kind"),
        pytest.param(MOVES | {"wall_time": "25:00"}, id="an hour that no day has"),
        pytest.param(MOVES | {"wall_time": "7"}, id="half a time"),
        pytest.param(MOVES | {"wall_time": "07:00+02:00"}, id="a time with a zone"),
        pytest.param(MOVES | {"wall_time": 700}, id="a time as a number"),
        pytest.param(MOVES | {"weekdays": []}, id="no weekday"),
        pytest.param(MOVES | {"weekdays": [0]}, id="a weekday before Monday"),
        pytest.param(MOVES | {"weekdays": [8]}, id="a weekday after Sunday"),
        pytest.param(MOVES | {"weekdays": list(range(1, 8)) * 9}, id="too many weekdays"),
        pytest.param(MOVES | {"weekdays": "135"}, id="weekdays as text"),
        pytest.param(MOVES | {"is_active": "yes"}, id="a yes as text"),
        pytest.param(MOVES | {"wall_time": "07:00:30"}, id="a time to the second"),
    ],
)
def test_a_reminder_that_cannot_be_is_refused(api, alice, body):
    assert is_problem(api.put(f"/reminders/{new_uuid()}/", body), 400)
    assert not alice.patient.reminders.exists()


def test_a_reminder_put_twice_is_one_reminder(api, alice):
    path = f"/reminders/{new_uuid()}/"
    assert [api.put(path, MOVES).status_code for _ in range(2)] == [201, 200]
    reminder = api.get(path).json()
    assert (reminder["wall_time"], reminder["weekdays"], reminder["is_active"]) == ("07:00:00", [1, 2, 3], True)
    assert alice.patient.reminders.count() == 1


def test_there_is_one_reminder_of_morning_moves(api):
    api.put(f"/reminders/{new_uuid()}/", MOVES)
    assert is_problem(api.put(f"/reminders/{new_uuid()}/", MOVES), 409)


def test_the_kind_of_a_reminder_stays(api):
    path = f"/reminders/{new_uuid()}/"
    api.put(path, MOVES)
    assert is_problem(api.put(path, MOVES | {"kind": "log_pain"}), 409)
    assert api.patch(path, {"kind": "log_pain"}).json()["kind"] == "morning_moves"


def test_a_reminder_is_changed_and_deleted(api, alice):
    path = f"/reminders/{new_uuid()}/"
    api.put(path, MOVES)
    assert api.patch(path, {"weekdays": [7], "is_active": False}).json()["weekdays"] == [7]
    assert api.delete(path).status_code == 204
    assert not alice.patient.reminders.exists()


def test_no_secret_of_a_reminder_is_told(api, record):
    body = api.get("/reminders/").content.decode()
    assert record["reminder"].unsubscribe_key not in body


def test_what_became_of_a_reminder_is_listed(api, record):
    rows = api.get(f"/reminders/{record['reminder'].uuid}/occurrences/").json()["results"]
    assert rows[0]["state"] == "pending"
    assert "lease_token" not in rows[0]


def test_a_session_put_twice_is_one_session(api, alice):
    path = f"/sessions/{TODAY - timedelta(days=1)}/"
    body = {"exercises_done": ["cat_camel"], "pain_during": 3}
    assert [api.put(path, body).status_code for _ in range(2)] == [201, 200]
    (session,) = api.get("/sessions/").json()["results"]
    assert (session["exercises_done"], session["pain_during"]) == (["cat_camel"], 3)


@pytest.mark.parametrize(
    ("day", "body", "status"),
    [
        pytest.param(str(TODAY + timedelta(days=3)), {"exercises_done": []}, 422, id="a day to come"),
        pytest.param("2026-02-30", {"exercises_done": []}, 404, id="a day that no calendar has"),
        pytest.param("0000-01-01", {"exercises_done": []}, 404, id="the year 0"),
        pytest.param(str(TODAY), {"exercises_done": ["moonwalk"]}, 400, id="no such move"),
        pytest.param(str(TODAY), {"exercises_done": [["cat_camel"]]}, 400, id="a list in a list"),
        pytest.param(str(TODAY), {}, 400, id="nothing said"),
    ],
)
def test_a_session_that_cannot_be_is_refused(api, alice, day, body, status):
    assert is_problem(api.put(f"/sessions/{day}/", body), status)
    assert not alice.patient.exercise_sessions.exists()
