import uuid
from datetime import UTC, datetime, time, timedelta
from itertools import chain, repeat
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import open_person
from tests.tracker.announced import announce_advice
from tests.tracker.reminding import DAY, HOUR, MINUTE, MORNING, SEVEN, TODAY, drain, row_of
from tracker.models import Advice, Occurrence, Tick
from tracker.services import (
    accounts,
    answers,
    delivery,
    exercises,
    medicines,
    pauses,
    reminders,
    send_rules,
)

State = Occurrence.State


class TestWhen:
    def test_not_a_second_before_its_time(self, moves):
        assert drain(SEVEN - timedelta(seconds=1)) == 0

    def test_at_its_time_once_however_often_it_runs(self, moves, mailoutbox):
        for _ in range(3):
            drain(SEVEN)
        assert len(mailoutbox) == 1
        row = row_of(moves)
        assert (row.state, row.n_sends, row.sent_at, row.message_id) == (
            State.SENT,
            1,
            SEVEN,
            mailoutbox[0].extra_headers["Message-ID"],
        )

    @pytest.mark.parametrize(
        ("after", "state"),
        [
            pytest.param(119 * MINUTE, State.SENT, id="up within the window"),
            pytest.param(120 * MINUTE, State.SKIPPED_LATE, id="up at its end"),
            pytest.param(8 * HOUR, State.SKIPPED_LATE, id="up in the afternoon"),
        ],
    )
    def test_after_an_outage_only_within_the_window(self, moves, mailoutbox, after, state):
        drain(SEVEN + after)
        assert row_of(moves).state == state
        assert len(mailoutbox) == (state == State.SENT)

    def test_after_ten_days_down_only_the_next_one_goes_out_and_the_rest_is_on_record(self, moves, mailoutbox):
        back = SEVEN + 10 * DAY + 5 * MINUTE
        reminders.plan(at=back)
        drain(back)
        states = list(moves.occurrences.filter(due_at__lte=back).order_by("due_at").values_list("state", flat=True))
        assert states == [State.SKIPPED_LATE] * 10 + [State.SENT]
        assert len(mailoutbox) == 1

    def test_never_in_quiet_hours_but_at_their_end(self, alice, moves, mailoutbox):
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(8))
        drain(SEVEN)
        assert (len(mailoutbox), row_of(moves).due_at) == (0, SEVEN + HOUR)
        drain(SEVEN + HOUR)
        assert len(mailoutbox) == 1

    @pytest.mark.parametrize("kind", ["morning_moves", "log_pain", "medicine"])
    def test_one_more_mail_costs_the_database_one_more_statement(self, db, mailoutbox, kind):
        counts = []
        for n in (1, 2, 5):  # the very first also leaves the marks of a first tick
            people = [open_person(f"{kind[:3]}{n}{who}") for who in range(n)]
            for person in people:
                accounts.change_settings(by=person.user, at=MORNING, says_more=True)
                tablets = medicines.add_medicine(
                    by=person.user, uuid=uuid.uuid4(), name="Naproxen", at=MORNING, on=TODAY
                )
                named = {"medicine": tablets} if kind == "medicine" else {}
                reminders.create(by=person.user, kind=kind, wall_time=time(7), at=MORNING, **named)
            with CaptureQueriesContext(connection) as queries:
                assert drain(SEVEN) == n
            counts.append(len(queries))
        assert counts[2] - counts[1] == 3

    def test_not_at_all_where_quiet_hours_outlast_the_window(self, alice, moves, mailoutbox):
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(9))
        drain(SEVEN)
        assert (row_of(moves).state, row_of(moves).because) == (State.SUPPRESSED, "quiet hours")

    def test_a_row_moved_by_quiet_hours_survives_a_change_of_mind(self, alice, moves, mailoutbox):
        accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(22), quiet_until=time(8))
        drain(SEVEN)
        reminders.change(by=alice.user, reminder=moves, wall_time=time(6), at=SEVEN + MINUTE)
        drain(SEVEN + HOUR)
        assert row_of(moves).state == State.SENT

    def test_not_twice_within_twelve_hours_after_a_flight_east(self, alice, moves, mailoutbox):
        drain(SEVEN)
        accounts.confirm_zone(by=alice.user, zone="Pacific/Auckland", at=SEVEN + HOUR)
        seven_in_auckland = datetime(2026, 6, 1, 19, tzinfo=UTC)
        for at in (seven_in_auckland - 9 * HOUR, seven_in_auckland):
            drain(at)
        assert [m.sent_at for m in moves.occurrences.filter(state=State.SENT).order_by("sent_at")] == [
            SEVEN,
            seven_in_auckland,
        ]

    def test_too_soon_after_another_day_is_noted(self, moves, mailoutbox):
        moves.occurrences.filter(local_date=TODAY).update(state=State.SENT, sent_at=SEVEN + DAY - HOUR)
        drain(SEVEN + DAY)
        assert row_of(moves, TODAY + DAY).because == "too soon after the last one"
        assert mailoutbox == []

    def test_a_snooze_is_a_second_numbered_mail_and_the_last(self, moves, mailoutbox):
        drain(SEVEN)
        token = answers.link_tokens(occurrence=row_of(moves), actions=["snoozed"], n_send=1)["snoozed"]
        answers.follow_link(link=answers.read_link(token), at=SEVEN + MINUTE)
        drain(SEVEN + 30 * MINUTE)
        drain(SEVEN + 31 * MINUTE)
        first, second = mailoutbox
        assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]
        assert "Later" in first.body
        assert "Later" not in second.body


