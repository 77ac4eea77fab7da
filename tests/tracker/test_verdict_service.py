"""What is read for a verdict, and what is stored."""

import subprocess
import sys

import pytest

from tests.tracker.diaries import after_midnight, attempt, day, log, log_days
from tracker.domain import verdict as domain
from tracker.domain.trial_policy import POLICY_VERSION
from tracker.models import EntrySite, PainEntry, TreatmentAttempt, Verdict
from tracker.services import judging, nights, treatment_days, verdicts

pytestmark = pytest.mark.django_db


def judge(n: int, attempts=None) -> judging.Summary:
    chosen = TreatmentAttempt.objects.all() if attempts is None else attempts
    return judging.judge(on=day(n), attempts=chosen, at=after_midnight(day(n)))


def newest(attempt: TreatmentAttempt) -> Verdict:
    return attempt.verdicts.order_by("-as_of", "-pk").first()


@pytest.fixture
def useless(alice) -> TreatmentAttempt:
    """Four weeks of log, then four on tablets that change nothing."""
    log_days(alice.patient, range(-28, 28), mean=6)
    return attempt(alice.patient)


@pytest.fixture
def ways(monkeypatch) -> dict[str, int]:
    """How many attempts were judged in which way."""
    counts = {"judge": 0, "judge_all_nights": 0}
    originals = {name: getattr(domain, name) for name in counts}
    for name in counts:

        def spied(trials, *priors, name=name):
            counts[name] += len(trials)
            return originals[name](trials, *priors)

        monkeypatch.setattr(domain, name, spied)
    return counts


@pytest.fixture
def redone(alice) -> TreatmentAttempt:
    log_days(alice.patient, range(-28, 28), mean=6)
    tried = attempt(alice.patient)
    judge(20)
    return tried


# What is not judged


@pytest.mark.parametrize(
    ("starts", "stopped_on"),
    [pytest.param(21, None, id="begins tomorrow"), pytest.param(0, day(6), id="given up two weeks ago")],
)
def test_an_attempt_is_left_alone_when_it(alice, starts, stopped_on):
    attempt(alice.patient, starts=starts, stopped_on=stopped_on)
    assert judge(20).n_judged == 0
    assert not Verdict.objects.exists()


def test_nothing_is_said_on_a_log_that_starts_with_the_treatment(alice):
    log_days(alice.patient, range(28), mean=2)
    tried = attempt(alice.patient)
    judge(27)
    assert (newest(tried).outcome, newest(tried).reason) == ("cant_tell", "no_baseline")


def test_days_after_the_night_in_question_are_not_read(useless):
    judge(10)
    assert (newest(useless).days_passed, newest(useless).days_logged) == (10, 11)


def test_the_log_of_another_patient_counts_for_nothing(useless, charlie):
    judge(27)
    before = newest(useless).inputs_digest
    log_days(charlie.patient, range(-28, 28), mean=1)
    judge(27)
    assert newest(useless).inputs_digest == before


def test_a_pain_without_a_place_says_nothing_of_a_place(alice):
    log_days(alice.patient, range(-28, 28), mean=6)
    tried = attempt(alice.patient, site="knee_left")
    judge(27)
    assert (newest(tried).days_logged, newest(tried).baseline_days) == (0, 0)


# What is said


def test_a_place_that_is_only_named_counts_with_the_rating_of_the_entry(alice):
    log_days(alice.patient, range(-28, 28), mean=6, site="knee_left")
    EntrySite.objects.update(nrs=None)
    tried = attempt(alice.patient, site="knee_left")
    judge(27)
    assert (newest(tried).outcome, newest(tried).days_logged) == ("not_working", 28)


def test_no_drop_is_called_not_working(useless):
    judge(27)
    verdict = newest(useless)
    assert verdict.outcome == "not_working"
    assert (verdict.baseline_days, verdict.days_logged, verdict.policy_version) == (28, 28, POLICY_VERSION)


@pytest.mark.parametrize("site", [pytest.param("", id="overall"), pytest.param("knee_left", id="a place")])
def test_a_clear_drop_is_called_working(alice, site):
    log_days(alice.patient, range(-28, 0), mean=7, site=site)
    log_days(alice.patient, range(28), mean=3, site=site)
    tried = attempt(alice.patient, site=site)
    judge(27)
    assert newest(tried).outcome == "working"


def test_several_entries_of_a_day_count_as_their_mean(alice):
    tried = attempt(alice.patient)
    for nrs in (2, 3, 7):
        log(alice.patient, day(-1), nrs)
    judge(0)
    assert (newest(tried).raw_baseline_mean, newest(tried).baseline_days) == (4.0, 1)


