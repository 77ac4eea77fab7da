"""The short alarm questions that go with an entry of much pain: service and pages."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments import services as checkups
from tests.conftest import client_for
from tests.engine.walking import CASES, walk
from tracker.models import AuditEvent, PainEntry, RedFlagScreen
from tracker.services import pain_log, red_flags

NOW = datetime(2026, 6, 3, 10, 42, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAGE, LATER, TODAY = reverse("red_flags"), reverse("red_flags_later"), reverse("today")
ALL_NO = {question.id: "no" for question in red_flags.questions()}
CARD = "Eight short questions show whether it should be looked at soon"
HOSTILE = ["", "maybe", "yes\x00", "\x00", "9" * 100_000, "<script>", "YES", "1"]
UUID_1 = UUID(int=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def log(person, nrs=8, *, ago=timedelta(0), at=None, source="web"):
    at = at or datetime.now(UTC)
    felt = {"felt_at": at - ago, "zone": "Europe/Berlin"}
    return pain_log.add(by=person.user, uuid=uuid4(), nrs=nrs, source=source, at=at, **felt)


def answered(person, *, at=NOW, uuid=None, **said):
    return red_flags.answer(by=person.user, uuid=uuid or uuid4(), answers=ALL_NO | said, at=at)


def is_due(person, at=None):
    felt = person.patient.pain_entries.values_list("nrs", "felt_at")
    return red_flags.is_due_after(patient=person.patient, felt=felt, at=at or datetime.now(UTC))


def result_of(person, level, at=NOW):
    answers = next(case["answers"] for case in CASES["case"] if case["level"] == level)
    checkup = checkups.start(by=person.user, at=at, known=walk(answers))
    return checkups.finish(by=person.user, uuid=checkup.uuid, at=at)


def text_of(response):
    return " ".join(response.content.decode().split())


class TestRefuses:
    @pytest.mark.parametrize("path", [PAGE, LATER, reverse("red_flags_done", args=[UUID_1])])
    def test_a_stranger_is_asked_to_log_in(self, client, db, path):
        assert client.get(path).status_code in (302, 405)
        assert client.post(path).status_code in (302, 405)
        assert not RedFlagScreen.objects.exists()

    def test_the_answers_of_another_are_not_there(self, alice, charlie_client):
        log(alice)
        screen = answered(alice, bladder_bowel="yes")
        response = charlie_client.get(reverse("red_flags_done", args=[screen.uuid]))
        assert response.status_code == 404
        assert str(screen.checkup) not in response.content.decode()

    def test_the_same_key_of_two_people_stays_apart(self, alice, charlie):
        for person in (alice, charlie):
            log(person)
        hers, his = answered(alice, uuid=UUID_1, hurt="yes"), answered(charlie, uuid=UUID_1)
        assert (hers.patient, his.patient) == (alice.patient, charlie.patient)
        assert hers.checkup and not his.checkup

    def test_an_entry_of_another_is_not_there(self, alice, charlie):
        entry = log(alice)
        with pytest.raises(red_flags.EntryNotThere):
            red_flags.answer(by=charlie.user, uuid=uuid4(), answers=ALL_NO, at=NOW, entry=entry.uuid)
        assert not RedFlagScreen.objects.exists()

    def test_a_log_without_an_entry_has_nothing_to_ask_about(self, alice, alice_client):
        with pytest.raises(red_flags.EntryNotThere):
            answered(alice)
        assert alice_client.get(PAGE).url == reverse("checkup:start")

    @pytest.mark.parametrize("answers", [{"nose": "yes"}, {"hurt": "maybe"}, {"hurt": None}, [], None], ids=ascii)
    def test_what_is_no_answer_is_refused(self, alice, answers):
        log(alice)
        with pytest.raises(red_flags.NoSuchAnswer):
            red_flags.answer(by=alice.user, uuid=uuid4(), answers=answers, at=NOW)
        assert not RedFlagScreen.objects.exists()

    def test_no_and_silence_is_not_all_no(self, alice):
        log(alice)
        some = {key: answer for key, answer in ALL_NO.items() if key not in ("hurt", "self_harm")}
        with pytest.raises(red_flags.ScreenIncomplete) as refused:
            red_flags.answer(by=alice.user, uuid=uuid4(), answers=some, at=NOW)
        assert refused.value.missing == ("hurt", "self_harm")

    def test_answers_are_not_changed_under_the_same_key(self, alice):
        log(alice)
        answered(alice, uuid=UUID_1)
        with pytest.raises(red_flags.ScreenAnswered):
            answered(alice, uuid=UUID_1, hurt="yes")
        assert not alice.user.assessments.exists()

    @pytest.mark.parametrize("answer", HOSTILE, ids=lambda answer: ascii(answer)[:20])
    def test_a_bad_answer_gets_words_and_is_not_kept(self, alice, alice_client, answer):
        log(alice)
        response = alice_client.post(PAGE, ALL_NO | {"hurt": answer})
        assert (response.status_code, 'class="errorlist"' in text_of(response)) == (422, True)
        assert not RedFlagScreen.objects.exists()

    @pytest.mark.parametrize("uuid", ["1", "\x00", "x" * 5000])
    def test_a_key_that_is_none_is_refused(self, alice, alice_client, uuid):
        log(alice)
        assert alice_client.post(PAGE, ALL_NO | {"uuid": uuid}).status_code == 422
        assert alice_client.post(LATER, {"uuid": uuid}).status_code in (302, 422)
        assert not RedFlagScreen.objects.exists()


class TestOff:
    """An operator who offers no check-up offers none of this."""

    @pytest.fixture(autouse=True)
    def off(self, settings):
        settings.EBB_CHECKUP = False

    @pytest.mark.parametrize(
        "path", [PAGE, LATER, reverse("red_flags_done", args=[UUID_1]), reverse("offline_red_flags")]
    )
    def test_no_page_is_there(self, alice, alice_client, path):
        log(alice, at=NOW)
        assert alice_client.get(path).status_code in (404, 405)
        assert alice_client.post(path).status_code in (404, 405)

    def test_nothing_is_offered(self, alice, alice_client):
        entry = log(alice)
        assert not is_due(alice)
        for page in (TODAY, reverse("bad_day")):
            shown = text_of(alice_client.get(page, {"entry": entry.uuid}))
            assert PAGE not in shown and "/checkup/" not in shown

    def test_nothing_is_kept(self, alice):
        log(alice)
        with pytest.raises(checkups.CheckupOff):
            answered(alice)
        with pytest.raises(checkups.CheckupOff):
            red_flags.put_off(by=alice.user, uuid=uuid4(), at=NOW)


class TestWhenTheyAreCalledFor:
    @pytest.mark.parametrize("nrs", [7, 10])
    def test_much_pain_calls_for_them(self, alice, nrs):
        log(alice, nrs)
        assert is_due(alice)

    def test_a_first_rating_below_7_does_not(self, alice):
        log(alice, 6)
        assert not is_due(alice)

    def test_a_rise_of_3_above_the_last_rating_does(self, alice):
        log(alice, 2, ago=DAY)
        log(alice, 5)
        assert is_due(alice)

    def test_a_slow_climb_of_3_above_the_usual_does(self, alice):
        for days_ago in (9, 8, 7, 6):
            log(alice, 2, ago=days_ago * DAY)
        for days_ago, nrs in ((3, 3), (1, 4), (0, 5)):
            log(alice, nrs, ago=days_ago * DAY)
        assert is_due(alice)

    def test_an_imported_entry_does_not(self, alice):
        log(alice, 9, source="import")
        assert not is_due(alice)

    @pytest.mark.parametrize("source", ["offline", "api", "web"])
    def test_an_entry_sent_later_does(self, alice, source):
        log(alice, 9, ago=70 * HOUR, source=source)
        log(alice, 3)
        assert is_due(alice)

    def test_an_entry_dated_back_far_does_not(self, alice):
        log(alice, 9, ago=4 * DAY)
        assert not is_due(alice)

    def test_an_entry_that_was_taken_back_does_not(self, alice):
        pain_log.remove(by=alice.user, entry=log(alice), at=NOW)
        assert not is_due(alice)

    def test_not_again_within_a_week_and_again_after_it(self, alice, clock):
        log(alice, 8)
        answered(alice)
        for days in (1, 3, 6.9):
            clock.move_to(NOW + timedelta(days=days))
            log(alice, 9)
            assert not is_due(alice), days
        clock.move_to(NOW + 7 * DAY)
        log(alice, 9)
        assert is_due(alice)

    def test_within_the_week_a_rise_of_3_since_then_calls_for_them_again(self, alice, clock):
        log(alice, 2, ago=DAY)
        log(alice, 5)
        answered(alice)
        clock.move_to(NOW + DAY)
        log(alice, 7)
        assert not is_due(alice)
        log(alice, 8)
        assert is_due(alice)

    def test_put_off_counts_like_answered(self, alice, clock):
        log(alice)
        red_flags.put_off(by=alice.user, uuid=uuid4(), at=NOW)
        clock.move_to(NOW + DAY)
        log(alice)
        assert not is_due(alice)

    @pytest.mark.parametrize("level", ["within_days", "same_day", "emergency"])
    def test_not_while_a_result_waits_for_a_clinician(self, alice, level):
        checkup = result_of(alice, level)
        log(alice)
        assert not is_due(alice)
        checkups.mark_seen_by_clinician(by=alice.user, uuid=checkup.uuid, at=NOW)
        assert is_due(alice)


class TestAnswers:
    def test_all_no_opens_nothing_and_is_written_down(self, alice):
        entry = log(alice)
        screen = answered(alice)
        assert (screen.checkup, screen.entry_uuid, screen.nrs, screen.answers) == (None, entry.uuid, 8, ALL_NO)
        assert AuditEvent.objects.filter(verb="answered", subject=f"red-flag questions {screen.uuid}").count() == 1
        assert not alice.user.assessments.exists()

    def test_a_certain_emergency_is_a_finished_result_at_once(self, alice):
        log(alice)
        screen = answered(alice, bladder_bowel="yes")
        assert alice.user.assessments.get(uuid=screen.checkup).level == "emergency"

    @pytest.mark.parametrize("answer", ["yes", "unsure"])
    def test_an_alarm_answer_opens_the_check_up_at_its_branch(self, alice, answer):
        log(alice)
        checkup = alice.user.assessments.get(uuid=answered(alice, weakness=answer).checkup)
        assert (checkup.answers, checkups.next_question(checkup).id) == ({"legs": answer}, "legs_weak")

    def test_what_was_answered_survives_the_next_answer_in_the_check_up(self, alice):
        log(alice)
        screen = answered(alice, hurt="yes", feverish="yes")
        checkup = checkups.answer(by=alice.user, uuid=screen.checkup, answers={"injury_severe": "no"})
        assert {"belly", "injury", "fever"} <= checkup.answers.keys()

    def test_unsure_where_it_does_not_count_opens_nothing(self, alice):
        log(alice)
        assert answered(alice, feverish="unsure").checkup is None

    def test_sent_again_it_is_the_same_and_opens_one_check_up(self, alice):
        log(alice)
        first, second = (answered(alice, uuid=UUID_1, hurt="yes") for _ in range(2))
        assert (first.pk, first.checkup) == (second.pk, second.checkup)
        assert alice.user.assessments.count() == 1

    def test_what_was_put_off_can_be_answered_under_the_same_key(self, alice):
        log(alice)
        red_flags.put_off(by=alice.user, uuid=UUID_1, at=NOW)
        assert answered(alice, uuid=UUID_1, at=NOW + HOUR).answers == ALL_NO
        assert alice.patient.red_flag_screens.get().answered_at == NOW + HOUR

    def test_what_was_answered_cannot_be_put_off(self, alice):
        log(alice)
        answered(alice, uuid=UUID_1)
        assert red_flags.put_off(by=alice.user, uuid=UUID_1, at=NOW).answers == ALL_NO


class TestToday:
    def test_says_nothing_on_a_quiet_day(self, alice, alice_client):
        log(alice, 4)
        assert CARD not in text_of(alice_client.get(TODAY))

    def test_offers_them_on_top_of_the_page(self, alice, alice_client):
        log(alice)
        page = text_of(alice_client.get(TODAY))
        assert page.index(CARD) < page.index("How is your pain right now?")

    def test_not_now_leaves_one_quiet_line_for_that_day(self, alice, alice_client, clock):
        log(alice)
        page = text_of(alice_client.post(LATER, {"uuid": str(uuid4())}, follow=True))
        assert (CARD in page, PAGE in page) == (False, True)
        clock.move_to(NOW + DAY)
        page = text_of(alice_client.get(TODAY))
        assert (CARD in page, PAGE in page) == (False, False)

    def test_shows_the_waiting_result_instead(self, alice, alice_client):
        checkup = result_of(alice, "within_days")
        log(alice)
        page = text_of(alice_client.get(TODAY))
        assert (CARD in page, reverse("checkup:result", args=[checkup.uuid]) in page) == (False, True)

    def test_leads_back_to_a_check_up_that_a_yes_has_opened(self, alice, alice_client):
        log(alice)
        screen = answered(alice, weakness="yes")
        assert reverse("checkup:question", args=[screen.checkup]) in text_of(alice_client.get(TODAY))

    def test_costs_no_query_on_a_quiet_day_and_few_with_much_pain(self, alice, alice_client, settings):
        counts = []
        log(alice, 2, ago=HOUR)
        for checkup_on, nrs in ((False, 2), (True, 2), (True, 8)):
            settings.EBB_CHECKUP = checkup_on
            log(alice, nrs)
            with CaptureQueriesContext(connection) as queries:
                alice_client.get(TODAY)
            counts.append(len([query for query in queries if "assessments" not in query["sql"]]))
        assert counts[0] == counts[1] == counts[2] - 1

    def test_a_bad_day_has_one_large_link_and_nothing_more(self, alice, alice_client):
        quiet, bad = log(alice, 2), log(alice, 8)
        page = text_of(alice_client.get(reverse("bad_day"), {"entry": bad.uuid}))
        assert (page.count(PAGE), CARD in page) == (1, False)
        alice.patient.pain_entries.filter(uuid=bad.uuid).delete()
        assert PAGE not in text_of(alice_client.get(reverse("bad_day"), {"entry": quiet.uuid}))


class TestThePage:
    def test_has_eight_questions_and_nothing_chosen(self, alice, alice_client):
        log(alice)
        page = text_of(alice_client.get(PAGE))
        assert (page.count("<fieldset"), page.count('type="radio"'), "checked" in page) == (8, 24, False)

    def test_names_the_question_that_was_left_out(self, alice, alice_client):
        log(alice)
        some = {key: answer for key, answer in ALL_NO.items() if key != "hurt"}
        response = alice_client.post(PAGE, some)
        assert (response.status_code, text_of(response).count('class="errorlist"')) == (422, 2)

    def test_one_yes_is_enough(self, alice, alice_client):
        log(alice)
        response = alice_client.post(PAGE, {"weakness": "yes"})
        assert response.url == reverse("checkup:question", args=[alice.user.assessments.get().uuid])

    def test_an_emergency_goes_straight_to_its_page(self, alice, alice_client):
        log(alice)
        page = text_of(alice_client.post(PAGE, ALL_NO | {"bladder_bowel": "yes"}, follow=True))
        assert 'href="tel:112"' in page
        assert "<nav" not in page

    def test_facts_that_ticks_answer_are_asked_first(self, alice, alice_client):
        log(alice)
        response = alice_client.post(PAGE, ALL_NO | {"hidden_illness": "yes"})
        assert response.url.endswith("?question=conditions")

    def test_all_no_ends_with_a_calm_line_and_what_to_watch_for(self, alice, alice_client):
        log(alice)
        page = text_of(alice_client.post(PAGE, ALL_NO, follow=True))
        assert "Nothing you answered calls for help right away" in page
        assert all(sign in page for sign in red_flags.safety_net())

    @pytest.mark.parametrize(("region", "number"), [("uk", "116123"), ("us", "988"), ("au", "131114")])
    def test_unsure_about_self_harm_shows_who_listens_where_the_patient_lives(
        self, alice, alice_client, region, number
    ):
        alice.patient.emergency_region = region
        alice.patient.save()
        log(alice)
        page = text_of(alice_client.post(PAGE, ALL_NO | {"self_harm": "unsure"}, follow=True))
        assert f'href="tel:{number}"' in page
        assert "calls for help right away" not in page

    def test_yes_to_self_harm_shows_it_with_the_next_question(self, alice, alice_client):
        log(alice)
        page = text_of(alice_client.post(PAGE, ALL_NO | {"self_harm": "yes"}, follow=True))
        assert 'href="tel:116123"' in page

    def test_sent_twice_it_leads_to_the_same_check_up(self, alice, alice_client):
        log(alice)
        said = ALL_NO | {"uuid": str(UUID_1), "weakness": "yes"}
        assert alice_client.post(PAGE, said).url == alice_client.post(PAGE, said).url
        assert alice.patient.red_flag_screens.count() == 1

    def test_answered_in_another_way_under_the_same_key_shows_what_was_answered(self, alice, alice_client):
        log(alice)
        answered(alice, uuid=UUID_1)
        response = alice_client.post(PAGE, ALL_NO | {"uuid": str(UUID_1), "weakness": "yes"})
        assert response.url == reverse("red_flags_done", args=[UUID_1])

    def test_remembers_what_was_said_and_asks_whether_somebody_has_seen_it(self, alice, alice_client, clock):
        log(alice)
        screen = answered(alice, weakness="yes")
        clock.move_to(NOW + 8 * DAY)
        log(alice)
        page = text_of(alice_client.get(PAGE))
        assert "new since 3 June" in page
        assert "You said yes on 3 June. Has a clinician seen you since?" in page
        checkups.finish(by=alice.user, uuid=screen.checkup, at=NOW)
        checkups.mark_seen_by_clinician(by=alice.user, uuid=screen.checkup, at=NOW + DAY)
        assert "You said yes on 3 June, and a clinician has seen you since." in text_of(alice_client.get(PAGE))

    def test_asks_the_same_of_the_database_after_one_screen_as_after_many(self, alice, alice_client):
        log(alice)
        counts = []
        for _ in range(2):
            answered(alice, hurt="yes")
            with CaptureQueriesContext(connection) as queries:
                alice_client.get(PAGE)
            counts.append(len(queries))
            for _ in range(4):
                answered(alice, weakness="unsure")
        assert counts[0] == counts[1]

    def test_answers_without_a_check_up_any_more_lead_to_the_start_of_one(self, alice, alice_client):
        log(alice)
        screen = answered(alice, hurt="yes")
        checkups.discard(by=alice.user, uuid=screen.checkup)
        assert alice_client.get(reverse("red_flags_done", args=[screen.uuid])).url == reverse("checkup:start")

    def test_put_off_questions_are_asked_when_their_page_is_opened(self, alice, alice_client):
        log(alice)
        screen = red_flags.put_off(by=alice.user, uuid=UUID_1, at=NOW)
        assert alice_client.get(reverse("red_flags_done", args=[screen.uuid])).url == PAGE
        assert str(UUID_1) in text_of(alice_client.get(PAGE))


def test_an_entry_saved_by_one_tap_offers_them_on_the_page_that_follows(alice):
    page = text_of(client_for(alice).post(reverse("entry_add"), {"uuid": str(uuid4()), "nrs": "9"}, follow=True))
    assert CARD in page
    assert PainEntry.objects.get().nrs == 9
