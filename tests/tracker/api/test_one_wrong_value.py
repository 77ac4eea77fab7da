"""One wrong value among fitting ones, in every body and every question that the schema names: a clear answer, no fault."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.conftest import client_for
from tests.tracker.api.conftest import API, is_problem, new_uuid
from tests.tracker.api.test_strangers import addresses, body_for
from tests.tracker.naughty import NASTY, WRONG_TYPES, some

WRONG = [*WRONG_TYPES, "\x00", "é" * 5_000, "0000-01-01", "2026-02-30", "25:61", "9999-12-31T23:59:59-23:59", "\ud7ff"]
WRONG += [[None], [{}], [-1]]
# Would end the one who asks, or asks a maker of browsers.
NOT_ASKED = {("/account/", "delete"), ("/push-devices/{uuid}/test/", "post")}


class Operation(NamedTuple):
    path: str
    method: str
    body: list[str]
    query: list[str]


def operations(schema: dict[str, Any]) -> Iterator[Operation]:
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            body = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            asked = [one["name"] for one in said.get("parameters", []) if one["in"] == "query"]
            operation = Operation(path.removeprefix(API), method, sorted(properties(body, schema)), asked)
            if operation[:2] not in NOT_ASKED:
                yield operation


def properties(part: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    if "$ref" in part:
        part = schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    inner = [one for name in ("allOf", "oneOf", "anyOf") for one in part.get(name, ())]
    return {*part.get("properties", ())}.union(*(properties(one, schema) for one in inner))


def address(operation: Operation, known: list[str]) -> str:
    """Of something that is there, where we know such a thing."""
    pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", operation.path))
    found = next((path for path in known if pattern.fullmatch(path)), None)
    return API + (found or re.sub(r"\{\w+\}", lambda _: str(new_uuid()), operation.path))


def test_one_wrong_value_among_fitting_ones_gets_a_clear_answer(alice, record):
    client = client_for(alice)
    schema = client.get(f"{API}/schema/").json()
    known = [*addresses(record).values()]
    n_refused, place = 0, 0
    for operation in operations(schema):
        url, fitting = address(operation, known), body_for(operation.path)
        for name in operation.body:
            place += 1
            for value in some(WRONG, 8, place):
                sent = json.dumps(fitting | {name: value})
                response = client.generic(operation.method, url, sent, content_type="application/json")
                assert response.status_code < 500, (operation.method, url, name, value)
                if response.status_code >= 400:
                    assert is_problem(response, response.status_code), (operation.method, url, name, value)
                    n_refused += response.status_code in (400, 422)
    assert n_refused > 300


def test_a_wrong_question_gets_a_clear_answer(alice, record):
    client = client_for(alice)
    schema = client.get(f"{API}/schema/").json()
    known = [*addresses(record).values()]
    asked = 0
    for operation in operations(schema):
        for name in operation.query if operation.method == "get" else ():
            asked += 1
            for value in some(NASTY, 4, asked):
                url = f"{address(operation, known)}?{urlencode({name: value})}"
                response = client.get(url)
                assert response.status_code < 500, url
                assert response.status_code < 400 or is_problem(response, response.status_code), url
    assert asked > 20
