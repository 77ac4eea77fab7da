"""The pages of the morning moves."""

import json
import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.tracker.moves import ALL_CLEAR, EARLY, MONDAY, TUESDAY, do_moves, open_gate, page
from tracker.domain.daily_set import Planned
from tracker.domain.moves import MOVE, Version
from tracker.models import ExerciseProgramme, ExerciseSession
from tracker.services import exercises, health, move_plans, pauses, reminders
from tracker.web.presenters import moves as presenter

pytestmark = pytest.mark.usefixtures("early_in_auckland")


@pytest.fixture
def six_to_midnight():
    """On alice's Monday, in Berlin."""
    with time_machine.travel(datetime(2026, 6, 1, 23, 54, tzinfo=ZoneInfo("Europe/Berlin")), tick=False) as clock:
        yield clock


def test_the_page_asks_a_stranger_to_log_in(client, db):
    for name in ("moves", "move_gate", "move_habit", "move_library", "move_history"):
        assert client.get(reverse(name)).status_code == 302
    assert client.get(reverse("move_detail", args=["bridge"])).status_code == 302
    for name in ("session_add", "morning_add", "move_wish", "move_trial", "move_reminders"):
        assert client.post(reverse(name)).status_code == 302


class TestGate:
    def test_without_answers_there_is_no_list(self, alice, alice_client):
        shown = page(alice_client)
        assert "Before the first time" in shown
        assert "exercises_done" not in shown
        assert not ExerciseProgramme.objects.exists()

    def test_what_is_missing_is_said_and_what_was_chosen_is_kept(self, alice_client):
        answer = alice_client.post(reverse("move_gate"), {"falls": "yes", "pregnant": "cleared"})
        shown = answer.content.decode()
        assert answer.status_code == 422
        assert re.search(r'name="falls" value="yes"[^>]* checked', shown)
        assert shown.count("errorlist") > 5
        assert not ExerciseProgramme.objects.exists()

    def test_with_every_answer_the_list_is_there(self, alice_client):
        alice_client.post(reverse("move_gate"), ALL_CLEAR)
        shown = page(alice_client)
        assert "exercises_done" in shown and "A quarter of an hour or so" in shown

    def test_one_yes_holds_it_and_says_what_to_do(self, alice_client):
        alice_client.post(reverse("move_gate"), ALL_CLEAR | {"unstable_heart": "unsure"})
        shown = page(alice_client)
        assert "exercises_done" not in shown
        assert "Ask your doctor before any exercise" in shown

    def test_while_they_are_held_no_trial_of_them_is_offered(self, alice, alice_client):
        open_gate(alice, on=MONDAY, infection="yes")
        assert "Yes, from today on" not in page(alice_client)

    def test_the_profile_fills_in_what_it_settles(self, alice, alice_client):
        health.save_profile(by=alice.user, at=EARLY, on=MONDAY, facts={"weak_bones": "yes", "cancer": "yes"})
        shown = alice_client.get(reverse("move_gate")).content.decode()
        assert re.search(r'name="weak_bones" value="yes"[^>]* checked', shown)
        assert not re.search(r'name="spine_cancer"[^>]* checked', shown)
        assert shown.count(" checked") == 1

    def test_after_three_months_it_is_asked_again_with_the_answers_there(self, alice, alice_client):
        open_gate(alice, on=MONDAY - timedelta(days=90))
        assert "It is three months or more since you answered" in page(alice_client)
        assert "three months or more" in alice_client.get(reverse("move_detail", args=["bridge"])).content.decode()
        assert alice_client.get(reverse("move_gate")).content.decode().count(" checked") == len(ALL_CLEAR)

    def test_a_check_up_that_pauses_exercise_leaves_no_list(self, alice_ready, alice_client, monkeypatch):
        monkeypatch.setattr(presenter.checkups, "exercise_is_paused", lambda user: True)
        shown = page(alice_client)
        assert "paused" in shown
        assert "exercises_done" not in shown


