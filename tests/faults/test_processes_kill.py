"""A whole Ebb whose processes are killed one after another while a patient logs, reminders fall due and verdicts too."""

import contextlib
import os
import signal
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from tests.faults.clients import ALICE, EMAIL, Browser, Client, Phone
from tests.faults.conftest import FULL
from tests.faults.house import House
from tests.whole_ebb import READY_SECONDS, command_of, descendants, on_linux, wait_until_gone

N_REMINDERS = 1500 if FULL else 600
N_ATTEMPTS = 4500 if FULL else 2500  # judged in three chunks, or two
SECONDS = READY_SECONDS
MARKS = {"web": "granian", "redis": "redis.sock", "mail": "mail@", "analysis": "analysis@", "beat": " beat "}

pytestmark = [pytest.mark.processes, on_linux]

ATTEMPTS = f"""
import uuid
from datetime import timedelta
from django.utils import timezone
from tracker.models import PainEntry, Patient, TreatmentAttempt, TreatmentType, User
now = timezone.now()
users = User.objects.bulk_create(User(email=f"t{{n}}@example.org") for n in range({N_ATTEMPTS}))
patients = Patient.objects.bulk_create(Patient(user=u, is_adult=True, consented_at=now, zone="UTC") for u in users)
week_ago, drug = now - timedelta(days=7), TreatmentType.objects.get(key="oral_nsaid")
TreatmentAttempt.objects.bulk_create(
    TreatmentAttempt(patient=p, uuid=uuid.uuid4(), treatment_type=drug, started_on=week_ago.date(),
                     created_at=week_ago, changed_at=week_ago) for p in patients)
days = [now - timedelta(days=n) for n in (2, 12)]
PainEntry.objects.bulk_create(
    PainEntry(patient=p, uuid=uuid.uuid4(), nrs=5, felt_at=day, recorded_at=day, changed_at=day,
              local_date=day.date(), zone="UTC", source="web") for p in patients for day in days)
"""


@pytest.fixture
def house(on_sqlite: House) -> House:
    on_sqlite.shell(ALICE + ATTEMPTS)
    on_sqlite.fill(N_REMINDERS)
    return on_sqlite


def entries(house: House) -> list[tuple[UUID, int]]:
    mine = f"SELECT p.id FROM tracker_patient p JOIN tracker_user u ON u.id = user_id WHERE email = '{EMAIL}'"
    rows = house.rows(f"SELECT uuid, nrs FROM tracker_painentry WHERE patient_id IN ({mine})")
    return [(UUID(uuid), nrs) for uuid, nrs in rows]


def verdicts(house: House) -> list[tuple[int, str]]:
    """Each attempt of the crowd that was judged, with the night."""
    night = (datetime.now(UTC) - timedelta(minutes=30)).date() - timedelta(days=1)
    crowd = "SELECT p.id FROM tracker_patient p JOIN tracker_user u ON u.id = user_id WHERE email LIKE 't%'"
    return house.rows(
        "SELECT attempt_id, as_of FROM tracker_verdict v JOIN tracker_treatmentattempt a ON a.id = v.attempt_id"
        f" WHERE as_of >= '{night}' AND a.patient_id IN ({crowd})"
    )


def kill(house: House, name: str, *, its_child: bool = False) -> None:
    """End a process that is up, without warning. It is for the supervisor to bring it back."""
    house.wait_for(lambda: stands(house, name), SECONDS, every=0.01)
    service, *children = processes(house, name)
    victims = children[:1] if its_child else [service, *children]
    os.kill(victims[0], signal.SIGKILL)
    assert not wait_until_gone(victims, seconds=10)
    if name in ("mail", "analysis") and not its_child:
        house.end_leases()


def kill_everything(house: House) -> None:
    supervisor = house.running["up"]
    family = descendants(supervisor.pid)
    supervisor.kill()
    supervisor.wait()
    assert not wait_until_gone(family, seconds=15)
    house.end_leases()


def stands(house: House, name: str) -> bool:
    n_processes = 1 if name in ("redis", "beat") else 2
    return len(processes(house, name)) >= n_processes and (name != "web" or house.is_up())


def processes(house: House, name: str) -> list[int]:
    """The service itself, then its own children."""
    found = []
    for pid in descendants(house.running["up"].pid):
        with contextlib.suppress(OSError):
            found += [pid] if MARKS[name] in command_of(pid) else []
    return found


def kill_in_turn(house: House) -> None:
    """Ten deaths, or eight. The workers die in the midst of their work, which beat rings for again when it comes back."""
    for its_child in (False, True):
        goal = house.n_mails() + 20
        # A fast machine may have sent them all by the second round; then an idle worker is killed.
        house.wait_for(partial(lambda goal: house.n_mails() >= goal or house.is_done(), goal), SECONDS, every=0.05)
        kill(house, "mail")
        house.wait_for(lambda: len(verdicts(house)) > 0, SECONDS, every=0.01)
        kill(house, "analysis")
        for name in ("web", "redis", "beat") if FULL or not its_child else ("web",):
            kill(house, name, its_child=its_child and name == "web")


def test_whatever_is_killed_no_entry_no_reminder_and_no_verdict_is_lost(house: House) -> None:
    house.start("up")
    house.wait_for(house.is_up, SECONDS)
    clients = [Phone(house.port, 1), Phone(house.port, 2), Browser(house.port, 3)]
    for client in clients:
        client.start()
    kill_in_turn(house)
    kill_everything(house)
    house.start("up")
    house.wait_for(house.is_up, SECONDS)
    house.wait_for(house.is_done, SECONDS)
    house.wait_for(lambda: len({attempt for attempt, _night in verdicts(house)}) == N_ATTEMPTS, SECONDS)
    for client in clients:
        client.stop()
    kill_everything(house)

    check_entries(house, clients)
    count = house.count()
    count.check(most_doubles=count.ambiguous)
    assert count.not_sent == 0
    assert len(verdicts(house)) == len(set(verdicts(house)))
    assert "database is locked" not in house.logs()


def check_entries(house: House, clients: list[Client]) -> None:
    kept, acknowledged = entries(house), {}
    for client in clients:
        assert client.strange == []
        assert client.acknowledged
        acknowledged |= client.acknowledged
    assert acknowledged.items() <= dict(kept).items()
    assert len(kept) == len(dict(kept)) <= len(acknowledged) + len(clients)  # the last of each had no answer yet
