"""A2: the broker is emptied, dies, or is cut off without a word. It holds no fact, so nothing is lost with it."""

import os
import random
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from config.embedded_redis import socket_path
from tests.faults.clients import ALICE, Browser, Phone
from tests.faults.conftest import FULL
from tests.faults.house import House
from tests.whole_ebb import free_port, on_linux

PAGES = ("/", "/timeline/", "/treatments/", "/settings/reminders/")
N_FLUSHES, DOWN_S = 20, 60
LONGEST_WAIT_S = 1.0
HOLE_S = 190
ROUND_S = 10  # what had come through before comes to its end in that time, and is no sign of life
BACK_WITHIN_S, TOLD_WITHIN_S = 60, 180

pytestmark = [pytest.mark.processes, on_linux]
full = pytest.mark.skipif(not FULL, reason="takes minutes; `make faults` runs it")


class Visitors:
    """One by browser and one by phone, who look around and log while all this happens."""

    def __init__(self, house: House) -> None:
        self.phone, self.browser = Phone(house.port, 1), Browser(house.port, 2)
        self.phone.log_in()
        self.browser.log_in()
        self.waits: list[float] = []
        self.strange: list[object] = []
        self.enough = threading.Event()
        self.thread = threading.Thread(target=self.go_on, daemon=True)

    def look_around(self) -> list[float]:
        """The seconds that each request took."""
        waits = [self.ask(lambda path=path: self.browser.visit("GET", path)) for path in PAGES]
        waits.append(self.ask(lambda: self.browser.send(uuid4(), 4)))
        waits.append(self.ask(lambda: self.phone.send(uuid4(), 4)))
        return waits

    def ask(self, ask: Callable[[], int]) -> float:
        began = time.monotonic()
        try:
            if (status := ask()) >= 400:
                self.strange.append(status)
        except OSError as error:
            self.strange.append(error)
        return time.monotonic() - began

    def go_on(self) -> None:
        while not self.enough.wait(0.2):
            self.waits += self.look_around()

    def stop(self) -> None:
        self.enough.set()
        self.thread.join(60)


@pytest.fixture
def house(on_sqlite: House) -> House:
    on_sqlite.shell(ALICE)
    return on_sqlite


def test_without_a_broker_pages_and_the_api_answer_within_a_second(house: House) -> None:
    house.start("redis", "web")
    house.wait_for(house.is_up, 60)
    visitors = Visitors(house)
    visitors.look_around()  # the first time, templates are read
    os.kill(house.running["redis"].pid, signal.SIGSTOP)  # connections open and nobody answers
    silent = visitors.look_around()
    socket_path(house.var).unlink()  # nobody there at all
    gone = visitors.look_around()
    assert visitors.strange == []
    assert max(silent + gone) < LONGEST_WAIT_S


