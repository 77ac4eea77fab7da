from importlib import resources

import pytest

from assessments.engine.findings import Ref, RulebookError, Unsettled, as_plain, parse, walk
from assessments.engine.loading import load, points_of, rule_files, standard_rulebook

FORBIDDEN = ("you have", "diagnosis of", "ruled out", "stop taking", "psychosomatic", "psychogenic")


def with_change(part: str, before: str, after: str) -> dict[str, bytes]:
    """The rule files with one change in the first file of a part that says `before`."""
    files = rule_files()
    name = next(name for name in files if name.split("/")[0] == part and before in files[name].decode())
    return files | {name: files[name].decode().replace(before, after, 1).encode()}


RULE = """
[[rule]]
id = "{id}"
title = "t"
level = "{level}"
refer_to = ["gp"]
{body}
unsure_as = "yes"
because = "b"
say = "s"
{source}
review_needed = "clinician"
"""


def with_rule(body: str, *, id: str = "new", level: str = "same_day", source: str = 'source = "s"') -> dict[str, bytes]:
    files = rule_files()
    added = RULE.format(id=id, level=level, body=body, source=source)
    if "refer_to" in body:
        added = added.replace('refer_to = ["gp"]\n', "", 1)
    return files | {"red_flags/nerves": files["red_flags/nerves"] + added.encode()}


def with_finding(when: str, body: str) -> dict[str, bytes]:
    """The rule files with the finding `fever_gone` and a rule that uses it."""
    return with_rule(body) | {"findings/more": f'[findings]\nfever_gone = {{ text = "t", when = {when} }}'.encode()}


def test_a_range_may_reach_both_ends_of_what_can_be_answered() -> None:
    load(with_finding('{ question = "age", between = [0, 120] }', 'all = ["fever_gone"]'))


def test_an_alarm_rule_may_ask_for_a_number_below_a_bound() -> None:
    load(with_finding('{ question = "age", at_most = 40 }', 'all = ["fever_gone"]'))


