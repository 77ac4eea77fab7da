from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from tracker.domain.pain import EARLIEST_DAY
from tracker.models import AuditEvent, Diagnosis, PainEntry, TreatmentAttempt, TreatmentType
from tracker.services import treatments

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

TODAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
WHEN = {"at": AT, "on": TODAY}


def kind(key: str = "heat") -> TreatmentType:
    return TreatmentType.objects.get(key=key)


def start(person, key: str = "heat", *, days_ago: int = 0, uuid=None, **said) -> TreatmentAttempt:
    said = {"treatment_type": kind(key), "started_on": TODAY - timedelta(days=days_ago)} | said
    return treatments.start(by=person.user, uuid=uuid or uuid4(), **WHEN, **said)


def stop(person, attempt, *, days_ago: int = 0, reason: str = "done") -> TreatmentAttempt:
    stopped_on = TODAY - timedelta(days=days_ago)
    return treatments.stop(by=person.user, attempt=attempt, stopped_on=stopped_on, reason=reason, **WHEN)


def log(person, *days: date) -> None:
    for day in days:
        felt_at = datetime.combine(day, time(12), UTC)
        moments = {"felt_at": felt_at, "recorded_at": felt_at, "changed_at": felt_at}
        PainEntry.objects.create(
            patient=person.patient, uuid=uuid4(), nrs=5, local_date=day, zone="UTC", source="web", **moments
        )


# Refusals of the service


def test_the_same_treatment_is_not_started_twice_at_once(alice):
    start(alice, days_ago=10, own_words="Red bottle", dose="20 minutes")
    with pytest.raises(treatments.AttemptAlreadyOpen):
        start(alice, own_words="red  bottle", dose="20 Minutes")
    assert alice.patient.attempts.count() == 1


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        pytest.param(treatments.StartOutOfRange, {"started_on": date(1899, 12, 31)}, id="before 1900"),
        pytest.param(treatments.StartOutOfRange, {"started_on": TODAY + timedelta(days=367)}, id="too far ahead"),
        pytest.param(treatments.StopBeforeStart, {"stopped_on": TODAY - timedelta(days=1)}, id="stopped before"),
        pytest.param(treatments.StopOutOfRange, {"stopped_on": TODAY + timedelta(days=999)}, id="stopped far ahead"),
        pytest.param(treatments.AttemptOutOfRange, {"site": "moon"}, id="no such place"),
        pytest.param(treatments.AttemptOutOfRange, {"recalled_nrs": 11}, id="above the scale"),
        pytest.param(treatments.AttemptOutOfRange, {"recalled_nrs": True}, id="not a rating"),
        pytest.param(treatments.AttemptOutOfRange, {"stop_reason": "boredom"}, id="no such reason"),
        pytest.param(treatments.TrialTooShort, {"own_trial_days": 3, "own_onset_days": 9}, id="trial within onset"),
        pytest.param(treatments.TrialTooShort, {"own_onset_days": 10**9}, id="endless onset"),
    ],
)
def test_what_an_attempt_cannot_be_is_refused(alice, refusal, said):
    with pytest.raises(refusal):
        start(alice, **said)
    assert not TreatmentAttempt.objects.exists()


def test_a_treatment_off_the_list_needs_a_name(alice):
    with pytest.raises(treatments.NameMissing):
        start(alice, "own", own_words="  ")


def test_another_patients_diagnosis_cannot_be_named(alice, charlie):
    told = treatments.note_diagnosis(by=charlie.user, uuid=uuid4(), name="A strain")
    with pytest.raises(treatments.AttemptOutOfRange):
        start(alice, diagnosis=told)


def test_a_stopped_attempt_is_not_taken_up_again(alice):
    attempt = stop(alice, start(alice, days_ago=10))
    with pytest.raises(treatments.AttemptStopped):
        treatments.change(by=alice.user, attempt=attempt, stopped_on=None, **WHEN)


def test_a_stopped_attempt_is_not_stopped_again_on_another_day(alice):
    attempt = stop(alice, start(alice, days_ago=10))
    with pytest.raises(treatments.AttemptStopped):
        stop(alice, attempt, days_ago=3)


def test_a_uuid_names_one_attempt_only(alice):
    attempt = start(alice)
    with pytest.raises(treatments.AttemptAlreadyThere):
        start(alice, "massage", uuid=attempt.uuid)


