"""Published questionnaires: what they ask, what counts as an answer, and how the answers are scored.

Scores are plain numbers by their id. Each instrument is scored by the few operators of this file (sum, mean, groups,
criteria), so that a mobile client can run the same definition without us.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Any

Scores = Mapping[str, int | float | bool]


class AnswersRefused(ValueError):
    """Answers that cannot be scored. `faults`: what is wrong, in words, by the item it is about."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{item}: {words}" for item, words in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, kw_only=True)
class Choice:
    value: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of a questionnaire. `low` and `high` are the words at the ends of a scale."""

    id: str
    text: str
    type: str
    heading: str = ""
    choices: tuple[Choice, ...] = ()
    at_least: int = 0
    at_most: int = 1
    low: str = ""
    high: str = ""

    @property
    def values(self) -> list[int]:
        """Every answer that this line can have."""
        return [choice.value for choice in self.choices] or list(range(self.at_least, self.at_most + 1))

    def words(self, value: int) -> str:
        """An answer in the words of the questionnaire."""
        if self.type == "tick":
            return "Yes" if value else "Not ticked"
        return next((choice.text for choice in self.choices if choice.value == value), str(value))


@dataclass(frozen=True, kw_only=True)
class Band:
    """A range of scores that begins at `begins` and ends where the next one begins."""

    begins: int
    text: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """The smallest difference that matters to most people; all that is given has to be reached."""

    source: str
    points: int = 0
    percent: int = 0
    usable_from: int = 0
    usable_to: int = 10_000


@dataclass(frozen=True, kw_only=True)
class Offer:
    """From this score on another questionnaire is worth filling in."""

    begins: int
    key: str


@dataclass(frozen=True, kw_only=True)
class Score:
    id: str
    title: str
    how: str
    at_most: int
    at_least: int = 0
    items: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    bands: tuple[Band, ...] = ()
    change: Change | None = None
    offers: Offer | None = None
    loinc: str = ""

    def band(self, value: float) -> Band | None:
        return next((band for band in reversed(self.bands) if value >= band.begins), None)


@dataclass(frozen=True, kw_only=True)
class Test:
    """Whether a score or an answer lies in a range."""

    of: str
    at_least: int = 0
    at_most: int = 10_000

    def holds(self, values: Mapping[str, int | float]) -> bool:
        return self.at_least <= values[self.of] <= self.at_most


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """Yes or no: every test of `every`, and every test of at least one list of `some`."""

    id: str
    title: str
    about: str
    every: tuple[Test, ...]
    some: tuple[tuple[Test, ...], ...]
    met: str
    not_met: str

    def holds(self, values: Mapping[str, int | float]) -> bool:
        """`values`: scores and answers by their id."""
        return all(test.holds(values) for test in self.every) and any(
            all(test.holds(values) for test in tests) for tests in self.some
        )


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """The item that shows help at once: from this answer on, and where it was left out."""

    item: str
    at_least: int


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """One questionnaire in one language. `every_days`: how often it is offered to whoever wants that; 0 is never."""

    key: str
    title: str
    about: str
    version: str
    scoring_version: str
    language: str
    licence: str
    source: str
    recall: str
    minutes: int
    items: tuple[Item, ...]
    scores: tuple[Score, ...]
    criteria: tuple[Criterion, ...] = ()
    stem: str = ""
    reviewed: str = ""
    review_needed: str = ""
    may_miss: int = 0
    alarm: Alarm | None = None
    every_days: int = 0
    offered_from_day: int = 0
    names_attempt: bool = False

    @property
    def main_score(self) -> Score:
        """The one whose course is drawn."""
        return self.scores[0]

    def score(self, score_id: str) -> Score | None:
        return next((score for score in self.scores if score.id == score_id), None)


class Movement(StrEnum):
    """How a score stands against an earlier one. In all instruments higher is worse."""

    SAME = "same"
    LITTLE_BETTER = "little_better"
    LITTLE_WORSE = "little_worse"
    BETTER = "better"
    WORSE = "worse"


def accept(instrument: Instrument, raw: Any) -> dict[str, int]:
    """The answers in stored form and in the order of the items; a tick that was not set is 0.

    Raises AnswersRefused with all that is wrong. None counts as not answered.
    """
    if not isinstance(raw, Mapping):
        raise AnswersRefused({"answers": "must be an object of items and answers"})
    items = {item.id: item for item in instrument.items}
    faults = {_printable(key): "is not an item of this questionnaire" for key in raw if key not in items}
    given = {key: raw[key] for key in items if raw.get(key) is not None}
    faults |= {key: _wanted(items[key]) for key, value in given.items() if not _fits(items[key], value)}
    ticks = {item.id: 0 for item in instrument.items if item.type == "tick"}
    missing = [key for key in items if key not in given and key not in ticks]
    if len(missing) > instrument.may_miss:
        faults |= dict.fromkeys(missing, "is not answered")
    if faults:
        raise AnswersRefused(faults)
    answers = ticks | given
    return {key: answers[key] for key in items if key in answers}


def scores_of(instrument: Instrument, answers: Mapping[str, int]) -> dict[str, int | float | bool]:
    """Every score and criterion of accepted answers, by id."""
    scores: dict[str, int | float] = {score.id: _value(score, answers) for score in instrument.scores}
    met = {criterion.id: criterion.holds({**answers, **scores}) for criterion in instrument.criteria}
    return {**scores, **met}


def needs_help(instrument: Instrument, answers: Mapping[str, int]) -> bool:
    """Whether to show at once where a person answers. A line that was left out is not a no."""
    alarm = instrument.alarm
    return alarm is not None and answers.get(alarm.item, alarm.at_least) >= alarm.at_least


def offered_next(instrument: Instrument, scores: Scores) -> list[str]:
    """Keys of the questionnaires that these scores make worth filling in."""
    offers = [(score.id, score.offers) for score in instrument.scores if score.offers]
    return [offer.key for score_id, offer in offers if scores.get(score_id, 0) >= offer.begins]


def movement(score: Score, *, before: float, now: float) -> Movement | None:
    """From an earlier score to this one; None where no published change lets us tell whether it matters.

    Exact: in floats a fall from 7 to 4.9 would be a little less than 30 %.
    """
    if before == now:
        return Movement.SAME
    change = score.change
    if change is None or not change.usable_from <= before <= change.usable_to:
        return None
    difference = Fraction(str(now)) - Fraction(str(before))
    is_large = abs(difference) * 100 >= change.percent * Fraction(str(before))
    matters = abs(difference) >= change.points and is_large
    if difference < 0:
        return Movement.BETTER if matters else Movement.LITTLE_BETTER
    return Movement.WORSE if matters else Movement.LITTLE_WORSE


def _value(score: Score, answers: Mapping[str, int]) -> int | float:
    if score.how == "groups":
        return sum(any(answers.get(item) for item in group) for group in score.groups)
    given = [answers[item] for item in score.items if item in answers]
    mean = Fraction(sum(given), len(given))
    if score.how == "mean":
        return _half_up(mean * 10) / 10
    return _half_up(mean * len(score.items))


def _half_up(exact: Fraction) -> int:
    return floor(exact + Fraction(1, 2))


def _fits(item: Item, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in item.values


def _wanted(item: Item) -> str:
    values = item.values
    if values == list(range(values[0], values[-1] + 1)):
        return f"must be a whole number from {values[0]} to {values[-1]}"
    return f"must be one of {', '.join(map(str, values))}"


def _printable(given: Any) -> str:
    return str(given)[:80].encode("ascii", "backslashreplace").decode()
