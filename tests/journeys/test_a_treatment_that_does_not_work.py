"""A patient logs, tries tablets, and is told one night that they have not helped. Only pages and tasks are used."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from tracker import tasks
from tracker.models import Advice

pytestmark = pytest.mark.django_db

BERLIN = ZoneInfo("Europe/Berlin")
FIRST_DAY = date(2026, 10, 5)
BEFORE, ON_TABLETS = 14, 21  # days; the clocks go back in between
PAIN = cycle([6, 5, 6, 7, 6, 6, 5])


def at_clock(on: date, wall_time: time) -> time_machine.travel:
    return time_machine.travel(datetime.combine(on, wall_time, BERLIN).astimezone(UTC), tick=False)


def logs_at_noon(client, on: date) -> None:
    with at_clock(on, time(12)):
        answer = client.post(reverse("entry_add"), {"uuid": uuid4(), "nrs": next(PAIN)})
        assert answer.status_code == 302


def starts_tablets(client, on: date) -> None:
    with at_clock(on, time(8)):
        said = {"uuid": uuid4(), "treatment_type": "oral_nsaid", "own_words": "Naproxen", "started_on": on}
        said["prescribed_by"] = "Dr Silva"
        assert client.post(reverse("attempt_add"), said).status_code == 302


def night_passes(on: date) -> None:
    """Judged after midnight; what there is to tell waits for the end of the quiet hours."""
    morning = on + timedelta(days=1)
    with at_clock(morning, time(1)):
        tasks.judge_tonight.run()
        tasks.advise_tonight.run()
        tasks.drain_reminders.run()
        n_mails = len(mail.outbox)
    with at_clock(morning, time(6, 59)):
        tasks.drain_reminders.run()
        assert len(mail.outbox) == n_mails
    with at_clock(morning, time(7)):
        tasks.drain_reminders.run()


def looks_at_today(client, on: date) -> str:
    with at_clock(on, time(8)):
        return client.get(reverse("today")).content.decode()


@pytest.fixture
def four_weeks_on(alice, alice_client) -> date:
    """The last morning, after the fair trial of two weeks and one more."""
    alice.patient.quiet_from, alice.patient.quiet_until = time(22), time(7)
    alice.patient.save()
    for n in range(BEFORE + ON_TABLETS):
        on = FIRST_DAY + timedelta(days=n)
        if n == BEFORE:
            starts_tablets(alice_client, on)
        logs_at_noon(alice_client, on)
        night_passes(on)
    return FIRST_DAY + timedelta(days=BEFORE + ON_TABLETS)


def test_a_treatment_that_does_not_work(alice, alice_client, four_weeks_on):
    attempt = alice.patient.attempts.get()
    outcomes = list(attempt.verdicts.order_by("as_of").values_list("outcome", flat=True))
    assert len(outcomes) == ON_TABLETS  # one a night
    assert outcomes[0] == "cant_tell"
    assert outcomes[-1] == "not_working"
    assert set(outcomes) == {"cant_tell", "not_working"}

    (told,) = mail.outbox
    assert told.to == [alice.email]
    assert "aproxen" not in str(told.message())

    page = looks_at_today(alice_client, four_weeks_on)
    assert "Naproxen has not brought a drop that matters" in page
    assert "stop taking" not in page
    assert alice_client.get(reverse("attempt_detail", args=[attempt.uuid])).status_code == 200

    # put away, it does not come back, though the verdict stays
    advice = Advice.objects.get()
    assert advice.state == Advice.State.SEEN
    with at_clock(four_weeks_on, time(9)):
        alice_client.post(reverse("advice_respond", args=[advice.pk]), {"action": "dismiss"})
    night_passes(four_weeks_on)
    assert "has not brought a drop" not in looks_at_today(alice_client, four_weeks_on + timedelta(days=1))
    assert attempt.verdicts.latest("as_of").outcome == "not_working"
    assert Advice.objects.count() == 1


def test_nothing_of_it_is_to_be_seen_by_a_stranger(alice, charlie_client, four_weeks_on):
    attempt = alice.patient.attempts.get()
    page = looks_at_today(charlie_client, four_weeks_on)
    assert "Naproxen" not in page
    with at_clock(four_weeks_on, time(8)):
        assert charlie_client.get(reverse("attempt_detail", args=[attempt.uuid])).status_code == 404
        answer = {"action": "dismiss"}
        assert charlie_client.post(reverse("advice_respond", args=[Advice.objects.get().pk]), answer).status_code == 404
    assert Advice.objects.get().state == Advice.State.NEW
