"""How fast everything leaves, beside json.dumps of the same rows, and how much memory that takes.

Ten years of four entries a day, a place on every other one. Ratios of one run on one machine.
"""

import json
import os
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

N_ENTRIES = 14_600
ROUNDS = 5
GOALS = {"json": 12.0, "csv": 12.0, "fhir": 20.0}  # times json.dumps of the entries' rows
MEMORY_GOAL = 12_000_000  # bytes at the highest point
AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"EBB_VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings", "EBB_SECRET_KEY": "x" * 50}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        measure(Path(folder), make_patient())


def make_patient():
    from tracker.models import EntrySite, PainEntry, User
    from tracker.services import accounts

    user = User.objects.create_user("bench@example.org")
    patient = accounts.open_record(by=user, is_adult=True, consents=True, at=AT)
    dice = random.Random(7)
    entries = PainEntry.objects.bulk_create(
        (
            PainEntry(
                patient=patient,
                uuid=uuid4(),
                nrs=dice.randint(0, 10),
                felt_at=(moment := AT - timedelta(hours=6 * number)),
                recorded_at=moment,
                changed_at=moment,
                local_date=moment.date(),
                zone="Europe/Berlin",
                note="crept up after lunch" if number % 10 == 0 else "",
                source=PainEntry.Source.WEB,
            )
            for number in range(N_ENTRIES)
        ),
        batch_size=1_000,
    )
    EntrySite.objects.bulk_create(
        (EntrySite(entry=one, site="low_back", nrs=3) for one in entries[::2]), batch_size=1_000
    )
    return user


def measure(folder: Path, user) -> None:
    from tracker.services import exports, record_imports

    rows = json.loads(b"".join(exports.pieces(by=user, kind=exports.Format.JSON, at=AT)))["entries"]
    plain = seconds(lambda: json.dumps(rows, ensure_ascii=False))
    n_plain = len(json.dumps(rows, ensure_ascii=False).encode())
    print(f"{N_ENTRIES} entries; json.dumps of their rows {plain:.3f} s, {n_plain / plain / 1e6:.0f} MB/s")
    for kind in exports.Format:
        take = lambda kind=kind: sum(map(len, exports.pieces(by=user, kind=kind, at=AT)))  # noqa: E731
        spent, size = seconds(take), take()
        peak = highest(take)
        verdict = "ok" if spent / plain <= GOALS[kind] and peak <= MEMORY_GOAL else "TOO MUCH"
        print(
            f"  {kind:5} {spent:6.3f} s  {size / 1e6:5.1f} MB  {size / spent / 1e6:5.1f} MB/s  "
            f"{spent / plain:5.1f} x json.dumps, goal {GOALS[kind]} x  highest {peak / 1e6:.1f} MB  {verdict}"
        )
    content = b"".join(exports.pieces(by=user, kind=exports.Format.JSON, at=AT))
    began = time.perf_counter()
    record_imports.run(by=other(), content=content, filename="bench", at=AT)
    spent = time.perf_counter() - began
    print(f"  taken back in: {spent:.1f} s, goal 30 s  {'ok' if spent <= 30 else 'TOO SLOW'}")


def other():
    from tracker.models import User
    from tracker.services import accounts

    user = User.objects.create_user("other@example.org")
    accounts.open_record(by=user, is_adult=True, consents=True, at=AT)
    return user


def seconds(act: Callable[[], object]) -> float:
    """The median of some rounds, in seconds of CPU."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        times.append(time.process_time() - began)
    return statistics.median(times)


def highest(act: Callable[[], object]) -> int:
    tracemalloc.start()
    act()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


if __name__ == "__main__":
    main()
