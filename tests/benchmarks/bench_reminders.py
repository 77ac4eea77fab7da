"""How fast reminders go out, as shares of what the same mail server takes from smtplib alone, in one run.

A share, by time and by the sender's own CPU seconds (which other work on the machine disturbs less), of smtplib's raw bytes on a reused connection; several processes; a loop that marks row by row, as other
programs do; the claim alone; memory and an idle tick with many reminders. EBB_BENCH_ROWS sets the large number.
"""

import json
import os
import resource
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
N_MAILS = int(os.environ.get("EBB_BENCH_MAILS", "2000"))
N_ROWS = int(os.environ.get("EBB_BENCH_ROWS", "100000"))
RUNS = int(os.environ.get("EBB_BENCH_RUNS", "3"))

# A mail server that takes everything, as fast as Python can: a thread for each connection, no look at what comes.
SINK = """
import socket, sys, threading

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
                answer += b"250-sink\\r\\n250 PIPELINING\\r\\n" if sys.argv[1] == "pipelining" else b"250 sink\\r\\n"
            elif verb == b"QUIT":
                link.sendall(answer + b"221 bye\\r\\n")
                link.close()
                return
            else:
                answer += b"250 ok\\r\\n"
        if answer:
            link.sendall(answer)

with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
    print(server.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=talk, args=server.accept()[:1], daemon=True).start()
"""

WORKER = "from tests.benchmarks import bench_reminders as b; b.work()"


def sink(how: str) -> tuple[subprocess.Popen[str], int]:
    process = subprocess.Popen([sys.executable, "-c", SINK, how], stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def smtplib_rate(port: int, body: bytes) -> tuple[float, float]:
    """Mails a second, and a CPU second, of smtplib alone, prebuilt bytes, one connection: the yardstick."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.ehlo()
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began, cpu = time.perf_counter(), time.process_time()
        for n in range(N_MAILS):
            server.mail("ebb@example.org")
            server.rcpt(f"p{n}@example.org")
            server.data(body)
        return N_MAILS / (time.perf_counter() - began), N_MAILS / (time.process_time() - cpu)


def start_django(port: int = 0) -> None:
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    if port:
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


def forget() -> None:
    from tracker.models import Circuit, Occurrence, Reminder, User

    for model in (Occurrence, Reminder, Circuit):
        model.objects.all()._raw_delete(model.objects.db)
    User.objects.all().delete()


def work() -> None:
    """One worker in a process of its own: says when it is ready, and starts on a line."""
    start_django(int(sys.argv[1]))
    from django.utils import timezone

    from tracker.models import Occurrence
    from tracker.services import delivery

    # Everything is loaded and every template read before the clock starts: workers live long.
    delivery.drain(clock=lambda: timezone.now() - timedelta(days=3))
    delivery._write(Occurrence.objects.select_related("reminder__patient__user").first(), at=timezone.now()).wire()
    print("ready", flush=True)
    sys.stdin.readline()
    cpu = time.process_time()
    print(delivery.drain(clock=timezone.now, budget_s=300), time.process_time() - cpu, flush=True)


def drain_rate(port: int, *, processes: int, kind: str = "medicine") -> tuple[float, float]:
    seed(N_MAILS, kind=kind)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(port)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    for worker in workers:
        assert worker.stdout.readline().strip() == "ready"
    began = time.perf_counter()
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    told = [worker.stdout.readline().split() for worker in workers]
    n_sent, cpu = sum(int(n) for n, _s in told), sum(float(seconds) for _n, seconds in told)
    took = time.perf_counter() - began
    for worker in workers:
        worker.communicate()
    forget()
    assert n_sent == N_MAILS, n_sent
    return N_MAILS / took, N_MAILS / cpu


def naive_rate(port: int) -> float:
    """As a loop that takes the next due row, marks it, renders its mail and opens a connection: healthchecks' shape."""
    from django.core.mail import EmailMultiAlternatives, get_connection
    from django.template.loader import render_to_string
    from django.utils import timezone

    from tracker.models import Occurrence

    n = min(N_MAILS, 200)
    seed(n)
    began = time.perf_counter()
    while (row := Occurrence.objects.due(timezone.now()).order_by("due_at").first()) is not None:
        if not Occurrence.objects.filter(pk=row.pk, state="pending").update(state="started"):
            continue
        said = {"wording": {"subject": "Your reminder", "line": "now"}, "name": "", "links": [], "unsubscribe": "x"}
        text, html = (render_to_string(f"tracker/mail/reminder/body.{kind}", said) for kind in ("txt", "html"))
        mail = EmailMultiAlternatives("Your reminder", text, to=[row.reminder.patient.user.email])
        mail.attach_alternative(html, "text/html")
        get_connection("django.core.mail.backends.smtp.EmailBackend", port=port).send_messages([mail])
        row.state, row.sent_at = "sent", timezone.now()
        row.save()
    rate = n / (time.perf_counter() - began)
    forget()
    return rate


def claim_rate() -> float:
    import uuid

    from django.utils import timezone

    from tracker.services import delivery

    began, n = time.perf_counter(), 0
    while pks := delivery._claim(uuid.uuid4(), at=timezone.now(), has_mail=True):
        n += len(pks)
    return n / (time.perf_counter() - began)


def idle_ms() -> float:
    from django.utils import timezone

    from tracker.services import delivery

    took = []
    for _ in range(50):
        began = time.perf_counter()
        delivery.drain(clock=timezone.now)
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def worker_mb(n_more: int) -> float:
    """The most that a worker takes which looks at the queue, and sends what is due of it, with so many rows more."""
    seed(n_more, is_due=False)
    server, port = sink("plain")
    try:
        seed(500)
        code = f"import sys; sys.argv[1:] = ['{port}']; {WORKER}; b.say_peak()"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, input="\n", capture_output=True, text=True, check=True
        )
    finally:
        server.kill()
        server.communicate()
    return float(done.stdout.split()[-1])


