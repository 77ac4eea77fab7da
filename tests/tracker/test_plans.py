"""Planning the next treatment, and what is said of one that is under way, on the pages."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.template.loader import get_template
from django.utils import timezone

from tests.tracker.diaries import log
from tests.tracker.verdict_rows import attempt_of, verdict_of
from tracker.domain import trial_policy
from tracker.models import TreatmentPlan, TreatmentType
from tracker.services import questionnaires, treatment_plans

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

PLAN = "/treatments/plan/"
MASSAGE = f"{PLAN}?type=massage"


def page_of(client, path: str) -> str:
    return client.get(path).content.decode()


def today():
    return timezone.localdate()


def test_a_stranger_sees_and_begins_nothing(alice, alice_client, charlie_client):
    alice_client.post(MASSAGE, {"when": "today", "own_words": "Secret"})
    assert "Secret" not in page_of(charlie_client, PLAN)
    charlie_client.post(f"{PLAN}begin/")
    charlie_client.post(f"{PLAN}drop/")
    assert TreatmentPlan.objects.get().patient == alice.patient
    assert not alice.patient.attempts.exists()


@pytest.mark.parametrize(
    ("path", "said", "status"),
    [
        pytest.param(f"{PLAN}?type=snake", {"when": "today"}, 404, id="no such kind"),
        pytest.param(f"{PLAN}?type=%00", {"when": "today"}, 404, id="NUL"),
        pytest.param(MASSAGE, {}, 422, id="no day"),
        pytest.param(MASSAGE, {"when": "never"}, 422, id="no such day"),
        pytest.param(MASSAGE, {"when": "other"}, 422, id="another day, which is missing"),
        pytest.param(MASSAGE, {"when": "other", "planned_for": "2020-01-01"}, 422, id="in the past"),
        pytest.param(MASSAGE, {"when": "other", "planned_for": "9999-12-31"}, 422, id="too far ahead"),
        pytest.param(MASSAGE, {"when": "today", "site": "moon"}, 422, id="no such place"),
        pytest.param(MASSAGE, {"when": "today", "own_words": "x" * 121}, 422, id="too long"),
        pytest.param(f"{PLAN}?type=own", {"when": "today"}, 422, id="own without a name"),
    ],
)
def test_what_cannot_be_planned_gets_words(alice_client, path, said, status):
    assert alice_client.post(path, said).status_code == status
    assert not TreatmentPlan.objects.exists()


def test_the_kinds_are_told_with_their_times_and_what_they_do(alice_client):
    page = page_of(alice_client, PLAN)
    assert "Eases while it is used. Can begin to help after about 3 days; a fair trial takes 28 days." in page


def test_who_has_no_log_is_offered_a_week_of_logging_and_never_kept_from_prescribed_care(alice_client):
    page = page_of(alice_client, MASSAGE)
    assert "after a week of logging, if it is safe to wait" in page
    assert "Today: it is prescribed, or should not wait" in page
    assert "Never put off what a doctor has prescribed or called urgent." in page


def test_a_prescribed_kind_starts_today_unless_the_patient_says_otherwise(alice_client):
    key = TreatmentType.objects.filter(is_prescribed=True)[0].key
    chosen = page_of(alice_client, f"{PLAN}?type={key}").split('value="today"')[1].split(">")[0]
    assert "checked" in chosen


def test_what_is_under_way_is_named_with_the_day_it_is_clear(alice, alice_client):
    attempt = attempt_of(alice, days_ago=3, own_words="Naproxen")
    (found,) = treatment_plans.under_way(alice.patient, on=today())
    assert found.clear_on == attempt.started_on + timedelta(days=14 + 1)
    assert "Naproxen" in page_of(alice_client, PLAN)
    attempt_of(alice, "heat", days_ago=300)
    assert len(treatment_plans.under_way(alice.patient, on=today())) == 1


def test_days_that_are_logged_count_for_the_week_before(alice):
    for ago in (1, 2, 3):
        log(alice.patient, today() - timedelta(days=ago), 5)
    assert treatment_plans.baseline_ready_on(alice.patient, on=today()) == today() + timedelta(days=4)


def test_a_plan_becomes_an_attempt_with_one_tap(alice, alice_client):
    alice_client.post(MASSAGE, {"when": "ready", "site": "neck"})
    plan = TreatmentPlan.objects.get()
    assert plan.planned_for == today() + timedelta(days=7)
    assert "Planned next: Massage" in page_of(alice_client, "/treatments/")
    alice_client.post(f"{PLAN}begin/")
    attempt = alice.patient.attempts.get()
    assert (attempt.uuid, attempt.started_on, attempt.site) == (plan.uuid, today(), "neck")
    assert not TreatmentPlan.objects.exists()


def test_a_plan_can_be_changed_and_dropped(alice_client):
    alice_client.post(MASSAGE, {"when": "today"})
    alice_client.post(MASSAGE, {"when": "today", "dose": "weekly"})
    assert TreatmentPlan.objects.get().dose == "weekly"
    alice_client.post(f"{PLAN}drop/")
    assert not TreatmentPlan.objects.exists()


# One that is under way


def test_a_day_is_said_with_one_tap_and_taken_back(alice, alice_client):
    attempt = attempt_of(alice, days_ago=3)
    address = f"/treatments/{attempt.uuid}/day/"
    alice_client.post(address, {"day": str(today()), "said": "done"})
    assert "Today: done." in page_of(alice_client, f"/treatments/{attempt.uuid}/")
    alice_client.post(address, {"day": str(today()), "said": "unknown"})
    assert not attempt.days.exists()


@pytest.mark.parametrize("said", [{}, {"day": "x", "said": "done"}, {"day": "2026-11-01", "said": "perhaps"}])
def test_a_day_in_no_shape_is_a_bad_request(alice, alice_client, said):
    attempt = attempt_of(alice, days_ago=3)
    assert alice_client.post(f"/treatments/{attempt.uuid}/day/", said).status_code == 400


@pytest.mark.parametrize("page", ["day/", "pause/", "resume/", "again/"])
def test_another_patients_treatment_is_not_there(alice, charlie_client, page):
    attempt = attempt_of(alice, days_ago=9)
    said = {"day": str(today()), "said": "done", "from_day": str(today())}
    assert charlie_client.post(f"/treatments/{attempt.uuid}/{page}", said).status_code == 404
    attempt.refresh_from_db()
    assert attempt.paused_on is None and not attempt.days.exists()


def test_a_pause_and_its_end_are_noted_on_pages(alice, alice_client):
    attempt = attempt_of(alice, days_ago=9)
    path = f"/treatments/{attempt.uuid}/"
    assert "Do not pause a prescribed medicine on your own" in page_of(alice_client, f"{path}pause/")
    assert alice_client.post(f"{path}pause/", {"from_day": "2020-01-01"}).status_code == 422
    alice_client.post(f"{path}pause/", {"from_day": str(today() - timedelta(days=2))})
    assert "Paused since" in page_of(alice_client, path)
    alice_client.post(f"{path}resume/", {"from_day": str(today())})
    assert "2 of them paused" in page_of(alice_client, path)


def test_used_again_it_is_a_new_try(alice, alice_client):
    attempt = attempt_of(alice, days_ago=30, stopped_on=today() - timedelta(days=5))
    alice_client.post(f"/treatments/{attempt.uuid}/again/", {"uuid": uuid4(), "from_day": str(today())})
    assert [one.started_on for one in alice.patient.attempts.newest_first()] == [today(), attempt.started_on]


def test_a_deletion_is_taken_back_on_the_page_that_tells_of_it(alice, alice_client, charlie_client):
    attempt = attempt_of(alice, own_words="Red bottle")
    verdict_of(attempt, "working")
    page = alice_client.post(f"/treatments/{attempt.uuid}/delete/", follow=True).content.decode()
    token = page.split('name="token" value="')[1].split('"')[0]
    assert "Put it back" not in page_of(alice_client, "/treatments/")
    charlie_client.post("/treatments/restore/", {"token": token})
    assert not alice.patient.attempts.exists()
    alice_client.post("/treatments/restore/", {"token": token})
    assert alice.patient.attempts.get().verdicts.count() == 1


# Beside the pain


def answer(person, instrument: str, *, days_ago: int, **said) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    questionnaires.answer(by=person.user, uuid=uuid4(), instrument=instrument, at=at, **said)


def peg(person, value: int, *, days_ago: int) -> None:
    answer(person, "peg", days_ago=days_ago, answers=dict.fromkeys(("pain", "enjoyment", "activity"), value))


def test_function_that_points_elsewhere_is_said_and_overrules_nothing(alice, alice_client):
    attempt = attempt_of(alice, days_ago=32)
    peg(alice, 8, days_ago=33)
    peg(alice, 3, days_ago=1)
    verdict_of(attempt, "not_working")
    page = page_of(alice_client, f"/treatments/{attempt.uuid}/")
    assert "it keeps you from less than before. That counts" in page
    assert "From 8.0" in page and "Not working" in page


def test_the_patients_own_word_is_shown_beside_the_verdict(alice, alice_client):
    attempt = attempt_of(alice, days_ago=32)
    verdict_of(attempt, "working", change=-2.4)
    answer(alice, "global_change", days_ago=0, answers={"compared": 6}, attempt=attempt)
    page = page_of(alice_client, f"/treatments/{attempt.uuid}/")
    assert "Much worse" in page and "You say that you are worse as a whole" in page


def test_where_they_agree_nothing_is_made_of_it(alice, alice_client):
    attempt = attempt_of(alice, days_ago=32)
    verdict_of(attempt, "working", change=-2.4)
    answer(alice, "global_change", days_ago=0, answers={"compared": 2}, attempt=attempt)
    assert "You say that" not in page_of(alice_client, f"/treatments/{attempt.uuid}/")


def test_memory_and_a_low_start_are_labelled_above_the_numbers(alice, alice_client):
    attempt = attempt_of(alice, days_ago=32)
    verdict_of(attempt, "cant_tell", reason="low_baseline", baseline="recalled", before=1.4)
    page = page_of(alice_client, f"/treatments/{attempt.uuid}/")
    assert "Based on your memory of before" in page and "Your pain was low before" in page


def test_the_formulas_show_the_numbers_of_the_policy(alice, alice_client):
    attempt = attempt_of(alice)
    verdict_of(attempt, "working")
    page = page_of(alice_client, f"/treatments/{attempt.uuid}/")
    assert f"real ≥ {trial_policy.WORKING_HELPED} and now ≥ {trial_policy.WORKING_REACHED}" in page
    assert f"{trial_policy.LEVEL_MEAN} ± {trial_policy.LEVEL_SD}" in page


def test_every_number_that_the_formulas_name_is_one_of_the_policy():
    source = get_template("tracker/attempt/_formulas.html").template.source
    names = set(re.findall(r"policy\.(\w+)", source))
    assert len(names) > 15
    assert not [name for name in names if not hasattr(trial_policy, name)]


def test_the_picture_has_a_table_and_a_sentence(alice, alice_client):
    attempt = attempt_of(alice, days_ago=20)
    for ago in (25, 24, 3, 2):
        log(alice.patient, today() - timedelta(days=ago), 8 if ago > 20 else 4)
    verdict_of(attempt, "working", change=-2.4)
    page = page_of(alice_client, f"/treatments/{attempt.uuid}/?table=1")
    assert "The plain average of the logged days was 8.0 before and is 4.0 with it." in page
    assert page.count("Week of") == 2 or page.count("Week of") == 3
    assert 'class="plot-usual"' in page and 'class="plot-raw"' in page
