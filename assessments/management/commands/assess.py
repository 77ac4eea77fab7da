import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.engine.loading import standard_rulebook
from assessments.engine.outcome import assess
from assessments.engine.questionnaire import AnswerError, accept_answers

# Far more than all questions with all their options.
LARGEST_FILE = 1_000_000


class Command(BaseCommand):
    help = "Print the outcome of a check-up as JSON. Takes a file with {question id: answer}, or - for standard input."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("answers", help="a JSON file with one object of question ids and answers, or -")

    def handle(self, *args: Any, **options: Any) -> None:
        rulebook = standard_rulebook()
        try:
            answers = accept_answers(rulebook.questions, parsed(read(options["answers"])))
        except AnswerError as error:
            raise CommandError(f"The answer to {error.question!r} {error.words}.") from error
        self.stdout.write(assess(rulebook, answers).to_json(indent=2))


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
