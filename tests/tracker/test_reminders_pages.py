import re
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.push_sink import Maker
from tests.tracker.announced import announce_advice
from tracker.models import Occurrence, Reminder
from tracker.services import answers, delivery, mail_stops, medicines, push_devices, reminders

BERLIN = ZoneInfo("Europe/Berlin")
SIX = datetime(2026, 6, 1, 6, tzinfo=BERLIN)  # a Monday
SEVEN = SIX + timedelta(hours=1)
FORM = {"kind": "medicine", "wall_time": "08:30", "weekdays": ["1", "3"], "channels": ["email"], "is_active": "on"}


@pytest.fixture(autouse=True)
def six_in_berlin():
    with time_machine.travel(SIX, tick=False) as traveller:
        yield traveller


@pytest.fixture
def moves(alice):
    return reminders.create(by=alice.user, kind="morning_moves", wall_time=time(7), at=SIX.astimezone(UTC))


class TestList:
    def test_asks_a_stranger_to_log_in(self, client, db):
        assert client.get(reverse("reminder_list")).status_code == 302

    def test_shows_the_next_send_in_the_patients_own_time(self, alice_client, moves):
        page = alice_client.get(reverse("reminder_list")).content.decode()
        assert "Mon 1 Jun" in page and "07:00" in page

    def test_holds_nothing_of_anyone_else(self, charlie_client, moves):
        assert str(moves.uuid) not in charlie_client.get(reverse("reminder_list")).content.decode()

    def test_asks_the_database_as_much_for_twenty_as_for_one(
        self, alice, alice_client, moves, django_assert_num_queries
    ):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as one:
            alice_client.get(reverse("reminder_list"))
        for hour in range(19):
            reminders.create(by=alice.user, kind="medicine", wall_time=time(hour), at=SIX)
        with django_assert_num_queries(len(one)):
            alice_client.get(reverse("reminder_list"))


class TestWays:
    """Of two reminders by mail, one goes to devices as well."""

    @pytest.fixture
    def logs(self, alice):
        at = SIX.astimezone(UTC)
        return reminders.create(by=alice.user, kind="log_pain", wall_time=time(8), channels="email,push", at=at)

    def foretold(self, client):
        page = client.get(reverse("reminder_list"))
        sends = {send.reminder.kind for _day, of_day in page.context["page"].upcoming for send, _moved in of_day}
        return sends, page.content.decode().count("It does not reach you now")

    def test_what_no_way_is_open_to_is_not_foretold(self, alice, alice_client, moves, logs):
        assert self.foretold(alice_client) == ({"morning_moves", "log_pain"}, 0)
        mail_stops.stop(patient=alice.patient, reason="bounced", words="550", at=SIX)
        assert self.foretold(alice_client) == (set(), 2)
        subscription = Maker().subscription | {"endpoint": "https://updates.push.services.mozilla.com/wpush/v2/one"}
        push_devices.put(by=alice.user, uuid=uuid4(), name="Phone", at=SIX, **subscription)
        assert self.foretold(alice_client) == ({"log_pain"}, 1)


