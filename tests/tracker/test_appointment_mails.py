"""The one mail before a visit: when it goes out, and when it does not."""

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
from django.core import mail

from tests.tracker.test_appointments import DAY, NOW, STARTS, add
from tracker.models import Occurrence
from tracker.services import accounts, appointments, delivery, pauses, reminders

HOUR = timedelta(hours=1)
DAY_BEFORE, TWO_HOURS = 1440, 120
State = Occurrence.State


def drain(at):
    return delivery.drain(clock=lambda: at)


def states(visit):
    return list(Occurrence.objects.filter(appointment=visit).order_by("due_at").values_list("state", flat=True))


@pytest.fixture
def visit(alice):
    accounts.change_settings(by=alice.user, at=NOW, quiet_from=None, quiet_until=None)
    return add(alice, remind_before=DAY_BEFORE, with_whom="Dr. Quarshie", purpose="my knee", place="Pain clinic")


def move(person, visit, **changes):
    return appointments.change(by=person.user, appointment=visit, **{"at": NOW} | changes)


def test_it_goes_out_once_at_its_time(visit):
    assert [drain(STARTS - DAY + step) for step in (-timedelta(seconds=1), timedelta(), HOUR)] == [0, 1, 0]


def test_its_words_are_neutral(visit):
    drain(STARTS - DAY)
    whole = mail.outbox[0].message().as_string() + mail.outbox[0].body
    assert not [word for word in ("Quarshie", "knee", "clinic", "ppointment", "doctor") if word in whole]
    assert mail.outbox[0].extra_headers["List-Unsubscribe"]


def test_a_late_server_still_tells_until_it_starts_and_not_after(alice, visit):
    assert drain(STARTS - timedelta(seconds=1)) == 1
    other = add(alice, remind_before=TWO_HOURS)
    assert (drain(STARTS), states(other)) == (0, [State.SKIPPED_LATE])


def test_two_on_one_day_are_both_told(alice, visit):
    add(alice, remind_before=DAY_BEFORE, starts_at=STARTS + HOUR)
    assert drain(STARTS - DAY + HOUR) == 2


def test_moved_it_is_told_for_the_new_time(alice, visit):
    move(alice, visit, starts_at=STARTS + 2 * DAY)
    assert [drain(STARTS - DAY), drain(STARTS + DAY)] == [0, 1]


def test_moved_after_its_mail_it_is_told_once_more(alice, visit):
    drain(STARTS - DAY)
    move(alice, visit, starts_at=STARTS + 7 * DAY, at=STARTS - DAY + HOUR)
    assert [drain(STARTS), drain(STARTS + 6 * DAY)] == [0, 1]


def test_told_once_another_wish_brings_no_second_mail(alice, visit):
    drain(STARTS - DAY)
    move(alice, visit, remind_before=TWO_HOURS, at=STARTS - DAY + HOUR)
    assert drain(STARTS - HOUR) == 0


def test_moved_while_a_worker_holds_it_the_worker_sends_nothing(alice, visit):
    token = uuid4()
    delivery._claim(token, at=STARTS - DAY, has_mail=True)
    move(alice, visit, starts_at=STARTS + HOUR, at=STARTS - DAY)
    assert not Occurrence.objects.filter(lease_token=token).exists()
    assert [drain(STARTS - DAY), drain(STARTS - DAY + HOUR)] == [0, 1]


def test_cancelled_nothing_is_sent_and_taken_back_it_is(alice, visit):
    appointments.cancel(by=alice.user, appointment=visit, at=NOW)
    assert drain(STARTS - DAY) == 0
    appointments.reinstate(by=alice.user, appointment=visit, at=STARTS - DAY - HOUR)
    assert drain(STARTS - DAY) == 1


def test_one_that_was_due_and_is_cancelled_has_a_final_state(alice, visit):
    appointments.cancel(by=alice.user, appointment=visit, at=STARTS - DAY + HOUR)
    assert states(visit) == [State.SUPPRESSED]


def test_a_queue_that_does_not_fit_the_appointment_sends_nothing(visit):
    type(visit).objects.filter(pk=visit.pk).update(starts_at=STARTS + HOUR)  # as a faulty change would leave it
    assert (drain(STARTS - DAY), states(visit)) == (0, [State.SUPPRESSED])


@pytest.mark.parametrize("remind_before", [None, 4 * DAY_BEFORE])
def test_without_a_wish_or_after_its_time_none_is_queued(alice, remind_before):
    assert states(add(alice, remind_before=remind_before)) == []


def test_unsubscribed_none_is_sent_until_switched_on_again(alice, visit):
    reminder = alice.patient.reminders.get(kind="appointment")
    reminders.unsubscribe(key=reminder.unsubscribe_key, at=NOW)
    other = add(alice, remind_before=DAY_BEFORE, starts_at=STARTS + DAY)
    assert (drain(STARTS - DAY), states(visit)) == (0, [State.SUPPRESSED])
    reminders.change(by=alice.user, reminder=reminder, is_active=True, at=STARTS)
    assert (drain(STARTS), states(other)) == (1, [State.SENT])


def test_a_deleted_reminder_stays_off_and_comes_back_with_what_is_coming(alice, visit):
    reminder = alice.patient.reminders.get(kind="appointment")
    reminders.remove(by=alice.user, reminder=reminder)
    reminders.change(by=alice.user, reminder=reminder, is_active=True, at=NOW)
    assert drain(STARTS - DAY) == 1


def test_planning_the_timed_reminders_leaves_it_alone(alice, visit):
    reminders.plan(at=NOW)
    pauses.end(by=alice.user, at=NOW)
    assert states(visit) == [State.PENDING]


def test_early_in_the_morning_it_is_told_in_the_evening(alice):
    accounts.change_settings(by=alice.user, at=NOW, quiet_from=time(22), quiet_until=time(8))
    starts_at = datetime(2026, 6, 4, 5, 30, tzinfo=UTC)  # half past seven in Berlin
    add(alice, remind_before=TWO_HOURS, starts_at=starts_at)
    evening = datetime(2026, 6, 3, 19, 30, tzinfo=UTC)
    assert [drain(evening - timedelta(seconds=1)), drain(evening)] == [0, 1]


def test_noted_in_quiet_hours_it_is_told_when_they_end(alice):
    accounts.change_settings(by=alice.user, at=NOW, quiet_from=time(22), quiet_until=time(8))
    night = datetime(2026, 6, 3, 22, tzinfo=UTC)
    add(alice, remind_before=TWO_HOURS, starts_at=datetime(2026, 6, 4, 7, tzinfo=UTC), at=night)
    assert [drain(datetime(2026, 6, 4, hour, tzinfo=UTC)) for hour in (5, 6)] == [0, 1]


def test_a_deleted_appointment_takes_its_mail_along(alice, visit):
    appointments.remove(by=alice.user, appointment=visit)
    assert (drain(STARTS - DAY), Occurrence.objects.count()) == (0, 0)
