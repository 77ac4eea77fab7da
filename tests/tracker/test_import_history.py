from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.conftest import client_for
from tests.tracker.records import NOW, document, exported, fill, lasting
from tracker.models import AuditEvent
from tracker.services import (
    changes,
    exercises,
    health,
    import_history,
    imports,
    medicines,
    pain_log,
    questionnaires,
    record_imports,
    treatments,
)

PAGE = "/import/"
LATER = NOW + timedelta(hours=1)
LOG = b"day,pain,note\n2026-03-01,4,a\n2026-03-02,5,b\n2026-03-03,6,c\n"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.VAR = tmp_path


@pytest.fixture
def done(alice):
    return imports.run(by=alice.user, content=LOG, filename="old.csv", at=NOW)


def back(done) -> str:
    return f"/import/{done.uuid}/back/"


class TestRefuses:
    def test_a_stranger_is_asked_to_log_in(self, client, done):
        assert "/accounts/login/" in client.post(back(done)).headers["Location"]
        assert done.entries.count() == 3

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_another_patients_import_is_not_there(self, charlie, done, method):
        response = getattr(client_for(charlie), method)(back(done))
        assert response.status_code == 404
        assert "old.csv" not in response.content.decode()
        assert done.entries.count() == 3

    def test_the_service_does_not_reach_another_patients_import_either(self, charlie, done):
        with pytest.raises(done.DoesNotExist):
            import_history.take_back(by=charlie.user, log_import=done, at=LATER)

    def test_asking_deletes_nothing(self, alice_client, done):
        page = alice_client.get(back(done)).content.decode()
        assert "Entries that go</dt><dd>3</dd>" in page
        assert done.entries.count() == 3

    def test_it_can_be_done_once(self, alice, alice_client, done):
        assert alice_client.post(back(done)).status_code == 302
        assert alice_client.post(back(done)).status_code == 404
        with pytest.raises(import_history.TakenBack):
            import_history.take_back(by=alice.user, log_import=done, at=LATER)


class TestTakeBack:
    def test_all_of_it_goes_and_nothing_else(self, alice, alice_client, done):
        own = pain_log.add(by=alice.user, uuid=uuid4(), source="web", at=NOW, nrs=1, felt_at=NOW, zone="UTC")
        response = alice_client.post(back(done), follow=True)
        assert "3 ratings were taken back." in response.content.decode()
        assert list(alice.patient.pain_entries.all()) == [own]

    def test_what_was_changed_since_stays_and_is_counted(self, alice, alice_client, done):
        pain_log.change(by=alice.user, entry=done.entries.get(nrs=5), at=LATER, note="mine now")
        assert "stay, since you have changed them</dt><dd>1</dd>" in alice_client.get(back(done)).content.decode()
        response = alice_client.post(back(done), follow=True)
        assert "2 ratings were taken back. 1 stays" in response.content.decode()
        assert alice.patient.pain_entries.get().note == "mine now"

    def test_tombstones_tell_other_devices(self, alice, done):
        uuids = set(done.entries.values_list("uuid", flat=True))
        heard = changes.since(patient=alice.patient, number=0, limit=100).up_to
        import_history.take_back(by=alice.user, log_import=done, at=LATER)
        rows = changes.since(patient=alice.patient, number=heard, limit=100).rows
        assert {row.uuid for row in rows} == uuids == set(alice.patient.entry_tombstones.values_list("uuid", flat=True))

    def test_it_is_written_into_the_audit(self, alice, done):
        import_history.take_back(by=alice.user, log_import=done, at=LATER)
        event = AuditEvent.objects.latest("id")
        assert (event.actor, event.verb, event.subject) == (
            alice.user,
            "took back",
            f"import {done.uuid}, 3 pain entries",
        )

    def test_the_same_file_may_come_again(self, alice, done):
        import_history.take_back(by=alice.user, log_import=done, at=LATER)
        again = imports.run(by=alice.user, content=LOG, filename="old.csv", at=LATER)
        assert (again.n_added, alice.patient.entry_tombstones.count()) == (3, 0)

    def test_what_was_deleted_by_hand_does_not_come_again(self, alice, done):
        pain_log.remove(by=alice.user, entry=done.entries.get(nrs=4), at=NOW)
        import_history.take_back(by=alice.user, log_import=done, at=LATER)
        assert imports.run(by=alice.user, content=LOG, filename="old.csv", at=LATER).n_added == 2

    def test_thousands_of_entries_need_few_queries(self, alice, django_assert_max_num_queries):
        lines = "".join(f"2026-03-01,{number % 11}\n" for number in range(3_000))
        done = imports.run(by=alice.user, content=f"day,pain\n{lines}".encode(), filename="x", at=NOW)
        with django_assert_max_num_queries(150):
            assert import_history.take_back(by=alice.user, log_import=done, at=LATER).n_entries == 3_000