class TestPause:
    @pytest.mark.parametrize(
        "sent",
        [
            pytest.param({"last_on": "2026-05-31"}, id="yesterday"),
            pytest.param({"last_on": "9999-12-31"}, id="without end"),
            pytest.param({"last_on": "0000-00-00"}, id="the year 0"),
            pytest.param({"last_on": "soon"}, id="no day"),
            pytest.param({"last_on": "\x00"}, id="a NUL"),
            pytest.param({"first_on": "2026-06-05"}, id="no last day"),
            pytest.param({"first_on": "2026-06-05", "last_on": "2026-06-04"}, id="it ends before it begins"),
            pytest.param({"first_on": "2026-05-05", "last_on": "2026-06-04"}, id="it began before today"),
            pytest.param({"first_on": "2026-02-30", "last_on": "2026-06-04"}, id="a day that no calendar has"),
        ],
    )
    def test_refuses_days_that_make_no_sense_in_words(self, alice, alice_client, moves, sent):
        answer = alice_client.post(reverse("reminder_list"), sent)
        assert (answer.status_code, "errorlist" in answer.content.decode()) == (422, True)
        assert "Your rest is not set yet" in answer.content.decode()  # above all, since its form stands far below
        alice.patient.refresh_from_db()
        assert alice.patient.paused_until is None

    def test_rests_over_a_holiday_and_can_be_ended(self, alice, alice_client, moves):
        alice_client.post(reverse("reminder_list"), {"first_on": "2026-06-02", "last_on": "2026-06-04"})
        alice.patient.refresh_from_db()
        assert (alice.patient.paused_from, alice.patient.paused_until) == (date(2026, 6, 2), date(2026, 6, 5))
        page = alice_client.get(reverse("reminder_list")).content.decode()
        assert "A rest to come: Tue 2 Jun to Thu 4 Jun" in page and "Fri 5 Jun" in page
        with time_machine.travel(SEVEN + timedelta(days=2), tick=False):
            form = alice_client.get(reverse("reminder_list")).context["page"].pause_form
            shown = {field.name: field.value() or "" for field in form if field.name != "covers_all"}
            assert alice_client.post(reverse("reminder_list"), shown | {"last_on": "2026-06-06"}).status_code == 302
            alice.patient.refresh_from_db()
            assert alice.patient.paused_until == date(2026, 6, 7)
        alice_client.post(reverse("pause_end"))
        alice.patient.refresh_from_db()
        assert alice.patient.paused_until is None

    def test_a_sick_day_is_one_tap_and_one_to_undo_it(self, alice, alice_client, moves):
        alice_client.post(reverse("sick_day"))
        assert "A sick day" in alice_client.get(reverse("reminder_list")).content.decode()
        alice_client.post(reverse("sick_day_end"))
        assert "A sick day" not in alice_client.get(reverse("reminder_list")).content.decode()


class TestAdd:
    @pytest.mark.parametrize(
        "broken",
        [
            pytest.param({"wall_time": ""}, id="no time"),
            pytest.param({"wall_time": "25:00"}, id="a time that does not exist"),
            pytest.param({"wall_time": "0" * 100_000}, id="a very long time"),
            pytest.param({"wall_time": "07:00\x00"}, id="a NUL"),
            pytest.param({"weekdays": []}, id="no day"),
            pytest.param({"weekdays": ["8"]}, id="an eighth day"),
            pytest.param({"weekdays": ["1", "٣"]}, id="a digit of another script"),
            pytest.param({"kind": "advice"}, id="a kind that is not asked for"),
            pytest.param({"kind": "nonsense"}, id="an unknown kind"),
        ],
    )
    def test_refuses_with_words(self, alice_client, broken):
        answer = alice_client.post(reverse("reminder_add"), FORM | broken)
        assert answer.status_code == 422
        assert "errorlist" in answer.content.decode()
        assert not Reminder.objects.exists()

    def test_says_what_to_choose_and_keeps_what_was_chosen(self, alice_client):
        sent = {"kind": "log_pain", "wall_time": "25:61", "repeat_minutes": "120", "is_active": "on"}
        page = alice_client.post(reverse("reminder_add"), sent).content.decode()
        assert "This field is required" not in page
        for words in ("Choose a time, such as 07:30", "Choose at least one day", "Choose at least one way"):
            assert words in page
        assert 'value="25:61"' in page and "<details open>" in page
        assert re.search(r'value="120"\s+selected', page)

    def test_refuses_a_second_morning_in_words(self, alice_client, moves):
        answer = alice_client.post(reverse("reminder_add"), FORM | {"kind": "morning_moves"})
        assert (answer.status_code, Reminder.objects.count()) == (422, 1)
        assert "already" in answer.content.decode()

    def test_keeps_the_chosen_days_and_plans_at_once(self, alice_client):
        assert alice_client.post(reverse("reminder_add"), FORM).status_code == 302
        reminder = Reminder.objects.get()
        assert (reminder.kind, reminder.wall_time, reminder.weekdays) == ("medicine", time(8, 30), "13")
        assert reminder.occurrences.get().due_at.astimezone(BERLIN).time() == time(8, 30)

    def test_tapped_twice_it_is_one_and_at_another_time_another(self, alice_client):
        for _ in range(2):
            assert alice_client.post(reverse("reminder_add"), FORM).status_code == 302
        assert Reminder.objects.count() == 1
        for other in ({"wall_time": "20:30"}, {"weekdays": ["2"]}, {"kind": "log_pain"}):
            alice_client.post(reverse("reminder_add"), FORM | other)
        assert Reminder.objects.count() == 4

    def test_offers_no_kind_that_is_there_already_and_of_which_one_is_enough(self, alice_client, moves):
        page = alice_client.get(reverse("reminder_add")).content.decode()
        assert 'value="morning_moves"' not in page and 'value="medicine"' in page
        assert "change it in the list" in page


