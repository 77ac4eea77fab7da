"""A18: how late the mails of a morning are on which a whole town has chosen seven o'clock. Ebb keeps the chosen minute."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.faults.conftest import FULL
from tests.faults.house import House
from tests.whole_ebb import on_linux

N_PATIENTS = 20_000
MEDIAN_S, LATEST_S = 30, 120

pytestmark = [pytest.mark.processes, on_linux]


@pytest.mark.skipif(not FULL, reason="takes minutes; `make faults` runs it")
def test_a_town_that_chose_seven_has_its_mails_within_two_minutes(house: House, tell: Callable[..., None]) -> None:
    """One worker and one beat, as `manage.py up` starts them."""
    house.fill(N_PATIENTS, wait_s=3600, is_planned=True)
    house.start("redis", "mail-1", "beat-1")
    house.wait_for(lambda: house.ticked_at() != "", 120)
    seven = int(time.time()) + 15
    house.rows(f"UPDATE tracker_occurrence SET due_at = '{datetime.fromtimestamp(seven, UTC):%Y-%m-%d %H:%M:%S}'")
    house.wait_for(house.is_done, 900, every=1)
    late = sorted(mail.at - seven for mail in house.mails())
    count = house.count()
    figures = {
        "first_s": round(late[0], 1),
        "p50_s": round(late[len(late) // 2], 1),
        "p99_s": round(late[len(late) * 99 // 100], 1),
    }
    tell("A18", database="postgresql" if house.database_url else "sqlite", **figures, **count._asdict())
    count.check(most_doubles=0)
    assert figures["p50_s"] < MEDIAN_S
    assert figures["p99_s"] < LATEST_S
