"""A mark of the ledger that is made while other things are done: before the text goes out, and never beside another statement."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection

from config.mail import BoundedSMTP
from tests.tracker.reminding import due_medicine
from tracker import emails
from tracker.models import Occurrence
from tracker.services import delivery, send_rules
from tracker.services.ledger import Ledger
from tracker.services.marks import Meanwhile

SEVEN = datetime(2026, 6, 1, 7, tzinfo=UTC)
State = Occurrence.State


@pytest.fixture
def rows(db):
    return due_medicine("a@example.org", "b@example.org", "c@example.org", at=SEVEN)


@pytest.fixture
def ledger(rows):
    ledger = Ledger(token=uuid.uuid4(), lease=delivery.LEASE)
    rows.update(state=State.CLAIMED, lease_token=ledger.token, lease_until=SEVEN + delivery.LEASE)
    return ledger


def drain():
    return delivery.drain(clock=lambda: SEVEN, budget_s=30)


@pytest.mark.processes
class TestInATalk:
    def test_the_text_goes_out_only_when_the_row_is_marked(self, rows, sink, monkeypatch):
        seen, send_whole = [], BoundedSMTP.send_whole

        def look_first(server, message):
            seen.append(list(rows.order_by("pk").values_list("state", flat=True)))
            send_whole(server, message)

        monkeypatch.setattr(BoundedSMTP, "send_whole", look_first)
        assert drain() == 3
        sent, started, claimed = State.SENT, State.STARTED, State.CLAIMED
        assert seen == [[started, claimed, claimed], [sent, started, claimed], [sent, sent, started]]
        assert set(rows.values_list("state", flat=True)) == {sent}

    @pytest.mark.parametrize("which", [0, 1, 2])
    def test_a_row_that_another_has_taken_is_not_sent_and_the_others_are(self, rows, sink, monkeypatch, which):
        taken, another, repeats_at = rows.order_by("pk")[which], uuid.uuid4(), send_rules.repeats_at

        def too_slow(occurrence, **when):
            if occurrence.pk == taken.pk:
                rows.filter(pk=taken.pk).update(lease_token=another)
            return repeats_at(occurrence, **when)

        monkeypatch.setattr(send_rules, "repeats_at", too_slow)
        assert drain() == 2
        assert len(sink.taken) == 2
        kept = rows.get(pk=taken.pk)
        assert (kept.state, kept.lease_token) == (State.CLAIMED, another)
        assert set(rows.exclude(pk=taken.pk).values_list("state", flat=True)) == {State.SENT}

    def test_a_mark_that_could_not_be_made_leaves_its_mail_for_later(self, rows, sink, monkeypatch):
        second, is_begun = rows.order_by("pk")[1], Ledger.is_begun

        def locked_out(ledger):
            is_second = ledger._next == second.pk
            is_mine = is_begun(ledger)
            if is_second:
                raise OperationalError
            return is_mine

        with monkeypatch.context() as once:
            once.setattr(Ledger, "is_begun", locked_out)
            assert drain() == 2
        assert (len(sink.taken), rows.get(pk=second.pk).state) == (2, State.PENDING)
        assert delivery.drain(clock=lambda: SEVEN + delivery.RETRY_AFTER[0]) == 1
        assert set(rows.values_list("state", flat=True)) == {State.SENT}

    def test_what_is_read_while_a_mail_is_written_is_read(self, rows, sink, monkeypatch):
        whole, read = emails.reminder_mail, []

        def curious(*, occurrence, **kwargs):
            read.append(Occurrence.objects.get(pk=occurrence.pk).pk)
            return whole(occurrence=occurrence, **kwargs)

        monkeypatch.setattr(emails, "reminder_mail", curious)
        assert drain() == 3
        assert read == list(rows.order_by("pk").values_list("pk", flat=True))


class TestLedger:
    def test_a_row_begun_twice_is_mine_once(self, rows, ledger):
        first, second, _third = rows.order_by("pk").values_list("pk", flat=True)
        ledger.begin(first, message_id="<1@example.org>", at=SEVEN)
        assert ledger.is_begun()
        assert ledger.is_begun()
        ledger.begin(first, message_id="<2@example.org>", at=SEVEN)
        assert not ledger.is_begun()
        ledger.begin(second, message_id="<3@example.org>", at=SEVEN)
        assert ledger.is_begun()
        assert rows.get(pk=first).message_id == "<1@example.org>"

    def test_one_that_was_begun_can_still_be_put_off(self, rows, ledger):
        pk = rows.earliest("pk").pk
        ledger.begin(pk, message_id="<1@example.org>", at=SEVEN)
        ledger.wait(pk, until=SEVEN + timedelta(minutes=5), because="later")
        row = rows.get(pk=pk)
        assert (row.state, row.because, row.due_at) == (State.PENDING, "later", SEVEN + timedelta(minutes=5))

    @pytest.mark.django_db(transaction=True)
    def test_a_mail_that_was_sent_is_marked_though_the_next_start_fails(self, rows, ledger):
        first, second, _third = rows.order_by("pk").values_list("pk", flat=True)
        ledger.begin(first, message_id="<1@example.org>", at=SEVEN)
        assert ledger.is_begun()
        ledger.sent(first, channels="email", at=SEVEN)
        ledger.begin(second, message_id=None, at=SEVEN)
        with pytest.raises(IntegrityError):
            ledger.is_begun()
        ledger.close([second])
        assert list(rows.order_by("pk").values_list("state", flat=True)) == ["sent", "pending", "claimed"]

    def test_what_was_left_and_what_waits_goes_back(self, rows, ledger):
        first, second, third = rows.order_by("pk").values_list("pk", flat=True)
        ledger.begin(first, message_id="<1@example.org>", at=SEVEN)
        ledger.leave(second)
        ledger.close([third])
        assert list(rows.order_by("pk").values_list("state", flat=True)) == ["started", "pending", "pending"]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestMeanwhile:
    """What only PostgreSQL does: the answer is still on its way when the next thing happens."""

    def test_another_statement_sees_the_mark(self, rows, ledger):
        pk = rows.earliest("pk").pk
        ledger.begin(pk, message_id="<1@example.org>", at=SEVEN)
        assert rows.get(pk=pk).state == State.STARTED
        assert ledger.is_begun()

    def test_a_mark_that_fails_says_so_and_the_next_one_is_made(self, rows, ledger):
        first, second, _third = rows.order_by("pk").values_list("pk", flat=True)
        ledger.begin(first, message_id="<" + "x" * 500 + ">", at=SEVEN)
        with pytest.raises(DataError):
            ledger.is_begun()
        ledger.begin(second, message_id="<1@example.org>", at=SEVEN)
        assert ledger.is_begun()
        assert list(rows.order_by("pk").values_list("state", flat=True)) == ["claimed", "started", "claimed"]

    def test_a_new_connection_is_told_the_statement_anew(self, rows, ledger):
        first, second, _third = rows.order_by("pk").values_list("pk", flat=True)
        ledger.begin(first, message_id="<1@example.org>", at=SEVEN)
        assert ledger.is_begun()
        connection.close()
        ledger.begin(second, message_id="<2@example.org>", at=SEVEN)
        assert ledger.is_begun()

    def test_a_connection_that_was_cut_is_an_error_and_nothing_else(self, rows, ledger):
        pk = rows.earliest("pk").pk
        ledger.begin(pk, message_id="<1@example.org>", at=SEVEN)
        assert ledger.is_begun()
        connection.connection.pgconn.finish()
        with pytest.raises(Exception, match="connection"):
            ledger.begin(pk, message_id="<2@example.org>", at=SEVEN)
        connection.close()
        assert rows.get(pk=pk).message_id == "<1@example.org>"

    def test_a_statement_that_the_server_knows_already_is_used(self, rows, ledger):
        first, second, _third = rows.order_by("pk").values_list("pk", flat=True)
        ledger.begin(first, message_id="<1@example.org>", at=SEVEN)
        assert ledger.is_begun()
        Meanwhile._prepared.discard(connection.connection)
        ledger.begin(second, message_id="<2@example.org>", at=SEVEN)
        assert ledger.is_begun()
