"""The morning moves over the API: all that the pages do."""

from datetime import timedelta

import pytest

from tests.tracker.api.conftest import NOW, TODAY, is_problem
from tests.tracker.moves import ALL_CLEAR, do_moves, open_gate
from tracker.models import ExerciseProgramme, ExerciseSession

YESTERDAY = TODAY - timedelta(days=1)
SESSION = {"exercises_done": ["cat_camel"], "pain_during": 3}


@pytest.fixture
def ready(alice):
    open_gate(alice, on=YESTERDAY)
    return alice


def test_nobody_signed_in_gets_anything(client, db):
    for path in ("moves", "moves/today", "moves/safety", "moves/habit", "moves/bridge"):
        assert is_problem(client.get(f"/api/v1/{path}/"), 401)


def test_the_twelve_are_told_with_all_their_stages(api):
    moves = api.get("/moves/").json()
    assert len(moves) == 12
    assert all(len(move["how"]) == 3 and set(move["amounts"]) == {"A", "B", "C"} for move in moves)


class TestOne:
    def test_it_has_its_stages_its_drawings_and_how_it_stands(self, api, ready):
        do_moves(ready, at=NOW, on=YESTERDAY, morning=None, hurt=["wall_pushup"], amounts={"wall_pushup": 3})
        move = api.get("/moves/wall_pushup/").json()
        assert [stage["in_words"] for stage in move["stages"]][1] == "10 times, on a worktop"
        assert all(stage["drawing"] in move["drawings"] for stage in move["stages"])
        assert move["drawings"]["floor"]["start"]["paths"][0]["d"]
        assert move["last_done"] == {"on": str(YESTERDAY), "amount": 3, "version": "usual", "is_hurt": True}
        assert move["today"]["planned"]["version"] == "easier"
        assert any("it hurt on" in reason for reason in move["today"]["reasons"])

    def test_while_something_holds_the_moves_nothing_is_planned(self, api):
        move = api.get("/moves/bridge/").json()
        assert (move["today"], move["last_done"]) == (None, None)

    def test_what_is_left_out_has_no_plan(self, api, ready):
        api.put("/moves/bridge/wish/", {"wish": "out"})
        today = api.get("/moves/bridge/").json()["today"]
        assert (today["is_listed"], today["planned"]) == (False, None)
        assert today["reasons"] == ["Bridge is left out, as you wished."]

    def test_there_are_no_others(self, api, ready):
        assert is_problem(api.get("/moves/somersault/"), 404)


class TestSafety:
    def test_until_it_is_answered_there_is_no_list(self, api):
        assert api.get("/moves/today/").json()["is_held"] is True
        assert api.get("/moves/today/").json()["moves"] == []
        assert not ExerciseProgramme.objects.exists()

    def test_with_every_answer_the_list_is_there(self, api):
        answer = api.put("/moves/safety/", ALL_CLEAR).json()
        assert answer["is_open"] is True
        assert len(api.get("/moves/today/").json()["moves"]) == 8

    def test_one_yes_holds_it(self, api):
        assert api.put("/moves/safety/", ALL_CLEAR | {"infection": "yes"}).json()["is_open"] is False
        assert api.get("/moves/today/").json()["is_held"] is True

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"falls": "no"},
            ALL_CLEAR | {"falls": "maybe"},
            ALL_CLEAR | {"wings": "no"},
            ALL_CLEAR | {"falls": None},
            [],
        ],
    )
    def test_what_is_missing_or_not_on_the_list_is_refused(self, api, body):
        assert is_problem(api.put("/moves/safety/", body), 400)
        assert not ExerciseProgramme.objects.exists()


