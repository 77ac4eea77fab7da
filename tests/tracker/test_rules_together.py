"""What decides on a send is looked up once for many rows: it must come out as for each alone, and cost no more for more."""

import uuid
from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import open_person
from tests.tracker.reminding import HOUR, MINUTE, MORNING, SEVEN, TODAY
from tracker.models import Occurrence
from tracker.services import delivery, exercises, medicines, pain_log, reminders, send_rules

DAY_BEFORE = SEVEN - 11 * HOUR


def drain(at):
    """To the end, however slow the machine is."""
    return delivery.drain(clock=lambda: at, budget_s=300)


def moves_are_done(person, _row):
    exercises.record(by=person.user, on=TODAY, exercises_done=["bridge"], pain_during=2, at=SEVEN)


def a_safety_point_is_open(person, _row):
    programme = exercises.programme_of(patient=person.patient, on=TODAY)
    programme.gate = {"spine_fracture": "unsure"}
    programme.save()


def help_was_shown(person, _row):
    type(person.patient).objects.filter(pk=person.patient.pk).update(help_shown_at=MORNING)


def an_entry_is_there(person, _row):
    pain_log.add(by=person.user, uuid=uuid.uuid4(), source="web", at=SEVEN, nrs=3, felt_at=MORNING, zone="UTC")


def it_went_last_night(_person, row):
    row.reminder.occurrences.exclude(pk=row.pk).delete()
    zone = {"zone": row.zone, "window_ends_at": DAY_BEFORE + HOUR}
    when = {"local_date": TODAY.replace(month=5, day=31), "due_at": DAY_BEFORE, "sent_at": DAY_BEFORE}
    row.reminder.occurrences.create(state="sent", n_sends=1, **when, **zone)


def two_others_went_today(person, _row):
    for minute in (30, 40):
        other = reminders.create(by=person.user, kind="log_pain", wall_time=time(6, minute), at=MORNING)
        other.occurrences.filter(local_date=TODAY).update(state="sent", n_sends=1, sent_at=MORNING)


def a_dose_was_taken(person, row):
    medicines.take(by=person.user, uuid=uuid.uuid4(), medicine=row.reminder.medicine, at=SEVEN - MINUTE)


CASES = [
    pytest.param("morning_moves", moves_are_done, "already done", id="moves done"),
    pytest.param("morning_moves", a_safety_point_is_open, "paused after a check-up", id="a safety point open"),
    pytest.param("morning_moves", help_was_shown, "paused after a check-up", id="help was shown"),
    pytest.param("morning_moves", it_went_last_night, send_rules.TOO_SOON, id="moves were asked for last night"),
    pytest.param("log_pain", an_entry_is_there, "already done", id="an entry is there"),
    pytest.param("log_pain", it_went_last_night, send_rules.TOO_SOON, id="an entry was asked for last night"),
    pytest.param("log_pain", two_others_went_today, send_rules.ENOUGH, id="two log reminders went today"),
    pytest.param("medicine", a_dose_was_taken, "already done", id="a dose was taken"),
]


def wish(person, kind):
    told = {"name": "Ibuprofen", "dose": "400 mg"}
    tablets = medicines.add_medicine(by=person.user, uuid=uuid.uuid4(), at=MORNING, on=TODAY, **told)
    how = {"medicine": tablets} if kind == "medicine" else {}
    return reminders.create(by=person.user, kind=kind, wall_time=time(7), at=MORNING, **how)


def decided(pks):
    rows = [*Occurrence.objects.filter(pk__in=pks).select_related("reminder__patient__user").order_by("pk")]
    send_rules.look_up(rows, at=SEVEN)
    return [getattr(send_rules.decide(row, at=SEVEN), "because", "send") for row in rows]


@pytest.mark.parametrize(("kind", "happens", "because"), CASES)
def test_what_holds_one_back_is_found_among_many(alice, bob, kind, happens, because):
    rows = [wish(person, kind).occurrences.get(local_date=TODAY) for person in (alice, bob)]
    happens(alice, rows[0])
    assert decided([row.pk for row in rows]) == [because, "send"]


def test_of_two_rows_of_one_patient_the_second_knows_of_the_first(alice, mailoutbox):
    wishes = [reminders.create(by=alice.user, kind="log_pain", wall_time=time(7, n), at=MORNING) for n in range(3)]
    drain(SEVEN + 3 * MINUTE)
    assert len(mailoutbox) == 2
    assert [row.because for row in Occurrence.objects.filter(reminder=wishes[2], local_date=TODAY)] == [
        "twice already today"
    ]


@pytest.mark.parametrize("kind", ["morning_moves", "log_pain", "medicine"])
def test_one_mail_more_is_one_statement_more(db, kind, mailoutbox):
    people = [open_person(f"p{n}") for n in range(8)]
    wishes = [wish(person, kind) for person in people]
    drain(MORNING)
    cost = []
    for some in (wishes[:2], wishes[2:]):
        Occurrence.objects.filter(local_date=TODAY).update(due_at=SEVEN + HOUR)
        Occurrence.objects.filter(local_date=TODAY, reminder__in=some).update(due_at=SEVEN)
        with CaptureQueriesContext(connection) as asked:
            drain(SEVEN)
        cost.append(len(asked))
    assert len(mailoutbox) == 8
    assert cost[1] - cost[0] == 4
