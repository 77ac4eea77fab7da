"""What was judged, to read. The judging itself is in `judging`, which loads NumPy."""

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from tracker.models import Patient, TreatmentAttempt, Verdict


def with_latest_verdict(attempts: QuerySet[TreatmentAttempt]) -> QuerySet[TreatmentAttempt]:
    """Attempts whose `latest_verdict` is at hand: one more query, which looks once at each attempt, not at each night."""
    newest = Verdict.objects.filter(attempt=OuterRef("pk")).order_by("-as_of", "-id").values("pk")[:1]
    of_each = attempts.order_by().annotate(newest=Subquery(newest)).values("newest")
    return attempts.prefetch_related(Prefetch("verdicts", Verdict.objects.filter(pk__in=of_each)))


def verdicts_of(patient: Patient) -> QuerySet[Verdict]:
    return Verdict.objects.filter(attempt__patient=patient).select_related("attempt__treatment_type")
