import csv
import json
from base64 import b64encode
from copy import deepcopy
from datetime import timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from assessments import services as checkups
from tests.conftest import client_for
from tests.tracker.naughty import STRINGS
from tests.tracker.records import MARKER, NOW, document, exported, fill, lasting, write
from tests.tracker.test_attachments import SECRET, photo
from tracker.models import AuditEvent, EntryTombstone, PainEntry, TreatmentAttempt
from tracker.services import (
    changes,
    import_history,
    imports,
    pain_log,
    record_imports,
    second_opinions,
    sharing,
    treatment_plans,
    treatments,
)
from tracker.services.imports import LogFileRefused

PAGE = "/import/"
LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.VAR = tmp_path


@pytest.fixture
def record(alice) -> dict:
    fill(alice)
    return document(alice)


def packed(record: dict) -> bytes:
    return json.dumps(record).encode()


def bring(person, record: dict, at=LATER):
    return record_imports.run(by=person.user, content=packed(record), filename="ebb.json", at=at)


def tallied(person, record: dict) -> dict[str, tuple[int, int, int]]:
    preview = record_imports.preview(by=person.user, content=packed(record), at=LATER)
    return {name: (tally.n_new, tally.n_present, tally.n_different) for name, tally in preview.tallies.items()}


def changed(record: dict, path: str, value) -> dict:
    """The record with one value changed: "entries.0.nrs"."""
    record = deepcopy(record)
    *way, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    inner = record
    for step in way:
        inner = inner[step]
    inner[last] = value
    return record


