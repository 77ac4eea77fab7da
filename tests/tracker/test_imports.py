from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests.conftest import client_for
from tracker.domain.column_mapping import mapping_from
from tracker.models import AuditEvent, PainEntry
from tracker.services import import_files, imports, pain_log

REAL_LOG = Path(__file__).parent.parent / "data" / "real_pain_log.csv"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
SMALL = b"day,time,pain,site,note\n2026-03-01,07:30,4,knee_left, sore \n2026-03-02,,3.5,,\n"
PAGE = "/import/"


def upload(client, content: bytes, name: str = "log.csv"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content, "text/csv")})


def look(client, content: bytes, name: str = "log.csv"):
    """The page that a file leads to."""
    response = upload(client, content, name)
    assert response.status_code == 302, response.content.decode()
    return client.get(response.headers["Location"])


def said(response, **changes: str) -> dict[str, str]:
    """What the form on a page says, with what a patient changes."""
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in (values | changes).items() if value not in (None, False, "")}


def test_a_stranger_is_asked_to_log_in(client, alice):
    file = import_files.keep(by=alice.user, content=SMALL, filename="log.csv", at=AT)
    login = reverse("account_login")
    for method in (client.get, client.post):
        for path in (PAGE, f"/import/{file.uuid}/"):
            assert method(path).headers["Location"].startswith(login)
    for path in ("confirm", "forget"):
        assert client.post(f"/import/{file.uuid}/{path}/").headers["Location"].startswith(login)
    assert alice.patient.import_files.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["", "confirm/", "forget/"])
def test_another_patients_file_is_not_there(alice, charlie, method, path):
    file = import_files.keep(by=alice.user, content=SMALL, filename="private.csv", at=AT)
    response = getattr(client_for(charlie), method)(f"/import/{file.uuid}/{path}", {"column_0": "day"})
    assert response.status_code == 404 if method == "post" or not path else 405
    assert "private.csv" not in response.content.decode()
    assert (alice.patient.import_files.count(), PainEntry.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"\x89PNG\r\n\x1a\n\x00", "This is a picture", id="a picture"),
        pytest.param(b"PK\x03\x04 xl/workbook.xml", "This is an Excel file", id="a workbook"),
        pytest.param(b"%PDF-1.4", "This is a PDF file", id="a print"),
        pytest.param(b"day,pain\n\x00", "Line 2, column “1”: this is not a text file", id="a NUL byte"),
        pytest.param(b"", "There is no rating in this file", id="nothing in it"),
        pytest.param(b'day,pain\n"2026,3', "Line 2, column “1”: a quotation mark", id="broken quotes"),
        pytest.param(b"day,pain\n" + b"2026-03-01,3\n" * 50_001, "more than 50000 rows", id="too many rows"),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_not_kept(alice, content, says):
    response = upload(client_for(alice), content)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not alice.patient.import_files.exists() and not alice.patient.log_imports.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"day,pain\n2026-03-01,11\n", "Line 2, column “pain”: “11” is not on the scale", id="pain 11"),
        pytest.param(b"day,pain\n2999-03-01,1\n", "Line 2, column “day”: “2999-03-01” has not come yet", id="future"),
        pytest.param(b"day,pain\n1899-12-31,1\n", "“1899-12-31” is before the year 1900", id="too early"),
        pytest.param(b"day,pain\n31.02.2024,1\n", "“31.02.2024” is a day that no calendar has", id="31 February"),
        pytest.param(b"day,pain\n03/04/2024,1\n", "“03/04/2024” can be two days", id="day or month"),
        pytest.param(b"a,b\n1,2\n", "no column holds the day", id="wrong columns"),
        pytest.param(b"<b>,pain\n1,2\n", "&lt;b&gt;", id="markup stays text"),
        pytest.param(b"2026-03-01,2\n", "not sure what the columns hold", id="no header"),
    ],
)
def test_what_is_in_the_way_is_said_and_nothing_can_be_added(alice, content, says):
    client = client_for(alice)
    response = look(client, content)
    assert says in response.content.decode()
    assert 'name="add"' not in response.content.decode()
    file = alice.patient.import_files.get()
    client.post(f"/import/{file.uuid}/confirm/")
    assert not PainEntry.objects.exists() and not alice.patient.log_imports.exists()


