"""Who may see how the work behind the pages is doing, and what they see of it."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from config import celery
from tests.conftest import PASSWORD
from tests.tracker.diaries import after_midnight, attempt, day, log_days
from tracker.domain.trial_policy import POLICY_VERSION
from tracker.models import NightShard, Occurrence, Patient, Reminder, Tick, User
from tracker.services import accounts, figures, judging, nights
from tracker.web.presenters.operator import JOBS

pytestmark = pytest.mark.django_db

PAGE = reverse("operator_home")
AT = after_midnight(day(27))


@pytest.fixture
def olga() -> Client:
    """Runs this instance, and has no record."""
    client = Client()
    client.force_login(accounts.appoint_operator(email="olga@example.org", password=PASSWORD))
    return client


@pytest.fixture
def judged(alice):
    log_days(alice.patient, range(-28, 28), mean=6)
    tried = attempt(alice.patient)
    judging.judge_due(clock=lambda: AT)
    return tried


# Who may


def test_a_stranger_is_asked_to_log_in():
    response = Client().get(PAGE)
    assert (response.status_code, response.url) == (302, f"{reverse('account_login')}?next={PAGE}")


def test_for_a_patient_the_page_does_not_exist(alice_client):
    assert alice_client.get(PAGE).status_code == 404


def test_nothing_can_be_sent_to_the_page(olga):
    assert olga.post(PAGE).status_code == 405


def test_an_operator_is_led_from_today_to_the_page(olga):
    assert olga.get(reverse("today")).url == PAGE


def test_an_operator_who_is_a_patient_finds_the_page_in_the_settings(alice, alice_client):
    assert PAGE not in alice_client.get(reverse("settings_home")).text
    accounts.appoint_operator(email=alice.email, password=None)
    assert PAGE in alice_client.get(reverse("settings_home")).text
    assert alice_client.get(PAGE).status_code == 200


def test_the_page_names_no_patient(olga, alice, judged):
    text = olga.get(PAGE).text
    for secret in (alice.email, "Alice", str(judged.uuid), "Anti-inflammatory"):
        assert secret not in text


# How one becomes an operator


def run(email: str, *words: str, password: str = "") -> str:
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.StringIO(password + "\n"))
        call_command("operator", email, *words, stdout=out)
    return out.getvalue()


def test_a_new_operator_can_log_in_at_once(client):
    said = run("olga@example.org", "--password-from-stdin", password=PASSWORD)
    assert PAGE in said
    response = client.post(reverse("account_login"), {"login": "olga@example.org", "password": PASSWORD}, follow=True)
    assert response.redirect_chain[-1][0] == PAGE
    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        pytest.param("olga@example.org", "short", "too short", id="a short password"),
        pytest.param("olga@example.org", "", "too short", id="no password"),
        pytest.param("olga", PASSWORD, "valid email", id="no address"),
    ],
)
def test_the_command_refuses(email, password, words):
    with pytest.raises(CommandError, match=words):
        run(email, "--password-from-stdin", password=password)
    assert not User.objects.exists()


def test_without_a_terminal_a_new_account_asks_where_its_password_is():
    with pytest.raises(CommandError, match="--password-from-stdin"):
        run("olga@example.org")


def test_an_account_that_exists_keeps_its_password(alice):
    run(alice.email.upper())
    alice.user.refresh_from_db()
    assert alice.user.is_staff
    assert alice.user.check_password(PASSWORD)


def test_an_operator_can_be_made_one_no_longer(olga):
    run("olga@example.org", "--remove")
    assert olga.get(PAGE).status_code == 404
    with pytest.raises(CommandError, match="no operator"):
        run("olga@example.org", "--remove")


# What they see


def test_before_anything_has_run_the_page_says_so(olga):
    text = olga.get(PAGE).text
    assert "Nothing has been judged yet" in text
    assert "Are the workers and beat started?" in text


def test_every_job_has_a_name():
    assert set(JOBS) == set(celery.app.conf.beat_schedule)


def test_the_page_tells_what_the_night_came_to(olga, judged):
    with time_machine.travel(AT + timedelta(minutes=3), tick=False):
        text = olga.get(PAGE).text
    assert "1 not working" in text
    assert "3\xa0minutes ago" in text
    assert POLICY_VERSION in text


def test_what_is_due_is_counted_with_the_oldest_day(alice, charlie, judged):
    attempt(charlie.patient, starts=25)
    told = figures.judging(at=AT + timedelta(days=3))
    assert (told.n_due, told.oldest_due) == (2, day(28))


def test_leases_are_counted_with_those_of_the_silent(judged):
    later = AT + timedelta(days=1)
    nights.plan(at=later)
    nights.claim(at=later)
    told = figures.judging(at=later)
    assert (told.n_leases, told.n_leases_lost, told.nights[0].n_waiting) == (1, 0, 1)
    told = figures.judging(at=later + 2 * nights.LEASE)
    assert (told.n_leases, told.n_leases_lost) == (0, 1)


def test_work_of_the_day_before_yesterday_is_in_its_own_row_alone(judged):
    told = figures.judging(at=AT + timedelta(days=2))
    assert told.n_judged == 0
    assert [(night.as_of, night.n_judged) for night in told.nights] == [(day(27), 1)]


@pytest.fixture
def mails(alice):
    wish = {"patient": alice.patient, "kind": Reminder.Kind.MEDICINE, "wall_time": "07:00", "changed_at": AT}
    for hours_ago, state, is_ambiguous in [
        (1, "sent", True),
        (1, "sent", False),
        (1, "skipped_late", False),
        (2, "failed", True),
        (0, "pending", False),
        (-5, "pending", False),
        (30, "failed", False),
    ]:
        due_at = AT - timedelta(hours=hours_ago)
        Occurrence.objects.create(
            reminder=Reminder.objects.create(uuid=uuid4(), **wish),
            local_date=due_at.date(),
            zone="UTC",
            due_at=due_at,
            window_ends_at=due_at + timedelta(hours=1),
            state=state,
            is_ambiguous=is_ambiguous,
        )


def test_reminders_of_a_day_are_counted_by_what_became_of_them(mails):
    told = figures.reminders(at=AT)
    assert (told.n_sent, told.n_late, told.n_failed, told.n_ambiguous) == (2, 1, 1, 2)
    assert (told.n_pending, told.n_planned) == (1, 1)


def test_reminders_are_told_by_the_hour(olga, mails):
    hours = figures.reminders(at=AT).hours
    assert [(hour.began_at, hour.by_state.total(), hour.n_open) for hour in hours] == [
        (AT, 1, 1),
        (AT - timedelta(hours=1), 3, 0),
        (AT - timedelta(hours=2), 1, 0),
    ]
    with time_machine.travel(AT, tick=False):
        assert "7 Sep" not in olga.get(PAGE).text
        assert "29 Sep, 02:00" in olga.get(PAGE).text


def test_the_hours_are_those_of_utc_also_for_an_operator_elsewhere(alice, alice_client, mails):
    Patient.objects.filter(pk=alice.patient.pk).update(zone="Asia/Kolkata")  # half an hour beside
    User.objects.filter(pk=alice.user.pk).update(is_staff=True)
    with time_machine.travel(AT, tick=False):
        assert "29 Sep, 02:00" in alice_client.get(PAGE).text


# The same for a machine


@pytest.fixture
def _no_memory():
    cache.clear()


@pytest.mark.usefixtures("_no_memory")
def test_readiness_comes_with_figures_and_without_outcomes(client, judged, mails):
    NightShard.objects.update(n_failed=2)
    Tick.objects.update_or_create(name="drain", defaults={"ticked_at": AT})
    with time_machine.travel(AT + timedelta(minutes=1), tick=False):
        told = client.get("/readyz").json()
    assert told["judging"] == {
        "tick_age_s": 60,
        "due": 0,
        "oldest_due": None,
        "judged": 1,
        "failed": 2,
        "worked_s": 0,
        "leases": 0,
        "leases_lost": 0,
        "policy_version": POLICY_VERSION,
    }
    by_hour = told["reminders"].pop("by_hour")
    assert [sum(hour[what] for hour in by_hour) for what in ("pending", "late", "ambiguous", "failed")] == [1, 1, 2, 1]
    assert told["reminders"].pop("oldest_due_age_s") > 0
    told["reminders"].pop("next_due_at")
    assert told["reminders"] == {"tick_age_s": 60, "pending": 1, "late": 1, "ambiguous": 2, "failed": 1}
    assert "not_working" not in str(told)
