"""A process that sends calls others where it cannot do it alone."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from kombu.exceptions import OperationalError

import config.celery  # noqa: F401  (tasks get their ways to be called from the app)
from tracker import tasks
from tracker.models import Occurrence
from tracker.services import circuit, delivery, reminders

SEVEN = datetime(2026, 6, 1, 5, tzinfo=UTC)


@pytest.fixture
def called(monkeypatch):
    """How often another process was called."""
    calls = []
    monkeypatch.setattr(tasks.drain_reminders, "apply_async_on_commit", lambda **options: calls.append(options))
    monkeypatch.setattr(tasks, "timezone", SimpleNamespace(now=lambda: SEVEN))
    return calls


def wait(person, n):
    """So many that are due and too old to be sent."""
    wish = reminders.create(by=person.user, kind="morning_moves", wall_time=time(7), at=SEVEN - timedelta(days=400))
    Occurrence.objects.all().delete()
    when = {"zone": "UTC", "due_at": SEVEN - timedelta(hours=1), "window_ends_at": SEVEN - timedelta(minutes=1)}
    days = [date(2025, 1, 1) + timedelta(days=day) for day in range(n)]
    Occurrence.objects.bulk_create([Occurrence(reminder=wish, local_date=day, **when) for day in days])


def test_one_batch_is_no_reason_to_call_anybody(alice, called):
    wait(alice, delivery.BATCH)
    tasks.drain_reminders.run()
    assert not called
    assert not Occurrence.objects.due(SEVEN).exists()


def test_with_more_than_a_batch_one_other_is_called_and_not_for_long(alice, called):
    wait(alice, delivery.BATCH + 1)
    tasks.drain_reminders.run()
    assert called == [{"expires": 4}]
    assert not Occurrence.objects.due(SEVEN).exists()


def test_nobody_is_called_while_the_mail_server_is_in_trouble(alice, called):
    wait(alice, delivery.BATCH + 1)
    circuit.failed(circuit.MAIL, words="refused", at=SEVEN)
    tasks.drain_reminders.run()
    assert not called


def test_where_the_broker_has_gone_away_this_one_sends_alone(alice, called, monkeypatch, caplog):
    def gone(**_options):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.drain_reminders, "apply_async_on_commit", gone)
    wait(alice, delivery.BATCH + 1)
    tasks.drain_reminders.run()
    assert not Occurrence.objects.due(SEVEN).exists()
    assert "no broker" in caplog.text