def test_a_change_of_dose_needs_another_dose(alice):
    attempt = start(alice, days_ago=10, dose="400 mg")
    with pytest.raises(treatments.SameDose):
        treatments.change_dose(by=alice.user, attempt=attempt, uuid=uuid4(), dose="400  MG", from_day=TODAY, **WHEN)
    attempt.refresh_from_db()
    assert attempt.stopped_on is None


# What the service does


def test_a_start_is_written_down_with_its_audit_row(alice):
    attempt = start(alice, own_words="Red bottle")
    event = AuditEvent.objects.get(verb="started")
    assert (event.actor, event.patient, event.subject) == (alice.user, alice.patient, f"attempt {attempt.uuid}")


def test_the_same_start_sent_twice_is_one_attempt(alice):
    uuid = uuid4()
    assert start(alice, uuid=uuid) == start(alice, uuid=uuid)
    assert AuditEvent.objects.filter(verb="started").count() == 1


def test_words_are_kept_as_they_were_typed(alice):
    assert start(alice, own_words="  Ö\u202e 🧊 ").own_words == "  Ö\u202e 🧊 "


def test_two_people_may_use_the_same_uuid(alice, charlie):
    uuid = uuid4()
    assert start(alice, uuid=uuid) != start(charlie, uuid=uuid)


def test_a_treatment_may_come_back_after_a_stop(alice):
    stop(alice, start(alice, days_ago=30), days_ago=10)
    start(alice, days_ago=10)
    assert alice.patient.attempts.count() == 2


def test_another_dose_is_a_new_attempt_from_the_same_day(alice):
    attempt = start(alice, "oral_nsaid", days_ago=20, dose="200 mg", recalled_nrs=6, prescribed_by="Dr Silva")
    new = treatments.change_dose(by=alice.user, attempt=attempt, uuid=uuid4(), dose="400 mg", from_day=TODAY, **WHEN)
    attempt.refresh_from_db()
    assert (attempt.stopped_on, attempt.stop_reason) == (TODAY, "dose_change")
    assert (new.started_on, new.dose, new.prescribed_by, new.recalled_nrs) == (TODAY, "400 mg", "Dr Silva", None)


def test_a_change_without_a_change_writes_nothing(alice):
    attempt = start(alice)
    treatments.change(by=alice.user, attempt=attempt, own_words="", **WHEN)
    assert not AuditEvent.objects.filter(verb="changed").exists()


def test_what_was_told_is_kept_once_with_who_said_it(alice):
    told = treatments.Told(name="A strain", said_by="Dr Silva")
    start(alice, told=told)
    start(alice, "massage", told=told)
    diagnosis = Diagnosis.objects.get()
    assert (diagnosis.name, diagnosis.said_by, diagnosis.attempts.count()) == ("A strain", "Dr Silva", 2)


def test_memory_is_asked_for_only_without_three_logged_days_before(alice):
    attempt = start(alice, days_ago=5)
    log(alice, *(TODAY - timedelta(days=ago) for ago in (1, 2, 3, 6, 7)))
    assert treatments.needs_recall(attempt)
    log(alice, TODAY - timedelta(days=8))
    assert not treatments.needs_recall(attempt)


def test_a_place_has_its_own_days_before(alice):
    attempt = start(alice, days_ago=0, site="neck")
    log(alice, *(TODAY - timedelta(days=ago) for ago in (1, 2, 3)))
    assert treatments.needs_recall(attempt)


def test_a_start_in_the_first_year_of_the_calendar_kept_is_looked_at_safely(alice):
    attempt = start(alice, started_on=EARLIEST_DAY)
    assert treatments.baseline_days(attempt) == 0


# Pages


def sent(**said) -> dict[str, str]:
    return {"treatment_type": "heat", "started_on": str(timezone.localdate())} | said


def test_a_stranger_sees_no_treatment(client, alice):
    attempt = start(alice)
    for address in ("/treatments/", "/treatments/new/", f"/treatments/{attempt.uuid}/"):
        assert client.get(address).status_code == 302