def test_an_alarm_rule_may_ask_that_a_no_is_not_there() -> None:
    load(with_finding('{ question = "fever", is = "no" }', 'all = ["injury"]\nnone = ["fever_gone"]'))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param(with_rule('all = ["nobody"]'), "unknown finding 'nobody'", id="a rule on an unknown finding"),
        pytest.param(with_rule('all = ["fever"]', id="fever"), "there twice", id="a rule that is there twice"),
        pytest.param(with_rule('all = ["fever"]', source=""), "no source", id="a rule without a source"),
        pytest.param(with_rule('none = ["fever"]'), "weakened by a yes", id="an alarm rule that a yes could weaken"),
        pytest.param(
            with_finding('{ question = "fever", is = "no" }', 'all = ["fever_gone"]'),
            "weakened by a yes",
            id="an alarm rule on a finding that asks for a no",
        ),
        pytest.param(
            with_finding('{ none = [ { possible = { question = "fever", is = "yes" } } ] }', 'all = ["fever_gone"]'),
            "weakened by a yes",
            id="an alarm rule on a finding that may not even be possible",
        ),
        pytest.param(
            with_finding('{ possible = { question = "fever", is = "no" } }', 'all = ["fever_gone"]'),
            "weakened by a yes",
            id="an alarm rule on a no that is only possible",
        ),
        pytest.param(
            with_finding('{ unsettled = "chest" }', 'all = ["injury"]\nnone = ["fever_gone"]'),
            "weakened by a yes",
            id="an alarm rule that something still open would silence",
        ),
        pytest.param(
            with_finding('{ question = "age", between = [300, 400] }', 'all = ["fever_gone"]'),
            "cannot answer",
            id="a range of numbers that nobody can give",
        ),
        pytest.param(
            with_finding('{ question = "fever", between = [1, 2] }', 'all = ["fever_gone"]'),
            "no number",
            id="a range asked of words",
        ),
        pytest.param(
            with_finding('{ question = "fever", how_many_of = ["yes"], at_least = 1 }', 'all = ["fever_gone"]'),
            "counts ticks",
            id="ticks counted where there are none",
        ),
        pytest.param(with_rule(""), "names no findings", id="a rule without findings"),
        pytest.param(with_rule('all = ["fever"]\nrefer_to = ["wizard"]'), "wizard", id="an unknown specialist"),
        pytest.param(with_rule('all = ["fever"]\ncolour = "red"'), "colour", id="an unknown key"),
        pytest.param(
            with_change("findings", 'question = "fever", is = "yes"', 'question = "fever", is = "maybe"'),
            "cannot answer",
            id="a finding that no answer can produce",
        ),
        pytest.param(
            with_change("findings", 'question = "fever", is = "yes"', 'question = "nose", is = "yes"'),
            "unknown question 'nose'",
            id="a finding that no question can produce",
        ),
        pytest.param(
            with_change("findings", 'question = "fever", is = "yes"', 'question = "fever", at_least = 3'),
            "no number",
            id="a number asked of words",
        ),
        pytest.param(
            with_change("findings", 'when = { question = "fever", is = "yes" }', 'when = { all = ["fever"] }'),
            "rests on itself",
            id="a finding in a circle",
        ),
        pytest.param(
            with_change("findings", 'question = "fever", is = "yes"', 'question = "fever", looks_like = "yes"'),
            "unknown operator",
            id="an unknown operator",
        ),
        pytest.param(
            with_change("causes", "after_effort = 2", "after_effort = 4"),
            "without a published ratio",
            id="more than three points without a ratio",
        ),
        pytest.param(
            with_change("causes", "points = 1.5", "points = 2.5"),
            "gives 1.5 points",
            id="points that their ratio does not give",
        ),
        pytest.param(
            with_change("questions", 'id = "fever"', 'id = "legs"'), "there twice", id="a question that is there twice"
        ),
        pytest.param(
            with_change("questions", 'ask_when = { question = "chest", is', 'ask_when = { question = "harm", is'),
            "not asked before it",
            id="a question that waits for a later one",
        ),
        pytest.param(
            with_change("red_flags", 'say = "I have back pain, and the bladder', 'xsay = "'),
            "xsay",
            id="a misspelt key",
        ),
        pytest.param(
            with_change("red_flags", 'review_needed = "clinician sign-off"', ""),
            "neither reviewed",
            id="a rule that does not say whether it was reviewed",
        ),
        pytest.param(with_rule('all = ["fever"]', level="soon"), "'soon' under 'level'", id="an unknown level"),
        pytest.param(
            with_rule('all = ["fever"]\npoints_to = ["nose"]'), "unknown cause", id="a rule that points to no cause"
        ),
        pytest.param(
            with_rule('all = ["fever"]\nrefer_to = []'), "whom to see", id="a rule that does not say whom to see"
        ),
        pytest.param(with_change("red_flags", "because = ", "xbecause = "), "xbecause", id="a rule without because"),
        pytest.param(
            with_change("red_flags", 'say = "I have pressure in my chest', 'xay = "'),
            "xay",
            id="an emergency without words to say",
        ),
        pytest.param(
            with_change("red_flags", 'evidence = [ { kind = "accuracy"', 'evidence = [ { kind = "hearsay"'),
            "unknown kind",
            id="evidence of an unknown kind",
        ),
        pytest.param(
            with_change("causes", 'id = "posture"', 'id = "strain"'), "there twice", id="a cause that is there twice"
        ),
        pytest.param(
            with_change("causes", "after_effort = 2", "after_effor = 2"),
            "unknown finding",
            id="a cause on an unknown finding",
        ),
        pytest.param(
            with_change("causes", 'requires = ["born_with"]', 'requires = ["nobody"]'),
            "unknown finding 'nobody'",
            id="a cause that requires an unknown finding",
        ),
        pytest.param(
            with_change("causes", 'source = "NICE NG59', 'xource = "NICE NG59'),
            "no source",
            id="a cause without a source",
        ),
        pytest.param(
            with_change("causes", "fever = -3", "tender = -3"), "for and against", id="a sign for and against"
        ),
        pytest.param(
            with_change("causes", 'course = "Usually much better in 2 to 6 weeks."', 'course = ""'),
            "nothing under 'course'",
            id="a cause without a course",
        ),
        pytest.param(
            with_change("causes", ', cite = "Sieper', ', xcite = "Sieper'), "cite", id="a ratio without its source"
        ),
        pytest.param(
            with_change("self_care", 'not_when = ["injury"', 'not_when = ["nobody"'),
            "unknown finding 'nobody'",
            id="a measure barred by an unknown finding",
        ),
        pytest.param(
            with_change("self_care", 'source = "WHO', 'xource = "WHO'), "no source", id="a measure without a source"
        ),
        pytest.param(
            with_change("self_care", "stop_when", "stop"), "stop", id="a measure that does not say when to stop"
        ),
        pytest.param(
            with_change("questions", 'id = "unsure", text = "Unsure"', 'id = "perhaps", text = "Unsure"'),
            "does not offer unsure",
            id="a question without unsure",
        ),
        pytest.param(
            with_change("questions", 'why = "This is how', 'xwhy = "This is how'), "xwhy", id="a question without why"
        ),
        pytest.param(
            with_change("questions", 'type = "yes_no_unsure"', 'type = "essay"'), "unknown type", id="an unknown type"
        ),
        pytest.param(
            with_change("questions", '{ id = "minutes", text', '{ id = "hours", text = "x" }, { id = "minutes", text'),
            "option twice",
            id="an option that is there twice",
        ),
        pytest.param(
            with_change(
                "questions",
                'id = "harm"\ntype = "yes_no_unsure"',
                'id = "harm"\ncompound = true\ntype = "yes_no_unsure"',
            ),
            "for each sign",
            id="a compound question that opens too little",
        ),
        pytest.param(
            with_change("findings", 'question = "age", at_most = 17', 'question = "age", at_most = 1700'),
            "cannot answer",
            id="a number that nobody can give",
        ),
        pytest.param(
            with_change("findings", 'by = ["chest_pressure"]', 'by = ["chest_presure"]'),
            "unknown finding",
            id="an open sign that rests on an unknown finding",
        ),
        pytest.param(
            with_change("findings", "how_many_of = [", "how_many = ["),
            "cannot read",
            id="an expression of no known form",
        ),
        pytest.param(
            with_change("red_flags", "[level.routine]", "[level.some_day]"), "some_day", id="words for an unknown level"
        ),
        pytest.param(with_change("causes", "title = ", "title "), "causes/", id="a file that is no TOML"),
        pytest.param(
            {**rule_files(), "findings/more": b'[findings]\nfever = { text = "t", when = "injury" }'},
            "there twice",
            id="a finding that is there twice",
        ),
    ],
)
def test_a_rule_book_that_does_not_hold_together_is_refused(files: dict[str, bytes], words: str) -> None:
    with pytest.raises(RulebookError, match=words):
        load(files)


