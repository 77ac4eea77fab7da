"""The builder of what is handed to a clinician: right for any record, and blind where it is to be."""

from dataclasses import asdict
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.tracker.diaries import log, log_days
from tests.tracker.records import NOW, TODAY, fill
from tests.tracker.verdict_rows import attempt_of, verdict_of
from tracker.domain.brief import MAY_BE_LEFT_OUT, NEVER_LEFT_OUT, Part
from tracker.domain.screening import MASK, Screen
from tracker.models import Attachment, Verdict
from tracker.services import brief_words, briefs, health, medicines, treatment_days

FIRST = TODAY - timedelta(days=83)
SCREEN = Screen(diagnoses=["scoliosis"], people=["Dr. Quarshie"])


def brief_of(person, **said):
    said = {"first_day": FIRST, "last_day": TODAY, "on": TODAY} | said
    return briefs.brief(patient=person.patient, **said)


def n_queries(person, **said) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        brief_of(person, **said)
    return len(asked)


class TestAnEmptyRecord:
    def test_is_a_brief_that_knows_nothing(self, alice):
        told = brief_of(alice)
        assert (told.n_days, told.n_days_logged, told.mean_now, told.pain_since, told.age) == (84, 0, None, None, None)
        assert len(told.weeks) == 12
        assert (told.tried, told.medicines, told.peg, told.story) == ((), (), (), ())

    def test_says_of_each_alarm_question_that_it_was_not_asked(self, alice):
        flags = brief_of(alice).red_flags
        assert {"chest", "bladder", "legs"} <= {flag.key for flag in flags}
        assert {flag.answer for flag in flags} == {""}


class TestTheLog:
    def test_is_cut_into_weeks_that_end_on_the_last_day(self, alice):
        for nrs, ago in ((2, 0), (4, 6), (9, 7)):
            log(alice.patient, TODAY - timedelta(days=ago), nrs)
        *_, before, last = brief_of(alice).weeks
        assert (last.first_day, last.n_days_logged, last.mean) == (TODAY - timedelta(days=6), 2, 3.0)
        assert (before.lowest, before.highest) == (9, 9)

    def test_counts_a_day_of_many_entries_once(self, alice):
        for nrs in (10, 10, 10):
            log(alice.patient, TODAY, nrs)
        log(alice.patient, TODAY - timedelta(days=1), 0)
        assert brief_of(alice).mean_now == 5.0

    @pytest.mark.parametrize(
        ("logged", "words"),
        [
            pytest.param({0: 4}, "4.0 of 10 on average in the last four weeks", id="only now"),
            pytest.param({0: 4, 1: 6}, "5.0 of 10 on average in the last four weeks, from 4 to 6", id="two of now"),
            pytest.param(
                {0: 4, 83: 6},
                "4.0 of 10 on average in the last four weeks, 6.0 in the first four of this period, from 4 to 6",
                id="then and now",
            ),
            pytest.param(
                {83: 6},
                "nothing was logged in the last four weeks, 6.0 of 10 on average in the first four",
                id="only then",
            ),
            pytest.param(
                {40: 6, 41: 5},
                "nothing was logged in the first and the last four weeks of this period, from 5 to 6",
                id="only between",
            ),
            pytest.param({}, "nothing was logged in this period", id="never"),
        ],
    )
    def test_is_told_without_what_is_not_known(self, alice, logged, words):
        for ago, nrs in logged.items():
            log(alice.patient, TODAY - timedelta(days=ago), nrs)
        sheet = brief_words.sheet(brief_of(alice))
        said = dict(row for block in sheet.fullest.blocks if block.kind == "list" for row in block.rows)
        assert said["Now"] == words

    def test_holds_nothing_outside_the_period(self, alice):
        log(alice.patient, FIRST - timedelta(days=1), 7)
        told = brief_of(alice)
        assert (told.n_days_logged, told.highest, told.pain_since) == (0, None, FIRST - timedelta(days=1))

    def test_asks_the_database_no_more_for_more_of_it(self, alice):
        fill(alice)
        attempt_of(alice, days_ago=39, own_words="Tablet")
        few = n_queries(alice)
        log_days(alice.patient, range(-60, 60), mean=5)
        for n in range(5):
            verdict_of(attempt_of(alice, days_ago=40 + n, own_words=f"Tablet {n}"), Verdict.Outcome.WORKING)
            medicines.add_medicine(by=alice.user, uuid=uuid4(), at=NOW, on=TODAY, name=f"Tablet {n}")
        assert n_queries(alice) == few


