"""What the patient wishes of the moves: which and how, a place in the morning, a verdict on them."""

from datetime import time, timedelta

import pytest
import time_machine
from django.urls import reverse

from tests.tracker.moves import EARLY, MONDAY, TUESDAY, open_gate, page
from tracker.models import ExerciseProgramme, Reminder, TreatmentAttempt
from tracker.services import exercises, pauses, reminders

pytestmark = pytest.mark.usefixtures("early_in_auckland")


class TestWishes:
    def wish(self, client, **sent):
        return client.post(reverse("move_wish"), sent, follow=True).content.decode()

    def test_a_move_can_be_left_out_and_brought_back(self, alice_ready, alice_client):
        shown = self.wish(alice_client, wish="scap_squeeze:out")
        assert 'name="exercises_done" value="scap_squeeze"' not in shown
        assert "Shoulder blades together is left out, as you wished." in shown
        assert 'name="exercises_done" value="scap_squeeze"' in self.wish(alice_client, wish="scap_squeeze:")

    def test_a_harder_version_is_kept_as_the_patients_choice(self, alice_ready, alice_client):
        shown = self.wish(alice_client, wish="wall_angel:harder")
        assert ">harder</span>" in shown
        assert "As you wished." in shown

    def test_everything_can_be_easier_today_alone(self, alice_ready, alice_client):
        assert "because you wished so for today" in self.wish(alice_client, easier_today="yes")
        with time_machine.travel(EARLY + timedelta(days=1), tick=False):
            assert "because you wished so for today" not in page(alice_client)

    def test_another_move_can_take_a_place_today(self, alice_ready, alice_client):
        shown = self.wish(alice_client, swap="scap_squeeze:bridge")
        assert 'value="bridge"' in shown
        assert "In the place of Shoulder blades together, for today." in shown
        assert "scap_squeeze" in self.wish(alice_client, swap="bridge:scap_squeeze")
        assert ExerciseProgramme.objects.get().swapped_that_day == {}

    def test_only_what_would_change_something_is_offered(self, alice_ready, alice_client):
        usual, choose = 'value="wall_angel:usual"', 'value="wall_angel:"'
        for shown in (
            page(alice_client),
            alice_client.get(reverse("move_detail", args=["wall_angel"])).content.decode(),
        ):
            assert usual not in shown and choose not in shown and 'value="wall_angel:easier"' in shown
        shown = self.wish(alice_client, wish="wall_angel:easier")
        assert usual in shown and choose in shown and 'value="wall_angel:easier"' not in shown

    @pytest.mark.parametrize(
        "sent",
        [
            {"wish": "somersault:out"},
            {"wish": "bridge:fly"},
            {"wish": ""},
            {"swap": "bridge:march_walk"},
            {"swap": "\x00"},
            {},
        ],
    )
    def test_other_wishes_are_refused(self, alice_ready, alice_client, sent):
        assert "not one that can be made" in self.wish(alice_client, **sent)
        programme = ExerciseProgramme.objects.get()
        assert (programme.wishes, programme.swapped_that_day) == ({}, {})


