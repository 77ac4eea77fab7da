"""Nights judged by real processes that are killed, or that work side by side: on the database that the tests run on."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.faults.nights import N_ATTEMPTS, N_KILLS

ROOT = Path(__file__).parents[2]
SECONDS = 240
ADDRESS = ("HOST", "PORT", "USER", "PASSWORD")
pytestmark = pytest.mark.usefixtures("django_db_setup")  # so that it runs on either database
N_NIGHTS = 3  # stored for each attempt: one before the outage, two after it


@contextlib.contextmanager
def own_database(name: str) -> Iterator[str]:
    """The address of an empty database on the server of the tests; nothing where they run on SQLite."""
    if not settings.DATABASE_URL:
        yield ""
        return
    import psycopg

    where = {key.lower(): value for key, value in settings.DATABASES["default"].items() if key in ADDRESS and value}
    with psycopg.connect(dbname="postgres", autocommit=True, **where) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield settings.DATABASE_URL.rpartition("/")[0] + f"/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run(scenario: str, folder: Path) -> dict:
    var = folder / scenario
    var.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EBB_")}
    with own_database(f"ebb_{scenario}_{os.getpid()}") as url:
        env = kept | {"EBB_VAR": str(var), "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
        command = [sys.executable, "-m", "tests.faults.nights", scenario]
        done = subprocess.run(command, cwd=ROOT, env=env, timeout=SECONDS, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


# Two tests, since each night takes long and another process may run the next test.
def test_a_night_killed_ten_times_ends_as_an_undisturbed_one(tmp_path) -> None:
    killed, undisturbed = run("killed", tmp_path), run("undisturbed", tmp_path)
    assert [worker["signal"] for worker in killed["workers"]] == [signal.SIGKILL] * N_KILLS + [0]
    assert max(killed["tries"]) > 1  # some were killed in the middle of their work
    assert killed["open"] == []
    for what in ("verdicts", "advice", "mails"):
        assert undisturbed[what]
        assert killed[what] == undisturbed[what]


def test_workers_side_by_side_share_a_night_and_double_nothing(tmp_path) -> None:
    shared, undisturbed = run("shared", tmp_path), run("undisturbed", tmp_path)
    n_judged = [worker["n_judged"] for worker in shared["workers"]]
    assert sum(n_judged) == 2 * N_ATTEMPTS
    assert sum(n > 0 for n in n_judged) > 1
    assert Counter(attempt for attempt, *_ in shared["verdicts"]) == dict.fromkeys(range(1, N_ATTEMPTS + 1), N_NIGHTS)
    assert shared["verdicts"] == undisturbed["verdicts"]
    assert shared["tries"] == [1] * len(shared["tries"])
