"""How a night's work is shared out, made up for after an outage, and written down."""

from datetime import timedelta

import pytest

from tests.tracker.diaries import after_midnight, attempt, day, log, log_days
from tracker.models import Advice, NightShard, PainEntry, Tick, Verdict
from tracker.services import judging, nights, verdict_rows

pytestmark = pytest.mark.django_db

TOLD = ("attempt", "as_of", "outcome", "reason", "p_helped", "p_reach", "days_passed", "inputs_digest")


def judge_after(n: int, *, later: timedelta = timedelta(0)) -> judging.Summary:
    return judging.judge_due(clock=lambda: after_midnight(day(n)) + later)


def told() -> set[tuple]:
    return set(Verdict.objects.values_list(*TOLD))


def ranges() -> list[tuple[int, int]]:
    return list(NightShard.objects.order_by("first_attempt").values_list("first_attempt", "last_attempt"))


@pytest.fixture
def five(alice, monkeypatch) -> list:
    """Attempts of one patient, in shards of two."""
    monkeypatch.setattr(nights, "SHARD_SIZE", 2)
    return [attempt(alice.patient, key="heat") for _ in range(5)]


# Who gets what


def test_the_work_is_shared_out_in_parts_that_touch_no_other(five):
    nights.plan(at=after_midnight(day(5)))
    first, second, third, fourth, fifth = (one.pk for one in five)
    assert ranges() == [(first, second), (third, fourth), (fifth, fifth)]
    assert set(NightShard.objects.values_list("as_of", "n_due")) == {(day(5), 2), (day(5), 1)}


def test_planning_again_adds_nothing(five):
    for _ in range(2):
        nights.plan(at=after_midnight(day(5)))
    assert NightShard.objects.count() == 3


def test_who_falls_due_beside_an_open_part_gets_one_of_their_own(five, charlie, monkeypatch):
    nights.plan(at=after_midnight(day(5)))
    NightShard.objects.exclude(first_attempt=five[2].pk).delete()
    monkeypatch.setattr(nights, "SHARD_SIZE", 100)
    nights.plan(at=after_midnight(day(5)))
    first, second, third, fourth, fifth = (one.pk for one in five)
    assert ranges() == [(first, second), (third, fourth), (fifth, fifth)]


def test_two_workers_are_never_at_the_same_part(five):
    at = after_midnight(day(5))
    nights.plan(at=at)
    claimed = [nights.claim(at=at) for _ in range(4)]
    assert len({shard.pk for shard in claimed[:3]}) == 3
    assert claimed[3] is None


def test_a_part_comes_back_when_its_worker_is_silent_for_too_long(five):
    at = after_midnight(day(5))
    nights.plan(at=at)
    lost = [nights.claim(at=at) for _ in range(3)][0]
    assert nights.claim(at=at + nights.LEASE) is None
    again = nights.claim(at=at + nights.LEASE + timedelta(seconds=1))
    assert (again.pk, again.n_tries) == (lost.pk, 2)


def test_a_part_that_keeps_failing_lets_the_others_go_first(five):
    at = after_midnight(day(5))
    nights.plan(at=at)
    failing = nights.claim(at=at)
    NightShard.objects.filter(pk=failing.pk).update(lease_until=at - timedelta(seconds=1))
    assert [nights.claim(at=at).pk for _ in range(3)][-1] == failing.pk


def test_a_worker_that_was_given_up_stores_nothing(five, monkeypatch):
    by_night, overtaken = nights.by_night, []

    def slowly(due, *, on):
        for night in by_night(due, on=on):
            if not overtaken:
                overtaken.append(night)
                judge_after(5, later=2 * nights.LEASE)
            yield night

    monkeypatch.setattr(nights, "by_night", slowly)
    assert judge_after(5).n_judged == 0
    assert Verdict.objects.count() == len(five)


def test_what_was_judged_by_hand_meanwhile_is_left_alone(five, alice):
    nights.plan(at=after_midnight(day(5)))
    judging.judge(on=day(5), attempts=alice.patient.attempts.all(), at=after_midnight(day(5)))
    log(alice.patient, day(5), 3)
    assert judge_after(5).n_judged == 0
    assert Verdict.objects.count() == len(five)


def test_no_part_is_begun_when_the_time_is_used_up(five):
    at = after_midnight(day(5))
    assert judging.judge_due(clock=lambda: at, budget_s=0).n_judged == 0
    assert NightShard.objects.open().count() == 3
    assert judge_after(5).n_judged == 5


# Missed nights


@pytest.fixture
def tried(alice):
    log_days(alice.patient, range(-28, 40), mean=6)
    return attempt(alice.patient)


def test_after_an_outage_all_is_as_if_there_had_been_none(tried):
    for n in range(20, 28):
        judge_after(n)
    undisturbed, advised = told(), Advice.objects.get().verdict.as_of
    Verdict.objects.filter(as_of__gt=day(20)).delete()
    judge_after(27)
    assert told() == undisturbed
    assert Advice.objects.get().verdict.as_of == advised


