"""The cases of tests/vignettes, and a walk through the questionnaire as a person would take it."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from assessments.engine import vignettes
from assessments.engine.loading import standard_rulebook
from assessments.engine.outcome import Outcome, assess
from assessments.engine.questionnaire import accept_answers

FOLDER = Path(__file__).parent.parent / "vignettes"
VIGNETTES, REST = vignettes.read_folder(FOLDER)
# The same cases as their files give them.
CASES = {
    "case": [case for file in sorted(FOLDER.glob("*.toml")) for case in tomllib.loads(file.read_text()).get("case", [])]
}
OF_RULES = tomllib.loads((FOLDER / "rules.toml").read_text())
RULES = OF_RULES["rule"]
RULEBOOK = standard_rulebook()
# Bent to lift, worse moving, no alarm sign: the plainest case there is.
STRAIN = next(dict(case.answers) for case in VIGNETTES if case.id == "muscle-01")


@cache
def judged_stories() -> dict[str, vignettes.Judged]:
    """What becomes of each story, by its id; worked out when a test first asks."""
    return {case.id: vignettes.judge(RULEBOOK, case, REST) for case in VIGNETTES}


def walk(said: dict[str, Any]) -> dict[str, Any]:
    """All answers up to the end. What was to be said must have been asked for, unless an emergency ended it before."""
    answers = vignettes.walk(RULEBOOK, said, REST)
    unasked = set(said) - set(answers)
    assert not unasked or assess(RULEBOOK, answers).level == "emergency", f"never asked: {unasked}"
    return answers


def outcome_of(said: dict[str, Any], *, exactly: bool = False) -> Outcome:
    return assess(RULEBOOK, accept_answers(RULEBOOK.questions, said) if exactly else walk(said))


def cases_of(rule_id: str, kind: str) -> list[dict[str, Any]]:
    """Accepted answers that a rule `fires` on, or `misses`: asked one by one, handed over, or bare."""
    entry = RULES[rule_id]
    handed, bare = (OF_RULES[how].get(rule_id, {}).get(kind, []) for how in ("handed", "bare"))
    raw = [entry[kind] if entry.get("exactly") else walk(entry[kind]), *bare]
    raw += [walk({}) | said for said in handed]
    return [accept_answers(RULEBOOK.questions, said) for said in raw]
