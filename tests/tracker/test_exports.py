import json
from io import StringIO
from itertools import islice

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import ForeignObject
from django.urls import reverse
from fhir.resources.R4B.bundle import Bundle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessments import services as checkups
from tests.conftest import client_for
from tests.tracker.naughty import STRINGS
from tests.tracker.records import MARKER, NOW, document, exported, fill, said_password_again, table, write
from tracker.domain.record_file import FORMAT, VERSION
from tracker.domain.record_table import COLUMNS
from tracker.models import AuditEvent, Patient, User
from tracker.services import exports, pain_log

PAGE, FILE, API = "/export/", "/export/file/", "/api/v1/export/"
KINDS = [kind.value for kind in exports.Format]
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)
# Rows that hang on a patient and are in no export, and why.
NOT_EXPORTED = {
    "account.EmailConfirmation": "keys that work once, for some hours",
    "tracker.Summary": "what is wanted on a page for a clinician, and the page; forgotten after a day",
    "tracker.ImportPart": "attached files of a record on its way, as the file itself",
    "tracker.ImportFile": "files that the patient has, on their way into the record for a day at most",
    "admin.LogEntry": "what an operator did on the operator's pages",
}


def body(response) -> bytes:
    return b"".join(response.streaming_content)


class TestRefuses:
    @pytest.mark.parametrize("path", [PAGE, f"{FILE}?format=json"])
    def test_a_stranger_is_asked_to_log_in(self, client, db, path):
        assert "/accounts/login/" in client.get(path).headers["Location"]

    @pytest.mark.parametrize("path", [PAGE, f"{FILE}?format=json"])
    def test_a_session_that_is_open_for_days_is_asked_for_the_password(self, alice, alice_client, path):
        response = alice_client.get(path)
        assert response.headers["Location"].startswith("/accounts/reauthenticate/")
        assert not AuditEvent.objects.filter(verb="exported").exists()

    def test_the_api_asks_for_it_too(self, alice, alice_client):
        response = alice_client.get(API)
        assert response.status_code == 403
        assert "reauthenticate" in response.json()["detail"]

    def test_the_api_tells_nobody_without_a_log_in(self, client, db):
        assert client.get(API).status_code == 401

    @pytest.mark.parametrize("query", ["", "?format=", "?format=pdf", "?format=%00", "?format=json&format=x"])
    def test_another_format_is_refused(self, alice, query):
        client = said_password_again(alice)
        assert client.get(FILE + query).status_code == 422
        if query.strip("?format="):
            response = client.get(API + query)
            assert (response.status_code, response.headers["Content-Type"]) == (400, "application/problem+json")
        assert not AuditEvent.objects.filter(verb="exported").exists()

    @pytest.mark.parametrize("method", ["post", "put", "delete", "head"])
    def test_only_asking_gives_a_file(self, alice, method):
        response = getattr(said_password_again(alice), method)(f"{FILE}?format=json")
        assert response.status_code == 405

    @pytest.mark.parametrize("kind", KINDS)
    def test_nothing_of_another_patient_is_in_a_file(self, alice, charlie, kind):
        fill(alice)
        fill(charlie, marker="charlie's own words")
        content = exported(charlie, kind)
        assert MARKER.encode() not in content
        assert alice.email.encode() not in content
        assert not any(
            str(uuid).encode() in content
            for uuid in alice.patient.pain_entries.exclude(source="import").values_list("uuid", flat=True)
        )

    def test_who_else_did_something_is_told_without_an_address(self, alice, bob):
        AuditEvent.objects.create(actor=bob.user, patient=alice.patient, verb="saw", subject="x")
        AuditEvent.objects.create(actor=None, patient=alice.patient, verb="judged", subject="x")
        events = {event["verb"]: event["actor"] for event in document(alice)["audit_events"]}
        assert (events["saw"], events["judged"], events["opened"]) == ("somebody else", None, "patient")


