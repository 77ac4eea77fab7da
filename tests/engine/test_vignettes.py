from typing import Any

import pytest

from tests.engine.walking import CASES, RULEBOOK, RULES, outcome_of, walk


def ids(things: Any, key: str = "id") -> list[str]:
    return [thing[key] if isinstance(thing, dict) else getattr(thing, key) for thing in things]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES["case"]])
def test_a_story_ends_as_a_clinician_expects(case: dict[str, Any]) -> None:
    outcome = outcome_of(case["answers"], exactly=case.get("exactly", False))
    fired, causes = ids(outcome.fired, "rule"), ids(outcome.causes)
    top = causes[0] if causes else None
    seen = {
        "level": outcome.level,
        "incomplete": outcome.incomplete,
        "top": top,
        "band": outcome.causes[0].band if causes else None,
        "causes": causes,
        "self_care": ids(outcome.self_care),
    }
    assert {key: seen[key] for key in seen if key in case} == {key: case[key] for key in seen if key in case}
    assert set(case.get("fired", [])) <= set(fired)
    assert not set(case.get("not_fired", [])) & set(fired)
    assert set(case.get("refer_to", [])) <= set(ids(outcome.refer_to))
    assert outcome.level != case.get("not_level")
    assert top is None or top != case.get("not_top")


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case["name"]) for case in CASES["case"] if "most_questions" in case]
)
def test_a_plain_story_ends_soon(case: dict[str, Any]) -> None:
    assert len(walk(case["answers"])) <= case["most_questions"]


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_fires_on_its_case(rule_id: str) -> None:
    entry = RULES[rule_id]
    outcome = outcome_of(entry["fires"], exactly=entry.get("exactly", False))
    rule = next(rule for rule in RULEBOOK.urgency_rules if rule.id == rule_id)
    assert rule_id in ids(outcome.fired, "rule")
    assert RULEBOOK.levels[rule.level].id.rank <= RULEBOOK.levels[outcome.level].id.rank  # type: ignore[index]


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_keeps_silent_on_its_near_miss(rule_id: str) -> None:
    entry = RULES[rule_id]
    assert rule_id not in ids(outcome_of(entry["misses"], exactly=entry.get("exactly", False)).fired, "rule")


def test_every_rule_has_a_case_and_a_near_miss() -> None:
    assert set(RULES) == {rule.id for rule in RULEBOOK.urgency_rules}


def test_every_cause_tops_some_story() -> None:
    assert {case.get("top") for case in CASES["case"]} >= {cause.id for cause in RULEBOOK.causes}


@pytest.mark.parametrize(
    "said", [{"bladder": "yes"}, {"sudden": "yes", "sudden_severe": "yes"}], ids=["bladder", "sudden"]
)
def test_an_emergency_ends_the_questions_within_a_few(said: dict[str, Any]) -> None:
    assert len(walk(said)) <= 3
