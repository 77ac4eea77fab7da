"""Dana, the demonstration patient."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.services import delivery, demo


class Command(BaseCommand):
    help = "Writes the record of Dana, the demonstration patient, unless it is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="delete Dana's record and write it anew, up to today")

    def handle(self, *args: Any, reset: bool, **options: Any) -> None:
        if not settings.LOCAL_MODE:
            raise CommandError(
                "The demonstration patient exists on a local installation only: without EBB_SITE_URL and EMAIL_URL."
            )
        write = demo.remake if reset else demo.make
        patient = write(at=timezone.now())
        delivery.drain(clock=timezone.now)  # the mail about the verdict need not wait for the worker
        if options["verbosity"]:
            self.stdout.write(
                f"{patient.display_name}: {patient.pain_entries.count()} entries, "
                f"{patient.attempts.count()} treatments. Log in from the start page."
            )
