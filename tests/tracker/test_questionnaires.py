from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments import services as checkups
from tests.conftest import client_for
from tests.engine.walking import CASES, walk
from tracker.models import AuditEvent, Patient, QuestionnaireResponse, TreatmentType
from tracker.services import demo, pain_log, questionnaires, treatments
from tracker.services.questionnaires import Movement, Point

MORNING = datetime(2026, 6, 3, 5, 42, tzinfo=UTC)  # 07:42 in Berlin
TODAY = MORNING.date()
PEG = {"pain": 7, "enjoyment": 6, "activity": 5}
PHQ_4 = {"gad_1": 3, "gad_2": 1, "phq_1": 2, "phq_2": 1}
PHQ_9 = {f"phq_{number}": 0 for number in range(1, 10)}
HARM = PHQ_9 | {"phq_9": 1}
HOME = reverse("today")
LIST = reverse("questionnaire_list")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.fixture
def alice(alice):
    """Her record is a month old."""
    Patient.objects.update(consented_at=MORNING - timedelta(days=30))
    alice.patient.refresh_from_db()
    return alice


def fill(key):
    return reverse("questionnaire_fill", args=[key])


def answer(person, key="peg", answers=PEG, *, at=MORNING, uuid=None, **said):
    return questionnaires.answer(by=person.user, uuid=uuid or uuid4(), instrument=key, answers=answers, at=at, **said)[
        0
    ]


def attempt_of(person, **said):
    said = {"treatment_type": TreatmentType.objects.get(key="massage"), "started_on": TODAY} | said
    return treatments.start(by=person.user, uuid=uuid4(), at=MORNING, on=TODAY, **said)


def text_of(response):
    return " ".join(response.content.decode().split())


class TestAnswering:
    @pytest.mark.parametrize(
        ("said", "refusal"),
        [
            pytest.param({"instrument": "odi"}, questionnaires.UnknownInstrument, id="no such questionnaire"),
            pytest.param({"answers": {"pain": 7}}, questionnaires.AnswersRefused, id="two answers missing"),
            pytest.param({"version": "other"}, questionnaires.OtherVersion, id="another wording"),
            pytest.param(
                {"answered_at": MORNING + timedelta(hours=1)}, questionnaires.ResponseInFuture, id="still to come"
            ),
            pytest.param(
                {"answered_at": datetime(1899, 1, 1, tzinfo=UTC)}, questionnaires.ResponseTooOld, id="long ago"
            ),
        ],
    )
    def test_refuses_and_keeps_nothing(self, alice, said, refusal):
        known = {"instrument": "peg", "answers": PEG, "at": MORNING, "uuid": uuid4(), "by": alice.user}
        with pytest.raises(refusal):
            questionnaires.answer(**known | said)
        assert not QuestionnaireResponse.objects.exists()

    def test_a_peg_is_about_no_treatment(self, alice):
        with pytest.raises(questionnaires.NotAboutATreatment):
            answer(alice, attempt=attempt_of(alice))

    def test_a_uuid_names_one_response(self, alice):
        first = answer(alice, uuid=UUID(int=1))
        assert answer(alice, uuid=UUID(int=1), at=MORNING + timedelta(minutes=1)) == first
        with pytest.raises(questionnaires.ResponseAlreadyThere):
            answer(alice, uuid=UUID(int=1), answers=PEG | {"pain": 8})
        with pytest.raises(questionnaires.ResponseAlreadyThere):
            answer(alice, "phq_4", PHQ_4, uuid=UUID(int=1))
        assert alice.patient.questionnaire_responses.count() == 1

    def test_the_same_uuid_is_free_for_somebody_else(self, alice, charlie):
        assert answer(alice, uuid=UUID(int=1)) != answer(charlie, uuid=UUID(int=1))

    def test_the_database_holds_a_uuid_once_for_each_patient(self, alice):
        response = answer(alice)
        response.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            response.save()

    def test_it_is_kept_with_versions_zone_and_local_day(self, alice):
        late = datetime(2026, 6, 2, 22, 30, tzinfo=UTC)  # the 3rd in Berlin, the 2nd in Lisbon
        response = answer(alice, answered_at=late, zone="Europe/London")
        assert (response.scores, response.answers) == ({"mean": 6.0}, PEG)
        assert (response.version, response.scoring_version, response.language) == ("krebs-2009", "1", "en")
        assert (str(response.local_date), response.zone) == ("2026-06-02", "Europe/London")
        assert str(answer(alice, answered_at=late).local_date) == "2026-06-03"
        assert AuditEvent.objects.filter(patient=alice.patient, verb="answered").count() == 2

    def test_what_comes_from_the_database_is_what_was_kept(self, alice):
        response = answer(alice, "phq_9", PHQ_9 | {"phq_1": 3})
        response.refresh_from_db()
        assert (response.answers, response.scores) == (PHQ_9 | {"phq_1": 3}, {"total": 3})

    def test_a_treatment_that_is_deleted_takes_what_was_said_of_it(self, alice):
        attempt = attempt_of(alice)
        answer(alice, "global_change", {"compared": 2}, attempt=attempt)
        treatments.remove(by=alice.user, attempt=attempt)
        assert not QuestionnaireResponse.objects.exists()


