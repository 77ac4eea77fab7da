"""The nightly verdicts: judged from the log as it stands, stored once, and told once.

Who is due, and which worker has whom, is in `nights`. Imports NumPy: pages read `verdicts` instead.
"""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Min, OuterRef, QuerySet, Subquery

from tracker.domain import trial_policy as policy
from tracker.domain import verdict as domain
from tracker.domain.priors import Priors
from tracker.domain.verdict import Judgement, Outcome, Reason
from tracker.models import Advice, NightShard, PainEntry, Patient, Tick, TreatmentAttempt, Verdict
from tracker.services import calibrations, nights, reminders, treatment_days, trials, verdict_rows
from tracker.services.trials import TrialLog
from tracker.services.verdict_rows import Judged

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]

BUDGET_S = 600.0  # no shard is begun after this long; less than the worker's own limit
# What a row that should not be makes the arithmetic raise. A database that is away is none of these.
UNREADABLE = (ArithmeticError, LookupError, TypeError, ValueError)
CHRONIC_DAYS = 90  # of pain before a second opinion is advised; design ruling, three months

ADVICE_KINDS: dict[str, str] = {
    Verdict.Outcome.WORSE: Advice.Kind.WORSE,
    Verdict.Outcome.NOT_WORKING: Advice.Kind.NOT_WORKING,
}


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


class Wanted(NamedTuple):
    """A piece of advice, by its unique key."""

    attempt_id: int
    kind: str


class Failed(NamedTuple):
    """An attempt whose newest verdict says that it is not working after a fair trial."""

    patient_id: int
    pk: int
    treatment_class: str
    started_on: date


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
        return Night(on=on, judged=_fairly(Judged(*one, _reason(*one)) for one in said))
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
    """Outcome and digest by attempt; the newest, where a night was judged again."""
    rows = Verdict.objects.filter(attempt__in=attempts, as_of=day).order_by("pk")
    return {pk: (outcome, digest) for pk, outcome, digest in rows.values_list("attempt", "outcome", "inputs_digest")}


def _reason(log: TrialLog, judgement: Judgement) -> Reason | None:
    """What other treatments add to the reason: a verdict of two together, or none because of another."""
    if log.is_paired and judgement.reason is None:
        return Reason.MIXED
    if log.is_held_up and judgement.reason in {Reason.TOO_EARLY, Reason.VARIES_TOO_MUCH}:
        return Reason.MIXED
    return judgement.reason


def _fairly(judged: Iterable[Judged]) -> list[Judged]:
    """What is known to have been used too little has not failed."""
    judged = list(judged)
    failed = [one.log.attempt for one in judged if one.judgement.outcome is Outcome.NOT_WORKING]
    used = treatment_days.adherences(failed) if failed else {}
    unfair = {pk for pk, adherence in used.items() if adherence.is_unfair}
    return [_not_fairly_tried(one) if one.log.attempt.pk in unfair else one for one in judged]


def _not_fairly_tried(one: Judged) -> Judged:
    judgement = replace(one.judgement, outcome=Outcome.CANT_TELL)
    return one._replace(judgement=judgement, reason=Reason.NOT_FAIRLY_TRIED)


def _advise(judged: Sequence[Judged], *, on: date, at: datetime) -> int:
    """Raise what was not raised before and have it announced, all or nothing. Returns how many pieces."""
    concerning = {
        Wanted(one.log.attempt.pk, ADVICE_KINDS[one.judgement.outcome]): one.log.attempt.patient_id
        for one in judged
        if one.judgement.outcome in ADVICE_KINDS
    }
    if not concerning:
        return 0
    several = {one.log.attempt.patient_id for one in judged if one.log.others}
    wanted = concerning.keys() | _second_opinions(several.intersection(concerning.values()), on=on)
    new = _not_said(wanted, on=on)
    _raise_advice(new, at=at)
    for patient in Patient.objects.filter(attempts__in={piece.attempt_id for piece in new}).distinct():
        reminders.announce_advice(patient=patient, at=at)
    return len(new)


def _not_said(wanted: Set[Wanted], *, on: date) -> list[Wanted]:
    """Neither raised before, nor old news: of a night before another that is stored."""
    attempts = {piece.attempt_id for piece in wanted}
    known = Advice.objects.filter(attempt__in=attempts).values_list("attempt", "kind")
    later = set(Verdict.objects.filter(attempt__in=attempts, as_of__gt=on).values_list("attempt", flat=True))
    return sorted(piece for piece in wanted - {Wanted(*key) for key in known} if piece.attempt_id not in later)


def _raise_advice(new: Sequence[Wanted], *, at: datetime) -> None:
    newest = Verdict.objects.filter(attempt__in={piece.attempt_id for piece in new}).order_by("as_of", "pk")
    verdicts = dict(newest.values_list("attempt", "pk"))
    Advice.objects.bulk_create(
        (
            Advice(
                attempt_id=piece.attempt_id,
                kind=piece.kind,
                verdict_id=verdicts[piece.attempt_id],
                created_at=at,
                changed_at=at,
            )
            for piece in new
        ),
        ignore_conflicts=True,
    )


def _second_opinions(patients: set[int], *, on: date) -> set[Wanted]:
    """Pain for three months and two fair trials of different classes not working; told with the newest attempt."""
    failed = defaultdict(list)
    for attempt in _failed(patients):
        failed[attempt.patient_id].append(attempt)
    twice = {patient: attempts for patient, attempts in failed.items() if _are_two_trials(attempts)}
    newest = [max(twice[patient], key=_age) for patient in _chronic(twice, on=on)]
    return {Wanted(attempt.pk, Advice.Kind.SECOND_OPINION) for attempt in newest}


def _age(attempt: Failed) -> tuple[date, int]:
    return attempt.started_on, attempt.pk


def _are_two_trials(failed: Sequence[Failed]) -> bool:
    """Of different classes, and begun apart: two that share a verdict are one trial."""
    return any(
        one.treatment_class != other.treatment_class
        and abs((one.started_on - other.started_on).days) >= policy.PAIR_GAP_DAYS
        for one, other in combinations(failed, 2)
    )


def _failed(patients: Iterable[int]) -> list[Failed]:
    newest = Verdict.objects.filter(attempt=OuterRef("pk")).order_by("-as_of", "-pk").values("outcome")[:1]
    attempts = TreatmentAttempt.objects.filter(patient__in=patients).annotate(newest=Subquery(newest))
    rows = attempts.filter(newest=Verdict.Outcome.NOT_WORKING).order_by("pk")
    return [
        Failed(*row) for row in rows.values_list("patient", "pk", F("treatment_type__treatment_class"), "started_on")
    ]


def _chronic(patients: Iterable[int], *, on: date) -> set[int]:
    """Whose first entry or first treatment lies three months back."""
    long_ago = on - timedelta(days=CHRONIC_DAYS)
    logged = (
        PainEntry.objects.filter(patient__in=patients).order_by().values("patient").annotate(first=Min("local_date"))
    )
    treated = TreatmentAttempt.objects.filter(patient__in=patients, started_on__lte=long_ago)
    by_log = logged.filter(first__lte=long_ago).values_list("patient", flat=True)
    return {*by_log, *treated.order_by().values_list("patient", flat=True)}
