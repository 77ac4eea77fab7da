from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from assessments.engine.findings import RulebookError
from assessments.engine.loading import standard_rulebook
from assessments.engine.questionnaire import AnswerError
from assessments.engine.vignettes import DEVELOP, HELD_OUT, LATER, Judged, Tally, by_group, judge, read_folder, tally


class Command(BaseCommand):
    help = "Print how the check-up does on clinicians' cases: triage, safety, over-triage, causes, by group."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", help="a folder of cases (default: tests/vignettes)")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"] or settings.BASE_DIR / "tests" / "vignettes")
        self.report(folder)
        for name in (DEVELOP, HELD_OUT, LATER):
            if (folder / name).is_dir():
                self.stdout.write("")
                self.report(folder / name)

    def report(self, folder: Path) -> None:
        """The figures of one folder, and what is off about its cases, unless they are held out."""
        rulebook = standard_rulebook()
        try:
            cases, rest = read_folder(folder)
            judged = [judge(rulebook, case, rest) for case in cases]
        except (OSError, UnicodeDecodeError, RulebookError, AnswerError) as error:
            raise CommandError(f"The cases cannot be read: {error}.") from error
        self.stdout.write(f"{folder.name}: {len(judged)} cases, rule book {rulebook.version}\n\n")
        for figure in tally(judged):
            self.stdout.write(f"  {figure.name:<32}{words(figure)}")
        self.stdout.write("\n" + table(judged))
        for one in judged:
            if folder.resolve().name not in (HELD_OUT, LATER) and (off := complaint(one)):
                self.stdout.write(f"  {one.vignette.id}: {off}")


def words(figure: Tally) -> str:
    return "none" if figure.share is None else f"{figure.share:6.1%}  ({figure.n_good} of {figure.n_all})"


def table(judged: list[Judged]) -> str:
    heads = ("cases", "triage", "E ≥ S", "E as E", "safe", "too high", "kept", "cause")
    lines = [f"{'group':<24}" + "".join(f"{head:>10}" for head in heads)]
    for group, entries in by_group(judged).items():
        shares = ["" if figure.share is None else f"{figure.share:.0%}" for figure in tally(entries)]
        lines.append(f"{group:<24}{len(entries):>10}" + "".join(f"{share:>10}" for share in shares))
    return "\n".join(lines) + "\n"


def complaint(one: Judged) -> str:
    """What is off about a case, if anything."""
    wanted = " or ".join((one.vignette.level, *one.vignette.also_fine))
    off = []
    if not one.is_safe:
        off.append("not safe")
    if not one.is_right:
        off.append(f"{one.handed.level} instead of {wanted}")
    if one.vignette.cause and one.handed.level != "emergency" and not one.is_cause_found:
        shown = ", ".join(cause.id for cause in one.handed.causes) or "none"
        off.append(f"causes {shown} instead of {' or '.join(one.vignette.cause)}")
    return "; ".join(off)
