"""A server that does not answer is left alone for a while, by all workers together.

After some failures in a row the circuit opens. When its pause is over, one worker may try; what it finds closes the
circuit or opens it for longer.
"""

from datetime import datetime, timedelta

from django.db.models import F

from tracker.models import Circuit

MAIL = "mail"
# Failures to connect, in a row, by any worker.
OPENS_AFTER = 3
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=5)
# For as long nobody else tries: longer than one try can take.
PROBE = timedelta(seconds=30)


def may_try(name: str, *, at: datetime) -> bool:
    """Whether the circuit is closed, or its pause is over and the caller is the one who may see how things are."""
    circuit = Circuit.objects.filter(name=name).first()
    if circuit is None or circuit.opened_at is None:
        return True
    mine = Circuit.objects.filter(pk=circuit.pk, next_try_at=circuit.next_try_at, next_try_at__lte=at)
    return bool(mine.update(next_try_at=at + PROBE, changed_at=at))


def failed(name: str, *, words: str, at: datetime) -> None:
    circuit, _ = Circuit.objects.get_or_create(name=name, defaults={"changed_at": at})
    rows = Circuit.objects.filter(pk=circuit.pk)
    rows.update(n_failures=F("n_failures") + 1, words=words[:200], changed_at=at)
    circuit.refresh_from_db()
    if circuit.n_failures >= OPENS_AFTER:
        doublings = min(circuit.n_failures - OPENS_AFTER, 10)
        pause = min(FIRST_PAUSE * 2**doublings, LONGEST_PAUSE)
        rows.update(opened_at=circuit.opened_at or at, next_try_at=at + pause)


def worked(name: str, *, at: datetime) -> None:
    Circuit.objects.filter(name=name, n_failures__gt=0).update(
        n_failures=0, opened_at=None, next_try_at=None, words="", changed_at=at
    )


def state(name: str) -> Circuit | None:
    """The circuit if anything is wrong, else None."""
    return Circuit.objects.filter(name=name, n_failures__gt=0).first()
