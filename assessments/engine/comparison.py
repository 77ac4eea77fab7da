"""What changed from one finished check-up to the next. Both outcomes are read as they were stored, never worked out again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assessments.engine.rulebook import Triage

Stored = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class AnswerChange:
    """A question that was answered otherwise: the words that are new, and those that went."""

    question: str
    text: str
    new: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BandChange:
    """A cause that is named both times and fits in another way."""

    id: str
    title: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """`step`: how many levels more urgent (negative: less) the later one is. The rest are titles in their order."""

    step: int
    signs_new: tuple[str, ...]
    signs_gone: tuple[str, ...]
    causes_new: tuple[str, ...]
    causes_gone: tuple[str, ...]
    causes_moved: tuple[BandChange, ...]
    answers: tuple[AnswerChange, ...]
    is_same_rulebook: bool

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is different."""
        changes = (self.signs_new, self.signs_gone, self.causes_new, self.causes_gone, self.causes_moved, self.answers)
        return not self.step and not any(changes)


def compare(before: Stored, after: Stored) -> Comparison:
    """Compare two stored outcomes (see `outcome.Outcome.as_dict`)."""
    signs = _titles(before["fired"], "rule"), _titles(after["fired"], "rule")
    causes = _titles(before["causes"], "id"), _titles(after["causes"], "id")
    return Comparison(
        step=Triage(after["level"]).rank - Triage(before["level"]).rank,
        signs_new=_only_in(signs[1], signs[0]),
        signs_gone=_only_in(signs[0], signs[1]),
        causes_new=_only_in(causes[1], causes[0]),
        causes_gone=_only_in(causes[0], causes[1]),
        causes_moved=_moved(before["causes"], after["causes"]),
        answers=_answers(before.get("answered", ()), after.get("answered", ())),
        is_same_rulebook=before["rulebook_version"] == after["rulebook_version"],
    )


def _titles(entries: Any, key: str) -> dict[str, str]:
    return {entry[key]: entry["title"] for entry in entries}


def _only_in(these: dict[str, str], those: dict[str, str]) -> tuple[str, ...]:
    return tuple(title for key, title in these.items() if key not in those)


def _moved(before: Any, after: Any) -> tuple[BandChange, ...]:
    bands = {cause["id"]: cause["band"] for cause in before}
    return tuple(
        BandChange(id=cause["id"], title=cause["title"], before=bands[cause["id"]], after=cause["band"])
        for cause in after
        if bands.get(cause["id"], cause["band"]) != cause["band"]
    )


def _answers(before: Any, after: Any) -> tuple[AnswerChange, ...]:
    """Questions of the later one first, then those that only the earlier one asked."""
    said = {entry["question"]: entry for entry in before}, {entry["question"]: entry for entry in after}
    changes = (
        AnswerChange(
            question=key,
            text=(said[1].get(key) or said[0][key])["text"],
            new=_words_only_in(said[1].get(key), said[0].get(key)),
            gone=_words_only_in(said[0].get(key), said[1].get(key)),
        )
        for key in {**said[1], **said[0]}
    )
    return tuple(change for change in changes if change.new or change.gone)


def _words_only_in(this: Any, that: Any) -> tuple[str, ...]:
    known = that["words"] if that else ()
    return tuple(words for words in (this["words"] if this else ()) if words not in known)
