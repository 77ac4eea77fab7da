"""What the patient says of single days of an attempt: done, not done, paused."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tracker.domain.errors import DomainError
from tracker.models import AuditEvent, TreatmentAttempt, TreatmentDay, User
from tracker.services.locks import locked

LONGEST_PAUSE = 28  # days; after a longer one it is started afresh
State = TreatmentDay.State


class DayNotOfAttempt(DomainError):
    """Before the start, after the stop, in a pause, or a day that has not come yet."""


class AttemptPaused(DomainError):
    """It is paused already."""


class AttemptNotPaused(DomainError):
    """Only what is paused can be taken up again."""


class AttemptNotUnderWay(DomainError):
    """Only what has begun and is not stopped can be paused."""


class PauseTooLong(DomainError):
    """After so long it is a new start, judged on its own."""


@transaction.atomic
def note(*, by: User, attempt: TreatmentAttempt, day: date, is_done: bool, on: date) -> TreatmentDay:
    """Say whether it was used on a day; `on` is the patient's today. The last word on a day holds."""
    current = locked(by).attempts.get(pk=attempt.pk)
    _check_day(current, day, on)
    state = State.DONE if is_done else State.MISSED
    row, _ = TreatmentDay.objects.update_or_create(attempt=current, local_date=day, defaults={"state": state})
    return row


@transaction.atomic
def forget(*, by: User, attempt: TreatmentAttempt, day: date) -> None:
    """Nothing is known of the day again."""
    locked(by)
    TreatmentDay.objects.filter(attempt=attempt, local_date=day).exclude(state=State.PAUSED).delete()


@transaction.atomic
def pause(*, by: User, attempt: TreatmentAttempt, from_day: date, at: datetime, on: date) -> TreatmentAttempt:
    """`from_day` is the first day without it. Said again, the pause stays as it is."""
    current = locked(by).attempts.get(pk=attempt.pk)
    if current.stopped_on is not None or current.started_on > on:
        raise AttemptNotUnderWay(current.uuid)
    if current.paused_on is not None:
        if current.paused_on != from_day:
            raise AttemptPaused(current.uuid)
        return current
    if not current.started_on < from_day <= on or _is_in_pause(current, from_day):
        raise DayNotOfAttempt(from_day)
    TreatmentDay.objects.filter(attempt=current, local_date__gte=from_day).delete()
    return _changed(by, current, "paused", at, paused_on=from_day)


@transaction.atomic
def resume(*, by: User, attempt: TreatmentAttempt, from_day: date, at: datetime, on: date) -> TreatmentAttempt:
    """`from_day` is the first day with it again. The fair trial is longer by the days of the pause."""
    current = locked(by).attempts.get(pk=attempt.pk)
    if current.paused_on is None:
        raise AttemptNotPaused(current.uuid)
    if not current.paused_on <= from_day <= on:
        raise DayNotOfAttempt(from_day)
    n = (from_day - current.paused_on).days
    if n > LONGEST_PAUSE:
        raise PauseTooLong(n)
    days = [current.paused_on + timedelta(days=place) for place in range(n)]
    TreatmentDay.objects.bulk_create(TreatmentDay(attempt=current, local_date=day, state=State.PAUSED) for day in days)
    return _changed(by, current, "resumed", at, paused_on=None, paused_days=current.paused_days + n)


@transaction.atomic
def bring_back(*, attempt: TreatmentAttempt, days: Iterable[Mapping[str, Any]], paused_on: date | None) -> None:
    """What an exported file says of the days of an attempt that was just brought back; what cannot be is left out."""
    states = {day["local_date"]: day["state"] for day in days if attempt.started_on <= day["local_date"]}
    TreatmentDay.objects.bulk_create(
        TreatmentDay(attempt=attempt, local_date=day, state=state) for day, state in states.items()
    )
    is_paused = paused_on is not None and attempt.stopped_on is None and paused_on > attempt.started_on
    n_paused = sum(state == State.PAUSED for state in states.values())
    TreatmentAttempt.objects.filter(pk=attempt.pk).update(
        paused_on=paused_on if is_paused else None, paused_days=n_paused
    )


def _check_day(attempt: TreatmentAttempt, day: date, on: date) -> None:
    last = attempt.judged_until
    if not attempt.started_on <= day <= on or (last is not None and day >= last) or _is_in_pause(attempt, day):
        raise DayNotOfAttempt(day)


def _is_in_pause(attempt: TreatmentAttempt, day: date) -> bool:
    return attempt.paused_days > 0 and attempt.days.filter(local_date=day, state=State.PAUSED).exists()


def _changed(by: User, attempt: TreatmentAttempt, verb: str, at: datetime, **values: object) -> TreatmentAttempt:
    for name, value in values.items():
        setattr(attempt, name, value)
    attempt.changed_at = at
    attempt.save(update_fields=[*values, "changed_at"])
    AuditEvent.objects.create(actor=by, patient_id=attempt.patient_id, verb=verb, subject=f"attempt {attempt.uuid}")
    return attempt