class TestTakeBackARecord:
    @pytest.fixture
    def brought(self, alice, charlie):
        fill(alice)
        return record_imports.run(by=charlie.user, content=exported(alice), filename="ebb.json", at=LATER)

    def test_treatments_and_the_rest_go_too(self, charlie, brought):
        told = import_history.take_back(by=charlie.user, log_import=brought, at=LATER)
        assert (told.n_entries, told.n_others, told.n_others_stay) == (4, 19, 0)
        record = lasting(document(charlie))
        assert not any(record[name] for name in ("entries", "attempts", "diagnoses", "sessions", "assessments"))
        assert not any(record[name] for name in ("health_profile", "medicines", "intakes", "red_flag_screens"))

    def test_a_treatment_that_was_changed_stays_with_its_diagnosis(self, charlie, brought):
        attempt = charlie.patient.attempts.get()
        after = LATER + timedelta(minutes=1)
        treatments.change(by=charlie.user, attempt=attempt, at=after, on=after.date(), dose="2")
        told = import_history.take_back(by=charlie.user, log_import=brought, at=after)
        assert (told.n_others, told.n_others_stay) == (17, 2)
        assert charlie.patient.attempts.get().diagnosis == charlie.patient.diagnoses.get()

    def test_a_medicine_that_was_taken_since_stays_with_what_was_taken(self, charlie, brought):
        medicine, after = charlie.patient.medicines.get(), LATER + timedelta(minutes=1)
        own, _ = medicines.take(by=charlie.user, uuid=uuid4(), medicine=medicine, at=after)
        import_history.take_back(by=charlie.user, log_import=brought, at=after)
        assert charlie.patient.medicines.get() == medicine
        assert charlie.patient.intakes.get() == own

    def test_an_intake_that_was_put_right_since_stays(self, charlie, brought):
        intake, after = charlie.patient.intakes.get(), LATER + timedelta(minutes=1)
        medicines.take(by=charlie.user, uuid=intake.uuid, medicine=intake.medicine, at=after, dose="half")
        import_history.take_back(by=charlie.user, log_import=brought, at=after)
        assert charlie.patient.intakes.get().dose == "half"

    def test_a_treatment_stays_of_which_something_was_said_since(self, charlie, brought):
        said = {"instrument": "global_change", "answers": {"compared": 1}, "attempt": charlie.patient.attempts.get()}
        questionnaires.answer(by=charlie.user, uuid=uuid4(), at=LATER, **said)
        import_history.take_back(by=charlie.user, log_import=brought, at=LATER)
        assert charlie.patient.questionnaire_responses.get().attempt == charlie.patient.attempts.get()

    def test_a_health_profile_that_was_changed_since_stays(self, charlie, brought):
        after = LATER + timedelta(minutes=1)
        health.change_profile(by=charlie.user, at=after, on=after.date(), sex="male")
        import_history.take_back(by=charlie.user, log_import=brought, at=after)
        assert health.profile_of(charlie.patient).sex == "male"

    def test_a_session_that_was_completed_since_stays(self, charlie, brought):
        after = LATER + timedelta(minutes=1)
        exercises.record(by=charlie.user, on=NOW.date(), exercises_done=[], pain_during=5, at=after)
        assert import_history.weigh(brought).n_others_stay == 1

    def test_the_record_may_come_again_whole(self, alice, charlie, brought):
        import_history.take_back(by=charlie.user, log_import=brought, at=LATER)
        again = record_imports.run(by=charlie.user, content=exported(alice), filename="x", at=LATER)
        assert again.n_added == 4
        assert lasting(document(charlie))["entries"] == lasting(document(alice))["entries"]


class TestPage:
    def test_a_first_visit_has_no_list(self, alice_client):
        assert "Earlier imports" not in alice_client.get(PAGE).content.decode()

    def test_earlier_imports_are_listed_newest_first(self, alice, alice_client, done):
        imports.run(by=alice.user, content=LOG + b"2026-03-04,1,\n", filename="<b>new</b>.csv", at=LATER)
        page = alice_client.get(PAGE).content.decode()
        assert page.index("&lt;b&gt;new") < page.index("old.csv")
        assert f'href="{back(done)}"' in page

    def test_one_that_was_taken_back_says_so(self, alice, alice_client, done):
        import_history.take_back(by=alice.user, log_import=done, at=LATER)
        page = alice_client.get(PAGE).content.decode()
        assert "Taken back" in page and back(done) not in page

    def test_they_stay_in_sight_when_a_file_is_wrong(self, alice_client, done):
        response = alice_client.post(PAGE, {"file": SimpleUploadedFile("x.csv", b"%PDF-1.4")})
        assert (response.status_code, "old.csv" in response.content.decode()) == (422, True)
