"""Imports of the past, and taking one of them back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, DateTimeField, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from tracker.domain.errors import DomainError
from tracker.models import (
    AuditEvent,
    Comparison,
    EntrySite,
    EntryTombstone,
    HealthProfile,
    LogImport,
    PainEntry,
    Patient,
    TreatmentPlan,
    User,
)
from tracker.services import changes
from tracker.services.bulk import delete, insert_from
from tracker.services.locks import locked

_BATCH = 500  # keys in one statement


class TakenBack(DomainError):
    """This import has been taken back before."""


@dataclass(frozen=True, kw_only=True)
class Return:
    """What taking an import back does: what nobody changed since goes, what was changed stays."""

    n_entries: int = 0
    n_entries_stay: int = 0
    n_others: int = 0
    n_others_stay: int = 0


def earlier(patient: Patient) -> QuerySet[LogImport]:
    """All imports of a patient, newest first, each with the number of its entries that are still there."""
    return patient.log_imports.annotate(n_here=Count("entries")).order_by("-imported_at", "-id")


def deleted_by_hand(patient: Patient) -> set[UUID]:
    """Keys of entries that the patient deleted, and that no file brings back.

    What went with a whole import may come again: the file, or a better one, is chosen once more.
    """
    taken_back = patient.log_imports.filter(taken_back_at__isnull=False).values("taken_back_at")
    return set(patient.entry_tombstones.exclude(deleted_at__in=taken_back).values_list("uuid", flat=True))


def forget_tombstones(patient: Patient, uuids: Collection[UUID]) -> None:
    """Before entries come again under their old keys."""
    gone = set(patient.entry_tombstones.values_list("uuid", flat=True)).intersection(uuids)
    for keys in _batches(list(gone)):
        patient.entry_tombstones.filter(uuid__in=keys).delete()


def weigh(log_import: LogImport) -> Return:
    """What taking it back would do."""
    n_all, n_unchanged = log_import.entries.count(), _unchanged(log_import).count()
    others = [(rows.count(), settled.count()) for rows, settled in _others(log_import)]
    n_others = sum(n for _, n in others)
    return Return(
        n_entries=n_unchanged,
        n_entries_stay=n_all - n_unchanged,
        n_others=n_others,
        n_others_stay=sum(n for n, _ in others) - n_others,
    )


@transaction.atomic
def take_back(*, by: User, log_import: LogImport, at: datetime) -> Return:
    """Delete what this import brought and nobody changed since; tombstones tell other devices."""
    patient = locked(by)
    log_import = patient.log_imports.get(pk=log_import.pk)
    if log_import.taken_back_at is not None:
        raise TakenBack
    told = weigh(log_import)
    for _rows, settled in _others(log_import):
        settled.delete()
    _bury(patient, _unchanged(log_import), at)
    log_import.taken_back_at = at
    log_import.save(update_fields=["taken_back_at"])
    subject = f"import {log_import.uuid}, {told.n_entries} pain entries"
    AuditEvent.objects.create(actor=by, patient=patient, verb="took back", subject=subject)
    return told


def _unchanged(log_import: LogImport) -> QuerySet[PainEntry]:
    return log_import.entries.filter(changed_at=log_import.imported_at)


def _bury(patient: Patient, entries: QuerySet[PainEntry], at: datetime) -> None:
    """Tombstones in the place of the entries, without reading them: others wait meanwhile."""
    numbers = changes.allot(patient, entries.count())
    nth = Window(RowNumber(), order_by="id") + (numbers.start - 1)
    columns = ("patient_id", "uuid", "nth", "at")
    graves = entries.order_by().annotate(nth=nth, at=Value(at, DateTimeField())).values_list(*columns)
    insert_from(EntryTombstone, ("patient_id", "uuid", "change_number", "deleted_at"), graves)
    delete(EntrySite.objects.filter(entry__in=entries))
    delete(entries)


def _others(log_import: LogImport) -> list[tuple[QuerySet[Any], QuerySet[Any]]]:
    """What else a record's file brought: (all of a kind that is here, those of them that can go)."""
    patient, at = log_import.patient, log_import.imported_at
    brought = {name: [UUID(key) for key in keys] for name, keys in log_import.brought.items() if name != "advice"}
    advised = patient.advice.filter(pk__in=log_import.brought.get("advice", []))
    proposed = patient.proposals.filter(uuid__in=brought.get("proposals", []))
    attempts = patient.attempts.filter(uuid__in=brought.get("attempts", []))
    diagnoses = patient.diagnoses.filter(uuid__in=brought.get("diagnoses", []))
    sessions = patient.exercise_sessions.filter(uuid__in=brought.get("sessions", []))
    check_ups = patient.user.assessments.filter(uuid__in=brought.get("assessments", []))
    screens = patient.red_flag_screens.filter(uuid__in=brought.get("red_flag_screens", []))
    given = patient.medicines.filter(uuid__in=brought.get("medicines", []))
    also_taken = patient.intakes.exclude(log_import=log_import).values("medicine")
    planned = TreatmentPlan.objects.filter(patient=patient, uuid__in=brought.get("treatment_plan", []))
    profile = HealthProfile.objects.filter(patient=patient, changed_at=at)
    responses = patient.questionnaire_responses.filter(uuid__in=brought.get("questionnaires", []))
    said_since = patient.questionnaire_responses.exclude(pk__in=responses.values("pk")).filter(attempt__isnull=False)
    asked, files, links, visits = _opinions_of(log_import, brought)
    going = attempts.filter(changed_at=at).exclude(pk__in=said_since.values("attempt"))
    staying = patient.attempts.exclude(pk__in=going.values("pk")).filter(diagnosis__isnull=False)
    compared = Comparison.objects.filter(opinion__patient=patient).exclude(opinion__in=asked[1].values("pk"))
    return [
        visits,
        links,
        asked,
        files,
        (advised, advised.filter(changed_at__lte=at)),
        (proposed, proposed.filter(changed_at=at)),
        (responses, responses),
        (
            diagnoses,
            diagnoses.exclude(pk__in=staying.values("diagnosis"))
            .exclude(pk__in=compared.values("diagnosis"))
            .exclude(replaces__in=compared),
        ),
        (attempts, going),
        (log_import.intakes.all(), log_import.intakes.all()),
        (given, given.filter(changed_at=at).exclude(pk__in=also_taken)),
        (planned, planned.filter(changed_at=at)),
        (profile, profile),
        (screens, screens.filter(answered_at__lte=at)),
        (sessions, sessions.filter(recorded_at__lte=at)),
        (check_ups, check_ups.filter(Q(clinician_seen_at__isnull=True) | Q(clinician_seen_at__lte=at))),
    ]