class TestEverything:
    def test_no_model_with_a_path_to_the_patient_is_left_out(self):
        covered = {section.model._meta.label for section in (*exports.SECTIONS, *exports.PARTS)}
        covered |= {User._meta.label, Patient._meta.label}
        missing = {model._meta.label for model in owned()} - covered - set(NOT_EXPORTED)
        assert not missing, "say in tracker/services/exports.py how these rows are exported"

    def test_this_file_would_notice_a_model_that_is_left_out(self):
        assert {"tracker.PainEntry", "tracker.EntrySite", "tracker.Occurrence", "assessments.Assessment"} <= {
            model._meta.label for model in owned()
        }

    def test_every_column_is_there_or_left_out_for_a_reason(self, alice):
        fill(alice)
        record = document(alice)
        for section in exports.SECTIONS:
            assert record[section.name], f"records.fill has no row for {section.name}"
            named = {field.name for field in section.model._meta.concrete_fields if not field.primary_key}
            parts = {part.name for part in section.parts}
            assert set(record[section.name][0]) == (named - set(section.left_out)) | parts
            assert all(section.left_out.values())

    def test_the_profile_holds_what_the_patient_said(self, alice):
        profile = document(alice)["profile"]
        named = {field.name for model in (User, Patient) for field in model._meta.concrete_fields}
        assert set(profile) == named - set(exports.PROFILE_LEFT_OUT)
        assert (profile["email"], profile["display_name"], profile["zone"]) == (alice.email, "Alice", "Europe/Berlin")

    def test_no_secret_is_in_it(self, alice):
        fill(alice)
        content = exported(alice).decode()
        assert alice.user.password not in content
        assert alice.patient.reminders.get().unsubscribe_key not in content

    def test_the_file_says_what_it_is(self, alice):
        record = document(alice)
        assert (record["format"], record["version"], record["exported_at"]) == (FORMAT, VERSION, "2026-11-23T12:00:00Z")

    def test_each_row_has_a_line_of_its_own(self, alice):
        fill(alice)
        lines = exported(alice).decode().splitlines()
        rows = [json.loads(line.rstrip(",")) for line in lines if line.startswith('{"uuid"')]
        assert {row["uuid"] for row in rows} >= {
            str(uuid) for uuid in alice.patient.pain_entries.values_list("uuid", flat=True)
        }

    def test_entries_come_with_their_places_oldest_first(self, alice):
        fill(alice)
        entries = document(alice)["entries"]
        assert [entry["felt_at"] for entry in entries] == sorted(entry["felt_at"] for entry in entries)
        assert [len(entry["sites"]) for entry in entries] == [0, 0, 2, 0]
        assert entries[2]["sites"][0] == {"site": "low_back", "nrs": 7, "quality": "burning"}

    @pytest.mark.parametrize("kind", KINDS)
    def test_an_empty_record_gives_a_file_too(self, alice, kind):
        assert exported(alice, kind)

    @pytest.mark.parametrize("kind", KINDS)
    def test_a_fresh_record_of_the_same_state_gives_the_same_rows(self, alice, kind):
        fill(alice)
        if kind == "csv":
            assert exported(alice, kind) == exported(alice, kind)
        if kind == "json":
            first, second = document(alice), document(alice)
            assert {**first, "audit_events": 0} == {**second, "audit_events": 0}


def owned() -> set[type]:
    """Models that lead to a patient or a user by foreign keys."""
    found: set[type] = {Patient, User}
    while True:
        more = {
            model
            for model in apps.get_models()
            for field in model._meta.get_fields()
            if isinstance(field, ForeignObject) and field.related_model in found
        }
        if more <= found:
            return found
        found |= more


