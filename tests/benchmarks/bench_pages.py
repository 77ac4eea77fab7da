"""Server time of Today and Timeline for ten years of entries, as a ratio to a null view of the same process and run.

python tests/benchmarks/bench_pages.py
"""

import gc
import io
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

N_DAYS, PER_DAY = 3650, 4  # 14,600 entries
N_ATTEMPTS = 20
ROUNDS, WARM_UP = 40, 3
GOALS = {"/": 30, "/timeline/": 60, "/timeline/?range=365": 60, "/timeline/?range=all": 60, "/treatments/": 60}
GOALS |= {"/body/": 60, "/body/?range=all": 60}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ebb-bench-") as var:
        set_up(var)
        cookie = ten_years()
        measure(cookie)


def set_up(var: str) -> None:
    os.environ |= {"EBB_VAR": var, "DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ.pop("DATABASE_URL", None)
    import django
    from django.conf import settings
    from django.core.management import call_command

    # Hashed names of static files are looked up in memory; collecting them is no part of this.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STATIC_ROOT.mkdir(exist_ok=True)
    settings.ROOT_URLCONF = "tests.benchmarks.pages_urls"
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)


def ten_years() -> str:
    """Fill the database; return the session cookie of the patient."""
    from django.contrib.auth import SESSION_KEY, get_user
    from django.test import Client

    from tracker.models import PainEntry, User
    from tracker.services import accounts

    at = datetime.now(UTC)
    user = User.objects.create_user("alice@example.org", "a long walk by the sea")
    patient = accounts.open_record(by=user, is_adult=True, consents=True, at=at)
    dice = random.Random(7)
    moments = [
        datetime.combine(at.date() - timedelta(days=ago), wall_time(8 + 4 * nth), UTC)
        for ago in range(N_DAYS)
        for nth in range(PER_DAY)
    ]
    PainEntry.objects.bulk_create(
        (
            PainEntry(
                patient=patient,
                uuid=uuid4(),
                nrs=dice.randint(2, 8),
                felt_at=moment,
                recorded_at=moment,
                changed_at=moment,
                local_date=moment.date(),
                zone="UTC",
                source=PainEntry.Source.IMPORT,
            )
            for moment in moments
        ),
        batch_size=1000,
    )
    add_sites(patient, dice)
    add_attempts(user, at)
    client = Client()
    client.force_login(user)
    assert SESSION_KEY in client.session and get_user(client)
    return client.cookies["session"].OutputString()


def add_sites(patient, dice: random.Random) -> None:
    """Every entry names a place."""
    from tracker.domain.sites import SITES
    from tracker.models import EntrySite

    keys = [key for key, _name in SITES][:20]
    EntrySite.objects.bulk_create(
        (EntrySite(entry=entry, site=dice.choice(keys)) for entry in patient.pain_entries.all()), batch_size=1000
    )


def add_attempts(user, at: datetime) -> None:
    """A few years of treatments, each with a month of verdicts."""
    from tracker.models import TreatmentType, Verdict
    from tracker.services import treatments

    types = list(TreatmentType.objects.exclude(key="own"))
    for number in range(N_ATTEMPTS):
        started_on = at.date() - timedelta(days=60 * (number + 1))
        attempt = treatments.start(
            by=user, uuid=uuid4(), at=at, on=at.date(), treatment_type=types[number], started_on=started_on
        )
        Verdict.objects.bulk_create(
            Verdict(
                attempt=attempt,
                as_of=started_on + timedelta(days=night),
                outcome=Verdict.Outcome.CANT_TELL,
                reason="too_early",
                days_passed=night,
                days_logged=night,
                baseline_days=28,
                baseline="logged",
                policy_version="bench",
                inputs_digest=str(night),
                computed_at=at,
            )
            for night in range(30)
        )


def measure(cookie: str) -> None:
    from django.core.wsgi import get_wsgi_application

    ask = asker(get_wsgi_application(), cookie)
    pages = {"/null": [], **{address: [] for address in GOALS}}
    for turn in range(WARM_UP + ROUNDS):  # in turns, so that a busy moment of the machine hits all alike
        for address, times in pages.items():
            spent = ask(address)
            if turn >= WARM_UP:
                times.append(spent)
    null = statistics.median(pages["/null"])
    print(f"{N_DAYS * PER_DAY} entries, {N_ATTEMPTS} treatments; null view {null * 1000:.2f} ms of CPU")
    for address, goal in GOALS.items():
        ratio = statistics.median(pages[address]) / null
        verdict = "ok" if ratio <= goal else "TOO SLOW"
        print(f"  {address:24} {ratio:6.1f} x null, goal {goal} x  {n_queries(ask, address):3} queries  {verdict}")


def asker(application: Callable, cookie: str) -> Callable[[str], float]:
    """A function that asks for a page, signed in unless it is the null view, and returns the seconds of CPU."""
    from django.test import RequestFactory

    def ask(address: str) -> float:
        environ = RequestFactory(HTTP_COOKIE="" if address == "/null" else cookie)._base_environ()
        path, _, query = address.partition("?")
        environ |= {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "localhost", "wsgi.input": io.BytesIO()}
        statuses: list[str] = []
        gc.collect()
        began = time.process_time()
        response = application(environ, lambda status, headers, exc_info=None: statuses.append(status))
        b"".join(response)
        spent = time.process_time() - began
        response.close()
        assert statuses[0][:3] in ("200", "204"), (address, statuses)
        return spent

    return ask


def n_queries(ask: Callable[[str], float], address: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        ask(address)
    return len(queries)


if __name__ == "__main__":
    main()
