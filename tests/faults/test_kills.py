"""A1 and A5: workers that are killed or stopped in the midst of their work, and many at once.

Nobody can promise both, nothing lost and nothing twice, over plain SMTP: who dies between the answer of the mail server
and his own note cannot have noted it. So such a mail comes once more, under the same Message-ID, and the row says so.
`EBB_FULL=1` runs a whole Ebb with 20,000 reminders; without it the loop that needs no broker is killed a few times.
"""

import itertools
import time
from collections.abc import Callable

import pytest

from tests.faults.conftest import FULL
from tests.faults.house import House
from tests.whole_ebb import on_linux

N_FULL, N_SMALL = 20_000, 200
EVERY_S = 5.0
# Between two kills: each may leave a mail of both processes of a worker in doubt, and more than one of a thousand is too many.
LEAST_MAILS = N_FULL // 10
LONGEST_S = 2400
MOST_DOUBLES = N_FULL // 1000

pytestmark = [pytest.mark.processes, on_linux]
full = pytest.mark.skipif(not FULL, reason="takes minutes; `make faults` runs it")


def in_turn(house: House, harm: Callable[[str], None], *, redis_dies_after: int | None = None) -> int:
    """One worker tree after the other is harmed and started again until all is done: how often.

    Every five seconds. Where a busy machine sends less than two thousand mails in that time, after so many.
    """
    began = time.monotonic()
    for n, name in enumerate(itertools.cycle(["mail-1", "mail-2"])):
        goal = house.n_mails() + LEAST_MAILS
        time.sleep(EVERY_S)
        while not house.is_done() and house.n_mails() < goal:
            assert time.monotonic() - began < LONGEST_S, (house.states(), house.logs()[-3000:])
            time.sleep(0.2)
        if house.is_done():
            return n
        harm(name)
        house.start(name)
        if n == redis_dies_after:
            house.kill("redis")
            house.start("redis")
    raise AssertionError


@full
def test_a_whole_ebb_killed_every_five_seconds_loses_nothing(house: House, tell: Callable[..., None]) -> None:
    house.fill(N_FULL)
    began = time.monotonic()
    house.start("redis", "mail-1", "mail-2", "beat-1", "beat-2")
    n_kills = in_turn(house, house.kill, redis_dies_after=1)
    count = house.count()
    tell("A1", database=name_of(house), kills=n_kills, seconds=since(began), **count._asdict())
    assert n_kills > 2
    count.check(most_doubles=MOST_DOUBLES)


@full
def test_a_whole_ebb_stopped_every_five_seconds_doubles_nothing(house: House, tell: Callable[..., None]) -> None:
    house.fill(N_FULL)
    began, waits = time.monotonic(), []
    house.start("redis", "mail-1", "mail-2", "beat-1", "beat-2")
    n_stops = in_turn(house, lambda name: waits.append(house.stop(name)))
    count = house.count()
    figures = {"stops": n_stops, "longest_stop_s": round(max(waits), 1), "seconds": since(began)}
    tell("A1b", database=name_of(house), **figures, **count._asdict())
    count.check(most_doubles=0)
    assert count.ambiguous == 0
    assert max(waits) < 15


@full
def test_four_workers_three_beats_and_the_loop_at_once_double_nothing(house: House, tell: Callable[..., None]) -> None:
    house.fill(N_FULL)
    began = time.monotonic()
    house.start("redis", *(f"mail-{n}" for n in range(4)), *(f"beat-{n}" for n in range(3)), "loop")
    house.wait_for(house.is_done, LONGEST_S, every=1)
    count = house.count()
    tell("A5", database=name_of(house), seconds=since(began), **count._asdict())
    count.check(most_doubles=0)


N_KILLS = 3


def test_a_loop_that_is_killed_repeats_at_most_the_mail_in_hand(house: House) -> None:
    house.fill(N_SMALL)
    for _ in range(N_KILLS):
        goal = house.n_mails() + N_SMALL // (N_KILLS + 2)
        house.start("loop")
        house.wait_for(lambda goal=goal: house.n_mails() >= goal, 60, every=0.002)
        house.kill("loop")
        house.end_leases()
    assert not house.is_done()
    house.start("loop")
    house.wait_for(house.is_done, 60)
    house.count().check(most_doubles=N_KILLS)


def test_three_loops_at_once_send_each_reminder_once(on_postgres: House) -> None:
    """On SQLite two do so in `test_database.py`."""
    on_postgres.fill(N_SMALL)
    on_postgres.start("loop-1", "loop-2", "loop-3")
    on_postgres.wait_for(on_postgres.is_done, 60)
    on_postgres.count().check(most_doubles=0)


def name_of(house: House) -> str:
    return "postgresql" if house.database_url else "sqlite"


def since(began: float) -> int:
    return round(time.monotonic() - began)
