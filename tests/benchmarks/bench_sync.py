"""Sync of a phone: 1,000 entries in one batch, and one entry alone as a ratio to a bare DRF create of the same run.

python tests/benchmarks/bench_sync.py
"""

import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

N_ROWS, BATCH_SECONDS = 1_000, 2.0
ROUNDS, WARM_UP, CREATE_RATIO = 200, 10, 2.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ebb-bench-") as var:
        set_up(var)
        send = sender()
        measure_batches(send)
        measure_creates(send)


def set_up(var: str) -> None:
    os.environ |= {"EBB_VAR": var, "DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.ROOT_URLCONF = "tests.benchmarks.sync_urls"
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)


def sender() -> Callable[..., tuple[float, float, Any]]:
    """A function that sends JSON as alice: (seconds by the clock, seconds of CPU, the answer)."""
    from django.core.wsgi import get_wsgi_application
    from django.test import Client, RequestFactory

    from tracker.models import User
    from tracker.services import accounts

    user = User.objects.create_user("alice@example.org", "a long walk by the sea")
    accounts.open_record(by=user, is_adult=True, consents=True, at=datetime.now(UTC))
    client = Client()
    client.force_login(user)
    application = get_wsgi_application()
    requests = RequestFactory(SERVER_NAME="localhost", HTTP_X_SESSION_TOKEN=client.session.session_key)

    def send(method: str, path: str, body: Any = None) -> tuple[float, float, Any]:
        content = json.dumps(body) if body is not None else None
        request = requests.generic(method, path, content or "", "application/json")
        statuses: list[str] = []
        gc.collect()
        began, cpu = time.perf_counter(), time.process_time()
        response = application(request.environ, lambda status, headers, exc_info=None: statuses.append(status))
        answer = b"".join(response)
        spent = time.perf_counter() - began, time.process_time() - cpu
        response.close()
        assert statuses[0][:3] in ("200", "201"), (statuses, answer)
        return *spent, json.loads(answer)

    return send


def rating(n: int) -> dict[str, Any]:
    felt_at = datetime.now(UTC) - timedelta(hours=6 * n)  # four a day
    return {"nrs": n % 11, "felt_at": felt_at.isoformat(), "note": f"entry {n}"}


def measure_batches(send: Callable[..., tuple[float, float, Any]]) -> None:
    sites = [{"site": "mid_back", "nrs": 5, "quality": "aching"}, {"site": "neck"}]
    rows = [{"type": "entry", "uuid": str(uuid4()), "sites": sites, **rating(n)} for n in range(N_ROWS)]
    batches = {
        "new": rows,
        "the same again": rows,
        "each changed": [{**row, "note": "changed", "sites": sites[:1]} for row in rows],
        "each deleted": [{"type": "deleted", "uuid": row["uuid"]} for row in rows],
    }
    for name, batch in batches.items():
        wall, cpu, response = send("POST", "/api/v1/entries/batch/", {"changes": batch})
        assert "refused" not in {result["result"] for result in response["results"]}
        # By CPU, since others use this machine; SQLite waits for nothing worth naming.
        verdict = "ok" if cpu <= BATCH_SECONDS else "TOO SLOW"
        print(
            f"  {N_ROWS} rows, {name:16} {cpu:5.2f} s of CPU, {wall:5.2f} s by the clock, "
            f"goal {BATCH_SECONDS:.0f} s  {verdict}"
        )
        if name == "each changed":
            wall, cpu, response = send("GET", f"/api/v1/entries/changes/?limit={N_ROWS}")
            assert len(response["changes"]) == N_ROWS
            print(f"  the feed of these rows      {cpu:5.2f} s of CPU, {wall:5.2f} s by the clock")


def measure_creates(send: Callable[..., tuple[float, float, Any]]) -> None:
    ways: dict[str, Callable[[int], tuple[float, float, Any]]] = {
        "bare DRF create": lambda n: send("POST", "/bare/", rating(n)),
        "PUT of an entry": lambda n: send("PUT", f"/api/v1/entries/{uuid4()}/", rating(n)),
    }
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for n in range(WARM_UP + ROUNDS):  # in turns, so that a busy moment of the machine hits both alike
        for name, way in ways.items():
            wall, cpu, _ = way(n)
            if n >= WARM_UP:
                spent[name].append((wall, cpu))
    (bare_wall, bare_cpu), (wall, cpu) = (
        tuple(statistics.median(column) for column in zip(*times, strict=True)) for times in spent.values()
    )
    print(f"  bare DRF create {bare_wall * 1000:.1f} ms, PUT of an entry {wall * 1000:.1f} ms")
    for name, ratio in (("by the clock", wall / bare_wall), ("of CPU", cpu / bare_cpu)):
        verdict = "ok" if ratio <= CREATE_RATIO else "TOO SLOW"
        print(f"  {ratio:.2f} x a bare create {name}, goal {CREATE_RATIO:.0f} x  {verdict}")


if __name__ == "__main__":
    main()
