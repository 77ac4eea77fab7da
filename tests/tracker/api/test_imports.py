import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.conftest import client_for
from tests.tracker.api.conftest import API, is_problem, new_uuid
from tests.tracker.records import exported, fill
from tracker import tasks
from tracker.models import ImportFile, PainEntry

IMPORTS = f"{API}/imports/"
SMALL = b"day,pain,note\n2026-03-01,4,a\n2026-03-02,5,b\n"
FOREIGN = b"Wann;Wert;Wetter\n03/04/2024;45;Regen\n05/06/2024;80;\n"
MAPPING = {"columns": ["day", "pain_0_100", "add_to_note"], "day_order": "day_first"}
LARGE = b"day,pain,note\n" + b"".join(b"2026-03-01,%d,%d %s\n" % (n % 11, n, b"." * 90) for n in range(1_200))


@pytest.fixture
def client(alice):
    return client_for(alice)


def send(client, content: bytes, kind: str = "text/csv", **query: str):
    address = IMPORTS + ("?" + "&".join(f"{name}={value}" for name, value in query.items()) if query else "")
    return client.post(address, content, content_type=kind)


class TestRefuses:
    def test_a_stranger_gets_nothing(self, db):
        from django.test import Client

        assert is_problem(send(Client(), SMALL), 401)

    @pytest.mark.parametrize("method", ["get", "delete"])
    def test_what_another_patient_brought_is_not_there(self, alice, charlie, client, method):
        uuids = [send(client, content, filename="private.csv").json()["uuid"] for content in (SMALL, LARGE)]
        for uuid in uuids:
            response = getattr(client_for(charlie), method)(f"{IMPORTS}{uuid}/")
            assert is_problem(response, 404) and "private" not in response.content.decode()
        assert (alice.patient.pain_entries.count(), alice.patient.import_files.count()) == (2, 1)

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"%PDF-1.4", "This is a PDF file"),
            (b"day,pain\n2026-03-01,11\n", "Line 2, column “pain”: “11” is not on the scale"),
            (b"day,pain\n03/04/2024,1\n", "“03/04/2024” can be two days"),
            (b"2024-01-01,3\n", "not sure what the columns hold"),
            (b'{"format": 1}', "not a file that Ebb has exported"),
        ],
    )
    def test_a_file_that_cannot_be_taken_over_says_why_and_is_not_kept(self, client, content, says):
        response = send(client, content)
        assert is_problem(response, 422)
        assert says in response.json()["errors"][0]["detail"]
        assert not PainEntry.objects.exists() and not ImportFile.objects.exists()

    def test_what_is_wrong_is_told_by_line_and_column(self, client):
        problems = send(client, b"day,pain\n2026-03-01,11\n2026-02-30,1\n").json()["problems"]
        assert [(one["fault"], one["line"], one["column"], one["given"]) for one in problems] == [
            ("out_of_range", 2, "pain", "11"),
            ("no_such_day", 3, "day", "2026-02-30"),
        ]

    @pytest.mark.parametrize(
        ("mapping", "status"),
        [
            ("x", 400),
            ("[" * 9_000, 400),
            ('{"columns":["day"],"columns":["pain"]}', 400),
            ("1", 422),
            ('{"columns":["day"]}', 422),
            ('{"columns":["day","pain","pain_1_5"]}', 422),
            ('{"columns":["day","pain","colour"]}', 422),
        ],
    )
    @pytest.mark.parametrize("dry_run", ["true", "false"])
    def test_a_mapping_that_does_not_fit_is_refused(self, client, mapping, status, dry_run):
        assert is_problem(send(client, SMALL, mapping=mapping, dry_run=dry_run), status)
        assert not ImportFile.objects.exists()

    @pytest.mark.parametrize("query", [{"dry_run": "perhaps"}, {"filename": "x" * 1_001}, {"filename": "%00"}])
    def test_a_question_that_makes_no_sense_is_refused(self, client, query):
        assert is_problem(send(client, SMALL, **query), 400)

    def test_a_form_without_a_file_is_refused(self, client):
        assert is_problem(client.post(IMPORTS, {"dry_run": "true"}), 400)
        assert is_problem(send(client, b""), 400)

    def test_another_kind_of_body_is_refused(self, client):
        assert is_problem(send(client, SMALL, kind="image/png"), 415)

    def test_what_is_too_large_is_refused_before_it_is_read(self, client):
        assert client.post(IMPORTS, b"x" * 51_000_001, content_type="text/csv").status_code in (400, 413)

    def test_taken_back_once_is_enough(self, client):
        address = f"{IMPORTS}{send(client, SMALL).json()['uuid']}/"
        assert client.delete(address).status_code == 204
        assert is_problem(client.delete(address), 409)

    def test_what_a_worker_has_cannot_be_thrown_away(self, client):
        uuid = send(client, LARGE).json()["uuid"]
        ImportFile.objects.update(state=ImportFile.State.RUNNING)
        assert is_problem(client.delete(f"{IMPORTS}{uuid}/"), 409)

    def test_an_import_that_there_is_not(self, client):
        assert is_problem(client.get(f"{IMPORTS}{new_uuid()}/"), 404)


