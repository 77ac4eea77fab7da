from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from tests.tracker import diaries
from tracker.models import AuditEvent, TreatmentDay
from tracker.services import judging, treatment_days, treatments

pytestmark = pytest.mark.django_db

TODAY = diaries.day(40)
AT = datetime(2026, 10, 11, 12, tzinfo=UTC)
WHEN = {"at": AT, "on": TODAY}


@pytest.fixture
def tablets(alice):
    return diaries.attempt(alice.patient, own_words="Naproxen")


def note(person, attempt, day: date, *, is_done: bool = True) -> None:
    treatment_days.note(by=person.user, attempt=attempt, day=day, is_done=is_done, on=TODAY)


def pause(person, attempt, first: int, *, again: int | None = None):
    treatment_days.pause(by=person.user, attempt=attempt, from_day=diaries.day(first), **WHEN)
    if again is not None:
        treatment_days.resume(by=person.user, attempt=attempt, from_day=diaries.day(again), **WHEN)
    attempt.refresh_from_db()
    return attempt


def verdict(attempt, on: date):
    judging.judge(on=on, attempts=attempt.patient.attempts.all(), at=diaries.after_midnight(on))
    return attempt.verdicts.get(as_of=on)


@pytest.mark.parametrize(
    "n", [pytest.param(-1, id="before the start"), pytest.param(41, id="tomorrow"), pytest.param(35, id="in the pause")]
)
def test_a_day_on_which_it_was_not_used_cannot_be_noted(alice, tablets, n):
    pause(alice, tablets, 30)
    with pytest.raises(treatment_days.DayNotOfAttempt):
        note(alice, tablets, diaries.day(n))
    assert not TreatmentDay.objects.exists()


def test_the_last_word_on_a_day_holds_and_can_be_taken_back(alice, tablets):
    note(alice, tablets, TODAY)
    note(alice, tablets, TODAY, is_done=False)
    assert tablets.days.get().state == "missed"
    treatment_days.forget(by=alice.user, attempt=tablets, day=TODAY)
    assert not tablets.days.exists()


@pytest.mark.parametrize("first", [0, 41])
def test_a_pause_begins_after_the_start_and_by_today(alice, tablets, first):
    with pytest.raises(treatment_days.DayNotOfAttempt):
        pause(alice, tablets, first)


def test_what_has_stopped_cannot_be_paused(alice, tablets):
    treatments.stop(by=alice.user, attempt=tablets, stopped_on=TODAY, reason="done", **WHEN)
    with pytest.raises(treatment_days.AttemptNotUnderWay):
        pause(alice, tablets, 20)


def test_a_pause_is_said_twice_but_not_two_ways(alice, tablets):
    pause(alice, tablets, 20)
    pause(alice, tablets, 20)
    with pytest.raises(treatment_days.AttemptPaused):
        pause(alice, tablets, 21)
    assert AuditEvent.objects.filter(verb="paused").count() == 1


def test_after_a_long_pause_it_is_a_new_start(alice, tablets):
    pause(alice, tablets, 5)
    with pytest.raises(treatment_days.PauseTooLong):
        pause_end = diaries.day(5 + treatment_days.LONGEST_PAUSE + 1)
        treatment_days.resume(by=alice.user, attempt=tablets, from_day=pause_end, **WHEN)


def test_a_pause_makes_the_fair_trial_longer(alice, tablets):
    pause(alice, tablets, 10, again=15)
    assert (tablets.paused_on, tablets.paused_days, tablets.trial_days) == (None, 5, 14 + 5)
    assert tablets.days.filter(state="paused").count() == 5


def test_the_days_of_a_pause_are_not_judged(alice, tablets):
    diaries.log_days(alice.patient, range(-14, 31), mean=5)
    pause(alice, tablets, 10, again=15)
    assert verdict(tablets, diaries.day(20)).days_logged == 21 - 5


def test_a_pause_that_goes_on_is_judged_as_of_its_last_day(alice, tablets):
    diaries.log_days(alice.patient, range(-14, 31), mean=5)
    pause(alice, tablets, 10)
    assert verdict(tablets, diaries.day(20)).days_logged == 10


