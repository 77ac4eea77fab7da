"""The rule: from chances to an outcome with its reason, for many attempts at once.

Outcomes and reasons travel as small whole numbers, their places in OUTCOMES and REASONS.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.domain import trial_policy as policy

Codes = NDArray[np.int8]


class Outcome(StrEnum):
    WORKING = "working"
    NOT_WORKING = "not_working"
    WORSE = "worse"
    CANT_TELL = "cant_tell"


class Reason(StrEnum):
    """What stands beside an outcome. The last two are set by services, which know adherence and other attempts."""

    TOO_EARLY = "too_early"
    TOO_FEW_ENTRIES = "too_few_entries"
    NO_BASELINE = "no_baseline"
    VARIES_TOO_MUCH = "varies_too_much"
    LOW_BASELINE = "low_baseline"
    NOT_FAIRLY_TRIED = "not_fairly_tried"
    MIXED = "mixed"


class Baseline(StrEnum):
    LOGGED = "logged"
    RECALLED = "recalled"
    NONE = "none"


OUTCOMES = tuple(Outcome)
REASONS = (None, *Reason)  # None stands beside an outcome that was told
NO_OUTCOME = -1  # the code of a night before any

_WORKING, _NOT_WORKING, _WORSE, _CANT_TELL = range(len(OUTCOMES))
_TOO_EARLY, _TOO_FEW, _NO_BASELINE, _VARIES, _LOW = range(1, 6)


def decide(
    *,
    p_helped: ArrayLike,
    p_now: ArrayLike,
    p_reach: ArrayLike,
    p_worse: ArrayLike,
    days_passed: ArrayLike,
    days_logged: ArrayLike,
    days_logged_recently: ArrayLike,
    days_logged_lately: ArrayLike,
    trial_days: ArrayLike,
    has_baseline: ArrayLike,
    before: ArrayLike,
    previous: ArrayLike = NO_OUTCOME,
) -> tuple[Codes, Codes]:
    """Outcome and reason, as codes, of values or arrays that go together; `previous` is last night's outcome.

    In this order: what is missing, then a clear outcome, then last night's if still near, then doubt. A gap in the
    log says nothing new, so an outcome already told outlasts a thin week.
    """
    p_helped, p_now, p_reach, p_worse = map(np.asarray, (p_helped, p_now, p_reach, p_worse))
    days_passed, previous = np.asarray(days_passed), np.asarray(previous)
    is_fresh = np.asarray(days_logged_recently) >= policy.MIN_RECENT_DAYS
    is_lasting = np.asarray(days_logged_lately) >= policy.MIN_RECENT_DAYS
    is_over = days_passed >= trial_days
    missing = np.select(
        [
            ~np.asarray(has_baseline, dtype=bool),
            days_passed < policy.FIRST_VERDICT_DAY,
            np.asarray(days_logged) < policy.MIN_TREATMENT_DAYS,
        ],
        [_NO_BASELINE, _TOO_EARLY, _TOO_FEW],
        0,
    )
    margin = policy.KEEP_MARGIN
    outcome = np.select(
        [
            missing > 0,
            is_fresh & (p_helped >= policy.WORKING_HELPED) & (p_now >= policy.WORKING_REACHED),
            is_fresh & (p_worse >= policy.WORSE_CHANCE),
            is_fresh & is_over & (p_reach <= policy.NOT_WORKING_REACH),
            (previous == _WORKING)
            & is_lasting
            & (p_helped >= policy.WORKING_HELPED - margin)
            & (p_now >= policy.WORKING_REACHED - margin),
            (previous == _WORSE) & is_lasting & (p_worse >= policy.WORSE_CHANCE - margin),
            (previous == _NOT_WORKING) & is_lasting & (p_reach <= policy.NOT_WORKING_REACH + margin),
        ],
        [_CANT_TELL, _WORKING, _WORSE, _NOT_WORKING, _WORKING, _WORSE, _NOT_WORKING],
        _CANT_TELL,
    )
    reason = np.select(
        [
            outcome != _CANT_TELL,
            missing > 0,
            ~is_fresh,
            ~is_over,
            np.asarray(before) < policy.LOW_BASELINE_LEVEL,
        ],
        [0, missing, _TOO_FEW, _TOO_EARLY, _LOW],
        _VARIES,
    )
    return outcome.astype(np.int8), reason.astype(np.int8)
