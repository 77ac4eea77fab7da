"""A whole Ebb whose processes are killed one after another while a patient logs, reminders fall due and verdicts too."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.faults.clients import EMAIL, KEPT, PASSWORD, Browser, Client, Phone
from tests.whole_ebb import ROOT, Ebb, command_of, environment, on_linux, starter, wait_until_gone

N_REMINDERS = 500
N_ATTEMPTS = 4500  # judged in three chunks
SECONDS = 60
FINAL = {"sent", "skipped_late", "suppressed", "failed"}
MARKS = {"web": "granian", "redis": "redis.sock", "mail": "mail@", "analysis": "analysis@", "beat": " beat "}

pytestmark = [pytest.mark.processes, on_linux]

MIGRATE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
ALICE = f"""
from allauth.account.models import EmailAddress
from django.utils import timezone
from tracker.models import User
from tracker.services import accounts
now = timezone.now()
alice = User.objects.create_user("{EMAIL}", "{PASSWORD}")
EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
accounts.open_record(by=alice, is_adult=True, consents=True, at=now, zone="UTC")
"""
CROWD = f"""
import uuid
from datetime import timedelta
from tracker.models import PainEntry, Patient, Reminder, TreatmentAttempt, TreatmentType
users = User.objects.bulk_create(User(email=f"p{{n}}@example.org") for n in range({N_ATTEMPTS}))
patients = Patient.objects.bulk_create(Patient(user=u, is_adult=True, consented_at=now, zone="UTC") for u in users)
due = (now - timedelta(minutes=2)).time().replace(second=0, microsecond=0)
Reminder.objects.bulk_create(
    Reminder(patient=p, uuid=uuid.uuid4(), kind="medicine", wall_time=due, changed_at=now - timedelta(minutes=10))
    for p in patients[:{N_REMINDERS}])
week_ago, drug = now - timedelta(days=7), TreatmentType.objects.get(key="oral_nsaid")
TreatmentAttempt.objects.bulk_create(
    TreatmentAttempt(patient=p, uuid=uuid.uuid4(), treatment_type=drug, started_on=week_ago.date(),
                     created_at=week_ago, changed_at=week_ago) for p in patients)
days = [now - timedelta(days=n) for n in (2, 12)]
PainEntry.objects.bulk_create(
    PainEntry(patient=p, uuid=uuid.uuid4(), nrs=5, felt_at=day, recorded_at=day, changed_at=day,
              local_date=day.date(), zone="UTC", source="web") for p in patients for day in days)
"""
THE_CROWD = "patient_id IN (SELECT id FROM tracker_patient WHERE NOT is_demo)"


class Place:
    """What Ebb keeps on disk, looked at from outside."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.night = str((datetime.now(UTC) - timedelta(minutes=30)).date() - timedelta(days=1))

    def prepare(self, seed: str) -> None:
        self.var.mkdir(mode=0o700)
        command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", MIGRATE + seed]
        subprocess.run(command, cwd=ROOT, env=environment(self.var, port=8000), check=True)

    def rows(self, sql: str, *values: object) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(self.var / "ebb.sqlite3", timeout=20)) as database, database:
            return database.execute(sql, values).fetchall()

    def entries(self) -> list[tuple[UUID, int]]:
        alices = (
            "patient_id = (SELECT p.id FROM tracker_patient p JOIN tracker_user u ON u.id = user_id WHERE email = ?)"
        )
        rows = self.rows(f"SELECT uuid, nrs FROM tracker_painentry WHERE {alices}", EMAIL)
        return [(UUID(uuid), nrs) for uuid, nrs in rows]

    def verdicts(self) -> list[tuple[int, str]]:
        """Each attempt of the crowd that was judged, with the night."""
        crowd = f"attempt_id IN (SELECT id FROM tracker_treatmentattempt WHERE {THE_CROWD})"
        return self.rows(f"SELECT attempt_id, as_of FROM tracker_verdict WHERE as_of >= ? AND {crowd}", self.night)

    def due(self) -> list[tuple[str, str, bool]]:
        """(address, state, whether a repeat is possible) of whatever reminder has fallen due."""
        now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        return self.rows(
            "SELECT email, state, is_ambiguous FROM tracker_occurrence o JOIN tracker_reminder r ON r.id = o.reminder_id"
            " JOIN tracker_patient p ON p.id = r.patient_id JOIN tracker_user u ON u.id = p.user_id"
            " WHERE due_at <= ? AND NOT is_demo",
            now,
        )

    def end_leases(self) -> None:
        """As if the minutes were over for which the dead had their rows."""
        for table in ("tracker_occurrence", "tracker_nightshard"):
            self.rows(f"UPDATE {table} SET lease_until = '2020-01-01 00:00:00' WHERE lease_until IS NOT NULL")

    def n_mails(self) -> int:
        return sum(1 for _ in (self.var / "mail").glob("*.eml"))

    def mails(self) -> dict[str, list[str]]:
        """The Message-IDs of what each address was sent."""
        found = defaultdict(list)
        for path in (self.var / "mail").glob("*.eml"):
            mail = message_from_bytes(path.read_bytes())
            found[mail["To"]].append(mail["Message-ID"])
        return found

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in (self.var / "log").iterdir())


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "var")


