"""Read the file of the questionnaires and refuse anything that does not hold together."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from assessments.engine.findings import RulebookError
from assessments.engine.instruments import (
    Alarm,
    Band,
    Change,
    Choice,
    Criterion,
    Instrument,
    Item,
    Offer,
    Score,
    Test,
)

ITEM_TYPES = ("scale", "choice", "tick")
WAYS = ("sum", "mean", "groups")
LONGEST_KEY = 20


@cache
def standard_instruments() -> dict[str, Instrument]:
    """The questionnaires that ship with the program, by key."""
    return load_instruments((resources.files("assessments") / "rules" / "instruments.toml").read_bytes())


def load_instruments(file: bytes) -> dict[str, Instrument]:
    """Raises RulebookError naming the entry that is wrong."""
    instruments: dict[str, Instrument] = {}
    for entry in tomllib.loads(file.decode())["instrument"]:
        instrument = _instrument(entry)
        if instrument.key in instruments:
            raise RulebookError(f"instrument {instrument.key!r} is there twice")
        instruments[instrument.key] = instrument
    for instrument in instruments.values():
        for fault in _faults(instrument, instruments):
            raise RulebookError(f"instrument {instrument.key!r}: {fault}")
    return instruments


def _instrument(entry: Mapping[str, Any]) -> Instrument:
    given = dict(entry)
    answers, alarm = given.pop("answers", {}), given.pop("alarm", None)
    items, scores, criteria = (given.pop(name, []) for name in ("item", "score", "criterion"))
    return _build(
        Instrument,
        given,
        items=tuple(_item(answers | item) for item in items),
        scores=tuple(_score(score) for score in scores),
        criteria=tuple(_criterion(criterion) for criterion in criteria),
        alarm=alarm and _build(Alarm, alarm),
    )


def _item(entry: Mapping[str, Any]) -> Item:
    given = dict(entry)
    choices = given.pop("choices", [])
    return _build(Item, given, choices=tuple(_build(Choice, choice) for choice in choices))


def _score(entry: Mapping[str, Any]) -> Score:
    given = dict(entry)
    change, offers = given.pop("change", None), given.pop("offers", None)
    items, groups, bands = (given.pop(name, []) for name in ("items", "groups", "bands"))
    return _build(
        Score,
        given,
        items=tuple(items),
        groups=tuple(tuple(group) for group in groups),
        bands=tuple(_build(Band, _renamed(band)) for band in bands),
        change=change and _build(Change, change),
        offers=offers and _build(Offer, _renamed(offers)),
    )


def _criterion(entry: Mapping[str, Any]) -> Criterion:
    given = dict(entry)
    every, some = given.pop("all", []), given.pop("any", [])
    return _build(
        Criterion,
        given,
        every=tuple(_build(Test, test) for test in every),
        some=tuple(tuple(_build(Test, test) for test in tests) for tests in some),
    )


def _renamed(entry: Mapping[str, Any]) -> dict[str, Any]:
    """`from` is a word of the language."""
    return {"begins" if name == "from" else name: value for name, value in entry.items()}


def _build(kind: type, given: Mapping[str, Any], **more: Any) -> Any:
    try:
        return kind(**given, **more)
    except TypeError as error:
        raise RulebookError(f"{kind.__name__} {given.get('id', given.get('key'))!r}: {error}") from error


def _faults(instrument: Instrument, all_of_them: Mapping[str, Instrument]) -> Iterator[str]:
    """What does not hold together in one instrument."""
    must_say = ("title", "about", "version", "scoring_version", "language", "licence", "source", "recall")
    yield from (f"says no {name}" for name in must_say if not str(getattr(instrument, name)).strip())
    if not instrument.reviewed and not instrument.review_needed:
        yield "says neither reviewed nor review_needed"
    if not 0 < len(instrument.key) <= LONGEST_KEY:
        yield f"needs a key of at most {LONGEST_KEY} characters"
    names = [item.id for item in instrument.items] + [score.id for score in instrument.scores]
    names += [criterion.id for criterion in instrument.criteria]
    if not instrument.items or not instrument.scores:
        yield "asks or scores nothing"
    yield from (f"{name!r} is there twice" for name in _doubles(names))
    yield from (fault for item in instrument.items for fault in _item_faults(item))
    known = {item.id: item for item in instrument.items}
    yield from (fault for score in instrument.scores for fault in _score_faults(score, known, all_of_them))
    for criterion in instrument.criteria:
        tested = {test.of for tests in (criterion.every, *criterion.some) for test in tests}
        yield from (f"{criterion.id!r} tests the unknown {name!r}" for name in sorted(tested - set(names)))
        if not criterion.some:
            yield f"{criterion.id!r} can never hold"
    if instrument.alarm and instrument.alarm.at_least not in _values(known, instrument.alarm.item):
        yield "raises an alarm at an answer that nobody can give"


def _item_faults(item: Item) -> Iterator[str]:
    if item.type not in ITEM_TYPES:
        yield f"{item.id!r} has the unknown type {item.type!r}"
    if not item.text.strip():
        yield f"{item.id!r} asks nothing"
    if (item.type == "choice") != bool(item.choices):
        yield f"{item.id!r} needs choices, or must not have any"
    if _doubles(choice.value for choice in item.choices):
        yield f"{item.id!r} offers a value twice"
    if item.type == "scale" and not (item.at_least < item.at_most and item.low and item.high):
        yield f"{item.id!r} needs a scale with words at both ends"


def _score_faults(score: Score, items: Mapping[str, Item], instruments: Mapping[str, Instrument]) -> Iterator[str]:
    if score.how not in WAYS:
        yield f"{score.id!r} is worked out in the unknown way {score.how!r}"
    used = [*score.items, *(item for group in score.groups for item in group)]
    if bool(score.groups) != (score.how == "groups") or not used:
        yield f"{score.id!r} needs items, or groups of them"
    yield from (f"{score.id!r} counts {name!r} twice" for name in _doubles(used))
    if unknown := [name for name in used if name not in items]:
        yield f"{score.id!r} counts the unknown {unknown[0]!r}"
    elif (score.at_least, score.at_most) != _range(score, items):
        yield f"{score.id!r} runs from {_range(score, items)[0]} to {_range(score, items)[1]}"
    begins = [band.begins for band in score.bands]
    if begins and (begins != sorted(set(begins)) or begins[0] != score.at_least or begins[-1] > score.at_most):
        yield f"{score.id!r} has bands that overlap or leave something out"
    if score.change and not (score.change.points or score.change.percent):
        yield f"{score.id!r} names a change of nothing"
    if score.offers and score.offers.key not in instruments:
        yield f"{score.id!r} offers the unknown {score.offers.key!r}"


def _range(score: Score, items: Mapping[str, Item]) -> tuple[int, int]:
    """The lowest and the highest score that answers can give."""
    if score.how == "groups":
        return 0, len(score.groups)
    lows, highs = [min(items[name].values) for name in score.items], [max(items[name].values) for name in score.items]
    return (min(lows), max(highs)) if score.how == "mean" else (sum(lows), sum(highs))


def _values(items: Mapping[str, Item], name: str) -> list[int]:
    return items[name].values if name in items else []


def _doubles(names: Iterable[Any]) -> list[Any]:
    listed = list(names)
    return sorted({name for name in listed if listed.count(name) > 1})
