"""What whoever runs Ebb can do by hand: look, send once more, run without Celery."""

import os
import signal
import subprocess
import sys
import time as clock
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from tests.tracker.reminding import SEVEN, TODAY, row_of
from tracker.models import AuditEvent, Occurrence
from tracker.services import delivery

ROOT = Path(__file__).parents[2]
State = Occurrence.State
EIGHT = SEVEN + timedelta(hours=1)


def run(*words, at=EIGHT):
    out = StringIO()
    with time_machine.travel(at, tick=False):
        call_command("reminders", *words, stdout=out)
    return out.getvalue()


def failed(reminder, **fields):
    reminder.occurrences.filter(local_date=TODAY).update(**{"state": State.FAILED, "because": "connect"} | fields)


def test_it_plans_and_drains(moves, mailoutbox):
    assert run("plan").startswith("planned")
    assert run("drain", at=SEVEN) == "sent 1\n"
    assert len(mailoutbox) == 1


class TestLook:
    def test_counts_and_names_nobody(self, alice, moves):
        failed(moves)
        told = run("look")
        assert "failed, last 24 hours       1" in told
        assert "next due                    2026-06-02 05:00:00 UTC" in told
        assert alice.email not in told and "Alice" not in told

    def test_tells_how_long_the_oldest_waits(self, moves):
        assert "oldest of them              3600 s ago" in run("look")

    def test_of_an_empty_house(self, db):
        assert "next due                    none" in run("look")


class TestReplay:
    @pytest.mark.parametrize(
        "words",
        [
            pytest.param(["--since", "yesterday"], id="no instant"),
            pytest.param(["--since", "2026-13-01T00:00Z"], id="a month that no year has"),
            pytest.param(["--since", "2026-06-01T06:00"], id="without a zone"),
            pytest.param(["--since", "2026-06-02T06:00Z", "--until", "2026-06-01T06:00Z"], id="it ends first"),
        ],
    )
    def test_refuses_a_period_that_is_none(self, moves, words):
        failed(moves)
        with pytest.raises(CommandError):
            run("replay", "--yes", *words)
        assert row_of(moves).state == State.FAILED

    def test_a_dry_run_changes_nothing(self, moves):
        failed(moves)
        assert run("replay", "--dry-run").startswith("1 to send again")
        assert row_of(moves).state == State.FAILED

    def test_asks_first(self, moves, monkeypatch):
        failed(moves)
        monkeypatch.setattr("builtins.input", lambda question: "no")
        assert "Nothing was sent" in run("replay")
        assert row_of(moves).state == State.FAILED

    def test_sends_once_more_what_failed_and_writes_it_down(self, moves, mailoutbox):
        failed(moves)
        run("replay", "--yes")
        assert delivery.drain(clock=lambda: EIGHT) == 1
        assert (row_of(moves).state, row_of(moves).window_ends_at) == (State.SENT, EIGHT + timedelta(hours=2))
        assert AuditEvent.objects.filter(verb="replayed", actor=None).count() == 1

    def test_nothing_is_sent_that_is_done_by_now(self, alice, moves, mailoutbox):
        from tracker.services import exercises

        failed(moves)
        exercises.record(by=alice.user, on=TODAY, exercises_done=["bridge"], pain_during=1, at=SEVEN)
        run("replay", "--yes")
        delivery.drain(clock=lambda: EIGHT)
        assert (row_of(moves).state, mailoutbox) == (State.SUPPRESSED, [])

    @pytest.mark.parametrize(
        ("at", "fields", "words", "n"),
        [
            pytest.param(SEVEN + timedelta(days=1), {}, "1 whose day is over", 0, id="yesterday's"),
            pytest.param(EIGHT, {"is_ambiguous": True}, "1 that may have arrived", 0, id="what may have arrived"),
            pytest.param(EIGHT, {"n_sends": 1}, "0 to send", 0, id="what was sent before"),
            pytest.param(EIGHT, {"response": "done"}, "0 to send", 0, id="what was answered"),
        ],
    )
    def test_leaves_out(self, moves, at, fields, words, n):
        failed(moves, **fields)
        assert words in run("replay", "--yes", "--since", "2026-06-01T00:00Z", at=at)
        assert Occurrence.objects.filter(state=State.PENDING, local_date=TODAY).count() == n

    def test_one_of_the_two_alone(self, moves):
        failed(moves)
        assert run("replay", "--yes", "--only", "late").startswith("0 to send again")

    def test_what_may_have_arrived_only_when_told_so(self, moves):
        failed(moves, is_ambiguous=True)
        assert run("replay", "--yes", "--even-arrived").startswith("1 to send again")


@pytest.mark.processes
def test_the_loop_sends_without_celery_and_stops_when_told(tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EBB_")}
    env = kept | {"EBB_VAR": str(tmp_path), "DATABASE_URL": "", "EBB_SECRET_KEY": "only for this test " * 4}

    def told(*words):
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.decode()

    told("migrate", "--verbosity", "0")
    command = [sys.executable, "-u", "manage.py", "reminders", "run", "--every", "0.2"]
    with open(tmp_path / "out", "wb") as out, subprocess.Popen(command, cwd=ROOT, env=env, stdout=out) as loop:
        try:
            deadline = clock.monotonic() + 60
            while "last drain                  never" in (looked := told("reminders", "look")):
                assert clock.monotonic() < deadline
            assert "s ago" in looked
            loop.send_signal(signal.SIGTERM)
            assert loop.wait(20) == 0
        finally:
            loop.kill()
    assert (tmp_path / "out").read_text().splitlines() == ["running; stop with Ctrl-C", "stopped"]


def test_a_broken_round_is_told_of_and_the_next_one_tries_again(db, monkeypatch, caplog):
    rounds = []

    def breaks(**_):
        rounds.append(1)
        if len(rounds) < 3:
            raise ZeroDivisionError
        os.kill(os.getpid(), signal.SIGTERM)
        return 0

    monkeypatch.setattr(delivery, "drain", breaks)
    before = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_command("reminders", "run", "--every", "0.01", stdout=StringIO())
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
    assert len(rounds) == 3
    assert caplog.text.count("sending failed") == 2
