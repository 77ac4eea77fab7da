"""Every alarm rule is held from all sides: a rule with a condition dropped, turned round or weakened must be noticed.

A mutant is noticed when it fires, keeps silent or counts at another level than a case of rules.toml says, or brings a
story of tests/vignettes to a level that is not right.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from assessments.engine.findings import Reading, State
from assessments.engine.rulebook import Triage, UrgencyRule
from tests.engine.test_ten_thousand_people import people
from tests.engine.walking import RULEBOOK, RULES, cases_of, judged_stories

ALARM_RULES = [rule for rule in RULEBOOK.urgency_rules if rule.level.rank >= Triage.WITHIN_DAYS.rank]
CROWD = [RULEBOOK.read(answers) for answers, _ in people(0)]
LISTS = ("every", "some", "without")


def mutants(rule: UrgencyRule) -> Iterator[tuple[str, UrgencyRule]]:
    for name in LISTS:
        members = getattr(rule, name)
        for member in members:
            rest = tuple(other for other in members if other != member)
            if rest or any(getattr(rule, other) for other in LISTS if other != name):
                yield f"{name} without {member}", replace(rule, **{name: rest})
            turned = "without" if name != "without" else "every"
            yield f"{member} turned round", replace(rule, **{name: rest, turned: (*getattr(rule, turned), member)})
    yield "a level lower", replace(rule, level=list(Triage)[rule.level.rank - 1])
    if any(reading.state(rule.expression) is State.UNSURE for reading in CROWD):  # some conditions never are
        other = State.NO if rule.unsure_as is State.YES else State.YES
        yield "unsure counted the other way", replace(rule, unsure_as=other)


def counts(rule: UrgencyRule, reading: Reading) -> bool:
    state = reading.state(rule.expression)
    return state is State.YES or (state is State.UNSURE and rule.unsure_as is State.YES)


@cache
def bank(rule_id: str) -> list[tuple[bool, Reading]]:
    """The cases of a rule, and whether it is to fire on them."""
    return [
        (kind == "fires", RULEBOOK.read(answers)) for kind in ("fires", "misses") for answers in cases_of(rule_id, kind)
    ]


@cache
def stories() -> list[tuple[set[int], Reading, set[str]]]:
    """The levels that are right for a story, its answers, and the rules that hold for them."""
    readings = [
        (one.vignette.ranks, RULEBOOK.read(one.handed.answers))
        for one in judged_stories().values()
        if one.vignette.fired or one.vignette.not_fired or one.vignette.kind != "other"
    ]
    return [
        (ranks, reading, {rule.id for rule in RULEBOOK.urgency_rules if counts(rule, reading)})
        for ranks, reading in readings
    ]


def is_noticed(rule: UrgencyRule) -> bool:
    if rule.level != RULES[rule.id]["level"]:
        return True
    if any(counts(rule, reading) != wanted for wanted, reading in bank(rule.id)):
        return True
    levels = {one.id: one.level.rank for one in RULEBOOK.urgency_rules}
    return any(
        counts(rule, reading) and rule.id not in held and rule.level.rank > max(ranks)
        for ranks, reading, held in stories()
        if max((levels[name] for name in held), default=0) <= max(ranks)
    )


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in ALARM_RULES])
def test_no_change_of_an_alarm_rule_goes_unnoticed(rule: UrgencyRule) -> None:
    assert not is_noticed(rule)
    assert [name for name, mutant in mutants(rule) if not is_noticed(mutant)] == []
