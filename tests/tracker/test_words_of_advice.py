"""Every text that verdicts and advice can say, and what none of them may say."""

import re
from collections.abc import Iterator

import pytest

from tests.tracker.verdict_rows import attempt_of, verdict_of
from tracker.domain.advice import Kind
from tracker.domain.substances import Drug
from tracker.models import Advice, TreatmentAttempt, Verdict
from tracker.services import verdict_words
from tracker.services.advice_words import words_of
from tracker.services.verdict_figures import figures
from tracker.web.presenters import advice as presenter

pytestmark = pytest.mark.django_db

# What the rows of each kind rest on; `{}` is what an edited file may bring.
BECAUSE = {
    "name": "Naproxen",
    "names": ["Naproxen", "Yoga"],
    "days": 40,
    "n_logged": 3,
    "label": "Worn discs",
    "by": "Dr Silva",
    "since": "2026-01-01",
    "on": "2026-11-20",
    "instrument": "peg",
    "value": 7.3,
    "n_running": 12,
    "n_month": 20,
    "drug": Drug.BENZODIAZEPINE.value,
    "weeks": 13,
    "drop": 10,
}
NEVER_SAID = {
    "a diagnosis": r"\byou have (?!written|used|started|put|answered|noted|logged|said)",
    "a diagnosis that is none": r"ruled out|nothing is wrong|all in your (head|mind)",
    "to stop a medicine": r"\b(stop|quit|end|drop|leave off|come off)\b[^.]*\b(medicines?|tablets?|it|them)\b",
    "to change one alone": r"(?<!do not )\bchange a prescribed medicine",
    "never": r"\bnever (end|stop)\b",
    "certainty": r"\b(proves that|cures?|cured|guaranteed|certainly)\b",
    "blame": r"\b(failed|should have|your fault|you did not|non-?complian|streak)\b",
    "the language of statistics": r"p-value|significant|posterior|probability",
}
ATTEMPTS = {
    "prescribed": {"prescribed_by": "Dr Silva"},
    "not prescribed": {},
    "exercises": {"key": "physiotherapy"},
}
KEEP = "Do not change a prescribed medicine on your own"
ABOUT_MEDICINES = {Kind.TWO_NSAIDS, Kind.NSAID_DAYS, Kind.OPIOID_LONG, Kind.RELAXANT_LONG}


def pieces(attempt: TreatmentAttempt, verdict: Verdict) -> Iterator[Advice]:
    """Of every kind, with all figures, with other ones, and as an edited file may bring it."""
    others = BECAUSE | {"instrument": "phq_4", "drug": Drug.RELAXANT.value, "by": "", "weeks": 1}
    for kind in Kind:
        for because in (BECAUSE, others, {}):
            for about, said in ((attempt, verdict), (attempt, None), (None, None)):
                yield Advice(pk=1, kind=kind, because=because, attempt=about, verdict=said)


def texts_of(piece: Advice) -> list[str]:
    words = words_of(piece)
    steps = [step.label for step in presenter.AdviceCard(advice=piece, words=words).steps]
    return [words.headline, words.text, words.badge, *words.why, *words.ask, *steps, Advice.Kind(piece.kind).label]


def texts_of_verdict(verdict: Verdict, attempt: TreatmentAttempt) -> list[str]:
    said, told = verdict_words.sentences(verdict, attempt), figures(verdict, attempt)
    basis = [words for pair in verdict_words.basis(verdict, attempt) for words in pair]
    settles = verdict_words.what_would_settle_it(told)
    picture = verdict_words.picture(told, before=6.0, during=5.0)
    doubts = [verdict_words.disagreement(key) for key in DISAGREEMENTS]
    steps = presenter.steps(verdict, attempt)
    labels = verdict_words.labels(told)
    return [
        said.headline,
        said.text,
        said.badge,
        settles,
        picture,
        verdict_words.natural_course(),
        *[*basis, *doubts, *steps, *labels],
    ]


DISAGREEMENTS = ("function_better", "function_worse", "feels_better", "feels_worse", "feels_same")


def wrong_words(texts: list[str]) -> list[tuple[str, str]]:
    return [(rule, text) for text in texts for rule, words in NEVER_SAID.items() if re.search(words, text.lower())]


@pytest.fixture(params=ATTEMPTS.values(), ids=ATTEMPTS)
def attempt(request, alice) -> TreatmentAttempt:
    said = dict(request.param)
    return attempt_of(alice, said.pop("key", "oral_nsaid"), own_words="Naproxen", **said)


@pytest.mark.parametrize("is_stopped", [False, True])
def test_no_advice_says_what_ebb_must_not_say(attempt, is_stopped):
    attempt.stopped_on = attempt.started_on if is_stopped else None
    for outcome in Verdict.Outcome.values:
        verdict = verdict_of(attempt, outcome)
        texts = [text for piece in pieces(attempt, verdict) for text in texts_of(piece)]
        assert wrong_words(texts) == []


@pytest.mark.parametrize("is_stopped", [False, True])
@pytest.mark.parametrize("reason", ["", *verdict_words.CANNOT_TELL_BECAUSE])
def test_no_verdict_says_it_either(attempt, reason, is_stopped):
    attempt.stopped_on = attempt.started_on if is_stopped else None
    for outcome in Verdict.Outcome.values:
        assert wrong_words(texts_of_verdict(verdict_of(attempt, outcome, reason=reason), attempt)) == []


@pytest.mark.parametrize(
    "words",
    [
        "You have worn discs.",
        "A fracture is ruled out.",
        "Stop your medicine.",
        "It is time to come off the tablets.",
        "Never end it from one day to the next.",
        "The treatment failed.",
        "This proves that it helps.",
    ],
)
def test_what_must_not_be_said_would_be_found(words):
    assert wrong_words([words])


def test_every_text_about_a_medicine_says_not_to_change_it_alone(attempt):
    for piece in pieces(attempt, verdict_of(attempt, "not_working")):
        if piece.kind in ABOUT_MEDICINES:
            assert KEEP in words_of(piece).text


def test_a_prescribed_treatment_that_does_not_work_is_never_left_alone_with_that(alice):
    attempt = attempt_of(alice, prescribed_by="Dr Silva")
    for kind in (Kind.NOT_WORKING, Kind.WORSE, Kind.STILL_WORSE):
        verdict = verdict_of(attempt, "worse" if "worse" in kind else "not_working")
        said = words_of(Advice(kind=kind, because=BECAUSE, attempt=attempt, verdict=verdict))
        assert KEEP in said.text


def test_every_piece_has_a_headline_a_text_and_a_next_step(attempt):
    for piece in pieces(attempt, verdict_of(attempt, "not_working")):
        words = words_of(piece)
        assert words.headline and words.text and words.badge and words.next_steps, piece.kind


def test_on_its_own_page_a_treatment_is_not_offered_as_the_next_step(attempt):
    for piece in pieces(attempt, verdict_of(attempt, "not_working")):
        (card,) = presenter.advice_cards([piece], on_its_own_page=True)
        assert card.steps and f"/treatments/{attempt.uuid}/" not in [step.address for step in card.steps], piece.kind


def test_the_relaxant_text_leaves_no_way_to_read_it_as_stop_at_once(attempt):
    text = words_of(Advice(kind=Kind.RELAXANT_LONG, because=BECAUSE)).text
    assert "step by step" in text and "from one day to the next" not in text
