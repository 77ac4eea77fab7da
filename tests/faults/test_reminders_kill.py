"""Workers that are killed in the middle of their work, against a real mail server and a database in a file."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

ROOT = Path(__file__).parents[2]
N_PATIENTS = 150
N_KILLS = 3
SECONDS = 60

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("processes")]

SEED = f"""
import uuid
from datetime import time, timedelta
from django.utils import timezone
from tracker.models import Occurrence, Patient, Reminder, User
now = timezone.now()
users = User.objects.bulk_create([User(email=f"p{{n}}@example.org") for n in range({N_PATIENTS})])
patients = Patient.objects.bulk_create([Patient(user=u, is_adult=True, consented_at=now) for u in users])
wishes = Reminder.objects.bulk_create(
    [Reminder(patient=p, uuid=uuid.uuid4(), kind="medicine", wall_time=time(7), changed_at=now) for p in patients])
Occurrence.objects.bulk_create(
    [Occurrence(reminder=w, local_date=now.date(), zone="UTC", due_at=now, window_ends_at=now + timedelta(hours=2))
     for w in wishes])
"""


class Taken:
    """What the server accepted, slowly enough to be killed in between."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        self.mails.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content)["Message-ID"]))
        time.sleep(0.01)
        return "250 taken"

    def repeats(self):
        return {to: n - 1 for to, n in Counter(to for to, _id in self.mails).items() if n > 1}


@pytest.fixture
def server():
    controller = Controller(Taken(), hostname="127.0.0.1", port=0)
    # The library looks up its own port before it is known; a free one is as good.
    controller.port = free_port()
    controller.start()
    yield controller
    controller.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def manage(tmp_path, server):
    """Runs a command of Ebb in a process of its own, with a place of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EBB_")}
    env = kept | {"EBB_VAR": str(tmp_path), "EMAIL_URL": f"smtp://127.0.0.1:{server.port}", "DATABASE_URL": ""}
    env["EBB_SECRET_KEY"] = "only for this test " * 4

    def start(*words):
        command = [sys.executable, "manage.py", *words]
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    assert start("migrate", "--verbosity", "0").wait(SECONDS) == 0
    assert start("shell", "--verbosity", "0", "-c", SEED).wait(SECONDS) == 0
    return start


@pytest.fixture
def rows(tmp_path):
    def ask(sql):
        with sqlite3.connect(tmp_path / "ebb.sqlite3", timeout=20) as database:
            found = database.execute(sql).fetchall()
        database.close()
        return found

    return ask


def drain(manage):
    assert manage("reminders", "drain", "--seconds", str(SECONDS)).wait(SECONDS) == 0


def kill_after(manage, taken, n_more):
    """Start a worker, let it send a few, and take it down without warning."""
    goal, worker = len(taken.mails) + n_more, manage("reminders", "drain", "--seconds", str(SECONDS))
    deadline = time.monotonic() + SECONDS
    while len(taken.mails) < goal and time.monotonic() < deadline and worker.poll() is None:
        time.sleep(0.002)
    worker.send_signal(signal.SIGKILL)
    worker.wait(SECONDS)


def test_no_reminder_is_lost_and_every_repeat_is_the_same_mail_and_on_record(manage, rows, server):
    taken = server.handler
    for _ in range(N_KILLS):
        kill_after(manage, taken, N_PATIENTS // (N_KILLS + 2))
        assert len(taken.mails) < N_PATIENTS
        rows("UPDATE tracker_occurrence SET lease_until = '2020-01-01 00:00:00' WHERE lease_until IS NOT NULL")
    drain(manage)

    assert rows("SELECT state, count(*) FROM tracker_occurrence GROUP BY state") == [("sent", N_PATIENTS)]
    assert len({to for to, _id in taken.mails}) == N_PATIENTS
    assert len({message_id for _to, message_id in taken.mails}) == N_PATIENTS
    assert sum(taken.repeats().values()) <= N_KILLS
    flagged = rows(
        "SELECT u.email FROM tracker_occurrence o JOIN tracker_reminder r ON r.id = o.reminder_id"
        " JOIN tracker_patient p ON p.id = r.patient_id JOIN tracker_user u ON u.id = p.user_id WHERE o.is_ambiguous"
    )
    assert set(taken.repeats()) <= {email for (email,) in flagged}


def test_three_workers_at_once_send_each_reminder_once(manage, rows, server):
    workers = [manage("reminders", "drain", "--seconds", str(SECONDS)) for _ in range(3)]
    assert [worker.wait(SECONDS) for worker in workers] == [0, 0, 0]

    assert rows("SELECT state, count(*) FROM tracker_occurrence GROUP BY state") == [("sent", N_PATIENTS)]
    assert (len(server.handler.mails), server.handler.repeats()) == (N_PATIENTS, {})
