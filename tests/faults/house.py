"""Ebb's processes without the supervisor that brings them back, for tests that end them one by one.

Broker, workers, beats, the loop without Celery and the web server run by the commands of `manage.py up`, on SQLite or on
PostgreSQL; their mails go to a server that writes down what it takes. Everything is looked at from outside.
"""

import contextlib
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path
from typing import NamedTuple

import pytest

from config import embedded_redis
from config.management.commands.up import CELERY, WORKER
from tests.postgres import LIBC, PR_SET_PDEATHSIG
from tests.whole_ebb import ROOT, free_port

STOP_SECONDS = 30
NOTHING: dict[str, str] = {}
FINAL = {"sent", "skipped_late", "suppressed", "failed"}
LONG_AGO = "2020-01-01 00:00:00+00:00"

# Reminders of as many patients, the first due now and the last after so many seconds. Their time of day is a minute ago,
# so that what Ebb plans by itself comes tomorrow.
CROWD = """
import uuid
from datetime import timedelta
from django.utils import timezone
from tracker.models import Occurrence, Patient, Reminder, User
now = timezone.now()
due = (now - timedelta(minutes=1)).replace(second=0, microsecond=0)
planned = now + timedelta(hours=26) if {is_planned} else None
for first in range(0, {n}, 5_000):
    numbers = range(first, min(first + 5_000, {n}))
    users = User.objects.bulk_create(User(email=f"p{{n}}@example.org") for n in numbers)
    patients = Patient.objects.bulk_create(Patient(user=u, is_adult=True, consented_at=now, zone="UTC") for u in users)
    wishes = Reminder.objects.bulk_create(
        Reminder(patient=p, uuid=uuid.uuid4(), kind="medicine", wall_time=due.time(), changed_at=now,
                 planned_until=planned) for p in patients)
    Occurrence.objects.bulk_create(
        Occurrence(reminder=w, local_date=due.date(), zone="UTC", window_ends_at=now + timedelta(hours=2),
                   due_at=now + timedelta(seconds={wait_s} + {spread_s} * n / {n})) for n, w in zip(numbers, wishes))
"""


class Mail(NamedTuple):
    at: float
    to: str
    name: str


