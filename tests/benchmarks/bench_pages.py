"""CPU time of Today and Timeline for ten years of entries, as a ratio to a null view of the same server and run.

Measured twice. In the web server as `make up` starts it, over loopback (Linux): what a patient's machine spends, and
what the goals are for. In this process without a server: only to see how much of it is Ebb's own.

python tests/benchmarks/bench_pages.py
"""

import gc
import http.client
import io
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from uuid import UUID, uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

N_DAYS, PER_DAY = 3650, 4  # 14,600 entries
N_ATTEMPTS = 20
N_UNDER_WAY = 3  # of the treatments; the others lasted until the next began
ROUNDS, WARM_UP, SERIES = 15, 2, 5
NULL, LIVE = "/null", "/healthz"  # a view that does nothing; the probe, which passes by all middleware
GOALS = {"/": 30, "/timeline/": 60, "/timeline/?range=365": 60, "/timeline/?range=all": 60, "/treatments/": 60}
GOALS |= {"/body/": 60, "/body/?range=all": 60}
GOALS |= {"/timeline/?range=week": 60, "/timeline/calendar/?year=2025": 60, "/timeline/patterns/": 60}
GOALS |= {"/timeline/patterns/?range=730": 60, "/timeline/before-after/?on=2025-06-01&weeks=12": 60}
ON_TRIAL, N_NIGHTS = UUID(int=3), 300  # a treatment of the better part of a year, judged every night
GOALS |= {f"/treatments/{ON_TRIAL}/": 30, "/treatments/plan/": 60}
CHECKUPS = {"open": UUID(int=1), "finished": UUID(int=2)}
GOALS |= {f"/checkup/{CHECKUPS['open']}/": 30, f"/checkup/{CHECKUPS['finished']}/result/": 60, "/checkup/rulebook/": 60}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ebb-bench-") as var:
        set_up(var)
        cookie = ten_years()
        print(f"{N_DAYS * PER_DAY} entries, {N_ATTEMPTS} treatments, {N_UNDER_WAY} of them under way")
        with server() as ask_server:
            report("web server", measure(lambda address: ask_server(address, cookie)), is_judged=True)
        ask = asker(cookie)
        report("this process", measure(ask), is_judged=False)
        for address in GOALS:
            print(f"  {address:24} {n_queries(ask, address)} queries")


def set_up(var: str) -> None:
    os.environ |= {"EBB_VAR": var, "DJANGO_SETTINGS_MODULE": "config.settings"}
    os.environ.pop("DATABASE_URL", None)
    os.environ["EBB_PORT"] = str(free_port())
    import django
    from django.conf import settings
    from django.core.management import call_command

    from config import static_files

    settings.ROOT_URLCONF = "tests.benchmarks.pages_urls"
    django.setup()
    call_command("migrate", verbosity=0, skip_checks=True)
    static_files.collect()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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
    add_trial(user, at)
    add_checkups(user, at)
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
        if number >= N_UNDER_WAY:
            stopped_on = started_on + timedelta(days=60)
            treatments.stop(by=user, attempt=attempt, stopped_on=stopped_on, reason="no_help", at=at, on=at.date())
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


def add_trial(user, at: datetime) -> None:
    """One attempt with all its nights, the newest undecided."""
    from tracker.models import TreatmentType, Verdict
    from tracker.services import treatments

    started_on = at.date() - timedelta(days=N_NIGHTS)
    kind = TreatmentType.objects.get(key="own")
    said = {"treatment_type": kind, "own_words": "Tai chi", "started_on": started_on, "recalled_nrs": 6}
    attempt = treatments.start(by=user, uuid=ON_TRIAL, at=at, on=at.date(), **said)
    chances = dict.fromkeys(("p_helped", "p_now", "p_reach", "p_worse"), 0.4)
    points = {"change": -1.2, "change_low": -2.4, "change_high": 0.1, "before": 6.1, "now": 4.9, "mcid": 1.8}
    Verdict.objects.bulk_create(
        Verdict(
            attempt=attempt,
            as_of=started_on + timedelta(days=night),
            outcome=Verdict.Outcome.CANT_TELL,
            reason="too_early" if night < 28 else "varies_too_much",
            days_passed=night,
            days_logged=night,
            baseline_days=200,
            baseline="logged",
            raw_baseline_mean=6.4,
            policy_version="bench",
            inputs_digest=str(night),
            computed_at=at,
            **chances,
            **points,
        )
        for night in range(N_NIGHTS)
    )


