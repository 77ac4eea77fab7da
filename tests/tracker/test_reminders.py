from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.tracker.announced import announce_advice
from tracker.models import ExerciseSession, Occurrence, Reminder, Tick
from tracker.services import accounts, answers, delivery, pauses, reminders
from tracker.services.outlook import Outlook

BERLIN = ZoneInfo("Europe/Berlin")
MORNING = datetime(2026, 6, 1, 4, tzinfo=UTC)  # a Monday, six o'clock in Berlin
SEVEN = datetime(2026, 6, 1, 5, tzinfo=UTC)
EVERY_DAY = range(1, 8)
Response, State = Occurrence.Response, Occurrence.State


@pytest.fixture
def moves(alice):
    return reminders.create(by=alice.user, kind="morning_moves", wall_time=time(7), weekdays=EVERY_DAY, at=MORNING)


def due_days(reminder):
    return [row.local_date.day for row in reminder.occurrences.order_by("local_date")]


def sent(reminder, *, n_sends=1, on=date(2026, 6, 1)):
    """Today's occurrence as the worker leaves it."""
    reminder.occurrences.filter(local_date=on).update(state=State.SENT, n_sends=n_sends, sent_at=SEVEN)
    return reminder.occurrences.get(local_date=on)


def link(occurrence, action, n_send=1):
    return answers.read_link(answers.link_tokens(occurrence=occurrence, actions=[action], n_send=n_send)[action])


def upcoming(person, *, at=MORNING, n=14):
    return Outlook(patient=person.patient, at=at).upcoming(n=n)


class TestCreate:
    def test_refuses_no_weekdays(self, alice):
        with pytest.raises(reminders.NoWeekdays):
            reminders.create(by=alice.user, kind="log_pain", wall_time=time(7), weekdays=[], at=MORNING)

    def test_refuses_a_second_morning(self, alice, moves):
        with pytest.raises(reminders.ReminderAlreadyThere):
            reminders.create(by=alice.user, kind="morning_moves", wall_time=time(8), at=MORNING)

    def test_refuses_more_than_anyone_wants(self, alice):
        for _ in range(reminders.MAX_REMINDERS):
            reminders.create(by=alice.user, kind="medicine", wall_time=time(8), at=MORNING)
        with pytest.raises(reminders.TooManyReminders):
            reminders.create(by=alice.user, kind="medicine", wall_time=time(8), at=MORNING)

    def test_plans_at_once(self, moves):
        row = moves.occurrences.get(local_date=date(2026, 6, 1))
        assert (row.due_at, row.window_ends_at) == (SEVEN, SEVEN + timedelta(hours=2))

    def test_never_makes_up_a_time_that_was_over_before(self, alice):
        reminder = reminders.create(by=alice.user, kind="medicine", wall_time=time(5), at=MORNING)
        assert due_days(reminder) == [2]

    def test_writes_down_who_did_it(self, alice, moves):
        assert alice.patient.audit_events.filter(actor=alice.user, verb="added").exists()


def test_the_database_keeps_one_row_per_reminder_and_date(moves):
    row = moves.occurrences.first()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


class TestPlan:
    def test_looks_a_day_ahead_and_no_further(self, moves):
        reminders.plan(at=MORNING + timedelta(hours=23))
        assert due_days(moves) == [1, 2, 3]

    def test_run_twice_changes_nothing(self, moves):
        before = list(moves.occurrences.values())
        reminders.plan(at=MORNING)
        reminders.plan(at=MORNING)
        assert list(moves.occurrences.values()) == before

    def test_writes_up_the_days_that_it_missed(self, moves):
        reminders.plan(at=MORNING + timedelta(days=5))
        assert due_days(moves) == [1, 2, 3, 4, 5, 6, 7]

    def test_forgets_what_is_long_ago(self, moves):
        reminders.plan(at=MORNING + timedelta(days=400))
        assert moves.occurrences.count() < 20

    def test_leaves_out_who_has_stopped_or_left(self, alice, bob, moves):
        left = reminders.create(by=bob.user, kind="morning_moves", wall_time=time(7), at=MORNING)
        bob.user.is_active = False
        bob.user.save()
        reminders.change(by=alice.user, reminder=moves, is_active=False, at=MORNING)
        assert reminders.plan(at=MORNING + timedelta(days=3)) == 0
        assert due_days(left) == [1, 2]

    def test_one_broken_row_does_not_stop_the_others(self, alice, bob, moves, caplog):
        alice.patient.__class__.objects.filter(pk=alice.patient.pk).update(zone="Mars/Olympus")
        other = reminders.create(by=bob.user, kind="morning_moves", wall_time=time(7), at=MORNING)
        reminders.plan(at=MORNING + timedelta(days=1))
        assert due_days(other) == [1, 2, 3]
        assert "cannot be planned" in caplog.text

    def test_leaves_its_mark_for_the_probe(self, db):
        reminders.plan(at=MORNING)
        assert Tick.objects.get(name="plan").ticked_at == MORNING

    def test_asks_the_database_the_same_number_of_things_for_one_or_many(self, alice):
        counts = []
        reminders.plan(at=MORNING)
        reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=MORNING)
        for day in (1, 2):
            with CaptureQueriesContext(connection) as queries:
                reminders.plan(at=MORNING + timedelta(days=day))
            counts.append(len(queries))
            for hour in range(6):
                reminders.create(by=alice.user, kind="medicine", wall_time=time(hour), at=MORNING)
        assert counts[0] == counts[1]


