"""Learning from the attempts of this instance: only by command, and only from enough of them."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from tests.tracker.diaries import after_midnight, attempt, day, log_days
from tracker.domain import calibration as domain
from tracker.domain.priors import COLD_START
from tracker.domain.trial_policy import POLICY_VERSION
from tracker.models import Calibration, Patient, TreatmentAttempt, Verdict
from tracker.services import calibrations, judging, learning

pytestmark = pytest.mark.django_db

LATER = after_midnight(day(60))


@pytest.fixture
def finished(alice, charlie, monkeypatch):
    """Three attempts, and three are enough."""
    monkeypatch.setattr(domain, "MIN_ATTEMPTS", 3)
    for person, mean in ((alice, 6), (charlie, 4)):
        log_days(person.patient, range(-28, 56), mean=mean)
        attempt(person.patient)
    return attempt(charlie.patient, starts=20, key="heat")


def calibrate(*words: str) -> None:
    with time_machine.travel(LATER, tick=False):
        call_command("calibrate", *words)


# From whom


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"started_on": day(55)}, id="whose fair trial is still to come"),
        pytest.param({"started_on": day(-27)}, id="without a baseline"),
        pytest.param({"stopped_on": day(23)}, id="given up after three days"),
    ],
)
def test_nothing_is_learnt_from_an_attempt(finished, change, monkeypatch):
    TreatmentAttempt.objects.filter(pk=finished.pk).update(**change)
    with pytest.raises(learning.TooFewFinished) as few:
        learning.propose(at=LATER)
    assert few.value.n_attempts == 2


def test_nothing_is_learnt_from_two_begun_together(finished):
    TreatmentAttempt.objects.filter(pk=finished.pk).update(started_on=day(2))
    with pytest.raises(learning.TooFewFinished) as few:
        learning.propose(at=LATER)
    assert few.value.n_attempts == 1


def test_nothing_is_learnt_from_the_demonstration(finished, alice):
    Patient.objects.filter(pk=alice.patient.pk).update(is_demo=True)
    with pytest.raises(learning.TooFewFinished):
        learning.propose(at=LATER)


def test_what_comes_after_the_fair_trial_teaches_nothing(finished):
    before = learning.propose(at=LATER).new
    TreatmentAttempt.objects.get(pk=finished.pk).patient.pain_entries.filter(local_date__gt=day(50)).update(nrs=10)
    assert learning.propose(at=LATER).new == before


# The command


def test_too_few_attempts_are_refused_in_words(alice):
    with pytest.raises(CommandError, match="0 attempts are finished and well logged; 500 are needed"):
        calibrate("--save")
    assert not Calibration.objects.exists()


def test_old_is_shown_against_new_and_nothing_is_changed(finished, capsys):
    calibrate()
    told = capsys.readouterr().out
    assert told.splitlines()[1].split() == [POLICY_VERSION, f"{POLICY_VERSION}+1"]
    assert "usual pain before, mean                                6.200" in told
    assert "Nothing was changed" in told
    assert calibrations.in_force() == COLD_START


def test_saved_numbers_are_judged_with_from_the_next_night_on(finished, capsys):
    judging.judge_due(clock=lambda: LATER)
    calibrate("--save")
    assert f"Saved as {POLICY_VERSION}+1" in capsys.readouterr().out
    judging.judge_due(clock=lambda: LATER + timedelta(days=1))
    versions = dict(Verdict.objects.values_list("as_of", "policy_version"))
    assert versions == {day(60): POLICY_VERSION, day(61): f"{POLICY_VERSION}+1"}
    assert calibrations.in_force().level_mean != COLD_START.level_mean


def test_stored_numbers_come_back_as_they_were(finished):
    proposal = learning.propose(at=LATER)
    stored = learning.save(proposal, at=LATER)
    stored.refresh_from_db()
    assert calibrations.priors_of(stored) == proposal.new == calibrations.in_force()


def test_the_newest_holds_and_each_has_a_version_of_its_own(finished):
    for _ in range(2):
        learning.save(learning.propose(at=LATER), at=LATER)
    assert calibrations.in_force().version == f"{POLICY_VERSION}+2"


def test_learnt_under_another_policy_they_do_not_hold(finished):
    learning.save(learning.propose(at=LATER), at=LATER)
    Calibration.objects.update(policy_version="2025.9")
    assert calibrations.in_force() == COLD_START


def test_numbers_that_nobody_tried_out_are_saved_only_if_that_is_meant(finished, alice, capsys):
    alice.patient.pain_entries.filter(local_date__lt=day(0)).update(nrs=10)
    alice.patient.pain_entries.filter(local_date__gte=day(0)).update(nrs=0)
    with pytest.raises(CommandError, match="Not saved"):
        calibrate("--save")
    assert "has not been measured" in capsys.readouterr().out
    assert not Calibration.objects.exists()
    calibrate("--save", "--though-untested")
    assert Calibration.objects.get().n_attempts == 3
