"""Findings: yes / no / unsure / missing facts worked out from answers by a small closed set of operators.

The same operators are printed by the `questions` command, so that a mobile client can run them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

UNSURE = "unsure"


class RulebookError(ValueError):
    """A rule file says something that cannot be right; the message names the entry."""


class State(StrEnum):
    """What is known about a finding. Missing is never the same as no."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    MISSING = "missing"


# The first state in the list that any member shows decides; the last is that of an empty group.
ALL_ORDER = (State.NO, State.MISSING, State.UNSURE, State.YES)
ANY_ORDER = (State.YES, State.UNSURE, State.MISSING, State.NO)
OPPOSITE = {State.YES: State.NO, State.NO: State.YES}

TESTS = ("is", "in", "at_least", "at_most", "between", "how_many_of")
GROUPS = ("all", "any", "none")


@dataclass(frozen=True, kw_only=True)
class Test:
    """One operator on one answer. `minimum` belongs to `how_many_of` alone."""

    question: str
    operator: str
    operand: Any
    minimum: int = 0


@dataclass(frozen=True, kw_only=True)
class Ref:
    """The state of another finding."""

    finding: str


@dataclass(frozen=True, kw_only=True)
class Unsettled:
    """Yes when the question was answered yes or unsure and what it asks about is not all known.

    `by`: the findings that have to be known. Without it: every question that this one opened.
    """

    question: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Possible:
    """Yes unless the inner expression is a settled no: for what makes another sign matter, and was not told."""

    member: "Expression"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Members joined by all, any or none."""

    operator: str
    members: tuple["Expression", ...]


Expression = Test | Ref | Unsettled | Possible | Group


def parse(raw: Any) -> Expression:
    """Read an expression as TOML gives it. Raises RulebookError on anything outside the closed set."""
    match raw:
        case str():
            return Ref(finding=raw)
        case {"unsettled": str(question), "by": list(by), **rest} if not rest:
            return Unsettled(question=question, by=tuple(by))
        case {"unsettled": str(question), **rest} if not rest:
            return Unsettled(question=question)
        case {"possible": inner, **rest} if not rest:
            return Possible(member=parse(inner))
        case {"not": inner, **rest} if not rest:
            return Group(operator="none", members=(parse(inner),))
        case {"question": str(question), "how_many_of": list(options), "at_least": int(minimum), **rest} if not rest:
            return Test(question=question, operator="how_many_of", operand=tuple(options), minimum=minimum)
        case {"question": str(question), **rest} if len(rest) == 1:
            operator, operand = next(iter(rest.items()))
            return _parse_test(question, str(operator), operand)
        case dict() if len(raw) == 1:
            operator, members = next(iter(raw.items()))
            if operator in GROUPS and isinstance(members, list):
                return Group(operator=str(operator), members=tuple(parse(member) for member in members))
    raise RulebookError(f"cannot read the expression {raw!r}")


def _parse_test(question: str, operator: str, operand: Any) -> Test:
    if operator not in TESTS or operator == "how_many_of":
        raise RulebookError(f"unknown operator {operator!r} on question {question!r}")
    return Test(question=question, operator=operator, operand=tuple(operand) if isinstance(operand, list) else operand)


def as_plain(expression: Expression) -> Any:
    """The expression as TOML or JSON writes it: the inverse of `parse`."""
    match expression:
        case Ref(finding=finding_id):
            return finding_id
        case Unsettled(question=question_id, by=by):
            return {"unsettled": question_id} | ({"by": list(by)} if by else {})
        case Possible(member=member):
            return {"possible": as_plain(member)}
        case Group(operator=operator, members=members):
            return {operator: [as_plain(member) for member in members]}
        case Test(question=question_id, operator=operator, operand=operand, minimum=minimum):
            value = list(operand) if isinstance(operand, tuple) else operand
            return {"question": question_id, operator: value} | ({"at_least": minimum} if minimum else {})


def as_words(expression: Expression) -> str:
    """The expression as the printed rule book shows it."""
    match expression:
        case Ref(finding=finding_id):
            return finding_id
        case Unsettled(question=question_id, by=by):
            return f"{question_id} is yes or unsure, with follow-up questions open" + (
                f" about {' or '.join(by)}" if by else ""
            )
        case Possible(member=member):
            return f"{as_words(member)}, or this is not known"
        case Group(operator=operator, members=members):
            return f"{operator} of ({'; '.join(as_words(member) for member in members)})"
        case Test(question=question_id, operator="how_many_of", operand=operand, minimum=minimum):
            return f"{question_id}: {minimum} or more of {', '.join(operand)}"
        case Test(question=question_id, operator=operator, operand=operand):
            value = " or ".join(map(str, operand)) if isinstance(operand, tuple) else operand
            return f"{question_id} {operator.replace('_', ' ')} {value}"


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and everything inside it; references are not followed."""
    yield expression
    if isinstance(expression, Possible):
        yield from walk(expression.member)
    if isinstance(expression, Group):
        for member in expression.members:
            yield from walk(member)


def join(operator: str, states: Iterable[State]) -> State:
    """Combine states: in `any` a single yes decides, in `all` a single no does; an empty group is yes for all."""
    order = ALL_ORDER if operator == "all" else ANY_ORDER
    found = order[-1]
    for state in states:
        if state is not found and order.index(state) < order.index(found):
            found = state
            if found is order[0]:  # the rest is not looked at
                break
    return OPPOSITE.get(found, found) if operator == "none" else found


