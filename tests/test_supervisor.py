"""What the supervisor does when one of its children ends before it was asked to."""

import sys
import time
from pathlib import Path

import pytest

from config import supervisor
from config.supervisor import Service, Supervisor, SupervisorError
from tests.whole_ebb import on_linux, wait_until_gone

pytestmark = pytest.mark.processes

CANNOT_LIVE = [sys.executable, "-c", "raise SystemExit(3)"]
# Ends at its first start, leaving a process of its own behind; stays at its second.
ENDS_ONCE = ["/bin/sh", "-c", "test -e grandchild && exec sleep 60; sleep 60 & echo $! > grandchild; exit 3"]


class Watched(Supervisor):
    """Asked to stop as soon as it has said something."""

    def __init__(self, folder: Path) -> None:
        super().__init__(logs=folder, cwd=folder, environment={"PATH": "/usr/bin:/bin"}, say=self.hear)
        self.said: list[str] = []

    def hear(self, words: str) -> None:
        self.said.append(words)
        self.asked_to_stop = True

    def keep(self, argv: list[str]) -> None:
        with self.running():
            self.start(Service(name="worker", argv=argv, stage=0))
            self.watch()


def test_a_child_that_ends_is_started_again_and_that_is_said(tmp_path: Path) -> None:
    ebb = Watched(tmp_path)
    ebb.keep(ENDS_ONCE)
    assert ebb.said == [
        f"The worker process ended (code 3) and is started again. Why: see {tmp_path / 'worker.log'}",
    ]
    (_service, second) = ebb.children["worker"]
    assert second.returncode < 0  # it lived until it was told to stop


@on_linux
def test_what_a_child_leaves_behind_is_ended_before_it_is_started_again(tmp_path: Path) -> None:
    Watched(tmp_path).keep(ENDS_ONCE)
    assert not wait_until_gone([int((tmp_path / "grandchild").read_text())], seconds=1)


def test_a_child_that_cannot_live_stops_everything_and_names_its_log(tmp_path: Path, monkeypatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(supervisor.time, "sleep", waits.append)
    ebb = Watched(tmp_path)
    ebb.say = ebb.said.append
    with pytest.raises(
        SupervisorError, match=r"ended \(code 3\), 5 times within 60 seconds, so Ebb stops.*worker\.log"
    ):
        ebb.keep(CANNOT_LIVE)
    assert [wait for wait in waits if wait != supervisor.POLL_SECONDS] == [0, 1, 2, 3]
    assert len(ebb.said) == 4


def test_what_ended_long_ago_does_not_count(tmp_path: Path) -> None:
    ebb = Watched(tmp_path)
    ebb.ends["worker"] = [time.monotonic() - supervisor.ENDS_WITHIN_SECONDS - 1] * supervisor.MOST_ENDS
    ebb.keep(ENDS_ONCE)
    assert len(ebb.said) == 1