def say_peak() -> None:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def a_body() -> bytes:
    from tracker.models import Occurrence
    from tracker.services import delivery

    seed(1)
    row = Occurrence.objects.select_related("reminder__patient__user", "reminder__medicine", "appointment").get()
    body = delivery._write(row, at=row.due_at).wire()
    forget()
    return body


def figures() -> dict[str, float]:
    told: dict[str, float] = {}
    body = a_body()
    told["bytes_of_a_mail"] = len(body)
    for how in ("plain", "pipelining"):
        server, port = sink(how)
        try:
            rates = [(*smtplib_rate(port, body), *drain_rate(port, processes=1)) for _ in range(RUNS)]
            raw, raw_cpu, one, one_cpu = (median(column) for column in zip(*rates, strict=True))
            told |= {f"{how}_smtplib_per_s": raw, f"{how}_ebb_per_s": one, f"{how}_share": one / raw}
            told[f"{how}_share_of_cpu"] = one_cpu / raw_cpu
            print(told, file=sys.stderr, flush=True)
            if how == "pipelining":
                told["moves_share"] = drain_rate(port, processes=1, kind="morning_moves")[0] / raw
                told["two_processes_to_one"] = median(drain_rate(port, processes=2)[0] for _ in range(RUNS)) / one
                told["row_by_row_per_s"] = naive_rate(port)
                told["ebb_to_row_by_row"] = one / told["row_by_row_per_s"]
        finally:
            server.kill()
            server.communicate()
    told["worker_mb_with_1000_rows"] = worker_mb(1_000)
    told["worker_mb_with_all_rows"] = worker_mb(N_ROWS - 1_000)
    told |= {"rows_waiting": N_ROWS, "idle_tick_ms": idle_ms()}
    forget()
    seed(min(N_ROWS, 20_000))
    told["claims_per_s"] = claim_rate()
    forget()
    return {name: round(value, 3) for name, value in told.items()}


def main() -> None:
    """On the server of DATABASE_URL in a database of its own, else on SQLite in a file."""
    with tempfile.TemporaryDirectory(prefix="ebb-bench-") as folder:
        os.environ |= {"EBB_VAR": folder, "PYTHONPATH": str(ROOT)}
        start_django()
        from django.core.management import call_command
        from django.db import connection

        if connection.vendor == "postgresql":
            name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
            os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        else:
            call_command("migrate", verbosity=0)
        try:
            print(json.dumps({"database": connection.vendor} | figures(), indent=1))
        finally:
            if connection.vendor == "postgresql":
                connection.creation.destroy_test_db(str(connection.settings_dict["NAME"]), verbosity=0)


if __name__ == "__main__":
    main()