class TestRefuses:
    @pytest.mark.parametrize(
        ("path", "value", "says"),
        [
            pytest.param("entries.1.nrs", 11, "entries[1].nrs: “11” is not on the scale", id="11 of 10"),
            pytest.param("entries.1.nrs", "4", "entries[1].nrs: “4” is not a whole number", id="a rating as text"),
            pytest.param("entries.2.sites.0.site", "tail", "entries[2].sites[0].site: “tail”", id="no such place"),
            pytest.param("entries.2.sites.0.quality", "x", "entries[2].sites[0].quality: “x”", id="no such quality"),
            pytest.param("entries.0.zone", "Mars/Base", "entries[0].zone: “Mars/Base”", id="no such zone"),
            pytest.param("entries.0.uuid", "1", "entries[0].uuid: “1” is not a key", id="no key"),
            pytest.param("entries.0.note", "a\0b", "entries[0].note: this text holds a character", id="NUL"),
            pytest.param("entries.0.note", "\ud800", "entries[0].note: this text holds a character", id="half a pair"),
            pytest.param("entries.0.note", "x" * 4001, "entries[0].note: this text is longer", id="too long"),
            pytest.param("entries.0.felt_at", "2999-01-01T00:00:00Z", "entries[0].felt_at", id="in the future"),
            pytest.param("entries.0.felt_at", "1800-01-01T00:00:00Z", "before the year 1900", id="long ago"),
            pytest.param("entries.0.local_date", "2026-01-01", "not the day on which it was felt", id="another day"),
            pytest.param(
                "entries.3.triggers.0", "moon", "entries[3].triggers[0]: “moon” is not on the list", id="no cause"
            ),
            pytest.param(
                "entries.3.triggers", "stress", "entries[3].triggers: this must be a list", id="no list of causes"
            ),
            pytest.param(
                "entries.3.triggers", ["cold", "cold"], "triggers[1]: “cold” stands here a second", id="twice"
            ),
            pytest.param(
                "entries.3.eased_by", ["sitting"], "entries[3].eased_by[0]: “sitting” is not", id="other list"
            ),
            pytest.param(
                "entries.3.eased_by", [["rest"]], "entries[3].eased_by[0]: “…” is not on the", id="deeper list"
            ),
            pytest.param("entries.3.managed", "x" * 501, "entries[3].managed: this text is longer", id="too much"),
            pytest.param("entries.3.sleep", 11, "entries[3].sleep: “11” is not on the scale", id="slept 11 of 10"),
            pytest.param("entries.0.source", "fax", "entries[0].source: “fax” is not on the list", id="no such source"),
            pytest.param("entries.0.colour", "red", "entries[0].colour: Ebb knows nothing", id="an unknown name"),
            pytest.param("entries.0", [], "entries[0]: this must be an object", id="no object"),
            pytest.param("entries", {}, "entries: this must be a list", id="no list"),
            pytest.param("entries.0.sites", 5, "entries[0].sites: this must be a list", id="places that are none"),
            pytest.param("pictures", [1], "pictures: Ebb knows nothing of this name", id="an unknown list"),
            pytest.param("format", "other", "format: this is not a file that Ebb has exported", id="another program"),
            pytest.param("version", 2, "version: a newer Ebb has written this file (version 2)", id="a newer Ebb"),
            pytest.param("attempts.0.treatment_type", "voodoo", "“voodoo” is not on the list", id="no such type"),
            pytest.param("attempts.0.diagnosis", str(uuid4()), "is neither in the file nor", id="no such diagnosis"),
            pytest.param(
                "attempts.0.stopped_on", "2026-01-01", "attempts[0]: this cannot be taken over", id="stops first"
            ),
            pytest.param(
                "attempts.0.started_on", "2999-01-01", "attempts[0]: this cannot be taken over", id="far ahead"
            ),
            pytest.param("second_opinions.0.left_out", ["allergies"], "left_out[0]: “allergies”", id="must be told"),
            pytest.param("second_opinions.0.decided", {"x": "show"}, "decided.x: Ebb knows nothing", id="no digest"),
            pytest.param(
                "second_opinions.0.sealed_opened_by", "patient", "this cannot be taken over", id="opened, when"
            ),
            pytest.param("independent_views.0.opinion", str(uuid4()), "is neither in the file nor", id="no opinion"),
            pytest.param("comparisons.0.outcome", "wrong", "comparisons[0].outcome: “wrong”", id="no such outcome"),
            pytest.param("attachments.0.content", "PGh0bWw+", "attachments[0]: this cannot be taken", id="a web page"),
            pytest.param("attachments.0.content", "é", "attachments[0].content: this text holds", id="not base64"),
            pytest.param("shares.0.opinion", None, "shares[0].opinion: this cannot be taken over", id="of no brief"),
            pytest.param("share_views.0.at", "2999-01-01T00:00:00Z", "share_views[0].at", id="opened in the future"),
            pytest.param("appointments.0.zone", "Mars/Base", "appointments[0]: this cannot be", id="a visit on Mars"),
            pytest.param("diagnoses.0.name", "  ", "diagnoses[0]: this cannot be taken over", id="no name"),
            pytest.param("sessions.0.exercises_done", ["jump"], "sessions[0].exercises_done[0]", id="no such move"),
            pytest.param("sessions.0.local_date", "2999-01-01", "sessions[0].local_date", id="a session to come"),
            pytest.param(
                "assessments.0.answers", {"x": 1}, "assessments[0].answers: this cannot", id="no such question"
            ),
            pytest.param("red_flag_screens.0.nrs", 11, "red_flag_screens[0].nrs: “11” is not on the scale", id="a 11"),
            pytest.param("red_flag_screens.0.answers", [], "red_flag_screens[0].answers: this must", id="a list"),
            pytest.param("red_flag_screens.0.answers", {"hurt": 1}, "red_flag_screens[0].answers.hurt: “1”", id="a 1"),
            pytest.param("red_flag_screens.0.answers", {"a b": "no"}, "red_flag_screens[0].answers.a b", id="a space"),
            pytest.param(
                "red_flag_screens.0.answered_at",
                "2999-01-01T00:00:00Z",
                "red_flag_screens[0].answered_at",
                id="to come",
            ),
            pytest.param(
                "health_profile.0.birth_year", 1850, "health_profile[0]: this cannot be taken over", id="1850"
            ),
            pytest.param("health_profile.0.facts", {"x": "yes"}, "health_profile[0].facts.x: “yes”", id="no such fact"),
            pytest.param(
                "health_profile.0.facts", [], "health_profile[0].facts: this must be an object", id="no facts"
            ),
            pytest.param("health_profile.0.facts", {"diabetes": []}, "health_profile[0].facts.diabetes", id="a list"),
            pytest.param("medicines.0.name", " ", "medicines[0]: this cannot be taken over", id="a medicine unnamed"),
            pytest.param(
                "medicines.0.stopped_on", "1901-01-01", "medicines[0]: this cannot", id="stops before it began"
            ),
            pytest.param("intakes.0.medicine", str(uuid4()), "is neither in the file nor", id="no such medicine"),
            pytest.param("intakes.0.taken_at", "2999-01-01T00:00:00Z", "intakes[0].taken_at", id="an intake to come"),
            pytest.param("intakes.0.local_date", "2026-01-01", "intakes[0].local_date", id="an intake on another day"),
            pytest.param("questionnaires.0.answers", {"pain": 11}, "These answers cannot be scored", id="answers"),
            pytest.param("questionnaires.0.scores", {"mean": 1}, "These answers have other scores", id="other scores"),
            pytest.param(
                "questionnaires.0.answered_at", "2999-01-01T00:00:00Z", "later than now", id="answers to come"
            ),
            pytest.param("questionnaires.0.zone", "Mars/Base", "questionnaires[0].zone", id="answered on Mars"),
            pytest.param("tombstones.0.deleted_at", None, "tombstones[0].deleted_at", id="no moment"),
        ],
    )
    def test_a_wrong_value_is_told_by_line_and_path_and_changes_nothing(self, record, charlie, path, value, says):
        content = packed(changed(record, path, value))
        for act in (record_imports.preview, lambda **given: record_imports.run(filename="x", **given)):
            with pytest.raises(LogFileRefused) as refused:
                act(by=charlie.user, content=content, at=LATER)
            assert says in refused.value.messages[0]
            assert refused.value.messages[0].startswith("Line 1, column ")
        assert not charlie.patient.pain_entries.exists() and not charlie.patient.attempts.exists()
        assert not charlie.patient.log_imports.exists() and not charlie.patient.diagnoses.exists()

    def test_a_missing_value_is_named(self, record, charlie):
        record = deepcopy(record)
        del record["entries"][1]["nrs"]
        with pytest.raises(LogFileRefused, match="entries\\[1\\].nrs: this is missing"):
            bring(charlie, record)

    @pytest.mark.parametrize(
        "name",
        ["entries", "attempts", "diagnoses", "sessions", "tombstones", "assessments", "medicines", "intakes"]
        + ["red_flag_screens"],
    )
    def test_the_same_key_twice_is_refused(self, record, charlie, name):
        record = deepcopy(record)
        record[name].append(record[name][0])
        with pytest.raises(LogFileRefused, match="a second time"):
            bring(charlie, record)

    def test_the_same_place_twice_is_refused(self, record, charlie):
        record = deepcopy(record)
        record["entries"][2]["sites"].append(record["entries"][2]["sites"][0])
        with pytest.raises(LogFileRefused, match="entries\\[2\\].sites: “low_back” stands here a second time"):
            bring(charlie, record)

    def test_a_file_cut_off_anywhere_is_refused_or_nothing_else(self, record, alice, charlie):
        content = exported(alice)
        for end in range(0, len(content) - 3, 997):
            with pytest.raises(LogFileRefused):
                record_imports.run(by=charlie.user, content=content[:end], filename="x", at=LATER)
        assert not charlie.patient.pain_entries.exists()

    def test_a_fault_is_told_by_its_line(self, record, alice, charlie):
        content = exported(alice).replace(b'"nrs":6', b'"nrs":60', 1)
        line = content[: content.index(b'"nrs":60')].count(b"\n") + 1
        with pytest.raises(LogFileRefused, match=f"Line {line}, column 1, entries\\[2\\].nrs: “60”"):
            record_imports.run(by=charlie.user, content=content, filename="x", at=LATER)


