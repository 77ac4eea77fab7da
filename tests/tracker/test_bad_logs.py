"""Logs and days that nobody means: each gets a verdict or a reason, on every page, and nothing breaks."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction

from tests.conftest import client_for
from tests.tracker.diaries import after_midnight, attempt, day, log_days
from tracker.models import PainEntry, Patient, TreatmentAttempt, Verdict
from tracker.services import judging, treatments

pytestmark = pytest.mark.django_db

LAST = day(27)


def enter(patient: Patient, ratings: Iterable[tuple[date, int]], *, zone: str = "Europe/Berlin") -> None:
    """Many entries at once."""
    PainEntry.objects.bulk_create(
        PainEntry(
            patient=patient,
            uuid=uuid4(),
            nrs=nrs,
            felt_at=datetime.combine(on, time(12), UTC),
            recorded_at=datetime.combine(on, time(12), UTC),
            changed_at=datetime.combine(on, time(12), UTC),
            local_date=on,
            zone=zone,
            source=PainEntry.Source.WEB,
        )
        for on, nrs in ratings
    )


def night(n: int, **only: object) -> None:
    on = day(n)
    judging.judge(on=on, attempts=TreatmentAttempt.objects.filter(**only), at=after_midnight(on))


def everywhere(person, tried: TreatmentAttempt, *, n: int = 28) -> Mapping[str, object]:
    """What the API tells, after all that shows the attempt on that morning has been looked at."""
    with time_machine.travel(datetime.combine(day(n), time(8), UTC), tick=False):
        client = client_for(person)
        for path in ("/", "/treatments/", f"/treatments/{tried.uuid}/", f"/treatments/{tried.uuid}/?table"):
            assert client.get(path).status_code == 200, path
        return client.get(f"/api/v1/attempts/{tried.uuid}/overview/").json()


EVERY_DAY = [day(n) for n in range(-28, 28)]


@pytest.mark.parametrize(
    ("ratings", "outcome", "reason"),
    [
        pytest.param([], "cant_tell", "no_baseline", id="no entries"),
        pytest.param([(day(-1), 5)], "cant_tell", "no_baseline", id="one entry, before"),
        pytest.param([(day(3), 5)], "cant_tell", "no_baseline", id="one entry, with it"),
        pytest.param([(on, 0) for on in EVERY_DAY], "cant_tell", "low_baseline", id="all zeros"),
        pytest.param([(on, 10) for on in EVERY_DAY], "not_working", "", id="all tens"),
        pytest.param(
            [*((on, 6) for on in EVERY_DAY), *((day(20), nrs % 11) for nrs in range(1000))],
            "not_working",
            "",
            id="a thousand entries in one day",
        ),
        pytest.param([(day(n), 6) for n in range(-3650, 28)], "not_working", "", id="ten years"),
    ],
)
def test_a_log_like_this_gets_its_verdict_or_its_reason(alice, ratings, outcome, reason):
    enter(alice.patient, ratings)
    tried = attempt(alice.patient)
    night(27)
    verdict = tried.verdicts.get()
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert everywhere(alice, tried)["changes"][0]["outcome"] == outcome


def test_ten_years_with_the_treatment_are_told_as_far_as_they_are_read(alice):
    enter(alice.patient, [(day(n), 6) for n in range(-3650, 28)])
    tried = attempt(alice.patient, starts=-3600)
    night(27)
    assert tried.verdicts.get().outcome == "not_working"
    assert everywhere(alice, tried)["told"]["day"] == treatments.LONGEST_TRIAL + 1


def test_a_start_in_the_future_is_not_judged(alice):
    log_days(alice.patient, range(-28, 28), mean=6)
    tried = attempt(alice.patient, starts=60)
    night(27)
    assert not tried.verdicts.exists()
    assert everywhere(alice, tried)["told"] is None


def test_a_stop_before_the_start_is_refused_everywhere(alice, alice_client):
    tried = attempt(alice.patient)
    with pytest.raises(treatments.StopBeforeStart):
        treatments.stop(
            by=alice.user, attempt=tried, stopped_on=day(-1), reason="done", at=after_midnight(LAST), on=LAST
        )
    sent = {"treatment_type": "massage", "started_on": str(day(0)), "stopped_on": str(day(-1))}
    answer = alice_client.put(f"/api/v1/attempts/{uuid4()}/", sent, content_type="application/json")
    assert answer.status_code == 422
    with pytest.raises(IntegrityError), transaction.atomic():
        TreatmentAttempt.objects.filter(pk=tried.pk).update(stopped_on=day(-1))
    assert alice.patient.attempts.get().stopped_on is None


def test_a_stop_on_the_first_day_leaves_nothing_to_judge(alice):
    log_days(alice.patient, range(-28, 28), mean=6)
    tried = attempt(alice.patient, stopped_on=day(0))
    night(27)
    assert not tried.verdicts.exclude(outcome="cant_tell").exists()
    everywhere(alice, tried)


def test_entries_deleted_after_a_verdict_change_the_next_night_and_not_what_was_said(alice):
    log_days(alice.patient, range(-28, 28), mean=6)
    tried = attempt(alice.patient)
    night(26)
    alice.patient.pain_entries.all().delete()
    night(27)
    told = [(verdict.as_of, verdict.outcome, verdict.reason) for verdict in tried.verdicts.order_by("as_of")]
    assert told == [(day(26), "not_working", ""), (day(27), "cant_tell", "no_baseline")]
    everywhere(alice, tried)


def test_two_attempts_on_the_same_day_share_their_verdict(alice):
    log_days(alice.patient, range(-28, 0), mean=7)
    log_days(alice.patient, range(28), mean=2)
    tried = [attempt(alice.patient), attempt(alice.patient, key="massage")]
    night(27)
    verdicts = [one.verdicts.get() for one in tried]
    assert {(verdict.outcome, verdict.reason, verdict.change) for verdict in verdicts} == {
        ("working", "mixed", verdicts[0].change)
    }
    assert [everywhere(alice, one)["mixed_with"] for one in tried] == [[str(tried[1].uuid)], [str(tried[0].uuid)]]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Niue"])
def test_a_zone_change_in_the_middle_judges_each_day_once_and_keeps_the_days_of_the_log(alice, zone):
    enter(alice.patient, [(day(n), 6) for n in range(-28, 14)])
    tried = attempt(alice.patient)
    for n in range(7, 28):
        if n == 14:
            alice.patient.zone = zone
            alice.patient.save()
            enter(alice.patient, [(day(n), 6) for n in range(14, 28)], zone=zone)
        at = datetime.combine(day(n + 1), time(23), UTC)
        judging.judge_due(clock=lambda at=at: at)
    nights = list(tried.verdicts.order_by("as_of").values_list("as_of", flat=True))
    assert nights == sorted(set(nights)) and nights[-1] in {day(26), day(27), day(28)}
    verdict = tried.verdicts.latest("as_of")
    assert verdict.outcome == "not_working"
    assert everywhere(alice, tried, n=29)["told"]["days_logged"] == verdict.days_logged


@pytest.mark.parametrize(
    ("zone", "told_day"),
    [pytest.param("Pacific/Kiritimati", 6, id="ahead"), pytest.param("Pacific/Niue", 5, id="behind")],
)
def test_the_day_of_a_treatment_is_that_of_the_patients_own_calendar(alice, zone, told_day):
    """At 11 in London it is tomorrow on Kiritimati and just still yesterday evening on Niue."""
    tried = attempt(alice.patient)
    alice.patient.zone = zone
    alice.patient.save()
    with time_machine.travel(datetime.combine(day(5), time(10, 30), UTC), tick=False):
        client = client_for(alice)
        client.post(f"/treatments/{tried.uuid}/day/", {"day": str(day(told_day - 1)), "said": "done"})
        assert tried.days.get().local_date == day(told_day - 1)
        client.post(f"/treatments/{tried.uuid}/day/", {"day": str(day(told_day + 1)), "said": "done"})
    assert tried.days.count() == 1


def test_verdicts_of_odd_logs_hold_numbers_that_any_file_can_hold(alice):
    enter(alice.patient, [(on, 0) for on in EVERY_DAY])
    attempt(alice.patient)
    night(27)
    row = Verdict.objects.values().get()
    chances = [row[name] for name in ("p_helped", "p_now", "p_reach", "p_worse")]
    assert all(0 <= chance <= 1 for chance in chances)
    assert 0 <= row["before"] <= 10 and 0 <= row["now"] <= 10