def test_answer(test: Test, value: Any) -> State:
    """Apply one operator to a given answer. An unsure answer is unsure unless the operator asks for it."""
    wanted = test.operand if isinstance(test.operand, tuple) else (test.operand,)
    if value == UNSURE:
        return State.YES if test.operator in ("is", "in") and UNSURE in wanted else State.UNSURE
    match test.operator:
        case "is" | "in":
            given = value if isinstance(value, tuple | list) else (value,)
            holds = any(option in wanted for option in given)
        case "at_least":
            holds = value >= test.operand
        case "at_most":
            holds = value <= test.operand
        case "between":
            holds = test.operand[0] <= value <= test.operand[1]
        case _:
            holds = sum(option in value for option in wanted) >= test.minimum
    return State.YES if holds else State.NO


def opened_by(ask_when: Mapping[str, Expression | None], question_id: str) -> list[str]:
    """The questions whose condition names this one."""
    return [
        other
        for other, condition in ask_when.items()
        if condition is not None
        and any(isinstance(part, Test) and part.question == question_id for part in walk(condition))
    ]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A named fact. `text` says it in the patient's words, in the form 'the pain ...' or 'a ...'."""

    id: str
    text: str
    when: Expression


class Reading:
    """One set of answers read against the questions and findings. States are worked out once and kept."""

    def __init__(
        self,
        *,
        ask_when: Mapping[str, Expression | None],
        findings: Mapping[str, Finding],
        answers: Mapping[str, Any],
    ) -> None:
        """`ask_when` maps every question id, in order, to its condition (None: always asked)."""
        self.answers = answers
        self._ask_when = ask_when
        self._findings = findings
        self._known: dict[str, State] = {}
        self._asked: dict[str, State] = {}

    def finding(self, finding_id: str) -> State:
        """The state of a named finding."""
        if finding_id not in self._known:
            self._known[finding_id] = self.state(self._findings[finding_id].when)
        return self._known[finding_id]

    def asked(self, question_id: str) -> State:
        """Whether the question applies: yes or unsure means ask, missing means that an earlier answer is awaited."""
        if question_id not in self._asked:
            condition = self._ask_when[question_id]
            self._asked[question_id] = State.YES if condition is None else self.state(condition)
        return self._asked[question_id]

    def state(self, expression: Expression) -> State:
        """The state of any expression. An answer counts even where its question would not have been asked."""
        match expression:
            case Ref():
                return self.finding(expression.finding)
            case Test():
                if expression.question in self.answers:
                    return test_answer(expression, self.answers[expression.question])
                return State.NO if self.asked(expression.question) is State.NO else State.MISSING
            case Group():
                return join(expression.operator, map(self.state, expression.members))
            case Possible():
                return State.NO if self.state(expression.member) is State.NO else State.YES
            case Unsettled():
                return self._unsettled(expression)

    def _unsettled(self, expression: Unsettled) -> State:
        question_id = expression.question
        if question_id not in self.answers:
            return State.NO if self.asked(question_id) is State.NO else State.MISSING
        if self.answers[question_id] not in ("yes", UNSURE):
            return State.NO
        if expression.by:
            is_open = any(self.finding(finding_id) is State.MISSING for finding_id in expression.by)
        else:
            opened = self.opened_by(question_id)
            is_open = any(other not in self.answers and self.asked(other) is not State.NO for other in opened)
        return State.YES if is_open else State.NO

    def opened_by(self, question_id: str) -> list[str]:
        """The questions whose condition names this one."""
        return opened_by(self._ask_when, question_id)

    def questions_behind(self, expression: Expression) -> list[str]:
        """The ids of the questions on which an expression rests, references followed, in order of appearance."""
        found: dict[str, None] = {}
        for part in walk(expression):
            match part:
                case Ref(finding=finding_id):
                    found.update(dict.fromkeys(self.questions_behind(self._findings[finding_id].when)))
                case Test(question=question_id) | Unsettled(question=question_id):
                    found[question_id] = None
        return list(found)

    def is_answered(self, finding_id: str) -> bool:
        """Whether the finding is settled by something that the person really answered."""
        if self.finding(finding_id) not in OPPOSITE:
            return False
        return self._rests_on_an_answer(self._findings[finding_id].when)

    def is_denied(self, finding_id: str) -> bool:
        """Whether it is no because a question that names it among other signs was answered with no."""
        if self.finding(finding_id) is not State.NO:
            return False
        behind = [key for key in self.questions_behind(Ref(finding=finding_id)) if key not in self.answers]
        conditions = [condition for key in behind if (condition := self._ask_when[key]) is not None]
        parts = [part for condition in conditions for part in walk(condition)]
        return any(isinstance(part, Test) and self.answers.get(part.question) == State.NO for part in parts)

    def _rests_on_an_answer(self, expression: Expression) -> bool:
        match expression:
            case Ref(finding=finding_id):
                return self._rests_on_an_answer(self._findings[finding_id].when)
            case Group(members=members):
                return any(self._rests_on_an_answer(member) for member in members)
            case Possible(member=member):
                return self._rests_on_an_answer(member)
            case Test(question=question_id) | Unsettled(question=question_id):
                return bool(self.answers.get(question_id, UNSURE) != UNSURE)
