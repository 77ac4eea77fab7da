import os
import stat
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from tests.conftest import client_for
from tracker import tasks
from tracker.models import AuditEvent, PainEntry
from tracker.services import imports, pain_log

REAL_LOG = Path(__file__).parent.parent / "data" / "real_pain_log.csv"
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
SMALL = b"day,time,pain,site,note\n2026-03-01,07:30,4,knee_left, sore \n2026-03-02,,3.5,,\n"
PAGE, CONFIRM = "/import/", "/import/confirm/"


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.VAR = tmp_path
    return tmp_path / "uploads"


def upload(client, content: bytes, name: str = "log.csv"):
    return client.post(PAGE, {"file": SimpleUploadedFile(name, content, "text/csv")})


def test_a_stranger_is_asked_to_log_in(client, db):
    assert client.get(PAGE).headers["Location"].startswith(reverse("account_login"))
    assert client.post(CONFIRM).headers["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"day,pain\n2026-03-01,11\n", "Line 2, column “pain”: “11” is not on the scale", id="pain 11"),
        pytest.param(b"day,pain\n01.03.2026,1\n", "Line 2, column “day”: “01.03.2026” is not a day", id="other date"),
        pytest.param(b"\x89PNG\r\n\x1a\n\x00", "Line 3, column “1”: this is not a text file", id="a picture"),
        pytest.param(b"", "there is no rating in this file", id="nothing in it"),
        pytest.param(b"a,b\n1,2\n", "The first line must name the columns", id="wrong columns"),
        pytest.param(b"<b>,pain\n1,2\n", "&lt;b&gt;", id="markup stays text"),
    ],
)
def test_a_wrong_file_is_told_where_it_is_wrong_and_changes_nothing(alice, content, says):
    response = upload(client_for(alice), content)
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not alice.patient.pain_entries.exists()
    assert not alice.patient.log_imports.exists()


def test_a_file_above_five_megabytes_is_refused(alice_client, uploads):
    response = upload(alice_client, b"day,pain\n" + b"2026-03-01,3\n" * 400_000)
    assert response.status_code == 422
    assert "larger than 5 megabytes" in response.content.decode()
    assert not uploads.exists()


def test_no_file_at_all_is_asked_for(alice_client):
    assert alice_client.post(PAGE).status_code == 422


def test_another_patients_file_cannot_be_confirmed(alice, charlie):
    token = imports.keep(by=alice.user, content=SMALL, filename="log.csv", at=AT)
    response = client_for(charlie).post(CONFIRM, {"kept": token}, follow=True)
    assert "no longer here" in response.content.decode()
    assert not PainEntry.objects.exists()


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00", "../../secret_key", "x" * 100_000])
def test_a_made_up_token_finds_no_file(alice_client, token):
    assert alice_client.post(CONFIRM, {"kept": token}).headers["Location"] == PAGE


def test_another_patients_import_is_not_found(alice, charlie):
    done = imports.run(by=alice.user, content=SMALL, filename="private.csv", at=AT)
    response = client_for(charlie).get(f"/import/{done.uuid}/")
    assert response.status_code == 404
    assert "private.csv" not in response.content.decode()


def test_looking_changes_nothing(alice):
    response = upload(client_for(alice), REAL_LOG.read_bytes())
    assert response.status_code == 200
    page = response.content.decode()
    assert "862 ratings would be added" in page
    for value, nrs, n in (("1.5", 2, 1), ("3.2", 3, 102), ("3.4", 3, 26), ("3.6", 4, 1)):
        assert f"<td>{value}</td><td>{nrs}</td><td>{n}</td>" in page
    assert not PainEntry.objects.exists()


def test_the_real_log_is_taken_over_once_however_often_it_is_chosen(alice):
    client = client_for(alice)
    for n_added in (862, 0):
        token = upload(client, REAL_LOG.read_bytes()).context["token"]
        response = client.post(CONFIRM, {"kept": token}, follow=True)
        assert response.status_code == 200
        assert alice.patient.log_imports.latest("id").n_added == n_added
        assert alice.patient.pain_entries.count() == 862
    assert f"{reverse('timeline')}" in response.content.decode()


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


def test_a_file_between_look_and_confirm_is_readable_for_the_service_only(alice, uploads):
    imports.keep(by=alice.user, content=SMALL, filename="log.csv", at=AT)
    (kept,) = uploads.iterdir()
    assert (stat.S_IMODE(uploads.stat().st_mode), stat.S_IMODE(kept.stat().st_mode)) == (0o700, 0o600)


def test_a_confirmed_file_is_gone(alice_client, uploads):
    token = upload(alice_client, SMALL).context["token"]
    alice_client.post(CONFIRM, {"kept": token})
    assert not list(uploads.iterdir())


def test_a_file_that_was_never_confirmed_is_forgotten_after_a_day(alice, uploads):
    now = datetime.now(UTC)
    imports.keep(by=alice.user, content=SMALL, filename="old.csv", at=now)
    (old,) = uploads.iterdir()
    os.utime(old, (0, (now - timedelta(hours=25)).timestamp()))
    imports.keep(by=alice.user, content=SMALL, filename="new.csv", at=now)
    tasks.tidy_up.run()
    (left,) = uploads.iterdir()
    assert left != old


def test_tidying_finds_nothing_to_do_where_no_file_ever_came(db, uploads):
    tasks.tidy_up.run()
    assert not uploads.exists()


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
