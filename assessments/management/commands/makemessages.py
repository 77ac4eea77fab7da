from pathlib import Path
from typing import Any

from django.core.management.commands import makemessages

from assessments.engine.loading import standard_rulebook
from assessments.engine.words import words_of

# Written beside the rules for as long as the search for words lasts.
FOR_TRANSLATORS = Path(__file__).parents[2] / "rules" / "words_for_translators.py"


class Command(makemessages.Command):
    help = makemessages.Command.help + " The words of the rule files are among them."

    def handle(self, *args: Any, **options: Any) -> None:
        FOR_TRANSLATORS.write_text(as_source(words_of(standard_rulebook())), encoding="utf-8")
        try:
            super().handle(*args, **options)
        finally:
            FOR_TRANSLATORS.unlink()


def as_source(words: list[str]) -> str:
    """Python that names each text as one to translate."""
    calls = "".join(f"_({text!r})\n" for text in words)
    return f"from django.utils.translation import gettext_noop as _\n\n{calls}"