class TestWhatIsDue:
    def due(self, person, on=TODAY):
        person.patient.refresh_from_db()
        one = questionnaires.due(patient=person.patient, on=on)
        return one and one.key

    def test_nothing_on_the_first_day(self, alice):
        Patient.objects.update(consented_at=MORNING)
        assert self.due(alice) is None

    def test_nothing_to_who_is_not_asked_and_no_question_to_the_database(self, alice, django_assert_num_queries):
        alice.patient.asked = ["sleep"]
        with django_assert_num_queries(0):
            assert questionnaires.due(patient=alice.patient, on=TODAY) is None

    def test_a_week_after_the_last_answers(self, alice):
        answer(alice, "phq_4", PHQ_4, at=MORNING - timedelta(days=1))
        answer(alice, at=MORNING - timedelta(days=7))
        assert (self.due(alice), self.due(alice, TODAY - timedelta(days=1))) == ("peg", None)

    @pytest.mark.parametrize(("key", "days"), [("odi", 1), ("phq_9", 1), ("peg", 0), ("peg", 29)])
    def test_only_what_is_offered_is_put_off_and_only_to_a_day_to_come(self, alice, key, days):
        with pytest.raises(questionnaires.PutOffOutOfRange):
            until = TODAY + timedelta(days=days)
            questionnaires.put_off(by=alice.user, instrument=key, until=until, today=TODAY)

    def test_put_off_for_a_week(self, alice):
        questionnaires.put_off(by=alice.user, instrument="peg", until=TODAY + timedelta(days=7), today=TODAY)
        days = [self.due(alice, TODAY + timedelta(days=n)) for n in (0, 1, 7)]
        assert days == [None, "phq_4", "peg"]


