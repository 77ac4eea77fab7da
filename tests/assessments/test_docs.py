"""docs/api-checkup.md, carried out: each request is sent, and each answer is as it is written."""

import re
from pathlib import Path

import pytest

from tests.conftest import Person
from tests.tracker.api.test_docs import carry_out, parts

DOC = (Path(__file__).parents[2] / "docs" / "api-checkup.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```http\n(.*?)^```$", DOC, re.DOTALL | re.MULTILINE)


def test_the_worked_example_works(alice: Person) -> None:
    carry_out(BLOCKS, {"email": alice.email, "password": alice.password})


def test_the_example_shows_every_address_of_the_check_up() -> None:
    lines = {re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "UUID", parts(block)[0]) for block in BLOCKS[::2]}
    root = "/api/v1/assessments/"
    assert lines >= {
        f"GET {root}",
        f"POST {root}",
        f"GET {root}questions/",
        f"GET {root}rulebook/",
        f"PATCH {root}UUID/",
        f"POST {root}UUID/finish/",
        f"POST {root}UUID/seen/",
        f"GET {root}UUID/compare/",
        "GET /api/v1/export/checkup/UUID/",
    }


@pytest.mark.parametrize(("right", "wrong"), [('"level": "emergency"', '"level": "routine"'), ("201 C", "200 C")])
def test_this_file_would_notice_a_doc_that_is_wrong(alice: Person, right: str, wrong: str) -> None:
    broken = [block.replace(right, wrong) for block in BLOCKS]
    with pytest.raises(AssertionError):
        carry_out(broken, {"email": alice.email, "password": alice.password})
