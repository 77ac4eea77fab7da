"""The nightly verdicts: judged from the log as it stands, stored once, and told once.

Who is due, and which worker has whom, is in `nights`. Imports NumPy: pages read `verdicts` instead.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from tracker.domain import verdict as domain
from tracker.domain.priors import Priors
from tracker.domain.verdict import Judgement, Outcome, Reason
from tracker.models import NightShard, Tick, TreatmentAttempt, Verdict
from tracker.services import adherences, advice, calibrations, nights, trials, verdict_rows
from tracker.services.trials import TrialLog
from tracker.services.verdict_rows import Judged

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

BUDGET_S = 600.0  # no shard is begun after this long; less than the worker's own limit
# What a row that should not be makes the arithmetic raise. A database that is away is none of these.
UNREADABLE = (ArithmeticError, LookupError, TypeError, ValueError)
ADVISED_AT_ONCE = {Verdict.Outcome.WORSE, Verdict.Outcome.NOT_WORKING}  # `advice` tells of all else after the night


@dataclass(frozen=True, kw_only=True)
class Night:
    """What one night says of some attempts."""

    on: date
    judged: Sequence[Judged]
    n_failed: int = 0  # that could not be judged

    def outcomes(self) -> Counter[str]:
        return Counter(one.judgement.outcome.value for one in self.judged)


@dataclass(kw_only=True)
class Summary:
    """What a run did."""

    n_judged: int = 0
    n_failed: int = 0
    n_advice: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, night: Night, *, n_advice: int) -> None:
        self.n_judged += len(night.judged)
        self.n_failed += night.n_failed
        self.n_advice += n_advice
        self.outcomes.update(night.outcomes())


def judge_due(*, clock: Clock, budget_s: float = BUDGET_S) -> Summary:
    """Judge whoever's day is over and who was not judged for it, missed nights first, until nobody is left or the time
    is used up. Any number of workers may do so at once, and any of them may die."""
    ends, summary = time.monotonic() + budget_s, Summary()
    nights.plan(at=clock())
    while time.monotonic() < ends and (shard := nights.claim(at=clock())) is not None:
        with suppress(nights.LeaseLost):
            _judge_shard(summary, shard, clock)
    Tick.objects.update_or_create(name=nights.TICK, defaults={"ticked_at": clock()})
    return summary


def judge(*, on: date, attempts: QuerySet[TreatmentAttempt], at: datetime) -> Summary:
    """Judge those of the attempts that can be judged on the day `on`, whether or not they have been."""
    summary, priors, last_pk = Summary(), calibrations.in_force(), 0
    ordered = attempts.filter(nights.judgeable(on)).order_by("pk").prefetch_related("treatment_type")
    while chunk := list(ordered.filter(pk__gt=last_pk)[: nights.SHARD_SIZE]):
        last_pk = chunk[-1].pk
        night = _judged(chunk, on=on, priors=priors)
        with transaction.atomic():
            summary.add(night, n_advice=_store(night, at=at))
    return summary


def _judge_shard(summary: Summary, shard: NightShard, clock: Clock) -> None:
    """A night at a time is stored together with what the ledger says of it, or nothing is. Raises LeaseLost."""
    priors = calibrations.in_force()
    due = nights.attempts_of(shard, at=clock())
    for on, chunk in nights.by_night(due, on=shard.as_of):
        night = _judged(chunk, on=on, priors=priors)
        with transaction.atomic():
            row = nights.hold(shard, at=clock())
            n_advice = _store(night, at=clock())
            nights.note(row, outcomes=night.outcomes(), n_failed=night.n_failed, n_advice=n_advice, priors=priors)
        summary.add(night, n_advice=n_advice)
    with transaction.atomic():
        nights.finish(nights.hold(shard, at=clock()), at=clock())


def _judged(attempts: Sequence[TreatmentAttempt], *, on: date, priors: Priors) -> Night:
    """What cannot be judged is left out and named in the log; the others are judged without it."""
    try:
        logs = trials.read(attempts, on=on)
        said = _judgements(logs, on=on, priors=priors)
        return Night(on=on, judged=_fairly([Judged(*one, one[1].reason) for one in said], on=on))
    except UNREADABLE:
        if len(attempts) == 1:
            logger.exception("attempt %s cannot be judged for %s", attempts[0].pk, on)
            return Night(on=on, judged=[], n_failed=1)
    middle = len(attempts) // 2
    one, other = (_judged(half, on=on, priors=priors) for half in (attempts[:middle], attempts[middle:]))
    return Night(on=on, judged=[*one.judged, *other.judged], n_failed=one.n_failed + other.n_failed)


def _store(night: Night, *, at: datetime) -> int:
    """Verdicts and what they advise, inside a transaction. Returns how many pieces of advice are new."""
    verdict_rows.add(night.judged, on=night.on, at=at)
    return _advise(night.judged, on=night.on, at=at)


def _judgements(logs: Sequence[TrialLog], *, on: date, priors: Priors) -> Iterator[tuple[TrialLog, Judgement]]:
    """Only tonight is computed where last night's verdict still holds, every night where it does not."""
    yesterday = on - timedelta(days=1)
    last_night = _verdicts_of(yesterday, [log.attempt.pk for log in logs])
    steady, edited = [], []
    for log in logs:
        outcome, digest = last_night.get(log.attempt.pk, ("", ""))
        if digest and digest == log.digest(until=yesterday.toordinal(), policy_version=priors.version):
            steady.append((log, log.trial(Outcome(outcome))))
        else:
            edited.append((log, log.trial()))
    yield from zip((log for log, _ in steady), domain.judge([trial for _, trial in steady], priors), strict=True)
    nights = domain.judge_all_nights([trial for _, trial in edited], priors)
    yield from ((log, judgements[-1]) for (log, _), judgements in zip(edited, nights, strict=True))


