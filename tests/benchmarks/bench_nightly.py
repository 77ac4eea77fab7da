"""A night from the pain log in the database to stored rows, beside a plain read of the same rows in the same run.

    python tests/benchmarks/bench_nightly.py --attempts 100000

Uses a throwaway database on the server of DATABASE_URL, else an SQLite file. All times are CPU seconds, of this process
and of the database's own for it, so that other work on the machine does not count.
"""

import argparse
import json
import os
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from uuid import uuid4

os.environ.setdefault("OMP_NUM_THREADS", "1")

ATTEMPTS = 20_000
FEW = 5_000
DAYS = 70
BASELINE_DAYS = 28
LAST_DAY = date(2026, 11, 22)
FIRST_DAY = LAST_DAY - timedelta(days=DAYS - 1)
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
ROUNDS = 3
GOAL_RATIO, GOAL_SECONDS, GOAL_MB = 5, 15, 500

Steps = dict[str, Callable[[], object]]

# Three to seven, in a pattern that no two neighbours share; every second patient is three points better in the end
NRS = f"""3 + (p.id * 7919 + d.n * 104729 + (p.id * d.n) % 13) % 5
    - CASE WHEN p.id % 2 = 1 AND d.n >= {BASELINE_DAYS + 3} THEN 3 ELSE 0 END"""
ROWS = "SELECT patient_id, local_date, nrs FROM tracker_painentry ORDER BY patient_id"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attempts", type=int, default=ATTEMPTS)
    n_attempts = parser.parse_args().attempts
    with tempfile.TemporaryDirectory(prefix="ebb-bench-") as folder, throwaway_database(Path(folder)):
        seconds = cpu_of(lambda: fill(n_attempts))
        print(f"{n_attempts:,} attempts of {DAYS} days, {n_attempts * DAYS:,} rows, made in {seconds:.0f} s")
        run(n_attempts)


def run(n_attempts: int) -> None:
    from tracker.models import TreatmentAttempt, Verdict

    few = TreatmentAttempt.objects.order_by("pk")[: min(FEW, n_attempts)]
    trials = known_trials()
    before: Steps = {
        "the first night of few, with advice": lambda: judge(
            TreatmentAttempt.objects.filter(pk__in=[a.pk for a in few])
        ),
        "the first night of the others": lambda: night(2),
        "after edits: all from the start": after_edits,
    }
    peaks = [peak for _cpu_s, peak in measured(before, n_attempts)]
    ratios, own_s, all_s = [], [], []
    for n in range(ROUNDS):
        steps: Steps = {
            "plain read of three columns": read_rows,
            "tonight only, as on most nights": partial(night, -n),
            "of that, the filter and the rule": partial(arithmetic, trials, n_attempts),
        }
        (plain, _), (tonight, peak), (own, _) = measured(steps, n_attempts)
        ratios.append((tonight - own) / plain)
        own_s.append(own)
        all_s.append(tonight)
        peaks.append(peak)
        assert Verdict.objects.filter(as_of=LAST_DAY + timedelta(days=n)).count() == n_attempts
    list(measured({"a tick with nothing due": partial(night, 1 - ROUNDS)}, n_attempts))
    print(f"reading and storing, without the filter: {median(ratios):.1f} x the plain read, goal {GOAL_RATIO}")
    print(f"filter and rule for 100,000 attempts: {median(own_s) / n_attempts * 1e5:.1f} s, goal {GOAL_SECONDS}")
    print(f"all of tonight for 100,000 attempts: {median(all_s) / n_attempts * 1e5:.1f} s")
    print(f"memory: {peaks[0]:.0f} MB for {len(few):,}, {max(peaks):.0f} MB for {n_attempts:,}, goal {GOAL_MB}")


def measured(steps: Steps, n_attempts: int) -> Iterator[tuple[float, float]]:
    """CPU seconds and peak memory in MB of each, which are printed too."""
    n_rows = n_attempts * DAYS
    for name, step in steps.items():
        forget_peak()
        cpu_s, peak = cpu_of(step), peak_mb()
        print(f"{name:<40} {cpu_s:8.2f} s {n_rows / cpu_s:12,.0f} rows/s {peak:6.0f} MB")
        yield cpu_s, peak


def night(days_ago: int) -> None:
    """As a worker does it: plan, claim by lease, judge, store."""
    from tracker.services import judging

    at = AT - timedelta(days=days_ago)
    judging.judge_due(clock=lambda: at, budget_s=3600)


def judge(attempts) -> None:
    from tracker.services import judging

    judging.judge(on=LAST_DAY - timedelta(days=3), attempts=attempts, at=AT)


def after_edits() -> None:
    from tracker.models import Verdict

    Verdict.objects.update(inputs_digest="edited")
    night(1)


def known_trials() -> list:
    """Of a shard, as the filter takes them."""
    from tracker.models import TreatmentAttempt
    from tracker.services import nights, trials

    shard = list(TreatmentAttempt.objects.order_by("pk").prefetch_related("treatment_type")[: nights.SHARD_SIZE])
    return [log.trial() for log in trials.read(shard, on=LAST_DAY)]


def arithmetic(known: list, n_attempts: int) -> None:
    """Of these trials, as often as there are attempts."""
    from tracker.domain import verdict

    whole, rest = divmod(n_attempts, len(known))
    for _ in range(whole):
        verdict.judge(known)
    verdict.judge(known[:rest])


def cpu_of(step: Callable[[], object]) -> float:
    began = time.process_time() + server_seconds()
    step()
    return time.process_time() + server_seconds() - began


def server_seconds() -> float:
    """CPU time of PostgreSQL's process for this connection."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def forget_peak() -> None:
    """Linux alone can; elsewhere the peak is that of the whole run."""
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    if sys.platform == "linux":
        return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


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
    add_entries()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database that was filled in years has done by itself


def add_entries() -> None:
    """One a day for each patient. What this does not name is empty, so that a new column costs nothing here."""
    from django.db import connection

    from tracker.models import PainEntry

    is_postgres = connection.vendor == "postgresql"
    given = {
        "uuid": "gen_random_uuid()" if is_postgres else "lower(hex(randomblob(16)))",
        "patient_id": "p.id",
        "nrs": NRS,
        "local_date": "d.day",
        "zone": "'UTC'",
        "source": "'web'",
        **dict.fromkeys(("felt_at", "recorded_at", "changed_at"), "d.noon"),
    }
    for field in PainEntry._meta.concrete_fields:
        if field.attname not in given and not field.primary_key and not field.null:
            empty = field.get_default()
            given[field.attname] = f"'{empty}'" if isinstance(empty, str) else json.dumps(empty).join("''")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE bench_day (n integer, day date, noon {instant(is_postgres)})")
        days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
        cursor.executemany(
            "INSERT INTO bench_day VALUES (%s, %s, %s)",
            [(n, day, f"{day} 12:00:00{'+00' if is_postgres else ''}") for n, day in enumerate(days)],
        )
        cursor.execute("SET statement_timeout = 0" if is_postgres else "PRAGMA foreign_keys")
        cursor.execute(
            f"INSERT INTO tracker_painentry ({', '.join(given)}) SELECT {', '.join(given.values())} "
            "FROM tracker_patient p CROSS JOIN bench_day d"
        )
        cursor.execute("ANALYZE")


def instant(is_postgres: bool) -> str:
    return "timestamptz" if is_postgres else "text"


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


if __name__ == "__main__":
    main()
