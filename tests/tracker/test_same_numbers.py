"""Page, list, Today, API and files tell the same numbers of the same verdict."""

import csv
import io
import json
import re
from datetime import timedelta
from io import StringIO

import pypdf
import pytest
from django.core import mail
from django.utils import timezone
from django.utils.html import strip_tags

from tests.tracker.announced import announce_advice
from tests.tracker.diaries import log
from tests.tracker.verdict_rows import advice_of, attempt_of, verdict_of
from tracker.services import brief_words, briefs, delivery, exports, summary_pdf
from tracker.services.summary_pdf import Paper
from tracker.services.verdict_figures import figures
from tracker.services.verdict_words import sentences
from tracker.web.presenters.treatments import AttemptPage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

# What a night could store: the second decimals are chosen so that each number is rounded on its own.
NUMBERS = {"before": 6.24, "now": 3.86, "change": -2.38, "change_low": -3.14, "change_high": -1.66, "mcid": 1.87}
OUTCOMES = ["working", "not_working", "worse", "cant_tell"]


def text_of(client, path: str) -> str:
    return " ".join(strip_tags(client.get(path).content.decode()).split())


def table_of(person) -> dict[str, str]:
    content = b"".join(exports.pieces(by=person.user, kind=exports.Format.TRIED, at=timezone.now()))
    (row,) = csv.DictReader(StringIO(content.decode("utf-8-sig")))
    return row


@pytest.fixture(params=OUTCOMES)
def verdict(request, alice):
    attempt = attempt_of(alice, own_words="Naproxen")
    for days, nrs in ((-3, 7), (-2, 6), (4, 4), (20, 3)):
        log(alice.patient, attempt.started_on + timedelta(days=days), nrs)
    reason = "varies_too_much" if request.param == "cant_tell" else ""
    return verdict_of(attempt, request.param, reason=reason, p_now=0.884, p_reach=0.016, p_worse=0.921, **NUMBERS)


def test_the_three_numbers_of_a_change_add_up_as_they_are_read(verdict):
    told = figures(verdict, verdict.attempt)
    assert round(told.before + told.change, 1) == told.now
    assert (told.before, told.change, told.matters, told.day) == (6.2, -2.4, 1.9, 33)


def test_the_api_gives_what_the_page_says(alice_client, verdict):
    told = figures(verdict, verdict.attempt)
    page = text_of(alice_client, f"/treatments/{verdict.attempt.uuid}/")
    overview = alice_client.get(f"/api/v1/attempts/{verdict.attempt.uuid}/overview/").json()
    latest = alice_client.get(f"/api/v1/attempts/{verdict.attempt.uuid}/").json()["latest_verdict"]["told"]
    everywhere = alice_client.get("/api/v1/verdicts/").json()["results"][0]["told"]
    assert overview["told"] == latest == everywhere
    for name in ("before", "now", "change", "change_low", "change_high", "matters", "chance_in_20", "day"):
        assert latest[name] == getattr(told, name), name
    assert overview["said"]["headline"] in page and overview["said"]["text"] in page
    assert overview["settles"] in page
    assert overview["picture"] in page


def test_the_sentences_hold_no_other_numbers_than_the_figures(verdict):
    told, said = figures(verdict, verdict.attempt), sentences(verdict, verdict.attempt)
    known = {
        f"{abs(number):.1f}"
        for number in (told.before, told.now, told.change, told.change_low, told.change_high, told.matters)
    }
    assert set(re.findall(r"\d\.\d", said.headline + said.text)) <= known
    assert len(set(re.findall(r"\d\.\d", said.text))) >= 3


def test_files_hold_the_same_numbers(alice, verdict):
    told, line = figures(verdict, verdict.attempt), table_of(alice)
    assert {name: line[name] for name in ("outcome", "day", "chance_in_20")} == {
        "outcome": told.outcome,
        "day": str(told.day),
        "chance_in_20": str(told.chance_in_20),
    }
    assert [float(line[name]) for name in NUMBERS if name in line] == [
        told.before,
        told.now,
        told.change,
        told.change_low,
        told.change_high,
    ]
    whole = json.loads(b"".join(exports.pieces(by=alice.user, kind=exports.Format.JSON, at=timezone.now())))
    (row,) = whole["verdicts"]
    assert [round(row[name], 1) for name in ("before", "change", "mcid")] == [told.before, told.change, told.matters]


def test_the_page_on_paper_holds_the_same_numbers(alice, verdict):
    told, today = figures(verdict, verdict.attempt), timezone.localdate()
    brief = briefs.brief(patient=alice.patient, first_day=today - timedelta(days=83), last_day=today, on=today)
    (line,) = brief.tried
    assert (line.before, line.now, line.outcome) == (told.before, told.now, told.outcome)
    pdf = pypdf.PdfReader(io.BytesIO(summary_pdf.pdf(brief_words.sheet(brief), paper=Paper.A4)))
    paper = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    assert f"{told.before:.1f} → {told.now:.1f}" in paper


