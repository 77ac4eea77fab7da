"""A8: random lives as a state machine. Zones, times, days, pauses, quiet hours, unsubscribes, answers and outages come in
any order and at the worst moment; the promises of DESIGN.md hold after every step.

`EBB_FULL=1` runs 1,000 lives of 50 steps; without it a few, so that the machine itself stays tried. What it promises:
- at most one first mail for a local date, and none within 12 hours of another date's;
- nothing in quiet hours, in a pause, or after an unsubscribe;
- every occurrence that is due ends, and a date that was on in full is not left out;
- while all is left alone, the next one comes within 36 hours (a longer gap needs a journey west of more than 12 hours,
  where the calendar says the same date twice).
"""

import os
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.conftest import open_person
from tracker.domain import schedule
from tracker.models import Occurrence, User
from tracker.services import accounts, answers, delivery, exercises, pauses, reminders, send_rules

FULL = bool(os.environ.get("EBB_FULL"))
# In parts, so that more than one process can take them.
N_PARTS, N_LIVES, N_STEPS = (10, 100, 50) if FULL else (1, 6, 20)
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Nuuk",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
]
State = Occurrence.State
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPEN = (State.PENDING, State.CLAIMED, State.STARTED)


class Lives(RuleBasedStateMachine):
    """One patient with one morning reminder, and a system that ticks while it is up."""

    @initialize(days=st.integers(0, 700), zone=st.sampled_from(ZONES), repeats=st.sampled_from([None, 30]))
    def begin(self, days, zone, repeats):
        mail.outbox = []
        self.at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)
        self.person = open_person(f"p{uuid4().hex[:12]}")
        self.user = self.person.user
        accounts.confirm_zone(by=self.user, zone=zone, at=self.at)
        said = {"kind": "morning_moves", "wall_time": time(7), "repeat_minutes": repeats}
        self.reminder = reminders.create(by=self.user, at=self.at, **said)
        self.is_stopped = False
        # Since when nothing was changed, no outage was and no answer given: then the system alone is to blame.
        self.left_alone_since = self.at
        self.tick()

    # what the system does

    def tick(self):
        self.user = User.objects.select_related("patient").get(pk=self.user.pk)
        n_before = len(mail.outbox)
        reminders.plan(at=self.at)
        # The budget is of the clock on the wall, and a busy machine is slow.
        delivery.drain(clock=lambda: self.at, budget_s=600)
        n_sent = len(mail.outbox) - n_before
        assert n_sent <= 1
        if n_sent:
            self.check_send()

    def check_send(self):
        patient = self.user.patient
        wall = self.at.astimezone(ZoneInfo(patient.zone))
        assert not self.is_stopped, "sent after an unsubscribe"
        assert not pauses.holds(patient=patient, kind="morning_moves", on=wall.date()), "sent in a pause"
        if patient.quiet_from is not None and patient.quiet_from != patient.quiet_until:
            start, end = patient.quiet_from, patient.quiet_until
            is_quiet = start <= wall.time() < end if start < end else not end <= wall.time() < start
            assert not is_quiet, "sent in quiet hours"

    # Three of them, so that about every fourth step lets a life go on.
    @rule(hours=st.integers(1, 40))
    def time_passes(self, hours):
        self.live(hours)

    @rule(hours=st.integers(12, 30))
    def a_day_passes(self, hours):
        self.live(hours)

    @rule(zone=st.sampled_from(ZONES), hours=st.integers(1, 12))
    def travel_soon_after_a_send(self, zone, hours):
        """The worst moment for a journey, or for another time, is the morning that has just been."""
        row = self.reminder.occurrences.filter(state=State.PENDING, due_at__gt=self.at).order_by("due_at").first()
        assume(row is not None)
        self.live((row.due_at - self.at) / HOUR + hours)
        accounts.confirm_zone(by=self.user, zone=zone, at=self.at)
        self.touched()
        self.tick()
        self.live(14)

    def live(self, hours):
        ends = self.at + timedelta(hours=hours)
        while self.at < ends:
            # Between two instants that matter nothing can happen, so a whole day costs few ticks.
            due = Occurrence.objects.filter(reminder=self.reminder, state__in=OPEN, due_at__gt=self.at)
            again = Occurrence.objects.filter(reminder=self.reminder, state=State.SENT, repeats_at__gt=self.at)
            soonest = [
                at for at in (*due.values_list("due_at", flat=True), *again.values_list("repeats_at", flat=True)) if at
            ]
            self.at = min([ends, self.at + 6 * HOUR, *soonest])
            self.tick()

    @rule(hours=st.sampled_from([1, 2, 3, 8, 30, 240]))
    def everything_is_down(self, hours):
        self.at += timedelta(hours=hours)
        self.touched()
        self.tick()

    @rule(hours=st.sampled_from([1, 2]))
    def the_clock_is_put_back(self, hours):
        assume(self.at > datetime(2026, 1, 2, tzinfo=UTC))
        self.at -= timedelta(hours=hours)
        self.touched()
        self.tick()

    # what the patient does

    def touched(self):
        self.left_alone_since = self.at

    @rule(zone=st.sampled_from(ZONES), follows=st.booleans())
    def travel(self, zone, follows):
        if follows:
            accounts.follow_device(by=self.user, zone=zone, at=self.at)
        else:
            accounts.meet_device(by=self.user, zone=zone, at=self.at)
        self.touched()
        self.tick()

    @rule(hour=st.integers(0, 23), minute=st.sampled_from([0, 30]), days=st.sets(st.integers(1, 7), min_size=1))
    def change_the_wish(self, hour, minute, days):
        reminders.change(by=self.user, reminder=self.reminder, wall_time=time(hour, minute), weekdays=days, at=self.at)
        self.touched()
        self.tick()

    @rule(hours=st.sampled_from([(None, None), (time(22), time(8)), (time(5), time(15)), (time(0), time(0))]))
    def change_quiet_hours(self, hours):
        accounts.change_settings(by=self.user, at=self.at, quiet_from=hours[0], quiet_until=hours[1])
        self.touched()
        self.tick()

    @rule(first=st.integers(0, 3), length=st.integers(0, 3))
    def go_on_holiday(self, first, length):
        first_on = self.today() + timedelta(days=first)
        last_on = first_on + timedelta(days=length)
        pauses.holiday(by=self.user, first_on=first_on, last_on=last_on, at=self.at)
        self.touched()
        self.tick()

    @rule()
    def come_back(self):
        pauses.end(by=self.user, at=self.at)
        self.touched()
        self.tick()

    @rule(is_sick=st.booleans())
    def be_ill(self, is_sick):
        pauses.sick_day(by=self.user, at=self.at) if is_sick else pauses.not_sick(by=self.user, at=self.at)
        self.touched()
        self.tick()

    @rule()
    def flare(self):
        pauses.begin_flare(by=self.user, at=self.at)
        self.tick()

    @rule()
    def unsubscribe_or_return(self):
        self.is_stopped = not self.is_stopped
        if self.is_stopped:
            reminders.unsubscribe(key=self.reminder.unsubscribe_key, at=self.at)
        else:
            reminders.change(by=self.user, reminder=self.reminder, is_active=True, at=self.at)
        self.touched()
        self.tick()

    @rule(action=st.sampled_from(["done", "skipped", "snoozed", "score"]), minutes=st.sampled_from([10, 60]))
    def answer(self, action, minutes):
        row = self.reminder.occurrences.filter(n_sends__gt=0).order_by("-sent_at").first()
        assume(row is not None)
        link = answers.Link(occurrence_id=row.pk, action=action, n_send=row.n_sends)
        try:
            answers.follow_link(link=link, at=self.at, said=answers.Said(minutes=minutes, nrs=3))
        except answers.LinkEnded:
            assume(False)
        self.touched()
        self.tick()

    @rule()
    def undo(self):
        row = self.reminder.occurrences.exclude(response="").order_by("-local_date").first()
        assume(row is not None)
        try:
            answers.take_back(by=self.user, occurrence=row, at=self.at)
        except answers.NothingToUndo:
            assume(False)
        self.touched()
        self.tick()

    @rule()
    def move_without_being_asked(self):
        exercises.note_done(patient=self.user.patient, on=self.today(), at=self.at)
        self.touched()
        self.tick()

    def today(self) -> date:
        return self.at.astimezone(ZoneInfo(self.user.patient.zone)).date()

    # what always holds

    @invariant()
    def each_date_has_one_row_and_few_sends(self):
        rows = list(self.reminder.occurrences.all())
        assert len({row.local_date for row in rows}) == len(rows)
        assert all(row.n_sends <= send_rules.MAX_SENDS for row in rows)

    @invariant()
    def every_send_is_another_message(self):
        ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
        assert len(ids) == len(set(ids)) == sum(row.n_sends for row in self.reminder.occurrences.all())

    @invariant()
    def dates_are_twelve_hours_apart(self):
        # Of a date that was sent twice only the second time is kept, and the first lies up to a day before it.
        once = sorted(row.sent_at for row in self.reminder.occurrences.filter(n_sends=1))
        gaps = [later - earlier for earlier, later in zip(once, once[1:], strict=False)]
        assert all(gap >= send_rules.LEAST_GAP["morning_moves"] for gap in gaps)

    @invariant()
    def whatever_is_due_has_ended(self):
        left = self.reminder.occurrences.filter(due_at__lte=self.at, state__in=OPEN)
        assert not left.exists()

    @invariant()
    def no_date_is_left_out_while_all_is_left_alone(self):
        """A date that began after the last touch has a row, and it says sent, or for what reason of the patient's."""
        patient = User.objects.select_related("patient").get(pk=self.user.pk).patient
        if self.is_stopped:
            return
        zone = ZoneInfo(patient.zone)
        first_whole = self.left_alone_since.astimezone(zone).date() + timedelta(days=1)
        days = {row.local_date: row for row in self.reminder.occurrences.filter(local_date__gte=first_whole)}
        reminder = type(self.reminder).objects.get(pk=self.reminder.pk)
        day = first_whole
        while day < self.at.astimezone(zone).date():
            due = datetime.combine(day, reminder.wall_time, zone).astimezone(zone)
            if day.isoweekday() in reminder.weekday_set and due.date() == day:
                row = days.get(day)
                assert row is not None, f"nothing was written down for {day}"
                assert row.state not in (State.SKIPPED_LATE, State.FAILED), (day, row.because)
                allowed = {"", "paused", "already done", "quiet hours", send_rules.TOO_SOON}
                assert row.state == State.SENT or row.because in allowed, (day, row.because)
            day += timedelta(days=1)

    @precondition(lambda self: not self.is_stopped)
    @invariant()
    def the_next_one_comes_within_36_hours(self):
        """Or each date of those hours had its own before: who flies back over the date line lives one twice."""
        patient = self.user.patient
        reminder = type(self.reminder).objects.get(pk=self.reminder.pk)
        is_plain = patient.quiet_from is None and patient.paused_until is None and patient.sick_on is None
        if not is_plain or len(reminder.weekdays) < 7 or self.at - self.left_alone_since < 36 * HOUR:
            return
        ended = self.reminder.occurrences.filter(due_at__gt=self.at - 36 * HOUR, due_at__lte=self.at)
        done = ended.filter(state=State.SUPPRESSED, because="already done").exists()
        sent = self.reminder.occurrences.filter(sent_at__gt=self.at - 36 * HOUR).exists()
        assert done or sent or self.dates_of_the_last(36 * HOUR, reminder) <= self.dates_told()

    def dates_of_the_last(self, span, reminder) -> set[date]:
        """On which its time has come where the patient is now."""
        zone = ZoneInfo(self.user.patient.zone)
        wish = {"wall_time": reminder.wall_time, "weekdays": reminder.weekday_set, "zone": zone}
        return {due.local_date for due in schedule.dues_between(**wish, after=self.at - span, until=self.at)}

    def dates_told(self) -> set[date]:
        return set(self.reminder.occurrences.filter(n_sends__gt=0).values_list("local_date", flat=True))

    def teardown(self):
        if hasattr(self, "person"):
            User.objects.filter(pk=self.person.user.pk).delete()


