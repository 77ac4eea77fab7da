from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from tracker.domain import pacing
from tracker.models import ExerciseSession
from tracker.services import exercises
from tracker.web.presenters import moves as presenter

AUCKLAND = ZoneInfo("Pacific/Auckland")
EARLY = datetime(2026, 6, 2, 6, 30, tzinfo=AUCKLAND)  # a Tuesday there, still Monday in UTC
MONDAY, TUESDAY = date(2026, 6, 1), date(2026, 6, 2)


@pytest.fixture(autouse=True)
def early_in_auckland():
    with time_machine.travel(EARLY, tick=False):
        yield


@pytest.fixture
def alice_at_home(alice):
    alice.patient.zone = "Pacific/Auckland"
    alice.patient.save()
    return alice


def test_the_page_asks_a_stranger_to_log_in(client, db):
    assert client.get(reverse("moves")).status_code == 302


def test_nothing_is_chosen_beforehand(alice_client):
    assert " checked" not in alice_client.get(reverse("moves")).content.decode()


def test_the_list_follows_the_stage(alice, alice_client):
    exercises.programme_of(patient=alice.patient, on=MONDAY)
    alice.patient.exercise_programme.__class__.objects.update(stage="C")
    assert "5 minutes, or 10 to 30 outside" in alice_client.get(reverse("moves")).content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param({}, id="nothing ticked"),
        pytest.param({"exercises_done": ["somersault"]}, id="an unknown move"),
        pytest.param({"exercises_done": ["bridge"], "pain_during": "11"}, id="more than ten"),
        pytest.param({"exercises_done": ["bridge"], "pain_during": "-1"}, id="less than nothing"),
        pytest.param({"exercises_done": ["bridge"], "pain_during": "NaN"}, id="no number"),
        pytest.param({"exercises_done": ["bridge"], "pain_during": "9" * 5000}, id="a number of 5000 digits"),
        pytest.param({"exercises_done": ["bridge\x00"]}, id="a NUL"),
    ],
)
def test_a_wrong_note_is_refused_in_words(alice_client, sent):
    answer = alice_client.post(reverse("session_add"), sent)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    assert not ExerciseSession.objects.exists()


def test_a_note_belongs_to_the_patients_own_day(alice_at_home, alice_client):
    alice_client.post(reverse("session_add"), {"exercises_done": ["cat_camel"], "pain_during": "0"})
    session = alice_at_home.patient.exercise_sessions.get()
    assert (session.local_date, session.exercises_done, session.pain_during) == (TUESDAY, ["cat_camel"], 0)


def test_a_second_note_completes_the_first(alice, alice_client):
    exercises.note_done(patient=alice.patient, on=MONDAY, at=EARLY)
    alice_client.post(reverse("session_add"), {"exercises_done": ["cat_camel", "open_book"]})
    assert alice.patient.exercise_sessions.get().exercises_done == ["cat_camel", "open_book"]


def test_a_painful_session_gets_a_word_of_care(alice_client):
    sent = {"exercises_done": ["bridge"], "pain_during": "7"}
    assert "hurt more than it should" in alice_client.post(reverse("session_add"), sent, follow=True).content.decode()


def test_a_check_up_that_pauses_exercise_leaves_no_list(alice_client, monkeypatch):
    monkeypatch.setattr(presenter.checkups, "exercise_is_paused", lambda user: True)
    page = alice_client.get(reverse("moves")).content.decode()
    assert "paused" in page
    assert "exercises_done" not in page


def test_the_week_shows_which_days_were_done(alice, alice_client):
    exercises.note_done(patient=alice.patient, on=MONDAY, at=EARLY)
    days = exercises.week(patient=alice.patient, on=TUESDAY)
    assert [(day.is_done, day.is_today) for day in days[-3:]] == [(False, False), (True, False), (False, True)]


class TestRecord:
    def test_refuses_a_move_that_is_not_known(self, alice):
        with pytest.raises(exercises.UnknownMove):
            exercises.record(by=alice.user, on=MONDAY, exercises_done=["somersault"], pain_during=1, at=EARLY)

    def test_refuses_a_day_that_has_not_come(self, alice):
        with pytest.raises(exercises.SessionInFuture):
            exercises.record(by=alice.user, on=TUESDAY, exercises_done=["bridge"], pain_during=1, at=EARLY)

    def test_three_good_sessions_after_two_weeks_lead_to_the_next_stage(self, alice):
        exercises.programme_of(patient=alice.patient, on=MONDAY - timedelta(days=20))
        for day in range(3):
            on = MONDAY - timedelta(days=3 - day)
            exercises.record(by=alice.user, on=on, exercises_done=["bridge"], pain_during=3, at=EARLY)
        alice.patient.exercise_programme.refresh_from_db()
        assert alice.patient.exercise_programme.stage == "B"

    def test_the_same_session_sent_again_moves_no_further(self, alice):
        exercises.programme_of(patient=alice.patient, on=MONDAY - timedelta(days=60))
        for day, pain in ((4, 2), (3, 2), (2, 2), (1, 2), (0, 8), (0, 8), (0, 7)):
            on = MONDAY - timedelta(days=day)
            exercises.record(by=alice.user, on=on, exercises_done=["bridge"], pain_during=pain, at=EARLY)
        alice.patient.exercise_programme.refresh_from_db()
        assert alice.patient.exercise_programme.stage == "B"


def test_asks_the_database_the_same_number_of_things_on_any_day(alice, alice_client, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    alice_client.get(reverse("moves"))
    with CaptureQueriesContext(connection) as few:
        alice_client.get(reverse("moves"))
    for day in range(60):
        exercises.note_done(patient=alice.patient, on=MONDAY - timedelta(days=day), at=EARLY)
    with django_assert_num_queries(len(few)):
        alice_client.get(reverse("moves"))


def test_every_move_has_words_for_every_stage():
    for move in pacing.MOVES:
        assert all([move.name, move.how, move.why, move.skip_if, *map(move.amount, pacing.STAGES)]), move.key