class TestList:
    def test_nothing_is_chosen_beforehand(self, alice_ready, alice_client):
        assert " checked" not in page(alice_client)

    def test_it_shows_a_drawing_of_start_and_end_for_each_move(self, alice_ready, alice_client):
        shown = page(alice_client)
        n_moves = shown.count('name="exercises_done"')
        assert n_moves == 8
        assert shown.count('class="figure"') >= 2 * n_moves
        assert shown.count("<title>Start") >= n_moves - 1

    def test_it_says_why_it_is_so(self, alice_ready, alice_client):
        assert "You begin with small amounts" in page(alice_client)

    def test_a_red_session_makes_the_next_one_easier_and_says_so(self, alice_at_home, alice_client):
        do_moves(alice_at_home, at=EARLY, on=MONDAY, pain=8, morning=None)
        shown = page(alice_client)
        assert "A step easier, because it hurt more than it should on Monday 1 June" in shown
        assert ">easier</span>" in shown

    def test_in_a_flare_it_is_half(self, alice_ready, alice_client):
        alice_ready.patient.flare_until = EARLY + timedelta(hours=40)
        alice_ready.patient.save()
        assert "because you have a flare" in page(alice_client)

    @pytest.mark.parametrize("is_on", [True, False])
    def test_in_a_flare_the_alarm_questions_are_at_hand(self, alice_ready, alice_client, settings, is_on):
        settings.EBB_CHECKUP = is_on
        assert reverse("red_flags") not in page(alice_client)
        pauses.begin_flare(by=alice_ready.user, at=EARLY)
        assert (reverse("red_flags") in page(alice_client)) is is_on
        assert "2 breaths" in page(alice_client)

    @pytest.mark.parametrize(
        ("earlier", "says"),
        [
            pytest.param(timedelta(hours=1), "The flare that began before goes on.", id="in a flare"),
            pytest.param(timedelta(hours=60), "The moves come back over the next days.", id="after a flare"),
            pytest.param(None, "Taken back.", id="without a flare before"),
        ],
    )
    def test_a_flare_taken_back_says_what_holds_now(self, alice_ready, alice_client, earlier, says):
        if earlier:
            pauses.begin_flare(by=alice_ready.user, at=EARLY - earlier)
        pauses.begin_flare(by=alice_ready.user, at=EARLY)
        assert says in alice_client.post(reverse("flare_end"), follow=True).content.decode()

    def test_on_a_sick_day_and_in_a_pause_it_says_that_they_can_wait(self, alice_ready, alice_client):
        remind = {"kind": "morning_moves", "wall_time": time(6, 17), "at": EARLY}
        reminders.create(by=alice_ready.user, **remind)
        pauses.sick_day(by=alice_ready.user, at=EARLY)
        assert "The moves can wait" in page(alice_client)
        today = alice_client.get(reverse("today")).content.decode()
        assert "they can wait" in today and "06:17" not in today + page(alice_client)
        pauses.not_sick(by=alice_ready.user, at=EARLY)
        assert "The moves can wait" not in page(alice_client)
        pauses.rest(by=alice_ready.user, until=MONDAY + timedelta(days=5), at=EARLY)
        assert "Resting until the end of Fri 5 Jun" in page(alice_client)

    def test_once_up_for_half_an_hour_it_says_that_bending_may_come(self, alice_at_home, alice_client):
        do_moves(alice_at_home, at=EARLY, on=MONDAY, exercises_done=["bridge", "bird_dog"])
        move_plans.set_habit(by=alice_at_home.user, on=TUESDAY, rises_at=time(6, 1))
        assert "What bends your back comes last" in page(alice_client)
        move_plans.set_habit(by=alice_at_home.user, on=TUESDAY, rises_at=time(6))
        assert "You have been up for half an hour" in page(alice_client)

    def test_it_gives_a_device_what_a_session_needs_and_no_name(self, alice_ready, alice_client):
        plan = json.loads(
            re.search(r"data-plan=\"(.*?)\"", alice_client.get(reverse("moves")).content.decode())[1].replace(
                "&quot;", '"'
            )
        )
        assert (plan["on"], plan["zone"], len(plan["moves"])) == ("2026-06-01", "Europe/Berlin", 8)
        assert plan["moves"][0] == {
            "key": "march_walk",
            "version": "usual",
            "amount": 1,
            "words": "1 minute",
            "drawing": "usual",
            "easier": "easier",
            "easierWords": "1 minute",
            "seconds": 60,
            "sides": 1,
            "isTimed": True,
            "isStrength": False,
        }
        assert "alice" not in json.dumps(plan).lower()

    def test_the_easier_version_on_a_device_speaks_of_no_band(self):
        told = presenter._for_device(Planned(move=MOVE["scap_squeeze"], version=Version.USUAL, amount=10, stage="B"))
        assert (told["words"], told["easierWords"]) == ("10 times, with a band", "10 times")

    def test_asks_the_database_the_same_number_of_things_on_any_day(
        self, alice_ready, alice_client, django_assert_num_queries
    ):
        exercises.note_done(patient=alice_ready.patient, on=MONDAY, at=EARLY)
        page(alice_client)
        with CaptureQueriesContext(connection) as few:
            page(alice_client)
        for day in range(2, 60):
            exercises.note_done(patient=alice_ready.patient, on=MONDAY - timedelta(days=day), at=EARLY)
        with django_assert_num_queries(len(few)):
            page(alice_client)


