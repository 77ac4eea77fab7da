"""Does one thing very often in one process, and says in JSON what it had of memory and open files after a tenth and at the end.

python -m tests.faults.soak ticks|analyses N
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

from tests.faults import nights

N_ATTEMPTS = 1_000
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


def ticks(n: int) -> Iterator[int]:
    """Rounds of sending in which nothing is due."""
    from django.utils import timezone

    from tracker.services import delivery

    for done in range(1, n + 1):
        delivery.drain(clock=timezone.now)
        yield done


def analyses(n: int) -> Iterator[int]:
    """Nights one after the other, each with a new entry of everybody, so that each attempt is judged anew."""
    from uuid import uuid4

    from tracker.models import PainEntry, Patient
    from tracker.services import judging

    nights.N_ATTEMPTS = N_ATTEMPTS
    nights.prepare()
    patients, done = list(Patient.objects.values_list("pk", flat=True)), 0
    while done < n:
        night = nights.NIGHT + timedelta(days=done // N_ATTEMPTS)
        day = night.date() - timedelta(days=1)
        said = {"nrs": 5, "felt_at": night, "recorded_at": night, "changed_at": night, "local_date": day}
        said |= {"zone": "UTC", "source": "web"}
        PainEntry.objects.bulk_create(PainEntry(patient_id=pk, uuid=uuid4(), **said) for pk in patients)
        n_judged = judging.judge_due(clock=lambda night=night: night).n_judged
        assert n_judged, "nothing is judged any more"
        done += n_judged
        yield done


def has() -> dict[str, int]:
    rss_kb = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB
    return {"rss_kb": rss_kb, "files": len(os.listdir("/proc/self/fd"))}


def main(what: str, n: int) -> None:
    import django

    django.setup()
    steps: dict[str, Callable[[int], Iterator[int]]] = {"ticks": ticks, "analyses": analyses}
    early, done = None, 0
    for done in steps[what](n):
        if early is None and done >= n // 10:
            early = has()
    print(json.dumps({"n": done, "early": early, "late": has()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
