"""Every word of the rule files that a patient reads, for translators. Pages translate where they show."""

from collections.abc import Iterator
from typing import Any

from assessments.engine.document import as_document
from assessments.engine.outcome import UNSAFE_IS_OPEN, WAIT_FOR_CLINICIAN
from assessments.engine.rulebook import Rulebook

# Where the document of the rule book holds words; everything else in it is an id, a number, or a source.
WORDED = {"text", "why", "unit", "headline", "act", "within", "title", "because", "say", "about", "course", "how"}
WORDED |= {"evidence_words", "stop_when", "name", "unknown_cause", "safety_net", "note"}
OF_THE_ENGINE = ("Unsure", "None of these", WAIT_FOR_CLINICIAN, UNSAFE_IS_OPEN)


def words_of(rulebook: Rulebook) -> list[str]:
    """Each once, in the order of the files."""
    return list(dict.fromkeys([*_words_in(as_document(rulebook)), *OF_THE_ENGINE]))


def _words_in(value: Any, key: str = "") -> Iterator[str]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _words_in(inner, name)
        case list():
            for inner in value:
                yield from _words_in(inner, key)
        case str() if value and key in WORDED:
            yield value
