"""How many more logged days would settle a verdict that cannot be told yet, and by when.

A forecast, told with "about" and "could": it takes the likely change to stay where it is and each further logged day
to tell as much as those so far. Within the fair trial nothing later than its end is promised. tests/domain/test_settling.py holds it against what simulated logs did: two in three are
settled a week after the day told at the latest; a drop that lies close to one that matters takes longer.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from tracker.domain.trial_policy import (
    EFFECT_SD,
    FIRST_VERDICT_DAY,
    HELPED_SHARE,
    LIKELY_Z,
    MIN_TREATMENT_DAYS,
)

WORKING_Z = 1.8119  # standard deviations that a real drop lies above the trivial, for a chance of WORKING_HELPED
NOT_WORKING_Z = 1.96  # that a drop that matters lies above the likely one, for a chance of NOT_WORKING_REACH
LONGEST_FORECAST = 60  # logged days; beyond it nothing is promised
RAREST = 0.2  # share of days logged that is reckoned with at least


@dataclass(frozen=True, kw_only=True)
class Settling:
    """`by` is the morning on which the words can be there, if pain is logged as often as so far."""

    n_more_days: int  # logged
    by: date
    is_trial_end: bool = False  # no more is foreseen than the end of the fair trial


def settling(
    *,
    reason: str,
    as_of: date,
    days_passed: int,
    trial_days: int,
    days_logged: int,
    change: float | None,
    change_low: float | None,
    change_high: float | None,
    mcid: float | None,
) -> Settling | None:
    """None where more days would not settle it, or too many would be needed. Points as in Judgement."""
    if reason in {"no_baseline", "mixed", "not_fairly_tried"}:
        return None
    if change is None or change_low is None or change_high is None or mcid is None:
        return None
    more, is_working = _logged_days(days_logged, -change, (change_high - change_low) / (2 * LIKELY_Z), mcid)
    more = max(more, MIN_TREATMENT_DAYS - days_logged, 1)
    share_logged = max(days_logged / (days_passed + 1), RAREST)
    to_trial_end = max(trial_days, FIRST_VERDICT_DAY) - days_passed
    wait = max(ceil(more / share_logged), FIRST_VERDICT_DAY - days_passed if is_working else to_trial_end)
    if 0 < to_trial_end <= wait:
        n = max(MIN_TREATMENT_DAYS - days_logged, round(to_trial_end * share_logged), 1)
        return Settling(n_more_days=n, by=as_of + timedelta(days=to_trial_end + 1), is_trial_end=True)
    if more > LONGEST_FORECAST:
        return None
    return Settling(n_more_days=max(more, round(wait * share_logged)), by=as_of + timedelta(days=wait + 1))


def _logged_days(days_logged: int, drop: float, sd: float, mcid: float) -> tuple[int, bool]:
    """Further logged days until the likely drop is told from nothing much, or from one that matters; and which."""
    is_working = drop >= mcid
    distance = (drop - HELPED_SHARE * mcid) / WORKING_Z if is_working else (mcid - drop) / NOT_WORKING_Z
    if sd <= 0 or distance <= 0:
        return LONGEST_FORECAST + 1, is_working
    known, needed, at_first = 1 / sd**2, 1 / distance**2, 1 / EFFECT_SD**2
    if needed <= known:
        return 0, is_working
    a_day = (known - at_first) / max(days_logged, 1)
    if a_day <= 0:
        return LONGEST_FORECAST + 1, is_working
    return ceil((needed - known) / a_day), is_working
