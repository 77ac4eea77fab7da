from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tracker.domain.log_file import Conversion, Row
from tracker.models import LogImport
from tracker.models.names import SITE_NAMES
from tracker.services.import_history import Return
from tracker.services.imports import Preview
from tracker.services.record_parts import Tally

N_FIRST_LINES = 5
N_CONVERSIONS = 24
_LISTS = {
    "entries": _("Entries"),
    "tombstones": _("Deleted entries"),
    "diagnoses": _("What clinicians said"),
    "attempts": _("Treatments"),
    "treatment_plan": _("What to try next"),
    "questionnaires": _("Questionnaires"),
    "red_flag_screens": _("Eight short questions"),
    "sessions": _("Moves"),
    "health_profile": _("Health profile"),
    "medicines": _("Medicines"),
    "intakes": _("Medicine taken"),
    "proposals": _("Proposed procedures"),
    "advice": _("Advice"),
    "second_opinions": _("Second opinions"),
    "independent_views": _("What new doctors think"),
    "comparisons": _("Comparisons"),
    "attachments": _("Results and photos"),
    "shares": _("Links (as ended)"),
    "share_views": _("What was done through links"),
    "share_questions": _("Questions through links"),
    "appointments": _("Appointments"),
    "visit_questions": _("Questions for visits"),
    "assessments": _("Check-ups"),
}


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


def lists(tallies: Mapping[str, Tally]) -> list[tuple[str, Tally]]:
    """Those of which the file holds something, each with its name; the ratings in any case."""
    return [(str(_LISTS[name]), tally) for name, tally in tallies.items() if tally.n_rows or name == "entries"]


def brought(log_import: LogImport) -> list[tuple[str, int]]:
    """What came beside ratings, in the order of the file."""
    return [(str(name), log_import.n_brought[key]) for key, name in _LISTS.items() if key in log_import.n_brought]


def taken_back_words(told: Return) -> str:
    """What taking an import back has done, in one line."""
    gone = ngettext("%(n)d rating was taken back.", "%(n)d ratings were taken back.", told.n_entries) % {
        "n": told.n_entries
    }
    if told.n_others:
        others = ngettext("%(n)d other thing was taken back.", "%(n)d other things were taken back.", told.n_others) % {
            "n": told.n_others
        }
        gone = f"{gone} {others}" if told.n_entries else others
    n_stay = told.n_entries_stay + told.n_others_stay
    if not n_stay:
        return gone
    stay = ngettext("%(n)d stays, since you have changed it.", "%(n)d stay, since you have changed them.", n_stay) % {
        "n": n_stay
    }
    return f"{gone} {stay}"