@pytest.fixture
def start(place: Place) -> Iterator[Callable[..., Ebb]]:
    with starter(place.var) as start:
        yield start


def until(is_so: Callable[[], bool], ebb: Ebb) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {SECONDS} seconds; said: {ebb.said}; logs: {ebb.logs()}")
        time.sleep(0.01)


def kill(ebb: Ebb, name: str, place: Place, *, its_child: bool = False) -> None:
    """End a process that is up, without warning. It is for the supervisor to bring it back."""
    until(lambda: stands(ebb, name), ebb)
    service, *children = processes(ebb, name)
    victims = children[:1] if its_child else [service, *children]
    os.kill(victims[0], signal.SIGKILL)
    assert not wait_until_gone(victims, seconds=10)
    if name in ("mail", "analysis") and not its_child:
        place.end_leases()


def kill_everything(ebb: Ebb, place: Place) -> None:
    family = ebb.family()
    ebb.process.kill()
    ebb.process.wait()
    assert not wait_until_gone(family, seconds=15)
    place.end_leases()


def stands(ebb: Ebb, name: str) -> bool:
    with contextlib.suppress(OSError):
        n_processes = 1 if name in ("redis", "beat") else 2
        return len(processes(ebb, name)) >= n_processes and (name != "web" or ebb.get("/healthz")[0] == 200)
    return False


def processes(ebb: Ebb, name: str) -> list[int]:
    """The service itself, then its own children."""
    found = []
    for pid in ebb.family():
        with contextlib.suppress(OSError):
            found += [pid] if MARKS[name] in command_of(pid) else []
    return found


def kill_in_turn(ebb: Ebb, place: Place) -> None:
    """Ten deaths. The workers die in the midst of their work, which beat rings for again when it comes back."""
    for its_child in (False, True):
        goal = place.n_mails() + 20
        until(partial(lambda goal: place.n_mails() >= goal, goal), ebb)
        kill(ebb, "mail", place)
        until(lambda: len(place.verdicts()) > 0, ebb)
        kill(ebb, "analysis", place)
        for name in ("web", "redis", "beat"):
            kill(ebb, name, place, its_child=its_child and name == "web")


def test_whatever_is_killed_no_entry_no_reminder_and_no_verdict_is_lost(place, start) -> None:
    place.prepare(ALICE + CROWD)
    ebb = start()
    ebb.wait_for("Ebb is ready")
    clients = [Phone(ebb.port, 1), Phone(ebb.port, 2), Browser(ebb.port, 3)]
    for client in clients:
        client.start()
    kill_in_turn(ebb, place)
    kill_everything(ebb, place)
    again = start(port=ebb.port)
    again.wait_for("Ebb is ready")
    until(lambda: {state for _to, state, _repeat in place.due()} <= FINAL, again)
    until(lambda: len({attempt for attempt, _night in place.verdicts()}) == N_ATTEMPTS, again)
    for client in clients:
        client.stop()
    kill_everything(again, place)

    check_entries(place, clients)
    check_reminders(place)
    assert len(place.verdicts()) == len(set(place.verdicts()))
    assert "database is locked" not in place.logs()


def check_entries(place: Place, clients: list[Client]) -> None:
    kept, acknowledged = place.entries(), {}
    for client in clients:
        assert client.strange == []
        assert client.acknowledged
        acknowledged |= client.acknowledged
    assert acknowledged.items() <= dict(kept).items()
    assert len(kept) == len(dict(kept)) <= len(acknowledged) + len(clients)  # the last of each had no answer yet


def check_reminders(place: Place) -> None:
    due, mails = place.due(), place.mails()
    patients = {to for to, _state, _repeat in due}
    assert len(due) == len(patients) == N_REMINDERS
    assert {state for _to, state, _repeat in due} == {"sent"}
    assert {to: len(set(mails[to])) for to in patients} == dict.fromkeys(patients, 1)
    assert {to for to in patients if len(mails[to]) > 1} <= {to for to, _state, repeat in due if repeat}


def test_without_a_broker_pages_and_the_api_answer_within_a_second(place, start) -> None:
    place.prepare(ALICE)
    ebb = start()
    ebb.wait_for("Ebb is ready")
    phone, browser = Phone(ebb.port, 1), Browser(ebb.port, 2)
    phone.log_in()
    browser.log_in()
    (redis,) = processes(ebb, "redis")

    def waits() -> list[float]:
        return [
            *(seconds(lambda path=path: browser.visit("GET", path)) for path in ("/", "/timeline/", "/treatments/")),
            seconds(lambda: browser.send(uuid4(), 4)),
            seconds(lambda: phone.send(uuid4(), 4)),
        ]

    waits()  # the first time, templates are read
    os.kill(redis, signal.SIGSTOP)  # connections open and nobody answers
    silent = waits()
    (place.var / "redis.sock").unlink()  # nobody there at all
    gone = waits()
    kill_everything(ebb, place)
    assert max(silent + gone) < 1


def seconds(ask: Callable[[], int]) -> float:
    began = time.monotonic()
    assert ask() in KEPT
    return time.monotonic() - began
