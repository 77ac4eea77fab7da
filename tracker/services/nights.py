"""Whose day is over, and who judges it: the night's work is shared out among any number of workers by lease.

What is true is in the table of verdicts alone: an attempt that has one for the day is done. A shard only sees to it
that no two workers are at the same attempt, so a worker may be killed anywhere, and a night run twice does nothing new.
"""

import logging
import uuid
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import DateField, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Cast

from tracker.domain import schedule
from tracker.domain.priors import Priors
from tracker.models import NightShard, Patient, Tick, TreatmentAttempt, Verdict

logger = logging.getLogger(__name__)

State = NightShard.State

SHARD_SIZE = 2_000  # attempts read, judged and stored together
# Many times longer than a shard takes: a worker that is silent for so long is dead.
LEASE = timedelta(minutes=5)
LEDGER_KEPT_FOR = timedelta(days=30)
EVENING_GRACE = timedelta(minutes=30)  # after local midnight, for what is still written down before sleep
JUDGED_AFTER_STOP = timedelta(days=14)  # what comes after a stop says something too
# Nights that are judged one by one after an outage; of a longer one, the newest night is judged from the start.
MOST_MISSED = timedelta(days=14)
TICK = "judge"
PLAN = "plan_nights"  # whose row is held while shards are added


class LeaseLost(Exception):
    """Another worker has taken the shard over: what this one has worked out must not be stored."""


def judgeable(on: date) -> Q:
    """Attempts that have begun and are still used, or were stopped less than two weeks ago."""
    return Q(started_on__lte=on) & (Q(stopped_on__isnull=True) | Q(stopped_on__gt=on - JUDGED_AFTER_STOP))


def last_day_over(at: datetime, zone: ZoneInfo) -> date:
    """The newest local day that ended at least EVENING_GRACE ago."""
    return schedule.local_date(at - EVENING_GRACE, zone) - timedelta(days=1)


def due_for_judgement(at: datetime) -> Iterator[tuple[date, QuerySet[TreatmentAttempt]]]:
    """Each day that is over in some zone, with the attempts there that have no verdict of it yet."""
    was_out = Tick.objects.filter(name=TICK, ticked_at__lt=at - timedelta(days=1)).exists()
    for day, zones in sorted(zones_over(at).items()):
        wanted = judgeable(day) | _ended_unheard(day) if was_out else judgeable(day)
        yield day, not_judged(day).filter(wanted, patient__zone__in=zones)


def plan(*, at: datetime) -> None:
    """Share out whatever is due and in no shard yet. Safe to run any number of."""
    taken = _open_ranges()
    planned = [shard for day, due in due_for_judgement(at) for shard in _shards(day, due, taken[day], at=at)]
    if not planned:
        return
    with transaction.atomic():
        Tick.objects.get_or_create(name=PLAN, defaults={"ticked_at": at})
        Tick.objects.select_for_update().filter(name=PLAN).update(ticked_at=at)
        taken = _open_ranges()
        NightShard.objects.bulk_create(shard for shard in planned if not _touches(shard, taken[shard.as_of]))


def forget_old(*, at: datetime) -> None:
    """Delete the ledger of nights long past."""
    NightShard.objects.filter(state=State.DONE, as_of__lt=(at - LEDGER_KEPT_FOR).date()).delete()


@transaction.atomic
def claim(*, at: datetime) -> NightShard | None:
    """A shard for this worker alone; those that others are claiming are passed over."""
    shard = NightShard.objects.free(at).select_for_update(skip_locked=True).first()
    if shard is None:
        return None
    shard.state, shard.lease_token, shard.lease_until = State.TAKEN, uuid.uuid4(), at + LEASE
    shard.taken_at, shard.n_tries = at, shard.n_tries + 1
    shard.save(update_fields=["state", "lease_token", "lease_until", "taken_at", "n_tries"])
    return shard


def attempts_of(shard: NightShard, *, at: datetime) -> list[TreatmentAttempt]:
    """Those of its range that are due now; `newest_night` is the last one that each was judged for."""
    zones = zones_over(at).get(shard.as_of, [])
    due = not_judged(shard.as_of).filter(
        judgeable(shard.as_of) | _ended_unheard(shard.as_of),
        patient__zone__in=zones,
        pk__range=(shard.first_attempt, shard.last_attempt),
    )
    return list(due.annotate(newest_night=Max("verdicts__as_of")).order_by("pk").prefetch_related("treatment_type"))


def by_night(attempts: Sequence[TreatmentAttempt], *, on: date) -> Iterator[tuple[date, list[TreatmentAttempt]]]:
    """The nights that have to be judged up to `on`, oldest first, with who has to be: missed ones are made up for."""
    first = min((_first_night(attempt, on) for attempt in attempts), default=on)
    for n in range((on - first).days + 1):
        night = first + timedelta(days=n)
        chunk = [a for a in attempts if _first_night(a, on) <= night and _is_judgeable(a, night)]
        if chunk:
            yield night, chunk