class TestToday:
    def test_offers_one_in_one_line(self, alice, alice_client):
        page = text_of(alice_client.get(HOME))
        assert "PEG: pain, enjoyment, activity. 3 questions, about a minute." in page
        assert page.count("Not this week") == 1 and "PHQ-4" not in page

    def test_says_nothing_once_it_is_answered(self, alice, alice_client):
        answer(alice)
        assert "Not this week" not in text_of(alice_client.get(HOME))

    @pytest.mark.parametrize("days", ["1", "7"])
    def test_takes_no_for_an_answer(self, alice, alice_client, clock, days):
        response = alice_client.post(reverse("questionnaire_put_off", args=["peg"]), {"days": days}, follow=True)
        assert "Not this week" not in text_of(response)
        clock.shift(timedelta(days=int(days)))
        assert ("PEG: pain" in text_of(client_for(alice).get(HOME))) is True

    @pytest.mark.parametrize("days", ["", "0", "365", "x", "9" * 30])
    def test_puts_off_by_a_day_or_a_week_and_nothing_else(self, alice, alice_client, days):
        alice_client.post(reverse("questionnaire_put_off", args=["peg"]), {"days": days})
        assert Patient.objects.get(pk=alice.patient.pk).put_off == {}

    @pytest.mark.parametrize("key", ["phq_9", "odi"])
    def test_what_is_never_offered_cannot_be_put_off(self, alice, alice_client, key):
        assert alice_client.post(reverse("questionnaire_put_off", args=[key]), {"days": "1"}).status_code == 404

    def test_offers_nothing_while_an_entry_is_being_completed(self, alice, alice_client):
        entry = pain_log.tap(by=alice.user, uuid=uuid4(), nrs=4, at=MORNING)
        assert "Not this week" not in text_of(alice_client.get(HOME, {"entry": entry.uuid}))

    def test_offers_nothing_beside_an_emergency(self, alice, alice_client):
        answers = next(case["answers"] for case in CASES["case"] if case["level"] == "emergency")
        checkup = checkups.start(by=alice.user, at=MORNING, known=walk(answers))
        checkups.finish(by=alice.user, uuid=checkup.uuid, at=MORNING)
        assert "Not this week" not in text_of(alice_client.get(HOME))

    def test_costs_one_query_at_most(self, alice, alice_client):
        with CaptureQueriesContext(connection) as with_it:
            alice_client.get(HOME)
        Patient.objects.update(asked=[key for key in alice.patient.asked if key not in ("peg", "phq_4")])
        with CaptureQueriesContext(connection) as without:
            alice_client.get(HOME)
        assert len(with_it) == len(without) + 1


class TestFillingIn:
    @pytest.mark.parametrize("key", questionnaires.all_instruments())
    def test_nothing_is_chosen_beforehand(self, alice, alice_client, key):
        response = alice_client.get(fill(key))
        assert response.status_code == 200
        assert " checked" not in text_of(response)

    @pytest.mark.parametrize("key", questionnaires.all_instruments())
    @pytest.mark.parametrize("most", [True, False])
    def test_each_can_be_answered_and_shows_its_score(self, alice, alice_client, key, most):
        instrument = questionnaires.instrument_of(key)
        said = {item.id: (max if most else min)(item.values) for item in instrument.items}
        sent = {item: value for item, value in said.items() if value or instrument.key != "rmdq"}
        page = text_of(alice_client.post(fill(key), sent, follow=True))
        response = alice.patient.questionnaire_responses.get()
        assert response.answers.keys() == said.keys()
        assert f"{instrument.main_score.title}:" in page

    def test_what_is_missing_is_told_and_what_was_given_is_kept(self, alice, alice_client):
        response = alice_client.post(fill("peg"), {"pain": "7", "enjoyment": "x"})
        page = text_of(response)
        assert response.status_code == 422 and not QuestionnaireResponse.objects.exists()
        assert page.count("Choose an answer.") == 2
        assert page.count(" checked") == 1

    def test_up_to_two_questions_of_the_phq_9_may_be_left_out(self, alice, alice_client):
        sent = dict.fromkeys(list(PHQ_9)[2:], "1")
        assert "2 questions were left out" in text_of(alice_client.post(fill("phq_9"), sent, follow=True))
        assert alice_client.post(fill("phq_9"), dict(list(sent.items())[1:])).status_code == 422

    def test_a_double_click_is_one_response_and_a_page_from_the_history_another(self, alice, alice_client):
        for pain in ("7", "7", "3"):
            alice_client.post(fill("peg"), PEG | {"pain": pain, "uuid": str(UUID(int=1))})
        scores = alice.patient.questionnaire_responses.values_list("answers", flat=True)
        assert sorted(answers["pain"] for answers in scores) == [3, 7]

    def test_a_global_change_names_a_treatment_of_ones_own(self, alice, charlie, alice_client):
        mine, other = attempt_of(alice, own_words="Kneading"), attempt_of(charlie, own_words="Secret")
        assert "Secret" not in text_of(alice_client.get(fill("global_change")))
        refused = alice_client.post(fill("global_change"), {"compared": "2", "attempt": str(other.uuid)})
        assert refused.status_code == 422
        page = alice_client.post(fill("global_change"), {"compared": "2", "attempt": str(mine.uuid)}, follow=True)
        assert "Kneading" in text_of(page)
        assert alice.patient.questionnaire_responses.get().attempt == mine

    def test_an_unknown_one_is_not_found(self, alice_client):
        for name in ("questionnaire_show", "questionnaire_fill"):
            assert alice_client.get(reverse(name, args=["odi"])).status_code == 404