class TestEdit:
    def test_of_another_patient_is_not_found_and_changes_nothing(self, charlie_client, moves):
        address = reverse("reminder_edit", args=[moves.uuid])
        assert [charlie_client.get(address).status_code, charlie_client.post(address, FORM).status_code] == [404, 404]
        moves.refresh_from_db()
        assert moves.wall_time == time(7)

    def test_moves_the_time(self, alice_client, moves):
        alice_client.post(reverse("reminder_edit", args=[moves.uuid]), FORM)
        moves.refresh_from_db()
        assert (moves.wall_time, moves.weekdays, moves.kind) == (time(8, 30), "13", "morning_moves")

    def test_keeps_minutes_that_an_app_chose_and_no_list_offers(self, alice_client, moves):
        Reminder.objects.update(repeat_minutes=40, window_minutes=45)
        address = reverse("reminder_edit", args=[moves.uuid])
        shown = alice_client.get(address).content.decode()
        chosen = dict(re.findall(r'<select name="(\w+)".*?value="(\d*)" selected', shown, re.S))
        assert alice_client.post(address, FORM | chosen).status_code == 302
        moves.refresh_from_db()
        assert (moves.wall_time, moves.repeat_minutes, moves.window_minutes) == (time(8, 30), 40, 45)

    def test_of_news_about_treatments_has_a_way_but_no_time(self, alice, alice_client):
        advice = announce_advice(alice, at=SIX).reminder
        address = reverse("reminder_edit", args=[advice.uuid])
        assert "wall_time" not in alice_client.get(address).content.decode()
        assert alice_client.post(address, {"channels": ["email"]}).status_code == 302
        advice.refresh_from_db()
        assert not advice.is_active


class TestDelete:
    def test_of_another_patient_is_not_found_and_changes_nothing(self, charlie_client, moves):
        assert charlie_client.post(reverse("reminder_delete", args=[moves.uuid])).status_code == 404
        assert Reminder.objects.exists()

    def test_asks_first(self, alice_client, moves):
        assert "Delete" in alice_client.get(reverse("reminder_delete", args=[moves.uuid])).content.decode()
        assert Reminder.objects.exists()

    def test_names_the_medicine_of_which_there_may_be_several_at_that_time(self, alice, alice_client):
        drug = medicines.add_medicine(by=alice.user, uuid=uuid4(), at=SIX, on=SIX.date(), name="Naproxen")
        reminder = reminders.create(by=alice.user, kind="medicine", wall_time=time(9), medicine=drug, at=SIX)
        page = alice_client.get(reverse("reminder_delete", args=[reminder.uuid])).content.decode()
        assert "Take my medicine: <bdi>Naproxen</bdi>, 09:00" in page

    def test_keeps_a_name_from_turning_what_stands_beside_it(self, alice, alice_client):
        drug = medicines.add_medicine(by=alice.user, uuid=uuid4(), at=SIX, on=SIX.date(), name="דיקלופנק")
        reminders.create(by=alice.user, kind="medicine", wall_time=time(9), medicine=drug, at=SIX)
        page = alice_client.get(reverse("reminder_list")).content.decode()
        assert page.count("<bdi>דיקלופנק</bdi>") >= 2

    def test_then_does_it(self, alice_client, moves):
        alice_client.post(reverse("reminder_delete", args=[moves.uuid]))
        assert not Reminder.objects.exists()


