"""The page of one move, and that of all days."""

import re
from datetime import time, timedelta
from html import unescape

import pytest
from django.urls import reverse

from tests.tracker.moves import EARLY, MONDAY, TUESDAY, do_moves, open_gate
from tracker.domain.moves import MOVE, MOVE_KEYS, STAGES
from tracker.models import ExerciseProgramme, Patient
from tracker.services import exercises, mail_stops, move_words, reminders
from tracker.web.presenters import moves as presenter

pytestmark = pytest.mark.usefixtures("early_in_auckland")


class TestOneMove:
    def shown(self, client, key):
        return unescape(client.get(reverse("move_detail", args=[key])).content.decode())

    @pytest.mark.parametrize("key", sorted(MOVE_KEYS))
    def test_each_of_the_twelve_shows_all_that_is_known_of_it(self, alice_ready, alice_client, key):
        move, shown = MOVE[key], self.shown(alice_client, key)
        for words in (*move.how, move.why, move.easier, move.harder, move.skip_if, move.stop_if, move.chair):
            assert words in shown
        for letter in STAGES:
            assert move_words.dose(move, letter) in shown
            assert presenter.DRAWINGS[key, move.drawing(letter, "usual")].end.title in shown
        assert "pressure or tightness in your chest" in shown

    @pytest.mark.parametrize("key", sorted(MOVE_KEYS))
    def test_no_picture_of_a_stage_comes_twice(self, alice_ready, alice_client, key):
        shown = re.sub(r"<section[^>]*kinds-title.*?</section>", "", self.shown(alice_client, key), flags=re.DOTALL)
        titles = re.findall(r"<title>(.*?)</title>", shown)[1:]
        assert len(titles) >= 2 and len(titles) == len(set(titles))

    @pytest.mark.parametrize("key", ["somersault", "Bridge", "x" * 300])
    def test_another_one_there_is_not(self, alice_ready, alice_client, key):
        assert alice_client.get(reverse("move_detail", args=[key])).status_code == 404

    def test_it_is_reached_from_the_list_the_library_and_the_session(self, alice_ready, alice_client):
        address = reverse("move_detail", args=["march_walk"])
        for name in ("moves", "move_library", "move_session"):
            assert f'href="{address}' in alice_client.get(reverse(name)).content.decode()

    def test_before_the_safety_questions_it_promises_nothing(self, alice_client):
        shown = self.shown(alice_client, "bridge")
        assert "You have not done it yet." in shown
        assert "ten short safety questions" in shown
        assert "You are here" not in shown
        assert not ExerciseProgramme.objects.exists()

    def test_while_the_moves_are_held_it_says_so_and_nothing_of_amounts_for_the_patient(self, alice, alice_client):
        open_gate(alice, on=MONDAY, infection="yes")
        shown = self.shown(alice_client, "bridge")
        assert "wait for a clinician" in shown
        assert "On today's list" not in shown
        assert "from now on" not in shown

    def test_while_they_are_held_no_reminder_is_promised_nor_offered(self, alice, alice_client):
        page = reverse("moves")
        open_gate(alice, on=MONDAY)
        assert "Get a reminder in the morning" in alice_client.get(page).content.decode()
        open_gate(alice, on=MONDAY, infection="yes")
        shown = alice_client.get(page).content.decode()
        assert "Get a reminder in the morning" not in shown and "does not write about them for now" in shown

    def test_before_the_first_session_no_day_is_counted(self, alice_at_home, alice_client):
        assert "of the last 7 days" not in alice_client.get(reverse("moves")).content.decode()
        do_moves(alice_at_home, at=EARLY, on=MONDAY - timedelta(days=20))
        assert "0 of the last 7 days" in alice_client.get(reverse("moves")).content.decode()

    def test_while_help_is_shown_no_reminder_is_promised_and_both_pages_lead_to_it(self, alice, alice_client):
        open_gate(alice, on=MONDAY)
        reminders.create(by=alice.user, at=EARLY, kind="morning_moves", wall_time=time(7))
        assert "Ebb writes to you at" in alice_client.get(reverse("moves")).content.decode()
        Patient.objects.filter(pk=alice.patient.pk).update(help_shown_at=EARLY)
        shown = alice_client.get(reverse("moves")).content.decode()
        assert "Ebb writes to you at" not in shown and "an answer of yours comes first" in shown
        way = f'href="{reverse("today")}">{{}}</a>'
        assert way.format("See it on Today") in shown
        assert way.format("What to do") in alice_client.get(reverse("reminder_list")).content.decode()

    def test_while_no_way_is_open_no_reminder_is_promised(self, alice, alice_client):
        open_gate(alice, on=MONDAY)
        reminders.create(by=alice.user, at=EARLY, kind="morning_moves", wall_time=time(7))
        mail_stops.stop(patient=alice.patient, reason="bounced", words="550", at=EARLY)
        shown = alice_client.get(reverse("moves")).content.decode()
        assert "Your reminder of them does not reach you now." in shown and "Ebb writes to you at" not in shown

    def test_it_says_when_it_was_done_last_and_in_which_version(self, alice_at_home, alice_client):
        did = {"exercises_done": ["bridge"], "amounts": {"bridge": 4}, "versions": {"bridge": "easier"}}
        do_moves(alice_at_home, at=EARLY, on=MONDAY - timedelta(days=7), **did)
        do_moves(alice_at_home, at=EARLY, on=MONDAY)
        assert "Last done on Monday 25 May 2026: 4 times, easier." in self.shown(alice_client, "bridge")

    def test_what_hurt_is_easier_and_the_page_says_since_when_and_until_when(self, alice_at_home, alice_client):
        do_moves(alice_at_home, at=EARLY, on=MONDAY - timedelta(days=1), hurt=["bridge"])
        shown = self.shown(alice_client, "bridge")
        assert "Last tried on Sunday 31 May 2026. It hurt, and you stopped." in shown
        assert "times, easier" in shown
        assert re.search(
            r"<h2[^>]*>How it goes.*easier</span> Lift your hips only half as high\.</p>\s*<ol", shown, re.S
        )
        assert "Easier, because it hurt on Sunday 31 May. After three good sessions it comes back as usual." in shown

    def test_it_says_why_it_is_not_on_todays_list(self, alice_at_home, alice_client):
        assert "it is the turn of other moves" in self.shown(alice_client, "cat_camel")
        do_moves(alice_at_home, at=EARLY, on=MONDAY, exercises_done=["bird_dog"])
        assert "yesterday had some, and muscles rest a day between" in self.shown(alice_client, "bridge")

    def test_what_is_left_out_for_the_bones_cannot_be_wished_for(self, alice, alice_client):
        open_gate(alice, on=MONDAY, weak_bones="yes")
        shown = self.shown(alice_client, "open_book")
        assert "because of what you said about your bones" in shown
        assert "from now on" not in shown
        assert "You are here" not in shown

    def test_with_a_pregnancy_the_chair_version_says_why(self, alice, alice_client):
        open_gate(alice, on=MONDAY, pregnant="yes")
        assert "because of what you said in the safety questions" in self.shown(alice_client, "bridge")

    def test_a_wish_made_there_leads_back_to_it(self, alice_ready, alice_client):
        sent = {"wish": "bridge:out", "from": "bridge"}
        answer = alice_client.post(reverse("move_wish"), sent, follow=True)
        assert answer.redirect_chain == [(reverse("move_detail", args=["bridge"]), 302)]
        assert "Left out." in answer.content.decode()

    def test_its_place_in_the_menu_is_that_of_the_moves(self, alice_ready, alice_client):
        pages = [
            reverse("move_detail", args=["bridge"]),
            *map(reverse, ("move_gate", "move_habit", "move_library", "move_history")),
        ]
        for page in pages:
            shown = alice_client.get(page).content.decode()
            assert re.search(r'aria-current="page"[^>]*href="/moves/"|href="/moves/"[^>]*aria-current="page"', shown), (
                page
            )


