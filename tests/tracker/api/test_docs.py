"""docs/api-sync.md, carried out: each request is sent, and each answer is as it is written."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

DOC = Path(__file__).parents[3] / "docs" / "api-sync.md"
BLOCKS = re.findall(r"^```http\n(.*?)^```$", DOC.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
NAME = re.compile(r"<(\w+)>")


def parts(block: str) -> tuple[str, dict[str, str], Any]:
    """First line, headers and body."""
    head, _, body = block.partition("\n\n")
    first, *headers = head.strip().splitlines()
    return first, dict(header.split(": ", 1) for header in headers), json.loads(body) if body.strip() else None


def filled(text: str, known: dict[str, str]) -> str:
    return NAME.sub(lambda name: known[name[1]], text)


def hold(found: Any, written: Any, known: dict[str, str], where: str = "#") -> None:
    """What is written is found; an object may have more members than are written. Names are learnt on the way."""
    if written == "…":
        return
    if isinstance(written, str) and (name := NAME.fullmatch(written)):
        known[name[1]] = found
    elif isinstance(written, dict):
        assert isinstance(found, dict) and written.keys() <= found.keys(), where
        for name, value in written.items():
            hold(found[name], value, known, f"{where}/{name}")
    elif isinstance(written, list):
        assert len(found) == len(written), where
        for place, pair in enumerate(zip(found, written, strict=True)):
            hold(*pair, known, f"{where}/{place}")
    else:
        assert found == written, where


def carry_out(blocks: list[str], known: dict[str, str]) -> None:
    for request, answer in zip(blocks[::2], blocks[1::2], strict=True):
        line, headers, _ = parts(request)
        _, _, body = parts(filled(request, known))
        method, path = filled(line, known).split(" ")
        token = {"X-Session-Token": known["token"]} if "token" in known else {}
        response = Client().generic(
            method, path, json.dumps(body) if body else "", "application/json", headers=headers | token
        )
        status, wanted, said = parts(answer)
        assert f"{response.status_code} {response.reason_phrase}" == status, (line, response.content)
        assert {name: response.headers[name] for name in wanted} == wanted, line
        if said is not None:
            hold(response.json(), said, known, line)


def test_the_worked_example_works(alice):
    carry_out(BLOCKS, {"email": alice.email, "password": alice.password})


def test_the_example_shows_every_way_to_sync():
    lines = {re.sub(r"[0-9a-f-]{36}", "UUID", parts(block)[0].partition("?")[0]) for block in BLOCKS[::2]}
    assert lines >= {
        "GET /api/v1/entries/changes/",
        "POST /api/v1/entries/batch/",
        "POST /api/v1/entries/again/",
        "PUT /api/v1/entries/UUID/",
        "PATCH /api/v1/entries/UUID/",
        "DELETE /api/v1/entries/UUID/",
    }


@pytest.mark.parametrize(
    ("right", "wrong"),
    [('200 OK\n\n{"changes": []', '200 OK\n\n{"changes": [1]'), ('ETag: "4"', 'ETag: "5"'), ("204 No", "200 No")],
)
def test_this_file_would_notice_a_doc_that_is_wrong(alice, right, wrong):
    assert any(right in block for block in BLOCKS)
    broken = [block.replace(right, wrong) for block in BLOCKS]
    with pytest.raises(AssertionError):
        carry_out(broken, {"email": alice.email, "password": alice.password})
