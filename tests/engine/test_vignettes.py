from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assessments.engine.findings import RulebookError
from assessments.engine.outcome import assess
from assessments.engine.questionnaire import accept_answers
from assessments.engine.rulebook import Triage
from assessments.engine.vignettes import Judged, Vignette, read_folder, tally
from tests.engine.aims import LEAST, MOST_TOO_HIGH
from tests.engine.walking import RULEBOOK, RULES, STRAIN, VIGNETTES, cases_of, judged_stories, walk


def ids(things: Any, key: str = "id") -> list[str]:
    return [thing[key] if isinstance(thing, dict) else getattr(thing, key) for thing in things]


@pytest.fixture(params=[pytest.param(case.id, id=case.id) for case in VIGNETTES])
def judged(request: pytest.FixtureRequest) -> Judged:
    return judged_stories()[request.param]


def test_a_story_is_safe_however_its_answers_come(judged: Judged) -> None:
    assert judged.is_safe


def test_a_story_ends_as_a_clinician_expects(judged: Judged) -> None:
    vignette, outcome = judged.vignette, judged.handed
    fired, causes = ids(outcome.fired, "rule"), ids(outcome.causes)
    assert judged.is_right
    assert set(vignette.fired) <= set(fired)
    assert not set(vignette.not_fired) & set(fired)
    assert set(vignette.refer_to) <= set(ids(outcome.refer_to))
    assert not vignette.top or causes[0] == vignette.top
    assert not vignette.not_top or not causes or causes[0] != vignette.not_top


def test_a_story_shows_what_its_case_says_beside_the_level(judged: Judged) -> None:
    vignette, outcome = judged.vignette, judged.handed
    assert vignette.self_care is None or tuple(ids(outcome.self_care)) == vignette.self_care
    assert vignette.incomplete is None or outcome.incomplete == vignette.incomplete
    assert not vignette.most_questions or judged.n_asked <= vignette.most_questions


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in VIGNETTES if case.level == "emergency"])
def test_an_emergency_is_seen_today_even_where_nothing_else_is_answered(case: Vignette) -> None:
    told = accept_answers(RULEBOOK.questions, dict(case.answers))
    assert Triage(assess(RULEBOOK, told).level).rank >= Triage.SAME_DAY.rank


@pytest.mark.parametrize("name", [figure.name for figure in tally([])])
def test_the_figures_reach_their_aims_on_our_own_cases_too(name: str) -> None:
    share = next(figure.share for figure in tally(judged_stories().values()) if figure.name == name)
    assert share is not None
    assert share <= MOST_TOO_HIGH if name == "benign sent too high" else share >= LEAST[name]


def test_there_are_enough_cases_of_every_kind() -> None:
    kinds = Counter(case.kind for case in VIGNETTES)
    assert len(VIGNETTES) >= 150
    assert min(kinds["must_not_miss"], kinds["benign"], kinds["other"]) >= 30


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_fires_on_its_cases_at_its_level(rule_id: str) -> None:
    for answers in cases_of(rule_id, "fires"):
        fired = [(rule.rule, rule.level) for rule in assess(RULEBOOK, answers).fired]
        assert (rule_id, RULES[rule_id]["level"]) in fired, answers


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_keeps_silent_on_its_near_misses(rule_id: str) -> None:
    for answers in cases_of(rule_id, "misses"):
        assert rule_id not in ids(assess(RULEBOOK, answers).fired, "rule"), answers


def test_every_rule_has_a_case_and_a_near_miss() -> None:
    assert set(RULES) == {rule.id for rule in RULEBOOK.urgency_rules}


@pytest.mark.parametrize("cause_id", ids(RULEBOOK.causes))
def test_every_cause_is_right_for_some_story_and_kept_out_of_another(cause_id: str) -> None:
    stories = judged_stories().values()
    found = [one for one in stories if cause_id in one.vignette.cause and cause_id in ids(one.handed.causes[:3])]
    near = [one for one in stories if cause_id not in ids(one.handed.causes) and one.handed.causes]
    assert found
    assert near


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ({"bladder": "yes"}, 3),
        ({"chest": "yes", "chest_pressure": "yes", "chest_when": "now"}, 3),
        ({"sudden": "yes", "sudden_severe": "yes"}, 3),
        ({"legs": "yes", "legs_weak": "yes"}, 5),
        ({"belly": "yes", "fever": "yes", "very_unwell": "yes"}, 7),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, dict) else "",
)
def test_an_emergency_ends_the_questions_within_a_few(said: dict[str, Any], most: int) -> None:
    assert len(walk(said)) <= most


def test_an_emergency_told_first_asks_nothing_more() -> None:
    assert len(walk(STRAIN | {"chest": "no", "bladder": "yes"})) == 3


@pytest.mark.parametrize(
    ("known", "most"),
    [
        (set(), 12),
        ({"age", "conditions"}, 10),
        ({"age", "conditions", "where", "duration"}, 8),
    ],
    ids=["nothing known", "the health profile known", "profile and pain log known"],
)
def test_a_plain_strain_is_short(known: set[str], most: int) -> None:
    answers = walk(STRAIN)
    assert len(set(answers) - known) <= most


def test_a_lasting_pain_of_many_places_stays_within_twenty_questions() -> None:
    said = {"duration": "over_3m", "where": ["many"], "changes": ["movement"], "feels": ["stiff_long"]}
    assert len(walk(said)) <= 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[[case]]\nid = "a"\nlevel = "soon"',
            "soon",
        ),
        ('[[case]]\nid = "a"', "level"),
        ('[[case]]\nid="a"\nstory="s"\nsource="s"\nlevel="routine"\nanswers={}\nkind="odd"', "odd"),
        ('[[case]]\nid="a"\nstory="s"\nsource="s"\nlevel="routine"\nanswers={}\nmood="sad"', "mood"),
        ('[[case]]\nid="a"\nstory="s"\nsource="s"\nlevel="routine"\nanswers={}\n' * 2, "there twice"),
    ],
    ids=["an unknown level", "no level", "an unknown kind", "an unknown key", "an id twice"],
)
def test_a_case_that_cannot_be_read_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "rest.toml").write_text('yes_no_unsure = "no"')
    (tmp_path / "group.toml").write_text(text)
    with pytest.raises(RulebookError, match=words):
        read_folder(tmp_path)


def test_a_sign_denied_with_others_is_not_shown_as_not_answered() -> None:
    cause = next(cause for cause in assess(RULEBOOK, walk(STRAIN)).causes if cause.id == "strain")
    assert cause.unanswered == ()
