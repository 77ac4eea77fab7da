"""How far a treatment was used as planned, where nothing was said of its days but another log knows."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.tracker import diaries
from tests.tracker.diaries import day
from tests.tracker.verdict_rows import attempt_of
from tracker.models import ExerciseSession, Intake, Medicine
from tracker.services import adherences, judging, treatment_days

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

LAST = day(27)
SPARSE = range(0, 28, 2)  # every other day


def medicine(patient, name: str = "Naproxen 500", *, is_as_needed: bool = False) -> Medicine:
    at = datetime.combine(day(0), time(12), UTC)
    return Medicine.objects.create(
        patient=patient, uuid=uuid4(), name=name, is_as_needed=is_as_needed, started_on=day(0), changed_at=at
    )


def takes(one: Medicine, days) -> None:
    for n in days:
        at = datetime.combine(day(n), time(12), UTC)
        Intake.objects.create(
            patient=one.patient,
            uuid=uuid4(),
            medicine=one,
            taken_at=at,
            recorded_at=at,
            local_date=day(n),
            zone="Europe/Berlin",
        )


def moves(patient, days) -> None:
    for n in days:
        at = datetime.combine(day(n), time(7), UTC)
        ExerciseSession.objects.create(patient=patient, uuid=uuid4(), local_date=day(n), recorded_at=at)


def used(attempt, on=LAST) -> tuple[int, int] | None:
    told = adherences.adherences([attempt], on=on)[attempt.pk]
    return (told.n_done, told.n_planned) if told.n_said else None


@pytest.fixture
def tablets(alice):
    return diaries.attempt(alice.patient, own_words="Naproxen")


def test_intakes_of_the_same_substance_are_days_on_which_it_was_used(alice, tablets):
    takes(medicine(alice.patient, "NAPROXEN Hexal"), SPARSE)
    assert used(tablets) == (14, 27)  # the last day is not over, and nothing is noted for it


def test_a_name_that_no_list_knows_is_the_same_where_its_words_are(alice):
    attempt = diaries.attempt(alice.patient, key="tca", own_words="Amitriptyline", dose="10 mg")
    takes(medicine(alice.patient, "amitriptyline"), range(28))
    assert used(attempt) == (28, 28)


@pytest.mark.parametrize(
    ("name", "is_as_needed"),
    [
        pytest.param("Ibuprofen", False, id="another substance"),
        pytest.param("Naproxen", True, id="taken as needed"),
        pytest.param("Vitamin D", False, id="something else"),
    ],
)
def test_intakes_of_something_else_or_as_needed_say_nothing(alice, tablets, name, is_as_needed):
    takes(medicine(alice.patient, name, is_as_needed=is_as_needed), SPARSE)
    assert used(tablets) is None


def test_as_needed_counts_where_so_many_days_a_week_are_planned(alice):
    attempt = diaries.attempt(alice.patient, own_words="Naproxen", days_a_week=3)
    takes(medicine(alice.patient, is_as_needed=True), [w + n for w in (0, 7, 14, 21) for n in (0, 2, 4)])
    assert used(attempt) == (12, 12)


def test_intakes_of_another_patient_are_not_seen(alice, charlie, tablets):
    takes(medicine(charlie.patient), SPARSE)
    assert used(tablets) is None


def test_what_was_said_of_the_days_comes_first(alice, tablets):
    takes(medicine(alice.patient), SPARSE)
    for n in range(6):
        treatment_days.note(by=alice.user, attempt=tablets, day=day(n), is_done=True, on=LAST)
    assert used(tablets) == (6, 6)


def test_morning_moves_are_known_by_their_sessions(alice):
    attempt = diaries.attempt(alice.patient, key="morning_moves")
    moves(alice.patient, [-3, *SPARSE])
    assert used(attempt) == (14, 27)


def test_sessions_say_nothing_of_other_exercises(alice):
    attempt = diaries.attempt(alice.patient, key="yoga")
    moves(alice.patient, SPARSE)
    assert used(attempt) is None


def test_days_after_a_stop_do_not_count(alice, tablets):
    takes(medicine(alice.patient), range(28))
    tablets.stopped_on = day(14)
    assert used(tablets) == (14, 14)


def test_tablets_seldom_taken_have_not_failed(alice, tablets):
    """The verdict would be that they do not work."""
    diaries.log_days(alice.patient, range(-28, 28), mean=6)
    judged = {"attempts": alice.patient.attempts.all(), "at": diaries.after_midnight(LAST)}
    judging.judge(on=day(26), **judged)
    assert tablets.verdicts.get(as_of=day(26)).outcome == "not_working"
    takes(medicine(alice.patient), SPARSE)
    judging.judge(on=LAST, **judged)
    verdict = tablets.verdicts.get(as_of=LAST)
    assert (verdict.outcome, verdict.reason) == ("cant_tell", "not_fairly_tried")


def test_many_attempts_take_a_handful_of_queries(alice, charlie, django_assert_max_num_queries):
    attempts = []
    for person in (alice, charlie):
        attempts += [diaries.attempt(person.patient, own_words=f"Naproxen {n}") for n in range(5)]
        attempts += [diaries.attempt(person.patient, key="morning_moves", own_words=f"Moves {n}") for n in range(5)]
        takes(medicine(person.patient), SPARSE)
        moves(person.patient, SPARSE)
    with django_assert_max_num_queries(5):
        told = adherences.adherences(attempts, on=LAST)
    assert all(one.n_done == 14 for one in told.values())


def test_page_and_api_say_where_it_is_from(alice, alice_client):
    attempt, today = attempt_of(alice, key="morning_moves", days_ago=20), timezone.localdate()
    for ago in range(1, 21, 2):
        ExerciseSession.objects.create(
            patient=alice.patient, uuid=uuid4(), local_date=today - timedelta(days=ago), recorded_at=timezone.now()
        )
    page = alice_client.get(f"/treatments/{attempt.uuid}/").content.decode()
    assert "done on 10 of 20 planned days, as your log of medicines or moves shows" in page
    # Said once, it would silence the log.
    assert "Done today?" not in page
    said = alice_client.get(f"/api/v1/attempts/{attempt.uuid}/overview/").json()["adherence"]
    assert said == {"n_done": 10, "n_planned": 20, "n_said": 20, "share": 0.5, "is_from_log": True}
