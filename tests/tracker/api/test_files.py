"""Results and photos over the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.tracker.api.conftest import API, is_problem, new_uuid
from tests.tracker.test_attachments import picture


def put(client, uuid, content=None, **said):
    form = {"file": SimpleUploadedFile("x.png", picture() if content is None else content), "kind": "photo"} | said
    body = encode_multipart(BOUNDARY, form)
    return client.client.put(f"{API}/files/{uuid}/", body, content_type=MULTIPART_CONTENT)


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"GIF89a", 422), (b"\xff\xd8\xff broken", 422), (b"\xff\xd8\xff" + b"0" * 10_000_001, 413)],
)
def test_a_wrong_file_is_a_problem(alice, api, content, status):
    assert is_problem(put(api, new_uuid(), content), status)
    assert not alice.patient.attachments.exists()


def test_a_kind_that_there_is_not_is_a_problem(api):
    assert is_problem(put(api, new_uuid(), kind="song"), 400)


def test_a_file_is_put_once_and_read_back(api):
    uuid = new_uuid()
    assert (put(api, uuid, title="Back").status_code, put(api, uuid, title="Back").status_code) == (201, 200)
    (listed,) = api.get("/files/").json()["results"]
    assert (listed["uuid"], listed["title"], listed["media_type"]) == (str(uuid), "Back", "image/png")
    content = api.get(f"/files/{uuid}/content/")
    assert content.content.startswith(b"\x89PNG")
    assert "attachment" in content["Content-Disposition"]


def test_what_is_said_of_it_is_changed_alone(api):
    uuid = new_uuid()
    put(api, uuid, title="Back")
    assert api.patch(f"/files/{uuid}/", {"kind": "report"}).json()["title"] == "Back"


def test_it_is_deleted(api):
    uuid = new_uuid()
    put(api, uuid)
    assert api.delete(f"/files/{uuid}/").status_code == 204
    assert is_problem(api.get(f"/files/{uuid}/"), 404)
