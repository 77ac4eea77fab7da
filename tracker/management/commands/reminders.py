from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from tracker.services import delivery, reminders


class Command(BaseCommand):
    help = "Do by hand what the workers do: write down what falls due, and send what is due."

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        steps.add_parser("plan", help="write down the occurrences of the next day or so")
        drain = steps.add_parser("drain", help="send what is due now")
        drain.add_argument("--seconds", type=float, default=8.0, help="stop taking on more after this long")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["step"] == "plan":
            n_planned = reminders.plan(at=timezone.now())
            self.stdout.write(f"planned {n_planned}")
        else:
            n_sent = delivery.drain(clock=timezone.now, budget_s=options["seconds"])
            self.stdout.write(f"sent {n_sent}")
