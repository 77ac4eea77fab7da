"""How far treatments were used as planned: as was said of their days, else as the logs of medicines and moves show."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.db.models import Count, Q

from tracker.domain.adherence import Adherence, adherence, adherence_from_log
from tracker.domain.substances import substance_of
from tracker.models import ExerciseSession, Intake, TreatmentAttempt, TreatmentDay, TreatmentType

MORNING_MOVES = "morning_moves"
State = TreatmentDay.State
Noted = dict[int, set[date]]  # days by attempt


def adherences(attempts: Collection[TreatmentAttempt], *, on: date) -> dict[int, Adherence]:
    """Of many attempts, by their keys, up to the day `on`; a handful of queries."""
    said = TreatmentDay.objects.filter(attempt__in=[attempt.pk for attempt in attempts]).order_by()
    counts = said.values("attempt").annotate(
        n_done=Count("pk", filter=Q(state=State.DONE)), n_missed=Count("pk", filter=Q(state=State.MISSED))
    )
    by_key = {row["attempt"]: (row["n_done"], row["n_missed"]) for row in counts}
    told = {
        attempt.pk: adherence(n_done=n_done, n_missed=n_missed, days_a_week=attempt.days_a_week)
        for attempt in attempts
        for n_done, n_missed in [by_key.get(attempt.pk, (0, 0))]
    }
    silent = [attempt for attempt in attempts if not told[attempt.pk].n_said]
    return told | from_logs(silent, on=on)


def from_logs(attempts: Iterable[TreatmentAttempt], *, on: date) -> dict[int, Adherence]:
    """Of the attempts that a log of another kind knows enough of. The day `on` is not over: it counts if it is noted."""
    begun = [attempt for attempt in attempts if attempt.started_on <= on]
    noted = _intakes(begun) | _sessions(begun)
    paused = _paused([attempt for attempt in begun if attempt.pk in noted and attempt.paused_days])
    found = {}
    for attempt in begun:
        days = noted.get(attempt.pk, set())
        until = on + timedelta(days=1) if on in days else on
        used = adherence_from_log(
            days,
            first=attempt.started_on,
            until=min(until, attempt.judged_until or until),
            paused=paused.get(attempt.pk, set()),
            days_a_week=attempt.days_a_week,
        )
        if used:
            found[attempt.pk] = used
    return found


def _intakes(attempts: Iterable[TreatmentAttempt]) -> Noted:
    """Days on which a medicine of the same substance was taken. What is taken as needed has no plan, unless so many
    days a week are planned for the treatment."""
    a_medicine = TreatmentType.Class.MEDICINE
    tablets = [attempt for attempt in attempts if attempt.treatment_type.treatment_class == a_medicine]
    if not tablets:
        return {}
    taken = Intake.objects.filter(
        patient__in={attempt.patient_id for attempt in tablets},
        local_date__gte=min(attempt.started_on for attempt in tablets),
    )
    # By patient, then by name and whether it is taken as needed
    days: dict[int, dict[tuple[str, bool], set[date]]] = defaultdict(lambda: defaultdict(set))
    rows = taken.order_by().values_list("patient", "medicine__name", "medicine__is_as_needed", "local_date")
    for patient, name, is_as_needed, day in rows:
        days[patient][name, is_as_needed].add(day)
    noted: Noted = defaultdict(set)
    for attempt in tablets:
        for (name, is_as_needed), taken_on in days[attempt.patient_id].items():
            if (attempt.days_a_week or not is_as_needed) and _is_same(name, attempt.name):
                noted[attempt.pk] |= taken_on
    return noted


def _is_same(medicine: str, attempt: str) -> bool:
    one, other = substance_of(medicine), substance_of(attempt)
    if one or other:
        return one == other
    words = set(re.findall(r"\w+", medicine.casefold()))
    return bool(words) and words <= set(re.findall(r"\w+", attempt.casefold()))


def _sessions(attempts: Iterable[TreatmentAttempt]) -> Noted:
    moves = [attempt for attempt in attempts if attempt.treatment_type.key == MORNING_MOVES]
    if not moves:
        return {}
    days: Noted = defaultdict(set)
    done = ExerciseSession.objects.filter(patient__in={attempt.patient_id for attempt in moves}).order_by()
    for patient, day in done.values_list("patient", "local_date"):
        days[patient].add(day)
    return {attempt.pk: days[attempt.patient_id] for attempt in moves if days[attempt.patient_id]}


def _paused(attempts: Collection[TreatmentAttempt]) -> Noted:
    days: Noted = defaultdict(set)
    if attempts:
        rows = TreatmentDay.objects.filter(attempt__in=attempts, state=State.PAUSED).order_by()
        for attempt, day in rows.values_list("attempt", "local_date"):
            days[attempt].add(day)
    return days