class TestHistory:
    def shown(self, client, query=""):
        return " ".join(unescape(client.get(reverse("move_history") + query).content.decode()).split())

    def test_with_nothing_done_it_says_what_will_stand_there(self, alice_client):
        assert "Nothing yet." in self.shown(alice_client)

    def test_each_day_says_what_was_done_what_hurt_and_how_the_morning_after_was(self, alice_at_home, alice_client):
        do_moves(alice_at_home, at=EARLY, on=MONDAY, pain=5, morning=0, hurt=["bridge"])
        exercises.note_done(patient=alice_at_home.patient, on=TUESDAY, at=EARLY)
        shown = self.shown(alice_client)
        assert shown.index("Tuesday 2 June 2026") < shown.index("Monday 1 June 2026")
        assert "Cat and camel" in shown and "It hurt: Bridge" in shown
        assert "Most pain: 5 · the morning after: 0" in shown
        assert "Done, without saying what" in shown and "Pain not said · the morning after not said" in shown

    def test_what_was_tried_and_hurt_is_not_told_as_done(self, alice_at_home, alice_client):
        do_moves(alice_at_home, at=EARLY, on=MONDAY, exercises_done=[], hurt=["bridge"])
        shown = self.shown(alice_client)
        assert "It hurt: Bridge" in shown and "Done," not in shown

    @pytest.mark.parametrize("number", ["2", "99", "-1", "x", "%00", "9" * 400])
    def test_years_of_days_come_in_pages_whatever_number_is_asked_for(self, alice_ready, alice_client, number):
        for n in range(35):
            exercises.note_done(patient=alice_ready.patient, on=MONDAY - timedelta(days=n), at=EARLY)
        shown = self.shown(alice_client, f"?page={number}")
        assert "35 days with moves" in shown
        assert shown.count("Done, without saying what") in (5, 30)

    def test_of_several_years_each_is_one_tap_away(self, alice_ready, alice_client):
        for n in range(0, 800, 10):  # from June 2026 back into March 2024
            exercises.note_done(patient=alice_ready.patient, on=MONDAY - timedelta(days=n), at=EARLY)
        shown = self.shown(alice_client)
        years = re.findall(r'href="\?page=(\d)">(\d{4})</a>', shown)
        assert years == [("1", "2026"), ("1", "2025"), ("2", "2024")]
        assert "December 2024" in self.shown(alice_client, "?page=2")

    def test_it_shows_nothing_of_anybody_else(self, alice_ready, charlie_client):
        exercises.note_done(patient=alice_ready.patient, on=MONDAY, at=EARLY)
        assert "Nothing yet." in self.shown(charlie_client)


