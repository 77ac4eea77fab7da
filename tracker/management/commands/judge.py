"""The nightly verdicts by hand: to look, to do what is due, to judge a day again."""

from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone

from tracker.domain.pain import EARLIEST_DAY
from tracker.models import TreatmentAttempt, User
from tracker.services import figures, judging

FIRST_ZONE_AWAKE = ZoneInfo("Pacific/Kiritimati")  # where a new day begins


class Command(BaseCommand):
    help = "The nightly verdicts by hand."

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        steps.add_parser("look", help="what is due, what was judged, who is at it")
        run = steps.add_parser("run", help="judge whatever is due now, beside any workers")
        run.add_argument("--seconds", type=float, default=judging.BUDGET_S, help="begin nothing more after this long")
        again = steps.add_parser("again", help="judge a day once more, as the log stands now")
        again.add_argument("--on", required=True, metavar="DATE", help="the last day to read, as 2026-11-23")
        again.add_argument("--email", help="judge this patient's treatments only")
        again.add_argument("--attempt", type=UUID, metavar="UUID", help="judge this treatment only")

    def handle(self, *args: Any, step: str, **options: Any) -> None:
        at = timezone.now()
        match step:
            case "look":
                self.stdout.write("\n".join(looked_at(figures.judging(at=at))))
            case "run":
                self.tell("Judged", judging.judge_due(clock=timezone.now, budget_s=options["seconds"]))
            case "again":
                day = read_day(options["on"], at=at)
                attempts = attempts_of(options["email"], options["attempt"])
                self.tell(str(day), judging.judge(on=day, attempts=attempts, at=at))

    def tell(self, what: str, summary: judging.Summary) -> None:
        outcomes = words_of(summary.outcomes) or "nothing to judge"
        failed = f", {summary.n_failed} that could not be judged" if summary.n_failed else ""
        self.stdout.write(f"{what}: {summary.n_judged} judged ({outcomes}), {summary.n_advice} new advice{failed}")


def looked_at(told: figures.Judging) -> list[str]:
    oldest = f", the oldest since {told.oldest_due}" if told.oldest_due else ""
    lines = [
        f"due now: {told.n_due}{oldest}",
        f"last 24 hours: {told.n_judged} judged ({words_of(told.outcomes) or 'nothing'}), {told.n_failed} failed, "
        f"{told.worked.total_seconds():.1f} s worked",
        f"leases: {told.n_leases} held, {told.n_leases_lost} of workers that are silent",
        f"numbers behind verdicts: {told.policy_version}",
    ]
    return lines + [
        f"{night.as_of}: {night.n_judged} judged of {night.n_planned} due, {night.n_waiting} parts open, "
        f"{night.n_failed} failed, taken again {night.n_repeated} times"
        for night in told.nights
    ]


def words_of(outcomes: Any) -> str:
    return ", ".join(f"{n} {outcome.replace('_', ' ')}" for outcome, n in sorted(outcomes.items()))


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


def attempts_of(email: str | None, uuid: UUID | None) -> QuerySet[TreatmentAttempt]:
    attempts = TreatmentAttempt.objects.all()
    if email is not None:
        user = User.objects.filter(email__iexact=email, patient__isnull=False).first()
        if user is None:
            raise CommandError(f"No patient has the e-mail address {email!r}.")
        attempts = user.patient.attempts.all()
    if uuid is not None:
        attempts = attempts.filter(uuid=uuid)
        if not attempts:
            raise CommandError(f"There is no treatment attempt {uuid}.")
    return attempts