@pytest.fixture
def anyone():
    """Whoever opens the mail: no log-in, no cookie, and every check on forms in force."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def mailed(moves, six_in_berlin):
    """The morning mail has gone out; an address for each of its answers."""
    six_in_berlin.move_to(SEVEN)
    delivery.drain(clock=lambda: SEVEN.astimezone(UTC))
    row = moves.occurrences.get(local_date=date(2026, 6, 1))
    tokens = answers.link_tokens(occurrence=row, actions=["done", "snoozed", "skipped"], n_send=1)
    return {action: reverse("reminder_act", args=[token]) for action, token in tokens.items()}


class TestLinksFromMail:
    @pytest.mark.parametrize(
        "token", ["nonsense", "a:b:c", "x" * 3000, "WzEsImRvbmUiLDFd:1w:forged", "%00", "%ED%A0%80"]
    )
    def test_what_ebb_did_not_sign_is_not_found(self, anyone, db, token):
        assert anyone.get(f"/r/{token}/").status_code == 404
        assert anyone.post(f"/r/{token}/").status_code == 404

    @pytest.mark.parametrize("action", ["done", "snoozed", "skipped"])
    def test_looking_changes_nothing_however_often(self, anyone, mailed, action):
        before = list(Occurrence.objects.values())
        for _ in range(20):
            assert anyone.get(mailed[action]).status_code == 200
        assert list(Occurrence.objects.values()) == before

    @pytest.mark.parametrize("action", ["done", "snoozed", "skipped"])
    def test_acts_once_without_log_in(self, anyone, mailed, action):
        assert f'href="{reverse("today")}">Open Ebb' in anyone.post(mailed[action]).content.decode()
        assert Occurrence.objects.get(local_date=date(2026, 6, 1)).response == action
        assert anyone.post(mailed[action]).status_code == 410
        assert anyone.get(mailed[action]).status_code == 410

    def test_ends_with_the_local_day(self, anyone, mailed, six_in_berlin):
        six_in_berlin.move_to(datetime(2026, 6, 2, 0, 0, 1, tzinfo=BERLIN))
        assert [anyone.get(mailed["done"]).status_code, anyone.post(mailed["done"]).status_code] == [410, 410]

    def test_done_is_seen_on_the_page_of_moves(self, anyone, alice_client, mailed):
        anyone.post(mailed["done"])
        assert "Monday: done" in alice_client.get(reverse("moves")).content.decode()

    def test_says_nothing_about_health_or_the_person_and_lets_the_address_go_nowhere(self, anyone, mailed):
        for answer in (anyone.get(mailed["done"]), anyone.post(mailed["done"]), anyone.get(mailed["done"])):
            page = re.sub(r"<[^>]*>", " ", answer.content.decode().lower())
            assert not any(word in page for word in ("pain", "moves", "alice", "medicine", "treatment"))
            assert answer["Referrer-Policy"] == "no-referrer"
            assert answer["Cache-Control"] == "no-store"
            assert not answer.cookies

    def test_signs_nobody_in(self, anyone, mailed):
        anyone.post(mailed["done"])
        assert anyone.get(reverse("reminder_list")).status_code == 302


class TestAnswersFromMail:
    def test_later_asks_when_and_comes_then(self, anyone, mailed):
        page = anyone.get(mailed["snoozed"]).content.decode()
        assert all(words in page for words in ("in 10 minutes", "in 30 minutes", "in 1 hour", "in 2 hours"))
        assert "in 2 hours" in anyone.post(mailed["snoozed"], {"minutes": "120"}).content.decode()
        row = Occurrence.objects.get(local_date=date(2026, 6, 1))
        assert row.due_at == SEVEN + timedelta(hours=2)

    @pytest.mark.parametrize("minutes", ["11", "-10", "NaN", "9" * 5000, "\x00"])
    def test_another_time_is_refused_in_words(self, anyone, mailed, minutes):
        answer = anyone.post(mailed["snoozed"], {"minutes": minutes})
        assert (answer.status_code, "Choose one of these" in answer.content.decode()) == (400, True)
        assert not Occurrence.objects.get(local_date=date(2026, 6, 1)).response

    @pytest.mark.parametrize("action", ["done", "snoozed", "skipped"])
    def test_can_be_taken_back_at_once_and_then_works_again(self, anyone, mailed, action):
        assert "Undo" in anyone.post(mailed[action]).content.decode()
        assert "Taken back" in anyone.post(mailed[action], {"undo": "1"}).content.decode()
        assert Occurrence.objects.get(local_date=date(2026, 6, 1)).response == ""
        assert anyone.post(mailed[action], {"undo": "1"}).status_code == 410
        assert anyone.get(mailed[action]).status_code == 200

    def test_of_a_dose_left_out_it_says_what_follows_and_not_that_it_is_fine(self, alice, anyone, six_in_berlin):
        reminder = reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=SIX)
        six_in_berlin.move_to(SEVEN)
        delivery.drain(clock=lambda: SEVEN.astimezone(UTC))
        row = reminder.occurrences.get(local_date=date(2026, 6, 1))
        tokens = answers.link_tokens(occurrence=row, actions=["skipped", "done"], n_send=1)
        skipped, done = (reverse("reminder_act", args=[tokens[action]]) for action in ("skipped", "done"))
        page = anyone.post(skipped).content.decode()
        assert "This reminder does not come again before its next day." in page and "fine" not in page
        anyone.post(skipped, {"undo": "1"})
        assert "for today" not in anyone.post(done).content.decode()  # another dose may be due later

    @pytest.fixture
    def score(self, alice, six_in_berlin):
        reminder = reminders.create(by=alice.user, kind="log_pain", wall_time=time(7), at=SIX)
        six_in_berlin.move_to(SEVEN)
        delivery.drain(clock=lambda: SEVEN.astimezone(UTC))
        row = reminder.occurrences.get(local_date=date(2026, 6, 1))
        return reverse("reminder_act", args=[answers.link_tokens(occurrence=row, actions=["score"], n_send=1)["score"]])

    def test_a_number_is_logged_once(self, alice, anyone, score):
        assert anyone.get(score).content.decode().count('name="nrs"') == 11
        assert not alice.patient.pain_entries.exists()
        assert "Your number is 3" in anyone.post(score, {"nrs": "3"}).content.decode()
        assert [anyone.post(score, {"nrs": "4"}).status_code, anyone.get(score).status_code] == [410, 410]
        assert [(e.nrs, e.source) for e in alice.patient.pain_entries.all()] == [(3, "mail")]

    @pytest.mark.parametrize("nrs", ["", "11", "-1", "3.5", "NaN", "٣ ", "9" * 5000, "\x00"])
    def test_what_is_no_such_number_is_refused_in_words(self, alice, anyone, score, nrs):
        answer = anyone.post(score, {"nrs": nrs})
        if nrs.strip() != "٣":
            assert (answer.status_code, "Choose one of these" in answer.content.decode()) == (400, True)
            assert not alice.patient.pain_entries.exists()

    def test_much_pain_leads_to_the_questions_that_matter_now(self, anyone, score):
        assert reverse("red_flags") in anyone.post(score, {"nrs": "9"}).content.decode()


class TestZone:
    def ask(self, client, zone):
        return client.post(reverse("zone_device"), {"zone": zone})

    @pytest.mark.parametrize("name", ["zone_device", "zone_keep", "zone_follow"])
    def test_a_stranger_and_a_mere_look_change_nothing(self, alice, client, alice_client, name):
        assert client.post(reverse(name), {"zone": "Asia/Tokyo"}).status_code == 302
        assert alice_client.get(reverse(name)).status_code == 405
        alice.patient.refresh_from_db()
        assert alice.patient.zone == "Europe/Berlin"

    @pytest.mark.parametrize("zone", ["", "Mars/Olympus", "x" * 5000, "\x00", "<script>"])
    def test_an_impossible_zone_gets_an_answer(self, alice, alice_client, zone):
        assert self.ask(alice_client, zone).status_code == 400
        for name in ("zone_keep", "zone_follow"):
            answer = alice_client.post(reverse(name), {"zone": zone}, follow=True)
            assert "does not know that zone" in answer.content.decode()
        alice.patient.refresh_from_db()
        assert (alice.patient.zone, alice.patient.follows_device) == ("Europe/Berlin", False)

    def test_at_home_nothing_is_asked(self, alice_client):
        assert self.ask(alice_client, "Europe/Berlin").status_code == 204

    def test_away_the_three_ways_are_offered_and_once_kept_no_more(self, alice_client):
        card = self.ask(alice_client, "Asia/Tokyo").content.decode()
        assert all(reverse(name) in card for name in ("zone_keep", "zone_confirm", "zone_follow"))
        assert "13:00" in card and "06:00" in card
        alice_client.post(reverse("zone_keep"), {"zone": "Asia/Tokyo"})
        assert self.ask(alice_client, "Asia/Tokyo").status_code == 204

    def test_before_the_clocks_part_it_says_on_which_day_they_do(self, alice, alice_client, six_in_berlin):
        assert self.ask(alice_client, "Africa/Johannesburg").status_code == 204
        six_in_berlin.move_to(datetime(2026, 10, 20, 6, tzinfo=BERLIN))
        alice_client.force_login(alice.user)
        card = self.ask(alice_client, "Africa/Johannesburg").content.decode()
        assert "It is 06:00 in both now, but not from Sunday 25 October on." in card and "where it is" not in card

    def test_following_the_clock_goes_along(self, alice, alice_client):
        alice_client.post(reverse("zone_follow"), {"zone": "Asia/Tokyo"})
        assert self.ask(alice_client, "Asia/Seoul").status_code == 204  # the same clock under another name
        assert self.ask(alice_client, "America/New_York").status_code == 204
        alice.patient.refresh_from_db()
        assert alice.patient.zone == "America/New_York"
        assert "New_York" in alice_client.get(reverse("today")).content.decode()


class TestHistory:
    def test_tells_in_the_patients_words_why_one_did_not_come(self, alice, alice_client, moves, six_in_berlin):
        late = SEVEN + timedelta(hours=3)
        six_in_berlin.move_to(late)
        delivery.drain(clock=lambda: late.astimezone(UTC))
        page = alice_client.get(reverse("reminder_list")).content.decode()
        assert "1 reminder did not reach you" in page and "Ebb could not send it in time" in page

    def test_never_shows_what_a_mail_server_said(self, alice_client, moves):
        said = "recipient: 550 alice@example.org is unknown to mx7.internal"
        Occurrence.objects.filter(local_date=date(2026, 6, 1)).update(state="failed", because=said, due_at=SIX)
        page = alice_client.get(reverse("reminder_list")).content.decode()
        assert "did not take mail for your address" in page and "mx7" not in page


class TestWords:
    def test_are_neutral_until_the_box_is_ticked(self, alice, alice_client, moves):
        for sent, says_more in (({"says_more": "on"}, True), ({}, False)):
            alice_client.post(reverse("mail_words"), sent)
            alice.patient.refresh_from_db()
            assert alice.patient.says_more is says_more


class TestUnsubscribe:
    def test_a_key_that_is_nobodys_is_not_found(self, anyone, db):
        assert [anyone.get("/unsubscribe/no/").status_code, anyone.post("/unsubscribe/no/").status_code] == [404, 404]

    def test_a_scanner_that_opens_the_link_a_hundred_times_stops_nothing(self, anyone, moves):
        for _ in range(100):
            anyone.get(reverse("unsubscribe", args=[moves.unsubscribe_key]))
        moves.refresh_from_db()
        assert moves.unsubscribed_at is None

    def test_one_click_stops_it_without_log_in_or_cookie(self, anyone, moves, mailoutbox):
        address = reverse("unsubscribe", args=[moves.unsubscribe_key])
        assert anyone.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
        reminders.plan(at=SEVEN + timedelta(days=2))
        delivery.drain(clock=lambda: (SEVEN + timedelta(days=2)).astimezone(UTC))
        assert mailoutbox == []

    def test_again_is_as_good_as_once(self, anyone, moves):
        address = reverse("unsubscribe", args=[moves.unsubscribe_key])
        assert [anyone.post(address).status_code for _ in range(3)] == [200, 200, 200]
