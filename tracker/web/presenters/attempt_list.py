"""The list of treatments as a story of what was tried."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.domain.trial_policy import FIRST_VERDICT_DAY
from tracker.models import Patient, TreatmentAttempt
from tracker.services import adherences, said_so_far, said_so_far_words, verdicts
from tracker.services import verdict_words as words
from tracker.services.verdict_figures import Figures, figures
from tracker.web import charts
from tracker.web.presenters.treatments import standing

UNDO_KEY = "attempt_undo"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One attempt in the list."""

    attempt: TreatmentAttempt
    badge: str
    tone: str
    standing: str
    fairness: str = ""
    shift: str = ""
    picture: SafeString | str = ""
    headline: str = ""
    overturned: str = ""


def attempt_items(patient: Patient, *, today: date) -> list[Item]:
    attempts = patient.attempts.newest_first().select_related("treatment_type", "diagnosis")
    found = list(verdicts.with_latest_verdict(said_so_far.with_diagnosis_outcome(attempts)))
    used = adherences.adherences(found, on=today)
    return [_item(attempt, today=today, is_unfair=used[attempt.pk].is_unfair) for attempt in found]


def items_under_way(patient: Patient, *, today: date) -> list[Item]:
    """As Today shows them."""
    return [
        Item(
            attempt=attempt,
            badge=words.badge(verdict),
            tone=words.tone(verdict),
            standing=standing(attempt, today=today),
        )
        for attempt, verdict in verdicts.under_way(patient, on=today)
    ]


def _item(attempt: TreatmentAttempt, *, today: date, is_unfair: bool) -> Item:
    verdict = attempt.latest_verdict
    told = figures(verdict, attempt) if verdict else None
    tone = words.tone(verdict)
    return Item(
        attempt=attempt,
        badge=words.badge(verdict),
        tone=tone,
        standing=standing(attempt, today=today),
        fairness=_fairness(attempt, today=today, is_unfair=is_unfair),
        shift=_shift(told),
        picture=_picture(told, tone),
        headline=words.sentences(verdict, attempt).headline if verdict else "",
        overturned=said_so_far_words.of_attempt(attempt),
    )


def _fairness(attempt: TreatmentAttempt, *, today: date, is_unfair: bool) -> str:
    """Whether it had its fair trial; empty while it goes on."""
    stop, trial = attempt.stopped_on, {"n": attempt.trial_days}
    if attempt.started_on > today:
        return ""
    if is_unfair:
        return _("not used as often as planned")
    if stop and stop <= today:
        if (stop - attempt.started_on).days >= attempt.trial_days:
            return _("a fair trial")
        return (
            ngettext(
                "shorter than its fair trial of %(n)s day", "shorter than its fair trial of %(n)s days", trial["n"]
            )
            % trial
        )
    return ""


def _shift(told: Figures | None) -> str:
    if told is None or told.before is None or told.now is None or told.baseline == "none":
        return ""
    if told.day <= FIRST_VERDICT_DAY:
        return ""
    return _("likely usual level %(before)s before, %(now)s with it") % {
        "before": f"{told.before:.1f}",
        "now": f"{told.now:.1f}",
    }


def _picture(told: Figures | None, tone: str) -> SafeString | str:
    shift = _shift(told)
    return charts.shift(told.before, told.now, label=shift, tone=tone) if told and shift else ""


def take_undo(request: HttpRequest) -> dict[str, str]:
    """Name and token of an attempt deleted a moment ago. Offered once; nothing stays in the session."""
    return request.session.pop(UNDO_KEY, {})