@pytest.mark.parametrize("page", ["", "edit/", "stop/", "dose/", "before/"])
def test_another_patients_treatment_is_not_there(alice, charlie_client, page):
    attempt = start(alice, own_words="Secret ointment")
    address = f"/treatments/{attempt.uuid}/{page}"
    answers = [charlie_client.get(address), charlie_client.post(address, sent(own_words="Mine now"))]
    assert [answer.status_code for answer in answers] == ([404, 405] if not page else [404, 404])
    assert all("Secret ointment" not in answer.content.decode() for answer in answers)
    attempt.refresh_from_db()
    assert attempt.own_words == "Secret ointment"


def test_another_patients_diagnosis_is_not_offered(alice, charlie, charlie_client):
    told = treatments.note_diagnosis(by=alice.user, uuid=uuid4(), name="Secret strain")
    assert "Secret strain" not in charlie_client.get("/treatments/new/").content.decode()
    assert charlie_client.post("/treatments/new/", sent(diagnosis=str(told.pk))).status_code == 422
    assert not charlie.patient.attempts.exists()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"treatment_type": ""}, id="no type"),
        pytest.param({"treatment_type": "snake oil"}, id="unknown type"),
        pytest.param({"treatment_type": "own"}, id="own without a name"),
        pytest.param({"started_on": "0000-00-00"}, id="no such day"),
        pytest.param({"started_on": "0001-01-01"}, id="year one"),
        pytest.param({"started_on": "9999-12-31"}, id="far future"),
        pytest.param({"own_words": "\x00"}, id="NUL"),
        pytest.param({"own_words": "x" * 121}, id="too long"),
        pytest.param({"own_onset_days": "9" * 30}, id="huge onset"),
        pytest.param({"own_onset_days": "NaN"}, id="not a number"),
        pytest.param({"own_onset_days": "20", "own_trial_days": "5"}, id="trial within onset"),
        pytest.param({"diagnosis": "9" * 30}, id="huge key"),
        pytest.param({"site": "moon"}, id="no such place"),
        pytest.param({"told_by": "Dr Silva"}, id="who without what"),
        pytest.param({"uuid": "not one"}, id="no uuid"),
    ],
)
def test_a_bad_form_gets_words_and_changes_nothing(alice, alice_client, said):
    response = alice_client.post("/treatments/new/", sent(**said))
    assert response.status_code == 422
    assert not alice.patient.attempts.exists() and not alice.patient.diagnoses.exists()


def test_an_open_treatment_is_refused_in_words(alice_client):
    alice_client.post("/treatments/new/", sent())
    page = alice_client.post("/treatments/new/", sent())
    assert page.status_code == 422 and "it is not stopped" in page.content.decode()


def test_a_new_patient_is_asked_what_they_do_for_the_pain(alice_client):
    assert "What are you doing for the pain?" in alice_client.get("/treatments/").content.decode()


def test_a_treatment_is_added_and_memory_asked_for(alice, alice_client):
    response = alice_client.post("/treatments/new/", sent(told_name="A strain", told_by="Dr Silva", own_words="<b>"))
    attempt = alice.patient.attempts.get()
    assert response.url == f"/treatments/{attempt.uuid}/before/"
    alice_client.post(response.url, {"recalled_nrs": "0"})
    attempt.refresh_from_db()
    assert (attempt.recalled_nrs, attempt.diagnosis.said_by) == (0, "Dr Silva")
    page = alice_client.get(f"/treatments/{attempt.uuid}/").content.decode()
    assert "&lt;b&gt;" in page and "<h1><b>" not in page


def test_no_memory_is_asked_for_where_the_log_knows(alice, alice_client):
    log(alice, *(timezone.localdate() - timedelta(days=ago) for ago in (1, 2, 3)))
    response = alice_client.post("/treatments/new/", sent())
    assert response.url == f"/treatments/{alice.patient.attempts.get().uuid}/"


def test_a_form_shown_again_keeps_what_was_typed(alice_client):
    page = alice_client.post("/treatments/new/", sent(treatment_type="", own_words="My red bottle"))
    assert "My red bottle" in page.content.decode()


def test_a_correction_keeps_what_it_does_not_touch(alice, alice_client):
    attempt = start(alice, recalled_nrs=4, own_words="Red bottle")
    changed = sent(own_words="Blue bottle", started_on="2026-11-20")
    assert alice_client.post(f"/treatments/{attempt.uuid}/edit/", changed).status_code == 302
    attempt.refresh_from_db()
    assert (attempt.own_words, attempt.started_on, attempt.recalled_nrs) == ("Blue bottle", date(2026, 11, 20), 4)


