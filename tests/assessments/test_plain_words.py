"""The check-up speaks plainly: what a patient reads of it is at the reading age of 12 or below."""

import re
from pathlib import Path

import pytest

from assessments.engine.loading import standard_rulebook
from assessments.engine.words import words_of
from tests.reading_age import age, syllables

OLDEST = 12  # years, for every sentence on its own
OLDEST_TOGETHER = 9
FEWEST_WORDS = 6  # shorter texts are labels and headings: one long word would decide
ROOT = Path(__file__).parents[2]

# Medical names that have no plainer word: each is counted as a word of two syllables.
NAMES = frozenset(
    (
        "artery",
        "diabetes",
        "dialysis",
        "emergency",
        "infected",
        "infection",
        "inflammatory",
        "injury",
        "medicine",
        "medicines",
        "operation",
        "physiotherapist",
        "pregnancy",
    )
)

TAGS = re.compile(
    r"{%\s*translate\s+[\"']([^\"']+)[\"']|{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", re.DOTALL
)
CALLS = re.compile(r"_\(\s*\"([^\"]+)\"")
HOLES = re.compile(r"{{.*?}}|{%.*?%}|%\(\w+\)s|{\w*}")


def of_the_templates() -> list[str]:
    folders = (ROOT / "assessments" / "templates", ROOT / "tracker" / "templates" / "tracker" / "health")
    found = [match for folder in folders for file in folder.rglob("*.html") for match in TAGS.findall(file.read_text())]
    return [one or block for one, block in found]


def of_the_pages() -> list[str]:
    return [text for file in (ROOT / "assessments" / "web").rglob("*.py") for text in CALLS.findall(file.read_text())]


def sentences(texts: list[str]) -> list[str]:
    """A number stands for whatever is filled in."""
    filled = (" ".join(HOLES.sub("7", text).split()) for text in texts)
    return [text for text in filled if len(text.split()) >= FEWEST_WORDS and text[-1] in ".?!"]


TEXTS = {
    "rule files": sentences(words_of(standard_rulebook())),
    "templates": sentences(of_the_templates()),
    "pages": sentences(of_the_pages()),
}


@pytest.mark.parametrize(("source", "fewest"), [("rule files", 300), ("templates", 40), ("pages", 3)])
def test_no_sentence_is_harder_than_a_twelve_year_old_reads(source: str, fewest: int) -> None:
    assert len(TEXTS[source]) >= fewest
    assert {text: round(age(text, NAMES), 1) for text in TEXTS[source] if age(text, NAMES) > OLDEST} == {}


def test_all_together_is_easier_still() -> None:
    assert age(" ".join(text for texts in TEXTS.values() for text in texts), NAMES) <= OLDEST_TOGETHER


@pytest.mark.parametrize("name", sorted(NAMES))
def test_no_name_is_excepted_without_need(name: str) -> None:
    assert any(age(text, NAMES - {name}) > OLDEST for texts in TEXTS.values() for text in texts)


@pytest.mark.parametrize(
    ("word", "count"),
    [("the", 1), ("hurts", 1), ("moved", 1), ("people", 2), ("gentle", 2), ("changes", 2), ("wanted", 2), ("being", 2),
     ("medicine", 3), ("appointment", 3), ("period", 3), ("inflammation", 4), ("physiotherapist", 6), ("60", 1)],
)  # fmt: skip
def test_syllables_are_counted_as_spoken(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_age_is_that_of_the_published_formula() -> None:
    assert age("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59 + 5)
    assert age("Comprehensive radiological investigations are contraindicated.") > 20
    assert age("Is it an infection?", NAMES) < age("Is it an infection?")