class TestDelete:
    def test_a_day_noted_by_mistake_goes_after_a_second_look_and_the_list_with_it(self, alice_at_home, alice_client):
        for n in range(1, 4):
            do_moves(alice_at_home, at=EARLY, on=MONDAY - timedelta(days=n), pain=8, morning=8)
        assert ExerciseProgramme.objects.get().stage == "A"
        session = alice_at_home.patient.exercise_sessions.first()
        address = reverse("session_delete", args=[session.uuid])
        assert f'href="{address}"' in alice_client.get(reverse("move_history")).content.decode()
        before = alice_client.get(reverse("moves")).content.decode()
        assert "Cat and camel" in alice_client.get(address).content.decode()
        assert alice_at_home.patient.exercise_sessions.count() == 3
        assert alice_client.post(address).status_code == 302
        assert not alice_at_home.patient.exercise_sessions.filter(pk=session.pk).exists()
        after = alice_client.get(reverse("moves")).content.decode()
        assert "Sunday 31 May" in before and "Sunday 31 May" not in after and "Saturday 30 May" in after
        assert alice_client.post(address).status_code == 404

    def test_today_is_left_from_the_list_itself(self, alice_at_home, alice_client):
        exercises.note_done(patient=alice_at_home.patient, on=TUESDAY, at=EARLY)
        address = reverse("session_delete", args=[alice_at_home.patient.exercise_sessions.get().uuid])
        assert f'href="{address}"' in alice_client.get(reverse("moves")).content.decode()
        alice_client.post(address)
        assert "Today is noted" not in alice_client.get(reverse("moves")).content.decode()

    def test_a_strangers_day_is_not_there(self, alice_ready, charlie_client):
        exercises.note_done(patient=alice_ready.patient, on=MONDAY, at=EARLY)
        address = reverse("session_delete", args=[alice_ready.patient.exercise_sessions.get().uuid])
        assert charlie_client.get(address).status_code == charlie_client.post(address).status_code == 404
        assert alice_ready.patient.exercise_sessions.exists()
