"""Over REST: what comes next and what came, answers, pauses, and where the device is."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.tracker.api.conftest import is_problem, new_uuid
from tracker.services import delivery

SIX = datetime(2026, 6, 1, 4, tzinfo=UTC)  # in Berlin, a Monday
SEVEN = SIX + timedelta(hours=1)
MOVES = {"kind": "morning_moves", "wall_time": "07:00"}
LOG = {"kind": "log_pain", "wall_time": "07:00"}


@pytest.fixture(autouse=True)
def early():
    with time_machine.travel(SIX, tick=False) as clock:
        yield clock


def put(api, body):
    path = f"/reminders/{new_uuid()}/"
    assert api.put(path, body).status_code == 201
    return path


def answer_path(path, day="2026-06-01"):
    return f"{path}occurrences/{day}/answer/"


class TestHow:
    @pytest.mark.parametrize(
        ("body", "status"),
        [
            pytest.param({"window_minutes": 121}, 422, id="moves at noon"),
            pytest.param({"window_minutes": 5}, 400, id="no window"),
            pytest.param({"repeat_minutes": 119.5}, 400, id="half a minute"),
            pytest.param({"repeat_minutes": 120}, 422, id="again when it is too late"),
            pytest.param({"skips_if_done": "no"}, 400, id="a no as text"),
            pytest.param({"medicine": "ibuprofen"}, 400, id="a medicine by name"),
            pytest.param({"medicine": str(new_uuid())}, 422, id="a medicine that is nobody's"),
        ],
    )
    def test_refuses(self, api, alice, body, status):
        assert is_problem(api.put(f"/reminders/{new_uuid()}/", MOVES | body), status)
        assert not alice.patient.reminders.exists()

    def test_a_put_without_them_means_the_usual(self, api):
        path = put(api, MOVES | {"window_minutes": 30, "repeat_minutes": 15, "skips_if_done": False})
        assert api.put(path, MOVES).status_code == 200
        told = api.get(path).json()
        assert [told[k] for k in ("window_minutes", "repeat_minutes", "skips_if_done")] == [None, None, True]

    def test_a_medicine_of_ones_own_list(self, api):
        medicine = str(new_uuid())
        api.put(f"/medicines/{medicine}/", {"name": "Ibuprofen"})
        path = put(api, {"kind": "medicine", "wall_time": "08:00", "medicine": medicine})
        assert api.get(path).json()["medicine"] == medicine
        assert is_problem(api.put(f"/reminders/{new_uuid()}/", LOG | {"medicine": medicine}), 422)


def test_the_next_fourteen_and_what_came(api, early):
    put(api, MOVES)
    sends = api.get("/reminders/upcoming/").json()
    assert (len(sends), sends[0]["send_at"], sends[0]["kind"]) == (14, "2026-06-01T05:00:00Z", "morning_moves")
    early.move_to(SEVEN)
    delivery.drain(clock=lambda: SEVEN)
    (row,) = api.get("/reminders/history/").json()["results"]
    assert (row["state"], row["n_sends"], row["local_date"]) == ("sent", 1, "2026-06-01")


class TestAnswer:
    @pytest.mark.parametrize(
        ("body", "status"),
        [
            pytest.param({}, 400, id="nothing"),
            pytest.param({"action": "danced"}, 400, id="no such answer"),
            pytest.param({"action": "snoozed", "minutes": 11}, 422, id="minutes that are not offered"),
            pytest.param({"action": "score"}, 422, id="no number"),
            pytest.param({"action": "score", "nrs": 11}, 400, id="more than ten"),
            pytest.param({"action": "score", "nrs": True}, 400, id="a truth as a number"),
        ],
    )
    def test_refuses(self, api, alice, body, status):
        path = put(api, LOG)
        assert is_problem(api.put(answer_path(path), body), status)
        assert not alice.patient.pain_entries.exists()

    @pytest.mark.parametrize(
        ("day", "status"),
        [
            pytest.param("2026-06-02", 409, id="tomorrow"),
            pytest.param("2026-05-31", 404, id="before there was one"),
            pytest.param("2026-02-30", 404, id="a day that no calendar has"),
        ],
    )
    def test_refuses_another_day(self, api, day, status):
        assert is_problem(api.put(answer_path(put(api, MOVES), day), {"action": "done"}), status)

    def test_done_and_taken_back(self, api, alice):
        path = answer_path(put(api, MOVES))
        assert api.put(path, {"action": "done"}).json()["response"] == "done"
        assert is_problem(api.put(path, {"action": "skipped"}), 409)
        assert alice.patient.exercise_sessions.count() == 1
        assert api.delete(path).json()["response"] == ""
        assert alice.patient.exercise_sessions.count() == 0
        assert is_problem(api.delete(path), 409)

    def test_a_number_becomes_an_entry(self, api, alice):
        assert api.put(answer_path(put(api, LOG)), {"action": "score", "nrs": 6}).json()["response"] == "done"
        entry = alice.patient.pain_entries.get()
        assert (entry.nrs, entry.source) == (6, "api")

    def test_later(self, api):
        told = api.put(answer_path(put(api, MOVES)), {"action": "snoozed", "minutes": 60}).json()
        assert (told["response"], told["due_at"]) == ("snoozed", "2026-06-01T05:00:00Z")


class TestPause:
    @pytest.mark.parametrize(
        ("body", "status"),
        [
            pytest.param({}, 400, id="no last day"),
            pytest.param({"last_on": "2026-05-31"}, 422, id="yesterday"),
            pytest.param({"last_on": "9999-12-31"}, 422, id="without end"),
            pytest.param({"first_on": "2026-06-05", "last_on": "2026-06-04"}, 422, id="it ends first"),
            pytest.param({"last_on": "2026-06-05", "covers_all": "yes"}, 400, id="a yes as text"),
        ],
    )
    def test_refuses(self, api, body, status):
        assert is_problem(api.put("/pause/", body), status)

    def test_begins_and_ends(self, api):
        told = api.put("/pause/", {"first_on": "2026-06-02", "last_on": "2026-06-04"}).json()
        assert (told["is_paused"], told["first_on"], told["last_on"]) == (False, "2026-06-02", "2026-06-04")
        assert api.get("/pause/").json() == told
        assert api.delete("/pause/").json()["last_on"] is None

    def test_a_sick_day(self, api):
        assert api.put("/sick-day/").json()["is_sick_today"] is True
        assert api.delete("/sick-day/").json()["is_sick_today"] is False


class TestDeviceZone:
    @pytest.mark.parametrize(
        ("body", "status"),
        [
            pytest.param({"zone": "Mars/Olympus"}, 422, id="no such zone"),
            pytest.param({"zone": ""}, 400, id="nothing"),
            pytest.param({"zone": "Asia/Tokyo", "choice": "perhaps"}, 400, id="no such choice"),
            pytest.param({"zone": "Asia/Tokyo\n"}, 422, id="a line break"),
            pytest.param({"zone": "x" * 65}, 400, id="too long"),
        ],
    )
    def test_refuses(self, api, alice, body, status):
        assert is_problem(api.post("/profile/device-zone/", body), status)

    @pytest.mark.parametrize(
        ("choice", "zone", "follows"),
        [("keep", "Europe/Berlin", False), ("use", "Asia/Tokyo", False), ("follow", "Asia/Tokyo", True)],
    )
    def test_asks_once_and_does_what_was_chosen(self, api, choice, zone, follows):
        away = {"zone": "Asia/Tokyo"}
        assert api.post("/profile/device-zone/", away).json()["asks"] is True
        told = api.post("/profile/device-zone/", away | {"choice": choice}).json()
        assert told == {"zone": zone, "follows_device": follows, "asks": False}
        assert api.post("/profile/device-zone/", away).json()["asks"] is False
