import io
import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.engine.walking import RULEBOOK, STRAIN, walk


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b'{\n  "age": 40,,\n}', "Line 2, column", id="broken JSON"),
        pytest.param(b"", "Line 1, column 1", id="an empty file"),
        pytest.param(b"[]", "must be an object", id="a list"),
        pytest.param(b'{"nose": "yes"}', "nose", id="an unknown question"),
        pytest.param(b'{"age": 1e999}', "whole number", id="infinity"),
        pytest.param(b'{"age": NaN}', "whole number", id="not a number"),
        pytest.param(b'{"age": 40, "age": 41}', "there twice", id="two answers to one question"),
        pytest.param(b'{"fever": "yes\\u0000"}', "must be one of", id="a NUL"),
        pytest.param(b'{"\\ud800": "yes"}', "is not a question", id="a lone surrogate"),
        pytest.param(b"\xff\xfe", "not UTF-8", id="no text"),
        pytest.param(b"[" * 100_000, "cannot be read", id="far too deep"),
        pytest.param(b'{"age": ' + b"9" * 10_000 + b"}", "cannot be read", id="a number of ten thousand digits"),
        pytest.param(b" " * 1_000_001, "larger than", id="a huge file"),
    ],
)
def test_a_bad_file_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "answers.json"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        call_command("assess", str(file), stdout=io.StringIO())


@pytest.mark.parametrize("path", ["/nowhere/answers.json", ".", "a\x00b"], ids=["missing", "a folder", "nul"])
def test_a_file_that_cannot_be_read_is_named_as_such(path: str) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("assess", path, stdout=io.StringIO())


def test_answers_from_a_file_give_the_outcome_as_json(tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(walk(STRAIN)))
    printed = io.StringIO()
    call_command("assess", str(file), stdout=printed)
    outcome = json.loads(printed.getvalue())
    assert (outcome["level"], outcome["rulebook_version"]) == ("self_care", RULEBOOK.version)


def test_answers_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"bladder": "yes"}')))
    printed = io.StringIO()
    call_command("assess", "-", stdout=printed)
    assert json.loads(printed.getvalue())["level"] == "emergency"


def test_the_questions_are_printed_as_json() -> None:
    printed = io.StringIO()
    call_command("questions", stdout=printed)
    questions = json.loads(printed.getvalue())
    assert [question["id"] for question in questions] == list(RULEBOOK.questions)
    assert all({"id", "text", "type", "options"} <= set(question) for question in questions)
