import re

import pytest
from django.utils import timezone

from tests.tracker.verdict_rows import attempt_of, verdict_of
from tracker.models import Verdict
from tracker.services.verdict_words import basis, chance_in_words, points, sentences
from tracker.web.presenters.advice import steps

pytestmark = pytest.mark.django_db

REASONS = [
    "too_early",
    "too_few_entries",
    "no_baseline",
    "varies_too_much",
    "low_baseline",
    "not_fairly_tried",
    "mixed",
]
FORBIDDEN = ["you have ", "ruled out", "stop your medicine", "p-value", "significant", "%", "proves that", "X works"]


def said(person, outcome: str, **numbers):
    attempt = attempt_of(person, own_words="Naproxen", prescribed_by="Dr Silva")
    verdict = verdict_of(attempt, outcome, **numbers)
    return sentences(verdict, attempt), verdict, attempt


@pytest.mark.parametrize("outcome", Verdict.Outcome.values)
@pytest.mark.parametrize("reason", ["", *REASONS])
def test_no_verdict_says_what_ebb_must_not_say(alice, outcome, reason):
    words, verdict, attempt = said(alice, outcome, reason=reason)
    everything = " ".join([words.headline, words.text, words.badge, *steps(verdict, attempt)]).lower()
    assert not [phrase for phrase in FORBIDDEN if phrase.lower() in everything]


@pytest.mark.parametrize("outcome", Verdict.Outcome.values)
def test_every_verdict_gives_points_a_chance_in_20_and_the_day(alice, outcome):
    words, _, _ = said(alice, outcome, reason="too_early" if outcome == "cant_tell" else "")
    everything = words.headline + words.text
    assert re.search(r"\d\.\d (points )?(lower|higher)", everything)
    assert "in 20" in everything and "33" in everything


def test_working_says_that_the_log_proves_nothing(alice):
    words, _, _ = said(alice, "working", change=-2.4, change_low=-3.1, change_high=-1.7)
    assert words.headline == "Your pain has been lower since you started Naproxen."
    assert words.text == (
        "On day 33: 2.4 points lower, likely between 1.7 and 3.1 lower than before (from about 6.2 to 3.8). "
        "Chance that this is a drop that matters: about 18 in 20. A log cannot prove that Naproxen is the reason."
    )
    assert (words.tone, words.chance.n) == ("good", 18)


def test_not_working_names_the_days_the_interval_and_the_chance(alice):
    words, verdict, attempt = said(alice, "not_working")
    assert words.headline == "Naproxen has not brought a drop that matters in 33 days."
    assert "0.3 points lower, likely between 0.9 lower and 0.4 higher" in words.text
    assert "Chance that it still becomes a drop that matters: less than 1 in 20." in words.text
    assert "Do not change a prescribed medicine on your own: ask the prescriber how." in steps(verdict, attempt)


def test_a_treatment_that_has_been_stopped_is_not_talked_of_as_if_it_went_on(alice):
    attempt = attempt_of(alice, stopped_on=timezone.localdate())
    everything = " ".join(steps(verdict_of(attempt, "not_working"), attempt))
    assert "Tell your doctor that it has not helped enough." in everything and "on your own" not in everything


def test_worse_sends_to_the_doctor_soon(alice):
    words, verdict, attempt = said(alice, "worse", change=1.3, change_low=0.6, change_high=2.0)
    assert "1.3 points higher, likely between 0.6 and 2.0 higher" in words.text
    assert words.text.endswith("Talk to your doctor soon.")
    assert steps(verdict, attempt)[0].startswith("Talk to your doctor soon")


@pytest.mark.parametrize("reason", REASONS)
def test_doubt_always_gives_its_reason_and_what_would_help(alice, reason):
    words, _, _ = said(alice, "cant_tell", reason=reason)
    assert words.badge != "Can't tell yet" and "Naproxen" in words.headline and len(words.text) > 40


def test_too_few_entries_say_how_many_more(alice):
    words, _, _ = said(alice, "cant_tell", reason="too_few_entries", days_logged=3)
    assert "2 more logged days would help most." in words.text


def test_without_a_record_of_before_no_chance_is_named(alice):
    words, _, _ = said(alice, "cant_tell", reason="no_baseline", baseline="none")
    assert words.chance is None and "in 20" not in words.text


def test_numbers_that_were_not_worked_out_are_not_made_up(alice):
    nothing = dict.fromkeys(["p_reach", "change", "change_low", "change_high", "before", "now", "mcid"])
    words, _, _ = said(alice, "cant_tell", reason="too_early", **nothing)
    assert words.change == "" and "None" not in words.text


def test_a_pair_gets_one_verdict_for_both(alice):
    one = attempt_of(alice, own_words="Naproxen", days_ago=32)
    other = attempt_of(alice, "heat", days_ago=30)
    verdict = verdict_of(one, "working", reason="mixed", confounded_with=[str(other.uuid)])
    assert "Naproxen and Heat pack" in sentences(verdict, one, [other]).headline
    assert "Naproxen and what you started with it" in sentences(verdict, one).headline


def test_a_verdict_from_memory_is_labelled_so(alice):
    _, verdict, attempt = said(alice, "working", baseline="recalled")
    assert ("Before the start", "based on your memory of before") in basis(verdict, attempt)


def test_days_that_another_treatment_blurred_are_said_not_to_count(alice):
    _, verdict, attempt = said(alice, "not_working", days_passed=20)
    assert "Not counted" in dict(basis(verdict, attempt))


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (0, "less than 1 in 20"),
        (1, "about 1 in 20"),
        (18, "about 18 in 20"),
        (20, "more than 19 in 20"),
    ],
)
def test_a_chance_is_never_none_and_never_certain(n, words):
    assert chance_in_words(n) == words


@pytest.mark.parametrize(
    ("change", "words"),
    [(-2.44, "2.4 points lower"), (1.0, "1 point higher"), (0.04, "no change"), (-0.04, "no change")],
)
def test_a_change_is_told_in_points(change, words):
    assert points(change) == words
