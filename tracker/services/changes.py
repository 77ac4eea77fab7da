"""The one order in which everything happened to a patient's pain log, so that every device can follow it.

See docs/decisions/0007-change-numbers.md.
"""

from dataclasses import dataclass
from heapq import merge
from itertools import islice
from operator import attrgetter

from django.db.models import QuerySet

from tracker.models import EntryTombstone, PainEntry, Patient

IN_ORDER = attrgetter("change_number")


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a device has not seen: entries as they stand now, and tombstones."""

    rows: tuple[PainEntry | EntryTombstone, ...]
    up_to: int
    has_more: bool


def allot(patient: Patient, n: int = 1) -> range:
    """The next `n` change numbers, inside the transaction that writes them.

    The patient's row stays held to the end of that transaction, so numbers become visible in their order. A copy of
    the row that was read too early is read anew.
    """
    ours = Patient.objects.filter(pk=patient.pk)
    while not ours.filter(change_number=patient.change_number).update(change_number=patient.change_number + n):
        patient.refresh_from_db(fields=["change_number"])
    patient.change_number += n
    return range(patient.change_number - n + 1, patient.change_number + 1)


def since(*, patient: Patient, number: int, limit: int) -> Changes:
    """The changes after a number, oldest first, `limit` of them at most.

    The count is read before the rows: what is written meanwhile has a higher number, and comes with the next call.
    """
    patient.refresh_from_db(fields=["change_number"])
    entries = _between(patient.pain_entries.prefetch_related("sites"), number, patient.change_number)
    tombstones = _between(patient.entry_tombstones.all(), number, patient.change_number)
    rows = tuple(islice(merge(entries[: limit + 1], tombstones[: limit + 1], key=IN_ORDER), limit + 1))
    if len(rows) > limit:
        return Changes(rows=rows[:limit], up_to=rows[limit - 1].change_number, has_more=True)
    return Changes(rows=rows, up_to=patient.change_number, has_more=False)


def _between(rows: QuerySet, after: int, last: int) -> QuerySet:
    return rows.filter(change_number__gt=after, change_number__lte=last).order_by("change_number")