def _verdicts_of(day: date, attempts: Iterable[int]) -> dict[int, tuple[str, str]]:
    """What the filter said, and its digest, by attempt; the newest, where a night was judged again."""
    rows = Verdict.objects.filter(attempt__in=attempts, as_of=day).order_by("pk")
    said = rows.values_list("attempt", "outcome", "reason", "inputs_digest")
    return {pk: (_said_by_filter(outcome, reason), digest) for pk, outcome, reason, digest in said}


def _said_by_filter(outcome: str, reason: str) -> str:
    """What was tried too little has kept its place: a night must go on from what was seen, not from what was told."""
    return Outcome.NOT_WORKING if reason == Reason.NOT_FAIRLY_TRIED else outcome


def _fairly(judged: Sequence[Judged], *, on: date) -> list[Judged]:
    """What is known to have been used too little has not failed."""
    failed = [one.log.attempt for one in judged if one.judgement.outcome is Outcome.NOT_WORKING]
    used = adherences.adherences(failed, on=on) if failed else {}
    unfair = {pk for pk, adherence in used.items() if adherence.is_unfair}
    return [_not_fairly_tried(one) if one.log.attempt.pk in unfair else one for one in judged]


def _not_fairly_tried(one: Judged) -> Judged:
    judgement = replace(one.judgement, outcome=Outcome.CANT_TELL)
    return one._replace(judgement=judgement, reason=Reason.NOT_FAIRLY_TRIED)


def _advise(judged: Sequence[Judged], *, on: date, at: datetime) -> int:
    """Raise what was not raised before and have it announced, all or nothing. Returns how many pieces."""
    failing = {one.log.attempt.pk: one for one in judged if one.judgement.outcome in ADVISED_AT_ONCE}
    outcomes = {pk: one.judgement.outcome.value for pk, one in failing.items()}
    return advice.after_verdicts(outcomes, on=on, at=at) if failing else 0
