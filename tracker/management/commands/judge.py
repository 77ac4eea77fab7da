"""The nightly verdicts by hand, for one day."""

from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.domain.pain import EARLIEST_DAY
from tracker.models import TreatmentAttempt, User
from tracker.services import judging

FIRST_ZONE_AWAKE = ZoneInfo("Pacific/Kiritimati")  # where a new day begins


class Command(BaseCommand):
    help = "Judges every treatment that is under way, as the log stands, for the day given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", required=True, metavar="DATE", help="the last day to read, as 2026-11-23")
        parser.add_argument("--email", help="judge this patient's treatments only")

    def handle(self, *args: Any, on: str, email: str | None, **options: Any) -> None:
        at = timezone.now()
        day = read_day(on, at=at)
        summary = judging.judge(on=day, attempts=attempts_of(email), at=at)
        outcomes = ", ".join(f"{n} {outcome.replace('_', ' ')}" for outcome, n in sorted(summary.outcomes.items()))
        self.stdout.write(
            f"{day}: {summary.n_judged} judged ({outcomes or 'nothing to judge'}), {summary.n_advice} new advice"
        )


def read_day(words: str, *, at: datetime) -> date:
    try:
        day = date.fromisoformat(words)
    except ValueError:
        raise CommandError(f"{words!r} is not a date. Write it as year-month-day, such as {at:%Y-%m-%d}.") from None
    if day > at.astimezone(FIRST_ZONE_AWAKE).date():
        raise CommandError(f"{day} has not begun anywhere yet: there is nothing to judge.")
    if day < EARLIEST_DAY:
        raise CommandError(f"{day} lies before {EARLIEST_DAY}, the earliest day that Ebb keeps.")
    return day


def attempts_of(email: str | None) -> Any:
    if email is None:
        return TreatmentAttempt.objects.all()
    user = User.objects.filter(email__iexact=email, patient__isnull=False).first()
    if user is None:
        raise CommandError(f"No patient has the e-mail address {email!r}.")
    return user.patient.attempts.all()
