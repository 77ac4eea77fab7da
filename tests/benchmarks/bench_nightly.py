"""Verdicts a second, from the pain log in the database to stored rows, beside a plain read of the same rows.

    python tests/benchmarks/bench_nightly.py --attempts 100000

Uses a throwaway database on the server of DATABASE_URL, else an SQLite file.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

ATTEMPTS = 20_000
DAYS = 70
BASELINE_DAYS = 28
LAST_DAY = date(2026, 11, 22)
FIRST_DAY = LAST_DAY - timedelta(days=DAYS - 1)
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)

# Three to seven, in a pattern that no two neighbours share; every second patient is three points better in the end
NRS = f"""3 + (p.id * 7919 + d.n * 104729 + (p.id * d.n) % 13) % 5
    - CASE WHEN p.id % 2 = 1 AND d.n >= {BASELINE_DAYS + 3} THEN 3 ELSE 0 END"""
FILL = """
    INSERT INTO tracker_painentry
        (uuid, patient_id, nrs, felt_at, recorded_at, changed_at, local_date, zone, helped, note, source)
    SELECT {uuid}, p.id, {nrs}, d.noon, d.noon, d.noon, d.day, 'UTC', '', '', 'web'
    FROM tracker_patient p CROSS JOIN bench_day d
"""
ROWS = "SELECT patient_id, local_date, nrs FROM tracker_painentry ORDER BY patient_id"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=ATTEMPTS)
    n_attempts = parser.parse_args().attempts
    with tempfile.TemporaryDirectory(prefix="ebb-bench-") as folder, throwaway_database(Path(folder)):
        seconds = timed(lambda: fill(n_attempts))
        n_rows = n_attempts * DAYS
        print(f"{n_attempts:,} attempts of {DAYS} days, {n_rows:,} rows, made in {seconds:.0f} s")
        run(n_rows)


def run(n_rows: int) -> None:
    from tracker.models import TreatmentAttempt, Verdict
    from tracker.services import judging

    everyone = TreatmentAttempt.objects.all()

    def night(days_ago: int) -> None:
        judging.judge(on=LAST_DAY - timedelta(days=days_ago), attempts=everyone, at=AT)

    def after_missed_nights() -> None:
        Verdict.objects.update(as_of=FIRST_DAY)
        night(1)

    steps: dict[str, Callable[[], object]] = {
        "plain read of three columns": read_rows,
        "the first night, and advice for half": lambda: night(2),
        "after missed nights: from the start": after_missed_nights,
        "plain read again": read_rows,
        "tonight only, as on most nights": lambda: night(0),
        "of that, the filter's own arithmetic": lambda: arithmetic(everyone),
        "a tick with nothing due": lambda: judging.judge_due(clock=lambda: AT),
    }
    floor = 0.0
    for name, step in steps.items():
        seconds = timed(step)
        floor = seconds if name.startswith("plain") else floor
        print(f"{name:<40} {seconds:8.2f} s {n_rows / seconds:12,.0f} rows/s {seconds / floor:6.2f} x the read above")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    print(f"{Verdict.objects.count():,} verdicts stored, peak memory {peak:.0f} MB")


def arithmetic(attempts) -> None:
    from tracker.domain import verdict
    from tracker.services import judging, trials

    chunk = list(attempts.order_by("pk").prefetch_related("treatment_type")[: judging.CHUNK_SIZE])
    known = [log.trial() for log in trials.read(chunk, on=LAST_DAY)]
    whole, rest = divmod(attempts.count(), len(known))
    for _ in range(whole):
        verdict.judge(known)
    verdict.judge(known[:rest])


def read_rows() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY ({ROWS}) TO STDOUT (FORMAT BINARY)") as copy:
                for _ in copy:
                    pass
            return
        cursor.execute(ROWS)
        while cursor.fetchmany(2_000):
            pass


def fill(n_attempts: int) -> None:
    from django.db import connection

    from tracker.models import Patient, TreatmentAttempt, TreatmentType, User

    User.objects.bulk_create(
        (User(email=f"{n}@example.org", password="!") for n in range(n_attempts)), batch_size=2_000
    )
    Patient.objects.bulk_create(
        (Patient(user_id=pk, is_adult=True, consented_at=AT) for pk in User.objects.values_list("pk", flat=True)),
        batch_size=2_000,
    )
    kind = TreatmentType.objects.get(key="oral_nsaid")
    TreatmentAttempt.objects.bulk_create(
        (
            TreatmentAttempt(
                patient_id=pk,
                uuid=uuid4(),
                treatment_type=kind,
                started_on=FIRST_DAY + timedelta(days=BASELINE_DAYS),
                created_at=AT,
                changed_at=AT,
            )
            for pk in Patient.objects.values_list("pk", flat=True)
        ),
        batch_size=2_000,
    )
    with connection.cursor() as cursor:
        is_postgres = connection.vendor == "postgresql"
        instant = "timestamptz" if is_postgres else "text"
        cursor.execute(f"CREATE TEMPORARY TABLE bench_day (n integer, day date, noon {instant})")
        days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
        cursor.executemany(
            "INSERT INTO bench_day VALUES (%s, %s, %s)",
            [(n, day, f"{day} 12:00:00{'+00' if is_postgres else ''}") for n, day in enumerate(days)],
        )
        cursor.execute("SET statement_timeout = 0" if is_postgres else "PRAGMA foreign_keys")
        uuid = "gen_random_uuid()" if is_postgres else "lower(hex(randomblob(16)))"
        cursor.execute(FILL.format(uuid=uuid, nrs=NRS))
        cursor.execute("ANALYZE")


@contextmanager
def throwaway_database(folder: Path):
    os.environ["EBB_VAR"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.db import connection

    django.setup()
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(folder / "bench.sqlite3")
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(str(connection.settings_dict["NAME"]), verbosity=0)


def timed(step: Callable[[], object]) -> float:
    started = time.perf_counter()
    step()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
