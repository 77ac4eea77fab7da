"""Stored verdicts for tests of what is said of them."""

from datetime import date, datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from tracker.models import Advice, TreatmentAttempt, TreatmentType, Verdict
from tracker.services import treatments


def attempt_of(person, key: str = "oral_nsaid", *, days_ago: int = 32, **said) -> TreatmentAttempt:
    today, at = timezone.localdate(), timezone.now()
    said = {"treatment_type": TreatmentType.objects.get(key=key)} | said
    return treatments.start(
        by=person.user, uuid=uuid4(), at=at, on=today, started_on=today - timedelta(days=days_ago), **said
    )


def verdict_of(attempt: TreatmentAttempt, outcome: str, *, as_of: date | None = None, **numbers) -> Verdict:
    as_of = as_of or timezone.localdate()
    row = {
        "p_helped": 0.99,
        "p_now": 0.9,
        "p_reach": 0.012,
        "p_worse": 0.9,
        "change": -0.3,
        "change_low": -0.9,
        "change_high": 0.4,
        "before": 6.2,
        "now": 3.8,
        "raw_baseline_mean": 6.9,
        "mcid": 1.86,
        "days_passed": 32,
        "days_logged": 28,
        "baseline_days": 20,
        "baseline": "logged",
        "policy_version": "test",
        "inputs_digest": uuid4().hex,
    }
    return Verdict.objects.create(
        attempt=attempt, as_of=as_of, outcome=outcome, computed_at=timezone.now(), **row | numbers
    )


def advice_of(verdict: Verdict, kind: str, *, at: datetime | None = None) -> Advice:
    at = at or timezone.now()
    attempt = verdict.attempt
    return Advice.objects.create(
        patient=attempt.patient,
        attempt=attempt,
        verdict=verdict,
        kind=kind,
        evidence=f"attempt:{attempt.uuid}",
        because={"name": attempt.name, "days": verdict.days_passed},
        created_at=at,
        changed_at=at,
    )