class TestChange:
    def test_moves_what_is_only_planned(self, alice, moves):
        reminders.change(by=alice.user, reminder=moves, wall_time=time(8), at=MORNING)
        assert moves.occurrences.order_by("due_at").first().due_at == SEVEN + timedelta(hours=1)

    def test_keeps_what_is_due_already(self, alice, moves):
        reminders.change(by=alice.user, reminder=moves, wall_time=time(9), at=SEVEN + timedelta(seconds=5))
        assert moves.occurrences.get(local_date=date(2026, 6, 1)).due_at == SEVEN

    def test_gives_no_second_one_on_a_day_that_had_its_own(self, alice, moves):
        sent(moves)
        reminders.change(by=alice.user, reminder=moves, wall_time=time(20), at=SEVEN + timedelta(hours=1))
        assert moves.occurrences.get(local_date=date(2026, 6, 1)).state == State.SENT
        assert moves.occurrences.filter(local_date=date(2026, 6, 1)).count() == 1

    def test_switched_off_plans_nothing_more(self, alice, moves):
        reminders.change(by=alice.user, reminder=moves, is_active=False, at=MORNING)
        assert due_days(moves) == []

    def test_switched_on_again_undoes_an_unsubscribe(self, alice, moves):
        reminders.unsubscribe(key=moves.unsubscribe_key, at=MORNING)
        reminders.change(by=alice.user, reminder=moves, is_active=True, at=MORNING)
        moves.refresh_from_db()
        assert moves.unsubscribed_at is None
        assert due_days(moves) == [1, 2]

    def test_of_a_stranger_is_refused(self, charlie, moves):
        with pytest.raises(Reminder.DoesNotExist):
            reminders.change(by=charlie.user, reminder=moves, wall_time=time(3), at=MORNING)
        moves.refresh_from_db()
        assert moves.wall_time == time(7)

    def test_a_new_zone_moves_the_wall_time_with_the_patient(self, alice, moves):
        accounts.confirm_zone(by=alice.user, zone="America/New_York", at=MORNING)
        first = moves.occurrences.order_by("due_at").first()
        assert first.due_at == datetime(2026, 6, 1, 11, tzinfo=UTC)
        assert first.zone == "America/New_York"

    @pytest.mark.parametrize("kind", ["morning_moves", "medicine", "log_pain"])
    @pytest.mark.parametrize("zone", ["Europe/Athens", "Asia/Tokyo"])
    def test_a_journey_east_over_its_time_misses_no_date(self, alice, mailoutbox, kind, zone):
        reminder = reminders.create(by=alice.user, kind=kind, wall_time=time(7), at=MORNING)
        landed = MORNING + timedelta(minutes=30)  # half past seven in Athens, half past one in Tokyo
        accounts.confirm_zone(by=alice.user, zone=zone, at=landed)
        assert delivery.drain(clock=lambda: landed) == 1
        accounts.confirm_zone(by=alice.user, zone="Europe/Berlin", at=landed)
        reminders.plan(at=SEVEN)
        assert (delivery.drain(clock=lambda: SEVEN), due_days(reminder)[:2]) == (0, [1, 2])

    def test_what_comes_upon_landing_ends_with_its_day(self, alice, moves):
        late = datetime(2026, 6, 1, 13, 30, tzinfo=UTC)  # half past ten in the evening in Tokyo
        reminders.change(by=alice.user, reminder=moves, wall_time=time(16), at=MORNING)
        accounts.confirm_zone(by=alice.user, zone="Asia/Tokyo", at=late)
        row = moves.occurrences.get(local_date=date(2026, 6, 1))
        assert (row.due_at, row.window_ends_at) == (late, datetime(2026, 6, 1, 15, tzinfo=UTC))

    def test_a_flight_west_on_the_day_of_a_send_gives_no_second_for_that_date(self, alice, moves):
        sent(moves)
        accounts.confirm_zone(by=alice.user, zone="America/New_York", at=SEVEN + timedelta(hours=1))
        reminders.plan(at=SEVEN + timedelta(hours=9))
        assert due_days(moves) == [1, 2]
        assert Occurrence.objects.filter(state=State.PENDING).count() == 1


