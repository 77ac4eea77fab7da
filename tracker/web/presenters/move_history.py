"""What was done of the morning moves, day by day, as a patient reads it."""

from dataclasses import dataclass
from itertools import accumulate

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.utils.translation import gettext as _

from tracker.models import ExerciseSession, Patient
from tracker.services import move_words

DAYS_ON_A_PAGE = 30


@dataclass(frozen=True, kw_only=True)
class DayLine:
    session: ExerciseSession

    @property
    def done(self) -> str:
        """The moves by name; a bare "done" from a mail names none."""
        names = ", ".join(move_words.name(key) for key in self.session.exercises_done)
        return names or ("" if self.session.hurt else _("Done, without saying what"))

    @property
    def hurt(self) -> str:
        return ", ".join(move_words.name(key) for key in self.session.hurt)


def page_of(patient: Patient, number: str | None) -> Page:
    """Newest first."""
    return Paginator(patient.exercise_sessions.order_by("-local_date"), DAYS_ON_A_PAGE).get_page(number)


def years_of(patient: Patient) -> list[tuple[int, int]]:
    """Each year with moves, and the page that holds its newest day; none where a single year needs no choice."""
    sessions = patient.exercise_sessions.order_by("-local_date__year").values_list("local_date__year")
    counts = list(sessions.annotate(n=Count("pk")))
    later = accumulate((n for _year, n in counts), initial=0)
    years = [(year, 1 + n_later // DAYS_ON_A_PAGE) for (year, _n), n_later in zip(counts, later, strict=False)]
    return years if len(years) > 1 else []


def lines(page: Page) -> list[DayLine]:
    return [DayLine(session=session) for session in page]