def test_the_mail_that_there_is_advice_holds_no_number_and_no_name_at_all(alice, verdict):
    """It says that there is something to read; what, is on the page alone."""
    told = figures(verdict, verdict.attempt)
    advice_of(verdict, "not_working")
    queued = announce_advice(alice, at=timezone.now())
    delivery.drain(clock=lambda: queued.due_at)
    (sent,) = mail.outbox
    text = f"{sent.subject} {sent.body}"
    assert "aproxen" not in text
    assert not [n for n in (told.before, told.now, told.change) if f"{abs(n):.1f}" in text]


def test_the_list_and_today_say_it_too(alice_client, verdict):
    told = figures(verdict, verdict.attempt)
    if verdict.outcome in ("not_working", "worse"):
        advice_of(verdict, verdict.outcome)
        assert sentences(verdict, verdict.attempt).text in text_of(alice_client, "/")
    page = text_of(alice_client, "/treatments/")
    assert f"{told.before:.1f} before, {told.now:.1f} with it" in page
    assert sentences(verdict, verdict.attempt).headline in page


def test_a_verdict_of_before_an_edit_is_told_as_it_was_stored(alice, alice_client, verdict):
    """Entries deleted after a verdict change the next night, not what was said."""
    before = figures(verdict, verdict.attempt)
    alice.patient.pain_entries.all().delete()
    assert figures(verdict, verdict.attempt) == before
    page = text_of(alice_client, f"/treatments/{verdict.attempt.uuid}/")
    assert sentences(verdict, verdict.attempt).text in page


def test_a_treatment_that_lies_ahead_has_no_numbers(alice, alice_client):
    attempt = attempt_of(alice, days_ago=-3)
    overview = alice_client.get(f"/api/v1/attempts/{attempt.uuid}/overview/").json()
    assert (overview["told"], overview["during"], overview["changes"]) == (None, None, [])
    assert alice_client.get(f"/treatments/{attempt.uuid}/").status_code == 200


def test_a_stop_that_was_moved_before_the_verdict_is_survived(alice, alice_client, verdict):
    attempt = verdict.attempt
    alice.patient.attempts.filter(pk=attempt.pk).update(stopped_on=attempt.started_on)
    for path in (f"/treatments/{attempt.uuid}/", f"/api/v1/attempts/{attempt.uuid}/overview/", "/treatments/"):
        assert alice_client.get(path).status_code == 200
    attempt.refresh_from_db()
    assert figures(verdict, attempt).day == 0


def test_two_attempts_on_one_day_are_named_together(alice, alice_client):
    one, other = attempt_of(alice, own_words="Naproxen"), attempt_of(alice, "heat")
    verdict_of(one, "working", reason="mixed", confounded_with=[str(other.uuid)], **NUMBERS)
    page = text_of(alice_client, f"/treatments/{one.uuid}/")
    assert "since you started Naproxen and Heat pack" in page
    assert alice_client.get(f"/api/v1/attempts/{one.uuid}/overview/").json()["mixed_with"] == [str(other.uuid)]


def test_the_history_has_a_line_for_each_change_not_for_each_night(alice, alice_client):
    attempt, today = attempt_of(alice, days_ago=200), timezone.localdate()
    for ago in range(180, 0, -1):
        outcome, reason = ("working", "") if ago < 100 else ("cant_tell", "too_early")
        verdict_of(attempt, outcome, reason=reason, as_of=today - timedelta(days=ago), days_passed=200 - ago)
    changes = alice_client.get(f"/api/v1/attempts/{attempt.uuid}/overview/").json()["changes"]
    assert [(change["outcome"], change["n_nights"]) for change in changes] == [("working", 99), ("cant_tell", 81)]


def test_where_other_treatments_overlap_the_page_says_that_their_effect_is_set_aside(alice, alice_client, verdict):
    attempt = verdict.attempt
    log(alice.patient, attempt.started_on - timedelta(days=60), 8)
    alone = text_of(alice_client, f"/treatments/{attempt.uuid}/")
    attempt_of(alice, own_words="Heat", days_ago=22)
    attempt_of(alice, own_words="Corset", days_ago=122)  # there all the time
    attempt_of(alice, own_words="Yoga", days_ago=30)  # judged together with it
    page = text_of(alice_client, f"/treatments/{attempt.uuid}/")
    assert "Your usual level before was probably about 6.2" in alone
    assert "Likely usual level" in alone
    assert "Other treatments came or went in these months: Heat." in page
    assert "Without them, your usual level would probably have been about 6.2 before" in page
    assert "Likely level without the others" in page
    assert alice_client.get(f"/api/v1/attempts/{attempt.uuid}/overview/").json()["picture"] in page


def test_the_line_of_the_plain_average_is_the_number_beside_it(alice, verdict):
    """The row's own average is of four months; the picture shows four weeks."""
    verdict.raw_baseline_mean = 5.1
    verdict.save()
    page = AttemptPage(attempt=verdict.attempt, today=timezone.localdate())
    assert page.levels.raw_before == page.overview.before.mean == 6.5
    assert "was 6.5 before" in page.picture_in_words
