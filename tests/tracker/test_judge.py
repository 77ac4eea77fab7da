"""Whose day is over, the task that beat rings for, and the command by hand."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.tracker.diaries import after_midnight, attempt, day, log_days
from tracker import tasks
from tracker.models import Advice, Tick, TreatmentAttempt, Verdict
from tracker.services import judging, nights

pytestmark = pytest.mark.django_db


def due(at: datetime) -> dict[date, list[TreatmentAttempt]]:
    return {day: list(attempts) for day, attempts in nights.due_for_judgement(at) if attempts}


def in_zone(person, name: str) -> None:
    person.patient.zone = name
    person.patient.save()


@pytest.mark.parametrize(
    ("wall", "zone", "over"),
    [
        pytest.param("2026-11-23T00:29", "Europe/Berlin", "2026-11-21", id="still written down before sleep"),
        pytest.param("2026-11-23T00:30", "Europe/Berlin", "2026-11-22", id="half an hour after midnight"),
        pytest.param("2026-11-23T23:59", "Europe/Berlin", "2026-11-22", id="late next evening"),
        pytest.param("2026-11-23T00:30", "Pacific/Kiritimati", "2026-11-22", id="where the day begins"),
        pytest.param("2026-11-23T00:30", "Pacific/Niue", "2026-11-22", id="where it ends"),
        pytest.param("2026-09-06T01:00", "America/Santiago", "2026-09-04", id="midnight skipped, not yet"),
        pytest.param("2026-09-06T01:30", "America/Santiago", "2026-09-05", id="midnight skipped"),
    ],
)
def test_the_last_day_over(wall, zone, over):
    at = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert nights.last_day_over(at, ZoneInfo(zone)) == date.fromisoformat(over)


def test_each_is_judged_for_the_day_that_is_over_in_their_zone(alice, charlie):
    in_zone(alice, "Pacific/Kiritimati")
    in_zone(charlie, "Pacific/Niue")
    early, late = attempt(alice.patient), attempt(charlie.patient)
    assert due(datetime(2026, 9, 10, 12, tzinfo=UTC)) == {date(2026, 9, 10): [early], date(2026, 9, 9): [late]}


def test_who_was_judged_for_the_day_is_not_due_again(alice):
    attempt(alice.patient)
    at = after_midnight(day(5))
    judging.judge_due(clock=lambda: at)
    assert due(at) == due(at + timedelta(hours=12)) == {}


def test_a_journey_west_judges_no_day_again(alice):
    attempt(alice.patient)
    judging.judge_due(clock=lambda: after_midnight(day(5)))
    in_zone(alice, "America/Los_Angeles")
    assert due(after_midnight(day(5))) == {}


def test_with_nothing_due_a_tick_costs_few_queries(alice, charlie, django_assert_max_num_queries):
    in_zone(charlie, "Pacific/Niue")
    for person in (alice, charlie):
        attempt(person.patient)
    judging.judge_due(clock=lambda: after_midnight(day(5)))
    with django_assert_max_num_queries(12):
        judging.judge_due(clock=lambda: after_midnight(day(5)))


def n_queries(n: int) -> int:
    with CaptureQueriesContext(connection) as queries:
        judging.judge_due(clock=lambda: after_midnight(day(n)))
    return len(queries)


def test_the_queries_of_a_night_do_not_grow_with_the_patients(alice, charlie):
    for key in ("heat", "massage"):
        attempt(alice.patient, key=key)
    judging.judge_due(clock=lambda: after_midnight(day(3)))  # the first tick has its own row to make
    few = n_queries(4)
    for n in range(5):
        attempt(charlie.patient, key="heat", starts=n)
    assert n_queries(5) == few


def test_a_zone_that_is_none_keeps_only_its_own_patients_back(alice, charlie):
    attempt(alice.patient)
    attempt(charlie.patient)
    charlie.patient.zone = "Mars/Olympus"
    charlie.patient.save()
    judging.judge_due(clock=lambda: after_midnight(day(5)))
    assert Verdict.objects.get().attempt.patient == alice.patient


def test_the_task_judges_and_says_that_it_ran(alice):
    attempt(alice.patient)
    with time_machine.travel(after_midnight(day(5)), tick=False):
        tasks.judge_tonight.run()
    assert Verdict.objects.get().as_of == day(5)
    assert Tick.objects.get(name="judge").ticked_at == after_midnight(day(5))


# By hand


@pytest.mark.parametrize(
    ("on", "words"),
    [
        pytest.param("yesterday", "not a date", id="a word"),
        pytest.param("2026-02-30", "not a date", id="no such day"),
        pytest.param("", "not a date", id="nothing"),
        pytest.param("10000-01-01", "not a date", id="five digits"),
        pytest.param("2999-01-01", "has not begun", id="a day to come"),
        pytest.param("0001-01-01", "lies before", id="long ago"),
    ],
)
def test_the_command_refuses(db, on, words):
    with pytest.raises(CommandError, match=words):
        call_command("judge", "again", on=on)


def test_the_command_refuses_an_address_that_nobody_has(db):
    with pytest.raises(CommandError, match="No patient"):
        call_command("judge", "again", on="2026-01-01", email="nobody@example.org")


@pytest.fixture
def two_patients(alice, charlie) -> None:
    for person in (alice, charlie):
        log_days(person.patient, range(-28, 28), mean=6)
        attempt(person.patient)


def test_the_command_sums_up_what_it_did(two_patients, capsys):
    call_command("judge", "again", on=str(day(27)))
    assert capsys.readouterr().out == f"{day(27)}: 2 judged (2 not working), 2 new advice\n"
    call_command("judge", "again", on=str(day(27)))
    assert capsys.readouterr().out == f"{day(27)}: 2 judged (2 not working), 0 new advice\n"


def test_the_command_can_judge_one_patient_alone(two_patients, alice, capsys):
    call_command("judge", "again", on=str(day(27)), email="ALICE@example.org")
    assert Advice.objects.get().attempt.patient == alice.patient


def test_the_command_says_when_there_is_nothing_to_judge(alice, capsys):
    call_command("judge", "again", on="2026-01-01")
    assert capsys.readouterr().out == "2026-01-01: 0 judged (nothing to judge), 0 new advice\n"


def test_the_command_can_judge_one_attempt_alone(two_patients, charlie, capsys):
    theirs = charlie.patient.attempts.get()
    call_command("judge", "again", on=str(day(27)), attempt=theirs.uuid)
    assert Verdict.objects.get().attempt == theirs


def test_the_command_refuses_an_attempt_that_is_not_there(db):
    with pytest.raises(CommandError, match="no treatment attempt"):
        call_command("judge", "again", on="2026-01-01", attempt=uuid4())


def test_the_command_judges_what_is_due_and_tells_how_things_stand(two_patients, capsys):
    with time_machine.travel(after_midnight(day(27)), tick=False):
        call_command("judge", "look")
        assert "due now: 2" in capsys.readouterr().out
        call_command("judge", "run")
        assert capsys.readouterr().out == "Judged: 2 judged (2 not working), 2 new advice\n"
        call_command("judge", "look")
    told = capsys.readouterr().out
    assert "due now: 0\n" in told
    assert f"{day(27)}: 2 judged of 2 due, 0 parts open, 0 failed, taken again 0 times" in told
