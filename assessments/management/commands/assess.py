import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.engine.loading import standard_rulebook
from assessments.engine.outcome import assess
from assessments.engine.questionnaire import AnswerError, accept_answers

# Tens of thousands of cases with all questions answered.
LARGEST_FILE = 50_000_000


class Command(BaseCommand):
    help = (
        'Print the outcome of check-ups as JSON, a line each. Takes a file with {"answers": {question id: answer}}, '
        "or with a line of it per case, or - for standard input."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a JSON file with one case, or one case a line, or -")

    def handle(self, *args: Any, **options: Any) -> None:
        refused = []
        for number, text in enumerate(cases(read(options["file"])), 1):
            try:
                printed = outcome_of(parsed(text))
            except (CommandError, AnswerError) as error:
                refused.append(f"Case {number}: {in_words(error)}")
                printed = {"error": refused[-1]}
            self.stdout.write(json.dumps(printed, ensure_ascii=False))
        if refused:
            raise CommandError(f"{len(refused)} not read. {refused[0]}")


def cases(text: str) -> list[str]:
    """The texts of the cases: the lines where one of them is a case by itself, else the whole."""
    lines = [line for line in text.split("\n") if line.strip()]
    return lines if len(lines) > 1 and any(map(is_case, lines)) else [text]


def is_case(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (RecursionError, ValueError):
        return False


def outcome_of(case: Any) -> dict[str, Any]:
    """What a case comes to, in the form that other programs rely on."""
    if not isinstance(case, dict) or "answers" not in case:
        raise CommandError('must be an object with "answers"')
    rulebook = standard_rulebook()
    outcome = assess(rulebook, accept_answers(rulebook.questions, case["answers"]))
    return {
        "triage": outcome.level,
        "complete": not outcome.incomplete,
        "fired": [rule.rule for rule in outcome.fired],
        "causes": [{"id": cause.id, "title": cause.title, "band": cause.band} for cause in outcome.causes],
        "refer_to": [specialist["id"] for specialist in outcome.refer_to],
        "investigations": [investigation["id"] for investigation in outcome.ask_about],
        "self_care": [measure["id"] for measure in outcome.self_care],
    }


def in_words(error: CommandError | AnswerError) -> str:
    return f"the answer to {error.question!r} {error.words}" if isinstance(error, AnswerError) else str(error)


def read(path: str) -> str:
    try:
        if path == "-":
            raw = sys.stdin.buffer.read(LARGEST_FILE + 1)
        else:
            with open(path, "rb") as file:
                raw = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        raise CommandError(f"The file cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if len(raw) > LARGEST_FILE:
        raise CommandError(f"The file is larger than {LARGEST_FILE} bytes.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"The file is not UTF-8 text: byte {error.start + 1} cannot be read.") from error


def parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=without_repeats)
    except json.JSONDecodeError as error:
        raise CommandError(f"Line {error.lineno}, column {error.colno}: {error.msg}.") from error
    except (RecursionError, ValueError) as error:
        raise CommandError(f"The file cannot be read as JSON: {error}.") from error


def without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two different answers to one question are a mistake to point out, not to settle."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{ascii(key)} is there twice")
        found[key] = value
    return found
