"""The questionnaire and the rule book as one JSON document, enough to run a check-up without network.

Every field of every rule is in it, under the name that it has in the rule files where it has one there.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any

from assessments.engine import outcome
from assessments.engine.findings import Group, Possible, Ref, Test, Unsettled, as_plain
from assessments.engine.loading import standard_rulebook
from assessments.engine.questionnaire import as_plain_question
from assessments.engine.rulebook import Rulebook, Triage

FORMAT, FORMAT_VERSION = "ebb-rulebook", 1


@dataclass(frozen=True, kw_only=True)
class Document:
    """The bytes to send, and a tag that changes whenever they do."""

    body: bytes
    etag: str


@cache
def standard_document() -> Document:
    """The document of the rule book that ships with the program."""
    body = json.dumps(as_document(standard_rulebook()), ensure_ascii=False, separators=(",", ":")).encode()
    return Document(body=body, etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def as_document(rulebook: Rulebook) -> dict[str, Any]:
    """Everything that the engine goes by. docs/api-checkup.md says how to run it."""
    rules = [_plain(rule) | {"when": as_plain(rule.expression)} for rule in rulebook.urgency_rules]
    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "rulebook_version": rulebook.version,
        "triage": [level.value for level in Triage],
        "scoring": {
            "fewest_answered": outcome.FEWEST_ANSWERED,
            "fewest_points": outcome.FEWEST_POINTS,
            "fewest_answered_if_pointed": 1,
            "fewest_points_if_pointed": outcome.LEAST_POINTS_IF_POINTED,
            "most_causes": outcome.MOST_CAUSES,
            "fits_well": outcome.FITS_WELL,
            "fits_partly": outcome.FITS_PARTLY,
        },
        "questions": [as_plain_question(question) for question in rulebook.questions.values()],
        "findings": {name: _plain(finding) for name, finding in rulebook.findings.items()},
        "rules": rules,
        **{name: _plain(getattr(rulebook, name)) for name in _rest(rulebook)},
    }


def _rest(rulebook: Rulebook) -> list[str]:
    own = {"version", "questions", "findings", "urgency_rules", "ask_when"}
    return [part.name for part in fields(rulebook) if part.name not in own]


def _plain(value: Any) -> Any:
    """Dataclasses as objects, expressions as the rule files write them."""
    if isinstance(value, Test | Ref | Unsettled | Possible | Group):
        return as_plain(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, Mapping):
        return {str(getattr(key, "value", key)): _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, tuple | list) else value
