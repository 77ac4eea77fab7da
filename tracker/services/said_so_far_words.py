"""What others have called the pain and proposed, in words: pages, the page for a clinician and the API show the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tracker.domain.brief import DiagnosisLine, Happened, HistoryLine, ProposalLine
from tracker.models import Comparison, Proposal

NONE = "–"


@dataclass(frozen=True, kw_only=True)
class Told:
    """One step of the history."""

    on: date | None
    what: str
    by: str
    detail: str
    attempt: UUID | None  # the treatment that it is about, for a link


def told(line: HistoryLine) -> Told:
    return Told(on=line.on, what=_what(line), by=line.by, detail=_detail(line), attempt=line.attempt)


def stands(outcome: str, became: str) -> str:
    """How a name stands after a comparison; empty where nobody has compared."""
    if not outcome:
        return ""
    label = str(Comparison.Outcome(outcome).label)
    return f"{label}: {became}" if became else label


def overturned(name: str, became: str = "") -> str:
    """Of a treatment that was begun for a name which a later opinion has called something else."""
    words = {"name": name, "became": became}
    if became:
        return _("Begun for “%(name)s”, which a later opinion calls “%(became)s”.") % words
    return _("Begun for “%(name)s”, which a later opinion calls something else.") % words


def of_attempt(attempt: Any) -> str:
    """The same of an attempt `with_diagnosis_outcome`; empty where its name stands."""
    if attempt.diagnosis_outcome != Comparison.Outcome.DIFFERENT:
        return ""
    return overturned(attempt.diagnosis.name, attempt.diagnosis_now or "")


def diagnosis(one: DiagnosisLine) -> str:
    said = f"{one.name}{_in_brackets(one.said_by, one.said_on)}"
    now = stands(one.outcome, one.replaced_by)
    return f"{said}, {_('now')}: {now}" if now else said


def diagnosis_head() -> tuple[str, ...]:
    return (_("What it was called"), _("By whom"), _("When"), _("On what ground"), _("How it stands"))


def diagnosis_row(one: DiagnosisLine) -> tuple[str, ...]:
    now = stands(one.outcome, one.replaced_by)
    return (one.name, one.said_by or NONE, _day(one.said_on) or NONE, one.ground or NONE, now or NONE)


def proposal(one: ProposalLine) -> str:
    return f"{one.name}{_in_brackets(one.proposed_by, one.proposed_on)}, {decided(one.decision)}"


def proposal_head() -> tuple[str, ...]:
    return (_("What was proposed"), _("By whom"), _("When"), _("Why"), _("How it stands"))


def proposal_row(one: ProposalLine) -> tuple[str, ...]:
    when = _day(one.proposed_on) or NONE
    return (one.name, one.proposed_by or NONE, when, one.reason or NONE, str(Proposal.Decision(one.decision).label))


def decided(decision: str) -> str:
    label = str(Proposal.Decision(decision).label)
    return label[:1].lower() + label[1:]


def history_head() -> tuple[str, ...]:
    return (_("When"), _("What"), _("By whom"), _("In detail"))


def history_row(line: HistoryLine) -> tuple[str, ...]:
    one = told(line)
    return (_day(one.on) or NONE, one.what, one.by or NONE, one.detail or NONE)


def _what(line: HistoryLine) -> str:
    words = {"name": line.name or _("nothing by name"), "became": line.became}
    match line.happened:
        case Happened.SAID:
            return _("Called “%(name)s”") % words
        case Happened.PROPOSED:
            return _("Proposed: %(name)s") % words
        case Happened.TRIED:
            return _("Begun: %(name)s") % words
        case Happened.VIEW:
            return _("Looked at afresh: “%(name)s”") % words
    return {
        Comparison.Outcome.SAME: _("Compared: “%(name)s” stays") % words,
        Comparison.Outcome.REFINED: _("Compared: “%(name)s” is put more precisely") % words,
        Comparison.Outcome.DIFFERENT: _("Compared: “%(name)s” is called something else") % words,
        Comparison.Outcome.UNDECIDED: _("Compared: whether it is “%(name)s” is not decided") % words,
    }[Comparison.Outcome(line.outcome)]


def _detail(line: HistoryLine) -> str:
    match line.happened:
        case Happened.PROPOSED:
            return _joined([line.detail, str(Proposal.Decision(line.outcome).label)])
        case Happened.TRIED:
            return _("for “%(name)s”") % {"name": line.detail}
        case Happened.COMPARED:
            return _joined([_("Now: %(became)s") % {"became": line.became} if line.became else "", line.detail])
    return line.detail


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(filter(None, parts))


def _in_brackets(by: str, on: date | None) -> str:
    said = ", ".join(filter(None, [by, _day(on)]))
    return f" ({said})" if said else ""


def _day(day: date | None) -> str:
    return date_format(day) if day else ""
