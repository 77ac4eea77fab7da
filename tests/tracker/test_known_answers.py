"""What a check-up is filled in with from the record, and what is never taken for granted."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.urls import reverse

from assessments import services as checkups
from assessments.engine.loading import standard_rulebook
from tests.conftest import client_for, open_person
from tests.engine.walking import CASES, walk
from tests.tracker.api.conftest import API
from tracker.domain.health import FACT_KEYS
from tracker.domain.sites import SITE_KEYS
from tracker.models import TreatmentType, Verdict
from tracker.services import health, medicines, pain_log, treatments
from tracker.services.pain_log import SiteRating
from tracker.web import known_answers
from tracker.web.known_answers import KIDNEY_DANGER, PLACES, TICKS, told_before

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
STRAIN = next(case["answers"] for case in CASES["case"] if case["level"] == "self_care")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def say(person, **said):
    health.save_profile(by=person.user, at=NOW, on=TODAY, **said)


def log(person, days_ago, nrs=4, site=None):
    sites = (SiteRating(site=site),) if site else ()
    at = NOW - timedelta(days=days_ago)
    pain_log.add(by=person.user, uuid=uuid4(), source="web", at=NOW, nrs=nrs, felt_at=at, zone="UTC", sites=sites)


def told(person):
    return told_before(person.user.__class__.objects.get(pk=person.user.pk), at=NOW)


def begin(person):
    user = person.user.__class__.objects.get(pk=person.user.pk)
    return checkups.start(by=user, at=NOW, told=checkups.told_before(user, at=NOW))


def text_of(response):
    return " ".join(response.content.decode().split())


class TestWhatIsNeverFilledIn:
    def test_a_profile_full_of_no_answers_nothing(self, alice):
        say(alice, facts=dict.fromkeys(FACT_KEYS, "no"), sex="male")
        assert (told(alice).settled, told(alice).likely) == ({}, {})

    def test_unsure_answers_nothing(self, alice):
        say(alice, facts=dict.fromkeys(FACT_KEYS, "unsure"), sex="unsure")
        assert (told(alice).settled, told(alice).likely) == ({}, {})

    def test_no_critical_question_but_the_age_counts_as_answered(self, alice):
        say(alice, birth_year=1950, sex="female", facts=dict.fromkeys(FACT_KEYS, "yes"))
        assessment = begin(alice)
        assert set(assessment.answers) == {"age"}
        assert checkups.next_question(assessment).critical

    def test_no_and_none_are_kept_out_whoever_tells_them(self, alice):
        known = checkups.ToldBefore(
            settled={"chest": "no", "bladder": "no", "age": 40}, likely={"fever": "no", "conditions": []}
        )
        assessment = checkups.start(by=alice.user, at=NOW, told=known)
        assert (assessment.answers, set(assessment.prefilled)) == ({"age": 40}, {"age"})

    def test_the_name_of_a_medicine_says_nothing(self, alice):
        for name in ("Warfarin", "Ibuprofen", "Prednisolone"):
            medicines.add_medicine(by=alice.user, uuid=uuid4(), at=NOW, on=TODAY, name=name)
        assert told(alice).likely == {}

    def test_what_the_questions_of_today_do_not_know_is_passed_over(self, alice):
        known = checkups.ToldBefore(settled={"age": "old", "dragons": "yes"}, likely={"where": ["tail"], "duration": 5})
        assessment = checkups.start(by=alice.user, at=NOW, told=known)
        assert (assessment.answers, assessment.prefilled) == ({}, {})

    @pytest.mark.parametrize("stored", [{"where": ["tail"]}, {"where": 5}, {"dragons": "yes"}])
    def test_what_an_older_questionnaire_filled_in_does_no_harm(self, alice, stored):
        assessment = checkups.start(by=alice.user, at=NOW)
        alice.user.assessments.update(prefilled=stored)
        url = reverse("checkup:question", args=[assessment.uuid])
        assert client_for(alice).get(f"{url}?question=where").status_code == 200

    def test_somebody_without_a_record_has_told_nothing(self, db):
        operator = open_person("otto").user.__class__.objects.create_user("x@example.org", "x")
        assert told_before(operator, at=NOW).settled == {}

    def test_a_year_of_birth_below_18_does_not_skip_the_alarm_questions(self, alice):
        say(alice, birth_year=1990)
        alice.patient.health_profile.__class__.objects.update(birth_year=2010)  # an old file, another program
        opened = begin(alice)
        assert opened.answers == {}
        assert opened.prefilled["age"] == 16
        assert checkups.next_question(opened).id == next(iter(standard_rulebook().questions))

    def test_nothing_of_another_patient_is_filled_in(self, alice, charlie):
        say(alice, birth_year=1950, facts={"cancer": "yes"})
        log(alice, 1, site="neck")
        assert (told(charlie).settled, told(charlie).likely) == ({}, {})


class TestWhatIsFilledIn:
    def test_every_name_in_the_tables_exists(self):
        questions = standard_rulebook().questions
        for question, options in {**TICKS, "where": PLACES}.items():
            assert set(options) <= {option.id for option in questions[question].options}, question
        assert {"heart_risk", "kidney_danger", "age", "duration", "sensitive", *checkups.LASTING} <= set(questions)
        assert {fact for options in TICKS.values() for facts in options.values() for fact in facts} <= set(FACT_KEYS)
        assert set(KIDNEY_DANGER) <= set(FACT_KEYS)
        assert {site for sites in PLACES.values() for site in sites} <= SITE_KEYS

    def test_everything_told_is_an_answer_that_its_question_takes(self, alice):
        say(alice, birth_year=1950, sex="female", facts=dict.fromkeys(FACT_KEYS, "yes"))
        questions, known = standard_rulebook().questions, told(alice)
        for question, answer in {**known.settled, **known.likely}.items():
            assert questions[question].accept(answer)

    @pytest.mark.parametrize(
        ("said", "question", "answer"),
        [
            ({"facts": {"cancer": "yes", "steroids": "yes"}}, "conditions", ["cancer", "weak_immunity", "steroids"]),
            ({"facts": {"past_clot": "yes"}}, "conditions", ["clot_risk"]),
            ({"facts": {"raynaud": "yes", "heart_disease": "yes"}}, "conditions", ["heart_pressure", "numb_skin"]),
            ({"facts": {"stomach_ulcer": "yes"}}, "stomach", ["ulcer_before"]),
            ({"facts": {"single_kidney": "yes"}}, "kidney_danger", "yes"),
            ({"facts": {"diabetes": "yes"}, "sex": "male"}, "heart_risk", "yes"),
            ({"sex": "female"}, "heart_risk", "yes"),
            ({"birth_year": 1960}, "heart_risk", "yes"),
        ],
    )
    def test_facts_become_ticks_and_yes(self, alice, said, question, answer):
        say(alice, **said)
        assert told(alice).likely[question] == answer

    def test_the_year_of_birth_settles_the_age(self, alice):
        say(alice, birth_year=1980)
        assert begin(alice).answers == {"age": 46}

    def test_pain_logged_for_three_months_and_of_late_has_lasted(self, alice):
        log(alice, 100)
        assert "duration" not in told(alice).likely
        log(alice, 2)
        assert told(alice).likely["duration"] == "over_3m"

    def test_a_short_log_says_nothing_about_how_long(self, alice):
        log(alice, 10)
        log(alice, 1)
        assert "duration" not in told(alice).likely

    def test_a_place_named_on_two_days_of_late_is_filled_in(self, alice):
        for days_ago, site in (
            (1, "neck_left"),
            (5, "neck_left"),
            (2, "flank_left"),
            (60, "mid_back"),
            (61, "mid_back"),
        ):
            log(alice, days_ago, site=site)
        assert told(alice).likely["where"] == ["neck"]

    def test_two_treatments_in_vain(self, alice):
        for key in ("massage", "heat"):
            attempt = treatments.start(
                by=alice.user,
                uuid=uuid4(),
                at=NOW,
                on=TODAY,
                treatment_type=TreatmentType.objects.get(key=key),
                started_on=TODAY - timedelta(days=60),
            )
            assert "sensitive" not in told(alice).likely
            judged = {"days_passed": 60, "days_logged": 50, "baseline_days": 7, "baseline": "logged"}
            Verdict.objects.create(
                attempt=attempt,
                as_of=TODAY,
                outcome="not_working",
                policy_version="t",
                inputs_digest="0" * 32,
                computed_at=NOW,
                **judged,
            )
        assert told(alice).likely["sensitive"] == ["tried_much"]

    def test_what_an_earlier_check_up_said_of_the_person_comes_again_and_ticks_add_up(self, alice):
        answers = walk(STRAIN) | {"stomach": ["swallow"], "history": ["desk"], "chest": "no"}
        earlier = checkups.start(by=alice.user, at=NOW, known=answers)
        checkups.finish(by=alice.user, uuid=earlier.uuid, at=NOW)
        say(alice, facts={"gallstones": "yes"})
        filled = begin(alice).prefilled
        assert sorted(filled["stomach"]) == ["alcohol_stones", "swallow"]
        assert "chest" not in filled

    def test_an_answer_given_now_counts_more(self, alice):
        known = checkups.ToldBefore(settled={"age": 40}, likely={"where": ["neck"]})
        started = checkups.start(by=alice.user, at=NOW, known={"age": 41, "where": ["flank"]}, told=known)
        assert (started.answers, started.prefilled) == ({"age": 41, "where": ["flank"]}, {})


class TestInTheCheckUp:
    def test_what_was_told_is_marked_and_can_be_changed(self, alice):
        say(alice, birth_year=1980, facts={"cancer": "yes"})
        client = client_for(alice)
        client.post(reverse("checkup:start"))
        assessment = alice.user.assessments.get()
        url = reverse("checkup:question", args=[assessment.uuid])
        page = text_of(client.get(f"{url}?question=conditions"))
        assert "Filled in from what you told Ebb before" in page
        assert 'value="cancer" required' not in page and page.count(" checked") == 1
        assert "You told us this before" in text_of(client.get(reverse("checkup:answers", args=[assessment.uuid])))
        client.post(url, {"question": "age", "answer": "45"})
        assessment.refresh_from_db()
        assert (assessment.answers["age"], "age" in assessment.prefilled) == (45, False)

    def test_a_question_that_nothing_was_told_about_has_no_mark_and_nothing_chosen(self, alice):
        say(alice, facts={"cancer": "yes"})
        url = reverse("checkup:question", args=[begin(alice).uuid])
        page = text_of(client_for(alice).get(f"{url}?question=chest"))
        assert "Filled in" not in page and " checked" not in page

    def test_a_result_says_which_answers_nobody_looked_at(self, alice):
        say(alice, birth_year=1980)
        assessment = begin(alice)
        checkups.answer(by=alice.user, uuid=assessment.uuid, answers=walk(STRAIN) | {"age": None} | {"age": 46})
        done = begin(alice)
        checkups.finish(by=alice.user, uuid=done.uuid, at=NOW)
        page = text_of(client_for(alice).get(reverse("checkup:result", args=[done.uuid])))
        assert "(told before)" in page

    def test_the_start_page_leads_to_the_profile(self, alice_client):
        assert reverse("health") in text_of(alice_client.get(reverse("checkup:start")))

    def test_over_the_api_it_is_filled_in_when_asked_for(self, alice):
        say(alice, birth_year=1980, facts={"cancer": "yes"})
        client = client_for(alice)
        plain, filled = (
            client.post(f"{API}/assessments/", {"prefill": wanted}, content_type="application/json").json()
            for wanted in (False, True)
        )
        assert (plain["answers"], plain["prefilled"]) == ({}, {})
        assert filled["answers"] == {"age": 46}
        assert filled["prefilled"] == {"age": 46, "conditions": ["cancer"]}


def test_this_file_would_notice_a_no(alice, monkeypatch):
    monkeypatch.setattr(known_answers, "YES", "no")
    say(alice, facts=dict.fromkeys(FACT_KEYS, "no"), sex="male")
    assert told(alice).likely
