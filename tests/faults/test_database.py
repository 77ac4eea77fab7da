"""A3: PostgreSQL is stopped without a goodbye in the midst of the work; SQLite has several writers at once."""

import time
from collections.abc import Callable

import pytest

from tests.faults.clients import ALICE, Browser, Phone
from tests.faults.conftest import FULL
from tests.faults.house import House
from tests.postgres import Server
from tests.whole_ebb import on_linux

N_STOPS = 3
N_FULL, STOPPED_S, BETWEEN_S = 8_000, 5, 6
N_SMALL = 200
WRITING_S = 60 if FULL else 4

pytestmark = [pytest.mark.processes, on_linux]
full = pytest.mark.skipif(not FULL, reason="takes minutes; `make faults` runs it")


@full
def test_postgresql_stopped_hard_in_the_midst_loses_nothing(
    on_postgres: House, postgres: Server, tell: Callable[..., None]
) -> None:
    house = on_postgres
    house.fill(N_FULL)
    house.start("redis", "mail-1", "mail-2", "beat-1", "beat-2")
    n_before = []
    for _ in range(N_STOPS):
        n = house.n_mails()
        house.wait_for(lambda n=n: house.n_mails() > n + 100, 120, every=0.02)
        time.sleep(BETWEEN_S / 10)
        postgres.stop_immediately()
        n_before.append(house.n_mails())
        time.sleep(STOPPED_S)
        postgres.start()
    assert n_before[-1] < N_FULL
    house.wait_for(house.is_done, 600, every=1)
    count = house.count()
    tell("A3 stopped hard", mails_when_stopped=n_before, **count._asdict())
    count.check(most_doubles=N_STOPS * 4)  # two workers with two processes each


def test_a_loop_outlives_a_postgresql_that_is_stopped_hard(on_postgres: House, postgres: Server) -> None:
    house = on_postgres
    house.fill(N_SMALL)
    house.start("loop")
    house.wait_for(lambda: house.n_mails() >= N_SMALL // 4, 60, every=0.002)
    postgres.stop_immediately()
    assert house.n_mails() < N_SMALL
    postgres.start()
    house.end_leases()
    house.wait_for(house.is_done, 60)
    assert house.running["loop"].poll() is None
    house.count().check(most_doubles=1)


def test_sqlite_with_several_writers_is_never_locked(on_sqlite: House, tell: Callable[..., None]) -> None:
    house = on_sqlite
    house.shell(ALICE)
    house.fill(200 * WRITING_S, spread_s=WRITING_S)
    house.start("web", "loop-1", "loop-2")
    house.wait_for(house.is_up, 60)
    clients = [Phone(house.port, 1), Phone(house.port, 2), Browser(house.port, 3)]
    for client in clients:
        client.start()
    house.wait_for(lambda: all(client.acknowledged for client in clients), 60)
    time.sleep(WRITING_S)
    for client in clients:
        client.stop()
    house.wait_for(house.is_done, 120)
    count, n_entries = house.count(), sum(len(client.acknowledged) for client in clients)
    tell("A3 writers", seconds=WRITING_S, entries=n_entries, **count._asdict())
    assert "locked" not in house.logs()
    assert [client.strange for client in clients] == [[], [], []]
    count.check(most_doubles=0)