class TestText:
    def test_strange_text_comes_back_from_json_and_csv(self, alice):
        texts = [text for text in STRINGS if "\0" not in text and len(text) <= 500]
        write(alice, texts)
        by_uuid = {str(uuid): note for uuid, note in alice.patient.pain_entries.values_list("uuid", "note")}
        assert {entry["uuid"]: entry["note"] for entry in document(alice)["entries"]} == by_uuid
        assert {line["uuid"]: line["helped"] for line in table(exported(alice, "csv"))} == by_uuid

    @given(texts=st.lists(ANY_TEXT, min_size=1, max_size=5))
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_text_comes_back_from_json_and_csv(self, alice, texts):
        alice.patient.pain_entries.all().delete()
        write(alice, texts)
        assert [entry["note"] for entry in document(alice)["entries"]] == texts
        assert [line["note"] for line in table(exported(alice, "csv"))] == texts

    @pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "'=1"])
    def test_a_spreadsheet_runs_nothing(self, alice, formula):
        write(alice, [formula])
        content = exported(alice, "csv").decode("utf-8-sig")
        assert f"'{formula}" in content
        assert table(exported(alice, "csv"))[0]["note"] == formula


class TestTable:
    def test_each_place_of_an_entry_has_a_line(self, alice):
        fill(alice)
        lines = table(exported(alice, "csv"))
        assert [(line["nrs"], line["site"], line["site_nrs"], line["site_quality"]) for line in lines] == [
            ("3", "", "", ""),
            ("0", "", "", ""),
            ("6", "low_back", "7", "burning"),
            ("6", "neck", "", ""),
            ("4", "", "", ""),
        ]

    def test_times_are_those_of_the_zone_in_which_it_was_felt(self, alice):
        fill(alice)
        line = table(exported(alice, "csv"))[1]
        assert (line["felt_at"], line["local_date"]) == ("2026-11-19T23:45:00+05:45", "2026-11-19")

    def test_every_column_of_an_entry_is_in_it(self):
        columns = {name for name in exports.ENTRIES.columns if name != "log_import"}
        assert columns <= set(COLUMNS)


class TestFhir:
    def test_the_bundle_is_valid(self, alice):
        fill(alice)
        bundle = Bundle.model_validate_json(exported(alice, "fhir"))
        kinds = [entry.resource.get_resource_type() for entry in bundle.entry]
        counted = {kind: kinds.count(kind) for kind in kinds}
        expected = {"Patient": 1, "Observation": 7, "QuestionnaireResponse": 5, "RiskAssessment": 1, "Provenance": 1}
        expected["MedicationStatement"] = 2
        assert counted == expected
        assert bundle.type == "collection"

    def test_a_score_has_its_code_and_leads_to_its_answers(self, alice):
        fill(alice)
        resources = [entry["resource"] for entry in json.loads(exported(alice, "fhir"))["entry"]]
        scored = [one for one in resources if "derivedFrom" in one]
        told = {one["code"]["coding"][0]["code"]: one["valueQuantity"]["value"] for one in scored}
        assert told == {"91147-9": 6.0, "44261-6": 9}  # PEG mean, PHQ-9 total
        assert {one["derivedFrom"][0]["type"] for one in scored} == {"QuestionnaireResponse"}

    def test_answers_are_in_the_words_of_the_questionnaire_or_the_number(self, alice):
        fill(alice)
        resources = [entry["resource"] for entry in json.loads(exported(alice, "fhir"))["entry"]]
        items = {item["text"]: item["answer"] for one in resources for item in one.get("item", [])}
        assert items["What number best describes your pain on average in the past week?"] == [{"valueInteger": 7}]
        assert items["Poor appetite or overeating"] == [{"valueString": "Several days"}]

    def test_strange_text_leaves_it_valid(self, alice):
        write(alice, [text for text in STRINGS if "\0" not in text and len(text) <= 500])
        Bundle.model_validate_json(exported(alice, "fhir"))

    def test_every_reference_leads_to_something_in_it(self, alice):
        fill(alice)
        bundle = json.loads(exported(alice, "fhir"))
        there = {entry["fullUrl"] for entry in bundle["entry"]}
        assert set(references(bundle)) <= there
        assert len(there) == len(bundle["entry"])

    def test_the_patient_is_named_only_when_asked_for(self, alice):
        assert b"Alice" not in exported(alice, "fhir")
        assert b"Alice" in exported(alice, "fhir", with_name=True)

    def test_no_code_that_needs_a_licence_is_in_it(self, alice):
        fill(alice)
        content = exported(alice, "fhir").decode()
        assert "snomed" not in content.lower()
        assert {line for line in content.split('"') if line.startswith("http")} == {
            "http://loinc.org",
            "http://terminology.hl7.org/CodeSystem/observation-category",
            "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
            "http://unitsofmeasure.org",
        }


