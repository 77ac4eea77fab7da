"""The page of whoever runs this instance, on a narrow phone and in the dark."""

import itertools
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.conftest import PASSWORD, Person
from tests.tracker.diaries import attempt, log_days
from tracker.models import NightShard, Occurrence, Reminder
from tracker.services import accounts, judging


@pytest.fixture
def olga(seeded):
    return Person(accounts.appoint_operator(email="olga@example.org", password=PASSWORD), "olga@example.org", PASSWORD)


@pytest.fixture
def busy(alice):
    """A week of nights and a day of mails."""
    at = datetime.now(UTC)
    log_days(alice.patient, range(-28, 28), mean=6)
    attempt(alice.patient)
    judging.judge_due(clock=lambda: at)
    outcomes = {"cant_tell": 48_210, "not_working": 3_200, "working": 9_911, "worse": 12}
    for n in range(7):
        NightShard.objects.create(
            as_of=at.date() - timedelta(days=n + 2),
            first_attempt=1,
            last_attempt=2_000,
            state="done",
            n_due=61_333,
            n_judged=61_333,
            n_tries=2,
            n_advice=31,
            outcomes=outcomes,
            policy_version="2026.2+1",
            planned_at=at,
            taken_at=at - timedelta(minutes=3),
            done_at=at - timedelta(minutes=1),
        )
    states = itertools.cycle(["sent", "sent", "skipped_late", "failed", "pending", "suppressed"])
    for hours, state in zip(range(24), states, strict=False):
        wish = Reminder.objects.create(
            patient=alice.patient, uuid=uuid4(), kind="medicine", wall_time="07:00", changed_at=at
        )
        due_at = at - timedelta(hours=hours)
        said = {"local_date": due_at.date(), "zone": "UTC", "due_at": due_at, "window_ends_at": due_at}
        Occurrence.objects.create(reminder=wish, state=state, **said)


def test_the_operators_page_is_accessible_and_stays_within_its_width(open_page, axe, olga, busy):
    page = open_page("/", person=olga)
    assert page.url.endswith("/operator/")
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