def test_a_file_above_twenty_megabytes_is_refused(alice_client, alice):
    response = upload(alice_client, b"day,pain\n" + b"2026-03-01,3\n" * 1_600_000)
    assert response.status_code == 422
    assert "larger than 20 megabytes" in response.content.decode()
    assert not alice.patient.import_files.exists()


def test_no_file_at_all_is_asked_for(alice_client):
    assert alice_client.post(PAGE).status_code == 422


def test_another_patients_import_is_not_found(alice, charlie):
    done = imports.run(by=alice.user, content=SMALL, filename="private.csv", at=AT)
    response = client_for(charlie).get(f"/import/{done.uuid}/")
    assert response.status_code == 404
    assert "private.csv" not in response.content.decode()


def test_looking_changes_nothing(alice):
    response = look(client_for(alice), REAL_LOG.read_bytes())
    page = response.content.decode()
    assert "862 ratings would be added" in page
    for value, nrs, n in (("1.5", 2, 1), ("3.2", 3, 102), ("3.4", 3, 26), ("3.6", 4, 1)):
        assert f"<td>{value}</td><td>{nrs}</td><td>{n}</td>" in page
    assert not PainEntry.objects.exists()


def test_the_real_log_is_taken_over_once_however_often_it_is_chosen(alice):
    client = client_for(alice)
    for n_added in (862, 0):
        file = look(client, REAL_LOG.read_bytes()).context["file"]
        response = client.post(f"/import/{file.uuid}/confirm/", follow=True)
        assert response.status_code == 200
        assert alice.patient.log_imports.latest("id").n_added == n_added
        assert alice.patient.pain_entries.count() == 862
    assert f"{reverse('timeline')}" in response.content.decode()
    assert not alice.patient.import_files.exists()


class TestColumns:
    FOREIGN = b"Wann;Wert;Wetter\n03/04/2024;45;Regen\n05/06/2024;80;\n"

    def choose(self, client, response, **changes: str):
        return client.post(f"/import/{response.context['file'].uuid}/", said(response, **changes), follow=True)

    def test_the_patient_says_what_they_mean_and_sees_what_would_happen(self, alice):
        client = client_for(alice)
        first = look(client, self.FOREIGN)
        assert "no column holds the rating" in first.content.decode()
        second = self.choose(client, first, column_1="pain_0_100", column_2="add_to_note")
        assert "can be two days: 3 April 2024 or 4 March 2024" in second.content.decode()
        third = self.choose(client, second, day_order="day_first")
        page = third.content.decode()
        assert "2 ratings would be added" in page
        assert "<td>45</td><td>5</td><td>1</td>" in page
        done = self.choose(client, third, add="1")
        assert "2 ratings were added" in done.content.decode()
        entry = alice.patient.pain_entries.get(local_date="2024-04-03")
        assert (entry.nrs, entry.note) == (5, "Wetter: Regen")

    def test_they_are_remembered_for_the_next_file_of_this_patient(self, alice, charlie):
        mapping = mapping_from({"columns": ["day", "pain_0_100", "add_to_note"], "day_order": "day_first"})
        imports.run(by=alice.user, content=self.FOREIGN, filename="a.csv", at=AT, mapping=mapping)
        longer = self.FOREIGN + b"07/08/2024;20;\n"
        assert "1 rating would be added" in look(client_for(alice), longer).content.decode()
        assert "no column holds the rating" in look(client_for(charlie), longer).content.decode()

    def test_nothing_is_added_with_columns_that_were_changed_and_not_looked_at(self, alice):
        client = client_for(alice)
        response = self.choose(client, look(client, SMALL), column_4="ignore", add="1")
        assert "Columns that are left out: note" in response.content.decode()
        assert not PainEntry.objects.exists()

    def test_the_same_meaning_twice_is_refused(self, alice):
        client = client_for(alice)
        response = look(client, SMALL)
        response = client.post(f"/import/{response.context['file'].uuid}/", said(response, column_1="pain"))
        assert response.status_code == 422
        assert "Two columns have the same meaning" in response.content.decode()

    @pytest.mark.parametrize("value", ["", "colour", "\x00", "9" * 99])
    def test_a_meaning_that_there_is_not_is_refused(self, alice, value):
        client = client_for(alice)
        response = look(client, SMALL)
        response = client.post(f"/import/{response.context['file'].uuid}/", said(response) | {"column_1": value})
        assert response.status_code == 422

    def test_letters_in_doubt_are_shown_and_confirmed(self, alice):
        client = client_for(alice)
        response = look(client, "Tag;Schmerz;Notiz\n1.3.2026;3;schön müde\n".encode("windows-1252"))
        assert "schön müde" in response.content.decode()
        response = self.choose(client, response, encoding="windows-1252")
        self.choose(client, response, add="1")
        assert alice.patient.pain_entries.get().note == "schön müde"

    def test_lines_without_a_rating_may_be_left_out(self, alice):
        client = client_for(alice)
        response = look(client, b"day,pain\n2026-03-01,3\n2026-03-02,\n")
        assert "Line 3, column “pain”: the rating is missing" in response.content.decode()
        response = self.choose(client, response, leave_out_unrated="on")
        assert "Lines without a rating (left out)</dt><dd>1" in response.content.decode()
        self.choose(client, response, add="1")
        assert alice.patient.log_imports.get().n_unrated == 1

    def test_a_first_line_may_be_a_row(self, alice):
        client = client_for(alice)
        response = self.choose(client, look(client, b"2026-03-01,3\n2026-03-02,4\n"))
        assert "2 ratings would be added" in response.content.decode()


