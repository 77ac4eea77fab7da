"""Learns what is usual among the patients of this instance. Nothing changes without --save."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tracker.domain.priors import AXES, EFFECT_MEAN_TESTED, EFFECT_SD_TESTED, Priors
from tracker.services import learning

NUMBERS = {
    "level_mean": "usual pain before, mean",
    "level_sd": "usual pain before, spread",
    "effect_mean": "drop at full effect, mean",
    "effect_sd": "drop at full effect, spread",
}
WEIGHTS = {
    "persistence_weights": "share whose spells last from day to day by",
    "daily_sd_weights": "share whose days differ by",
    "expected_onset_weights": "share of the expected onset, times",
    "onset_weights": "onset of unknown types, days",
}
UNTESTED = (
    f"How many false alarms such numbers raise has not been measured (the drop's mean is above {EFFECT_MEAN_TESTED} "
    f"or its spread above {EFFECT_SD_TESTED} points)."
)


class Command(BaseCommand):
    help = "Estimates anew, from finished attempts, what judging believes of a patient before reading the log."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--save", action="store_true", help="judge with the new numbers from the next night on")
        parser.add_argument("--though-untested", action="store_true", help="save also what was never tried out")

    def handle(self, *args: Any, save: bool, though_untested: bool, **options: Any) -> None:
        at = timezone.now()
        try:
            proposal = learning.propose(at=at)
        except learning.TooFewFinished as few:
            raise CommandError(
                f"{few.n_attempts} attempts are finished and well logged; {few.n_needed} are needed to learn from. "
                "Nothing was changed."
            ) from None
        old, new = proposal.old, proposal.new
        self.stdout.write(f"Learnt from {proposal.n_attempts} finished attempts.\n")
        self.stdout.write(f"{'':<48}{old.version:>12}{new.version:>12}")
        for name, before, after in rows(old, new):
            self.stdout.write(f"{name:<48}{before:12.3f}{after:12.3f}")
        if not proposal.is_tested:
            self.stdout.write(self.style.WARNING(UNTESTED))
        if not save:
            self.stdout.write("Nothing was changed. To judge with the new numbers, add --save.")
            return
        try:
            learning.save(proposal, at=at, though_untested=though_untested)
        except learning.NotTested:
            raise CommandError("Not saved. To judge with them all the same, add --though-untested.") from None
        self.stdout.write(f"Saved as {new.version}: every attempt is judged with it, from its start, the next night.")


def rows(old: Priors, new: Priors) -> Iterator[tuple[str, float, float]]:
    for name, words in NUMBERS.items():
        yield words, getattr(old, name), getattr(new, name)
    for name, words in WEIGHTS.items():
        for value, before, after in zip(AXES[name], getattr(old, name), getattr(new, name), strict=True):
            yield f"{words} {value:g}", before, after