class TestHelp:
    def test_is_shown_at_once_and_stays_on_today_until_it_was_seen(self, alice, alice_client):
        page = text_of(alice_client.post(fill("phq_9"), HARM, follow=True))
        assert "You do not have to carry this alone" in page and 'href="tel:112"' in page
        assert 'href="tel:116123"' in text_of(alice_client.get(HOME))
        assert "Not this week" not in text_of(alice_client.get(HOME))
        alice_client.post(reverse("help_seen"))
        assert "carry this alone" not in text_of(alice_client.get(HOME))

    def test_names_the_numbers_of_the_region(self, alice, alice_client):
        Patient.objects.update(emergency_region="us")
        page = text_of(alice_client.post(fill("phq_9"), HARM, follow=True))
        assert 'href="tel:988"' in page and "116123" not in page

    def test_is_shown_too_where_the_question_was_left_out(self, alice, alice_client):
        page = alice_client.post(fill("phq_9"), dict.fromkeys(list(PHQ_9)[:8], "0"), follow=True)
        assert "carry this alone" in text_of(page)

    def test_is_not_shown_after_a_no(self, alice, alice_client):
        assert "carry this alone" not in text_of(alice_client.post(fill("phq_9"), PHQ_9, follow=True))
        assert Patient.objects.get(pk=alice.patient.pk).help_shown_at is None

    def test_stays_reachable_from_the_answers(self, alice, alice_client):
        response = answer(alice, "phq_9", HARM)
        alice_client.post(reverse("help_seen"))
        assert "carry this alone" in text_of(alice_client.get(reverse("response_show", args=[response.uuid])))

    def test_waits_for_no_mail_and_no_queue(self, alice, alice_client, mailoutbox):
        alice_client.post(fill("phq_9"), HARM)
        assert mailoutbox == []


class TestResult:
    def test_tells_what_changed_since_last_time(self, alice, alice_client):
        answer(alice, at=MORNING - timedelta(days=7))
        now = answer(alice, answers={"pain": 4, "enjoyment": 4, "activity": 4})
        page = text_of(alice_client.get(reverse("response_show", args=[now.uuid])))
        assert "2.0 lower than last time (27 May 2026). A change of this size matters to most people." in page

    def test_compares_a_treatment_with_itself_alone(self, alice):
        one, other = attempt_of(alice), attempt_of(alice, own_words="Oil")
        first = answer(alice, "global_change", {"compared": 4}, attempt=one, at=MORNING - timedelta(days=28))
        answer(alice, "global_change", {"compared": 1}, attempt=other, at=MORNING - timedelta(days=1))
        assert questionnaires.before(answer(alice, "global_change", {"compared": 2}, attempt=one)) == first

    @pytest.mark.parametrize(("mood", "offers"), [((2, 1), True), ((1, 1), False)])
    def test_offers_the_phq_9_where_the_phq_2_reaches_3(self, alice, alice_client, mood, offers):
        sent = {"gad_1": "0", "gad_2": "0", "phq_1": mood[0], "phq_2": mood[1]}
        page = text_of(alice_client.post(fill("phq_4"), sent, follow=True))
        assert (f'href="{fill("phq_9")}"' in page) is offers

    def test_of_an_older_scoring_stands_as_it_was(self, alice, alice_client):
        response = answer(alice)
        QuestionnaireResponse.objects.update(scoring_version="0", scores={"mean": 5.5})
        page = text_of(alice_client.get(reverse("response_show", args=[response.uuid])))
        assert "5.5" in page and "6.0" not in page

    def test_can_be_deleted_after_a_question(self, alice, alice_client):
        url = reverse("response_delete", args=[answer(alice).uuid])
        assert "They are gone for good" in text_of(alice_client.get(url))
        assert QuestionnaireResponse.objects.exists()
        assert alice_client.post(url).status_code == 302
        assert not QuestionnaireResponse.objects.exists()

    @pytest.mark.parametrize("name", ["response_show", "response_delete"])
    def test_is_not_there_for_a_stranger(self, alice, charlie_client, name):
        url = reverse(name, args=[answer(alice).uuid])
        for response in (charlie_client.get(url), charlie_client.post(url)):
            assert response.status_code in (404, 405)
        assert QuestionnaireResponse.objects.count() == 1