class TestDuplicates:
    def test_a_row_that_says_what_an_entry_says_is_left_out(self, alice):
        felt_at = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
        sites = (pain_log.SiteRating(site="knee_left", nrs=4),)
        own = {"nrs": 4, "felt_at": felt_at, "zone": "Europe/Berlin", "note": " sore ", "sites": sites}
        pain_log.add(by=alice.user, uuid=uuid4(), source="web", at=AT, **own)
        assert imports.run(by=alice.user, content=SMALL, filename="x", at=AT).n_added == 1

    @pytest.mark.parametrize("other", [{"nrs": 5}, {"note": "other"}, {"mood": 3}, {"helped": "tea"}, {"sites": ()}])
    def test_a_row_that_says_something_else_is_taken(self, alice, other):
        felt_at = datetime(2026, 3, 1, 6, 30, tzinfo=UTC)
        sites = (pain_log.SiteRating(site="knee_left", nrs=4),)
        own = {"nrs": 4, "felt_at": felt_at, "zone": "Europe/Berlin", "note": " sore ", "sites": sites}
        pain_log.add(by=alice.user, uuid=uuid4(), source="web", at=AT, **(own | other))
        assert imports.run(by=alice.user, content=SMALL, filename="x", at=AT).n_added == 2

    def test_the_same_rows_written_otherwise_are_the_same(self, alice):
        imports.run(by=alice.user, content=SMALL, filename="x", at=AT)
        other = b"Datum;Uhrzeit;Schmerz;Ort;Notiz\n1.3.2026;7:30;4,0;left knee; sore \n2.3.2026;;3,5;;\n"
        again = imports.run(by=alice.user, content=other, filename="y", at=AT)
        assert (again.n_added, again.n_duplicates) == (0, 2)

    def test_a_line_twice_in_a_file_is_counted(self, alice):
        done = imports.run(by=alice.user, content=SMALL + b"2026-03-01,07:30,4,knee_left, sore \n", filename="x", at=AT)
        assert (done.n_rows, done.n_added, done.n_duplicates) == (3, 2, 1)

    def test_entries_of_other_patients_have_no_effect(self, alice, charlie):
        imports.run(by=charlie.user, content=SMALL, filename="x", at=AT)
        assert imports.run(by=alice.user, content=SMALL, filename="x", at=AT).n_added == 2


def test_the_second_look_says_what_is_there_already(alice):
    imports.run(by=alice.user, content=SMALL, filename="log.csv", at=AT)
    longer = SMALL + b"2026-03-03,,2,,\n"
    preview = imports.preview(by=alice.user, content=longer, at=AT)
    assert (preview.n_new, preview.n_present, preview.n_duplicates) == (1, 2, 2)


def test_a_row_that_the_patient_has_deleted_stays_deleted(alice):
    imports.run(by=alice.user, content=SMALL, filename="log.csv", at=AT)
    pain_log.remove(by=alice.user, entry=alice.patient.pain_entries.first(), at=AT)
    again = imports.run(by=alice.user, content=SMALL, filename="log.csv", at=AT)
    assert (again.n_added, again.n_duplicates, alice.patient.pain_entries.count()) == (0, 2, 1)


