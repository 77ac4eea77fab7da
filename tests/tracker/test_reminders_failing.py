"""What becomes of a reminder when a worker dies, or the mail server does not do its part."""

import uuid
from datetime import time, timedelta

import pytest
from django.core.mail.backends.locmem import EmailBackend

from tests.tracker.reminding import DAY, HOUR, MINUTE, MORNING, SEVEN, TODAY, drain, row_of
from tracker import emails
from tracker.models import Occurrence
from tracker.services import (
    circuit,
    delivery,
    mail_stops,
    reminders,
    send_rules,
)

State = Occurrence.State


@pytest.fixture
def server(monkeypatch):
    """A mail server whose answers the test chooses: an exception, or None for accepted."""

    class Server:
        answers = []
        taken = []

    def send_messages(self, messages):
        answer = Server.answers.pop(0) if Server.answers else None
        if answer is not None:
            raise answer
        Server.taken += messages
        return len(messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
    Server.answers, Server.taken = [], []
    return Server


def left_behind(reminder, *, state, at=SEVEN, **fields):
    """A row as a worker leaves it that was killed at that moment."""
    lease = {"lease_token": uuid.uuid4(), "lease_until": at + delivery.LEASE}
    reminder.occurrences.filter(local_date=TODAY).update(state=state, n_attempts=1, **lease, **fields)


class TestCrashes:
    def test_a_claim_is_left_alone_while_its_lease_lasts(self, moves, mailoutbox):
        left_behind(moves, state=State.CLAIMED)
        drain(SEVEN + delivery.LEASE)
        assert mailoutbox == []

    def test_a_claim_that_ran_out_is_sent_as_if_nothing_had_been(self, moves, mailoutbox):
        left_behind(moves, state=State.CLAIMED)
        drain(SEVEN + 2 * delivery.LEASE)
        assert (row_of(moves).state, row_of(moves).is_ambiguous, len(mailoutbox)) == (State.SENT, False, 1)

    def test_a_start_that_ran_out_is_repeated_under_the_same_message_id_and_flagged(self, moves, mailoutbox):
        drain(SEVEN)
        left_behind(moves, state=State.STARTED, n_sends=0, told_by="")
        drain(SEVEN + 2 * delivery.LEASE)
        assert len({m.extra_headers["Message-ID"] for m in mailoutbox}) == 1
        assert (len(mailoutbox), row_of(moves).is_ambiguous, row_of(moves).state) == (2, True, State.SENT)

    def test_a_start_that_ran_out_twice_is_given_up(self, moves, mailoutbox):
        left_behind(moves, state=State.STARTED, is_ambiguous=True, doubted_send=1)
        drain(SEVEN + 2 * delivery.LEASE)
        assert (row_of(moves).state, row_of(moves).because) == (State.FAILED, send_rules.MAY_HAVE_ARRIVED)
        assert mailoutbox == []

    def test_a_later_send_of_the_same_day_is_repeated_too(self, moves, mailoutbox):
        left_behind(moves, state=State.STARTED)
        drain(SEVEN + 2 * delivery.LEASE)
        assert (row_of(moves).n_sends, row_of(moves).doubted_send, len(mailoutbox)) == (1, 1, 1)
        left_behind(moves, state=State.STARTED, at=SEVEN + 10 * MINUTE, told_by="")
        drain(SEVEN + 10 * MINUTE + 2 * delivery.LEASE)
        assert (row_of(moves).n_sends, row_of(moves).doubted_send, len(mailoutbox)) == (2, 2, 2)
        assert row_of(moves).is_ambiguous

    def test_a_start_that_ran_out_after_the_window_is_not_repeated(self, moves, mailoutbox):
        left_behind(moves, state=State.STARTED)
        drain(SEVEN + 3 * HOUR)
        assert (row_of(moves).state, row_of(moves).is_ambiguous) == (State.FAILED, True)
        assert mailoutbox == []

    def test_a_row_that_kills_its_worker_five_times_is_given_up_and_the_others_go_out(
        self, alice, bob, moves, mailoutbox
    ):
        other = reminders.create(by=bob.user, kind="morning_moves", wall_time=time(7), at=MORNING)
        left_behind(moves, state=State.CLAIMED)
        moves.occurrences.filter(local_date=TODAY).update(n_attempts=delivery.MAX_ATTEMPTS)
        drain(SEVEN + 2 * delivery.LEASE)
        assert (row_of(moves).state, row_of(other).state) == (State.FAILED, State.SENT)

    def test_a_row_that_cannot_be_written_does_not_stop_the_others(
        self, alice, bob, moves, mailoutbox, monkeypatch, caplog
    ):
        reminders.create(by=bob.user, kind="morning_moves", wall_time=time(7), at=MORNING)
        whole = emails.reminder_mail

        def breaks_for_alice(*, occurrence, **kwargs):
            if occurrence.reminder_id == moves.pk:
                raise ZeroDivisionError
            return whole(occurrence=occurrence, **kwargs)

        monkeypatch.setattr(emails, "reminder_mail", breaks_for_alice)
        for n in range(8):
            drain(SEVEN + n * MINUTE)
        assert [m.to for m in mailoutbox] == [["bob@example.org"]]
        assert (row_of(moves).state, row_of(moves).n_attempts) == (State.FAILED, delivery.MAX_ATTEMPTS)

    def test_a_worker_that_lost_its_row_does_not_touch_it(self, moves, server, monkeypatch):
        stranger = uuid.uuid4()
        later = SEVEN + HOUR

        def slow(self, messages):
            moves.occurrences.filter(local_date=TODAY).update(lease_token=stranger, lease_until=later)
            return 1

        monkeypatch.setattr(EmailBackend, "send_messages", slow)
        drain(SEVEN)
        assert (row_of(moves).state, row_of(moves).lease_token) == (State.STARTED, stranger)


class TestMailServer:
    def test_that_refuses_for_good_is_asked_once(self, moves, server):
        server.answers = [emails.PermanentMailError("recipient", "550 no such person")]
        drain(SEVEN)
        drain(SEVEN + 10 * MINUTE)
        assert (row_of(moves).state, server.taken) == (State.FAILED, [])
        assert "550" in row_of(moves).because

    def test_that_asks_for_patience_is_asked_again_with_growing_pauses(self, moves, server):
        server.answers = [emails.TransientMailError("recipient", "450 busy")] * 3
        pauses, at = [], SEVEN
        for _ in range(4):
            drain(at)
            row = row_of(moves)
            pauses.append((row.due_at - at).total_seconds())
            at = max(row.due_at, at)
        assert pauses[:3] == [10, 30, 60]
        assert (row_of(moves).state, len(server.taken)) == (State.SENT, 1)

    def test_that_never_comes_back_is_given_up_within_the_window(self, moves, server):
        server.answers = [emails.TransientMailError("connect", "refused")] * 1000
        at = SEVEN
        while row_of(moves).state == State.PENDING and at < SEVEN + 3 * HOUR:
            drain(at)
            at += 15 * timedelta(seconds=1)
        assert row_of(moves).state in {State.FAILED, State.SKIPPED_LATE}
        assert at <= row_of(moves).window_ends_at + MINUTE
        assert 10 < 1000 - len(server.answers) < 40

    def test_that_is_down_is_asked_once_a_round_and_not_for_every_row(self, alice, bob, moves, server):
        other = reminders.create(by=bob.user, kind="morning_moves", wall_time=time(7), at=MORNING)
        server.answers = [emails.TransientMailError("connect", "refused")] * 1000
        drain(SEVEN)
        assert len(server.answers) == 999
        assert {row_of(moves).lease_token, row_of(other).lease_token} == {None}

    def test_that_took_all_and_fell_silent_gets_one_repeat_with_the_same_message_id(self, moves, server):
        server.answers = [emails.AmbiguousMailError("answer", "timed out")]
        drain(SEVEN)
        first_id = row_of(moves).message_id
        drain(SEVEN + 2 * delivery.LEASE)
        assert [m.extra_headers["Message-ID"] for m in server.taken] == [first_id]
        assert (row_of(moves).state, row_of(moves).is_ambiguous) == (State.SENT, True)

    def test_that_fell_silent_twice_is_not_asked_a_third_time(self, moves, server):
        server.answers = [emails.AmbiguousMailError("answer", "timed out")] * 5
        for n in range(8):
            drain(SEVEN + 2 * n * delivery.LEASE)
        assert (row_of(moves).state, len(server.answers)) == (State.FAILED, 3)


class TestCircuit:
    """A dead mail server is left alone by all workers together."""

    def down(self, server, n):
        server.answers = [emails.TransientMailError("connect", "refused")] * n

    def test_opens_after_some_failures_in_a_row_and_is_not_asked_while_open(self, moves, server):
        self.down(server, 1000)
        for n in range(circuit.OPENS_AFTER):
            drain(SEVEN + n * MINUTE)
        n_asked = 1000 - len(server.answers)
        drain(SEVEN + (circuit.OPENS_AFTER - 1) * MINUTE + timedelta(seconds=29))
        assert (n_asked, 1000 - len(server.answers)) == (circuit.OPENS_AFTER, circuit.OPENS_AFTER)
        assert circuit.state(circuit.MAIL).opened_at is not None

    def test_when_its_pause_is_over_one_worker_alone_may_try(self, db):
        for _ in range(circuit.OPENS_AFTER):
            circuit.failed(circuit.MAIL, words="refused", at=SEVEN)
        at = SEVEN + circuit.FIRST_PAUSE
        assert [circuit.may_try(circuit.MAIL, at=at) for _ in range(3)] == [True, False, False]

    def test_closes_when_the_server_is_back_and_the_row_goes_out(self, moves, server):
        self.down(server, circuit.OPENS_AFTER)
        for n in range(circuit.OPENS_AFTER + 2):
            drain(SEVEN + n * MINUTE)
        assert (row_of(moves).state, circuit.state(circuit.MAIL)) == (State.SENT, None)

    def test_opens_for_longer_each_time_but_not_for_ever(self, db):
        pauses = []
        for _ in range(12):
            circuit.failed(circuit.MAIL, words="refused", at=SEVEN)
            state = circuit.state(circuit.MAIL)
            pauses.append(state.next_try_at and state.next_try_at - SEVEN)
        assert pauses[:5] == [None, None, circuit.FIRST_PAUSE, 2 * circuit.FIRST_PAUSE, 4 * circuit.FIRST_PAUSE]
        assert pauses[-1] == circuit.LONGEST_PAUSE

    def test_open_does_not_keep_a_late_row_from_its_end(self, moves, server):
        self.down(server, 1000)
        for n in range(circuit.OPENS_AFTER):
            drain(SEVEN + n * MINUTE)
        circuit.Circuit.objects.update(next_try_at=SEVEN + DAY)
        drain(SEVEN + 2 * HOUR)
        assert row_of(moves).state == State.SKIPPED_LATE


class TestSuspects:
    """Which row of a batch ended its worker is not known."""

    def test_those_of_a_lost_batch_go_one_by_one_after_the_others(self, alice, bob, moves, mailoutbox):
        other = reminders.create(by=bob.user, kind="morning_moves", wall_time=time(7), at=MORNING)
        left_behind(moves, state=State.CLAIMED)
        delivery._take_back(at=SEVEN + 2 * delivery.LEASE)
        claims = [delivery._claim(uuid.uuid4(), at=SEVEN + 2 * delivery.LEASE, has_mail=True) for _ in range(2)]
        assert claims == [[row_of(other).pk], [row_of(moves).pk]]


class TestStoppedMail:
    def test_a_refused_address_stops_mail_and_a_new_start_sends_again(self, alice, moves, server):
        server.answers = [emails.PermanentMailError("recipient", "550 b'no such user'", code=550)]
        drain(SEVEN)
        assert alice.patient.mail_stop.reason == "refused"
        reminders.plan(at=SEVEN + DAY)
        drain(SEVEN + DAY)
        assert (row_of(moves, TODAY + DAY).state, server.taken) == (State.SUPPRESSED, [])
        mail_stops.start_again(by=alice.user)
        reminders.plan(at=SEVEN + 2 * DAY)
        drain(SEVEN + 2 * DAY)
        assert row_of(moves, TODAY + 2 * DAY).state == State.SENT

    @pytest.mark.parametrize(
        ("stage", "words", "code"),
        [
            pytest.param("recipient", "550 b'5.7.1 relaying denied'", 550, id="we are not trusted"),
            pytest.param("recipient", "550 b'relay not permitted'", 550, id="we are not trusted, in words"),
            pytest.param("recipient", "552 b'5.2.2 mailbox full'", 552, id="full"),
            pytest.param("recipient", "550 b'5.4.4 host not found'", 550, id="not reachable"),
            pytest.param("sender", "550 b'5.1.8 bad sender'", 550, id="the sender is wrong"),
            pytest.param("answer", "554 b'spam'", 554, id="the text is refused"),
        ],
    )
    def test_a_refusal_for_another_reason_does_not(self, alice, moves, server, stage, words, code):
        server.answers = [emails.PermanentMailError(stage, words, code=code)]
        drain(SEVEN)
        assert row_of(moves).state == State.FAILED
        assert mail_stops.stop_of(alice.patient) is None

    def test_another_address_is_a_new_beginning(self, alice, moves, mailoutbox):
        mail_stops.stop(patient=alice.patient, reason="bounced", words="", at=SEVEN)
        alice.user.email = "new@example.org"
        alice.user.save()
        drain(SEVEN)
        assert [m.to for m in mailoutbox] == [["new@example.org"]]