def _opinions_of(log_import: LogImport, brought: dict[str, list[UUID]]) -> list[tuple[QuerySet[Any], QuerySet[Any]]]:
    """Second opinions, files, links and visits. What nobody has changed or added to since can go."""
    patient, at = log_import.patient, log_import.imported_at
    opinions = patient.second_opinions.filter(uuid__in=brought.get("second_opinions", []))
    added_to = Q(shares__created_at__gt=at) | Q(views__written_at__gt=at) | Q(comparisons__compared_at__gt=at)
    going = opinions.filter(changed_at=at).exclude(pk__in=opinions.filter(added_to).values("pk"))
    staying = patient.second_opinions.exclude(pk__in=list(going.values_list("pk", flat=True)))
    attached = {uuid for uuids in staying.values_list("attached", flat=True) for uuid in uuids}
    files = patient.attachments.filter(uuid__in=brought.get("attachments", []))
    links = patient.shares.filter(uuid__in=brought.get("shares", []))
    visits = patient.appointments.filter(uuid__in=brought.get("appointments", []))
    return [
        (opinions, going),
        (files, files.exclude(uuid__in=attached)),
        (links, links),
        (visits, visits.filter(changed_at=at)),
    ]


def _batches(keys: list[UUID]) -> list[list[UUID]]:
    return [keys[start : start + _BATCH] for start in range(0, len(keys), _BATCH)]
