import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.engine.walking import RULEBOOK, STRAIN, walk


def assessed(path: str) -> list[dict[str, Any]]:
    printed = io.StringIO()
    call_command("assess", path, stdout=printed)
    return [json.loads(line) for line in printed.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b'{\n  "age": 40,,\n}', "Line 2, column", id="broken JSON"),
        pytest.param(b"", "Line 1, column 1", id="an empty file"),
        pytest.param(b"[]", 'an object with "answers"', id="a list"),
        pytest.param(b'{"age": 40}', 'an object with "answers"', id="answers without their name"),
        pytest.param(b'{"answers": []}', "must be an object", id="answers in a list"),
        pytest.param(b'{"answers": {"nose": "yes"}}', "nose", id="an unknown question"),
        pytest.param(b'{"answers": {"age": 1e999}}', "whole number", id="infinity"),
        pytest.param(b'{"answers": {"age": NaN}}', "whole number", id="not a number"),
        pytest.param(b'{"answers": {"age": 40, "age": 41}}', "there twice", id="two answers to one question"),
        pytest.param(b'{"answers": {"fever": "yes\\u0000"}}', "must be one of", id="a NUL"),
        pytest.param(b'{"answers": {"\\ud800": "yes"}}', "is not a question", id="a lone surrogate"),
        pytest.param(b"\xff\xfe", "not UTF-8", id="no text"),
        pytest.param(b"[" * 100_000, "cannot be read", id="far too deep"),
        pytest.param(b'{"answers": {"age": ' + b"9" * 10_000 + b"}}", "cannot be read", id="ten thousand digits"),
        pytest.param(b" " * 50_000_001, "larger than", id="a huge file"),
    ],
)
def test_a_bad_file_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "answers.json"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=words):
        assessed(str(file))


@pytest.mark.parametrize("path", ["/nowhere/answers.json", ".", "a\x00b"], ids=["missing", "a folder", "nul"])
def test_a_file_that_cannot_be_read_is_named_as_such(path: str) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        assessed(path)


def test_answers_from_a_file_give_the_outcome_as_json(tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({"answers": walk(STRAIN)}, indent=2))
    (outcome,) = assessed(str(file))
    assert set(outcome) == {"triage", "complete", "fired", "causes", "refer_to", "investigations", "self_care"}
    assert (outcome["triage"], outcome["complete"], outcome["fired"]) == ("self_care", True, [])
    assert outcome["causes"][0] == {"id": "strain", "title": "Overworked or strained muscle", "band": "fits_well"}
    assert "physiotherapist" in outcome["refer_to"]
    assert "heat" in outcome["self_care"]


def test_a_line_for_each_case_gives_a_line_for_each_outcome(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    cases = [{"answers": walk(STRAIN)}, {"answers": {"bladder": "yes"}, "name": "any further key"}, {"answers": {}}]
    file.write_text("\n".join(map(json.dumps, cases)) + "\n\n")
    outcomes = assessed(str(file))
    assert [outcome["triage"] for outcome in outcomes] == ["self_care", "emergency", "routine"]
    assert [outcome["complete"] for outcome in outcomes] == [True, False, False]


def test_one_bad_case_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text('{"answers": {"nose": "yes"}}\n{"answers": {"bladder": "yes"}}\n{"answers"')
    printed = io.StringIO()
    with pytest.raises(CommandError, match="2 not read. Case 1: the answer to 'nose'"):
        call_command("assess", str(file), stdout=printed)
    first, second, third = map(json.loads, printed.getvalue().splitlines())
    assert ("error" in first, second["triage"], "error" in third) == (True, "emergency", True)


def test_answers_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"answers": {"bladder": "yes"}}')))
    assert [outcome["triage"] for outcome in assessed("-")] == ["emergency"]


def test_the_questions_are_printed_as_json() -> None:
    printed = io.StringIO()
    call_command("questions", stdout=printed)
    questions = json.loads(printed.getvalue())
    assert [question["id"] for question in questions] == list(RULEBOOK.questions)
    assert all({"id", "text", "type", "options", "critical"} <= set(question) for question in questions)


def test_the_figures_of_the_cases_are_printed_by_group_and_those_of_unseen_cases_apart() -> None:
    printed = io.StringIO()
    call_command("vignettes", stdout=printed)
    ours, unseen = printed.getvalue().split("\ndevelop: ")
    folders = re.split(r"\n(?:held_out|later): ", unseen)
    assert RULEBOOK.version in ours
    assert all(name in ours for name in ("triage acceptable", "must-not-miss safe", "benign sent too high", "heart"))
    assert len(folders) == 3
    assert all(group in part for group in ("emergency", "must_not_miss", "routine", "benign") for part in folders)
    assert not any(name in part for name in ("unseen-", "later-") for part in folders[1:])


@pytest.mark.parametrize(("name", "is_named"), [("develop", True), ("held_out", False), ("later", False)])
@pytest.mark.parametrize("asked_for", ["", "half"], ids=["with the rest", "alone"])
def test_only_a_held_out_case_that_falls_short_is_not_named(
    tmp_path: Path, name: str, is_named: bool, asked_for: str
) -> None:
    (tmp_path / "rest.toml").write_text('yes_no_unsure = "no"\nage = 40\nduration = "under_2w"')
    (tmp_path / name).mkdir()
    (tmp_path / name / "odd.toml").write_text(
        '[[case]]\nid = "odd-1"\nstory = "s"\nsource = "s"\nanswers = {}\nlevel = "emergency"\nkind = "must_not_miss"'
    )
    printed = io.StringIO()
    call_command("vignettes", str(tmp_path / name if asked_for else tmp_path), stdout=printed)
    assert f"{name}: 1 cases" in printed.getvalue()
    assert ("odd-1" in printed.getvalue()) == is_named


def test_a_folder_without_cases_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("vignettes", str(tmp_path), stdout=io.StringIO())


def test_a_case_that_falls_short_is_named(tmp_path: Path) -> None:
    (tmp_path / "rest.toml").write_text('yes_no_unsure = "no"\nage = 40\nduration = "under_2w"')
    (tmp_path / "odd.toml").write_text(
        '[[case]]\nid = "odd-1"\nstory = "s"\nsource = "s"\nanswers = {}\nlevel = "emergency"\nkind = "must_not_miss"'
    )
    printed = io.StringIO()
    call_command("vignettes", str(tmp_path), stdout=printed)
    assert "odd-1: not safe; routine instead of emergency" in printed.getvalue()