class TestWishes:
    """Whatever changes between the plan and the send counts at the send."""

    def suppressed(self, reminder):
        drain(SEVEN)
        row = row_of(reminder)
        assert mail.outbox == []
        return row.state, row.because

    def test_an_unsubscribe_counts_even_when_it_is_due(self, moves):
        reminders.unsubscribe(key=moves.unsubscribe_key, at=SEVEN)
        assert self.suppressed(moves) == (State.SUPPRESSED, "turned off")

    def test_a_reminder_that_was_switched_off(self, alice, moves):
        reminders.change(by=alice.user, reminder=moves, is_active=False, at=SEVEN)
        assert self.suppressed(moves) == (State.SUPPRESSED, "turned off")

    def test_a_pause(self, alice, moves):
        pauses.rest(by=alice.user, until=TODAY + DAY, at=MORNING)
        assert self.suppressed(moves) == (State.SUPPRESSED, "paused")

    def test_a_pause_until_today_is_over(self, alice, moves, mailoutbox):
        pauses.rest(by=alice.user, until=TODAY, at=MORNING - DAY)
        drain(SEVEN)
        assert len(mailoutbox) == 1

    def test_a_closed_account(self, alice, moves):
        alice.user.is_active = False
        alice.user.save()
        assert self.suppressed(moves) == (State.SUPPRESSED, "the account is closed")

    def test_a_demonstration_patient_on_a_public_server(self, alice, moves, settings):
        alice.patient.is_demo, settings.LOCAL_MODE = True, False
        alice.patient.save()
        assert self.suppressed(moves) == (State.SUPPRESSED, "nobody reads the demonstration patient's mail")

    def test_a_deleted_reminder_leaves_nothing_to_send(self, alice, moves, mailoutbox):
        reminders.remove(by=alice.user, reminder=moves)
        drain(SEVEN)
        assert mailoutbox == []

    def test_moves_that_are_done(self, alice, moves):
        exercises.record(by=alice.user, on=TODAY, exercises_done=["bridge"], pain_during=2, at=SEVEN)
        assert self.suppressed(moves) == (State.SUPPRESSED, "already done")

    def test_moves_paused_by_a_check_up(self, moves, monkeypatch):
        monkeypatch.setattr(send_rules.checkups, "paused_among", set)
        assert self.suppressed(moves) == (State.SUPPRESSED, "paused after a check-up")

    def test_medicine_goes_on_after_a_check_up(self, alice, monkeypatch, mailoutbox):
        monkeypatch.setattr(send_rules.checkups, "paused_among", set)
        reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=MORNING)
        drain(SEVEN)
        assert len(mailoutbox) == 1

    def test_a_pain_log_that_has_today(self, alice):
        reminder = reminders.create(by=alice.user, kind="log_pain", wall_time=time(7), at=MORNING)
        alice.patient.pain_entries.create(
            uuid=uuid.uuid4(),
            nrs=3,
            felt_at=MORNING,
            recorded_at=MORNING,
            changed_at=MORNING,
            local_date=TODAY,
            zone="Europe/Berlin",
            source="web",
        )
        assert self.suppressed(reminder) == (State.SUPPRESSED, "already done")

    def test_advice_that_was_seen_in_the_meantime(self, alice):
        row = announce_advice(alice, at=SEVEN)
        assert not Advice.objects.exists()
        assert self.suppressed(row.reminder) == (State.SUPPRESSED, "already seen")


class TestDrain:
    def test_leaves_its_mark_for_the_probe(self, db):
        drain(SEVEN)
        assert Tick.objects.get(name="drain").ticked_at == SEVEN

    def test_stops_when_its_time_is_used_up_and_gives_back_what_it_claimed(self, moves, mailoutbox, monkeypatch):
        ticks = chain([0, 0, 0], repeat(9))
        monkeypatch.setattr(delivery, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
        drain(SEVEN)
        assert (row_of(moves).state, row_of(moves).lease_token, mailoutbox) == (State.PENDING, None, [])

    def test_sends_more_than_one_batch(self, alice, mailoutbox, monkeypatch):
        monkeypatch.setattr(delivery, "BATCH", 2)
        for minute in range(5):
            reminders.create(by=alice.user, kind="medicine", wall_time=time(7, minute), at=MORNING)
        assert drain(SEVEN + 10 * MINUTE) == 5
        assert len(mailoutbox) == 5