def test_a_stop_ends_a_pause(alice, tablets):
    pause(alice, tablets, 30)
    treatments.stop(by=alice.user, attempt=tablets, stopped_on=diaries.day(33), reason="done", **WHEN)
    tablets.refresh_from_db()
    assert (tablets.paused_on, tablets.paused_days) == (None, 3)


def test_what_was_used_too_little_has_not_failed(alice, tablets):
    diaries.log_days(alice.patient, range(-14, 31), mean=5)
    for n in range(10):
        note(alice, tablets, diaries.day(n), is_done=n < 5)
    said = verdict(tablets, diaries.day(30))
    assert (said.outcome, said.reason) == ("cant_tell", "not_fairly_tried")
    assert not alice.patient.attempts.filter(advice__isnull=False).exists()


def test_a_night_goes_on_from_what_was_seen_and_not_from_what_was_told(alice, tablets):
    """Else a verdict that the keep rule holds would be lost once more days were noted as done."""
    diaries.log_days(alice.patient, range(-14, 31), mean=5)
    for n in range(10):
        note(alice, tablets, diaries.day(n), is_done=n < 5)
    assert verdict(tablets, diaries.day(29)).reason == "not_fairly_tried"
    seen = judging._verdicts_of(diaries.day(29), [tablets.pk])
    assert seen[tablets.pk][0] == "not_working"


def test_what_nobody_says_anything_about_is_judged_as_ever(alice, tablets):
    diaries.log_days(alice.patient, range(-14, 31), mean=5)
    assert verdict(tablets, diaries.day(30)).outcome == "not_working"


# Taking it up again, and taking a deletion back


def test_what_goes_on_is_not_taken_up_again(alice, tablets):
    with pytest.raises(treatments.AttemptAlreadyOpen):
        treatments.restart(by=alice.user, attempt=tablets, uuid=uuid4(), from_day=TODAY, **WHEN)


def test_taken_up_again_it_is_another_attempt_of_the_same(alice, tablets):
    treatments.stop(by=alice.user, attempt=tablets, stopped_on=diaries.day(20), reason="side_effects", **WHEN)
    again = treatments.restart(by=alice.user, attempt=tablets, uuid=uuid4(), from_day=TODAY, **WHEN)
    assert (again.own_words, again.started_on, again.stopped_on, again.stop_reason) == ("Naproxen", TODAY, None, "")


def test_a_deletion_is_taken_back_with_all_that_was_said(alice, tablets):
    diaries.log_days(alice.patient, range(-14, 31), mean=5)
    note(alice, tablets, TODAY)
    verdict(tablets, diaries.day(30))
    kept = {name: list(getattr(tablets, name).values()) for name in ("days", "verdicts", "advice")}
    assert all(kept.values())
    token = treatments.remove(by=alice.user, attempt=tablets)
    assert not alice.patient.attempts.exists()
    back = treatments.restore(by=alice.user, token=token)
    assert treatments.restore(by=alice.user, token=token) == back
    assert treatments.content_of(back) == treatments.content_of(tablets)
    assert {name: list(getattr(back, name).values()) for name in kept} == kept


def test_a_stranger_cannot_take_a_deletion_back(alice, charlie, tablets):
    token = treatments.remove(by=alice.user, attempt=tablets)
    for by, text in ((charlie.user, token), (alice.user, token + "x"), (alice.user, "")):
        with pytest.raises(treatments.removed_attempts.UndoExpired):
            treatments.restore(by=by, token=text)


def test_what_was_started_anew_meanwhile_is_not_doubled(alice, tablets):
    token = treatments.remove(by=alice.user, attempt=tablets)
    kind = tablets.treatment_type
    treatments.start(
        by=alice.user, uuid=uuid4(), treatment_type=kind, own_words="Naproxen", started_on=TODAY - timedelta(1), **WHEN
    )
    with pytest.raises(treatments.AttemptAlreadyOpen):
        treatments.restore(by=alice.user, token=token)
    assert alice.patient.attempts.count() == 1
