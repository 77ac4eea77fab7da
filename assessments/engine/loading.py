"""Read the rule files into a rule book and refuse anything that does not hold together."""

import hashlib
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from assessments.engine import short_set
from assessments.engine.checking import check
from assessments.engine.findings import UNSURE, Finding, RulebookError, State, parse
from assessments.engine.questionnaire import TYPES, YES_NO_UNSURE, Option, Question
from assessments.engine.rulebook import (
    CauseRule,
    Evidence,
    Level,
    Named,
    Provenance,
    Rulebook,
    SelfCareMeasure,
    ShortQuestion,
    Triage,
    UrgencyRule,
    Weight,
)

# Each is a file, or a folder of files: `causes.toml`, or `causes/organs.toml` and its neighbours.
PARTS = ("questions", "findings", "red_flags", "causes", "referrals", "self_care", "short_set")
EVIDENCE_KINDS = ("guideline", "consensus", "likelihood_ratio", "odds_ratio", "post_test", "accuracy")
# More than this needs a published ratio beside it (evidence: clinical.md section 2.1, expert consensus).
MOST_POINTS = 3
PROVENANCE_KEYS = {"source", "reviewed", "review_needed", "evidence"}


@cache
def standard_rulebook() -> Rulebook:
    """The rule book that ships with the program."""
    return load(rule_files())


def rule_files() -> dict[str, bytes]:
    """The rule files that ship with the program, by their names without ending, in order."""
    folder = resources.files("assessments") / "rules"
    found = {}
    for part in PARTS:
        if (single := folder / f"{part}.toml").is_file():
            found[part] = single.read_bytes()
        else:
            parts = sorted((folder / part).iterdir(), key=lambda file: file.name)
            found |= {f"{part}/{file.name.removesuffix('.toml')}": file.read_bytes() for file in parts}
    return found


def load(files: Mapping[str, bytes]) -> Rulebook:
    """A rule book from the bytes of its files. Raises RulebookError naming the entry that is wrong."""
    digest = hashlib.sha256(b"\x00".join(files.values())).hexdigest()
    raw = {part: _joined(part, files) for part in PARTS}
    questions = _by_id("question", (_question(entry) for entry in raw["questions"]["question"]))
    findings = {key: _finding(key, entry) for key, entry in raw["findings"]["findings"].items()}
    specialists = {key: _build(Named, {"id": key} | entry) for key, entry in raw["referrals"]["specialist"].items()}
    investigations = {
        key: _build(Named, {"id": key} | entry) for key, entry in raw["referrals"]["investigation"].items()
    }
    levels = {
        _one_of(Triage, {"id": key, "level": key}, "level"): _build(Level, {"id": Triage(key)} | entry)
        for key, entry in raw["red_flags"]["level"].items()
    }
    rulebook = Rulebook(
        version=digest[:12],
        questions=questions,
        findings=findings,
        levels=levels,
        urgency_rules=tuple(_by_id("rule", (_urgency_rule(entry) for entry in raw["red_flags"]["rule"])).values()),
        causes=tuple(_by_id("cause", (_cause(entry) for entry in raw["causes"]["cause"])).values()),
        specialists=specialists,
        investigations=investigations,
        self_care=tuple(_by_id("measure", (_measure(entry) for entry in raw["self_care"]["measure"])).values()),
        unknown_cause=raw["causes"]["unknown"],
        safety_net=tuple(raw["red_flags"]["words"]["safety_net"]),
        note=raw["red_flags"]["words"]["note"],
        short_set=_by_id("short question", (_short_question(entry) for entry in raw["short_set"]["short"])),
        ask_when={question.id: question.ask_when for question in questions.values()},
    )
    check(rulebook)
    short_set.check(rulebook)
    return rulebook


