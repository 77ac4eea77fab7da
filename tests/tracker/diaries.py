"""Pain logs and attempts for tests about verdicts: made quickly, the same every time."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from tracker.models import EntrySite, PainEntry, Patient, TreatmentAttempt, TreatmentType

STARTED_ON = date(2026, 9, 1)


def day(n: int) -> date:
    """The treatment day `n` of an attempt begun on STARTED_ON; negative before it."""
    return STARTED_ON + timedelta(days=n)


def after_midnight(on: date) -> datetime:
    """An instant at which `on` is over in Berlin."""
    return datetime.combine(on + timedelta(days=1), time(3), UTC)


def log(patient: Patient, on: date, nrs: int, *, site: str = "", changed_at: datetime | None = None) -> PainEntry:
    felt_at = datetime.combine(on, time(12), UTC)
    entry = PainEntry.objects.create(
        uuid=uuid4(),
        patient=patient,
        nrs=nrs,
        felt_at=felt_at,
        recorded_at=felt_at,
        changed_at=changed_at or felt_at,
        local_date=on,
        zone="Europe/Berlin",
        source=PainEntry.Source.WEB,
    )
    if site:
        EntrySite.objects.create(entry=entry, site=site, nrs=nrs)
    return entry


def log_days(patient: Patient, days: Iterable[int], *, mean: float, seed: int = 1, site: str = "") -> None:
    """One entry a day about `mean`, by treatment day."""
    noise = random.Random(seed)
    for n in days:
        log(patient, day(n), min(10, max(0, round(mean + noise.gauss(0, 0.8)))), site=site)


def attempt(patient: Patient, *, key: str = "oral_nsaid", starts: int = 0, **said: Any) -> TreatmentAttempt:
    now = datetime.combine(day(starts), time(8), UTC)
    said = {"prescribed_by": "Dr Silva"} | said
    return TreatmentAttempt.objects.create(
        patient=patient,
        uuid=uuid4(),
        treatment_type=TreatmentType.objects.get(key=key),
        started_on=day(starts),
        created_at=now,
        changed_at=now,
        **said,
    )
