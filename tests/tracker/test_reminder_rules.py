"""What holds a reminder back, moves it, or sends it once more."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend

from tests.tracker.announced import announce_advice
from tests.tracker.reminding import DAY, EVENING, HOUR, MINUTE, MORNING, SEVEN, TODAY, drain, link, row_of, state, wish
from tracker.models import Occurrence, Reminder
from tracker.services import (
    accounts,
    answers,
    appointments,
    delivery,
    exercises,
    medicines,
    pauses,
    questionnaires,
    reminders,
    send_rules,
)
from tracker.services.outlook import Outlook

State = Occurrence.State


class TestHow:
    @pytest.mark.parametrize(
        ("kind", "how", "refusal"),
        [
            pytest.param("medicine", {"window_minutes": 61}, reminders.WindowOutOfRange, id="a dose too late"),
            pytest.param("morning_moves", {"window_minutes": 121}, reminders.WindowOutOfRange, id="moves at noon"),
            pytest.param("log_pain", {"window_minutes": 9}, reminders.WindowOutOfRange, id="a window too short"),
            pytest.param(
                "medicine", {"repeat_minutes": 60}, reminders.RepeatOutOfRange, id="again when it is too late"
            ),
            pytest.param("log_pain", {"repeat_minutes": 241}, reminders.RepeatOutOfRange, id="again after hours"),
            pytest.param("log_pain", {"repeat_minutes": 5}, reminders.RepeatOutOfRange, id="again at once"),
        ],
    )
    def test_refuses_what_helps_nobody(self, alice, kind, how, refusal):
        with pytest.raises(refusal):
            wish(alice, kind, **how)
        assert not Reminder.objects.exists()

    def test_a_medicine_goes_with_a_reminder_to_take_it(self, alice, tablets):
        with pytest.raises(reminders.NotForAMedicine):
            wish(alice, "log_pain", medicine=tablets)

    def test_a_medicine_of_somebody_else_is_refused(self, charlie, tablets):
        with pytest.raises(reminders.NotForAMedicine):
            wish(charlie, "medicine", medicine=tablets)

    def test_a_shorter_window_ends_sooner(self, alice, mailoutbox):
        moves = wish(alice, window_minutes=15)
        drain(SEVEN + 15 * MINUTE)
        assert state(moves)[0] == State.SKIPPED_LATE


class TestRepeat:
    def test_comes_once_more_as_a_numbered_send_if_nothing_is_done(self, alice, mailoutbox):
        moves = wish(alice, repeat_minutes=30)
        sent = [drain(SEVEN + n * MINUTE) for n in (0, 29, 30, 60, 90)]
        assert (sent, row_of(moves).n_sends) == ([1, 0, 1, 0, 0], 2)
        assert len({m.extra_headers["Message-ID"] for m in mailoutbox}) == 2

    @pytest.mark.parametrize("action", ["done", "skipped"])
    def test_an_answer_is_enough(self, alice, mailoutbox, action):
        moves = wish(alice, repeat_minutes=30)
        drain(SEVEN)
        answers.follow_link(link=link(moves, action), at=SEVEN + MINUTE)
        assert (drain(SEVEN + 30 * MINUTE), state(moves)) == (0, (State.SENT, ""))

    def test_what_is_done_without_an_answer_is_enough_too(self, alice, mailoutbox):
        moves = wish(alice, repeat_minutes=30)
        drain(SEVEN)
        exercises.record(by=alice.user, on=TODAY, exercises_done=["bridge"], pain_during=1, at=SEVEN + MINUTE)
        assert (drain(SEVEN + 30 * MINUTE), state(moves)) == (0, (State.SENT, ""))

    def test_an_outage_over_its_time_leaves_the_first_one_sent(self, alice, mailoutbox):
        moves = wish(alice, repeat_minutes=30)
        drain(SEVEN)
        assert (drain(SEVEN + 3 * HOUR), state(moves)) == (0, (State.SENT, ""))

    def test_is_left_out_in_a_flare(self, alice, mailoutbox):
        wish(alice, repeat_minutes=30)
        pauses.begin_flare(by=alice.user, at=MORNING)
        assert [drain(SEVEN), drain(SEVEN + 30 * MINUTE)] == [1, 0]
        assert "As little as you like" in mailoutbox[0].body

    @pytest.mark.parametrize(("asked_for", "n"), [(False, 0), (True, 1)])
    def test_a_flare_after_the_first_one_leaves_the_second_out_unless_it_was_asked_for(
        self, alice, mailoutbox, asked_for, n
    ):
        moves = wish(alice, repeat_minutes=30)
        drain(SEVEN)
        if asked_for:
            answers.follow_link(link=link(moves, "snoozed"), at=SEVEN + MINUTE, said=answers.Said(minutes=30))
        pauses.begin_flare(by=alice.user, at=SEVEN + 2 * MINUTE)
        foretold = Outlook(patient=alice.patient, at=SEVEN + 3 * MINUTE).upcoming()
        assert [send.is_repeat for send in foretold if send.local_date == TODAY] == [True] * n
        assert (drain(SEVEN + 40 * MINUTE), state(moves)) == (n, (State.SENT, ""))

    def test_a_dose_noted_just_before_its_time_or_after_the_mail_is_not_asked_for(self, alice, tablets, mailoutbox):
        reminder = wish(alice, "medicine", medicine=tablets, repeat_minutes=30)
        drain(SEVEN)
        medicines.take(by=alice.user, uuid=uuid.uuid4(), medicine=tablets, at=SEVEN + 10 * MINUTE)
        assert (drain(SEVEN + 30 * MINUTE), state(reminder)[0]) == (0, State.SENT)

    def test_a_dose_of_the_evening_before_says_nothing_of_the_morning(self, alice, tablets, mailoutbox):
        wish(alice, "medicine", medicine=tablets)
        medicines.take(by=alice.user, uuid=uuid.uuid4(), medicine=tablets, at=SEVEN - 9 * HOUR)
        assert drain(SEVEN) == 1


class TestTwoADay:
    def test_of_three_log_reminders_the_third_is_left_out(self, alice, mailoutbox):
        wishes = [wish(alice, "log_pain", time(hour), skips_if_done=False) for hour in (7, 12, 17)]
        sent = [drain(SEVEN + n * HOUR) for n in (0, 5, 10)]
        assert (sent, state(wishes[2])) == ([1, 1, 0], (State.SUPPRESSED, send_rules.ENOUGH))

    def test_never_holds_for_medicine(self, alice, mailoutbox):
        for hour in (7, 12, 17):
            wish(alice, "medicine", time(hour))
        assert [drain(SEVEN + n * HOUR) for n in (0, 5, 10)] == [1, 1, 1]

    def test_a_dose_can_be_put_off_more_than_once(self, alice, mailoutbox):
        reminder = wish(alice, "medicine")
        at = SEVEN
        for n_send in (1, 2, 3):
            drain(at)
            answers.follow_link(link=link(reminder, "snoozed", n_send), at=at, said=answers.Said(minutes=10))
            at += 10 * MINUTE
        assert (drain(at), row_of(reminder).n_sends) == (1, 4)


class TestTwelveHours:
    def test_a_later_time_today_comes_the_same_day_and_not_too_soon_after_yesterdays(self, alice, mailoutbox):
        moves = wish(alice, wall_time=time(22))
        at_ten = datetime(2026, 6, 1, 20, tzinfo=UTC)
        drain(at_ten)
        reminders.change(by=alice.user, reminder=moves, wall_time=time(7), at=at_ten + HOUR)
        assert [drain(SEVEN + DAY), drain(at_ten + 12 * HOUR)] == [0, 1]

    def test_a_date_on_which_nothing_came_has_its_reminder_after_all(self, alice, mailoutbox):
        moves = wish(alice)
        drain(SEVEN + 3 * HOUR)
        assert state(moves)[0] == State.SKIPPED_LATE
        reminders.change(by=alice.user, reminder=moves, wall_time=time(11), at=SEVEN + 3 * HOUR)
        assert (drain(SEVEN + 4 * HOUR), state(moves)[0]) == (1, State.SENT)


class TestPauses:
    @pytest.mark.parametrize(
        ("kind", "covers_all", "n"),
        [
            pytest.param("morning_moves", False, 0, id="moves rest"),
            pytest.param("medicine", False, 1, id="medicine goes on"),
            pytest.param("medicine", True, 0, id="medicine rests if the patient says so"),
        ],
    )
    def test_a_holiday(self, alice, mailoutbox, kind, covers_all, n):
        wish(alice, kind)
        pauses.holiday(by=alice.user, first_on=TODAY, last_on=TODAY, at=MORNING, covers_all=covers_all)
        assert (drain(SEVEN), drain(SEVEN + DAY)) == (n, 1)

    def test_a_holiday_to_come_holds_nothing_today(self, alice, mailoutbox):
        wish(alice)
        tomorrow = TODAY + DAY
        pauses.holiday(by=alice.user, first_on=tomorrow, last_on=tomorrow, at=MORNING)
        assert (drain(SEVEN), drain(SEVEN + DAY), drain(SEVEN + 2 * DAY)) == (1, 0, 0)
        reminders.plan(at=SEVEN + DAY)
        assert drain(SEVEN + 2 * DAY) == 1

    def test_a_sick_day_keeps_a_holiday_that_is_planned(self, alice):
        day = TODAY + 7 * DAY
        pauses.holiday(by=alice.user, first_on=day, last_on=day, at=MORNING)
        patient = pauses.sick_day(by=alice.user, at=MORNING)
        now = pauses.standing(patient=patient, on=TODAY)
        assert (now.is_sick_today, now.is_coming, now.first_on) == (True, True, day)

    def test_undone_within_the_window_the_reminder_still_comes(self, alice, mailoutbox):
        moves = wish(alice)
        pauses.sick_day(by=alice.user, at=MORNING)
        drain(SEVEN)
        pauses.not_sick(by=alice.user, at=SEVEN + HOUR)
        assert (drain(SEVEN + HOUR), state(moves)[0]) == (1, State.SENT)

    def test_undone_after_it_the_day_stays_as_it_was(self, alice, mailoutbox):
        moves = wish(alice)
        pauses.sick_day(by=alice.user, at=MORNING)
        drain(SEVEN)
        pauses.not_sick(by=alice.user, at=SEVEN + 3 * HOUR)
        assert (drain(SEVEN + 3 * HOUR), state(moves)) == (0, (State.SUPPRESSED, "paused"))

    @pytest.mark.parametrize(
        ("first_on", "last_on"),
        [
            pytest.param(TODAY - DAY, TODAY, id="from yesterday"),
            pytest.param(TODAY + DAY, TODAY, id="ends before it begins"),
            pytest.param(TODAY, TODAY + timedelta(days=400), id="longer than a year"),
        ],
    )
    def test_refuses(self, alice, first_on, last_on):
        with pytest.raises(pauses.PauseOutOfRange):
            pauses.holiday(by=alice.user, first_on=first_on, last_on=last_on, at=MORNING)

    def test_a_call_for_help_rests_the_moves_and_not_the_medicine(self, alice, mailoutbox):
        moves = wish(alice)
        wish(alice, "medicine")
        alice.patient.help_shown_at = MORNING
        alice.patient.save()
        assert (drain(SEVEN), state(moves)) == (1, (State.SUPPRESSED, "paused after a check-up"))


class TestOnlyIfDue:
    def test_weekly_questions_come_when_some_are_due_and_once_a_week(self, alice, mailoutbox, monkeypatch):
        due_from = TODAY + DAY
        monkeypatch.setattr(questionnaires, "due", lambda *, patient, on: "peg" if on >= due_from else None)
        asks = wish(alice, "questions")
        sent = []
        for n in range(10):
            reminders.plan(at=SEVEN + n * DAY)
            sent.append(drain(SEVEN + n * DAY))
        assert sent == [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
        assert state(asks) == (State.SUPPRESSED, "nothing due")

    def test_once_a_week_holds_when_the_clocks_go_forward_in_between(self, alice, mailoutbox, monkeypatch):
        monkeypatch.setattr(questionnaires, "due", lambda *, patient, on: "peg")
        winter = datetime(2026, 3, 24, 6, tzinfo=UTC)  # seven o'clock in Berlin, as five in the week after
        asks = wish(alice, "questions", at=winter - HOUR, weekdays={2})
        assert drain(winter) == 1
        reminders.plan(at=winter + 7 * DAY - 2 * HOUR)
        assert drain(winter + 7 * DAY - HOUR) == 1
        assert row_of(asks, date(2026, 3, 31)).sent_at == winter + 7 * DAY - HOUR

    def test_a_check_up_again_only_when_the_last_result_says_so(self, alice, mailoutbox):
        again = wish(alice, "check_up")
        assert (drain(SEVEN), state(again)) == (0, (State.SUPPRESSED, "nothing due"))


class TestQuietHours:
    def test_news_that_waits_for_their_end_comes_when_they_end_sooner(self, alice):
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(9))
        row = announce_advice(alice, at=datetime(2026, 6, 1, 21, tzinfo=UTC))
        assert row.due_at == datetime(2026, 6, 2, 7, tzinfo=UTC)
        night = datetime(2026, 6, 1, 22, tzinfo=UTC)
        accounts.change_settings(by=alice.user, at=night, quiet_from=time(22), quiet_until=time(8))
        row.refresh_from_db()
        assert (row.due_at, row.local_date) == (datetime(2026, 6, 2, 6, tzinfo=UTC), date(2026, 6, 2))

    def test_a_mail_before_a_visit_moves_with_them(self, alice):
        starts_at = datetime(2026, 6, 4, 5, 30, tzinfo=UTC)
        said = {"starts_at": starts_at, "zone": "Europe/Berlin", "remind_before": 120}
        visit = appointments.add(by=alice.user, uuid=uuid.uuid4(), at=MORNING, **said)
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(8))
        row = Occurrence.objects.get(appointment=visit)
        assert row.due_at < datetime(2026, 6, 3, 20, tzinfo=UTC)
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=None, quiet_until=None)
        assert Occurrence.objects.get(appointment=visit).due_at == starts_at - 2 * HOUR

    def test_a_row_that_waits_for_their_end_goes_once_they_are_gone(self, alice, mailoutbox):
        moves = wish(alice)
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(8))
        drain(SEVEN)
        accounts.change_settings(by=alice.user, at=SEVEN + MINUTE, quiet_from=None, quiet_until=None)
        assert (drain(SEVEN + MINUTE), state(moves)[0]) == (1, State.SENT)


class TestZone:
    @pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\n", "x" * 5000, "\x00"])
    def test_refuses_one_that_is_none(self, alice, zone):
        with pytest.raises(accounts.UnknownZone):
            accounts.meet_device(by=alice.user, zone=zone, at=MORNING)

    @pytest.mark.parametrize(
        ("zone", "asks"),
        [
            pytest.param("Europe/Berlin", False, id="at home"),
            pytest.param("Arctic/Longyearbyen", False, id="another name of the same clock"),
            pytest.param("Asia/Tokyo", True, id="away"),
            pytest.param("Africa/Johannesburg", False, id="another clock in winter alone"),
        ],
    )
    def test_asks_only_where_the_clock_differs(self, alice, zone, asks):
        assert accounts.meet_device(by=alice.user, zone=zone, at=MORNING) is asks

    def test_asks_once_for_one_journey_and_again_for_the_next(self, alice):
        accounts.keep_zone(by=alice.user, declined="Asia/Tokyo")
        met = [accounts.meet_device(by=alice.user, zone=z, at=MORNING) for z in ("Asia/Tokyo", "Asia/Seoul")]
        assert met == [False, True]
        accounts.meet_device(by=alice.user, zone="Europe/Berlin", at=MORNING)
        assert accounts.meet_device(by=alice.user, zone="Asia/Tokyo", at=MORNING)

    def test_a_clock_that_differs_in_winter_alone_is_asked_about_two_weeks_before_and_once(self, alice):
        johannesburg, autumn = {"by": alice.user, "zone": "Africa/Johannesburg"}, datetime(2026, 10, 25, 4, tzinfo=UTC)
        asked = [accounts.meet_device(at=autumn - n * DAY, **johannesburg) for n in (15, 14, 0)]
        assert asked == [False, True, True]
        accounts.keep_zone(by=alice.user, declined="Africa/Johannesburg")
        for at in (autumn, MORNING + 365 * DAY, autumn + 365 * DAY):
            assert not accounts.meet_device(at=at, **johannesburg)

    def test_follows_the_device_when_told_to(self, alice):
        moves = wish(alice)
        accounts.follow_device(by=alice.user, zone="Europe/Berlin", at=MORNING)
        assert not accounts.meet_device(by=alice.user, zone="America/New_York", at=MORNING)
        assert alice.patient.zone == "America/New_York"
        assert row_of(moves).due_at == datetime(2026, 6, 1, 11, tzinfo=UTC)


class TestSeveralWorkers:
    def test_logs_are_asked_for_twice_a_day_though_three_workers_take_one_each(self, alice, mailoutbox, monkeypatch):
        logs = [wish(alice, "log_pain") for _ in range(3)]
        monkeypatch.setattr(delivery, "BATCH", 1)
        whole = EmailBackend.send_messages

        def meanwhile_another_works(self, messages):
            if len(others) < 2:
                others.append("at work")
                drain(SEVEN)
            return whole(self, messages)

        others = []
        monkeypatch.setattr(EmailBackend, "send_messages", meanwhile_another_works)
        drain(SEVEN)
        assert sorted(state(log) for log in logs) == [("sent", ""), ("sent", ""), ("suppressed", send_rules.ENOUGH)]
        assert len(mailoutbox) == 2


class TestOtherTime:
    def test_what_waits_for_the_end_of_quiet_hours_comes_at_the_new_time_alone(self, alice, mailoutbox):
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(7))
        tablet = wish(alice, "medicine", wall_time=time(6, 30))
        drain(MORNING + 31 * MINUTE)
        assert row_of(tablet).due_at == SEVEN
        reminders.change(by=alice.user, reminder=tablet, at=MORNING + 40 * MINUTE, wall_time=time(20))
        drain(SEVEN)
        assert (len(mailoutbox), row_of(tablet).due_at) == (0, EVENING)
        drain(EVENING)
        assert len(mailoutbox) == 1

    def test_an_earlier_time_does_not_lose_it(self, alice, mailoutbox):
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(7))
        tablet = wish(alice, "medicine", wall_time=time(6, 30))
        drain(MORNING + 31 * MINUTE)
        reminders.change(by=alice.user, reminder=tablet, at=MORNING + 40 * MINUTE, wall_time=time(6))
        drain(SEVEN)
        assert len(mailoutbox) == 1