def hold(shard: NightShard, *, at: datetime) -> NightShard:
    """The row of the shard, locked until the transaction ends, with its lease renewed. Raises LeaseLost."""
    mine = NightShard.objects.select_for_update().filter(pk=shard.pk, state=State.TAKEN, lease_token=shard.lease_token)
    row = mine.first()
    if row is None:
        raise LeaseLost
    row.lease_until = at + LEASE
    return row


def note(row: NightShard, *, outcomes: Mapping[str, int], n_failed: int, n_advice: int, priors: Priors) -> None:
    """Write into the ledger what a night of the shard came to, and keep the lease. The row is held."""
    row.n_judged += sum(outcomes.values())
    row.n_failed += n_failed
    row.n_advice += n_advice
    row.outcomes = Counter(row.outcomes) + Counter(outcomes)
    row.policy_version = priors.version
    row.save()


def finish(row: NightShard, *, at: datetime) -> None:
    """Nothing of the shard is left to judge. The row is held."""
    row.state, row.done_at, row.lease_token, row.lease_until = State.DONE, at, None, None
    row.save()


def zones_over(at: datetime) -> dict[date, list[str]]:
    """The zones of patients, by the newest day that is over there."""
    zones = defaultdict(list)
    for zone in Patient.objects.order_by().values_list("zone", flat=True).distinct():
        try:
            zones[last_day_over(at, ZoneInfo(zone))].append(zone)
        except (ZoneInfoNotFoundError, ValueError):
            # One broken row must not keep everybody's verdicts back.
            logger.exception("the zone %r is not known: nobody there is judged", zone)
    return zones


def not_judged(day: date) -> QuerySet[TreatmentAttempt]:
    return TreatmentAttempt.objects.filter(~Exists(Verdict.objects.filter(attempt=OuterRef("pk"), as_of__gte=day)))


def _ended_unheard(day: date) -> Q:
    """Attempts whose last night to be judged lies in an outage that ended by `day`."""
    last_night = Cast(OuterRef("stopped_on") + _LAST_AFTER_STOP, DateField())
    verdicts = Verdict.objects.filter(attempt=OuterRef("pk"))
    ended = day - JUDGED_AFTER_STOP
    return (
        Q(stopped_on__lte=ended, stopped_on__gt=ended - MOST_MISSED)
        & ~Exists(verdicts.filter(as_of__gte=last_night))
        & Exists(verdicts.filter(as_of__gte=day - MOST_MISSED))
    )


_LAST_AFTER_STOP = JUDGED_AFTER_STOP - timedelta(days=1)


def _is_judgeable(attempt: TreatmentAttempt, night: date) -> bool:
    return attempt.started_on <= night and (
        attempt.stopped_on is None or attempt.stopped_on > night - JUDGED_AFTER_STOP
    )


def _first_night(attempt: TreatmentAttempt, on: date) -> date:
    newest: date | None = attempt.newest_night  # type: ignore[attr-defined]
    if newest is None or on - newest > MOST_MISSED:
        return on
    return newest + timedelta(days=1)


def _shards(
    day: date, due: QuerySet[TreatmentAttempt], taken: Sequence[tuple[int, int]], *, at: datetime
) -> Iterator[NightShard]:
    pks = due.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=10_000)
    for first, last, n_due in _ranges(pks, taken):
        yield NightShard(as_of=day, first_attempt=first, last_attempt=last, n_due=n_due, planned_at=at)


def _ranges(pks: Iterable[int], taken: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """First, last and number of up to SHARD_SIZE keys at a time that neither lie in a taken range nor span one.

    Both are in order.
    """
    firsts = [first for first, _ in taken]
    for place, group in groupby(pks, key=lambda pk: bisect_right(firsts, pk)):
        free_from = taken[place - 1][1] + 1 if place else 0
        free = (pk for pk in group if pk >= free_from)
        while batch := list(islice(free, SHARD_SIZE)):
            yield batch[0], batch[-1], len(batch)


def _open_ranges() -> dict[date, list[tuple[int, int]]]:
    """What is shared out and not done, by day, in order."""
    ranges = defaultdict(list)
    rows = NightShard.objects.open().order_by("first_attempt")
    for day, first, last in rows.values_list("as_of", "first_attempt", "last_attempt"):
        ranges[day].append((first, last))
    return ranges


def _touches(shard: NightShard, taken: Iterable[tuple[int, int]]) -> bool:
    return any(first <= shard.last_attempt and shard.first_attempt <= last for first, last in taken)
