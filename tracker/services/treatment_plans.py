"""The next thing to try: planned, and begun with one tap."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from tracker.domain.errors import DomainError
from tracker.domain.sites import SITE_KEYS
from tracker.domain.text import storable
from tracker.domain.trial_policy import FIRST_VERDICT_DAY, MIN_BASELINE_DAYS, MIXED_GAP_DAYS
from tracker.models import Appointment, AuditEvent, Patient, TreatmentAttempt, TreatmentPlan, User
from tracker.services import treatments
from tracker.services.locks import locked
from tracker.services.treatments import LENGTHS, OWN_TYPE, PLANNED_AHEAD, NameMissing, StartOutOfRange

BASELINE_DAYS = 7  # of logging before a start, where it is safe to wait; verdict study
SAID = ("treatment_type", "own_words", "dose", "site", "prescribed_by", "planned_for")


class NothingPlanned(DomainError):
    """There is no plan to begin, or another one."""


class PlanOutOfRange(DomainError):
    """No such site, or a visit of somebody else."""


@dataclass(frozen=True, kw_only=True)
class UnderWay:
    """A treatment that a new one would be mixed with, and the first day on which it would not."""

    attempt: TreatmentAttempt
    clear_on: date


@transaction.atomic
def put(*, by: User, uuid: UUID, at: datetime, on: date, **said: Any) -> TreatmentPlan:
    """Plan this next, in place of what was planned before. `visit`: at which it was decided."""
    patient = locked(by)
    words = {name: said.get(name, "") for name in ("own_words", "dose", "site", "prescribed_by")}
    kind, planned_for = said["treatment_type"], said["planned_for"]
    for name in ("own_words", "dose", "prescribed_by"):
        storable(words[name], longest=LENGTHS[name])
    if kind.key == OWN_TYPE and not words["own_words"].strip():
        raise NameMissing
    if words["site"] and words["site"] not in SITE_KEYS:
        raise PlanOutOfRange
    if not on <= planned_for <= on + PLANNED_AHEAD:
        raise StartOutOfRange
    visit = said.get("visit")
    if visit is not None and visit.patient_id != patient.pk:
        raise PlanOutOfRange
    values = words | {"uuid": uuid, "treatment_type": kind, "planned_for": planned_for, "changed_at": at}
    values |= {"visit": visit}
    plan, _ = TreatmentPlan.objects.update_or_create(patient=patient, defaults=values)
    _audit(by, patient, "planned", uuid)
    return plan


@transaction.atomic
def drop(*, by: User) -> None:
    patient = locked(by)
    for plan in TreatmentPlan.objects.filter(patient=patient):
        _audit(by, patient, "dropped", plan.uuid)
        plan.delete()


@transaction.atomic
def begin(*, by: User, uuid: UUID, started_on: date, at: datetime, on: date) -> TreatmentAttempt:
    """The plan becomes an attempt with the plan's uuid. Begun twice, it is one attempt."""
    patient = locked(by)
    plan = TreatmentPlan.objects.filter(patient=patient, uuid=uuid).select_related("treatment_type", "visit").first()
    if plan is None:
        earlier = patient.attempts.filter(uuid=uuid).first()
        if earlier is None:
            raise NothingPlanned(uuid)
        return earlier
    said = {name: getattr(plan, name) for name in SAID if name != "planned_for"}
    attempt = treatments.start(by=by, uuid=uuid, started_on=started_on, at=at, on=on, **said)
    if plan.visit is not None:
        came_of(by=by, visit=plan.visit, attempt=attempt, at=at)
    plan.delete()
    return attempt


def came_of(*, by: User, visit: Appointment, attempt: TreatmentAttempt, at: datetime) -> None:
    """Say of a visit which attempt came of it; both pages show it. Inside a transaction that holds the patient's row."""
    if visit.next_attempt_id == attempt.pk:
        return
    visit.next_attempt, visit.changed_at = attempt, at
    visit.save(update_fields=["next_attempt", "changed_at"])
    AuditEvent.objects.create(actor=by, patient=visit.patient, verb="began", subject=f"appointment {visit.uuid}")


def plan_of(patient: Patient) -> TreatmentPlan | None:
    return TreatmentPlan.objects.filter(patient=patient).select_related("treatment_type", "visit").first()


def under_way(patient: Patient, *, on: date) -> list[UnderWay]:
    """What a start today would be mixed with, soonest clear first: trials that go on, and starts of two weeks ago."""
    running = patient.attempts.under_way(on).select_related("treatment_type")
    found = [UnderWay(attempt=attempt, clear_on=clear_on(attempt)) for attempt in running]
    return sorted((one for one in found if one.clear_on > on), key=lambda one: one.clear_on)


def clear_on(attempt: TreatmentAttempt) -> date:
    """The first day on which something new takes no day of a fair trial away from it."""
    days = max(attempt.trial_days, FIRST_VERDICT_DAY, MIXED_GAP_DAYS)
    return attempt.started_on + timedelta(days=days + 1)


def baseline_ready_on(patient: Patient, *, on: date) -> date:
    """The day from which a start has BASELINE_DAYS logged days of the last two weeks behind it, if each day from now
    on is logged."""
    first = on - timedelta(days=2 * BASELINE_DAYS)
    logged = set(patient.pain_entries.between(first, on).values_list("local_date", flat=True))
    n_before = len(logged - {on})
    return on + timedelta(days=max(BASELINE_DAYS - n_before, 0))


def has_baseline(patient: Patient, *, on: date) -> bool:
    first = on - timedelta(days=2 * BASELINE_DAYS)
    entries = patient.pain_entries.between(first, on - timedelta(days=1))
    return entries.values("local_date").distinct().count() >= MIN_BASELINE_DAYS


def _audit(by: User, patient: Patient, verb: str, uuid: UUID) -> None:
    AuditEvent.objects.create(actor=by, patient=patient, verb=verb, subject=f"plan {uuid}")
