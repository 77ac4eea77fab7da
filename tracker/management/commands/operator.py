import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from tracker.models import User
from tracker.services import accounts


class Command(BaseCommand):
    help = "Makes somebody an operator, who sees how the work behind the pages is doing, and nothing of any patient."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--remove", action="store_true", help="make them an operator no longer; the account stays")
        parser.add_argument("--password-from-stdin", action="store_true", help="read a new account's password there")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        if options["remove"]:
            if not accounts.dismiss_operator(email=email):
                raise CommandError(f"{email} is no operator.")
            self.stdout.write(f"{email} is an operator no longer.")
            return
        is_new = not User.objects.filter(email__iexact=email).exists()
        password = new_password(from_stdin=options["password_from_stdin"]) if is_new else None
        try:
            accounts.appoint_operator(email=email, password=password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        page = settings.SITE_URL + reverse("operator_home")
        self.stdout.write(f"{email} is an operator: log in, then open {page}")


def new_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    if not sys.stdin.isatty():
        raise CommandError("A new account needs a password: run this in a terminal, or with --password-from-stdin.")
    password = getpass("Password for the new account: ")
    if password != getpass("Once more: "):
        raise CommandError("The two were not the same. Nothing was changed.")
    return password
