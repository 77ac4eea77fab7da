"""What was tried as a table: a line for each attempt, oldest first, with the newest verdict as the pages tell it."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from tracker.domain import csv_text
from tracker.models import TreatmentAttempt, User
from tracker.services import verdicts
from tracker.services.verdict_figures import figures

SAID = ("name", "treatment_class", "site", "started_on", "stopped_on", "stop_reason", "side_effects")
TOLD = (
    "as_of",
    "outcome",
    "reason",
    "day",
    "trial_days",
    "days_logged",
    "before",
    "now",
    "change",
    "change_low",
    "change_high",
    "matters",
    "chance_of",
    "chance_in_20",
    "baseline",
    "baseline_days",
)
COLUMNS = (*SAID, *TOLD)


def lines(user: User) -> Iterator[str]:
    """Excel wants the mark in front."""
    yield "\ufeff" + csv_text.lines([COLUMNS])
    attempts = user.patient.attempts.order_by("started_on", "pk").select_related("treatment_type")
    yield csv_text.lines(map(_line, verdicts.with_latest_verdict(attempts)))


def _line(attempt: TreatmentAttempt) -> list[Any]:
    verdict = attempt.latest_verdict
    told = asdict(figures(verdict, attempt)) if verdict else {}
    said = [attempt.name, attempt.treatment_type.treatment_class, *(getattr(attempt, name) for name in SAID[2:])]
    return [_cell(value) for value in (*said, *(told.get(name) for name in TOLD))]


def _cell(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
