"""`manage.py up` as a person meets it: real processes in a place of their own."""

import contextlib
import os
import queue
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READY_SECONDS = 120  # a busy machine of two cores; an idle one needs three
STOP_SECONDS = 40

pytestmark = pytest.mark.processes
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and the death signal of Linux")


@dataclass
class Ebb:
    """One `manage.py up`, read line by line so that no wait is without an end."""

    process: subprocess.Popen[str]
    var: Path
    port: int
    said: list[str]
    lines: "queue.Queue[str | None]"
    workers_since: str = ""

    def wait_for(self, words: str, seconds: float = READY_SECONDS) -> str:
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"no line with {words!r} within {seconds} seconds; said: {self.said}")
            if line is None:
                pytest.fail(f"ended before a line with {words!r}; said: {self.said}; logs: {self.logs()}")
            if words in line:
                return line

    def wait_until_ready(self) -> str:
        self.wait_for("Starting")
        self.workers_since = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        return self.wait_for("Ebb is ready")

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def logs(self) -> str:
        return "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in (self.var / "log").glob("*.log"))

    def family(self) -> list[int]:
        """Every process below this one, grandchildren too."""
        return descendants(self.process.pid)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def start(place: Path) -> Iterator:
    running: list[Ebb] = []

    def start(port: int | None = None) -> Ebb:
        port = port or free_port()
        environment = os.environ | {"EBB_VAR": str(place), "EBB_PORT": str(port), "DATABASE_URL": ""}
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        ebb = Ebb(process, place, port, [], queue.Queue())
        threading.Thread(target=read_lines, args=(ebb,), daemon=True).start()
        running.append(ebb)
        return ebb

    yield start
    for ebb in running:
        with contextlib.suppress(ProcessLookupError):
            ebb.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            ebb.process.wait(STOP_SECONDS)
        ebb.process.kill()
        ebb.process.wait()


def read_lines(ebb: Ebb) -> None:
    with ebb.process.stdout as output:
        for line in output:
            ebb.said.append(line.rstrip())
            ebb.lines.put(line.rstrip())
    ebb.lines.put(None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def descendants(pid: int) -> list[int]:
    children = [child for child in processes() if parent_and_state(child)[0] == pid]
    return children + [grandchild for child in children for grandchild in descendants(child)]


def processes() -> list[int]:
    """Without `ps`, which a bare machine may lack; empty where there is no /proc."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def parent_and_state(pid: int) -> tuple[int, str]:
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return 0, "gone"
    return int(parent), state


def is_alive(pid: int) -> bool:
    return parent_and_state(pid)[1] not in ("Z", "X", "gone")


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def wait_until_gone(pids: list[int], seconds: float) -> list[int]:
    deadline = time.monotonic() + seconds
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


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


@on_linux
def test_a_child_that_ends_stops_everything_and_names_its_log(start) -> None:
    ebb = start()
    ebb.wait_until_ready()
    family = ebb.family()
    worker = next(pid for pid in family if "mail@" in command_of(pid))
    os.kill(worker, signal.SIGKILL)
    assert "worker-mail.log" in ebb.wait_for("process ended", seconds=STOP_SECONDS)
    assert ebb.process.wait(STOP_SECONDS) == 1
    assert not wait_until_gone(family, seconds=1)
