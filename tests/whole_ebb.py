"""A whole Ebb, as `manage.py up` starts it, for tests that end some of its processes or all."""

import contextlib
import os
import queue
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
READY_SECONDS = 120  # a busy machine of two cores; an idle one needs three
STOP_SECONDS = 40

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


@contextlib.contextmanager
def starter(place: Path) -> Iterator[Callable[..., Ebb]]:
    """A function that starts an Ebb which keeps everything in that place; all of them are stopped in the end."""
    running: list[Ebb] = []

    def start(port: int | None = None) -> Ebb:
        port = port or free_port()
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=environment(place, port),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        ebb = Ebb(process, place, port, [], queue.Queue())
        threading.Thread(target=read_lines, args=(ebb,), daemon=True).start()
        running.append(ebb)
        return ebb

    try:
        yield start
    finally:
        for ebb in running:
            with contextlib.suppress(ProcessLookupError):
                ebb.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                ebb.process.wait(STOP_SECONDS)
            ebb.process.kill()
            ebb.process.wait()


def environment(place: Path, port: int) -> dict[str, str]:
    return os.environ | {"EBB_VAR": str(place), "EBB_PORT": str(port), "DATABASE_URL": ""}


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
