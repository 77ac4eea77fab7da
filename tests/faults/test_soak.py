"""A17: many ticks and many analyses leave neither memory, nor open files, nor keys in the broker behind."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import redis

from config.embedded_redis import socket_path
from tests.faults.conftest import FULL
from tests.faults.house import House
from tests.faults.soak import PAGE_KB
from tests.whole_ebb import ROOT, on_linux

N_TICKS, N_ANALYSES = 20_000, 100_000
MOST_GROWTH = 1.10

pytestmark = [
    pytest.mark.processes,
    on_linux,
    pytest.mark.skipif(not FULL, reason="takes minutes; `make faults` runs it"),
]


@pytest.mark.parametrize(("what", "n"), [("ticks", N_TICKS), ("analyses", N_ANALYSES)])
def test_one_process_does_not_grow(on_sqlite: House, tell: Callable[..., None], what: str, n: int) -> None:
    env = on_sqlite.environment() | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "tests.faults.soak", what, str(n)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    tell(f"A17 {what}", **told)
    assert told["n"] >= n
    assert told["late"]["rss_kb"] < MOST_GROWTH * told["early"]["rss_kb"]
    assert told["late"]["files"] <= told["early"]["files"]


def test_a_worker_and_its_broker_do_not_grow(on_sqlite: House, tell: Callable[..., None]) -> None:
    house = on_sqlite
    house.start("redis", "mail-1")
    with closing(redis.Redis(unix_socket_path=str(socket_path(house.var)))) as broker:
        had = []
        for n in (N_TICKS // 10, N_TICKS - N_TICKS // 10):
            house.shell(
                "import config.celery\nfrom tracker.tasks import drain_reminders\n"
                f"for n in range({n}): drain_reminders.apply_async(retry=True)"
            )
            house.wait_for(lambda: not broker.llen("mail") and not broker.hlen("unacked"), 1200, every=1)
            had.append(has(house.running["mail-1"].pid) | {"keys": broker.dbsize()})
        n_results = len(broker.keys("celery-task-meta-*"))
    early, late = had
    tell("A17 worker", n=N_TICKS, early=early, late=late, results=n_results)
    assert house.log("mail-1").read_text().count("succeeded") >= N_TICKS
    assert late["rss_kb"] < MOST_GROWTH * early["rss_kb"]
    assert late["files"] <= early["files"] + 1  # a child may be just being replaced
    assert late["keys"] <= early["keys"]
    assert n_results == 0


def has(pid: int) -> dict[str, int]:
    rss_kb = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KB
    return {"rss_kb": rss_kb, "files": len(os.listdir(f"/proc/{pid}/fd"))}
