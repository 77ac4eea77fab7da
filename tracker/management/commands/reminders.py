import logging
import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tracker.services import delivery, figures, reminders, replays

logger = logging.getLogger(__name__)

ROUND_S = 4.0  # so that a stop is never waited for longer


class Command(BaseCommand):
    help = "Looks after reminders by hand: what the workers do, what they came to, and what is to be sent once more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        steps.add_parser("plan", help="write down the occurrences of the next day or so")
        drain = steps.add_parser("drain", help="send what is due now")
        drain.add_argument("--seconds", type=float, default=8.0, help="stop taking on more after this long")
        run = steps.add_parser("run", help="plan and send until told to stop, without Celery, beat and broker")
        run.add_argument("--every", type=float, default=15.0, help="seconds between two rounds of sending")
        run.add_argument("--plan-every", type=float, default=300.0, help="seconds between two rounds of planning")
        steps.add_parser("look", help="how many wait, were late, may have arrived twice, failed; counts, no patient")
        replay = steps.add_parser("replay", help="send once more what failed or was late, while its day lasts")
        replay.add_argument("--since", help="first due time, such as 2026-03-01T06:00Z; a day ago unless said")
        replay.add_argument("--until", help="due before this time; now unless said")
        replay.add_argument("--only", choices=["failed", "late"], help="one of the two")
        replay.add_argument("--even-arrived", action="store_true", help="also what may have arrived already")
        replay.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
        replay.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, step: str, **options: Any) -> None:
        steps: dict[str, Callable[..., None]] = {
            "plan": self.plan,
            "drain": self.drain,
            "run": self.run,
            "look": self.look,
            "replay": self.replay,
        }
        steps[step](options)

    def plan(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"planned {reminders.plan(at=timezone.now())}")

    def drain(self, options: dict[str, Any]) -> None:
        self.stdout.write(f"sent {delivery.drain(clock=timezone.now, budget_s=options['seconds'])}")

    def run(self, options: dict[str, Any]) -> None:
        """Until SIGTERM or SIGINT; a round that fails is told of, and the next one tries again."""
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        self.stdout.write("running; stop with Ctrl-C")
        planned_at = float("-inf")
        while not stop.is_set():
            if time.monotonic() - planned_at >= options["plan_every"]:
                self.attempt("planning", lambda: reminders.plan(at=timezone.now()))
                planned_at = time.monotonic()
            n_sent = self.attempt("sending", lambda: delivery.drain(clock=timezone.now, budget_s=ROUND_S))
            # Where there was much to send, there may be more.
            stop.wait(0 if n_sent else options["every"])
        self.stdout.write("stopped")

    def attempt(self, what: str, act: Callable[[], int]) -> int:
        close_old_connections()
        try:
            return act()
        except Exception:
            logger.exception("%s failed; it is tried again", what)
            return 0
        finally:
            close_old_connections()

    def look(self, options: dict[str, Any]) -> None:
        at = timezone.now()
        told = figures.reminders(at=at)
        rows = [
            ("last plan", ago(told.planned_at, at)),
            ("last drain", ago(told.ticked_at, at)),
            ("due and waiting", told.n_pending),
            ("oldest of them", ago(told.oldest_due_at, at) if told.oldest_due_at else "none"),
            ("planned for later", told.n_planned),
            ("next due", f"{told.next_due_at:%Y-%m-%d %H:%M:%S} UTC" if told.next_due_at else "none"),
            ("sent, last 24 hours", told.n_sent),
            ("late, last 24 hours", told.n_late),
            ("ambiguous, last 24 hours", told.n_ambiguous),
            ("failed, last 24 hours", told.n_failed),
            ("not needed, last 24 hours", told.n_suppressed),
        ]
        for name, value in rows:
            self.stdout.write(f"{name:28}{value}")
        if told.hours:
            self.stdout.write(
                f"\n{'due from (UTC)':18}{'sent':>7}{'waiting':>9}{'late':>7}{'failed':>8}{'ambiguous':>11}"
            )
        for hour in told.hours:
            counts = hour.by_state
            self.stdout.write(
                f"{hour.began_at.astimezone(UTC):%Y-%m-%d %H:%M}  {counts['sent']:>7}{hour.n_open:>9}"
                f"{counts['skipped_late']:>7}{counts['failed']:>8}{hour.n_ambiguous:>11}"
            )

    def replay(self, options: dict[str, Any]) -> None:
        at = timezone.now()
        since, until = instant(options["since"], at - timedelta(days=1)), instant(options["until"], at)
        if until <= since:
            raise CommandError("The period ends before it begins.")
        states = {"failed": ["failed"], "late": ["skipped_late"], None: replays.STATES}[options["only"]]
        found = replays.find(since=since, until=until, at=at, states=states, even_arrived=options["even_arrived"])
        self.stdout.write(
            f"{len(found.rows)} to send again; left out: {found.n_day_over} whose day is over,"
            f" {found.n_may_have_arrived} that may have arrived"
        )
        if options["dry_run"] or not found.rows:
            return
        if not options["yes"] and input("Send them? Type yes: ").strip() != "yes":
            self.stdout.write("Nothing was sent.")
            return
        n_queued = replays.replay(found.rows, at=at)
        self.stdout.write(f"{n_queued} queued; the workers, or “reminders drain”, send them now.")


def instant(text: str | None, otherwise: datetime) -> datetime:
    if text is None:
        return otherwise
    try:
        told = parse_datetime(text)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise CommandError(f"Not an instant: {text!r}. Write it as 2026-03-01T06:00Z or 2026-03-01T07:00+01:00.")
    return told


def ago(then: datetime | None, at: datetime) -> str:
    return "never" if then is None else f"{round((at - then).total_seconds())} s ago"
