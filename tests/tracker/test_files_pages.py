"""Results and photos on their page: brought, named, shown, deleted."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.tracker.test_attachments import SECRET, add, document, photo, picture

LIST = "/files/"


def sent(content: bytes, name: str = "x.png", **said):
    return {"file": SimpleUploadedFile(name, content), "kind": "result", "title": "MRI, Tuesday", "made_on": ""} | said


@pytest.fixture
def file(alice):
    return add(alice, picture(), title="alice's")


@pytest.mark.parametrize("path", ["", "edit/", "delete/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_patient_finds_nothing(file, charlie_client, path, method):
    assert getattr(charlie_client, method)(f"{LIST}{file.uuid}/{path}").status_code in (404, 405)
    file.refresh_from_db()
    assert file.title == "alice's"


def test_nobody_signed_in_is_asked_to_log_in(file, client):
    assert client.get(f"{LIST}{file.uuid}/")["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "This file is empty.", id="empty"),
        pytest.param(b"MZ...", "Choose a picture (PNG or JPEG) or a PDF.", id="a program named as a picture"),
        pytest.param(b"%PDF-1.4 broken", "This file is broken or locked", id="broken"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"0" * 10_000_000, "larger than 10 megabytes", id="too large"),
    ],
)
def test_a_wrong_file_is_refused_in_words_and_what_was_typed_stays(alice_client, content, words):
    response = alice_client.post(LIST, sent(content))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert "MRI, Tuesday" in response.content.decode()


def test_a_body_larger_than_any_file_is_refused_before_it_is_read(alice_client):
    assert alice_client.post(LIST, sent(b"0" * 11_500_000)).status_code in (400, 413)


@pytest.mark.parametrize(
    ("content", "media_type"), [(picture(), "image/png"), (photo(), "image/jpeg"), (document(), "application/pdf")]
)
def test_a_file_is_kept_and_shown_without_its_metadata(alice, alice_client, content, media_type):
    assert alice_client.post(LIST, sent(content)).status_code == 302
    file = alice.patient.attachments.get()
    shown = alice_client.get(f"{LIST}{file.uuid}/")
    assert shown["Content-Type"] == media_type
    assert SECRET.encode() not in shown.content
    assert "sandbox" in shown["Content-Security-Policy"]
    assert shown["Cache-Control"] == "no-store"
    assert "MRI" not in shown["Content-Disposition"]


def test_a_form_sent_twice_keeps_one(alice, alice_client):
    uuid = str(uuid4())
    for _ in range(2):
        alice_client.post(LIST, sent(picture(), uuid=uuid))
    assert alice.patient.attachments.count() == 1


def test_what_is_said_of_it_can_be_changed(file, alice_client):
    alice_client.post(f"{LIST}{file.uuid}/edit/", {"kind": "report", "title": "<b>", "made_on": "2026-01-02"})
    file.refresh_from_db()
    assert (file.kind, file.title, str(file.made_on)) == ("report", "<b>", "2026-01-02")
    assert "&lt;b&gt;" in alice_client.get(LIST).content.decode()


def test_a_day_ahead_is_refused(file, alice_client):
    ahead = timezone.localdate().replace(year=timezone.localdate().year + 1)
    response = alice_client.post(f"{LIST}{file.uuid}/edit/", {"kind": "report", "title": "", "made_on": f"{ahead}"})
    assert response.status_code == 422
    assert "Choose a day from 1900 to today." in response.content.decode()


def test_deleting_is_asked_once(alice, file, alice_client):
    assert "cannot be undone" in alice_client.get(f"{LIST}{file.uuid}/delete/").content.decode()
    alice_client.post(f"{LIST}{file.uuid}/delete/")
    assert not alice.patient.attachments.exists()
