"""Where a second opinion stands, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.models import Appointment, Comparison, IndependentView, SecondOpinion, Share
from tracker.services import second_opinions


@dataclass(frozen=True, kw_only=True)
class Step:
    title: str
    state: str
    url: str
    is_done: bool


@dataclass(kw_only=True)
class OpinionPage:
    opinion: SecondOpinion
    today: date
    now: datetime

    @cached_property
    def blind(self) -> second_opinions.BlindBrief:
        return second_opinions.blind_brief(self.opinion, on=self.today)

    @cached_property
    def views(self) -> list[IndependentView]:
        return list(self.opinion.views.all())

    @cached_property
    def comparisons(self) -> list[Comparison]:
        return list(self.opinion.comparisons.select_related("diagnosis", "replaced_by"))

    @cached_property
    def shares(self) -> list[Share]:
        return list(self.opinion.shares.open(self.now))

    @cached_property
    def appointment(self) -> Appointment | None:
        return self.opinion.appointments.filter(cancelled_at__isnull=True).order_by("-starts_at").first()

    @property
    def before_the_visit(self) -> Sequence[Step]:
        return (
            Step(
                title=_("Your question"),
                state=self.opinion.question or _("Not written yet"),
                url=self._url("question"),
                is_done=bool(self.opinion.question.strip()),
            ),
            Step(title=_("What goes with it"), state=self._contents, url=self._url("contents"), is_done=True),
            Step(title=_("Your own words"), state=self._words, url=self._url("words"), is_done=True),
            Step(
                title=_("What the new doctor will see"),
                state=_("Look at it, print it or save it"),
                url=self._url("brief"),
                is_done=bool(self.opinion.question.strip()),
            ),
        )

    @property
    def after_the_visit(self) -> Sequence[Step]:
        return (
            Step(
                title=_("What the new doctor thinks"), state=self._view, url=self._url("view"), is_done=bool(self.views)
            ),
            Step(
                title=_("The sealed part"),
                state=self._sealed,
                url=self._url("sealed"),
                is_done=self.opinion.sealed_opened_at is not None,
            ),
            Step(title=_("Compare"), state=self._compared, url=self._url("compare"), is_done=bool(self.comparisons)),
        )

    @property
    def _contents(self) -> str:
        n_files, n_left_out = len(self.opinion.attached), len(self.opinion.left_out)
        files = ngettext("%(n)d file", "%(n)d files", n_files) % {"n": n_files} if n_files else _("no files")
        if not n_left_out:
            return _("Everything that helps, %(files)s") % {"files": files}
        left_out = ngettext("%(n)d part left out", "%(n)d parts left out", n_left_out) % {"n": n_left_out}
        return f"{left_out}, {files}"

    @property
    def _words(self) -> str:
        n = len(self.blind.held_back)
        if not n:
            return _("Nothing had to be held back")
        return ngettext("%(n)d sentence is held back", "%(n)d sentences are held back", n) % {"n": n}

    @property
    def _view(self) -> str:
        return (self.views[-1].diagnosis or _("Written down")) if self.views else _("Not written down yet")

    @property
    def _sealed(self) -> str:
        if self.opinion.sealed_opened_at is None:
            return _("Closed")
        return _("Opened by %(who)s") % {"who": self.opinion.get_sealed_opened_by_display()}

    @property
    def _compared(self) -> str:
        if not self.comparisons:
            return _("Not compared yet")
        return ", ".join(str(one.get_outcome_display()) for one in self.comparisons)

    def _url(self, name: str) -> str:
        return reverse(f"opinion_{name}", args=[self.opinion.uuid])