def test_patients_are_judged_together_as_they_are_alone(useless, charlie):
    log_days(charlie.patient, range(-28, 28), mean=4, seed=2)
    attempt(charlie.patient, key="physiotherapy", site="")
    attempt(charlie.patient, key="heat", starts=20, site="knee_left")
    judge(27)
    together = dict(Verdict.objects.values_list("attempt", "p_reach"))
    Verdict.objects.all().delete()
    for one in TreatmentAttempt.objects.all():
        judge(27, TreatmentAttempt.objects.filter(pk=one.pk))
    assert dict(Verdict.objects.values_list("attempt", "p_reach")) == pytest.approx(together, abs=1e-3)


# Tonight alone, or from the start


def test_night_by_night_and_from_the_start_say_the_same(alice, ways):
    log_days(alice.patient, range(-20, 0), mean=7)
    log_days(alice.patient, range(0, 40, 2), mean=5, seed=3)
    tried = attempt(alice.patient, key="heat")
    for n in range(40):
        judge(n)
    assert ways == {"judge": 39, "judge_all_nights": 1}
    stored = list(tried.verdicts.order_by("as_of").values_list("outcome", "reason", "p_helped", "days_passed"))
    Verdict.objects.all().delete()
    (log_now,) = judging.trials.read([tried], on=day(39))
    again = [
        (night.outcome, night.reason or "", night.p_helped, night.days_passed)
        for night in domain.judge_every_night(log_now.trial())
    ]
    assert stored == again


def test_a_steady_log_is_judged_for_tonight_only(redone, ways):
    judge(21)
    assert ways == {"judge": 1, "judge_all_nights": 0}


def edit_a_day(tried):
    PainEntry.objects.filter(local_date=day(3)).update(nrs=0)


def delete_a_day(tried):
    PainEntry.objects.filter(local_date=day(-5)).delete()


def add_a_day(tried):
    log(tried.patient, day(-40), 6)


def move_the_start(tried):
    TreatmentAttempt.objects.update(started_on=day(1))


def remember(tried):
    TreatmentAttempt.objects.update(recalled_nrs=8)


def miss_a_night(tried):
    Verdict.objects.update(as_of=day(19))


@pytest.mark.parametrize("change", [edit_a_day, delete_a_day, add_a_day, move_the_start, remember, miss_a_night])
def test_judged_from_the_start_again_after(redone, ways, change):
    change(redone)
    judge(21)
    assert ways == {"judge": 0, "judge_all_nights": 1}
    assert Verdict.objects.filter(as_of=day(21)).count() == 1


def test_an_edit_of_a_judged_day_leaves_earlier_verdicts_as_they_were(redone):
    first = Verdict.objects.values().get()
    edit_a_day(redone)
    judge(21)
    assert Verdict.objects.values().get(as_of=day(20)) == first


def test_a_day_logged_late_for_tonight_is_not_an_edit_of_the_past(redone, ways):
    log(redone.patient, day(21), 3)
    judge(21)
    assert ways["judge_all_nights"] == 0


# Twice, or killed


def test_a_second_run_adds_nothing(useless):
    judge(27)
    judge(27)
    assert Verdict.objects.count() == 1


def test_a_night_judged_again_after_an_edit_keeps_both_verdicts(useless):
    judge(27)
    edit_a_day(useless)
    judge(27)
    assert useless.verdicts.filter(as_of=day(27)).count() == 2


def test_killed_between_chunks_the_rest_is_judged_next_time(useless, charlie, monkeypatch):
    attempt(charlie.patient)
    monkeypatch.setattr(nights, "SHARD_SIZE", 1)
    with monkeypatch.context() as killed:
        read, chunks = judging.trials.read, iter([None])

        def once(*args, **options):
            if next(chunks, "killed"):
                raise SystemExit
            return read(*args, **options)

        killed.setattr(judging.trials, "read", once)
        with pytest.raises(SystemExit):
            judging.judge_due(clock=lambda: after_midnight(day(27)))
    assert Verdict.objects.count() == 1
    judging.judge_due(clock=lambda: after_midnight(day(27)) + 2 * nights.LEASE)
    assert Verdict.objects.values("attempt").distinct().count() == 2


# Other treatments


def test_a_later_treatment_is_not_credited_to_an_earlier_one(alice):
    log_days(alice.patient, range(-28, 40), mean=7)
    log_days(alice.patient, range(40, 80), mean=3)
    tablets = attempt(alice.patient)
    exercises = attempt(alice.patient, key="physiotherapy", starts=40)
    judge(79)
    assert (newest(tablets).outcome, newest(tablets).days_passed) == ("not_working", 79)
    assert newest(exercises).outcome == "working"