@full
def test_a_broker_that_is_emptied_and_then_gone_loses_nothing(house: House, tell: Callable[..., None]) -> None:
    house.fill(5_000, spread_s=120)
    house.start("redis", "web", "mail-1", "mail-2", "beat-1", "beat-2")
    house.wait_for(house.is_up, 60)
    visitors, dice = Visitors(house), random.Random(5)
    visitors.look_around()
    visitors.thread.start()
    for _ in range(N_FLUSHES):
        time.sleep(dice.uniform(0.5, 5))
        with closing(redis.Redis(unix_socket_path=str(socket_path(house.var)))) as client:
            client.flushall()
    house.kill("redis")
    time.sleep(DOWN_S)
    n_before = house.n_mails()
    house.start("redis")
    back_s = house.wait_for(lambda: house.is_done() or house.n_mails() > n_before, 120)
    house.wait_for(house.is_done, 300)
    visitors.stop()
    count, waits = house.count(), sorted(visitors.waits)
    figures = {
        "requests": len(waits),
        "slowest_s": round(waits[-1], 2),
        "p99_s": round(waits[len(waits) * 99 // 100], 2),
    }
    figures |= {"refused": len(visitors.strange), "back_after_s": round(back_s), "flushes": N_FLUSHES}
    tell("A2 flushed and down", **figures, **count._asdict())
    count.check(most_doubles=0)
    assert visitors.strange == []
    assert waits[-1] < LONGEST_WAIT_S


class Hole:
    """A way to the broker that can swallow what goes through it, without a word to either side."""

    def __init__(self, to: Path) -> None:
        self.to, self.port, self.swallows = to, free_port(), False
        self.lost: set[socket.socket] = set()
        self.other: dict[socket.socket, socket.socket] = {}
        self.watch = selectors.DefaultSelector()
        self.door = socket.create_server(("127.0.0.1", self.port), backlog=100)
        self.watch.register(self.door, selectors.EVENT_READ)
        self.is_over = False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def begin(self) -> None:
        """From now on nothing passes; what is connected now is lost for good, as behind a router that forgot it."""
        self.swallows = True
        self.lost |= set(self.other)

    def end(self) -> None:
        """New connections pass again."""
        self.lost |= set(self.other)
        self.swallows = False

    def close(self) -> None:
        self.is_over = True
        self.thread.join()

    def run(self) -> None:
        while not self.is_over:
            for key, _events in self.watch.select(0.05):
                self.take_in() if key.fileobj is self.door else self.pass_on(key.fileobj)
        for link in (self.door, *self.other):
            link.close()

    def take_in(self) -> None:
        near = self.door.accept()[0]
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self.to))
        for one, other in ((near, far), (far, near)):
            self.other[one] = other
            self.watch.register(one, selectors.EVENT_READ)

    def pass_on(self, link: socket.socket) -> None:
        with suppress(OSError):
            if piece := link.recv(65536):
                if not self.swallows and link not in self.lost:
                    self.other[link].sendall(piece)
                return
        if self.swallows or link in self.lost:
            self.watch.unregister(link)  # a goodbye is swallowed too
            return
        for end in (link, self.other[link]):
            with suppress(KeyError):
                self.watch.unregister(end)
            self.other.pop(end, None)
            end.close()


@full
@pytest.mark.parametrize("is_long", [False, True], ids=["a moment", "minutes"])
def test_a_silent_hole_before_the_broker_is_told_of_and_climbed_out_of(on_sqlite: House, tell, is_long: bool) -> None:
    house = on_sqlite
    house.fill(2_000, spread_s=400 if is_long else 120)
    with closing(Hole(socket_path(house.var))) as hole:
        house.redis_url = f"redis://127.0.0.1:{hole.port}/0"
        house.start("redis", "mail-1", "analysis", "beat-1", "web")
        house.wait_for(house.is_up, 60)
        house.wait_for(lambda: house.is_well("jobs") and house.n_mails() > 0, 120)
        began, figures = time.monotonic(), {}
        hole.begin()
        if is_long:
            house.wait_for(lambda: not house.is_well("broker"), HOLE_S)
            figures["readyz_says_so_after_s"] = round(time.monotonic() - began, 1)
            house.wait_for(lambda: not house.is_well("jobs"), HOLE_S)
            figures["readyz_says_jobs_stand_after_s"] = round(time.monotonic() - began)
            assert figures["readyz_says_jobs_stand_after_s"] > ROUND_S  # it was the silence that it noticed
        hole.end()
        ended = time.monotonic()
        figures["swallowed_for_s"] = round(ended - began)
        time.sleep(ROUND_S)
        ticked_at = house.ticked_at()
        house.wait_for(lambda: house.ticked_at() != ticked_at, 180)
        back_s = time.monotonic() - ended
        house.wait_for(house.is_done, 500)
        count = house.count()
        tell("A2 black hole", **figures, back_after_s=round(back_s), **count._asdict())
        count.check(most_doubles=0)
        assert back_s < BACK_WITHIN_S
        assert figures.get("readyz_says_so_after_s", 0) < TOLD_WITHIN_S
