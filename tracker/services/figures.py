"""How the work behind the pages is doing, for whoever runs this instance: counts and times, nothing of any patient."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, Max, Min
from django.db.models.functions import TruncHour

from tracker.models import NightShard, Occurrence, Tick
from tracker.services import calibrations, circuit, nights

LATELY = timedelta(days=1)
NIGHTS_SHOWN = 7

State = Occurrence.State


@dataclass(frozen=True, kw_only=True)
class NightFigures:
    """What was judged for one local day, in all zones."""

    as_of: date
    n_planned: int
    n_judged: int
    n_failed: int
    n_advice: int
    n_waiting: int  # parts that nobody has finished yet
    n_repeated: int  # takings after the first: a worker died, or was too slow
    worked: timedelta  # by all workers together
    outcomes: Mapping[str, int]
    policy_versions: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Judging:
    """`n_judged`, `n_failed`, `outcomes` and `worked` are of the last 24 hours."""

    policy_version: str
    ticked_at: datetime | None
    n_due: int
    oldest_due: date | None  # the oldest local day that somebody still has to be judged for
    n_leases: int
    n_leases_lost: int  # of workers that are silent for too long
    n_judged: int
    n_failed: int
    outcomes: Mapping[str, int]
    worked: timedelta
    nights: Sequence[NightFigures]


@dataclass(kw_only=True)
class Hour:
    """Mails that fell due in an hour, by what became of them."""

    began_at: datetime
    by_state: Counter[str] = field(default_factory=Counter)
    n_ambiguous: int = 0

    @property
    def n_open(self) -> int:
        return sum(self.by_state[state] for state in (State.PENDING, State.CLAIMED, State.STARTED))


@dataclass(frozen=True, kw_only=True)
class Reminders:
    """Mails that fell due in the last 24 hours, and what waits."""

    ticked_at: datetime | None
    planned_at: datetime | None
    n_pending: int  # due, and not taken yet
    oldest_due_at: datetime | None  # of those
    next_due_at: datetime | None
    n_planned: int  # for later
    n_sent: int
    n_late: int
    n_failed: int
    n_suppressed: int
    n_ambiguous: int
    server_away_since: datetime | None
    hours: Sequence[Hour]


def judging(*, at: datetime) -> Judging:
    shards = list(NightShard.objects.filter(as_of__gt=(at - (NIGHTS_SHOWN + 1) * LATELY).date()))
    lately = [shard for shard in shards if shard.done_at and shard.done_at > at - LATELY]
    leases = NightShard.objects.filter(state=NightShard.State.TAKEN)
    n_due, oldest_due = _due(at)
    return Judging(
        policy_version=calibrations.in_force().version,
        ticked_at=_ticked_at(nights.TICK),
        n_due=n_due,
        oldest_due=oldest_due,
        n_leases=leases.filter(lease_until__gte=at).count(),
        n_leases_lost=leases.filter(lease_until__lt=at).count(),
        n_judged=sum(shard.n_judged for shard in lately),
        n_failed=sum(shard.n_failed for shard in lately),
        outcomes=_outcomes(lately),
        worked=_worked(lately),
        nights=[_night(day, of_day) for day, of_day in _by_day(shards)[:NIGHTS_SHOWN]],
    )


def reminders(*, at: datetime) -> Reminders:
    fallen_due = Occurrence.objects.filter(due_at__gt=at - LATELY, due_at__lte=at)
    rows = (
        fallen_due.annotate(hour=TruncHour("due_at", tzinfo=UTC))
        .order_by()
        .values_list("hour", "state", "is_ambiguous")
    )
    hours: dict[datetime, Hour] = {}
    for hour, state, is_ambiguous, n in rows.annotate(n=Count("pk")):
        told = hours.setdefault(hour, Hour(began_at=hour))
        told.by_state[state] += n
        told.n_ambiguous += n * is_ambiguous
    total = sum((hour.by_state for hour in hours.values()), Counter())
    pending = Occurrence.objects.filter(state=State.PENDING)
    return Reminders(
        ticked_at=_ticked_at("drain"),
        planned_at=_ticked_at("plan"),
        n_pending=pending.filter(due_at__lte=at).count(),
        oldest_due_at=pending.filter(due_at__lte=at).aggregate(at=Min("due_at"))["at"],
        next_due_at=pending.filter(due_at__gt=at).aggregate(at=Min("due_at"))["at"],
        n_planned=pending.filter(due_at__gt=at).count(),
        n_sent=total[State.SENT],
        n_late=total[State.SKIPPED_LATE],
        n_failed=total[State.FAILED],
        n_suppressed=total[State.SUPPRESSED],
        n_ambiguous=sum(hour.n_ambiguous for hour in hours.values()),
        server_away_since=getattr(circuit.state(circuit.MAIL), "opened_at", None),
        hours=[hours[hour] for hour in sorted(hours, reverse=True)],
    )


def ticks() -> list[tuple[str, datetime]]:
    """When each periodic job last came to its end."""
    return list(Tick.objects.exclude(name=nights.PLAN).order_by("name").values_list("name", "ticked_at"))


def _ticked_at(name: str) -> datetime | None:
    return Tick.objects.filter(name=name).values_list("ticked_at", flat=True).first()


def _due(at: datetime) -> tuple[int, date | None]:
    n_due, oldest = 0, []
    for day, due in nights.due_for_judgement(at):
        if n := due.count():
            newest = due.annotate(newest=Max("verdicts__as_of")).aggregate(oldest=Min("newest"))["oldest"]
            n_due += n
            oldest.append(newest + timedelta(days=1) if newest else day)
    return n_due, min(oldest, default=None)


def _by_day(shards: Iterable[NightShard]) -> list[tuple[date, list[NightShard]]]:
    by_day = defaultdict(list)
    for shard in shards:
        by_day[shard.as_of].append(shard)
    return sorted(by_day.items(), reverse=True)


def _night(day: date, shards: Sequence[NightShard]) -> NightFigures:
    return NightFigures(
        as_of=day,
        n_planned=sum(shard.n_due for shard in shards),
        n_judged=sum(shard.n_judged for shard in shards),
        n_failed=sum(shard.n_failed for shard in shards),
        n_advice=sum(shard.n_advice for shard in shards),
        n_waiting=sum(shard.state != NightShard.State.DONE for shard in shards),
        n_repeated=sum(max(shard.n_tries - 1, 0) for shard in shards),
        worked=_worked(shards),
        outcomes=_outcomes(shards),
        policy_versions=sorted({shard.policy_version for shard in shards if shard.policy_version}),
    )


def _outcomes(shards: Iterable[NightShard]) -> Counter[str]:
    return sum((Counter(shard.outcomes) for shard in shards), Counter())


def _worked(shards: Iterable[NightShard]) -> timedelta:
    """Of shards taken again, only the last taking is known."""
    spans = (shard.done_at - shard.taken_at for shard in shards if shard.done_at and shard.taken_at)
    return sum(spans, timedelta(0))
