"""The facts that advice rests on, read for many patients at once: a dozen queries, however many there are."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, OuterRef, Subquery

from assessments import services as checkups
from assessments.engine.rulebook import Triage
from tracker.domain import advice as domain
from tracker.domain.advice import Alarm, Facts, Label, Proposed, Score, Taken, Tried
from tracker.domain.substances import substance_of
from tracker.models import (
    Diagnosis,
    ExerciseSession,
    Intake,
    Medicine,
    PainEntry,
    Patient,
    Proposal,
    QuestionnaireResponse,
    RedFlagScreen,
    TreatmentAttempt,
    TreatmentPlan,
    Verdict,
)

SCORED = {"peg": "mean", "phq_4": "total"}  # instrument -> the score that has a limit
ALARM_DAYS = timedelta(days=90)  # after that a check-up that nobody spoke of again is left alone
MAX_LENGTH = 200  # of a name that a piece of advice keeps

ByPatient = Mapping[int, list[Any]]


def facts_of(patients: Sequence[Patient], *, on: date) -> dict[int, Facts]:
    """By patient. `on` is the local day up to which the record is read."""
    pks = [patient.pk for patient in patients]
    tried, taken, labels = _tried(pks, on), _taken(pks, on), _labels(pks)
    proposed, alarms, scores = _proposed(pks), _alarms(patients, on), _scores(pks, on)
    since = _pain_since(pks)
    moves = ExerciseSession.objects.filter(patient__in=pks, local_date__lte=on).order_by()
    moved = dict(moves.values_list("patient").annotate(last=Max("local_date")))
    return {
        pk: Facts(
            on=on,
            pain_since=since.get(pk),
            tried=tuple(tried[pk]),
            taken=tuple(taken[pk]),
            labels=tuple(labels[pk]),
            proposed=tuple(proposed[pk]),
            alarms=tuple(alarms[pk]),
            scores={key: tuple(values) for key, values in scores[pk].items()},
            moved_on=moved.get(pk),
        )
        for pk in pks
    }


def _pain_since(pks: Sequence[int]) -> dict[int, date]:
    """The first day in the log, of a treatment or of a diagnosis, whichever is earliest."""
    first_entry = PainEntry.objects.filter(patient=OuterRef("pk")).order_by("local_date").values("local_date")[:1]
    logged = Patient.objects.filter(pk__in=pks).annotate(first=Subquery(first_entry)).values_list("pk", "first")
    treated = TreatmentAttempt.objects.filter(patient__in=pks).order_by().values_list("patient")
    told = Diagnosis.objects.filter(patient__in=pks).order_by().values_list("patient")
    firsts = defaultdict(list)
    for rows in (logged, treated.annotate(first=Min("started_on")), told.annotate(first=Min("said_on"))):
        for pk, first in rows:
            if first is not None:
                firsts[pk].append(first)
    return {pk: min(days) for pk, days in firsts.items()}


def _tried(pks: Sequence[int], on: date) -> ByPatient:
    """What was tried, and what is planned to come next: a plan begins tomorrow at the earliest."""
    newest = Verdict.objects.filter(attempt=OuterRef("pk")).order_by("-as_of", "-pk").values("pk")[:1]
    attempts = TreatmentAttempt.objects.filter(patient__in=pks).annotate(newest=Subquery(newest))
    rows = list(attempts.select_related("treatment_type", "diagnosis").order_by("started_on", "pk"))
    verdicts = Verdict.objects.in_bulk([row.newest for row in rows if row.newest])
    worse = [row.pk for row in rows if row.newest and verdicts[row.newest].outcome == Verdict.Outcome.WORSE]
    worse_since = _worse_since(worse)
    tried = defaultdict(list)
    for row in rows:
        one = _tried_of(row)
        if verdict := verdicts.get(row.newest):
            one = replace(one, **_judged_of(verdict), worse_since=worse_since.get(row.pk))
        tried[row.patient_id].append(one)
    for plan in TreatmentPlan.objects.filter(patient__in=pks).select_related("treatment_type"):
        begins = max(plan.planned_for, on + timedelta(days=1))
        tried[plan.patient_id].append(Tried(uuid=plan.uuid, started_on=begins, **_kind_of(plan)))
    return tried


def _tried_of(attempt: TreatmentAttempt) -> Tried:
    return Tried(
        uuid=attempt.uuid,
        started_on=attempt.started_on,
        stopped_on=attempt.stopped_on,
        diagnosis=attempt.diagnosis.uuid if attempt.diagnosis else None,
        **_kind_of(attempt),
    )


def _kind_of(one: TreatmentAttempt | TreatmentPlan) -> dict[str, Any]:
    kind = one.treatment_type
    return {
        "name": one.name[:MAX_LENGTH],
        "type_key": kind.key,
        "treatment_class": kind.treatment_class,
        "nature": kind.nature,
        "is_prescribed": bool(one.prescribed_by.strip()) or kind.is_prescribed,
    }


def _judged_of(verdict: Verdict) -> dict[str, Any]:
    drop = -verdict.change / verdict.before if verdict.change is not None and verdict.before else None
    return {
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "judged_on": verdict.as_of,
        "days_logged": verdict.days_logged,
        "days_passed": verdict.days_passed,
        "drop": drop,
    }


def _worse_since(attempts: Sequence[int]) -> dict[int, date]:
    """The first night of the unbroken row of nights that said worse, for the few attempts that are."""
    since: dict[int, date] = {}
    nights = Verdict.objects.filter(attempt__in=attempts).order_by("attempt", "as_of", "pk")
    for pk, as_of, outcome in nights.values_list("attempt", "as_of", "outcome"):
        if outcome == Verdict.Outcome.WORSE:
            since.setdefault(pk, as_of)
        else:
            since.pop(pk, None)
    return since


def _taken(pks: Sequence[int], on: date) -> ByPatient:
    """Medicines with a limit of their own: most are not, and their intakes are not read."""
    known = [one for one in Medicine.objects.filter(patient__in=pks).order_by("pk") if substance_of(one.name)]
    intakes = Intake.objects.filter(
        medicine__in=[one.pk for one in known], local_date__range=(on - timedelta(days=domain.MONTH_DAYS - 1), on)
    )
    days = defaultdict(set)
    for medicine, day in intakes.order_by().values_list("medicine", "local_date").distinct():
        days[medicine].add(day)
    taken = defaultdict(list)
    for one in known:
        taken[one.patient_id].append(
            Taken(
                uuid=one.uuid,
                name=str(one)[:MAX_LENGTH],
                is_as_needed=one.is_as_needed,
                started_on=one.started_on,
                stopped_on=one.stopped_on,
                days=frozenset(days[one.pk]),
            )
        )
    return taken


def _labels(pks: Sequence[int]) -> ByPatient:
    labels = defaultdict(list)
    for one in Diagnosis.objects.filter(patient__in=pks).order_by("said_on", "pk"):
        labels[one.patient_id].append(Label(uuid=one.uuid, name=one.name, basis=one.basis, said_on=one.said_on))
    return labels


def _proposed(pks: Sequence[int]) -> ByPatient:
    proposed = defaultdict(list)
    for one in Proposal.objects.undecided().filter(patient__in=pks).order_by("pk"):
        proposed[one.patient_id].append(Proposed(uuid=one.uuid, name=one.name, proposed_by=one.proposed_by))
    return proposed


def _alarms(patients: Sequence[Patient], on: date) -> ByPatient:
    """Results that wait for a clinician, and check-ups that an alarm question has opened and nobody finished."""
    whose = {patient.user_id: patient.pk for patient in patients}
    since = datetime.combine(on, time(), UTC) - ALARM_DAYS
    alarms = defaultdict(list)
    for result in checkups.waiting_for_clinician(whose, since=since):
        is_pressing = Triage(result.level).rank >= Triage.SAME_DAY.rank
        if result.finished_at:
            alarm = Alarm(checkup=result.uuid, on=result.finished_at.date(), is_pressing=is_pressing)
            alarms[whose[result.user_id]].append(alarm)
    for patient, checkup, answered_at in _opened_by_a_sign(whose, since):
        alarms[patient].append(Alarm(checkup=checkup, on=answered_at.date(), is_pressing=True))
    return alarms


def _opened_by_a_sign(whose: Mapping[int, int], since: datetime) -> Iterable[tuple[int, UUID, datetime]]:
    screens = RedFlagScreen.objects.filter(patient__in=whose.values(), checkup__isnull=False, answered_at__gte=since)
    rows = list(screens.order_by("pk").values_list("patient", "checkup", "answered_at"))
    unfinished = checkups.unfinished_of(whose, since=since) if rows else {}
    return [
        (patient, checkup, answered_at)
        for patient, checkup, answered_at in rows
        if checkup in unfinished and whose[unfinished[checkup].user_id] == patient
    ]


def _scores(pks: Sequence[int], on: date) -> Mapping[int, Mapping[str, list[Score]]]:
    scores: dict[int, dict[str, list[Score]]] = defaultdict(lambda: defaultdict(list))
    answered = QuestionnaireResponse.objects.filter(patient__in=pks, instrument__in=SCORED, local_date__lte=on)
    rows = answered.order_by("answered_at", "pk").values_list("patient", "instrument", "uuid", "local_date", "scores")
    for patient, instrument, uuid, day, values in rows:
        value = values.get(SCORED[instrument])
        if value is not None:
            scores[patient][instrument].append(Score(uuid=uuid, on=day, value=float(value)))
    return scores
