import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from tracker.domain.bounces import LARGEST
from tracker.services import mail_stops


class Command(BaseCommand):
    help = "Read a mail that came back from standard input, as a mail server pipes it (RFC 3464, RFC 5965)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--start-again", type=int, metavar="HOURS", help="lift what was stopped in the last hours")

    def handle(self, *args: Any, start_again: int | None, **options: Any) -> None:
        at = timezone.now()
        if start_again is not None:
            n_lifted = mail_stops.start_all_again(since=at - timedelta(hours=start_again))
            self.stdout.write(f"started again {n_lifted}")
            return
        found = mail_stops.note_reports(content=sys.stdin.buffer.read(LARGEST), at=at)
        for report, is_stopped in found:
            told = "stopped" if is_stopped else "nothing done"
            self.stdout.write(f"{report.kind} {report.status or '-'}: {told}")
        if not found:
            self.stdout.write("no report of ours")
