"""How other programs send what is due, in shape: the same mails, on the same server, in the same database.

The alert loop is healthchecks' `sendalerts` with one worker: it marks row by row and writes a flip for each; then, flip by
flip, it reads what to tell whom, renders, opens a connection, and notes that it told. The entries are django-celery-beat's
with one of them for each patient: the schedule is asked for and compared whole at each tick, by Celery's own scheduler,
and each entry is a task and a row of its own. In its favour the task runs in the same process, without a broker.
"""

import time
from datetime import timedelta

from celery import Celery, schedules
from celery.beat import ScheduleEntry, Scheduler
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import connection, models
from django.template.loader import render_to_string
from django.utils import timezone

# So many are due at once; a part of them is worked off, and the time for one follows.
N_DUE = 10_000
N_MARKED, N_TOLD, N_TICKS = 400, 150, 40


class Check(models.Model):
    email = models.EmailField()
    status = models.CharField(max_length=10, default="up")
    alert_after = models.DateTimeField(null=True, db_index=True)

    class Meta:
        app_label = "peers"


class Flip(models.Model):
    owner = models.ForeignKey(Check, models.CASCADE)
    created = models.DateTimeField()
    processed = models.DateTimeField(null=True, db_index=True)
    new_status = models.CharField(max_length=10)

    class Meta:
        app_label = "peers"


class Notification(models.Model):
    owner = models.ForeignKey(Check, models.CASCADE)
    created = models.DateTimeField()
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "peers"


class Entry(models.Model):
    """One patient's own entry in the beat table."""

    name = models.CharField(max_length=200, unique=True)
    email = models.EmailField()
    last_run_at = models.DateTimeField()
    total_run_count = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "peers"


class Changes(models.Model):
    last_update = models.DateTimeField()

    class Meta:
        app_label = "peers"


class Timed:
    """Seconds of the clock and of this process's CPU, for each of n."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __enter__(self) -> "Timed":
        self.began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_error: object) -> None:
        self.each = (time.perf_counter() - self.began[0]) / self.n
        self.cpu_each = (time.process_time() - self.began[1]) / self.n


def make_tables() -> None:
    with connection.schema_editor() as editor:
        for model in (Check, Flip, Notification, Entry, Changes):
            editor.create_model(model)
    long_ago = timezone.now() - timedelta(hours=1)
    Check.objects.bulk_create([Check(email=f"p{n}@example.org", alert_after=long_ago) for n in range(N_DUE)])
    entries = [Entry(name=f"reminder-{n}", email=f"p{n}@example.org", last_run_at=long_ago) for n in range(N_DUE)]
    Entry.objects.bulk_create(entries)
    Changes.objects.create(last_update=long_ago)


def alert_loop(port: int) -> tuple[float, float]:
    """Seconds, and CPU seconds, from due to noted as told, for one mail."""
    with Timed(N_MARKED) as marking:
        for _ in range(N_MARKED):
            _mark_one()
    with Timed(N_TOLD) as telling:
        for _ in range(N_TOLD):
            _tell_one(port)
    return marking.each + telling.each, marking.cpu_each + telling.cpu_each


def _mark_one() -> None:
    check = Check.objects.filter(alert_after__lt=timezone.now()).exclude(status="down").order_by("alert_after").first()
    assert check is not None
    Check.objects.filter(id=check.id, status=check.status).update(alert_after=None, status="down")
    Flip(owner=check, created=timezone.now(), new_status="down").save()


def _tell_one(port: int) -> None:
    flip = Flip.objects.filter(processed=None).first()
    assert flip is not None
    Flip.objects.filter(id=flip.id, processed=None).update(processed=timezone.now())
    check = Flip.objects.select_related("owner").get(id=flip.id).owner
    note = Notification.objects.create(owner=check, created=timezone.now(), error="sending")
    _mail(check.email, port)
    Notification.objects.filter(id=note.id).update(error="")


def _mail(email: str, port: int) -> None:
    links = [(label, f"https://ebb.example.org/r/{label}/") for label in ("Open", "Done", "Later", "Not today")]
    said = {"wording": {"subject": "Your reminder", "line": "This is the time you chose."}, "name": "", "links": links}
    said["unsubscribe"] = "https://ebb.example.org/u/"
    text, html = (render_to_string(f"tracker/mail/reminder/body.{kind}", said) for kind in ("txt", "html"))
    mail = EmailMultiAlternatives("Your reminder", text, to=[email])
    mail.attach_alternative(html, "text/html")
    server = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    server.send_messages([mail])


class RowEntry(ScheduleEntry):
    def __init__(self, row: Entry, app: Celery) -> None:
        daily = schedules.schedule(run_every=timedelta(minutes=30), app=app)
        super().__init__(row.name, "tell", row.last_run_at, row.total_run_count, daily, app=app)
        self.row = row

    def __next__(self) -> "RowEntry":
        self.row.last_run_at, self.row.total_run_count = timezone.now(), self.row.total_run_count + 1
        return RowEntry(self.row, self.app)


class RowScheduler(Scheduler):
    def __init__(self, app: Celery, port: int) -> None:
        self.rows = {row.name: RowEntry(row, app) for row in Entry.objects.all()}
        self.port = port
        super().__init__(app, lazy=True)

    @property
    def schedule(self) -> dict[str, RowEntry]:
        Changes.objects.get()
        return self.rows

    @property
    def producer(self) -> None:
        return None

    def reserve(self, entry: RowEntry) -> RowEntry:
        return next(entry)

    def apply_entry(self, entry: RowEntry, producer: None = None) -> None:
        """The task, with the row that is saved for each run."""
        _mail(Entry.objects.get(pk=entry.row.pk).email, self.port)
        row = Entry.objects.get(pk=entry.row.pk)
        row.last_run_at, row.total_run_count = entry.row.last_run_at, entry.row.total_run_count
        row.save()


def beat_entries(port: int) -> tuple[float, float]:
    """The same, for entries of their own. What it takes to load them all is not counted."""
    scheduler = RowScheduler(Celery("peers", broker="memory://", set_as_current=False), port)
    scheduler.tick()
    with Timed(N_TICKS) as ticking:
        for _ in range(N_TICKS):
            assert scheduler.tick() == 0
    return ticking.each, ticking.cpu_each