@pytest.mark.parametrize("part", range(N_PARTS))
@pytest.mark.django_db
def test_random_lives_keep_every_promise(mailoutbox, part):
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=N_LIVES,
            stateful_step_count=N_STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not FULL,
        ),
    )


def morning_in_samoa_and_again_in_auckland():
    """Half an hour after Samoa's seven o'clock the patient flies to where the next date's is half an hour away."""
    life = Lives()
    life.begin(days=150, zone="Pacific/Pago_Pago", repeats=None)
    life.live(18.5)
    accounts.confirm_zone(by=life.user, zone="Pacific/Auckland", at=life.at)
    life.touched()
    life.tick()
    life.live(14)
    return life


@pytest.mark.django_db
def test_a_second_morning_waits_out_the_twelve_hours(mailoutbox):
    life = morning_in_samoa_and_again_in_auckland()
    assert len(mail.outbox) == 2
    life.dates_are_twelve_hours_apart()
    life.no_date_is_left_out_while_all_is_left_alone()


@pytest.mark.django_db
def test_a_date_that_is_lived_twice_is_asked_for_once(mailoutbox):
    """From Auckland back over the date line to Samoa: 47 hours pass, and no date goes without."""
    life = Lives()
    life.begin(days=235, zone="Pacific/Auckland", repeats=None)
    life.live(24)
    life.live(
        (life.reminder.occurrences.get(state=State.PENDING, due_at__lt=life.at + DAY).due_at - life.at) / HOUR + 6
    )
    accounts.confirm_zone(by=life.user, zone="Pacific/Pago_Pago", at=life.at)
    life.touched()
    life.tick()
    for _ in range(42):
        life.live(1)
        life.the_next_one_comes_within_36_hours()
        life.no_date_is_left_out_while_all_is_left_alone()
    before, after = sorted(
        life.reminder.occurrences.filter(n_sends=1).order_by("-sent_at")[:2], key=lambda row: row.sent_at
    )
    assert after.sent_at - before.sent_at == 47 * HOUR
    assert after.local_date - before.local_date == DAY


@pytest.mark.django_db
def test_the_machine_notices_where_the_twelve_hours_are_not_kept(mailoutbox, monkeypatch):
    monkeypatch.setattr(send_rules, "_gap_ends_at", lambda occurrence, at: at)
    life = morning_in_samoa_and_again_in_auckland()
    assert len(mail.outbox) == 2
    with pytest.raises(AssertionError):
        life.dates_are_twelve_hours_apart()
