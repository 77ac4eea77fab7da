import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.models import User
from tracker.services import exports


class Command(BaseCommand):
    help = "Write everything of one patient into a file: JSON (the whole record), CSV (the pain log) or FHIR."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="where to write; - is standard output")
        parser.add_argument("--email", required=True, help="whose record it is")
        parser.add_argument("--format", choices=[kind.value for kind in exports.Format], default="json")

    def handle(self, *args: Any, file: str, email: str, format: str, **options: Any) -> None:
        user = User.objects.filter(email__iexact=email, patient__isnull=False).first()
        if user is None:
            raise CommandError("There is no patient with this e-mail address.")
        asked = {"by": user, "kind": exports.Format(format), "at": timezone.now()}
        if file == "-":
            sys.stdout.buffer.writelines(exports.pieces(**asked))
            return
        try:
            # Never over another file: it may be the only copy of something.
            with Path(file).open("xb") as opened:
                opened.writelines(exports.pieces(**asked))
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"Wrote {file}.")
