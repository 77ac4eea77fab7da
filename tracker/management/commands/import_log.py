from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.domain import record_file
from tracker.models import User
from tracker.services import imports, record_imports


class Command(BaseCommand):
    help = "Take over a pain log from a CSV file, or a record that was exported: show what would happen, then do it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--email", required=True, help="whose pain log it is")
        parser.add_argument("--dry-run", action="store_true", help="only show what would happen")

    def handle(self, *args: Any, file: Path, email: str, dry_run: bool, **options: Any) -> None:
        user, content, now = _user(email), _content(file), timezone.now()
        is_record = record_imports.is_record(content)
        service = record_imports if is_record else imports
        try:
            preview = service.preview(by=user, content=content, at=now)
            self._show_record(preview) if is_record else self._show(preview)
            if dry_run:
                self.stdout.write("Nothing was changed.")
                return
            log_import = service.run(by=user, content=content, filename=file.name, at=now)
        except imports.LogFileRefused as refused:
            raise CommandError("\n".join(["Nothing was changed.", *refused.messages])) from None
        self.stdout.write(f"Added {log_import.n_added}, left out {log_import.n_duplicates}.")

    def _show_record(self, preview: record_imports.RecordPreview) -> None:
        for name, tally in preview.tallies.items():
            self.stdout.write(
                f"{name}: {tally.n_new} new, {tally.n_present} there already, {tally.n_different} different here, "
                f"{tally.n_deleted} deleted earlier, {tally.n_left} left out."
            )

    def _show(self, preview: imports.Preview) -> None:
        log = preview.log
        self.stdout.write(f"Rows: {preview.n_rows}, on {log.n_days} days from {preview.first_on} to {preview.last_on}.")
        self.stdout.write(f"New: {preview.n_new}. Already there: {preview.n_present}. Deleted: {preview.n_deleted}.")
        self.stdout.write(f"Lines that repeat an earlier line: {log.n_repeated}.")
        self.stdout.write(f"Values that are not whole numbers: {log.n_rounded} (halves go up).")
        for value, nrs, n in log.roundings:
            self.stdout.write(f"  {value} becomes {nrs}: {n} times")


def _user(email: str) -> User:
    user = User.objects.filter(email__iexact=email, patient__isnull=False).first()
    if user is None:
        raise CommandError("There is no patient with this e-mail address.")
    return user


def _content(file: Path) -> bytes:
    """At most one byte more than is allowed: enough to see that it is too much."""
    try:
        with file.open("rb") as opened:
            return opened.read(record_file.MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
