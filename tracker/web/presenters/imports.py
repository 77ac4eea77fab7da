from dataclasses import dataclass

from django.utils.translation import ngettext

from tracker.domain.log_file import Conversion, Row
from tracker.models.names import SITE_NAMES
from tracker.services.import_history import Return
from tracker.services.imports import Preview

N_FIRST_LINES = 5
N_CONVERSIONS = 24


@dataclass(frozen=True)
class LogLook:
    """What a page shows of a table before it is taken over."""

    preview: Preview

    @property
    def is_ready(self) -> bool:
        return self.preview.log.is_ready

    @property
    def first_rows(self) -> list[tuple[Row, str]]:
        """Rows as they would be kept, each with the name of its place."""
        return [(row, str(SITE_NAMES.get(row.site, ""))) for row in self.preview.first_rows]

    @property
    def first_lines(self) -> list[list[str]]:
        """The first lines below the header, as they are in the file."""
        log = self.preview.log
        lines = log.table.lines[1 if log.mapping.has_header else 0 :][:N_FIRST_LINES]
        return [line.cells for line in lines]

    @property
    def conversions(self) -> list[tuple[Conversion, int]]:
        return list(self.preview.log.conversions[:N_CONVERSIONS])

    @property
    def n_more_conversions(self) -> int:
        return max(0, len(self.preview.log.conversions) - N_CONVERSIONS)

    @property
    def names_a_column(self) -> bool:
        """Whether more than one column was changed on its way, so that each has to be named."""
        return len({conversion.column for conversion, _ in self.preview.log.conversions}) > 1


def taken_back_words(told: Return) -> str:
    """What taking an import back has done, in one line."""
    gone = ngettext("%(n)d rating was taken back.", "%(n)d ratings were taken back.", told.n_entries) % {
        "n": told.n_entries
    }
    n_stay = told.n_entries_stay + told.n_others_stay
    if not n_stay:
        return gone
    stay = ngettext("%(n)d stays, since you have changed it.", "%(n)d stay, since you have changed them.", n_stay) % {
        "n": n_stay
    }
    return f"{gone} {stay}"
