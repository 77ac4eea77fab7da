from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from tests.conftest import Person
from tests.tracker.moves import EARLY, MONDAY, open_gate


@pytest.fixture
def early_in_auckland() -> Iterator[None]:
    with time_machine.travel(EARLY, tick=False):
        yield


@pytest.fixture
def alice_ready(alice: Person) -> Person:
    """Her safety questions were answered long ago."""
    open_gate(alice, on=MONDAY - timedelta(days=60))
    return alice


@pytest.fixture
def alice_at_home(alice_ready: Person) -> Person:
    alice_ready.patient.zone = "Pacific/Auckland"
    alice_ready.patient.save()
    return alice_ready