class TestHabit:
    def test_the_anchor_and_the_hour_of_rising_are_kept(self, alice_ready, alice_client):
        sent = {"anchor": "I brush my <teeth>", "rises_at": "06:15", "is_measured": "on"}
        shown = alice_client.post(reverse("move_habit"), sent, follow=True).content.decode()
        assert "after I brush my &lt;teeth&gt;" in shown
        programme = ExerciseProgramme.objects.get()
        assert (programme.rises_at, programme.measured_since) == (time(6, 15), MONDAY)

    def test_what_cannot_be_is_refused_and_kept_in_the_form(self, alice_ready, alice_client):
        answer = alice_client.post(reverse("move_habit"), {"anchor": "x" * 121, "rises_at": "25:00"})
        assert answer.status_code == 422
        assert 'value="25:00"' in answer.content.decode()
        assert ExerciseProgramme.objects.get().anchor == ""

    def test_the_week_is_counted_without_a_streak(self, alice_ready, alice_client):
        for n in (0, 2, 3, 6, 9):
            exercises.note_done(patient=alice_ready.patient, on=MONDAY - timedelta(days=n), at=EARLY)
        shown = page(alice_client)
        assert "4 of the last 7 days" in shown
        assert "streak" not in shown.lower()

    @pytest.fixture
    def many_days(self, alice_ready):
        reminder = reminders.create(by=alice_ready.user, kind=Reminder.Kind.MORNING_MOVES, wall_time=time(7), at=EARLY)
        for n in range(1, 66):
            exercises.note_done(patient=alice_ready.patient, on=MONDAY - timedelta(days=n), at=EARLY)
        return reminder

    def test_after_66_days_fewer_reminders_are_offered_and_the_patient_decides(
        self, alice_ready, alice_client, many_days
    ):
        assert "Fewer reminders?" not in page(alice_client)
        exercises.note_done(patient=alice_ready.patient, on=MONDAY, at=EARLY)
        assert "done your moves on 66 days" in page(alice_client)
        alice_client.post(reverse("move_reminders"), {"fewer": "yes"})
        many_days.refresh_from_db()
        assert many_days.weekday_set == {1, 3, 5}
        assert "Fewer reminders?" not in page(alice_client)

    def test_in_a_flare_or_on_a_sick_day_it_waits(self, alice_ready, alice_client, many_days):
        exercises.note_done(patient=alice_ready.patient, on=MONDAY, at=EARLY)
        pauses.begin_flare(by=alice_ready.user, at=EARLY)
        assert "Fewer reminders?" not in page(alice_client)
        pauses.end_flare(by=alice_ready.user, at=EARLY)
        pauses.sick_day(by=alice_ready.user, at=EARLY)
        assert "Fewer reminders?" not in page(alice_client)
        pauses.not_sick(by=alice_ready.user, at=EARLY)
        assert "Fewer reminders?" in page(alice_client)

    def test_a_no_leaves_them_and_is_not_asked_again(self, alice_ready, alice_client, many_days):
        exercises.note_done(patient=alice_ready.patient, on=MONDAY, at=EARLY)
        alice_client.post(reverse("move_reminders"), {"fewer": "no"})
        many_days.refresh_from_db()
        assert len(many_days.weekday_set) == 7
        assert "Fewer reminders?" not in page(alice_client)


class TestTrial:
    def decide(self, client, judge):
        return client.post(reverse("move_trial"), {"judge": judge}, follow=True).content.decode()

    def test_a_yes_makes_one_treatment_of_them_however_often_it_is_said(self, alice_ready, alice_client):
        assert "Yes, from today on" in page(alice_client)
        for _ in range(2):
            shown = self.decide(alice_client, "yes")
        attempt = TreatmentAttempt.objects.get()
        assert (attempt.treatment_type.key, attempt.started_on) == ("morning_moves", MONDAY)
        assert f"/treatments/{attempt.uuid}/" in shown

    def test_a_no_makes_none_and_can_be_changed_later(self, alice_ready, alice_client):
        shown = self.decide(alice_client, "no")
        assert not TreatmentAttempt.objects.exists()
        assert "Yes, from today on" in shown
        assert "No, just the moves" not in shown

    def test_while_a_clinician_is_to_be_asked_they_are_not_to_be_taken_up_again(self, alice_ready, alice_client):
        self.decide(alice_client, "yes")
        TreatmentAttempt.objects.update(stopped_on=MONDAY, stop_reason="other")
        open_gate(alice_ready, on=TUESDAY, unstable_heart="yes")
        assert "Take them up again" not in page(alice_client)

    def test_stopped_elsewhere_it_can_be_taken_up_again_as_a_new_one(self, alice_ready, alice_client):
        self.decide(alice_client, "yes")
        TreatmentAttempt.objects.update(stopped_on=MONDAY, stop_reason="other")
        assert "Take them up again" in page(alice_client)
        self.decide(alice_client, "yes")
        assert TreatmentAttempt.objects.filter(stopped_on__isnull=True).count() == 1
