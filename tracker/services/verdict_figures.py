"""The numbers of a stored verdict as everybody is told them: page, API, mail, files and print take them from here.

The row holds what the rule was applied to. Told are points to one decimal, chances as a number of 20 and days counted
as people do: the first day with the treatment is day 1.
"""

from dataclasses import dataclass
from datetime import date

from tracker.domain import settling
from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.domain.settling import Settling
from tracker.models import TreatmentAttempt, Verdict
from tracker.services.treatments import LONGEST_TRIAL

DOTS = 20  # every chance is told as so many of 20
DECIMALS = 1  # of points

Outcome = Verdict.Outcome

# What the chance that is told is a chance of: (column, name)
CHANCE_OF = {
    Outcome.WORKING: ("p_now", "drop_now"),
    Outcome.WORSE: ("p_worse", "rise_now"),
    Outcome.NOT_WORKING: ("p_reach", "drop_still"),
    Outcome.CANT_TELL: ("p_reach", "drop_still"),
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Points are on the 0 to 10 scale; a negative change is less pain. None where nothing could be worked out."""

    as_of: date
    outcome: str
    reason: str
    day: int  # of the treatment, from 1, that the verdict speaks of
    trial_days: int
    days_logged: int  # of those days
    change: float | None
    change_low: float | None
    change_high: float | None
    before: float | None  # estimated usual level
    now: float | None
    likely_low: float | None  # where the average with it probably lies now
    likely_high: float | None
    raw_before: float | None  # plain average of the logged days before
    matters: float | None  # the smallest drop that matters
    baseline: str  # logged, recalled, none
    baseline_days: int
    chance_of: str  # drop_now, drop_still, rise_now; empty where no chance is told
    chance_in_20: int | None
    is_cut_short: bool  # another treatment ended what can be told apart
    settling: Settling | None  # what would settle it, where it cannot be told yet


def figures(verdict: Verdict, attempt: TreatmentAttempt) -> Figures:
    change, before = _points(verdict.change), _points(verdict.before)
    chance_of, share = _chance(verdict)
    return Figures(
        as_of=verdict.as_of,
        outcome=verdict.outcome,
        reason=verdict.reason,
        day=day(verdict, attempt),
        trial_days=attempt.trial_days,
        days_logged=verdict.days_logged,
        change=change,
        change_low=_points(verdict.change_low),
        change_high=_points(verdict.change_high),
        before=before,
        # so that the three numbers add up as they are read
        now=_points(verdict.now) if change is None or before is None else _level(before, change),
        likely_low=_level(before, verdict.change_low),
        likely_high=_level(before, verdict.change_high),
        raw_before=_points(verdict.raw_baseline_mean),
        matters=_points(verdict.mcid),
        baseline=verdict.baseline,
        baseline_days=verdict.baseline_days,
        chance_of=chance_of,
        chance_in_20=None if share is None else round(share * DOTS),
        is_cut_short=is_cut_short(verdict, attempt),
        settling=_settling(verdict, attempt),
    )


def day(verdict: Verdict, attempt: TreatmentAttempt) -> int:
    """The last day with the treatment that counts: 1 on the first. The row counts the days passed, 0 on the first."""
    last = verdict.days_passed + 1
    return last if attempt.judged_until is None else min(last, (attempt.judged_until - attempt.started_on).days)


def day_of(attempt: TreatmentAttempt, on: date) -> int:
    """Which day of the treatment this is: the first is 1."""
    return (on - attempt.started_on).days + 1


def is_cut_short(verdict: Verdict, attempt: TreatmentAttempt) -> bool:
    """Another treatment ended what can be told apart before the night of the verdict."""
    used_until = min(attempt.judged_until or verdict.as_of, verdict.as_of)
    return verdict.days_passed < min((used_until - attempt.started_on).days, LONGEST_TRIAL)


def _chance(verdict: Verdict) -> tuple[str, float | None]:
    column, name = CHANCE_OF[Outcome(verdict.outcome)]
    share = getattr(verdict, column)
    return ("", None) if share is None or verdict.reason == "no_baseline" else (name, share)


def _settling(verdict: Verdict, attempt: TreatmentAttempt) -> Settling | None:
    if verdict.outcome != Outcome.CANT_TELL or attempt.stopped_on or is_cut_short(verdict, attempt):
        return None
    return settling.settling(
        reason=verdict.reason,
        as_of=verdict.as_of,
        days_passed=verdict.days_passed,
        trial_days=attempt.trial_days,
        days_logged=verdict.days_logged,
        change=verdict.change,
        change_low=verdict.change_low,
        change_high=verdict.change_high,
        mcid=verdict.mcid,
    )


def _level(before: float | None, change: float | None) -> float | None:
    """Where a change leads, on the scale."""
    if before is None or change is None:
        return None
    return round(min(max(before + round(change, DECIMALS), NRS_MIN), NRS_MAX), DECIMALS)


def _points(points: float | None) -> float | None:
    return None if points is None else round(points, DECIMALS) + 0.0  # never "-0.0"
