"""What an outcome says, word for word, on a few cases: the reasons beside the level, and what is left out."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from assessments.engine.outcome import Outcome, assess, names_emergency, next_question, progress, reachable, triage
from assessments.engine.questionnaire import accept_answers
from assessments.engine.rulebook import Triage
from tests.engine.walking import RULEBOOK, STRAIN, walk

GALL = {"where": ["right_upper"], "changes": ["fatty"], "attack": "hours", "duration": "2w_6w", "age": 52}
LASTING = {"duration": "over_3m", "course": "same_hard", "age": 44, "changes": ["movement"]}


def outcome_of(said: dict[str, Any]) -> Outcome:
    return assess(RULEBOOK, walk(said))


def ids(things: Any, key: str = "id") -> list[str]:
    return [thing[key] if isinstance(thing, dict) else getattr(thing, key) for thing in things]


def test_a_plain_strain_says_what_fits_and_what_to_do() -> None:
    outcome = outcome_of(STRAIN)
    strain = outcome.causes[0]
    assert (outcome.level, outcome.within, outcome.check_again_days) == ("self_care", "in your own time", 28)
    assert (strain.id, strain.band, len(strain.fits), strain.against, strain.not_found) == (
        "strain",
        "fits_well",
        4,
        (),
        (),
    )
    assert (outcome.fired, outcome.unsettled, outcome.not_assessed, outcome.avoid) == ((), (), (), ())
    assert ids(outcome.refer_to) == ["physiotherapist", "gp"]
    assert ids(outcome.ask_about) == ["none"]
    assert outcome.unknown_cause == RULEBOOK.unknown_cause
    assert (outcome.safety_net, outcome.note) == (RULEBOOK.safety_net, RULEBOOK.note)


def test_below_an_alarm_the_signs_and_the_causes_that_fit_say_whom_to_see() -> None:
    said = {"where": ["many"], "duration": "over_3m", "changes": [], "sensitive": ["wanders", "poor_sleep", "touch"]}
    outcome = outcome_of(said | {"regions": ["axial", "left_upper"], "tired": ["unrefreshed"]})
    assert [(cause.id, cause.band) for cause in outcome.causes] == [
        ("nociplastic", "fits_well"),
        ("nerve", "fits_little"),  # its neurologist is not named
    ]
    assert (outcome.level, ids(outcome.refer_to)) == ("routine", ["gp", "physiotherapist", "pain_clinic"])


def test_a_cause_carries_the_words_of_its_file() -> None:
    match = outcome_of(GALL).causes[0]
    (cause,) = (cause for cause in RULEBOOK.causes if cause.id == match.id)
    assert (match.title, match.about, match.course) == (cause.title, cause.about, cause.course)
    assert (match.source, match.review_needed) == (cause.provenance.source, cause.provenance.review_needed)
    assert (ids(match.refer_to), ids(match.ask_about)) == (list(cause.refer_to), list(cause.ask_about))


def test_usually_no_test_gives_way_to_a_test_that_a_sign_names() -> None:
    outcome = outcome_of(LASTING | {"where": ["flank"], "changes": []})
    assert {"none"} <= {name for rule in outcome.fired for name in ids(rule.ask_about)}
    assert ids(outcome.ask_about) == ["urine", "ultrasound_belly"]


@pytest.mark.parametrize("level", Triage)
def test_the_words_of_a_level_are_those_of_its_file(level: Triage) -> None:
    said = {
        "emergency": {"bladder": "yes", "saddle_numb": "yes"},
        "same_day": {"belly": "yes", "fever": "yes"},
        "within_days": GALL,
        "routine": {"conditions": ["pregnant"]},
        "self_care": STRAIN,
    }
    outcome, words = outcome_of(said[level.value]), RULEBOOK.levels[level]
    assert outcome.level == level
    assert (outcome.headline, outcome.act, outcome.within) == (words.headline, words.act, words.within)
    assert outcome.check_again_days == words.check_again_days


def test_a_fired_rule_carries_its_reasons() -> None:
    outcome = outcome_of(GALL)
    fired = outcome.fired[0]
    assert (fired.rule, fired.level) == ("gall_attacks", "within_days")
    assert [(said.finding, said.state) for said in fired.findings] == [
        ("right_upper", "yes"),
        ("fatty", "yes"),
        ("gall_attack", "yes"),
    ]
    assert fired.findings[0].answers == (
        {"question": "where", "answer": ["right_upper"], "words": ["Right upper belly, or right shoulder blade"]},
    )
    assert ids(fired.refer_to) == ["gp", "gastroenterologist", "surgeon"]
    assert ids(fired.ask_about) == ["ultrasound_belly", "liver_blood"]
    assert fired.source and fired.review_needed and not fired.reviewed


def test_the_most_urgent_rule_comes_first_and_the_rest_follow() -> None:
    outcome = outcome_of({"belly": "yes", "fever": "yes", "conditions": ["weight_loss"], "duration": "6w_3m"})
    ranks = [Triage(rule.level).rank for rule in outcome.fired]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) >= 3


def test_a_rule_that_only_an_unsure_answer_could_fire_is_named_and_bars_self_care() -> None:
    outcome = assess(RULEBOOK, walk(STRAIN) | {"feels": "unsure"})
    assert outcome.level == "routine"
    assert "red_eye" in ids(outcome.unsettled, "rule")
    assert all(said.state == "unsure" for rule in outcome.unsettled for said in rule.findings if rule.rule == "red_eye")


def test_not_knowing_and_speaking_against_are_told_apart() -> None:
    answers = accept_answers(RULEBOOK.questions, walk(STRAIN) | {"feels": ["tender", "night"], "conditions": "unsure"})
    strain = next(cause for cause in assess(RULEBOOK, answers).causes if cause.id == "strain")
    text = {name: RULEBOOK.findings[name].text for name in ("night", "weight_loss", "tender", "rib_sore")}
    assert strain.against == (text["night"],)
    assert strain.unanswered == (text["weight_loss"],)
    assert text["tender"] in strain.fits
    assert text["rib_sore"] not in (*strain.fits, *strain.against, *strain.not_found, *strain.unanswered)


@pytest.mark.parametrize(
    ("conditions", "reasons"),
    [
        (["broken_skin"], ["broken or infected skin"]),
        ("unsure", ["a question about its safety is open or unsure"]),
    ],
    ids=["known", "open"],
)
def test_a_comfort_is_held_back_with_its_reason(conditions: Any, reasons: list[str]) -> None:
    outcome = assess(RULEBOOK, walk(STRAIN) | {"conditions": conditions})
    held_back = {measure["id"]: measure["because"] for measure in outcome.avoid}
    assert held_back["heat"] == reasons
    assert "heat" not in ids(outcome.self_care)


def test_a_comfort_waits_for_the_clinician_where_the_level_is_too_high_for_it() -> None:
    held_back = {measure["id"]: measure["because"] for measure in outcome_of(GALL).avoid}
    assert held_back["massage"] == ["wait until a clinician has seen you"]
    assert "heat" not in held_back


def test_an_offered_comfort_says_how_when_to_stop_and_when_not() -> None:
    heat = next(measure for measure in outcome_of(STRAIN).self_care if measure["id"] == "heat")
    known = next(measure for measure in RULEBOOK.self_care if measure.id == "heat")
    assert heat["not_for"] == [RULEBOOK.findings[name].text for name in known.not_when]
    shown = (heat["title"], heat["how"], heat["evidence"], heat["stop_when"], heat["source"], heat["review_needed"])
    assert shown == (
        known.title,
        known.how,
        known.evidence_words,
        known.stop_when,
        known.provenance.source,
        known.provenance.review_needed,
    )


def test_pain_education_is_offered_for_lasting_pain_alone() -> None:
    assert "pain_education" in ids(outcome_of(LASTING).self_care)
    assert "pain_education" not in (ids(outcome_of(STRAIN).self_care) + ids(outcome_of(STRAIN).avoid))


@pytest.mark.parametrize(
    ("said", "ends"),
    [({"bladder": "yes"}, True), ({"bladder": "unsure"}, False), ({"harm": "yes"}, False), ({"age": 17}, True)],
    ids=["a certain emergency", "an open one", "thoughts of self-harm", "under age"],
)
def test_the_questions_end_where_nothing_more_is_needed(said: dict[str, Any], ends: bool) -> None:
    assert (next_question(RULEBOOK, said) is None) == ends


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({"chest": "yes"}, True),
        ({"legs": "unsure"}, True),
        ({}, False),
        ({"belly": "yes"}, False),
        ({"harm": "yes"}, False),
    ],
    ids=["chest", "legs unsure", "nothing", "the same day", "self-harm"],
)
def test_a_first_answer_may_already_name_an_emergency_of_the_body(said: dict[str, Any], names: bool) -> None:
    assert names_emergency(RULEBOOK, said) == names


def test_below_18_nothing_but_the_way_to_a_clinician_is_shown() -> None:
    outcome = assess(RULEBOOK, {"age": 17})
    assert (outcome.level, outcome.causes, outcome.self_care, outcome.avoid) == ("within_days", (), (), ())
    assert outcome.unknown_cause == ""
    assert outcome.say == ()


def test_an_emergency_says_only_its_own_words() -> None:
    outcome = assess(RULEBOOK, {"bladder": "yes", "harm": "yes"})
    spoken = {rule.id: rule.say for rule in RULEBOOK.urgency_rules}
    assert outcome.say == (spoken["cauda_equina"], spoken["harm_open"])
    assert outcome.crisis
    assert not assess(RULEBOOK, {"bladder": "yes"}).crisis


def test_progress_counts_what_is_answered_and_what_applies() -> None:
    assert (progress(RULEBOOK, {}).n_answered, progress(RULEBOOK, {}).n_expected) == (0, 12)
    opened = progress(RULEBOOK, {"chest": "yes"})
    assert (opened.n_answered, opened.n_expected) == (1, 17)


def test_what_an_answer_no_longer_opens_is_dropped_all_the_way_down() -> None:
    said = {"chest": "no", "chest_pressure": "yes", "chest_when": "now", "legs": "no"}
    assert reachable(RULEBOOK, said) == {"chest": "no", "legs": "no"}


def test_a_compound_question_left_out_is_a_gap_until_each_sign_is_told() -> None:
    answers = {key: value for key, value in walk(STRAIN).items() if key != "bladder"}
    signs = ("urine_change", "saddle_numb", "bowel_change", "sexual_change")
    for n in range(len(signs)):
        told = answers | dict.fromkeys(signs[:n], "no")
        assert "bladder" in [gap.id for gap in triage(RULEBOOK, RULEBOOK.read(told)).gaps]
    assert triage(RULEBOOK, RULEBOOK.read(answers | dict.fromkeys(signs, "no"))).gaps == []


def test_what_was_not_ticked_stands_beside_what_was() -> None:
    asked = {entry.question: entry for entry in outcome_of(GALL).answered}
    assert asked["where"].words == ("Right upper belly, or right shoulder blade",)
    assert len(asked["where"].not_ticked) == 9
    assert asked["duration"].not_ticked == ()
    assert (asked["where"].critical, asked["changes"].critical) == (False, True)
    assert asked["conditions"].words == ("None of these",)


def test_an_outcome_keeps_what_it_was_worked_out_from() -> None:
    outcome = assess(RULEBOOK, {"legs": "no", "chest": "no"})
    assert list(outcome.answers.items()) == [("chest", "no"), ("legs", "no")]  # in the order of the questions
    assert outcome.rulebook_version == RULEBOOK.version


def test_an_outcome_is_the_same_text_each_time() -> None:
    outcome = outcome_of(STRAIN)
    text = outcome.to_json()
    assert text == outcome_of(STRAIN).to_json()
    assert list(outcome.as_dict()) == sorted(outcome.as_dict())


def test_a_sensitive_pain_system_stands_beside_another_cause_while_a_sign_is_open_and_never_alone() -> None:
    said = {
        "duration": "over_3m",
        "where": ["many"],
        "sensitive": ["wanders", "stress", "poor_sleep", "touch"],
        "conditions": ["cancer"],
        "cancer_pain": "yes",
    }
    outcome = outcome_of(said)
    assert outcome.level == "same_day"
    assert outcome.causes[0].id == "cancer"
    assert "nociplastic" in ids(outcome.causes)


SENSITIVE = {"duration": "over_3m", "where": ["many"], "sensitive": ["wanders", "stress", "poor_sleep", "touch"]}


def test_while_a_sign_is_open_one_other_cause_comes_before_a_sensitive_pain_system() -> None:
    calm = ids(outcome_of(SENSITIVE | {"conditions": []}).causes)
    flagged = outcome_of(SENSITIVE | {"conditions": ["special_care"]})
    assert calm[:2] == ["nociplastic", "degeneration"]
    assert (flagged.level, ids(flagged.causes)) == ("same_day", [calm[1], calm[0], *calm[2:]])


def test_a_sensitive_pain_system_is_not_named_alone_while_a_sign_is_open() -> None:
    alone = replace(RULEBOOK, causes=tuple(cause for cause in RULEBOOK.causes if cause.never_first_when_flagged))
    answers = walk(SENSITIVE | {"conditions": ["special_care"]})
    assert assess(alone, answers).causes == ()
    assert ids(assess(alone, walk(SENSITIVE | {"conditions": []})).causes) == ["nociplastic"]


def test_a_rule_that_fired_is_told_in_the_words_of_its_file() -> None:
    fired = outcome_of(GALL).fired[0]
    rule = next(rule for rule in RULEBOOK.urgency_rules if rule.id == fired.rule)
    assert (fired.title, fired.because, fired.say) == (rule.title, rule.because, rule.say)
    assert fired.reviewed == rule.provenance.reviewed
    assert fired.evidence == tuple(asdict(figure) for figure in rule.provenance.evidence)
    assert [said.text for said in fired.findings] == [RULEBOOK.findings[said.finding].text for said in fired.findings]


def test_a_figure_behind_a_rule_is_told_with_it() -> None:
    with_figures = [rule for rule in RULEBOOK.urgency_rules if rule.provenance.evidence]
    for rule in with_figures:
        one = replace(RULEBOOK, urgency_rules=(replace(rule, every=(), some=(), without=()),))
        (fired,) = assess(one, walk(STRAIN)).fired
        assert fired.evidence == tuple(asdict(figure) for figure in rule.provenance.evidence)


def test_what_was_left_out_and_held_back_is_named_in_its_own_words() -> None:
    answers = {key: value for key, value in walk(GALL).items() if key != "bladder"}
    outcome = assess(RULEBOOK, answers)
    assert {"question": "bladder", "text": RULEBOOK.questions["bladder"].text} in outcome.not_assessed
    titles = {measure.id: measure.title for measure in RULEBOOK.self_care}
    assert outcome.avoid
    assert all(measure["title"] == titles[measure["id"]] for measure in outcome.avoid)
    barred = assess(RULEBOOK, walk(STRAIN) | {"conditions": ["broken_skin"]}).avoid
    assert {measure["id"]: measure["title"] for measure in barred}["heat"] == titles["heat"]


def test_a_sign_that_was_looked_for_and_not_found_stands_beside_what_fits() -> None:
    strain = next(cause for cause in outcome_of(STRAIN | {"feels": []}).causes if cause.id == "strain")
    text = {name: RULEBOOK.findings[name].text for name in ("night", "tender")}
    assert text["tender"] in strain.not_found
    # That nothing speaks against it is no sign of it.
    assert text["night"] not in (*strain.fits, *strain.against, *strain.not_found, *strain.unanswered)
