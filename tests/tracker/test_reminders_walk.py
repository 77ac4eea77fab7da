"""Random lives: people travel, change their minds and switch things off while the system goes up and down."""

import random
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from tracker.models import Occurrence
from tracker.services import accounts, answers, delivery, pauses, reminders, send_rules

ZONES = ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Pacific/Apia", "Asia/Kathmandu", "America/Nuuk"]
N_STEPS = 250
State = Occurrence.State


class Life:
    """One patient with one morning reminder; every step may break a promise, and none must."""

    def __init__(self, person, seed):
        self.random = random.Random(seed)
        self.person = person
        self.at = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(days=self.random.randrange(300))
        self.reminder = reminders.create(by=person.user, kind="morning_moves", wall_time=time(7), at=self.at)
        self.is_stopped = False

    @property
    def patient(self):
        self.person.user.refresh_from_db()
        return self.person.user.patient

    def step(self, mailoutbox):
        self.at += timedelta(minutes=self.random.choice([5, 30, 90, 119]))
        happens = [self.travel, self.change, self.pause, self.rest, self.stop, self.answer, self.go_down]
        # The worst moment for a change of mind is when the mail is about to go.
        is_due = self.reminder.occurrences.due(self.at).exists()
        if self.random.random() < (0.5 if is_due else 0.08):
            self.random.choice(happens)()
        elif self.is_stopped and self.random.random() < 0.3:
            self.stop()
        if self.random.random() < 0.2:
            reminders.plan(at=self.at)
        n_before = len(mailoutbox)
        delivery.drain(clock=lambda: self.at)
        return len(mailoutbox) - n_before

    def travel(self):
        accounts.confirm_zone(by=self.person.user, zone=self.random.choice(ZONES), at=self.at)

    def change(self):
        wall_time = time(self.random.randrange(24), self.random.choice([0, 30]))
        days = self.random.sample(range(1, 8), self.random.randint(4, 7))
        reminders.change(by=self.person.user, reminder=self.reminder, wall_time=wall_time, weekdays=days, at=self.at)

    def pause(self):
        if self.random.random() < 0.5:
            pauses.end(by=self.person.user, at=self.at)
        else:
            tomorrow = self.at.astimezone(ZoneInfo(self.patient.zone)).date() + timedelta(days=1)
            pauses.rest(by=self.person.user, until=tomorrow, at=self.at)

    def rest(self):
        hours = self.random.choice([(None, None), (time(22), time(8)), (time(5), time(15)), (time(0), time(0))])
        accounts.change_settings(by=self.person.user, at=self.at, quiet_from=hours[0], quiet_until=hours[1])

    def stop(self):
        self.is_stopped = not self.is_stopped
        if self.is_stopped:
            reminders.unsubscribe(key=self.reminder.unsubscribe_key, at=self.at)
        else:
            reminders.change(by=self.person.user, reminder=self.reminder, is_active=True, at=self.at)

    def answer(self):
        row = self.reminder.occurrences.filter(state=State.SENT).order_by("-sent_at").first()
        if row:
            action = self.random.choice(["done", "skipped", "snoozed"])
            link = answers.Link(occurrence_id=row.pk, action=action, n_send=row.n_sends)
            if answers.is_open(link=link, at=self.at):
                answers.follow_link(link=link, at=self.at)

    def go_down(self):
        self.at += timedelta(hours=self.random.choice([3, 3, 30, 300]))

    def is_quiet(self):
        patient, wall = self.patient, self.at.astimezone(ZoneInfo(self.patient.zone)).time()
        start, end = patient.quiet_from, patient.quiet_until
        if start is None or start == end:
            return False
        return start <= wall < end if start < end else not end <= wall < start


@pytest.mark.parametrize("seed", range(4))
def test_a_random_life_keeps_every_promise(alice, mailoutbox, seed):
    life = Life(alice, seed)
    for _ in range(N_STEPS):
        n_sent = life.step(mailoutbox)
        assert n_sent <= 1
        assert not (n_sent and life.is_quiet()), "sent in quiet hours"
        assert not (n_sent and life.is_stopped), "sent after an unsubscribe"
        left = life.reminder.occurrences.filter(due_at__lte=life.at)
        assert not left.filter(state__in=[State.PENDING, State.CLAIMED, State.STARTED]).exists(), "left unfinished"

    rows = list(life.reminder.occurrences.filter(n_sends__gt=0).order_by("sent_at"))
    assert len(mailoutbox) == sum(row.n_sends for row in rows)
    assert len({mail.extra_headers["Message-ID"] for mail in mailoutbox}) == len(mailoutbox)
    assert all(row.n_sends <= send_rules.MAX_SENDS for row in rows)
    single = [row.sent_at for row in rows if row.n_sends == 1]
    assert all(later - earlier >= send_rules.LEAST_GAP["morning_moves"] for earlier, later in pairwise(single))
    assert mailoutbox
