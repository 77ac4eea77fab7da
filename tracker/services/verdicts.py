"""What was judged and advised, to read and to answer. The judging itself is in `judging`, which loads NumPy."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Case, OuterRef, Prefetch, QuerySet, Subquery, Value, When

from tracker.models import Advice, AuditEvent, Patient, TreatmentAttempt, User, Verdict

OPEN_STATES = (Advice.State.NEW, Advice.State.SEEN)


def with_latest_verdict(attempts: QuerySet[TreatmentAttempt]) -> QuerySet[TreatmentAttempt]:
    """Attempts whose `latest_verdict` is at hand: one more query, which looks once at each attempt, not at each night."""
    newest = Verdict.objects.filter(attempt=OuterRef("pk")).order_by("-as_of", "-id").values("pk")[:1]
    of_each = attempts.order_by().annotate(newest=Subquery(newest)).values("newest")
    return attempts.prefetch_related(Prefetch("verdicts", Verdict.objects.filter(pk__in=of_each)))


def verdicts_of(patient: Patient) -> QuerySet[Verdict]:
    return Verdict.objects.filter(attempt__patient=patient).select_related("attempt__treatment_type")


def advice_of(patient: Patient) -> QuerySet[Advice]:
    """With what is said about it; prefetched, since most days there is none and joining is the dearest query of Today."""
    return Advice.objects.filter(attempt__patient=patient).prefetch_related("attempt__treatment_type", "verdict")


def open_advice(patient: Patient) -> QuerySet[Advice]:
    """What still waits for an answer, with what cannot wait first."""
    rank = Case(*(When(kind=kind, then=Value(place)) for place, kind in enumerate(Advice.ORDER)))
    return advice_of(patient).filter(state__in=OPEN_STATES).order_by(rank, "-created_at", "-pk")


def open_advice_at_hand(patient: Patient) -> list[Advice]:
    """As open_advice, put in order here: most days there is none, and working out the rank is dear."""
    newest_first = advice_of(patient).filter(state__in=OPEN_STATES).order_by("-created_at", "-pk")
    return sorted(newest_first, key=lambda piece: Advice.ORDER.index(piece.kind))


@transaction.atomic
def respond_to_advice(*, by: User, advice: Advice, state: Advice.State, at: datetime) -> Advice:
    """Note what the patient did with it. Answering twice, or with the same word, changes nothing."""
    changed = Advice.objects.filter(pk=advice.pk).exclude(state=state).update(state=state, changed_at=at)
    if changed:
        advice.state, advice.changed_at = state, at
        _audit(by=by, patient=advice.attempt.patient, state=state, keys=[advice.pk])
    return advice


@transaction.atomic
def mark_seen(*, by: User, patient: Patient, at: datetime, shown: Iterable[Advice] | None = None) -> int:
    """The patient has been shown this advice, or all there is; returns how many pieces were new.

    What was answered meanwhile, in another tab, stays answered.
    """
    pieces = advice_of(patient).filter(state=Advice.State.NEW)
    if shown is not None:
        pieces = pieces.filter(pk__in=[piece.pk for piece in shown])
    new = list(pieces.values_list("pk", flat=True))
    if new:
        Advice.objects.filter(pk__in=new, state=Advice.State.NEW).update(state=Advice.State.SEEN, changed_at=at)
        _audit(by=by, patient=patient, state=Advice.State.SEEN, keys=new)
    return len(new)


def _audit(*, by: User, patient: Patient, state: Advice.State, keys: list[int]) -> None:
    for pk in keys:
        AuditEvent.objects.create(actor=by, patient=patient, verb=state, subject=f"advice {pk}")