def add_checkups(user, at: datetime) -> None:
    """One that is half answered, and a result."""
    from assessments import services
    from tests.engine.walking import STRAIN, walk

    answers = walk(STRAIN)
    half = dict(list(answers.items())[: len(answers) // 2])
    services.start(by=user, at=at, uuid=CHECKUPS["open"], known=half)
    services.start(by=user, at=at, uuid=CHECKUPS["finished"], known=answers)
    services.finish(by=user, uuid=CHECKUPS["finished"], at=at)


def measure(ask: Callable[[str], float]) -> dict[str, float]:
    """Seconds of CPU of each address: the fastest tenth, which a busy machine disturbs least."""
    spent: dict[str, list[float]] = {address: [] for address in (NULL, LIVE, *GOALS)}
    for turn in range(WARM_UP + ROUNDS):  # in turns, so that a busy moment of the machine hits all alike
        for address, times in spent.items():
            seconds = ask(address)
            if turn >= WARM_UP:
                times.append(seconds)
    return {address: statistics.quantiles(times, n=10)[0] for address, times in spent.items()}


def report(where: str, spent: dict[str, float], *, is_judged: bool) -> None:
    null, live = spent[NULL], spent[LIVE]
    print(f"{where}: null view {null * 1000:.2f} ms of CPU, probe {live * 1000:.2f} ms")
    for address, goal in GOALS.items():
        ratio = spent[address] / null
        verdict = f"goal {goal} x  {'ok' if ratio <= goal else 'TOO SLOW':8}" if is_judged else ""
        print(f"  {address:24} {ratio:6.1f} x null  {spent[address] / live:4.0f} x probe  {verdict}")


@contextmanager
def server() -> Iterator[Callable[[str, str], float]]:
    """The web server with the command line of `make up`; yields a function that asks it and returns its CPU seconds."""
    from django.conf import settings

    from config.management.commands.up import services, web_answers

    (web,) = (service for service in services() if service.name == "web")
    argv = [*web.argv[:-1], "tests.benchmarks.pages_wsgi:application"]
    process = subprocess.Popen(argv, env=os.environ | {"PYTHONPATH": "."}, stdout=subprocess.DEVNULL)
    try:
        while not web_answers():
            time.sleep(0.1)
        yield lambda address, cookie: ask_over_loopback(settings.EBB_PORT, address, cookie, workers_of(process.pid))
    finally:
        process.terminate()
        process.wait()


def workers_of(pid: int) -> list[str]:
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return children.read().split()


def ask_over_loopback(port: int, address: str, cookie: str, workers: list[str]) -> float:
    """CPU seconds of one of a series of requests on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {} if address in (NULL, LIVE) else {"Cookie": cookie}
    before = cpu_seconds(workers)
    for _ in range(SERIES):
        connection.request("GET", address, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 204), (address, answer.status)
    connection.close()
    return (cpu_seconds(workers) - before) / SERIES


def cpu_seconds(pids: list[str]) -> float:
    """Of all threads of these processes, to the nanosecond."""
    stats = [path.read_text() for pid in pids for path in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(int(stat.split()[0]) for stat in stats) / 1e9


def asker(cookie: str) -> Callable[[str], float]:
    """A function that asks for a page, signed in unless it is a null view, and returns the seconds of CPU."""
    from django.core.wsgi import get_wsgi_application
    from django.test import RequestFactory

    application = get_wsgi_application()
    gc.collect()
    gc.freeze()  # what was loaded up to here is no page's garbage

    def ask(address: str) -> float:
        environ = RequestFactory(HTTP_COOKIE="" if address in (NULL, LIVE) else cookie)._base_environ()
        path, _, query = address.partition("?")
        environ |= {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": "localhost", "wsgi.input": io.BytesIO()}
        statuses: list[str] = []
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