class TestRoundTrip:
    def test_an_empty_record_becomes_an_equal_one(self, record, charlie):
        done = bring(charlie, record)
        assert lasting(document(charlie)) == lasting(record)
        assert (done.n_rows, done.n_added, done.n_duplicates) == (4, 4, 0)

    @pytest.mark.parametrize(
        ("name", "value"),
        [("scoring_version", "0"), ("version", "draft"), ("instrument", "odi"), ("attempt", str(UUID(int=9)))],
    )
    def test_a_score_that_cannot_be_checked_stays_in_the_file(self, record, charlie, name, value):
        preview = record_imports.preview(
            by=charlie.user, content=packed(changed(record, f"questionnaires.0.{name}", value)), at=LATER
        )
        assert (preview.tallies["questionnaires"].n_left, preview.tallies["questionnaires"].n_new) == (1, 2)

    def test_what_was_said_of_a_treatment_is_about_it_again(self, record, charlie):
        bring(charlie, record)
        response = charlie.patient.questionnaire_responses.get(instrument="global_change")
        assert response.attempt == charlie.patient.attempts.get()

    def test_the_lasting_rows_are_equal_byte_for_byte(self, record, alice, charlie):
        bring(charlie, record)
        mine, theirs = (json.dumps(lasting(document(person)), ensure_ascii=False) for person in (alice, charlie))
        assert mine == theirs

    def test_a_second_time_adds_nothing(self, record, charlie):
        bring(charlie, record)
        once = document(charlie)
        done = bring(charlie, record, at=LATER + timedelta(hours=1))
        again = document(charlie)
        assert (done.n_added, done.n_duplicates) == (0, 4)
        assert {name: again[name] for name in lasting(again)} == {name: once[name] for name in lasting(once)}

    def test_ones_own_file_adds_nothing(self, record, alice):
        assert {new for new, _, _ in tallied(alice, record).values()} == {0}

    def test_entries_are_changed_when_they_come_so_that_devices_hear_of_them(self, record, charlie):
        bring(charlie, record)
        assert set(charlie.patient.pain_entries.values_list("changed_at", flat=True)) == {LATER}
        heard = changes.since(patient=charlie.patient, number=0, limit=100)
        assert {row.uuid for row in heard.rows} == {
            *charlie.patient.pain_entries.values_list("uuid", flat=True),
            *charlie.patient.entry_tombstones.values_list("uuid", flat=True),
        }

    def test_two_patients_may_have_the_same_keys(self, record, alice, charlie):
        before = document(alice)["entries"]
        bring(charlie, changed(record, "entries.0.note", "charlie's"))
        assert document(alice)["entries"] == before

    def test_an_older_file_without_what_may_be_empty_is_read(self, record, charlie):
        record = deepcopy(record)
        for name in ("note", "helped", "sites", "mood", "log_import"):
            del record["entries"][0][name]
        assert bring(charlie, record).n_added == 4

    def test_another_order_and_layout_make_no_difference(self, record, charlie):
        lists = {name: record[name] for name in reversed(list(record)) if isinstance(record[name], list)}
        head = {name: record[name] for name in ("version", "format")}
        content = b"\xef\xbb\xbf" + json.dumps(head | lists, indent=4).encode()
        record_imports.run(by=charlie.user, content=content, filename="x", at=LATER)
        assert lasting(document(charlie)) == lasting(record)


