"""Requests made up from the schema: no fault of ours, and every answer as the schema says. What does not fit is in
test_one_wrong_value.py, since made up at random it seldom comes further than the address.

EBB_SCHEMA_EXAMPLES says how many for each operation.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.tracker.api.test_log_in_by_token import log_in

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]
ERASING = "DELETE /api/v1/account/"  # would end the one who asks; see test_erasure.py
# Made up the same each time.
EXAMPLES_EACH = int(os.environ.get("EBB_SCHEMA_EXAMPLES", "2"))
CAREFUL = settings(
    max_examples=EXAMPLES_EACH,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def token(client: Any, alice: Any) -> str:
    return log_in(client, alice)


@pytest.fixture(autouse=True)
def _one_connection(token: str) -> Iterator[None]:
    """The server closes its connection after each request, and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.filterwarnings("default")
def test_what_the_schema_allows_gets_the_answer_it_names(record, token):
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/", WSGIHandler())
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 30
    for operation in operations:
        if operation.label == ERASING:
            continue

        @CAREFUL
        @given(case=operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE))
        def hold(case: schemathesis.Case) -> None:
            response = case.call(headers={"X-Session-Token": token})
            case.validate_response(response, checks=CHECKS)

        hold()
