"""What others have called the pain and proposed: as it stands now, as it stood before an opinion, and how it came about."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, QuerySet, Subquery

from tracker.domain.brief import DiagnosisLine, Happened, HistoryLine, ProposalLine, SaidSoFar, ViewLine
from tracker.domain.schedule import local_date
from tracker.models import Comparison, Diagnosis, IndependentView, Patient, SecondOpinion, TreatmentAttempt

OVERTURNED = Comparison.Outcome.DIFFERENT
_ORDER = tuple(Happened)


def brought_by(opinion: UUID, diagnosis: UUID) -> UUID:
    """Key of the name that the comparison of a diagnosis in a second opinion brings, so that it is known as one."""
    return uuid5(opinion, f"instead of {diagnosis}")


def diagnoses_of(patient: Patient) -> QuerySet[Diagnosis]:
    """Oldest first, each with the `outcome` of its newest comparison and what it was `replaced_with`, if anything."""
    return _standing(patient.diagnoses.all(), Comparison.objects.all())


def earlier_diagnoses(opinion: SecondOpinion) -> QuerySet[Diagnosis]:
    """What was said before this opinion, as it stood then: without what its own view, or a later one, has brought."""
    later = opinion.patient.second_opinions.filter(created_at__gte=opinion.created_at)
    compared = Comparison.objects.filter(opinion__in=later).values_list("opinion__uuid", "diagnosis__uuid")
    found = opinion.patient.diagnoses.exclude(uuid__in=[brought_by(*keys) for keys in compared])
    if (first_view := opinion.views.first()) is not None:
        found = found.exclude(said_on__gt=_day(first_view.written_at, opinion.patient))
    return _standing(found, Comparison.objects.filter(opinion__created_at__lt=opinion.created_at))


def overturned(patient: Patient) -> dict[int, str]:
    """Names of the diagnoses that a later opinion has called something else, by their keys in the database."""
    names: Iterable[str] = ("pk", "name", "outcome")
    return {pk: name for pk, name, outcome in diagnoses_of(patient).values_list(*names) if outcome == OVERTURNED}


def with_diagnosis_outcome(attempts: QuerySet[TreatmentAttempt]) -> QuerySet[TreatmentAttempt]:
    """Each with `diagnosis_outcome`: how the name that it was begun for stands now; None where nobody has compared."""
    newest = Comparison.objects.filter(diagnosis=OuterRef("diagnosis")).order_by("-compared_at", "-id")
    return attempts.annotate(
        diagnosis_outcome=Subquery(newest.values("outcome")[:1]),
        diagnosis_now=Subquery(newest.values("replaced_by__name")[:1]),
    )


def said_so_far(patient: Patient) -> SaidSoFar:
    """For a whole page, never for a blind one."""
    return SaidSoFar(
        diagnoses=diagnosis_lines(diagnoses_of(patient)),
        proposals=proposal_lines(patient),
        history=tuple(history(patient)),
    )


def diagnosis_lines(diagnoses: QuerySet[Diagnosis]) -> tuple[DiagnosisLine, ...]:
    names = ("uuid", "name", "said_by", "said_on", "ground", "outcome", "replaced_with")
    return tuple(
        DiagnosisLine(
            uuid=uuid,
            name=name,
            said_by=said_by,
            said_on=said_on,
            ground=ground,
            outcome=outcome or "",
            replaced_by=replaced_by or "",
        )
        for uuid, name, said_by, said_on, ground, outcome, replaced_by in diagnoses.values_list(*names)
    )


def proposal_lines(patient: Patient, *, until: date | None = None) -> tuple[ProposalLine, ...]:
    """Oldest first; `until`: without those of a later day."""
    proposals = patient.proposals.order_by("proposed_on", "id")
    return tuple(
        ProposalLine(
            name=one.name,
            proposed_by=one.proposed_by,
            proposed_on=one.proposed_on,
            reason=one.reason,
            decision=one.decision,
        )
        for one in proposals
        if until is None or one.proposed_on is None or one.proposed_on <= until
    )


def earlier_views(opinion: SecondOpinion) -> tuple[ViewLine, ...]:
    """What was written down in second opinions that were begun before this one."""
    earlier = IndependentView.objects.filter(
        opinion__patient=opinion.patient, opinion__created_at__lt=opinion.created_at
    ).order_by("written_at", "id")
    return tuple(
        ViewLine(
            on=_day(one.written_at, opinion.patient),
            clinician=one.clinician,
            diagnosis=one.diagnosis,
            ground=one.ground,
            advice=one.advice,
        )
        for one in earlier
    )


def history(patient: Patient) -> list[HistoryLine]:
    """Each step by its day, oldest first; what nobody dated comes first. Five queries, however long it is."""
    lines = [*_names(patient), *_proposed(patient), *_tried(patient), *_views(patient), *_compared(patient)]
    return sorted(lines, key=lambda line: (line.on or date.min, _ORDER.index(line.happened)))


def _names(patient: Patient) -> Iterator[HistoryLine]:
    compared = Comparison.objects.filter(opinion__patient=patient).values_list("opinion__uuid", "diagnosis__uuid")
    brought = {brought_by(*keys) for keys in compared}
    for one in patient.diagnoses.all():
        if one.uuid not in brought:  # the comparison tells it
            yield HistoryLine(on=one.said_on, happened=Happened.SAID, name=one.name, by=one.said_by, detail=one.ground)


def _proposed(patient: Patient) -> Iterator[HistoryLine]:
    for one in proposal_lines(patient):
        yield HistoryLine(
            on=one.proposed_on,
            happened=Happened.PROPOSED,
            name=one.name,
            by=one.proposed_by,
            detail=one.reason,
            outcome=one.decision,
        )


def _tried(patient: Patient) -> Iterator[HistoryLine]:
    for one in patient.attempts.select_related("treatment_type", "diagnosis"):
        if one.diagnosis is not None:
            yield HistoryLine(
                on=one.started_on, happened=Happened.TRIED, name=one.name, detail=one.diagnosis.name, attempt=one.uuid
            )


def _views(patient: Patient) -> Iterator[HistoryLine]:
    for one in IndependentView.objects.filter(opinion__patient=patient):
        yield HistoryLine(
            on=_day(one.written_at, patient),
            happened=Happened.VIEW,
            name=one.diagnosis,
            by=one.clinician,
            detail="\n".join(filter(None, [one.ground, one.advice])),
        )


def _compared(patient: Patient) -> Iterator[HistoryLine]:
    for one in Comparison.objects.filter(opinion__patient=patient).select_related("diagnosis", "replaced_by"):
        yield HistoryLine(
            on=_day(one.compared_at, patient),
            happened=Happened.COMPARED,
            name=one.diagnosis.name,
            detail=one.what_changes,
            outcome=one.outcome,
            became=one.replaced_by.name if one.replaced_by else "",
        )


def _standing(diagnoses: QuerySet[Diagnosis], comparisons: QuerySet[Comparison]) -> QuerySet[Diagnosis]:
    newest = comparisons.filter(diagnosis=OuterRef("pk")).order_by("-compared_at", "-id")
    return (
        diagnoses.annotate(
            outcome=Subquery(newest.values("outcome")[:1]),
            replaced_with=Subquery(newest.values("replaced_by__name")[:1]),
        )
        .order_by("said_on", "id")
        .prefetch_related("attempts__treatment_type")
    )


def _day(at: datetime, patient: Patient) -> date:
    return local_date(at, ZoneInfo(patient.zone))