class TestCourse:
    def test_holds_the_last_answers_of_each_day(self, alice):
        for hours, pain in ((50, 10), (3, 1), (2, 4)):
            answer(alice, answers=dict.fromkeys(PEG, pain), at=MORNING - timedelta(hours=hours))
        points = [Point(on=TODAY - timedelta(days=2), value=10.0), Point(on=TODAY, value=4.0)]
        assert questionnaires.course(alice.patient, "peg") == points
        assert questionnaires.course(alice.patient, "peg", first=TODAY) == points[1:]
        assert questionnaires.course(alice.patient, "peg", last=TODAY - timedelta(days=1)) == points[:1]

    def test_is_drawn_told_and_a_table(self, alice, alice_client):
        for days in (14, 7, 0):
            answer(alice, answers=dict.fromkeys(PEG, 3 + days // 7), at=MORNING - timedelta(days=days))
        page = text_of(alice_client.get(reverse("questionnaire_show", args=["peg"])))
        assert "PEG score on 3 days: first 5.0, last 3.0, between 3.0 and 5.0." in page
        assert page.count('class="course-point"') == 3 * 3
        assert page.count('<td class="number">') == 3

    def test_stands_on_the_timeline_with_its_days_alone(self, alice, alice_client):
        for days in (300, 7, 0):
            answer(alice, at=MORNING - timedelta(days=days))
        page = text_of(alice_client.get(reverse("timeline")))
        assert "PEG score on 2 days: first 6.0, last 6.0, between 6.0 and 6.0." in page

    def test_is_found_from_timeline_and_settings(self, alice, alice_client):
        for name in ("timeline", "settings_home"):
            assert f'href="{LIST}"' in text_of(alice_client.get(reverse(name)))

    def test_a_treatment_leads_to_the_question_about_it(self, alice, alice_client):
        attempt = attempt_of(alice, own_words="Kneading")
        link = f"{fill('global_change')}?attempt={attempt.uuid}"
        assert link in text_of(alice_client.get(reverse("attempt_detail", args=[attempt.uuid])))
        assert f'value="{attempt.uuid}" selected' in text_of(alice_client.get(link))

    def test_queries_do_not_grow(self, alice, alice_client):
        def n_queries(url):
            with CaptureQueriesContext(connection) as queries:
                assert alice_client.get(url).status_code == 200
            return len(queries)

        urls = [
            LIST,
            reverse("questionnaire_show", args=["global_change"]),
            reverse("questionnaire_show", args=["peg"]),
        ]
        answer(alice, at=MORNING - timedelta(days=100))
        answer(alice, "global_change", {"compared": 1}, attempt=attempt_of(alice))
        few = [n_queries(url) for url in urls]
        for days in range(1, 30):
            answer(alice, at=MORNING - timedelta(days=days))
            about = attempt_of(alice, own_words=str(days))
            answer(alice, "global_change", {"compared": 1}, attempt=about, at=MORNING - timedelta(days=days))
        assert [n_queries(url) for url in urls] == few

    def test_the_movement_is_that_of_the_rules(self):
        score = questionnaires.instrument_of("peg").main_score
        assert questionnaires.movement(score, earlier=7.0, now=4.9) is Movement.BETTER


@pytest.mark.once
def test_dana_answers_every_week_and_her_next_peg_is_due(db):
    dana = demo.make(at=MORNING)
    assert [point.on.weekday() for point in questionnaires.course(dana, "peg")] == [TODAY.weekday()] * 17
    assert len(questionnaires.course(dana, "phq_4")) == 4
    assert questionnaires.due(patient=dana, on=TODAY).key == "peg"
