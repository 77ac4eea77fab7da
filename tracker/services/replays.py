"""For whoever runs Ebb: sends once more what an outage or a wrong setting has kept from going out.

Nothing else is overruled: each is looked at again when it is about to go, with the patient's wishes as they are then.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from tracker.domain import schedule
from tracker.models import AuditEvent, Occurrence

State = Occurrence.State

STATES = (State.FAILED, State.SKIPPED_LATE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What became of nothing in a period: those that still make sense today, and how many do not."""

    rows: tuple[Occurrence, ...]
    n_day_over: int
    n_may_have_arrived: int


def find(
    *, since: datetime, until: datetime, at: datetime, states: Collection[str] = STATES, even_arrived: bool = False
) -> Found:
    """What fell due from `since` on and before `until` and was not sent. A day that is over stays over."""
    ended = Occurrence.objects.filter(state__in=states, n_sends=0, due_at__gte=since, due_at__lt=until, response="")
    rows = list(ended.select_related("reminder__patient").order_by("due_at", "pk"))
    open_rows = [row for row in rows if at < _ends_at(row)]
    wanted = [row for row in open_rows if even_arrived or not row.is_ambiguous]
    return Found(
        rows=tuple(wanted),
        n_day_over=len(rows) - len(open_rows),
        n_may_have_arrived=len(open_rows) - len(wanted),
    )


@transaction.atomic
def replay(rows: Iterable[Occurrence], *, at: datetime) -> int:
    """Put these into the queue again, due now, each with the window that its kind has; return how many there were."""
    n_queued = 0
    for row in rows:
        mine = Occurrence.objects.filter(pk=row.pk, state=row.state, n_sends=0)
        n_queued += mine.update(
            state=State.PENDING, due_at=at, window_ends_at=_window(row, at), because="", n_attempts=0, n_retries=0
        )
        subject = f"reminder of {row.local_date}"
        AuditEvent.objects.create(actor=None, patient=row.reminder.patient, verb="replayed", subject=subject)
    return n_queued


def _ends_at(row: Occurrence) -> datetime:
    if row.appointment_id is not None:
        return row.window_ends_at
    return schedule.end_of_local_day(row.local_date, ZoneInfo(row.zone))


def _window(row: Occurrence, at: datetime) -> datetime:
    """A mail before an appointment stays bound to its start."""
    if row.appointment_id is not None:
        return row.window_ends_at
    kind, zone = schedule.Kind(row.reminder.kind), ZoneInfo(row.zone)
    ends_at = schedule.window_end(kind=kind, due_at=at, zone=zone, minutes=row.reminder.window_minutes)
    return min(ends_at, _ends_at(row))
