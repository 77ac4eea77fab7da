"""Learning what is usual among this instance's patients from attempts that have had their fair trial. Imports NumPy."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from tracker.domain import calibration as domain
from tracker.domain import trial_policy as policy
from tracker.domain.errors import DomainError
from tracker.domain.priors import Priors, is_tested
from tracker.domain.trial_policy import POLICY_VERSION
from tracker.domain.verdict import Trial
from tracker.models import Calibration, TreatmentAttempt
from tracker.services import calibrations, nights, trials
from tracker.services.trials import TrialLog


@dataclass(frozen=True, kw_only=True)
class TooFewFinished(DomainError):
    """Less than MIN_ATTEMPTS attempts have come to an end: what is usual cannot be told from them."""

    n_attempts: int
    n_needed: int = domain.MIN_ATTEMPTS


class NotTested(DomainError):
    """Nobody knows how many false alarms such priors would raise."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What was learnt beside what judging starts from now. Nothing is stored yet."""

    old: Priors
    new: Priors
    n_attempts: int

    @property
    def is_tested(self) -> bool:
        return is_tested(self.new)


def propose(*, at: datetime) -> Proposal:
    """Priors from the attempts that are finished by now. Raises TooFewFinished."""
    on = (at - timedelta(days=1)).date()
    n_attempts = sum(len(part) for part in finished(on))
    if n_attempts < domain.MIN_ATTEMPTS:
        raise TooFewFinished(n_attempts=n_attempts)
    version = f"{POLICY_VERSION}+{Calibration.objects.filter(policy_version=POLICY_VERSION).count() + 1}"
    new = domain.learn(lambda: finished(on), version=version)
    return Proposal(old=calibrations.in_force(), new=new, n_attempts=n_attempts)


def save(proposal: Proposal, *, at: datetime, though_untested: bool = False) -> Calibration:
    """From the next night on, judging starts from it. Raises NotTested."""
    if not (proposal.is_tested or though_untested):
        raise NotTested
    return Calibration.objects.create(
        version=proposal.new.version,
        policy_version=POLICY_VERSION,
        numbers=calibrations.numbers_of(proposal.new),
        n_attempts=proposal.n_attempts,
        created_at=at,
    )


def finished(on: date) -> Iterator[list[Trial]]:
    """The fair trials that were over by `on`, some at a time: with a logged baseline, one treatment alone."""
    people = TreatmentAttempt.objects.filter(started_on__lte=on, patient__is_demo=False)
    ordered, last_pk = people.order_by("pk").prefetch_related("treatment_type"), 0
    while chunk := list(ordered.filter(pk__gt=last_pk)[: nights.SHARD_SIZE]):
        last_pk = chunk[-1].pk
        logs = (log for log in trials.read(chunk, on=on) if not log.is_paired)
        if part := [trial for log in logs if (trial := _fair_trial(log)) is not None]:
            yield part


def _fair_trial(log: TrialLog) -> Trial | None:
    """The log up to the end of the fair trial, or to a stop before that; None where either is still to come."""
    trial = log.trial()
    end = trial.start + trial.trial_days
    if trial.stop is None and len(trial.daily_means) < end:
        return None
    means, counts = trial.daily_means[:end], trial.daily_counts[:end]
    treated = means[trial.start : trial.stop]
    n_before, n_treated = (int(np.isfinite(part).sum()) for part in (means[: trial.start], treated))
    if n_before < policy.MIN_BASELINE_DAYS or n_treated < policy.MIN_TREATMENT_DAYS:
        return None
    stop = trial.stop if trial.stop is not None and trial.stop < len(means) else None
    return replace(trial, daily_means=means, daily_counts=counts, stop=stop, recalled=None)