class TestNote:
    @pytest.mark.parametrize(
        "sent",
        [
            pytest.param({}, id="nothing ticked"),
            pytest.param({"exercises_done": ["somersault"]}, id="an unknown move"),
            pytest.param({"exercises_done": ["bridge"], "hurt": ["somersault"]}, id="an unknown one that hurt"),
            pytest.param({"exercises_done": ["bridge"], "pain_during": "11"}, id="more than ten"),
            pytest.param({"exercises_done": ["bridge"], "pain_during": "-1"}, id="less than nothing"),
            pytest.param({"exercises_done": ["bridge"], "pain_during": "NaN"}, id="no number"),
            pytest.param({"exercises_done": ["bridge"], "pain_during": "9" * 5000}, id="a number of 5000 digits"),
            pytest.param({"exercises_done": ["bridge\x00"]}, id="a NUL"),
        ],
    )
    def test_a_wrong_note_is_refused_in_words(self, alice_ready, alice_client, sent):
        answer = alice_client.post(reverse("session_add"), sent)
        assert answer.status_code == 422
        assert "errorlist" in answer.content.decode() or "hurt" in sent
        assert "Not noted yet" in answer.content.decode()  # above all: the list stands below the first screen
        assert not ExerciseSession.objects.exists()

    def test_it_belongs_to_the_patients_own_day(self, alice_at_home, alice_client):
        alice_client.post(reverse("session_add"), {"exercises_done": ["cat_camel"], "pain_during": "0"})
        session = alice_at_home.patient.exercise_sessions.get()
        assert (session.local_date, session.exercises_done, session.pain_during) == (TUESDAY, ["cat_camel"], 0)

    def test_of_a_page_from_before_midnight_it_belongs_to_the_day_it_began(
        self, alice_ready, alice_client, six_to_midnight
    ):
        shown_at = re.search(r'name="shown_at" value="([^"]+)"', page(alice_client))[1]
        six_to_midnight.shift(timedelta(minutes=12))
        sent = {"exercises_done": ["cat_camel"], "shown_at": shown_at}
        shown = alice_client.post(reverse("session_add"), sent, follow=True).content.decode()
        assert alice_ready.patient.exercise_sessions.get().local_date == MONDAY
        assert "for the day on which you began" in shown and "Today is noted" not in shown

    @pytest.mark.parametrize(
        "shown_at",
        [
            pytest.param("", id="not said"),
            pytest.param("2026-06-01T12:00:00+02:00", id="a page left open since noon"),
            pytest.param("2026-06-09T12:00:00+02:00", id="a page to come"),
            pytest.param("0001-01-01T00:00:00+14:00", id="before all days"),
        ],
    )
    def test_of_any_other_page_it_belongs_to_today(self, alice_ready, alice_client, six_to_midnight, shown_at):
        six_to_midnight.shift(timedelta(minutes=12))
        alice_client.post(reverse("session_add"), {"exercises_done": ["cat_camel"], "shown_at": shown_at})
        assert alice_ready.patient.exercise_sessions.get().local_date == TUESDAY

    def test_a_second_note_completes_the_first(self, alice_ready, alice_client):
        exercises.note_done(patient=alice_ready.patient, on=MONDAY, at=EARLY)
        alice_client.post(reverse("session_add"), {"exercises_done": ["cat_camel", "open_book"]})
        assert alice_ready.patient.exercise_sessions.get().exercises_done == ["open_book", "cat_camel"]

    def test_it_keeps_what_a_device_knew_of_the_day(self, alice_ready, alice_client):
        did = {"exercises_done": ["cat_camel", "bridge"], "amounts": {"cat_camel": 4, "bridge": 3}}
        exercises.merge(by=alice_ready.user, on=MONDAY, at=EARLY, **did)
        alice_client.post(reverse("session_add"), {"exercises_done": ["cat_camel"]})
        assert alice_ready.patient.exercise_sessions.get().amounts == {"cat_camel": 4}

    def test_a_painful_session_gets_a_word_of_care(self, alice_ready, alice_client):
        sent = {"exercises_done": ["bridge"], "pain_during": "7"}
        shown = alice_client.post(reverse("session_add"), sent, follow=True).content.decode()
        assert "hurt more than it should" in shown and "Well done" not in shown

    def test_a_move_that_hurt_can_be_noted_alone(self, alice_ready, alice_client):
        assert alice_client.post(reverse("session_add"), {"hurt": ["bridge"]}).status_code == 302
        session = alice_ready.patient.exercise_sessions.get()
        assert (session.exercises_done, session.hurt) == ([], ["bridge"])

    def test_what_was_stopped_because_it_hurt_stays_seen(self, alice_ready, alice_client):
        sent = {"exercises_done": ["march_walk"], "hurt": ["breath_rib"]}
        shown = alice_client.post(reverse("session_add"), sent, follow=True).content.decode()
        folds = re.findall(r"<details( open)?>\s*<summary>Change it, or it hurt.*?</details>", shown, re.S)
        assert folds.count(" open") == 1