def test_one_file_may_be_taken_over_by_two_people(alice, charlie):
    for person in (alice, charlie):
        assert imports.run(by=person.user, content=SMALL, filename="log.csv", at=AT).n_added == 2


def test_an_imported_entry_holds_what_the_file_says(alice):
    imports.run(by=alice.user, content=SMALL, filename="log.csv", at=AT)
    entry = alice.patient.pain_entries.get(local_date="2026-03-01")
    assert (entry.nrs, entry.felt_at, entry.zone) == (4, datetime(2026, 3, 1, 6, 30, tzinfo=UTC), "Europe/Berlin")
    assert (entry.note, entry.source, entry.log_import.n_rows) == (" sore ", PainEntry.Source.IMPORT, 2)
    assert list(entry.sites.values_list("site", "nrs")) == [("knee_left", 4)]


def test_an_import_is_written_into_the_audit(alice):
    imports.run(by=alice.user, content=SMALL, filename="log.csv", at=AT)
    event = AuditEvent.objects.latest("id")
    assert (event.actor, event.verb, event.subject) == (alice.user, "imported", "2 pain entries")


def test_thousands_of_rows_need_few_queries(alice, django_assert_max_num_queries):
    days = (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(5_000))
    content = "felt_at,pain\n" + "".join(f"{day.isoformat()},{day.hour % 11}\n" for day in days)
    with django_assert_max_num_queries(120):
        assert imports.run(by=alice.user, content=content.encode(), filename="log.csv", at=AT).n_added == 5_000


def test_a_strange_file_name_is_no_obstacle(alice):
    done = imports.run(by=alice.user, content=SMALL, filename="a\x00b\ud800\n" + "c" * 300, at=AT)
    assert done.filename == "ab" + "c" * 253


def run_command(*arguments: str) -> str:
    out = StringIO()
    call_command("import_log", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_refuses_a_wrong_file_and_an_unknown_patient(alice, tmp_path):
    wrong = tmp_path / "wrong.csv"
    wrong.write_bytes(b"day,pain\n2026-03-01,11\n")
    with pytest.raises(CommandError, match="Line 2, column “pain”"):
        run_command(str(wrong), "--email", alice.email)
    with pytest.raises(CommandError, match="no patient"):
        run_command(str(REAL_LOG), "--email", "nobody@example.org")
    with pytest.raises(CommandError, match="cannot be read"):
        run_command(str(tmp_path / "missing.csv"), "--email", alice.email)
    assert not PainEntry.objects.exists()


def test_the_command_only_looks_when_asked_to(alice):
    said = run_command(str(REAL_LOG), "--email", alice.email, "--dry-run")
    assert "Rows: 862, on 862 days from 2018-01-31 to 2021-06-16." in said
    assert "3.2 becomes 3: 102 times" in said
    assert not PainEntry.objects.exists()


def test_the_command_adds_once(alice):
    assert "Added 862, left out 0." in run_command(str(REAL_LOG), "--email", alice.email)
    assert "Added 0, left out 862." in run_command(str(REAL_LOG), "--email", alice.email.upper())
    assert alice.patient.pain_entries.count() == 862


def test_the_command_is_told_what_columns_mean(alice, tmp_path):
    file = tmp_path / "foreign.csv"
    file.write_bytes("Wann;Wert;Wetter;Sön\n03/04/2024;45;Regen;x\n05/06/2024;;;\n".encode("windows-1252"))
    known = ["--email", alice.email, "--map", "Wert=pain_0_100", "--map", "Wetter=add_to_note"]
    with pytest.raises(CommandError, match="can be two days"):
        run_command(str(file), *known)
    with pytest.raises(CommandError, match="does not fit this table"):
        run_command(str(file), *known, "--map", "Farbe=note")
    known += ["--day-order", "day_first", "--encoding", "windows-1252", "--leave-out-unrated"]
    assert "Added 1, left out 0." in run_command(str(file), *known)
    entry = alice.patient.pain_entries.get()
    assert (entry.nrs, entry.note, str(entry.local_date)) == (5, "Wetter: Regen", "2024-04-03")