@dataclass
class House:
    var: Path
    database_url: str = ""
    redis_url: str = ""
    port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen] = field(default_factory=dict)
    mail_port: int = 0
    n_reminders: int = 0
    n_senders: int = 2

    # its processes

    def start(self, *names: str) -> None:
        for name in names:
            # These need no mail server, and make much of static files where they believe to be public.
            told = {"EMAIL_URL": ""} if name in ("web", "up") else {}
            if name == "web":
                self.shell("from config import static_files; static_files.collect()", told)
            with open(self.log(name), "ab") as log:
                self.running[name] = self.spawn(self.command(name), told, stdout=log, stderr=log)

    def command(self, name: str) -> list[str]:
        manage = [sys.executable, "manage.py"]
        match name.partition("-")[0]:
            case "redis":
                return embedded_redis.command(embedded_redis.socket_path(self.var))
            case "mail":
                return [*WORKER, "-Q", "mail", "-c", str(self.n_senders), "-n", f"{name}@%h"]
            case "analysis":
                return [*WORKER, "-Q", "analysis", "-c", "1", "-n", f"{name}@%h"]
            case "beat":
                return [*CELERY, "beat", "--loglevel", "INFO", "--pidfile", ""]
            case "up":
                return [*manage, "up"]
            case "loop":
                return [*manage, "reminders", "run", "--every", "0.5"]
            case "web":
                server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(self.port)]
                return [*server, "--workers", "1", "--blocking-threads", "4", "config.wsgi:application"]
        raise ValueError(name)

    def spawn(self, command: list[str], told: dict[str, str] = NOTHING, **options: object) -> subprocess.Popen:
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environment() | told, stdin=subprocess.DEVNULL, start_new_session=True,
            preexec_fn=die_with_the_test, **options,
        )  # fmt: skip

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EBB_")}
        told = {
            "EBB_VAR": str(self.var),
            "EBB_PORT": str(self.port),
            "EBB_SECRET_KEY": "only for this test " * 4,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail_port}",
        }
        return kept | told

    def kill(self, name: str) -> None:
        """The process and all of its children, without warning."""
        process = self.running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)

    def stop(self, name: str) -> float:
        """As an operator or a new release does, and how many seconds that took."""
        process, began = self.running.pop(name), time.monotonic()
        process.terminate()
        process.wait(STOP_SECONDS)
        return time.monotonic() - began

    def end(self) -> None:
        for name in [*self.running]:
            self.kill(name)

    def log(self, name: str) -> Path:
        return self.var / "log" / f"{name}.log"

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in (self.var / "log").glob("*.log"))

    def is_up(self) -> bool:
        return self.get("/healthz")[0] == 200

    def is_well(self, what: str) -> bool:
        """What `/readyz` says about a part of it."""
        return json.loads(self.get("/readyz")[1])[what]

    def get(self, path: str) -> tuple[int, str]:
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
                connection.request("GET", path)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
        except OSError:
            return 0, ""

    # what is in it

    def shell(self, code: str, told: dict[str, str] = NOTHING) -> None:
        command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code]
        subprocess.run(command, cwd=ROOT, env=self.environment() | told, check=True)

    def migrate(self) -> None:
        self.shell("from django.core.management import call_command; call_command('migrate', verbosity=0)")

    def fill(self, n: int, *, spread_s: float = 0, wait_s: float = 0, is_planned: bool = False) -> None:
        self.n_reminders = n
        self.shell(CROWD.format(n=n, spread_s=spread_s, wait_s=wait_s, is_planned=is_planned))

    def rows(self, sql: str) -> list[tuple]:
        if not self.database_url:
            with contextlib.closing(sqlite3.connect(self.var / "ebb.sqlite3", timeout=20)) as database, database:
                return database.execute(sql).fetchall()
        import psycopg

        host, _, name = self.database_url.removeprefix("postgres://ebb@/").rpartition("/")
        with psycopg.connect(dbname=name, user="ebb", host=host) as database:
            cursor = database.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def end_leases(self) -> None:
        """As if the minute were over for which the dead had their rows."""
        for table in ("tracker_occurrence", "tracker_nightshard"):
            self.rows(f"UPDATE {table} SET lease_until = '{LONG_AGO}' WHERE lease_until IS NOT NULL")

    def states(self) -> Counter[str]:
        """Of whatever was due before now."""
        now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}"
        return Counter(
            dict(self.rows(f"SELECT state, count(*) FROM tracker_occurrence WHERE due_at <= '{now}' GROUP BY state"))
        )

    def is_done(self) -> bool:
        """All that was filled in has come to an end."""
        states = self.states()
        return set(states) <= FINAL and states.total() >= self.n_reminders

    def ticked_at(self, name: str = "drain") -> str:
        found = self.rows(f"SELECT ticked_at FROM tracker_tick WHERE name = '{name}'")
        return str(found[0][0]) if found else ""

    def mails(self) -> list[Mail]:
        """What the mail server took, in its order, and what lies in the mailbox of an Ebb without one."""
        lines = (self.var / "mails").read_text().splitlines()
        taken = [Mail(float(at), to, name) for at, to, name in (line.split() for line in lines)]
        kept = [(path.stat().st_mtime, message_from_bytes(path.read_bytes())) for path in self.mailbox()]
        return taken + [Mail(at, mail["To"], mail["Message-ID"]) for at, mail in kept]

    def n_mails(self) -> int:
        return (self.var / "mails").read_bytes().count(b"\n") + len(self.mailbox())

    def mailbox(self) -> list[Path]:
        return list((self.var / "mail").glob("*.eml"))

    def wait_for(self, is_so: Callable[[], bool], seconds: float, every: float = 0.2) -> float:
        """The seconds that it took."""
        began = time.monotonic()
        while not is_so():
            if time.monotonic() - began > seconds:
                pytest.fail(f"not within {seconds} s; {self.states()}, {self.n_mails()} mails; {self.logs()[-3000:]}")
            time.sleep(every)
        return time.monotonic() - began

    def count(self) -> "Count":
        names = defaultdict(list)
        for mail in self.mails():
            if mail.to.startswith("p"):
                names[mail.to].append(mail.name)
        rows = self.rows(
            "SELECT u.email, o.state, o.is_ambiguous FROM tracker_occurrence o"
            " JOIN tracker_reminder r ON r.id = o.reminder_id JOIN tracker_patient p ON p.id = r.patient_id"
            " JOIN tracker_user u ON u.id = p.user_id WHERE u.email LIKE 'p%' AND o.state <> 'pending'"
        )
        recorded = {to for to, _state, is_ambiguous in rows if is_ambiguous}
        doubled = {to for to, own in names.items() if len(own) > 1}
        return Count(
            reminders=self.n_reminders,
            lost=self.n_reminders - len(names),
            double_after_dedupe=sum(len(set(own)) - 1 for own in names.values()),
            double_raw=sum(len(own) - 1 for own in names.values()),
            unrecorded=len(doubled - recorded),
            ambiguous=len(recorded),
            not_final=self.n_reminders - sum(state in FINAL for _to, state, _ambiguous in rows),
            not_sent=sum(state != "sent" for _to, state, _ambiguous in rows),
        )


class Count(NamedTuple):
    reminders: int
    lost: int
    double_after_dedupe: int
    double_raw: int
    # Doubled, and the row does not say that it may be.
    unrecorded: int
    ambiguous: int
    not_final: int
    not_sent: int

    def check(self, *, most_doubles: float) -> None:
        assert self.lost == self.double_after_dedupe == self.unrecorded == self.not_final == 0, self
        assert self.double_raw <= most_doubles, self


@contextlib.contextmanager
def open_house(var: Path, *, database_url: str = "", redis_url: str = "", mail_takes_s: float = 0) -> Iterator[House]:
    """With a mail server and nothing else in it yet."""
    (var / "log").mkdir(parents=True)
    house = House(var, database_url, redis_url)
    try:
        words = [sys.executable, "-m", "tests.faults.mail_server", str(var / "mails"), str(mail_takes_s)]
        server = house.running["sink"] = house.spawn(words, stdout=subprocess.PIPE, text=True)
        house.mail_port = int(server.stdout.readline())
        server.stdout.close()
        yield house
    finally:
        house.end()


def die_with_the_test() -> None:
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