class TestSecondOpinions:
    def test_a_link_comes_back_as_ended_and_opens_nothing(self, record, charlie, client):
        bring(charlie, changed(record, "shares.0.opens_sealed", True))
        share = charlie.patient.shares.get()
        assert (share.revoked_at, share.opens_sealed) == (LATER, True)
        assert client.post(f"/shared/{sharing.token_of(share)}/").status_code == 410

    def test_a_file_without_its_content_stays_where_it_was(self, record, charlie):
        del record["attachments"][0]["content"]
        preview = record_imports.preview(by=charlie.user, content=packed(record), at=LATER)
        assert (preview.tallies["attachments"].n_left, preview.tallies["attachments"].n_new) == (1, 0)

    def test_a_file_is_cleaned_before_it_is_kept(self, record, charlie):
        record["attachments"][0] |= {"content": b64encode(photo()).decode(), "media_type": "image/jpeg"}
        bring(charlie, record)
        assert SECRET.encode() not in bytes(charlie.patient.attachments.get().content)

    def test_an_opinion_keeps_its_files_and_forgets_those_that_are_not_there(self, record, charlie):
        here = record["attachments"][0]["uuid"]
        bring(charlie, changed(record, "second_opinions.0.attached", [here, str(uuid4())]))
        assert charlie.patient.second_opinions.get().attached == [here]

    def test_a_visit_to_come_is_told_by_mail(self, record, charlie):
        starts_at = (LATER + timedelta(days=9)).isoformat()
        record["appointments"][0] |= {"starts_at": starts_at, "remind_before": 1440}
        bring(charlie, record)
        assert charlie.patient.appointments.get().mails.count() == 1

    def test_the_whole_import_can_be_taken_back(self, record, charlie):
        done = bring(charlie, record)
        import_history.take_back(by=charlie.user, log_import=done, at=LATER + timedelta(minutes=1))
        names = ("second_opinions", "attachments", "shares", "appointments", "diagnoses")
        assert {name: document(charlie)[name] for name in names} == dict.fromkeys(names, [])

    def test_what_was_added_to_since_stays(self, record, charlie):
        done = bring(charlie, record)
        said = {"opinion": charlie.patient.second_opinions.get(), "uuid": uuid4(), "diagnosis": "Another view"}
        second_opinions.write_view(by=charlie.user, at=LATER + timedelta(minutes=1), **said)
        import_history.take_back(by=charlie.user, log_import=done, at=LATER + timedelta(minutes=2))
        assert charlie.patient.second_opinions.get().comparisons.get().diagnosis in charlie.patient.diagnoses.all()


