"""A6: Ebb is down over a morning, and up again later: what still comes, what does not, and what is on record."""

from datetime import time, timedelta

import pytest

from tests.tracker.reminding import DAY, MORNING, SEVEN, drain, wish
from tracker.models import Occurrence
from tracker.services import accounts, outlook, reminders

pytestmark = pytest.mark.django_db
State = Occurrence.State


def up_again(at):
    """The first minutes of a process: it plans, and sends what is due."""
    reminders.plan(at=at)
    drain(at)
    drain(at)


@pytest.mark.parametrize("kind", ["morning_moves", "log_pain", "medicine"])
@pytest.mark.parametrize(
    ("down_for", "still_comes_to"),
    [
        pytest.param(timedelta(minutes=30), {"morning_moves", "log_pain", "medicine"}, id="until 7:30"),
        pytest.param(timedelta(minutes=119), {"morning_moves", "log_pain"}, id="until 8:59"),
        pytest.param(timedelta(minutes=121), {"log_pain"}, id="until 9:01"),
        pytest.param(timedelta(hours=8), {"log_pain"}, id="until 15:00"),
        pytest.param(timedelta(hours=23), set(), id="until the next morning"),
        pytest.param(timedelta(days=10, hours=-1), set(), id="for ten days"),
    ],
)
def test_what_was_due_comes_once_within_its_window_or_not_at_all(alice, mailoutbox, kind, down_for, still_comes_to):
    reminder = wish(alice, kind)
    back = SEVEN + down_for
    up_again(back)
    missed = reminder.occurrences.filter(due_at__lte=back)
    states = [row.state for row in missed.order_by("due_at")]
    if kind in still_comes_to:
        assert (states, len(mailoutbox)) == ([State.SENT], 1)
        return
    assert (set(states), len(mailoutbox)) == ({State.SKIPPED_LATE}, 0)
    assert len(states) == (back - SEVEN) // DAY + 1  # each missed morning is on record
    assert set(missed) <= set(outlook.history(patient=alice.patient, at=back))  # and shown
    next_one = reminder.occurrences.get(state=State.PENDING, due_at__lte=back + DAY)
    drain(next_one.due_at)
    assert len(mailoutbox) == 1


def test_up_again_in_quiet_hours_nothing_is_sent_in_them(alice, mailoutbox):
    accounts.change_settings(by=alice.user, at=MORNING, quiet_from=time(7, 30), quiet_until=time(8, 30))
    reminder = wish(alice)
    for minutes in range(30, 90, 5):
        up_again(SEVEN + timedelta(minutes=minutes))
    assert not mailoutbox
    up_again(SEVEN + timedelta(minutes=90))
    assert (len(mailoutbox), reminder.occurrences.get(local_date=SEVEN.date()).state) == (1, State.SENT)
