"""How fast reminders go out, as shares of what the same mail server takes from smtplib alone, in one run.

Claim to sent, with both marks of the ledger, by one process and by two; what the shapes of other programs reach at 10,000
due (peers.py); memory and an idle tick with many reminders. Each share is the median of rounds in which all take turns,
by the clock and by the sender's own CPU seconds, which other work on the machine disturbs less.

The server is Postfix's smtp-sink where it is found, else one in Python. EBB_BENCH_ROWS sets the large number.
"""

import os
import pwd
import resource
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
N_MAILS = int(os.environ.get("EBB_BENCH_MAILS", "2000"))
N_ROWS = int(os.environ.get("EBB_BENCH_ROWS", "1000000"))
# Keys of rows that are copied: so far from those that the database gives out itself.
FAR = 10_000_000
ROUNDS = int(os.environ.get("EBB_BENCH_RUNS", "3"))
# Figures at which evidence of other programs and of the machine's limit says that a sender is good.
GOALS = {
    "share of smtplib": "0.40 or more",
    "share of smtplib, CPU": "0.40 or more",
    "share of ready bytes and one mark": "0.77 or more",
    "times the alert loop": "30 or more",
    "times entries of their own": "50 or more",
    "two processes to one": "1.7 or more",
    "MB of a worker, many rows": "as with 1,000",
    "idle tick, ms": "below 10",
}

# A mail server that takes everything, as fast as Python can: a thread for each connection, no look at what comes.
SINK = """
import socket, threading

def talk(link):
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    link.sendall(b"220 ready\\r\\n")
    is_text, rest = False, b""
    while True:
        got = link.recv(65536)
        if not got:
            return
        rest += got
        answer = b""
        while True:
            if is_text:
                end = rest.find(b"\\r\\n.\\r\\n")
                if end < 0:
                    break
                rest, is_text = rest[end + 5:], False
                answer += b"250 taken\\r\\n"
                continue
            end = rest.find(b"\\r\\n")
            if end < 0:
                break
            verb, rest = rest[:4].upper(), rest[end + 2:]
            if verb == b"DATA":
                is_text = True
                answer += b"354 go on\\r\\n"
            elif verb == b"EHLO":
                answer += b"250-sink\\r\\n250 PIPELINING\\r\\n"
            elif verb == b"QUIT":
                link.sendall(answer + b"221 bye\\r\\n")
                link.close()
                return
            else:
                answer += b"250 ok\\r\\n"
        if answer:
            link.sendall(answer)

with socket.create_server(("127.0.0.1", PORT), backlog=100) as server:
    while True:
        threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
"""

WORKER = "from tests.benchmarks import bench_reminders as b; b.work()"


