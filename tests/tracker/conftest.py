import uuid
from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine

from tests.conftest import Person
from tests.sink import Sink, running_sink
from tests.tracker.moves import EARLY, MONDAY, open_gate
from tests.tracker.reminding import MORNING, TODAY
from tracker.models import Medicine, Reminder
from tracker.services import medicines, reminders


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
def moves(alice: Person) -> Reminder:
    """Her reminder of them, at seven every day."""
    return reminders.create(by=alice.user, kind="morning_moves", wall_time=time(7), at=MORNING)


@pytest.fixture
def tablets(alice: Person) -> Medicine:
    said = {"name": "Ibuprofen", "dose": "400 mg"}
    return medicines.add_medicine(by=alice.user, uuid=uuid.uuid4(), at=MORNING, on=TODAY, **said)


@pytest.fixture(params=[b"250 hello", b"250-hello\r\n250-SMTPUTF8\r\n250 PIPELINING"], ids=["plain", "pipelining"])
def sink(request: pytest.FixtureRequest, settings: Any) -> Iterator[Sink]:
    """The mail server of the real backend, that takes commands one by one or together."""
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "config.mail.StagedSMTPBackend", "127.0.0.1"
    with running_sink(hello=request.param) as sink:
        settings.EMAIL_PORT = sink.port
        yield sink