class TestWhatIsThereAlready:
    def test_the_record_wins_over_the_file(self, record, alice):
        for path, value in [
            ("entries.1.nrs", 9),
            ("entries.2.sites.0.nrs", 1),
            ("attempts.0.dose", "2"),
            ("diagnoses.0.ground", "x"),
            ("health_profile.0.sex", "male"),
            ("medicines.0.dose", "2"),
            ("intakes.0.dose", "2"),
            ("proposals.0.decision", "declined"),
            ("treatment_plan.0.dose", "2"),
        ]:
            name = path.split(".")[0]
            assert tallied(alice, changed(record, path, value))[name][0::2] == (0, 1), path
        bring(alice, changed(record, "entries.1.nrs", 9))
        assert document(alice)["entries"][1]["nrs"] == record["entries"][1]["nrs"]

    def test_the_order_of_places_is_no_difference(self, record, alice):
        record["entries"][2]["sites"].reverse()
        assert tallied(alice, record)["entries"] == (0, 4, 0)

    def test_what_the_patient_deleted_is_not_brought_back(self, record, alice):
        pain_log.remove(by=alice.user, entry=alice.patient.pain_entries.get(nrs=6), at=NOW)
        preview = record_imports.preview(by=alice.user, content=packed(record), at=LATER)
        assert preview.tallies["entries"].n_deleted == 1
        assert bring(alice, record).n_added == 0

    def test_a_tombstone_of_a_file_deletes_nothing(self, record, charlie):
        uuid = record["tombstones"][0]["uuid"]
        pain_log.add(by=charlie.user, uuid=uuid, source="web", at=NOW, nrs=3, felt_at=NOW, zone="UTC")
        bring(charlie, record)
        assert charlie.patient.pain_entries.filter(uuid=uuid).exists()
        assert not EntryTombstone.objects.filter(patient=charlie.patient, uuid=uuid).exists()

    def test_a_treatment_that_runs_already_is_left_out(self, record, charlie):
        row = record["attempts"][0]
        kind = TreatmentAttempt.objects.get().treatment_type
        said = {"treatment_type": kind, "own_words": row["own_words"], "started_on": NOW.date() - timedelta(days=3)}
        treatments.start(by=charlie.user, uuid=uuid4(), at=NOW, on=NOW.date(), **said)
        assert tallied(charlie, record)["attempts"] == (0, 0, 1)

    def test_the_same_diagnosis_of_the_same_clinician_is_one(self, record, charlie):
        treatments.note_diagnosis(by=charlie.user, uuid=uuid4(), name=MARKER, said_by=MARKER)
        assert tallied(charlie, record)["diagnoses"] == (0, 1, 0)
        bring(charlie, record)
        assert charlie.patient.attempts.get().diagnosis == charlie.patient.diagnoses.get()

    def test_a_day_has_one_session(self, record, charlie):
        record["sessions"][0]["uuid"] = str(uuid4())
        bring(charlie, record)
        record["sessions"][0]["uuid"] = str(uuid4())
        assert tallied(charlie, record)["sessions"] == (0, 1, 0)


