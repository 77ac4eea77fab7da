"""Whatever fails under /api/ is answered with problem details."""

import json
from pathlib import Path

import pytest
from django.test import Client, RequestFactory

from config import errors
from tests.tracker.api.conftest import is_problem, new_uuid
from tests.tracker.api.test_strangers import OWN_OR_PUBLIC
from tracker.api.errors import BROKEN_RULES
from tracker.api.parsers import MAX_BODY, read_json
from tracker.domain.errors import DomainError
from tracker.services import accounts, exercises, imports, pain_log, reminders, treatments

SUITE = Path(__file__).parents[2] / "data" / "naughty" / "json_test_suite" / "test_parsing"
FAULTLESS = sorted(SUITE.glob("y_*.json"))
FAULTY = sorted(SUITE.glob("n_*.json"))
# Strict JSON, and still refused: two programs would read it differently, or no database keeps it.
STRICTER = {
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
    "y_object_escaped_null_in_key.json",
    "y_string_null_escape.json",
}


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nonsense/", "/api/v1/entries/not-a-uuid/", "/api/v2/x"])
def test_an_address_without_anything_is_a_problem(client, db, path):
    assert is_problem(client.get(path), 404)


def test_a_wrong_method_is_a_problem(api):
    response = api.post("/entries/", {})
    assert is_problem(response, 405)
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_asked_what_it_takes_no_address_fails(api):
    answers = {path: api.options(f"/{path.replace('<slug:key>', 'bridge')}").status_code for path in OWN_OR_PUBLIC}
    assert {path: status for path, status in answers.items() if status not in (200, 403)} == {}


def test_a_body_that_is_not_json_is_a_problem(api):
    response = api.put(f"/entries/{new_uuid()}/", "nrs=4", content_type="application/x-www-form-urlencoded")
    assert is_problem(response, 415)


def test_an_answer_in_another_language_than_json_is_a_problem(api):
    assert is_problem(api.get("/entries/", headers={"Accept": "application/xml"}), 406)


@pytest.mark.parametrize("n", [MAX_BODY + 1, 3_000_000, 7_000_000])
def test_a_body_too_large_is_a_problem(api, n):
    assert is_problem(api.put(f"/entries/{new_uuid()}/", b" " * n), 413)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000, id="nested and never closed"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="nested deeply"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="objects nested deeply"),
        pytest.param(b'{"nrs": NaN}', id="not a number"),
        pytest.param(b'{"nrs": Infinity}', id="infinity"),
        pytest.param(b'{"nrs": -Infinity}', id="minus infinity"),
        pytest.param(b'{"nrs": 1e999}', id="a number too large"),
        pytest.param(b'{"nrs": 10000000000000000000}', id="a whole number of twenty digits"),
        pytest.param(b'{"nrs": ' + b"9" * 5_000 + b"}", id="a whole number of five thousand digits"),
        pytest.param(b'{"nrs": 4, "nrs": 5}', id="a name twice"),
        pytest.param(rb'{"note": "\u0000"}', id="NUL"),
        pytest.param(rb'{"no\u0000te": ""}', id="NUL in a name"),
        pytest.param(rb'{"note": "\ud800"}', id="half a pair"),
        pytest.param(rb'{"note": "\udc00\ud800"}', id="a pair the wrong way round"),
        pytest.param(b'{"note": "\xed\xa0\x80"}', id="half a pair in bytes"),
        pytest.param(b'\xef\xbb\xbf{"nrs": 4}', id="a byte-order mark"),
        pytest.param('{"nrs": 4}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\xff\xfe\x00", id="binary"),
    ],
)
def test_a_hostile_body_is_a_problem(api, alice, body):
    assert is_problem(api.put(f"/entries/{new_uuid()}/", body), 400)
    assert not alice.patient.pain_entries.exists()


def test_the_parser_takes_what_is_json_and_nothing_else():
    for file in FAULTLESS:
        if file.name not in STRICTER:
            assert read_json(file.read_bytes()) == json.loads(file.read_bytes()), file.name
    for file in FAULTY:
        with pytest.raises((ValueError, RecursionError)):
            read_json(file.read_bytes())


def test_no_body_of_the_suite_is_more_than_a_problem(api, alice):
    for file in sorted(SUITE.glob("*.json")):
        response = api.put(f"/entries/{new_uuid()}/", file.read_bytes())
        assert is_problem(response, 400), file.name
    assert not alice.patient.pain_entries.exists()


def test_every_rule_that_a_service_refuses_by_has_its_words():
    web_only = {"NotAdult", "NoConsent", "LogFileRefused", "NoFileKept", "UndoExpired", "LinkUnknown", "LinkEnded"}
    declared = {
        rule
        for module in (accounts, exercises, imports, pain_log, reminders, treatments)
        for rule in vars(module).values()
        if isinstance(rule, type) and issubclass(rule, DomainError) and rule is not DomainError
    }
    assert {rule.__name__ for rule in declared - set(BROKEN_RULES)} <= web_only


@pytest.mark.parametrize("answer", [errors.bad_request, errors.permission_denied, errors.not_found])
def test_the_pages_for_people_stay_pages(answer, db):
    page = answer(RequestFactory().get("/timeline/"), Exception())
    assert page.headers["Content-Type"].startswith("text/html")
    problem = answer(RequestFactory().get("/api/v1/x/"), Exception())
    assert problem.headers["Content-Type"] == "application/problem+json"


def test_a_fault_of_our_own_is_a_problem_without_a_word_of_what_it_was(alice, monkeypatch):
    def broken(**options):
        raise RuntimeError("a secret of the record")

    monkeypatch.setattr(pain_log, "put", broken)
    client = Client(raise_request_exception=False)
    client.force_login(alice.user)
    response = client.put(
        f"/api/v1/entries/{new_uuid()}/",
        {"nrs": 4, "felt_at": "2026-03-01T07:30:00Z"},
        content_type="application/json",
    )
    assert is_problem(response, 500)
    assert "secret" not in response.content.decode()


def test_a_strange_host_is_a_problem(client, db):
    assert is_problem(client.get("/api/v1/profile/", headers={"Host": "evil.example"}), 400)