def references(value):
    if isinstance(value, dict):
        if "reference" in value:
            yield value["reference"]
        for inner in value.values():
            yield from references(inner)
    if isinstance(value, list):
        for inner in value:
            yield from references(inner)


class TestStream:
    @pytest.mark.parametrize("kind", KINDS)
    def test_queries_do_not_grow_with_the_record(self, alice, kind, django_assert_num_queries):
        fill(alice)
        n_few = queries_of(alice, kind)
        write(alice, ["x"] * (exports.ROWS_AT_ONCE * 2))
        assert queries_of(alice, kind) == n_few

    @pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "tried"])  # which has a line a treatment
    def test_the_first_piece_comes_before_the_rest_is_read(self, alice, kind, monkeypatch):
        write(alice, ["x" * 400] * 3_000)
        n_read = 0
        read = exports.Section.read

        def counted(self, *arguments):
            nonlocal n_read
            for values in read(self, *arguments):
                n_read += 1
                yield values

        monkeypatch.setattr(exports.Section, "read", counted)
        pieces = exports.pieces(by=alice.user, kind=exports.Format(kind), at=NOW)
        first = next(iter(pieces))
        assert exports.PIECE <= len(first) < 40 * exports.PIECE
        assert n_read < 3_000
        sizes = [len(piece) for piece in islice(pieces, 200)]
        assert max(sizes) < 40 * exports.PIECE and n_read >= 3_000

    def test_an_entry_deleted_in_the_middle_leaves_the_rest_in_order(self, alice):
        fill(alice)
        entries = exports.rows(exports.ENTRIES, alice.user)
        first = next(entries)
        pain_log.remove(by=alice.user, entry=alice.patient.pain_entries.get(nrs=4), at=NOW)
        assert first["nrs"] == 3 and [entry["nrs"] for entry in entries][:2] == [0, 6]

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_size_told_beforehand_is_about_right(self, alice, kind):
        write(alice, ["a note of some length, as people write"] * 500)
        told, real = exports.sizes(by=alice.user)[exports.Format(kind)], len(exported(alice, kind))
        assert real / 2 < told < real * 2


