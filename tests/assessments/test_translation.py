"""The words of the rule files reach translators, and a translated page speaks another language."""

import ast
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments import services
from assessments.engine.words import words_of
from assessments.management.commands.makemessages import FOR_TRANSLATORS, as_source
from tests.conftest import Person, require
from tests.engine.walking import RULEBOOK, STRAIN, walk

WORDS = words_of(RULEBOOK)


def test_everything_that_a_patient_reads_is_for_translators() -> None:
    outcome = services.assess(RULEBOOK, walk(STRAIN)).as_dict()
    shown = [outcome["headline"], outcome["act"], outcome["within"], outcome["note"], *outcome["safety_net"]]
    shown += [part for entry in outcome["answered"] for part in (entry["text"], *entry["words"], *entry["not_ticked"])]
    shown += [cause[part] for cause in outcome["causes"] for part in ("title", "about", "course")]
    shown += [text for cause in outcome["causes"] for part in ("fits", "against", "unanswered") for text in cause[part]]
    shown += [measure[part] for measure in outcome["self_care"] for part in ("title", "how", "evidence", "stop_when")]
    shown += [reason for measure in outcome["avoid"] for reason in measure["because"]]
    assert {text for text in shown if not text[0].isdigit()} <= set(WORDS)


def test_ids_and_sources_are_not_for_translators() -> None:
    assert not {"gp", "emergency", "strain", "clinician sign-off"} & set(WORDS)


def test_the_list_for_translators_is_python_and_holds_each_text_once() -> None:
    tree = ast.parse(as_source(['say "now"', "it's", "new\nline"]))
    assert [call.args[0].value for call in ast.walk(tree) if isinstance(call, ast.Call)] == [
        'say "now"',
        "it's",
        "new\nline",
    ]
    assert len(WORDS) == len(set(WORDS))
    assert not FOR_TRANSLATORS.exists()


@pytest.fixture
def in_german(tmp_path: Path, settings: Any) -> None:
    """A catalogue in which every text of the rule book has a mark in front."""
    require(shutil.which("msgfmt") is not None, "no msgfmt on this machine. On Debian: apt-get install gettext")
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for text in WORDS]
    head = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    entries = "".join(f'msgid "{text}"\nmsgstr "DE {text}"\n\n' for text in quoted)
    (folder / "django.po").write_text(head + entries, encoding="utf-8")
    subprocess.run(["msgfmt", "-o", str(folder / "django.mo"), str(folder / "django.po")], check=True)
    settings.LANGUAGES, settings.LOCALE_PATHS = [("en", "English"), ("de", "Deutsch")], [tmp_path]


def test_question_result_and_rule_book_speak_the_language_of_the_browser(
    in_german: None, alice: Person, alice_client: Client
) -> None:
    checkup = services.start(by=alice.user, at=timezone.now(), known=walk(STRAIN))
    question = next(iter(RULEBOOK.questions.values()))
    for address, text in [
        (reverse("checkup:question", args=[checkup.uuid]) + f"?question={question.id}", "DE Yes"),
        (reverse("checkup:answers", args=[checkup.uuid]), "DE No"),
        (reverse("checkup:rulebook"), "DE Get emergency help now"),
    ]:
        assert text in alice_client.get(address, headers={"Accept-Language": "de"}).content.decode(), address
    services.finish(by=alice.user, uuid=checkup.uuid, at=timezone.now())
    for name in ("result", "doctor"):
        address = reverse(f"checkup:{name}", args=[checkup.uuid])
        shown = alice_client.get(address, headers={"Accept-Language": "de"}).content.decode()
        assert "DE Overworked or strained muscle" in shown, name
        assert f"DE {RULEBOOK.findings['after_effort'].text}" in shown, name
