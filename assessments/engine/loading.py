"""Read the rule files into a rule book and refuse anything that does not hold together."""

import hashlib
import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from assessments.engine import short_set
from assessments.engine.findings import (
    UNSURE,
    Finding,
    Group,
    Possible,
    Ref,
    RulebookError,
    State,
    Test,
    Unsettled,
    parse,
    walk,
)
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
    specialists = {key: Named(id=key, **entry) for key, entry in raw["referrals"]["specialist"].items()}
    investigations = {key: Named(id=key, **entry) for key, entry in raw["referrals"]["investigation"].items()}
    levels = {Triage(key): Level(id=Triage(key), **entry) for key, entry in raw["red_flags"]["level"].items()}
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
    _check(rulebook)
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
    """Build a dataclass; lists become tuples, unknown and missing keys become a RulebookError."""
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    try:
        return kind(**fields, **more)
    except TypeError as error:
        raise RulebookError(f"{kind.__name__} {given.get('id')!r}: {error}") from error


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
        given | {"level": Triage(given["level"]), "unsure_as": State(given["unsure_as"])},
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
    points = given.pop("for") | given.pop("against", {})
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
    evidence = Evidence(
        kind="likelihood_ratio", value=str(ratio), population=value.get("population", ""), cite=value["cite"]
    )
    return Weight(finding=finding_id, points=float(value["points"]), evidence=evidence)


def points_of(likelihood_ratio: float) -> float:
    """Points of a published likelihood ratio: half steps of twice its binary logarithm, at most 3 either way."""
    return max(-MOST_POINTS, min(MOST_POINTS, round(2 * math.log2(likelihood_ratio)) / 2))


def _measure(entry: dict[str, Any]) -> SelfCareMeasure:
    given = dict(entry)
    provenance = _provenance(given)
    return _build(SelfCareMeasure, given | {"up_to": Triage(given["up_to"])}, provenance=provenance)


def _short_question(entry: dict[str, Any]) -> ShortQuestion:
    given = dict(entry)
    provenance = _provenance(given)
    return _build(ShortQuestion, given | {"alone": Triage(given["alone"])}, provenance=provenance)


def _check(rulebook: Rulebook) -> None:
    if set(rulebook.levels) != set(Triage):
        raise RulebookError("every triage level needs its words")
    _check_expressions(rulebook)
    for owner, finding_id in _used_findings(rulebook):
        if finding_id not in rulebook.findings:
            raise RulebookError(f"{owner} uses the unknown finding {finding_id!r}")
    pointing: list[UrgencyRule | CauseRule] = [*rulebook.urgency_rules, *rulebook.causes]
    for source in pointing:
        if unknown := (set(source.refer_to) - set(rulebook.specialists)) | (
            set(source.ask_about) - set(rulebook.investigations)
        ):
            raise RulebookError(f"{source.id!r} refers to the unknown {sorted(unknown)}")
    causes = {cause.id for cause in rulebook.causes}
    for rule in rulebook.urgency_rules:
        if unknown := set(rule.points_to) - causes:
            raise RulebookError(f"rule {rule.id!r} points to the unknown cause {sorted(unknown)}")
        if rule.level.rank > Triage.ROUTINE.rank and not all(_only_rises(rulebook, rule.expression)):
            raise RulebookError(f"rule {rule.id!r} could be weakened by a yes: {rule.level} rules only ask for signs")


def _check_expressions(rulebook: Rulebook) -> None:
    """Every finding rests on questions that can produce it; a condition looks only at earlier questions."""
    earlier: set[str] = set()
    for question in rulebook.questions.values():
        for part in walk(question.ask_when) if question.ask_when else ():
            if isinstance(part, Test) and part.question not in earlier:
                raise RulebookError(
                    f"question {question.id!r} waits for {part.question!r}, which is not asked before it"
                )
            _check_part(rulebook, f"question {question.id!r}", part)
        earlier.add(question.id)
    for finding in rulebook.findings.values():
        for part in walk(finding.when):
            _check_part(rulebook, f"finding {finding.id!r}", part)
            for name in _findings_in(part):
                if name not in rulebook.findings:
                    raise RulebookError(f"finding {finding.id!r} uses the unknown finding {name!r}")
        _check_no_circle(rulebook, finding.id, ())


def _check_no_circle(rulebook: Rulebook, finding_id: str, above: tuple[str, ...]) -> None:
    if finding_id in above:
        raise RulebookError(f"finding {finding_id!r} rests on itself")
    for part in walk(rulebook.findings[finding_id].when):
        for name in _findings_in(part):
            if name in rulebook.findings:
                _check_no_circle(rulebook, name, (*above, finding_id))


def _findings_in(part: Any) -> tuple[str, ...]:
    match part:
        case Ref(finding=name):
            return (name,)
        case Unsettled(by=by):
            return by
    return ()


def _check_part(rulebook: Rulebook, owner: str, part: Any) -> None:
    """A test must be one that its question can answer."""
    if not isinstance(part, Test | Unsettled):
        return
    question = rulebook.questions.get(part.question)
    if question is None:
        raise RulebookError(f"{owner} rests on the unknown question {part.question!r}")
    if isinstance(part, Unsettled):
        return
    if part.operator in ("at_least", "at_most", "between"):
        if question.type != "number":
            raise RulebookError(f"{owner} compares {part.question!r}, which is no number")
        return
    if part.operator == "how_many_of" and question.type != "choices":
        raise RulebookError(f"{owner} counts ticks of {part.question!r}, which has none")
    wanted = part.operand if isinstance(part.operand, tuple) else (part.operand,)
    if unknown := set(wanted) - {option.id for option in question.options}:
        raise RulebookError(f"{owner} waits for {sorted(map(str, unknown))}, which {part.question!r} cannot answer")


def _used_findings(rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    for rule in rulebook.urgency_rules:
        yield from ((f"rule {rule.id!r}", name) for name in (*rule.findings, *rule.without))
    for cause in rulebook.causes:
        yield from ((f"cause {cause.id!r}", name) for name in cause.requires)
        yield from ((f"cause {cause.id!r}", weight.finding) for weight in cause.weights)
    for measure in rulebook.self_care:
        yield from ((f"measure {measure.id!r}", name) for name in measure.not_when)


def _only_rises(rulebook: Rulebook, expression: Any, *, upright: bool = True) -> Iterator[bool]:
    """Whether each test inside can only move towards yes when a no becomes a yes or a tick is added."""
    match expression:
        case Group(operator=operator, members=members):
            for member in members:
                yield from _only_rises(rulebook, member, upright=upright != (operator == "none"))
        case Possible(member=member):
            yield from _only_rises(rulebook, member, upright=upright)
        case Ref(finding=finding_id):
            yield from _only_rises(rulebook, rulebook.findings[finding_id].when, upright=upright)
        case Test(question=question_id, operand=operand):
            kind = rulebook.questions[question_id].type
            wanted = operand if isinstance(operand, tuple) else (operand,)
            asks_for_yes = kind != "yes_no_unsure" or "yes" in wanted
            yield asks_for_yes == upright or kind in ("number", "choice")
        case _:
            yield upright