def queries_of(person, kind: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        for _ in exports.pieces(by=person.user, kind=exports.Format(kind), at=NOW):
            pass
    return len(queries)


class TestPage:
    def test_it_names_four_files_in_plain_words(self, alice):
        page = said_password_again(alice).get(PAGE).content.decode()
        assert page.count('action="/export/file/"') == 4
        assert "LOINC is copyright" in page

    def test_its_queries_are_constant(self, alice, django_assert_max_num_queries):
        client = said_password_again(alice)
        fill(alice)
        with django_assert_max_num_queries(37):
            client.get(PAGE)

    @pytest.mark.parametrize("page", ["/settings/", "/entries/"])
    def test_it_is_found_from(self, alice, page):
        fill(alice)
        assert f'href="{PAGE}"' in client_for(alice).get(page).content.decode()

    @pytest.mark.parametrize(
        ("kind", "name", "content_type"),
        [
            ("json", "ebb-2026-11-24.json", "application/json"),
            ("csv", "ebb-2026-11-24.csv", "text/csv; charset=utf-8"),
            ("fhir", "ebb-2026-11-24.fhir.json", "application/fhir+json"),
        ],
    )
    @pytest.mark.parametrize("path", [FILE, API])
    def test_a_file_is_saved_under_a_neutral_name_and_kept_by_no_cache(self, alice, path, kind, name, content_type):
        with time_machine.travel("2026-11-23T23:30:00+00:00", tick=False):  # the 24th in Berlin
            response = said_password_again(alice).get(path, {"format": kind})
        assert response.status_code == 200 and response.streaming
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert (response.headers["Cache-Control"], response.headers["Content-Type"]) == ("no-store", content_type)
        assert body(response)

    def test_page_and_api_give_the_same_file(self, alice):
        fill(alice)
        client = said_password_again(alice)
        assert body(client.get(FILE, {"format": "csv"})) == body(client.get(API, {"format": "csv"}))

    def test_the_name_goes_into_the_file_only_when_ticked(self, alice):
        client = said_password_again(alice)
        assert b"Alice" not in body(client.get(FILE, {"format": "fhir"}))
        assert b"Alice" in body(client.get(FILE, {"format": "fhir", "with_name": "on"}))

    def test_each_export_is_written_down(self, alice):
        client = said_password_again(alice)
        for _ in range(3):
            body(client.get(FILE, {"format": "csv"}))
        events = AuditEvent.objects.filter(verb="exported", actor=alice.user, patient=alice.patient)
        assert list(events.values_list("subject", flat=True)) == ["record as csv"] * 3

    def test_somebody_without_a_password_is_not_asked_for_one(self, alice):
        alice.user.set_unusable_password()
        alice.user.save()
        assert client_for(alice).get(PAGE).status_code == 200


class TestCommand:
    def test_it_refuses_an_unknown_patient_and_another_file(self, alice, tmp_path):
        there = tmp_path / "there.json"
        there.write_text("mine")
        with pytest.raises(CommandError, match="no patient"):
            call_command("export_log", str(tmp_path / "x"), email="nobody@example.org")
        with pytest.raises(CommandError, match="cannot be written"):
            call_command("export_log", str(there), email=alice.email)
        assert there.read_text() == "mine"
        assert not AuditEvent.objects.filter(verb="exported").exists()

    def test_it_writes_a_file(self, alice, tmp_path):
        fill(alice)
        call_command("export_log", str(tmp_path / "x.json"), email=alice.email.upper(), stdout=StringIO())
        assert len(json.loads((tmp_path / "x.json").read_bytes())["entries"]) == 4

    def test_it_writes_to_standard_output(self, alice, capfdbinary):
        call_command("export_log", "-", email=alice.email, format="csv")
        assert capfdbinary.readouterr().out.startswith(b"\xef\xbb\xbfuuid,felt_at")


class TestOneCheckUp:
    def test_is_not_given_to_another(self, alice, charlie_client):
        fill(alice)
        checkup = alice.user.assessments.first()
        assert charlie_client.get(reverse("export_checkup", args=[checkup.uuid])).status_code == 404

    def test_is_a_valid_bundle_of_answers_and_what_the_rules_made_of_them(self, alice, alice_client):
        fill(alice)
        checkup = alice.user.assessments.finished().first()
        response = alice_client.get(reverse("export_checkup", args=[checkup.uuid]))
        bundle = Bundle.model_validate_json(response.content)
        kinds = [entry.resource.get_resource_type() for entry in bundle.entry]
        assert kinds == ["Patient", "QuestionnaireResponse", "RiskAssessment", "Provenance"]
        assert "attachment" in response["Content-Disposition"]

    def test_that_was_only_begun_has_answers_alone(self, alice, alice_client):
        checkup = checkups.start(by=alice.user, at=NOW, known={"age": 44})
        bundle = Bundle.model_validate_json(alice_client.get(reverse("export_checkup", args=[checkup.uuid])).content)
        assert [entry.resource.get_resource_type() for entry in bundle.entry][1:] == [
            "QuestionnaireResponse",
            "Provenance",
        ]

    def test_names_no_condition_and_no_code_of_a_disease(self, alice):
        fill(alice)
        checkup = alice.user.assessments.finished().first()
        text = json.dumps(exports.check_up_bundle(by=alice.user, uuid=checkup.uuid, at=NOW))
        assert not any(word in text for word in ("Condition", "snomed", "icd", "probability"))
