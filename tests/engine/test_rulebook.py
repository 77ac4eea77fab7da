from importlib import resources

import pytest

from assessments.engine.findings import RulebookError, as_plain, parse
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
    return files | {"red_flags/nerves": files["red_flags/nerves"] + added.encode()}


@pytest.mark.parametrize(
    ("files", "words"),
    [
        pytest.param(with_rule('all = ["nobody"]'), "unknown finding 'nobody'", id="a rule on an unknown finding"),
        pytest.param(with_rule('all = ["fever"]', id="fever"), "there twice", id="a rule that is there twice"),
        pytest.param(with_rule('all = ["fever"]', source=""), "no source", id="a rule without a source"),
        pytest.param(with_rule('none = ["fever"]'), "weakened by a yes", id="an alarm rule that a yes could weaken"),
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
