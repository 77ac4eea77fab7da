import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from tests.conftest import Person
from tests.tracker.moves import EARLY, MONDAY, open_gate
from tests.tracker.reminding import MORNING, TODAY
from tracker.models import Medicine
from tracker.services import medicines


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


@pytest.fixture
def tablets(alice: Person) -> Medicine:
    said = {"name": "Ibuprofen", "dose": "400 mg"}
    return medicines.add_medicine(by=alice.user, uuid=uuid.uuid4(), at=MORNING, on=TODAY, **said)