def test_the_version_changes_with_any_byte() -> None:
    assert (
        load(with_change("causes", "Usually much better", "Mostly much better")).version != standard_rulebook().version
    )


def test_the_version_stays_with_the_same_files() -> None:
    assert load(rule_files()).version == standard_rulebook().version


@pytest.mark.parametrize(
    ("ratio", "points"), [(1, 0), (2.88, 1.5), (2.6, 1.5), (0.28, -2.0), (100, 3), (0.001, -3)], ids=str
)
def test_a_published_ratio_becomes_points_by_one_formula(ratio: float, points: float) -> None:
    assert points_of(ratio) == points


def test_every_expression_survives_being_written_and_read() -> None:
    expressions = [finding.when for finding in standard_rulebook().findings.values()]
    assert [parse(as_plain(expression)) for expression in expressions] == expressions


@pytest.mark.parametrize("words", FORBIDDEN)
def test_no_rule_text_claims_what_only_an_examination_can(words: str) -> None:
    texts = {name: content.decode().lower() for name, content in rule_files().items()}
    assert [name for name, text in texts.items() if words in text] == []


@pytest.mark.parametrize("words", FORBIDDEN)
def test_no_template_claims_what_only_an_examination_can(words: str) -> None:
    folder = resources.files("assessments") / "templates" / "assessments"
    pages = [page for noun in folder.iterdir() for page in noun.iterdir()]
    assert pages
    assert [page.name for page in pages if words in page.read_text().lower()] == []


def test_every_rule_says_where_it_comes_from_and_who_has_to_look_at_it() -> None:
    rulebook = standard_rulebook()
    provenances = [entry.provenance for entry in (*rulebook.urgency_rules, *rulebook.causes, *rulebook.self_care)]
    assert all(entry.source and (entry.reviewed or entry.review_needed) for entry in provenances)


def test_the_first_question_names_the_back_beside_arm_and_jaw() -> None:
    # Who has back pain with sweating would answer no to a question about arm and jaw alone, and its branch stays shut.
    assert "pain in the back, arm, shoulder or jaw" in standard_rulebook().questions["chest"].text


def test_every_finding_is_of_use() -> None:
    rulebook = standard_rulebook()
    used = {name for rule in rulebook.urgency_rules for name in (*rule.findings, *rule.without)}
    used |= {name for cause in rulebook.causes for name in cause.requires}
    used |= {weight.finding for cause in rulebook.causes for weight in cause.weights}
    used |= {name for measure in rulebook.self_care for name in (*measure.not_when, *measure.only_when)}
    parts = [part for finding in rulebook.findings.values() for part in walk(finding.when)]
    used |= {part.finding for part in parts if isinstance(part, Ref)}
    used |= {name for part in parts if isinstance(part, Unsettled) for name in part.by}
    assert set(rulebook.findings) == used


def test_every_question_tells_something() -> None:
    rulebook = standard_rulebook()
    behind = {
        name for finding in rulebook.findings for name in rulebook.read({}).questions_behind(Ref(finding=finding))
    }
    assert set(rulebook.questions) == behind


@pytest.mark.parametrize("question_id", [key for key, question in standard_rulebook().questions.items()])
def test_a_question_is_short_enough_to_read_on_a_phone(question_id: str) -> None:
    question = standard_rulebook().questions[question_id]
    assert len(question.text) <= 360
    assert len(question.why) <= 160