def test_a_stop_before_the_start_is_refused_beside_its_field(alice, alice_client):
    attempt = start(alice)
    sent_stop = {"stopped_on": "2026-11-01", "reason": "done"}
    page = alice_client.post(f"/treatments/{attempt.uuid}/stop/", sent_stop)
    assert page.status_code == 422 and "lies before the start" in page.content.decode()


def test_stopping_says_not_to_do_it_alone_and_notes_why(alice, alice_client):
    attempt = start(alice, days_ago=5)
    address = f"/treatments/{attempt.uuid}/stop/"
    assert "Do not stop a prescribed medicine on your own" in alice_client.get(address).content.decode()
    alice_client.post(address, {"stopped_on": str(TODAY), "reason": "side_effects", "side_effects": "A rash\n"})
    attempt.refresh_from_db()
    assert (attempt.stopped_on, attempt.stop_reason, attempt.side_effects) == (TODAY, "side_effects", "A rash\n")


def test_a_stopped_treatment_can_have_its_day_corrected(alice, alice_client):
    attempt = stop(alice, start(alice, days_ago=9))
    assert 'name="stopped_on"' in alice_client.get(f"/treatments/{attempt.uuid}/edit/").content.decode()
    changed = sent(started_on=str(attempt.started_on), stopped_on=str(TODAY - timedelta(days=2)))
    alice_client.post(f"/treatments/{attempt.uuid}/edit/", changed)
    attempt.refresh_from_db()
    assert (attempt.stopped_on, attempt.stop_reason) == (TODAY - timedelta(days=2), "done")


def test_a_treatment_that_is_only_planned_has_a_page(alice, alice_client):
    attempt = start(alice, days_ago=-7)
    page = alice_client.get(f"/treatments/{attempt.uuid}/").content.decode()
    assert "Planned." in page and "Before and during" not in page


def test_days_that_begin_in_another_year_are_told_with_it(alice, alice_client):
    attempt = start(alice, started_on=date(2024, 11, 10))
    log(alice, date(2024, 10, 20), date(2024, 11, 20), date(2025, 3, 1))
    page = alice_client.get(f"/treatments/{attempt.uuid}/").content.decode()
    assert "13 Oct to 9 Nov 2024" in page and "10 Nov 2024 to " in page
    assert "plain average before</li>" in page


def test_the_key_of_the_picture_names_no_average_before_where_nothing_was_logged_before(alice, alice_client):
    attempt = start(alice, days_ago=30)
    log(alice, TODAY - timedelta(days=3))
    page = alice_client.get(f"/treatments/{attempt.uuid}/").content.decode()
    assert "each dot" in page and "plain average before</li>" not in page


def test_the_list_tells_where_each_treatment_stands(alice, alice_client):
    stop(alice, start(alice, "massage", days_ago=30), days_ago=10, reason="no_help")
    start(alice, "oral_nsaid", own_words="Naproxen", started_on=timezone.localdate() - timedelta(days=4))
    page = alice_client.get("/treatments/").content.decode()
    assert page.index("Naproxen") < page.index("Massage")
    assert "day 5 of a fair trial of 14 days" in page and "it did not help" in page


def test_the_number_of_queries_does_not_grow_with_the_list(alice, alice_client, django_assert_max_num_queries):
    for number in range(20):
        start(alice, own_words=f"Number {number}")
    with django_assert_max_num_queries(8):
        alice_client.get("/treatments/")


# A treatment that was added by mistake


def test_a_stranger_can_delete_nothing(alice, charlie_client):
    attempt = start(alice)
    assert charlie_client.post(f"/treatments/{attempt.uuid}/delete/").status_code == 404
    assert TreatmentAttempt.objects.filter(pk=attempt.pk).exists()


def test_deleting_asks_first(alice, alice_client):
    attempt = start(alice)
    page = alice_client.get(f"/treatments/{attempt.uuid}/delete/").content.decode()
    assert "stop it instead" in page
    assert TreatmentAttempt.objects.filter(pk=attempt.pk).exists()


def test_a_deleted_treatment_is_gone_with_what_was_said_of_it(alice, alice_client):
    attempt = start(alice)
    alice_client.post(f"/treatments/{attempt.uuid}/delete/")
    assert not TreatmentAttempt.objects.exists()
    assert AuditEvent.objects.filter(verb="deleted", subject=f"attempt {attempt.uuid}").exists()