class TestDryRun:
    def test_it_tells_what_would_happen_and_changes_nothing(self, client):
        told = send(client, SMALL, dry_run="true").json()
        assert (told["is_ready"], told["n_rows"], told["n_new"], told["questions"]) == (True, 2, 2, [])
        assert told["mapping"]["columns"] == ["day", "pain", "note"]
        assert told["first_rows"][0]["note"] == "a"
        assert not PainEntry.objects.exists() and not ImportFile.objects.exists()

    def test_it_tells_what_is_open(self, client):
        told = send(client, FOREIGN, dry_run="true").json()
        assert (told["is_ready"], told["columns"]) == (False, ["Wann", "Wert", "Wetter"])
        assert told["mapping"]["columns"] == ["day", "ignore", "ignore"]
        assert told["problems"][0]["fault"] == "no_pain_column"

    def test_what_it_tells_of_the_columns_may_be_changed_and_sent(self, client, alice):
        mapping = send(client, FOREIGN, dry_run="true").json()["mapping"] | MAPPING
        told = send(client, FOREIGN, dry_run="true", mapping=json.dumps(mapping)).json()
        assert (told["is_ready"], told["conversions"][0]) == (
            True,
            {"column": "Wert", "given": "45", "kept": 5, "n": 1},
        )
        assert send(client, FOREIGN, mapping=json.dumps(mapping)).status_code == 201
        assert alice.patient.pain_entries.get(local_date="2024-04-03").note == "Wetter: Regen"

    def test_it_tells_of_an_exported_record_too(self, client, charlie):
        fill(charlie)
        told = send(client, exported(charlie), kind="application/json", dry_run="true").json()
        assert (told["is_ready"], told["tallies"]["entries"]["n_new"]) == (True, 4)


class TestBring:
    def test_a_small_file_is_done_at_once(self, client):
        response = send(client, SMALL, filename="old.csv")
        assert response.status_code == 201
        done = response.json()
        assert (done["state"], done["filename"], done["n_rows"], done["n_added"]) == ("done", "old.csv", 2, 2)
        assert client.get(f"{IMPORTS}{done['uuid']}/").json() == done

    def test_a_form_does_as_well(self, client):
        form = {"file": SimpleUploadedFile("w.csv", FOREIGN), "mapping": json.dumps(MAPPING), "dry_run": "false"}
        response = client.post(IMPORTS, form)
        assert (response.status_code, response.json()["filename"], response.json()["n_added"]) == (201, "w.csv", 2)

    def test_a_large_file_is_waited_for(self, client):
        response = send(client, LARGE)
        waiting = response.json()
        assert (response.status_code, waiting["state"], waiting["n_added"]) == (202, "waiting", None)
        tasks.take_over_files.run()
        done = client.get(f"{IMPORTS}{waiting['uuid']}/").json()
        assert (done["state"], done["n_added"]) == ("done", 1_200)

    def test_sent_twice_it_is_there_once(self, client, alice):
        assert [send(client, SMALL).json()["n_added"] for _ in range(2)] == [2, 0]
        assert alice.patient.pain_entries.count() == 2

    def test_a_record_comes_back(self, client, charlie, alice):
        fill(charlie)
        assert send(client, exported(charlie), kind="application/json").json()["n_added"] == 4
        assert alice.patient.attempts.count() == 1

    def test_deleting_it_takes_all_of_it_back(self, client, alice):
        uuid = send(client, SMALL).json()["uuid"]
        assert client.delete(f"{IMPORTS}{uuid}/").status_code == 204
        assert not alice.patient.pain_entries.exists()
        assert client.get(f"{IMPORTS}{uuid}/").json()["state"] == "taken_back"

    def test_a_file_that_waits_can_be_thrown_away(self, client):
        uuid = send(client, LARGE).json()["uuid"]
        assert client.delete(f"{IMPORTS}{uuid}/").status_code == 204
        assert is_problem(client.get(f"{IMPORTS}{uuid}/"), 404)

    def test_the_list_tells_of_imports_and_of_what_is_under_way(self, client):
        done, waiting = send(client, SMALL).json(), send(client, LARGE).json()
        page = client.get(IMPORTS).json()
        assert [one["uuid"] for one in page["results"]] == [done["uuid"]]
        assert [one["uuid"] for one in page["under_way"]] == [waiting["uuid"]]