class TestProposals:
    def test_one_comes_back_with_what_was_decided(self, record, charlie):
        bring(charlie, changed(record, "proposals.0.decision", "declined"))
        proposal = charlie.patient.proposals.get()
        assert (proposal.name, proposal.reason, proposal.decision) == (MARKER, MARKER, "declined")

    def test_bringing_one_back_advises_nothing_by_itself(self, record, charlie):
        bring(charlie, record | {"advice": []})
        assert charlie.patient.proposals.exists() and not charlie.patient.advice.exists()

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            pytest.param("proposals.0.name", "", id="without a name"),
            pytest.param("proposals.0.decision", "perhaps", id="decided in no known way"),
            pytest.param("proposals.0.proposed_on", "2999-01-01", id="proposed in the future"),
        ],
    )
    def test_one_that_cannot_be_is_refused(self, record, charlie, path, value):
        with pytest.raises(LogFileRefused, match=r"proposals\[0\]"):
            bring(charlie, changed(record, path, value))
        assert not charlie.patient.proposals.exists()


class TestPlan:
    def test_what_is_planned_next_comes_back(self, record, charlie):
        bring(charlie, record)
        plan = treatment_plans.plan_of(charlie.patient)
        assert (plan.own_words, plan.treatment_type.key, plan.planned_for) == (MARKER, "massage", NOW.date())

    def test_it_is_still_the_plan_of_its_visit(self, record, charlie):
        visit = record["appointments"][0]["uuid"]
        bring(charlie, changed(record, "treatment_plan.0.visit", visit))
        assert str(treatment_plans.plan_of(charlie.patient).visit.uuid) == visit
        assert treatment_plans.plan_of(charlie.patient).visit.patient == charlie.patient

    @pytest.mark.parametrize("visit", [None, str(UUID(int=7))])
    def test_without_its_visit_it_is_nobodys(self, record, charlie, visit):
        bring(charlie, changed(record, "treatment_plan.0.visit", visit))
        assert treatment_plans.plan_of(charlie.patient).visit is None

    def test_a_plan_whose_day_has_passed_comes_back_as_it_was(self, record, charlie):
        bring(charlie, record, at=NOW + timedelta(days=40))
        assert treatment_plans.plan_of(charlie.patient).planned_for == NOW.date()

    def test_a_plan_that_is_there_stays(self, record, charlie):
        kind = TreatmentAttempt.objects.get().treatment_type
        mine = {"treatment_type": kind, "own_words": "mine", "planned_for": NOW.date()}
        treatment_plans.put(by=charlie.user, uuid=uuid4(), at=NOW, on=NOW.date(), **mine)
        bring(charlie, record)
        assert treatment_plans.plan_of(charlie.patient).own_words == "mine"

    def test_one_that_was_begun_meanwhile_is_not_planned_again(self, record, alice):
        treatment_plans.drop(by=alice.user)
        alice.patient.attempts.update(uuid=record["treatment_plan"][0]["uuid"])
        bring(alice, record | {"attempts": [], "questionnaires": [], "advice": []})
        assert treatment_plans.plan_of(alice.patient) is None

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            pytest.param("treatment_plan.0.treatment_type", "moonlight", id="of no known type"),
            pytest.param("treatment_plan.0.planned_for", "2999-01-01", id="in the far future"),
        ],
    )
    def test_one_that_cannot_be_is_refused(self, record, charlie, path, value):
        with pytest.raises(LogFileRefused, match=r"treatment_plan\[0\]"):
            bring(charlie, changed(record, path, value))
        assert treatment_plans.plan_of(charlie.patient) is None


class TestCheckUps:
    def test_one_of_another_edition_stays_in_the_file(self, record, charlie):
        preview = record_imports.preview(
            by=charlie.user, content=packed(changed(record, "assessments.0.rulebook_version", "old")), at=LATER
        )
        assert preview.tallies["assessments"].n_left == 1

    @pytest.mark.parametrize("outcome", [{}, None, [], {"level": "emergency", "headline": "<b>made up</b>"}])
    def test_a_made_up_result_is_not_believed(self, record, charlie, outcome):
        bring(charlie, changed(record, "assessments.0.outcome", outcome))
        assert not charlie.user.assessments.exists()

    def test_the_result_is_shown_as_it_was(self, record, charlie):
        bring(charlie, record)
        (assessment,) = charlie.user.assessments.all()
        assert client_for(charlie).get(f"/checkup/{assessment.uuid}/result/").status_code == 200

    def test_with_check_ups_off_they_stay_in_the_file(self, record, charlie, settings):
        settings.EBB_CHECKUP = False
        assert not checkups.is_on()
        bring(charlie, record)
        assert not charlie.user.assessments.exists()


