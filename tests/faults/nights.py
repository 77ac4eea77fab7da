"""Judges a night in several processes of which some are killed. Run by `test_nights_kill.py`, in a place of its own.

    python -m tests.faults.nights undisturbed | killed | shared

The last line says in JSON what is in the tables then, and what each worker did.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

N_ATTEMPTS = 60
N_KILLS = 10
SHARD_SIZE = 3
STARTED_ON = date(2026, 9, 1)
LAST_DAY = STARTED_ON + timedelta(days=29)
NIGHT = datetime(2026, 10, 1, 3, tzinfo=UTC)  # both of the last nights were missed
BEGAN = time.monotonic()


def clock() -> datetime:
    return NIGHT + timedelta(seconds=time.monotonic() - BEGAN)


def prepare() -> None:
    """Attempts that help, do nothing or harm; judged until the third night before."""
    from django.core.management import call_command
    from django.db import connection

    from tracker.models import PainEntry, Patient, TreatmentAttempt, TreatmentType, User

    call_command("migrate", verbosity=0)
    dice = random.Random(7)
    users = User.objects.bulk_create(User(email=f"p{n}@example.org") for n in range(N_ATTEMPTS))
    patients = Patient.objects.bulk_create(Patient(user=u, is_adult=True, consented_at=NIGHT) for u in users)
    drug = TreatmentType.objects.get(key="oral_nsaid")
    said = {"treatment_type": drug, "started_on": STARTED_ON, "created_at": NIGHT, "changed_at": NIGHT}
    TreatmentAttempt.objects.bulk_create(TreatmentAttempt(patient=p, uuid=UUID(int=p.pk), **said) for p in patients)
    days = [STARTED_ON + timedelta(days=n) for n in range(-21, 30)]
    PainEntry.objects.bulk_create(
        PainEntry(
            patient=patient,
            uuid=uuid4(),
            nrs=min(10, max(0, round(dice.gauss(6 + (n % 3 - 1) * 3 * (day >= STARTED_ON), 1)))),
            felt_at=NIGHT,
            recorded_at=NIGHT,
            changed_at=NIGHT,
            local_date=day,
            zone="UTC",
            source="web",
        )
        for n, patient in enumerate(patients)
        for day in days
    )
    judge(lambda: NIGHT - timedelta(days=2))
    connection.close()


def judge(at: Callable[[], datetime] = clock) -> int:
    from tracker.services import judging

    return judging.judge_due(clock=at).n_judged


def slow_down(seconds: float) -> None:
    """So that a worker is killed before, while and after it stores."""
    from tracker.services import judging, verdict_rows

    add, advise = verdict_rows.add, judging._advise

    def slowly(*args, **options):
        time.sleep(seconds)
        add(*args, **options)
        time.sleep(seconds)

    def advise_slowly(*args, **options):
        n = advise(*args, **options)
        time.sleep(seconds)
        return n

    verdict_rows.add, judging._advise = slowly, advise_slowly


def child(work: Callable[[], int]) -> tuple[int, int]:
    """A process that does the work, and where it tells how much that was."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(out)
        os.write(into, str(work()).encode())
        os._exit(0)
    os.close(into)
    return pid, out


def ended(pid: int, out: int) -> dict[str, int]:
    _, status = os.waitpid(pid, 0)
    with os.fdopen(out) as told:
        return {"n_judged": int(told.read() or 0), "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


def killed() -> list[dict[str, int]]:
    from tracker.services import nights

    nights.LEASE = timedelta(seconds=0.3)  # the dead are taken over from at once
    slow_down(0.02)
    dice, workers = random.Random(11), []
    for _ in range(N_KILLS):
        pid, out = child(judge)
        time.sleep(0.15 + dice.random() * 0.3)
        os.kill(pid, signal.SIGKILL)
        workers.append(ended(pid, out))
    time.sleep(0.5)
    return [*workers, ended(*child(judge))]


def shared() -> list[dict[str, int]]:
    slow_down(0.02)
    workers = [child(judge) for _ in range(3)]
    return [ended(*worker) for worker in workers]


def undisturbed() -> list[dict[str, int]]:
    return [ended(*child(judge))]


def stored() -> dict[str, list]:
    from tracker.models import Advice, NightShard, Occurrence, Verdict

    numbers = ("p_helped", "p_now", "p_reach", "p_worse", "change", "before", "inputs_digest", "policy_version")
    verdicts = Verdict.objects.order_by("as_of", "attempt")
    advice = Advice.objects.order_by("patient", "kind", "evidence")
    return {
        "verdicts": [list(row) for row in verdicts.values_list("attempt", "as_of", "outcome", "reason", *numbers)],
        "advice": list(advice.values_list("patient", "kind", "evidence", "attempt", "verdict__as_of")),
        "mails": sorted(Occurrence.objects.values_list("reminder__patient", "local_date")),
        "open": list(NightShard.objects.open().values_list("pk", flat=True)),
        "tries": list(NightShard.objects.values_list("n_tries", flat=True)),
    }


def main(scenario: str) -> None:
    import django

    django.setup()
    from tracker.services import nights

    nights.SHARD_SIZE = SHARD_SIZE
    prepare()
    workers = {"undisturbed": undisturbed, "killed": killed, "shared": shared}[scenario]()
    print(json.dumps(stored() | {"workers": workers}, default=str))


if __name__ == "__main__":
    main(sys.argv[1])
