"""Dana, the demonstration patient, whatever today's date is."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command

from assessments import services as checkups
from tracker.models import Advice, Occurrence, PainEntry, Patient, Tick, User
from tracker.services import (
    adherences,
    advice,
    calendar_feeds,
    demo,
    demo_opinions,
    exercises,
    move_plans,
    move_trial,
    red_flags,
    said_so_far,
    sharing,
    verdicts,
)

TODAY = datetime(2026, 11, 23, 10, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def standing(patient: Patient) -> dict[str, tuple[str, str]]:
    attempts = verdicts.with_latest_verdict(patient.attempts.all())
    return {a.treatment_type.key: (a.latest_verdict.outcome, a.latest_verdict.reason) for a in attempts}


def test_she_exists_on_a_local_installation_only(settings):
    settings.LOCAL_MODE = False
    with pytest.raises(CommandError, match="local installation only"):
        call_command("demo")
    assert not User.objects.exists()


def test_half_made_she_is_not_there_at_all(monkeypatch):
    monkeypatch.setattr(demo, "_try_treatments", lambda *_, **__: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        demo.make(at=TODAY)
    assert not User.objects.exists()
    assert not PainEntry.objects.exists()


@pytest.mark.once
@pytest.mark.parametrize(
    "at",
    [
        pytest.param(datetime(2027, 3, 28, 0, 59, tzinfo=UTC), id="before the clocks go forward"),
        pytest.param(datetime(2027, 10, 31, 23, 30, tzinfo=UTC), id="the night after they go back"),
        pytest.param(datetime(2028, 2, 29, 4, 30, tzinfo=UTC), id="early on a leap day"),
    ],
)
def test_on_any_date_even_at_night_one_works_one_does_not_and_one_is_too_early(at):
    with time_machine.travel(at, tick=False):
        call_command("demo", verbosity=0)
    patient = Patient.objects.get()
    assert standing(patient) == {
        "oral_nsaid": ("not_working", ""),
        "physiotherapy": ("working", ""),
        "morning_moves": ("cant_tell", "too_early"),
        "heat": ("cant_tell", "too_early"),
    }
    first = advice.open_advice(patient, on=at.date())[0]
    assert (first.kind, first.state, first.attempt.name) == ("not_working", "new", "Naproxen 250 mg twice a day")
    assert not patient.pain_entries.filter(felt_at__gt=at).exists()
    (sent,) = mail.outbox  # it does not wait for the morning
    assert sent.to == [demo.EMAIL]
    assert "aproxen" not in sent.subject + sent.body


# Written once, for the tests that only look: they come last, for hers is a row that stays


@pytest.fixture(scope="module")
def dana(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), time_machine.travel(TODAY, tick=False):
        call_command("demo", verbosity=0)
        yield Patient.objects.get(is_demo=True)
        User.objects.filter(email=demo.EMAIL).delete()
        Patient.objects.filter(is_demo=True).delete()
        Tick.objects.all().delete()


def test_the_mail_is_sent_at_once_and_names_no_treatment(dana):
    occurrence = Occurrence.objects.get(reminder__patient=dana, reminder__kind="advice")
    assert occurrence.state == Occurrence.State.SENT


def test_her_log_is_half_a_year_with_gaps(dana):
    days = dana.pain_entries.values("local_date").distinct().count()
    assert dana.pain_entries.earliest("felt_at").local_date >= TODAY.date() - timedelta(days=179)
    assert 0.80 * 180 <= days <= 0.95 * 180
    assert dana.pain_entries.count() > 1.2 * days


def test_some_of_her_entries_say_more(dana):
    entries = dana.pain_entries
    assert entries.filter(sites__site="between_shoulder_blades").exclude(sites__quality="").exists()
    assert entries.exclude(note="").exists()
    assert entries.filter(sleep__isnull=False, mood__isnull=False, interference__isnull=False).count() > 20
    assert entries.exclude(managed="").exists() and entries.exclude(helped="").exists()


def test_many_of_her_entries_say_what_set_it_off_and_what_eased_it(dana):
    ticked = dana.pain_entries.values_list("triggers", "eased_by")
    assert sum(bool(triggers and eased_by) for triggers, eased_by in ticked) > 30


def test_she_was_asked_for_her_sleep_once_a_day(dana):
    days = list(dana.pain_entries.filter(sleep__isnull=False).values_list("local_date", flat=True))
    assert len(days) == len(set(days)) > 20


def test_her_check_up_has_a_result_and_lets_her_exercise(dana):
    result = dana.user.assessments.finished().get()
    assert result.level == "routine"
    assert result.outcome["causes"]
    assert not checkups.exercise_is_paused(dana.user)


def test_she_did_four_weeks_of_morning_moves_and_one_of_them_too_much(dana):
    sessions = exercises.history(dana)
    assert [session.is_red for session in sessions].count(True) == 1
    assert (len(sessions), sessions[-1].day, sessions[-1].morning) == (20, TODAY.date() - timedelta(days=1), None)
    course = move_plans.day_of(patient=dana, at=TODAY).facts.course
    assert (course.level.stage, course.change) == ("B", "three_good")


def test_her_moves_are_a_treatment_on_trial_with_its_days(dana):
    attempt = move_trial.attempt_of(patient=dana)
    used = adherences.adherences([attempt], on=TODAY.date())[attempt.pk]
    assert (used.n_done, used.is_unfair) == (20, False)


def test_her_calendar_reads_the_feed_and_nothing_is_sent_to_a_browser_of_hers(dana):
    feed = calendar_feeds.content(feed=calendar_feeds.feed_of(dana), at=TODAY)
    assert b"BEGIN:VEVENT" in feed
    assert [phone.gone_at is not None for phone in dana.push_devices.all()] == [True]


def test_she_has_told_of_her_health_and_her_medicines(dana):
    assert (dana.health_profile.birth_year, dana.health_profile.facts["anti_inflammatory"]) == (1980, "yes")
    named = {medicine.name: medicine.intakes.count() for medicine in dana.medicines.all()}
    assert named["Naproxen"] > 25 and named["Paracetamol"] > 2 and named["Vitamin D"] == 0
    assert not dana.intakes.filter(taken_at__gt=TODAY).exists()


def test_her_wishes(dana):
    wishes = dict(dana.reminders.timed().values_list("kind", "wall_time"))
    assert wishes == {"morning_moves": time(7), "questions": time(18), "log_pain": time(20)}
    assert dana.reminders.get(kind="morning_moves").weekdays == "12345"
    assert (dana.zone, dana.emergency_region, dana.quiet_from, dana.quiet_until) == (
        "Europe/Lisbon",
        "eu",
        time(22),
        time(7),
    )


def test_she_has_one_visit_behind_her_with_answers_and_two_to_come(dana):
    past, coming, last = dana.appointments.order_by("starts_at")
    assert past.starts_at < TODAY < coming.starts_at < last.starts_at
    assert past.next_attempt.treatment_type.key == "physiotherapy"
    assert all(one.answer for one in past.questions.all())
    assert not any(one.answer for visit in (coming, last) for one in visit.questions.all())
    assert coming.mails.get().state == Occurrence.State.PENDING


def test_nobody_can_log_in_as_her_with_a_password(dana):
    assert not dana.user.has_usable_password()
    assert dana.user.emailaddress_set.get().verified


def test_made_twice_she_is_made_once(dana):
    before = (dana.pain_entries.count(), Advice.objects.count())
    call_command("demo", verbosity=0)
    assert Patient.objects.filter(is_demo=True).get() == dana
    assert (dana.pain_entries.count(), Advice.objects.count()) == before


def test_once_her_log_is_a_week_old_she_is_made_anew_ends_today_and_is_otherwise_the_same(dana, alice):
    entries = list(dana.pain_entries.order_by("felt_at").values_list("nrs", flat=True))
    assert demo.make(at=TODAY + timedelta(days=5)) == dana
    later = TODAY + timedelta(days=9)
    anew = demo.make(at=later)
    assert set(Patient.objects.all()) == {anew, alice.patient}
    assert anew != dana
    assert list(anew.pain_entries.order_by("felt_at").values_list("nrs", flat=True)) == entries
    assert later.date() - anew.pain_entries.latest("felt_at").local_date <= timedelta(days=2)


def test_she_answered_the_short_questions_on_a_bad_day_some_weeks_ago(dana):
    (screen,) = dana.red_flag_screens.all()
    assert (screen.nrs >= 7, set(screen.answers.values()), screen.checkup) == (True, {"no"}, None)
    assert timedelta(days=30) < TODAY - screen.answered_at < timedelta(days=150)


def test_nothing_urgent_meets_who_looks_at_her_first(dana):
    assert red_flags.standing(patient=dana, at=TODAY).entry is None


def test_she_shows_second_opinions_from_the_question_to_what_came_of_it(dana):
    now, first = dana.second_opinions.all()
    assert sorted(first.comparisons.values_list("outcome", flat=True)) == ["different", "undecided"]
    assert (first.views.count(), first.closed_at is not None) == (1, True)
    assert dana.attempts.get(diagnosis__in=said_so_far.overturned(dana)).own_words == "Naproxen"
    share = now.shares.get()
    assert [view.act for view in share.shown.all()] == ["asked", "opened"]
    sharing.unlock(share=share, passphrase=demo_opinions.PASSPHRASE, at=TODAY)
    assert sharing.by_token(sharing.token_of(share), at=TODAY) == share
    past, *coming = dana.appointments.all()
    assert all(question.answer for question in past.questions.all())
    assert past.next_attempt.treatment_type.key == "physiotherapy"
    assert [bool(visit.opinion) for visit in coming] == [False, True]