class TestPage:
    def upload(self, person, content: bytes, name: str = "ebb.json"):
        file = SimpleUploadedFile(name, content, "application/json")
        return client_for(person).post(PAGE, {"file": file}, follow=True)

    def test_a_broken_file_is_told_where(self, charlie):
        response = self.upload(charlie, b'{"format":\n"ebb-record"')
        assert response.status_code == 422
        assert "Line 2, column 13" in response.content.decode()

    def test_a_file_is_known_by_what_is_in_it_and_not_by_its_name(self, record, charlie):
        assert "is a record that Ebb has exported" in self.upload(charlie, packed(record), "x.csv").content.decode()
        assert "rating would be added" in self.upload(charlie, b"day,pain\n2026-03-01,3\n", "x.json").content.decode()

    def test_looking_changes_nothing(self, record, charlie):
        page = self.upload(charlie, packed(record)).content.decode()
        assert "4 ratings would be added" in page and "Verdicts are not taken over" in page
        assert not PainEntry.objects.filter(patient=charlie.patient).exists()
        assert not charlie.patient.diagnoses.exists() and not charlie.patient.exercise_sessions.exists()

    def test_confirming_brings_it(self, record, charlie):
        file = self.upload(charlie, packed(record)).context["file"]
        response = client_for(charlie).post(f"/import/{file.uuid}/confirm/", follow=True)
        assert response.status_code == 200
        assert charlie.patient.pain_entries.count() == 4
        assert AuditEvent.objects.filter(patient=charlie.patient, verb="imported").exists()

    def test_a_record_may_be_larger_than_a_table(self, alice, charlie):
        record = {"format": "ebb-record", "version": 1, "exported_at": "x " * 10_500_000}
        response = self.upload(charlie, packed(record | {"entries": []}))
        assert response.status_code == 200

    def test_a_table_may_not(self, charlie):
        assert self.upload(charlie, b"day,pain\n" + b"2026-03-01,3\n" * 1_600_000).status_code == 422


class TestCommand:
    def test_it_takes_an_exported_record(self, record, alice, charlie, tmp_path):
        file = tmp_path / "ebb.json"
        file.write_bytes(exported(alice))
        out = StringIO()
        call_command("import_log", str(file), email=charlie.email, stdout=out)
        assert "entries: 4 new, 0 there already" in out.getvalue()
        assert lasting(document(charlie)) == lasting(record)

    def test_it_says_where_a_file_is_wrong(self, charlie, tmp_path):
        file = tmp_path / "ebb.json"
        file.write_bytes(b'{"format":1}')
        with pytest.raises(CommandError, match="not a file that Ebb has exported"):
            call_command("import_log", str(file), email=charlie.email, stdout=StringIO())


class TestTextComesBack:
    def test_strange_text_is_the_same_after_export_and_import(self, alice, charlie):
        texts = [text for text in STRINGS if "\0" not in text and len(text) <= 500]
        write(alice, texts)
        content = exported(alice)
        record_imports.run(by=charlie.user, content=content, filename="x", at=LATER)
        for column in ("note", "helped"):
            theirs = charlie.patient.pain_entries.order_by("felt_at").values_list(column, flat=True)
            assert list(theirs) == texts

    def test_thousands_of_entries_need_few_queries(self, alice, charlie, django_assert_max_num_queries):
        write(alice, ["x"] * 3_000)
        content = exported(alice)
        with django_assert_max_num_queries(100):
            record_imports.run(by=charlie.user, content=content, filename="x", at=LATER)
        assert imports.LogImport.objects.get(patient=charlie.patient).n_added == 3_000


class TestBesideTheNumber:
    def test_ticked_words_in_another_order_are_the_same_entry(self, record, charlie):
        bring(charlie, record)
        turned = changed(record, "entries.3.triggers", ["stress", "sitting"])
        assert tallied(charlie, turned)["entries"] == (0, 4, 0)
        assert tallied(charlie, changed(record, "entries.3.triggers", ["stress"]))["entries"] == (0, 3, 1)

    def test_a_file_without_it_is_as_good_as_one_with_nothing_said(self, record, charlie):
        record = deepcopy(record)
        for entry in record["entries"]:
            for name in ("managed", "triggers", "eased_by", "interference", "sleep", "mood"):
                del entry[name]
        bring(charlie, record)
        assert tallied(charlie, record)["entries"] == (0, 4, 0)
        assert set(charlie.patient.pain_entries.values_list("managed", "sleep")) == {("", None)}


