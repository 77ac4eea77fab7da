"""What was judged, to read. The judging itself is in `judging`, which loads NumPy."""

from datetime import date
from typing import Any

from django.db.models import FilteredRelation, OuterRef, Prefetch, Q, QuerySet, Subquery

from tracker.models import Patient, TreatmentAttempt, TreatmentType, Verdict

_NEWEST = Verdict.objects.filter(attempt=OuterRef("pk")).order_by("-as_of", "-id").values("pk")[:1]
# What a line about an attempt needs, so that the start page reads and makes no more.
_OF_ATTEMPT = ("uuid", "own_words", "dose", "started_on", "stopped_on", "paused_on", "own_trial_days", "paused_days")
_OF_TYPE = ("name", "treatment_class", "adequate_trial_days")


def with_latest_verdict(attempts: QuerySet[TreatmentAttempt]) -> QuerySet[TreatmentAttempt]:
    """Attempts whose `latest_verdict` is at hand: one more query, which looks once at each attempt, not at each night."""
    of_each = attempts.order_by().annotate(newest=Subquery(_NEWEST)).values("newest")
    return attempts.prefetch_related(Prefetch("verdicts", Verdict.objects.filter(pk__in=of_each)))


def under_way(patient: Patient, *, on: date) -> list[tuple[TreatmentAttempt, Verdict | None]]:
    """What goes on, newest first, with the newest verdict, in one query; of each only what a line about it needs."""
    newest = FilteredRelation("verdicts", condition=Q(verdicts__pk=Subquery(_NEWEST)))
    columns = *_OF_ATTEMPT, *(f"treatment_type__{name}" for name in _OF_TYPE), "newest__outcome", "newest__reason"
    rows = patient.attempts.under_way(on).newest_first().annotate(newest=newest).values_list(*columns)
    return [_line(*row) for row in rows]


def _line(*row: Any) -> tuple[TreatmentAttempt, Verdict | None]:
    *values, outcome, reason = row
    kind = TreatmentType(**dict(zip(_OF_TYPE, values[len(_OF_ATTEMPT) :], strict=True)))
    attempt = TreatmentAttempt(**dict(zip(_OF_ATTEMPT, values, strict=False)), treatment_type=kind)
    return attempt, Verdict(outcome=outcome, reason=reason) if outcome else None


def verdicts_of(patient: Patient) -> QuerySet[Verdict]:
    return Verdict.objects.filter(attempt__patient=patient).select_related("attempt__treatment_type")
