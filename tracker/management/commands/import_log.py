from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.domain.column_mapping import ColumnMapping, Meaning, WrongMapping, guess, with_names
from tracker.domain.log_file import names
from tracker.domain.set_aside import PIECE
from tracker.domain.text_file import OLDER, Encoding
from tracker.domain.written_time import DayOrder
from tracker.models import User
from tracker.services import imports, record_imports


class Command(BaseCommand):
    help = "Take over a pain log from a CSV file, or a record that was exported: show what would happen, then do it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--email", required=True, help="whose pain log it is")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=MEANING",
            help=f"what a column holds, once for each that Ebb does not guess; one of {', '.join(Meaning)}",
        )
        parser.add_argument("--day-order", choices=list(DayOrder), help="how 03/04/2026 is meant")
        parser.add_argument("--encoding", choices=list(OLDER), help="how letters are written, where not in UTF-8")
        parser.add_argument("--leave-out-unrated", action="store_true", help="leave out lines without a rating")
        parser.add_argument("--dry-run", action="store_true", help="only show what would happen")

    def handle(self, *args: Any, file: Path, email: str, dry_run: bool, **options: Any) -> None:
        user, now = _user(email), timezone.now()
        try:
            with record_imports.without_files(_pieces(file)) as (content, aside):
                is_record = record_imports.is_record(content)
                if is_record:
                    self._show_record(record_imports.preview(by=user, content=content, at=now, aside=aside))
                else:
                    mapping = _mapping(content, **options)
                    self._show(imports.preview(by=user, content=content, at=now, mapping=mapping))
                if dry_run:
                    self.stdout.write("Nothing was changed.")
                    return
                said = {"by": user, "content": content, "filename": file.name, "at": now}
                log_import = (
                    record_imports.run(**said, aside=aside) if is_record else imports.run(**said, mapping=mapping)
                )
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
        self.stdout.write(
            f"Lines that repeat an earlier line: {log.n_repeated} of a day are kept, {log.n_repeated_left_out} of a "
            f"minute are left out. Lines without a rating, left out: {log.n_unrated_left_out}."
        )
        self.stdout.write(
            "Columns: " + ", ".join(f"{n} = {m}" for n, m in zip(log.header, log.mapping.columns, strict=True))
        )
        self.stdout.write(f"Values that are not whole numbers: {log.n_rounded} (halves go up).")
        for change, n in log.conversions:
            self.stdout.write(f"  {change.given} becomes {change.kept}: {n} times")


def _mapping(
    content: bytes, *, map: list[str], day_order: str | None, encoding: str | None, leave_out_unrated: bool, **_: Any
) -> ColumnMapping | None:
    """What was said of the columns, or None where nothing was said and all is guessed."""
    if not (map or day_order or encoding or leave_out_unrated):
        return None
    table = imports.table_of(content, encoding=Encoding(encoding) if encoding else None)
    guessed = replace(
        guess(table).mapping,
        day_order=DayOrder(day_order) if day_order else None,
        encoding=Encoding(encoding) if encoding else None,
        leave_out_unrated=leave_out_unrated,
    )
    try:
        said = {name: Meaning(meaning) for name, _, meaning in (one.rpartition("=") for one in map)}
        return with_names(guessed, names(table, guessed), said)
    except (ValueError, WrongMapping) as error:
        raise CommandError(f"--map does not fit this table: {error}") from None


def _user(email: str) -> User:
    user = User.objects.filter(email__iexact=email, patient__isnull=False).first()
    if user is None:
        raise CommandError("There is no patient with this e-mail address.")
    return user


def _pieces(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            while piece := opened.read(PIECE):
                yield piece
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
