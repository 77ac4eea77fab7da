"""A18: how late the mails of a morning are on which a whole town has chosen seven o'clock. Ebb keeps the chosen minute."""

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.conftest import FULL
from tests.faults.house import House, open_house
from tests.whole_ebb import on_linux

N_PATIENTS = 20_000
MEDIAN_S, LATEST_S = 30, 120

pytestmark = [pytest.mark.processes, on_linux]

# A mail server that takes so long over each mail, as one far away does, and what it then costs with how many processes.
FAR_S, N_FAR = 0.1, 1_500


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


@pytest.mark.skipif(not FULL, reason="takes minutes; `make faults` runs it")
def test_a_far_mail_server_is_used_by_as_many_processes_as_there_are(
    tmp_path: Path, migrated: Path, tell: Callable[..., None]
) -> None:
    took = {}
    for n_senders in (2, 6):
        with open_house(tmp_path / str(n_senders), mail_takes_s=FAR_S) as house:
            shutil.copy(migrated, house.var)
            house.n_senders = n_senders
            house.fill(N_FAR, wait_s=3600, is_planned=True)
            house.start("redis", "mail-1", "beat-1")
            house.wait_for(lambda: house.ticked_at() != "", 120)
            house.rows(f"UPDATE tracker_occurrence SET due_at = '{datetime.now(UTC):%Y-%m-%d %H:%M:%S}'")
            took[n_senders] = round(house.wait_for(house.is_done, 300, every=0.5))
            house.count().check(most_doubles=0)
    tell("A18, far server", mails=N_FAR, seconds_a_mail=FAR_S, seconds_with=took)
    assert took[6] < took[2] / 2