def test_an_earlier_treatment_is_not_credited_to_a_later_one(alice):
    log_days(alice.patient, range(-28, 0), mean=8)
    log_days(alice.patient, range(80), mean=4)
    attempt(alice.patient, key="massage")
    tablets = attempt(alice.patient, starts=50)
    judge(79)
    assert newest(tablets).outcome == "not_working"
    assert newest(tablets).baseline_days == 78


def test_a_treatment_begun_ten_days_after_another_gets_a_verdict_of_its_own_and_a_mark(alice):
    log_days(alice.patient, range(-28, 60), mean=6)
    tablets, heat = attempt(alice.patient), attempt(alice.patient, key="heat", starts=10)
    judge(59)
    assert [v.confounded_with for v in (newest(tablets), newest(heat))] == [[str(heat.uuid)], [str(tablets.uuid)]]
    assert [v.days_passed for v in (newest(tablets), newest(heat))] == [59, 49]


def test_with_company_too_a_steady_log_is_judged_for_tonight_only_until_the_other_treatment_changes(alice, ways):
    log_days(alice.patient, range(-28, 40), mean=6)
    attempt(alice.patient)
    heat = attempt(alice.patient, key="heat", starts=20)
    judge(30)
    judge(31)
    assert ways == {"judge": 2, "judge_all_nights": 2}
    heat.started_on = day(18)
    heat.save()
    judge(32)
    assert ways == {"judge": 2, "judge_all_nights": 4}


def test_two_begun_in_the_same_week_are_marked_as_one_trial(alice):
    log_days(alice.patient, range(-28, 0), mean=7)
    log_days(alice.patient, range(40), mean=3)
    tablets, heat = attempt(alice.patient), attempt(alice.patient, key="heat", starts=5)
    judge(39)
    assert [(v.outcome, v.reason) for v in (newest(tablets), newest(heat))] == [("working", "mixed")] * 2
    assert newest(tablets).change == newest(heat).change
    assert newest(tablets).confounded_with == [str(heat.uuid)]


def test_one_treatment_after_the_other_can_be_judged_on_a_log_that_began_with_the_first(alice):
    log_days(alice.patient, range(60), mean=6)
    attempt(alice.patient, stopped_on=day(30))
    heat = attempt(alice.patient, key="heat", starts=30)
    judge(59)
    assert newest(heat).baseline_days == 30


def test_a_treatment_of_a_lifetime_is_read_for_two_years_at_most(alice):
    tried = attempt(alice.patient, starts=-40_000)
    judge(0)
    assert newest(tried).days_passed == 730


def test_the_newest_verdict_of_each_attempt_costs_one_query(alice, django_assert_num_queries):
    log_days(alice.patient, range(-28, 80), mean=6)
    attempt(alice.patient)
    attempt(alice.patient, key="massage", starts=40)
    judge(38)
    judge(79)
    with django_assert_num_queries(2):
        attempts = list(verdicts.with_latest_verdict(alice.patient.attempts.all()))
    with django_assert_num_queries(0):
        assert {attempt.latest_verdict.as_of for attempt in attempts} == {day(79)}


def test_the_pages_start_without_numpy():
    check = "import django, sys; django.setup(); import config.urls; sys.exit('numpy' in sys.modules)"
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        f"import os; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'config.settings'); {check}",
    ]
    assert subprocess.run(command, timeout=60).returncode == 0


def test_days_on_which_another_treatment_was_paused_are_laid_to_neither(alice):
    """The first takes half of the pain away, and is paused for two weeks after the second was begun."""
    log_days(alice.patient, range(-28, 0), mean=7)
    log_days(alice.patient, [*range(30), *range(44, 70)], mean=3.5)
    attempt(alice.patient)
    later = attempt(alice.patient, key="massage", starts=22)
    judge(69)
    undisturbed = told(later, 69)
    log_days(alice.patient, range(30, 44), mean=7)
    first = alice.patient.attempts.get(started_on=day(0))
    treatment_days.pause(by=alice.user, attempt=first, from_day=day(30), at=after_midnight(day(30)), on=day(30))
    treatment_days.resume(by=alice.user, attempt=first, from_day=day(44), at=after_midnight(day(44)), on=day(44))
    judge(69)
    assert told(later, 69) == undisturbed


def told(attempt: TreatmentAttempt, n: int) -> tuple[object, ...]:
    newest = attempt.verdicts.filter(as_of=day(n)).latest("pk")
    return newest.outcome, newest.change, newest.p_reach, newest.days_logged
