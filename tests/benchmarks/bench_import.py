"""Taking over 50,000 rows of somebody else's table, with progress, and as a ratio to a bulk_create of the same entries.

python tests/benchmarks/bench_import.py
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

N_ROWS, IMPORT_SECONDS, LOCK_SECONDS = 50_000, 30.0, 5.0


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ebb-bench-") as var:
        set_up(var)
        measure()


def set_up(var: str) -> None:
    os.environ |= {"EBB_VAR": var, "DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)


def patient(name: str) -> Any:
    from tracker.models import User
    from tracker.services import accounts

    user = User.objects.create_user(f"{name}@example.org", "a long walk by the sea")
    accounts.open_record(by=user, is_adult=True, consents=True, at=datetime.now(UTC))
    return user


def table() -> bytes:
    """Five years of a rating every fifty minutes or so, as a German spreadsheet writes them."""
    first = datetime(2020, 1, 1)
    days = ((first + timedelta(minutes=53 * n)).strftime("%d.%m.%Y;%H:%M") for n in range(N_ROWS))
    rows = (f'{day};{n % 101 / 10:.1f};"Notiz {n}, mit Komma und müde";{n % 11}' for n, day in enumerate(days))
    return "\n".join(["Datum;Uhrzeit;Schmerzstärke;Bemerkung;Schlaf", *rows]).encode()


def timed(act: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds by the clock, seconds of CPU, and what came of it."""
    began, cpu = time.perf_counter(), time.process_time()
    result = act()
    return time.perf_counter() - began, time.process_time() - cpu, result


def told(name: str, wall: float, cpu: float, goal: float | None = None) -> None:
    verdict = "" if goal is None else f", goal {goal:.0f} s  {'ok' if cpu <= goal else 'TOO SLOW'}"
    print(f"  {name:42} {cpu:6.2f} s of CPU, {wall:6.2f} s by the clock{verdict}")


def measure() -> None:
    from tracker.services import import_files, import_history, imports

    alice, bob, now, content = patient("alice"), patient("bob"), datetime.now(UTC), table()
    print(f"  {N_ROWS} rows, {len(content) / 1e6:.1f} MB")
    wall, cpu, file = timed(lambda: import_files.keep(by=alice, content=content, filename="log.csv", at=now))
    told("upload", wall, cpu)
    told("look, without a change", *timed(lambda: import_files.look(by=alice, file=file, at=now))[:2])
    told("confirm", *timed(lambda: import_files.confirm(by=alice, file=file, at=now))[:2])
    wall, cpu, _ = timed(lambda: import_files.take_over_due(clock=lambda: now))
    told("the worker's import", wall, cpu, IMPORT_SECONDS)
    assert alice.patient.pain_entries.count() == N_ROWS
    log = imports.read(by=bob, content=content, at=now)
    held, held_cpu, _ = timed(lambda: imports.add(by=bob, log=log, content=content, filename="x", at=now))
    told("of it, while others wait to write", held, held_cpu, LOCK_SECONDS)
    bare_wall, bare_cpu, _ = timed(lambda: bulk_create(bob))
    told("bulk_create of the same entries", bare_wall, bare_cpu)
    print(f"  {cpu / bare_cpu:.2f} x a bare bulk_create of CPU, {wall / bare_wall:.2f} x by the clock")
    again = import_files.keep(by=alice, content=content, filename="log.csv", at=now)
    import_files.confirm(by=alice, file=again, at=now)
    told("the same file again, nothing new", *timed(lambda: import_files.take_over_due(clock=lambda: now))[:2])
    assert alice.patient.pain_entries.count() == N_ROWS
    first = alice.patient.log_imports.order_by("id").first()
    undo = timed(lambda: import_history.take_back(by=alice, log_import=first, at=now))
    told("taking it back, while others wait", undo[0], undo[1], LOCK_SECONDS)
    assert not alice.patient.pain_entries.exists()


def bulk_create(user: Any) -> None:
    """What the entries of an import cost alone: the same rows under keys of their own."""
    from tracker.models import PainEntry

    entries = list(user.patient.pain_entries.all())
    for entry in entries:
        entry.pk, entry.uuid, entry.change_number, entry.log_import_id = None, uuid4(), None, None
    PainEntry.objects.bulk_create(entries, batch_size=1_000)


if __name__ == "__main__":
    main()