class TestMorningAfter:
    def ask(self, alice, **said):
        do_moves(alice, at=EARLY, on=MONDAY, morning=None, **said)

    def test_it_is_asked_on_today_and_on_the_page_of_the_moves(self, alice_at_home, alice_client):
        self.ask(alice_at_home)
        for path in ("/", reverse("moves")):
            assert "How is the pain this morning?" in alice_client.get(path).content.decode()

    @pytest.mark.parametrize(
        ("hour", "is_asked"), [(3, False), (4, True), (13, True), (14, False), (23, False)], ids=lambda v: str(v)
    )
    def test_on_today_only_while_it_is_morning_and_all_day_on_its_own_page(
        self, alice_at_home, alice_client, hour, is_asked
    ):
        self.ask(alice_at_home)
        with time_machine.travel(datetime(2026, 6, 2, hour, tzinfo=ZoneInfo(alice_at_home.patient.zone)), tick=False):
            assert ("The morning after" in alice_client.get("/").content.decode()) is is_asked
            assert "The morning after" in page(alice_client)

    def test_one_tap_answers_it_and_leads_back(self, alice_at_home, alice_client):
        self.ask(alice_at_home)
        answer = alice_client.post(reverse("morning_add"), {"on": "2026-06-01", "pain": "3", "from": "today"})
        assert answer.url == "/"
        assert alice_at_home.patient.exercise_sessions.get().pain_next_morning == 3
        assert "How is the pain this morning?" not in page(alice_client)

    @pytest.mark.parametrize(
        "sent",
        [
            {"on": "2026-06-01", "pain": "11"},
            {"on": "2026-06-01"},
            {"on": "2026-05-30", "pain": "3"},
            {"on": "2026-06-02", "pain": "3"},
            {"on": "\x00", "pain": "3"},
        ],
        ids=["off the scale", "no number", "a day without moves", "today", "a NUL"],
    )
    def test_what_it_cannot_be_is_refused(self, alice_at_home, alice_client, sent):
        self.ask(alice_at_home)
        answer = alice_client.post(reverse("morning_add"), sent, follow=True)
        assert "could not be noted" in answer.content.decode()
        assert alice_at_home.patient.exercise_sessions.get().pain_next_morning is None


def test_the_library_shows_all_twelve_with_their_stages(alice_client):
    shown = alice_client.get(reverse("move_library")).content.decode()
    assert shown.count("<section") == 12
    assert "10 times, with a band" in shown
    assert shown.count('class="figure"') == 2 * len(presenter.DRAWINGS)


def test_the_guided_session_is_the_same_for_everybody(client, alice_client, db):
    own, strangers = alice_client.get(reverse("move_session")), client.get(reverse("move_session"))
    assert own.content == strangers.content
    assert not re.search(b"(?i)alice|csrf|name=.account", own.content)
    assert own.content.count(b"data-move=") == 12
