"""What an operator reads of the work behind the pages. Whole instants are told in UTC: patients live everywhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.models import Verdict
from tracker.services import mailbox
from tracker.services.figures import Judging, NightFigures, Reminders

JOBS = {
    "advise": gettext_lazy("Looking for advice"),
    "drain": gettext_lazy("Sending reminders"),
    "files": gettext_lazy("Taking over files"),
    "judge": gettext_lazy("Judging treatments"),
    "plan": gettext_lazy("Planning reminders"),
    "summaries": gettext_lazy("Making pages for doctors"),
    "tidy": gettext_lazy("Tidying up"),
}


@dataclass(frozen=True, kw_only=True)
class OperatorPage:
    at: datetime
    judging: Judging
    reminders: Reminders
    ticks: Sequence[tuple[str, datetime]]

    @property
    def verdicts(self) -> list[tuple[str, object]]:
        told = self.judging
        return [
            (_("Last run"), self.ago(told.ticked_at)),
            (_("Due now"), told.n_due),
            (_("Oldest day still to be judged"), told.oldest_due or "–"),
            (_("Judged in the last 24 hours"), told.n_judged),
            (_("Could not be judged"), told.n_failed),
            (_("What was said"), outcomes(told.outcomes)),
            (_("Seconds worked"), seconds(told.worked)),
            (_("Parts held by workers"), told.n_leases),
            (_("Parts held by workers that are silent"), told.n_leases_lost),
            (_("Numbers behind verdicts"), told.policy_version),
        ]

    @property
    def mails(self) -> list[tuple[str, object]]:
        told = self.reminders
        return [
            (_("Last run"), self.ago(told.ticked_at)),
            (_("Due and waiting"), told.n_pending),
            (_("The oldest of them was due"), self.ago(told.oldest_due_at) if told.oldest_due_at else "–"),
            (_("Planned for later"), told.n_planned),
            (_("Sent in the last 24 hours"), told.n_sent),
            (_("Too late, not sent"), told.n_late),
            (_("May have arrived twice"), told.n_ambiguous),
            (_("Could not be sent"), told.n_failed),
            (_("Not needed any more"), told.n_suppressed),
            (_("The mail server"), self.server),
        ]

    @property
    def server(self) -> str:
        if mailbox.is_used():
            return _("none is set")
        since = self.reminders.server_away_since
        return _("does not answer, since %(time)s") % {"time": timesince(since, self.at)} if since else _("answers")

    @property
    def jobs(self) -> list[tuple[str, str]]:
        return [(str(JOBS.get(name, name)), self.ago(ticked_at)) for name, ticked_at in self.ticks]

    @property
    def nights(self) -> list[tuple[NightFigures, str, int]]:
        return [(night, outcomes(night.outcomes), seconds(night.worked)) for night in self.judging.nights]

    def ago(self, then: datetime | None) -> str:
        if then is None:
            return _("never")
        if self.at - then < timedelta(minutes=1):
            return _("less than a minute ago")
        return _("%(time)s ago") % {"time": timesince(then, self.at)}


def outcomes(counted: Mapping[str, int]) -> str:
    names = {outcome.value: outcome.label for outcome in Verdict.Outcome}
    return _join(f"{n:,} {str(names[outcome]).lower()}" for outcome, n in sorted(counted.items()))


def _join(words: Iterable[str]) -> str:
    return capfirst(", ".join(words)) or "–"


def seconds(worked: timedelta) -> int:
    return round(worked.total_seconds())