def sink() -> tuple[subprocess.Popen[bytes], int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    if program := shutil.which("smtp-sink", path=f"{os.environ['PATH']}:/usr/sbin"):
        as_nobody = ["-u", pwd.getpwnam("nobody").pw_name] if os.geteuid() == 0 else []
        command = [program, *as_nobody, f"127.0.0.1:{port}", "100"]
    else:
        command = [sys.executable, "-c", SINK.replace("PORT", str(port))]
    process = subprocess.Popen(command)
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            break
    return process, port


@contextmanager
def connected(port: int) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.ehlo()
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield server


def smtplib_rate(port: int, body: bytes) -> tuple[float, float]:
    """Mails a second, and a CPU second, of smtplib alone, prebuilt bytes, one connection: the yardstick."""
    with connected(port) as server:
        began, cpu = time.perf_counter(), time.process_time()
        for n in range(N_MAILS):
            server.mail("ebb@example.org")
            server.rcpt(f"p{n}@example.org")
            server.data(body)
        return N_MAILS / (time.perf_counter() - began), N_MAILS / (time.process_time() - cpu)


def start_django(port: int) -> None:
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    settings.EMAIL_BACKEND = "config.mail.StagedSMTPBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def seed(n: int, *, is_due: bool = True, kind: str = "medicine") -> None:
    import uuid
    from datetime import time as wall

    from django.utils import timezone

    from tracker.models import Occurrence, Patient, Reminder, User

    now = timezone.now()
    due_at = now - timedelta(seconds=1) if is_due else now + timedelta(days=1)
    for first in range(0, n, 10_000):
        count = min(10_000, n - first)
        stem = uuid.uuid4().hex[:8]
        users = User.objects.bulk_create([User(email=f"p{i}.{stem}@example.org") for i in range(count)])
        patients = Patient.objects.bulk_create([Patient(user=u, is_adult=True, consented_at=now) for u in users])
        wishes = Reminder.objects.bulk_create(
            [Reminder(patient=p, uuid=uuid.uuid4(), kind=kind, wall_time=wall(7), changed_at=now) for p in patients]
        )
        when = {"local_date": now.date(), "zone": "UTC", "due_at": due_at, "window_ends_at": now + timedelta(hours=6)}
        Occurrence.objects.bulk_create([Occurrence(reminder=wish, **when) for wish in wishes])


def seed_waiting(n: int) -> None:
    """So many more that are not due, copied inside the database from a first one."""
    from django.db import connection

    from tracker.models import Occurrence, Patient, Reminder, User

    seed(1, is_due=False)
    first = Occurrence.objects.select_related("reminder__patient__user").latest("pk")
    owner = first.reminder.patient
    own = {
        User: (owner.user_id, {"email": "'w' || n || '@example.org'"}),
        Patient: (owner.pk, {"user_id": "n"}),
        Reminder: (first.reminder_id, {"patient_id": "n", "unsubscribe_key": "'w' || n"}),
        Occurrence: (first.pk, {"reminder_id": "n"}),
    }
    far = FAR + max(pk for pk, _differs in own.values())
    numbers = f"WITH RECURSIVE many(n) AS (SELECT {far + 1} UNION ALL SELECT n + 1 FROM many WHERE n < {far + n})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
        for model, (pk, differs) in own.items():
            table, names = model._meta.db_table, [field.column for field in model._meta.concrete_fields]
            values = [({"id": "n"} | differs).get(name, f"one.{name}") for name in names]
            copies = f"{numbers} SELECT {', '.join(values)} FROM many, {table} AS one WHERE one.id = {pk}"
            cursor.execute(f"INSERT INTO {table} ({', '.join(names)}) {copies}")
            cursor.execute(f"ANALYZE {table}")


def forget() -> None:
    from tracker.models import Circuit, Occurrence, Patient, Reminder, User

    for model in (Occurrence, Reminder, Circuit, Patient, User):
        model.objects.all()._raw_delete(model.objects.db)


def work() -> None:
    """One worker in a process of its own: says when it is ready, and starts on a line."""
    start_django(int(sys.argv[1]))
    from django.utils import timezone

    from tracker.models import Occurrence
    from tracker.services import delivery

    # Everything is loaded and every template read before the clock starts: workers live long.
    delivery.drain(clock=lambda: timezone.now() - timedelta(days=3))
    first = Occurrence.objects.select_related("reminder__patient__user").first()
    delivery._write(first, "<1@example.org>", at=timezone.now()).wire()
    print("ready", flush=True)
    sys.stdin.readline()
    print(delivery.drain(clock=timezone.now, budget_s=300), flush=True)


def drain_rate(*, kind: str = "medicine") -> tuple[float, float]:
    """Mails a second, and a CPU second, of one worker, which is this process."""
    from django.utils import timezone

    from tracker.services import delivery

    seed(N_MAILS, kind=kind)
    began, cpu = time.perf_counter(), time.process_time()
    n_sent = delivery.drain(clock=timezone.now, budget_s=300)
    rates = N_MAILS / (time.perf_counter() - began), N_MAILS / (time.process_time() - cpu)
    forget()
    assert n_sent == N_MAILS, n_sent
    return rates


def least_rate(port: int, body: bytes) -> float:
    """Mails a second of the least that keeps the promise: ready bytes, and one mark with its commit for each mail."""
    import uuid

    from django.utils import timezone

    from tracker.services import delivery
    from tracker.services.ledger import Ledger

    seed(N_MAILS)
    with connected(port) as server:
        began = time.perf_counter()
        ledger = Ledger(token=uuid.uuid4(), lease=delivery.LEASE)
        while pks := delivery._claim(ledger.token, at=timezone.now(), has_mail=True):
            for pk in pks:
                ledger.begin(pk, message_id=f"<{pk}@example.org>", at=timezone.now())
                assert ledger.is_begun()
                server.mail("ebb@example.org")
                server.rcpt(f"p{pk}@example.org")
                server.data(body)
                ledger.sent(pk, channels="email", at=timezone.now())
        ledger.flush()
        took = time.perf_counter() - began
    forget()
    return N_MAILS / took


def rate_of_two(port: int) -> float:
    seed(N_MAILS)
    command = [sys.executable, "-c", WORKER, str(port)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]
    for worker in workers:
        assert worker.stdout.readline().strip() == "ready"
    began = time.perf_counter()
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    n_sent = sum(int(worker.stdout.readline()) for worker in workers)
    took = time.perf_counter() - began
    for worker in workers:
        worker.communicate()
    forget()
    assert n_sent == N_MAILS, n_sent
    return N_MAILS / took


def claim_rate() -> float:
    import uuid

    from django.utils import timezone

    from tracker.services import delivery

    seed(N_MAILS)
    began, n = time.perf_counter(), 0
    while pks := delivery._claim(uuid.uuid4(), at=timezone.now(), has_mail=True):
        n += len(pks)
    took = time.perf_counter() - began
    forget()
    return n / took


def idle_ms() -> float:
    from django.utils import timezone

    from tracker.services import delivery

    took = []
    for _ in range(50):
        began = time.perf_counter()
        delivery.drain(clock=timezone.now)
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def worker_mb(port: int) -> float:
    """The most that a worker takes which looks at the queue and sends what is due of it."""
    seed(500)
    code = f"import sys; sys.argv[1:] = ['{port}']; {WORKER}; b.say_peak()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input="\n", capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def say_peak() -> None:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def a_body() -> bytes:
    from tracker.models import Occurrence
    from tracker.services import delivery

    seed(1)
    row = Occurrence.objects.select_related("reminder__patient__user", "reminder__medicine", "appointment").get()
    body = delivery._write(row, f"<{'0' * 32}@127.0.0.1>", at=row.due_at).wire()
    forget()
    return body


def a_round(port: int, body: bytes) -> dict[str, float]:
    from tests.benchmarks import peers

    raw, raw_cpu = smtplib_rate(port, body)
    least = least_rate(port, body)
    one, one_cpu = drain_rate()
    moves, moves_cpu = drain_rate(kind="morning_moves")
    two = rate_of_two(port)
    alert_s, alert_cpu_s = peers.alert_loop(port)
    entry_s, entry_cpu_s = peers.beat_entries(port)
    return {
        "smtplib, mails/s": raw,
        "Ebb, mails/s": one,
        "share of smtplib": one / raw,
        "share of smtplib, CPU": one_cpu / raw_cpu,
        "share of smtplib, ready bytes and one mark": least / raw,
        "share of ready bytes and one mark": one / least,
        "share, morning moves": moves / raw,
        "share, morning moves, CPU": moves_cpu / raw_cpu,
        "two processes to one": two / one,
        "alert loop, mails/s": 1 / alert_s,
        "times the alert loop": one * alert_s,
        "times the alert loop, CPU": one_cpu * alert_cpu_s,
        "entries of their own, mails/s": 1 / entry_s,
        "times entries of their own": one * entry_s,
        "times entries of their own, CPU": one_cpu * entry_cpu_s,
    }


def measure(port: int) -> None:
    from tests.benchmarks import peers

    body = a_body()
    say("bytes of a mail", len(body))
    peers.make_tables()
    drain_rate()
    rounds = [a_round(port, body) for _ in range(ROUNDS)]
    for name in rounds[0]:
        say(name, median(one[name] for one in rounds))
    say("claims/s", claim_rate())
    seed_waiting(1_000)
    say("MB of a worker, 1,000 rows", worker_mb(port))
    forget()
    seed_waiting(N_ROWS)
    say("rows", N_ROWS)
    say("MB of a worker, many rows", worker_mb(port))
    say("idle tick, ms", idle_ms())


def say(name: str, figure: float) -> None:
    goal = f"   goal: {GOALS[name]}" if name in GOALS else ""
    print(f"{name:<32} {figure:>10.{0 if figure >= 100 else 2}f}{goal}", flush=True)


def main() -> None:
    """On the server of DATABASE_URL in a database of its own, else on SQLite in a file."""
    with tempfile.TemporaryDirectory(prefix="ebb-bench-") as folder:
        os.environ |= {"EBB_VAR": folder, "PYTHONPATH": str(ROOT)}
        server, port = sink()
        start_django(port)
        from django.core.management import call_command
        from django.db import connection

        if connection.vendor == "postgresql":
            name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
            os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        else:
            call_command("migrate", verbosity=0)
        print(f"database: {connection.vendor}, mail server: {Path(server.args[0]).name}", flush=True)
        try:
            measure(port)
        finally:
            server.kill()
            server.wait()
            if connection.vendor == "postgresql":
                connection.creation.destroy_test_db(str(connection.settings_dict["NAME"]), verbosity=0)


if __name__ == "__main__":
    main()