class TestRemove:
    def test_takes_its_rows_along(self, alice, moves):
        reminders.remove(by=alice.user, reminder=moves)
        assert not Occurrence.objects.exists()

    def test_of_a_stranger_changes_nothing(self, charlie, moves):
        reminders.remove(by=charlie.user, reminder=moves)
        assert Reminder.objects.filter(pk=moves.pk).exists()


class TestUnsubscribe:
    @pytest.mark.parametrize("key", ["", "nobody", "\x00", "x" * 5000])
    def test_refuses_a_key_that_is_nobodys(self, db, key):
        with pytest.raises(reminders.LinkUnknown):
            reminders.unsubscribe(key=key, at=MORNING)

    def test_stops_this_reminder_and_no_other(self, alice, moves):
        other = reminders.create(by=alice.user, kind="medicine", wall_time=time(8), at=MORNING)
        reminders.unsubscribe(key=moves.unsubscribe_key, at=MORNING)
        assert due_days(moves) == []
        assert due_days(other) == [1, 2]

    def test_keeps_the_first_moment_when_clicked_twice(self, moves):
        reminders.unsubscribe(key=moves.unsubscribe_key, at=MORNING)
        reminders.unsubscribe(key=moves.unsubscribe_key, at=SEVEN)
        moves.refresh_from_db()
        assert moves.unsubscribed_at == MORNING


class TestFollowLink:
    def test_refuses_what_ebb_did_not_sign(self, moves):
        token = answers.link_tokens(occurrence=moves.occurrences.first(), actions=["done"], n_send=1)["done"]
        with pytest.raises(reminders.LinkUnknown):
            answers.read_link(token[:-2])

    def test_gives_only_answers_that_its_kind_of_reminder_has(self, moves, bob):
        medicine = reminders.create(by=bob.user, kind="medicine", wall_time=time(7), at=MORNING)
        for action in ("score", "sent", ""):
            assert not answers.is_open(link=link(sent(medicine), action), at=SEVEN)
            with pytest.raises(answers.LinkEnded):
                answers.follow_link(link=link(sent(medicine), action), at=SEVEN)

    def test_ends_with_the_local_day(self, moves):
        done = link(sent(moves), "done")
        midnight = datetime(2026, 6, 1, 22, tzinfo=UTC)
        assert answers.is_open(link=done, at=midnight - timedelta(seconds=1))
        with pytest.raises(answers.LinkEnded):
            answers.follow_link(link=done, at=midnight)

    def test_ends_when_the_account_is_closed(self, alice, moves):
        done = link(sent(moves), "done")
        type(alice.user).objects.update(is_active=False)
        assert not answers.is_open(link=done, at=SEVEN)
        with pytest.raises(answers.LinkEnded):
            answers.follow_link(link=done, at=SEVEN)
        assert not ExerciseSession.objects.exists()

    def test_works_once(self, moves):
        done = link(sent(moves), "done")
        answers.follow_link(link=done, at=SEVEN)
        with pytest.raises(answers.LinkEnded):
            answers.follow_link(link=done, at=SEVEN)

    def test_of_a_deleted_reminder_is_unknown(self, alice, moves):
        done = link(sent(moves), "done")
        reminders.remove(by=alice.user, reminder=moves)
        with pytest.raises(reminders.LinkUnknown):
            answers.follow_link(link=done, at=SEVEN)

    def test_done_counts_as_a_morning_session(self, alice, moves):
        answers.follow_link(link=link(sent(moves), "done"), at=SEVEN)
        session = alice.patient.exercise_sessions.get()
        assert (session.local_date, session.exercises_done, session.pain_during) == (date(2026, 6, 1), [], None)

    def test_skip_counts_as_an_answer_and_as_no_session(self, moves):
        answers.follow_link(link=link(sent(moves), "skipped"), at=SEVEN)
        assert moves.occurrences.get(local_date=date(2026, 6, 1)).response == Response.SKIPPED
        assert not ExerciseSession.objects.exists()

    def test_snooze_asks_for_the_same_occurrence_half_an_hour_later(self, moves):
        row = answers.follow_link(link=link(sent(moves), "snoozed"), at=SEVEN)
        row.refresh_from_db()
        assert (row.state, row.due_at, row.n_sends) == (State.PENDING, SEVEN + timedelta(minutes=30), 1)

    def test_snooze_works_once(self, moves):
        snooze = link(sent(moves), "snoozed")
        answers.follow_link(link=snooze, at=SEVEN)
        with pytest.raises(answers.LinkEnded):
            answers.follow_link(link=snooze, at=SEVEN)

    def test_snooze_is_not_offered_a_second_time(self, moves):
        assert not answers.is_open(link=link(sent(moves, n_sends=2), "snoozed", n_send=2), at=SEVEN)

    def test_snooze_past_midnight_is_refused(self, moves):
        late = datetime(2026, 6, 1, 21, 50, tzinfo=UTC)
        assert not answers.is_open(link=link(sent(moves), "snoozed"), at=late)

    def test_done_after_a_snooze_still_counts(self, moves):
        row = sent(moves)
        answers.follow_link(link=link(row, "snoozed"), at=SEVEN)
        assert answers.follow_link(link=link(row, "done"), at=SEVEN).response == Response.DONE

    def test_a_click_shows_that_a_mail_of_unknown_fate_arrived(self, moves):
        row = moves.occurrences.get(local_date=date(2026, 6, 1))
        Occurrence.objects.filter(pk=row.pk).update(state=State.PENDING, is_ambiguous=True, n_attempts=1)
        answers.follow_link(link=link(row, "done"), at=SEVEN)
        row.refresh_from_db()
        assert (row.state, row.n_sends, row.is_ambiguous) == (State.SENT, 1, True)