def _joined(part: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    """What the files of one part say together. Lists follow each other; a key of a table may stand only once."""
    found: dict[str, Any] = {}
    for name in (name for name in files if name.split("/")[0] == part):
        try:
            said = tomllib.loads(files[name].decode())
        except ValueError as error:
            raise RulebookError(f"{name}.toml: {error}") from error
        for key, value in said.items():
            if isinstance(value, list):
                found[key] = [*found.get(key, []), *value]
            elif isinstance(value, dict):
                if twice := set(value) & set(found.get(key, {})):
                    raise RulebookError(f"{name}.toml: {sorted(twice)} is there twice under {key}")
                found[key] = found.get(key, {}) | value
            else:
                found[key] = value
    return found


def _by_id(noun: str, entries: Iterable[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        if entry.id in found:
            raise RulebookError(f"{noun} {entry.id!r} is there twice")
        found[entry.id] = entry
    return found


def _question(entry: dict[str, Any]) -> Question:
    kind = entry.get("type")
    if kind not in TYPES:
        raise RulebookError(f"question {entry.get('id')!r} has the unknown type {kind!r}")
    given = dict(entry)
    options = given.pop("options", [])
    if kind == "yes_no_unsure":
        options = [{"id": word, "text": word.capitalize()} for word in YES_NO_UNSURE]
    if kind == "number":
        options = [{"id": UNSURE, "text": "Unsure"}]
    if UNSURE not in [option["id"] for option in options]:
        raise RulebookError(f"question {entry['id']!r} does not offer unsure")
    ask_when = given.pop("ask_when", None)
    return _build(
        Question,
        given,
        options=tuple(Option(**option) for option in options),
        ask_when=None if ask_when is None else parse(ask_when),
    )


def _finding(finding_id: str, entry: dict[str, Any]) -> Finding:
    if set(entry) != {"text", "when"}:
        raise RulebookError(f"finding {finding_id!r} needs exactly text and when")
    return Finding(id=finding_id, text=entry["text"], when=parse(entry["when"]))


def _build(kind: type, given: dict[str, Any], **more: Any) -> Any:
    """Build a dataclass; lists become tuples. Unknown, missing and empty keys become a RulebookError."""
    said = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    owner = f"{kind.__name__} {given.get('id')!r}"
    try:
        built = kind(**said, **more)
    except TypeError as error:
        raise RulebookError(f"{owner}: {error}") from error
    for field in fields(built):
        if field.default is MISSING and getattr(built, field.name) == "":
            raise RulebookError(f"{owner} has nothing under {field.name!r}")
    return built


def _one_of(kind: type[StrEnum], entry: dict[str, Any], key: str) -> Any:
    """The value under a key as a member of its closed list."""
    if entry.get(key) not in list(kind):
        raise RulebookError(f"{entry.get('id')!r} has {entry.get(key)!r} under {key!r}: one of {', '.join(kind)}")
    return kind(entry[key])


def _provenance(entry: dict[str, Any]) -> Provenance:
    """Take the provenance keys out of an entry."""
    taken = {key: entry.pop(key) for key in PROVENANCE_KEYS & set(entry)}
    if not str(taken.get("source", "")).strip():
        raise RulebookError(f"{entry.get('id')!r} names no source")
    if not taken.get("reviewed") and not taken.get("review_needed"):
        raise RulebookError(f"{entry.get('id')!r} says neither reviewed nor review_needed")
    evidence = tuple(_evidence(entry.get("id"), figure) for figure in taken.pop("evidence", []))
    return Provenance(**taken, evidence=evidence)


def _evidence(owner: Any, figure: dict[str, Any]) -> Evidence:
    if figure.get("kind") not in EVIDENCE_KINDS:
        raise RulebookError(f"{owner!r} has evidence of an unknown kind: {figure.get('kind')!r}")
    return _build(Evidence, figure)


def _urgency_rule(entry: dict[str, Any]) -> UrgencyRule:
    given = dict(entry)
    provenance = _provenance(given)
    lists = {
        field: tuple(given.pop(key, [])) for field, key in (("every", "all"), ("some", "any"), ("without", "none"))
    }
    rule = _build(
        UrgencyRule,
        given | {"level": _one_of(Triage, given, "level"), "unsure_as": _one_of(State, given, "unsure_as")},
        provenance=provenance,
        **lists,
    )
    if not any(lists.values()):
        raise RulebookError(f"rule {rule.id!r} names no findings")
    if rule.level is Triage.EMERGENCY and not rule.say:
        raise RulebookError(f"emergency rule {rule.id!r} has no words to say")
    return rule


def _cause(entry: dict[str, Any]) -> CauseRule:
    given = dict(entry)
    provenance = _provenance(given)
    speaks_for, speaks_against = given.pop("for", {}), given.pop("against", {})
    if not speaks_for or (both := set(speaks_for) & set(speaks_against)):
        raise RulebookError(
            f"cause {given.get('id')!r} {f'has {sorted(both)} for and against' if speaks_for else 'has nothing for it'}"
        )
    points = speaks_for | speaks_against
    weights = tuple(_weight(given["id"], finding_id, value, provenance) for finding_id, value in points.items())
    return _build(CauseRule, given, weights=weights, provenance=provenance)


def _weight(cause_id: str, finding_id: str, value: Any, provenance: Provenance) -> Weight:
    """Bare points are expert consensus; a published likelihood ratio fixes the points that go with it."""
    if not isinstance(value, dict):
        if abs(value) > MOST_POINTS:
            raise RulebookError(f"cause {cause_id!r}: {value} points for {finding_id!r} without a published ratio")
        return Weight(
            finding=finding_id, points=float(value), evidence=Evidence(kind="consensus", cite=provenance.source)
        )
    ratio = value["likelihood_ratio"]
    if value["points"] != points_of(ratio):
        raise RulebookError(
            f"cause {cause_id!r}: a ratio of {ratio} gives {points_of(ratio)} points for {finding_id!r}"
        )
    figure = {key: value[key] for key in ("interval", "population", "cite") if key in value}
    evidence = _build(Evidence, {"kind": "likelihood_ratio", "value": str(ratio)} | figure)
    return Weight(finding=finding_id, points=float(value["points"]), evidence=evidence)


def points_of(likelihood_ratio: float) -> float:
    """Points of a published likelihood ratio: half steps of twice its binary logarithm, at most 3 either way."""
    return max(-MOST_POINTS, min(MOST_POINTS, round(2 * math.log2(likelihood_ratio)) / 2))


def _measure(entry: dict[str, Any]) -> SelfCareMeasure:
    given = dict(entry)
    provenance = _provenance(given)
    return _build(SelfCareMeasure, given | {"up_to": _one_of(Triage, given, "up_to")}, provenance=provenance)


def _short_question(entry: dict[str, Any]) -> ShortQuestion:
    given = dict(entry)
    provenance = _provenance(given)
    return _build(ShortQuestion, given | {"alone": _one_of(Triage, given, "alone")}, provenance=provenance)