def test_an_outage_is_made_up_for_though_the_worker_dies_in_the_middle(tried, monkeypatch):
    for n in range(20, 28):
        judge_after(n)
    undisturbed = told()
    Verdict.objects.filter(as_of__gt=day(20)).delete()
    with monkeypatch.context() as killed:
        add, nights_left = verdict_rows.add, iter(range(3))

        def some(judged, **options):
            if next(nights_left, None) is None:
                raise SystemExit
            add(judged, **options)

        killed.setattr(verdict_rows, "add", some)
        with pytest.raises(SystemExit):
            judge_after(27)
    assert Verdict.objects.filter(as_of__gt=day(20)).count() == 3
    judge_after(27, later=2 * nights.LEASE)
    assert told() == undisturbed


def test_of_a_longer_outage_only_the_newest_night_is_judged(tried):
    judge_after(10)
    judge_after(30)
    assert set(Verdict.objects.values_list("as_of", flat=True)) == {day(10), day(30)}


def test_an_attempt_that_was_never_judged_starts_with_the_newest_night(tried):
    judge_after(30)
    assert [verdict.as_of for verdict in Verdict.objects.all()] == [day(30)]


def test_an_attempt_whose_last_night_lies_in_the_outage_gets_it(tried):
    tried.stopped_on = day(10)
    tried.save()
    judge_after(20)
    judge_after(29)
    assert set(Verdict.objects.values_list("as_of", flat=True)) == {day(n) for n in range(20, 24)}
    assert judge_after(29).n_judged == 0


# What cannot be judged


@pytest.fixture
def broken(five, monkeypatch) -> int:
    """The key of an attempt whose log breaks the arithmetic."""
    read, key = judging.trials.read, five[1].pk

    def breaking(attempts, **options):
        if key in [one.pk for one in attempts]:
            raise ValueError("pain must lie on the scale")
        return read(attempts, **options)

    monkeypatch.setattr(judging.trials, "read", breaking)
    return key


def test_an_attempt_that_cannot_be_judged_keeps_nobody_else_back(five, broken, caplog):
    summary = judge_after(5)
    assert (summary.n_judged, summary.n_failed) == (4, 1)
    assert broken not in Verdict.objects.values_list("attempt", flat=True)
    assert f"attempt {broken} cannot be judged" in caplog.text


def test_a_database_that_is_away_is_not_taken_for_a_bad_attempt(five, monkeypatch):
    from django.db import OperationalError

    def away(*args, **options):
        raise OperationalError("the connection was lost")

    monkeypatch.setattr(judging.trials, "read", away)
    with pytest.raises(OperationalError):
        judge_after(5)
    monkeypatch.undo()
    assert judge_after(5, later=2 * nights.LEASE).n_failed == 0
    assert Verdict.objects.count() == 5


# The ledger


def test_the_ledger_tells_what_the_night_came_to(tried):
    judge_after(27)
    shard = NightShard.objects.get()
    assert (shard.state, shard.n_due, shard.n_judged, shard.n_advice, shard.n_failed) == ("done", 1, 1, 1, 0)
    assert shard.outcomes == {"not_working": 1}
    assert shard.policy_version == Verdict.objects.get().policy_version
    assert (shard.lease_token, shard.lease_until) == (None, None)


def test_the_ledger_counts_what_could_not_be_judged(five, broken):
    judge_after(5)
    assert sorted(NightShard.objects.values_list("n_judged", "n_failed")) == [(1, 0), (1, 1), (2, 0)]


def test_the_ledger_forgets_nights_long_past_and_nothing_open(five):
    judge_after(5)
    nights.plan(at=after_midnight(day(6)))
    nights.forget_old(at=after_midnight(day(5)) + nights.LEDGER_KEPT_FOR + timedelta(days=3))
    assert set(NightShard.objects.values_list("state", "as_of")) == {("waiting", day(6))}


def test_a_night_of_edited_logs_is_judged_from_the_start_and_agrees(tried):
    judge_after(20)
    PainEntry.objects.filter(local_date=day(-3)).update(nrs=1)
    for n in (21, 22, 23):
        judge_after(n)
    nightly = told() - set(Verdict.objects.filter(as_of=day(20)).values_list(*TOLD))
    Verdict.objects.filter(as_of__gt=day(20)).delete()
    Tick.objects.all().delete()
    for n in (21, 22, 23):
        Verdict.objects.filter(as_of=day(n - 1)).update(inputs_digest="edited")
        judge_after(n)
    from_the_start = {row[:-1] for row in Verdict.objects.filter(as_of__gt=day(20)).values_list(*TOLD)}
    assert from_the_start == {row[:-1] for row in nightly}