class TestRespond:
    def test_of_a_stranger_is_refused(self, charlie, moves):
        with pytest.raises(Occurrence.DoesNotExist):
            answers.respond(by=charlie.user, occurrence=sent(moves), action="done", at=SEVEN)

    def test_gives_the_same_answer_from_inside(self, alice, moves):
        assert answers.respond(by=alice.user, occurrence=sent(moves), action="done", at=SEVEN).response == "done"


class TestAnnounceAdvice:
    def test_is_due_at_once_by_day(self, alice):
        row = announce_advice(alice, at=SEVEN)
        assert (row.due_at, row.local_date) == (SEVEN, date(2026, 6, 1))

    def test_waits_at_night_for_the_morning(self, alice):
        row = announce_advice(alice, at=SEVEN - timedelta(hours=6, minutes=20))
        assert (row.due_at, row.local_date) == (SEVEN, date(2026, 6, 1))

    def test_waits_for_the_end_of_quiet_hours(self, alice):
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(8))
        row = announce_advice(alice, at=datetime(2026, 6, 1, 21, tzinfo=UTC))
        assert (row.due_at, row.local_date) == (datetime(2026, 6, 2, 6, tzinfo=UTC), date(2026, 6, 2))

    def test_comes_once_a_day(self, alice):
        first = announce_advice(alice, at=SEVEN)
        second = announce_advice(alice, at=SEVEN + timedelta(hours=3))
        assert first == second
        assert second.due_at == SEVEN

    def test_says_nothing_to_who_has_unsubscribed(self, alice):
        row = announce_advice(alice, at=SEVEN)
        reminders.unsubscribe(key=row.reminder.unsubscribe_key, at=SEVEN)
        assert announce_advice(alice, at=SEVEN + timedelta(days=1)) is None

    def test_stays_silent_for_who_deleted_it(self, alice):
        row = announce_advice(alice, at=SEVEN)
        reminders.remove(by=alice.user, reminder=row.reminder)
        assert not Occurrence.objects.exists()
        assert announce_advice(alice, at=SEVEN + timedelta(days=1)) is None

    def test_is_never_planned_by_the_clock(self, alice):
        row = announce_advice(alice, at=SEVEN)
        reminders.change(by=alice.user, reminder=row.reminder, is_active=True, at=SEVEN)
        reminders.plan(at=SEVEN + timedelta(days=3))
        assert Occurrence.objects.count() == 1


class TestUpcoming:
    def test_names_the_next_sends_soonest_first(self, alice, moves):
        reminders.create(by=alice.user, kind="medicine", wall_time=time(20), at=MORNING)
        sends = upcoming(alice, n=3)
        assert [send.due_at.astimezone(BERLIN).strftime("%d %H:%M") for send in sends] == [
            "01 07:00",
            "01 20:00",
            "02 07:00",
        ]

    def test_leaves_out_a_day_that_had_its_own(self, alice, moves):
        sent(moves)
        reminders.change(by=alice.user, reminder=moves, wall_time=time(20), at=SEVEN + timedelta(hours=1))
        send = upcoming(alice, at=SEVEN + timedelta(hours=1), n=1)[0]
        assert send.due_at.astimezone(BERLIN) == datetime(2026, 6, 2, 20, tzinfo=BERLIN)

    def test_begins_after_a_pause(self, alice, moves):
        pauses.rest(by=alice.user, until=date(2027, 6, 1), at=MORNING)
        alice.patient.refresh_from_db()
        send = upcoming(alice, n=1)[0]
        assert send.due_at.astimezone(BERLIN).date() == date(2027, 6, 1)

    def test_is_empty_once_all_is_off(self, alice, moves):
        reminders.change(by=alice.user, reminder=moves, is_active=False, at=MORNING)
        assert upcoming(alice) == []