class TestTable:
    def test_entries_come_back_from_a_table_too(self, record, alice, charlie):
        content = exported(alice, "csv")
        record_imports.run(by=charlie.user, content=content, filename="x", at=LATER)
        assert lasting(document(charlie))["entries"] == lasting(record)["entries"]
        assert exported(charlie, "csv") == content.replace(
            b",2026-11-23T12:00:00Z,web", b",2026-11-23T13:00:00Z,web"
        ).replace(b",2026-11-23T12:00:00Z,import", b",2026-11-23T13:00:00Z,import")

    def test_of_an_earlier_ebb_comes_back_without_what_it_did_not_have(self, alice, charlie):
        fill(alice)
        later = {"managed", "triggers", "eased_by"}
        lines = list(csv.reader(StringIO(exported(alice, "csv").decode("utf-8-sig"), newline="")))
        kept = [number for number, name in enumerate(lines[0]) if name not in later]
        out = StringIO()
        csv.writer(out).writerows([line[number] for number in kept] for line in lines)
        record_imports.run(by=charlie.user, content=out.getvalue().encode(), filename="x", at=LATER)
        beside = charlie.patient.pain_entries.values_list("helped", "managed", "triggers", "eased_by")
        assert (f"{MARKER} walk", "", [], []) in beside

    def test_formulas_and_strange_text_come_back_exactly(self, alice, charlie):
        texts = [text for text in STRINGS if "\0" not in text and len(text) <= 500]
        texts += ["=1+1", "'=1+1", "''", "@A1", "-2", "+3", "\t=1", "\r\n=1"]
        write(alice, texts)
        record_imports.run(by=charlie.user, content=exported(alice, "csv"), filename="x", at=LATER)
        assert list(charlie.patient.pain_entries.order_by("felt_at").values_list("note", flat=True)) == texts

    def test_a_table_and_the_json_of_one_record_add_up_to_it_once(self, record, alice, charlie):
        bring(charlie, record)
        content = exported(alice, "csv")
        assert record_imports.run(by=charlie.user, content=content, filename="x", at=LATER).n_added == 0

    def test_semicolons_of_a_spreadsheet_are_read(self, alice, charlie):
        fill(alice)
        content = exported(alice, "csv").replace(b",", b";")
        assert record_imports.run(by=charlie.user, content=content, filename="x", at=LATER).n_added == 4

    @pytest.mark.parametrize(
        ("before", "after", "says"),
        [
            pytest.param(b",web,6,", b",web,60,", "Line 4, entries[2].nrs: “60” is not on the scale", id="60 of 10"),
            pytest.param(b",web,6,", b",web,six,", "Line 4, entries[2].nrs: “six” is not a whole number", id="a word"),
            pytest.param(
                b",web,6,neck,", b",web,5,neck,", "Line 5, entries[2]: the lines of this entry", id="two scores"
            ),
            pytest.param(b",web,6,neck,,", b",web,6,neck,", "Line 5: a quotation mark", id="a value too few"),
            pytest.param(
                b"sitting stress", b"sitting moon", "Line 6, entries[3].triggers[1]: “moon” is not", id="no cause"
            ),
            pytest.param(
                b"sitting stress", b"cold cold", "Line 6, entries[3].triggers[1]: “cold” stands", id="cause twice"
            ),
            pytest.param(
                b"managed,triggers", b"managed,managed", "Line 1: the first line does not", id="a column twice"
            ),
            pytest.param(b"sleep,mood", b"sleep,mode", "Line 1: the first line does not name", id="another column"),
            pytest.param(b'walk,"', b'walk,"x"', "Line", id="quotes"),
            pytest.param(b"xyzzy", b"\xff", "Line 6: this letter is not written in UTF-8", id="not UTF-8"),
        ],
    )
    def test_a_wrong_line_is_named(self, alice, charlie, before, after, says):
        fill(alice)
        content = exported(alice, "csv")
        if before not in content:
            content += b'"'
        with pytest.raises(LogFileRefused) as refused:
            record_imports.run(by=charlie.user, content=content.replace(before, after), filename="x", at=LATER)
        assert says in refused.value.messages[0]
        assert not charlie.patient.pain_entries.exists()