class TestWhatWasTried:
    def test_has_the_numbers_that_every_page_shows(self, alice):
        verdict_of(attempt_of(alice), Verdict.Outcome.WORKING, before=6.2, change=-2.4)
        (line,) = brief_of(alice, last_day=timezone.localdate()).tried
        assert (line.before, line.now, line.outcome) == (6.2, 3.8, "working")

    @pytest.mark.parametrize(
        ("days_ago", "n_done", "n_missed", "is_fair"),
        [
            pytest.param(5, 0, 0, False, id="too short"),
            pytest.param(30, 0, 0, None, id="long enough, nothing said of its days"),
            pytest.param(30, 8, 1, True, id="long enough and used"),
            pytest.param(30, 2, 6, False, id="long enough and used too little"),
        ],
    )
    def test_is_a_fair_trial_or_not(self, alice, days_ago, n_done, n_missed, is_fair):
        attempt = attempt_of(alice, days_ago=days_ago)
        for n in range(n_done + n_missed):
            day = attempt.started_on + timedelta(days=n)
            today = attempt.started_on + timedelta(days=days_ago)
            treatment_days.note(by=alice.user, attempt=attempt, day=day, is_done=n < n_done, on=today)
        (line,) = brief_of(alice, last_day=attempt.started_on + timedelta(days=days_ago)).tried
        assert line.is_fair_trial is is_fair


class TestBlind:
    def test_leaves_out_what_others_have_concluded(self, alice):
        marker = "Scoliosis (Dr. Quarshie)"
        fill(alice, marker=marker)
        told = brief_of(alice, screen=SCREEN, question=marker, goal=marker, worry=marker)
        could_do_harm = dict.fromkeys(("operations", "implants", "allergies", "medicines"))
        assert "scoliosis" not in repr(asdict(told) | could_do_harm).lower()
        assert "quarshie" not in repr(asdict(told)).lower()
        assert told.n_held_back > 0

    def test_tells_what_could_do_harm_as_it_was_written_but_for_names(self, alice):
        said = {"operations": "Fusion L4/L5 for scoliosis (Dr. Quarshie)", "allergies": "Malignant hyperthermia"}
        health.save_profile(by=alice.user, at=NOW, on=TODAY, **said)
        medicines.add_medicine(by=alice.user, uuid=uuid4(), at=NOW, on=TODAY, name="Embolex", dose="3000, Dr. Quarshie")
        told = brief_of(alice, screen=SCREEN)
        assert told.operations.text == f"Fusion L4/L5 for scoliosis ({MASK})"
        assert told.allergies.text == "Malignant hyperthermia"
        assert (told.medicines[0].name, told.medicines[0].dose) == ("Embolex", f"3000, {MASK}")

    def test_shows_a_sentence_that_the_patient_wants_shown(self, alice):
        text = "Is it scoliosis?"
        digest = SCREEN.sentences(text)[0].digest
        assert brief_of(alice, screen=SCREEN, question=text, decided={digest: "show"}).question.text == text

    def test_has_no_report_even_if_it_was_attached(self, alice):
        keys = {}
        for kind in Attachment.Kind.values:
            row = Attachment(patient=alice.patient, uuid=uuid4(), kind=kind, title=kind, content=b"x", added_at=NOW)
            row.media_type, row.n_bytes = "image/png", 1
            row.save()
            keys[kind] = row.uuid
        assert {file.kind for file in brief_of(alice, attached=keys.values()).files} == set(Attachment.Kind.values)
        assert {file.kind for file in brief_of(alice, attached=keys.values(), screen=SCREEN).files} == {
            "result",
            "photo",
        }


class TestLeftOut:
    @pytest.mark.parametrize("part", MAY_BE_LEFT_OUT)
    def test_each_part_can_stay_out(self, alice, part):
        fill(alice)
        told = brief_of(alice, left_out=[part], goal="walk", worry="all of it")
        assert not any(getattr(told, name) for name in briefs.FIELDS_OF[part])
        assert told.left_out == (part,)

    def test_what_a_clinician_must_know_cannot(self, alice):
        fill(alice)
        told = brief_of(alice, left_out=list(Part))
        assert not set(told.left_out) & NEVER_LEFT_OUT
        assert told.red_flags and told.medicines and told.allergies and told.facts

    def test_another_patient_brings_nothing(self, alice, charlie):
        fill(charlie, marker="secret of charlie")
        assert "charlie" not in repr(asdict(brief_of(alice)))
