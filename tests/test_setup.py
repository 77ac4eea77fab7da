"""`manage.py up` as a person meets it: real processes in a place of their own."""

import contextlib
import os
import signal
import socket
import sqlite3
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.whole_ebb import READY_SECONDS, STOP_SECONDS, Ebb, on_linux, starter, wait_until_gone

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each test finds what the one before has left."""
    return tmp_path_factory.mktemp("setup") / "var"


@pytest.fixture
def start(place: Path) -> Iterator[Callable[..., Ebb]]:
    with starter(place) as start:
        yield start


def test_a_taken_port_is_refused_with_a_way_out(start) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ebb = start(port=other.getsockname()[1])
        said = ebb.wait_for("cannot listen", seconds=60)
    assert "EBB_PORT=" in said
    assert ebb.process.wait(STOP_SECONDS) == 1


def test_up_serves_ticks_refuses_a_second_start_and_stops_clean(start, place: Path) -> None:
    ebb = start()
    ready = ebb.wait_until_ready()
    assert f"http://127.0.0.1:{ebb.port}/" in ready
    assert "demonstration patient" in ready
    assert ebb.get("/healthz") == (200, '{"status": "alive"}')
    assert stat.S_IMODE((place / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((place / "ebb.sqlite3").stat().st_mode) == 0o600

    second = start()
    assert f"already running here (process {ebb.process.pid})" in second.wait_for("already running", seconds=60)
    assert second.process.wait(STOP_SECONDS) == 1

    wait_until_ticking(ebb)

    family = ebb.family()
    os.killpg(ebb.process.pid, signal.SIGINT)  # as Ctrl-C in a terminal does, and once more out of impatience
    time.sleep(0.3)
    os.killpg(ebb.process.pid, signal.SIGINT)
    assert ebb.process.wait(STOP_SECONDS) == 0, ebb.said
    assert not wait_until_gone(family, seconds=1)


def wait_until_ticking(ebb: Ebb) -> None:
    """Beat, broker, both workers and the database all did their part after the start."""
    deadline = time.monotonic() + READY_SECONDS
    while ticked_since(ebb.var / "ebb.sqlite3", ebb.workers_since) < {"drain", "judge"} or ebb.get("/readyz")[0] != 200:
        if time.monotonic() > deadline:
            pytest.fail(f"not ready: {ebb.get('/readyz')}; logs: {ebb.logs()}")
        time.sleep(0.5)


def ticked_since(database: Path, since: str) -> set[str]:
    with contextlib.closing(sqlite3.connect(database, timeout=20)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM tracker_tick WHERE ticked_at > ?", [since])}


@on_linux
def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_works(start) -> None:
    ebb = start()
    ebb.wait_until_ready()
    wait_until_ticking(ebb)
    family = ebb.family()
    assert len(family) >= 8, family  # the workers' and the web server's own children too
    ebb.process.kill()
    ebb.process.wait()
    assert not wait_until_gone(family, seconds=10)

    again = start()
    again.wait_until_ready()
    again.process.terminate()
    assert again.process.wait(STOP_SECONDS) == 0