class TestToday:
    def test_it_says_why(self, api, ready):
        today = api.get("/moves/today/").json()
        assert any("small amounts" in reason for reason in today["reasons"])
        assert today["moves"][0]["in_words"] == "1 minute"

    def test_a_wish_is_kept_and_taken_back(self, api, ready):
        api.put("/moves/scap_squeeze/wish/", {"wish": "out"})
        listed = [move["key"] for move in api.get("/moves/today/").json()["moves"]]
        assert "scap_squeeze" not in listed
        assert api.delete("/moves/scap_squeeze/wish/").json()["wishes"] == {}

    def test_today_alone_can_be_easier_or_hold_another_move(self, api, ready):
        swap = {"old": "scap_squeeze", "new": "bridge"}
        today = api.patch("/moves/today/", {"is_easier": True, "swap": swap}).json()
        assert today["is_easier_today"] is True
        assert {move["version"] for move in today["moves"]} == {"easier"}
        assert "bridge" in {move["key"] for move in today["moves"]}

    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            ("/moves/somersault/wish/", {"wish": "out"}, 404),
            ("/moves/bridge/wish/", {"wish": "fly"}, 400),
        ],
    )
    def test_other_wishes_are_refused(self, api, ready, path, body, status):
        assert is_problem(api.put(path, body), status)

    def test_moves_for_different_things_cannot_be_swapped(self, api, ready):
        assert is_problem(api.patch("/moves/today/", {"swap": {"old": "bridge", "new": "march_walk"}}), 422)


def test_the_habit_is_kept_and_only_what_is_given_changes(api, ready):
    api.patch("/moves/habit/", {"anchor": "I brush my teeth", "rises_at": "06:30"})
    told = api.patch("/moves/habit/", {"is_measured": True}).json()
    assert told == {"anchor": "I brush my teeth", "rises_at": "06:30:00", "is_measured": True, "days_done": 0}


def test_a_yes_makes_them_a_treatment_once(api, ready):
    made = [api.put("/moves/trial/", {"wants_verdict": True}).json()["attempt"] for _ in range(2)]
    assert made[0] == made[1] == str(ready.patient.attempts.get().uuid)


class TestSessions:
    def test_a_merge_sent_twice_and_by_two_devices_is_one_session(self, api, ready):
        path = f"/sessions/{YESTERDAY}/merge/"
        other = {"exercises_done": ["bridge"], "pain_during": 5, "hurt": ["bridge"], "amounts": {"bridge": 4}}
        assert [api.post(path, body).status_code for body in (SESSION, SESSION, other)] == [201, 200, 200]
        session = api.get(f"/sessions/{YESTERDAY}/").json()
        assert (session["exercises_done"], session["pain_during"]) == (["cat_camel", "bridge"], 5)
        assert (session["hurt"], session["amounts"]) == (["bridge"], {"bridge": 4})

    @pytest.mark.parametrize(
        ("more", "status"),
        [
            ({"amounts": {"somersault": 1}}, 400),
            ({"amounts": {"bridge": -1}}, 400),
            ({"amounts": {"bridge": 1.5}}, 400),
            ({"versions": {"bridge": "flying"}}, 400),
            ({"hurt": "bridge"}, 400),
            ({"started_at": "2020-01-01T07:00:00Z", "zone": "UTC"}, 422),
            ({"started_at": NOW.isoformat(), "zone": "Mars/Olympus"}, 422),
        ],
    )
    def test_a_merge_that_cannot_be_is_refused(self, api, alice, more, status):
        assert is_problem(api.post(f"/sessions/{YESTERDAY}/merge/", SESSION | more), status)
        assert not ExerciseSession.objects.exists()

    def test_the_morning_after_is_said_the_next_day(self, api, ready):
        do_moves(ready, at=NOW, on=YESTERDAY, morning=None)
        assert api.put(f"/sessions/{YESTERDAY}/morning/", {"pain": 4}).json()["pain_next_morning"] == 4
        assert is_problem(api.put(f"/sessions/{YESTERDAY}/morning/", {"pain": 11}), 400)
        assert is_problem(api.put(f"/sessions/{TODAY - timedelta(days=5)}/morning/", {"pain": 4}), 404)

    def test_one_that_was_noted_by_mistake_is_taken_back(self, api, ready):
        do_moves(ready, at=NOW, on=YESTERDAY)
        assert api.delete(f"/sessions/{YESTERDAY}/").status_code == 204
        assert not ExerciseSession.objects.exists()
        assert is_problem(api.delete(f"/sessions/{YESTERDAY}/"), 404)
        assert is_problem(api.delete("/sessions/2026-99-99/"), 404)
