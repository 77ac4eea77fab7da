"""What must hold in a rule book before anybody is asked anything. `loading` reads it."""

from collections.abc import Iterator
from typing import Any

from assessments.engine.findings import (
    Expression,
    Group,
    Possible,
    Ref,
    RulebookError,
    Test,
    Unsettled,
    opened_by,
    walk,
)
from assessments.engine.questionnaire import Question
from assessments.engine.rulebook import CauseRule, Rulebook, Triage, UrgencyRule


def check(rulebook: Rulebook) -> None:
    """Refuse a rule book whose parts do not fit together. Raises RulebookError naming the entry that is wrong."""
    if set(rulebook.levels) != set(Triage):
        raise RulebookError("every triage level needs its words")
    _check_expressions(rulebook)
    for owner, finding_id in _used_findings(rulebook):
        if finding_id not in rulebook.findings:
            raise RulebookError(f"{owner} uses the unknown finding {finding_id!r}")
    for question in rulebook.questions.values():
        _check_question(rulebook, question)
    pointing: list[UrgencyRule | CauseRule] = [*rulebook.urgency_rules, *rulebook.causes]
    for source in pointing:
        if not source.refer_to and not (isinstance(source, UrgencyRule) and source.level is Triage.EMERGENCY):
            raise RulebookError(f"{source.id!r} does not say whom to see")
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


def _check_question(rulebook: Rulebook, question: Question) -> None:
    options = [option.id for option in question.options]
    if len(set(options)) < len(options):
        raise RulebookError(f"question {question.id!r} has an option twice")
    if question.compound and (question.type != "yes_no_unsure" or len(opened_by(rulebook.ask_when, question.id)) < 2):
        raise RulebookError(f"question {question.id!r} is compound and does not open a question for each sign")


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
        bounds = part.operand if isinstance(part.operand, tuple) else (part.operand,)
        if not all(question.at_least <= bound <= question.at_most for bound in bounds):
            raise RulebookError(f"{owner} waits for {list(bounds)}, which {part.question!r} cannot answer")
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
        yield from ((f"measure {measure.id!r}", name) for name in (*measure.not_when, *measure.only_when))


def _only_rises(rulebook: Rulebook, expression: Expression, *, upright: bool = True) -> Iterator[bool]:
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
