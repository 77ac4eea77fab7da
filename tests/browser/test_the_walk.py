"""One person's way through Ebb, from the sign-up to the morning mail, in a real browser."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone

from tracker.models import Occurrence, PainEntry, User
from tracker.services import delivery, reminders

REAL_LOG = Path(__file__).parent.parent / "data" / "real_pain_log.csv"
EMAIL, PASSWORD = "ana@example.org", "a long walk by the sea"


@pytest.fixture
def real_mail(settings: Any, live_server: Any, tmp_path: Path) -> None:
    """Mails are written where the mailbox page reads them, with links to this server."""
    settings.EMAIL_BACKEND = "config.mail.MailboxBackend"
    settings.MAIL_DIR = tmp_path
    settings.SITE_URL = live_server.url


def test_a_patient_signs_up_logs_imports_tries_is_told_and_is_reminded(open_page: Any, real_mail: None) -> None:
    page = open_page("/", service_workers="allow")
    sign_up(page)
    log_pain(page)
    import_the_old_log(page)
    look_at_the_timeline(page)
    attempt_url = try_a_treatment(page)
    is_told_that_it_does_not_help(page, attempt_url)
    answers_a_check_up(page)
    is_reminded_in_the_morning(page)


def sign_up(page: Any) -> None:
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("E-mail").fill(EMAIL)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.get_by_label("What shall we call you?").fill("Ana")
    page.get_by_label("I am 18 or older").check()
    page.get_by_label("Ebb may store what I write").check()
    page.get_by_role("button", name="Make my account").click()
    newest_mail(page)
    page.locator("main a[href*='confirm-email']").first.click()
    page.get_by_role("button", name="Yes, this is me").click()
    page.goto("/")
    assert "Your clock: Europe/Berlin" in page.inner_text("main")
    page.get_by_role("button", name="Yes").click()
    assert "Right?" not in page.inner_text("main")


def log_pain(page: Any) -> None:
    ask = page.get_by_role("group", name="Pain from 0 to 10")
    assert ask.locator("[aria-pressed=true], [checked]").count() == 0
    ask.get_by_role("button", name="7", exact=True).click()
    assert "Saved 7" in page.inner_text("main")
    page.get_by_role("button", name="Undo").click()
    assert PainEntry.objects.count() == 0
    ask.get_by_role("button", name="0", exact=True).click()
    assert list(PainEntry.objects.values_list("nrs", "note")) == [(0, "")]


def import_the_old_log(page: Any) -> None:
    for n_new in (862, 0):
        page.goto("/settings/")
        page.get_by_role("link", name="Bring an older log").click()
        page.locator("input[type=file]").set_input_files(REAL_LOG)
        page.get_by_role("button", name="Show what would happen").click()
        assert f"{n_new} ratings would be added" in page.inner_text("main")
        if n_new:
            page.get_by_role("button", name="Add 862 ratings").click()
    assert PainEntry.objects.count() == 863


def look_at_the_timeline(page: Any) -> None:
    page.goto("/timeline/")
    page.get_by_role("link", name="All", exact=True).click()
    assert page.locator("svg[role=img]:visible").count() == 1
    page.get_by_text("Show as a table").click()
    page.locator("#table").wait_for()
    assert page.locator("table:visible tr").count() > 20


def try_a_treatment(page: Any) -> str:
    page.goto("/treatments/")
    page.get_by_role("link", name="Add").first.click()
    page.get_by_label("What kind of treatment?").select_option("oral_nsaid")
    page.get_by_label("How much, how often").fill("500 mg")
    page.get_by_label("First day", exact=True).fill("2019-11-15")
    page.get_by_label("What you were told you have").fill("worn knee")
    page.get_by_role("button", name="Add it").click()
    assert "worn knee" in page.inner_text("main")
    return page.url


def is_told_that_it_does_not_help(page: Any, attempt_url: str) -> None:
    call_command("judge", "again", on="2020-02-25")
    news = Occurrence.objects.get(reminder__kind="advice")  # of a night, it waits for the morning
    send_what_is_due(at=news.due_at + timedelta(minutes=1))
    words = newest_mail(page).lower()
    assert "something new" in words
    assert not any(word in words for word in ("pain", "nsaid", "knee", "not working"))
    page.goto("/")
    assert "has not brought a drop that matters" in page.inner_text("main")
    page.get_by_role("link", name="See the treatment").click()
    assert page.url.split("#")[0] == attempt_url
    assert "Not working" in page.inner_text("main")


def newest_mail(page: Any) -> str:
    page.goto("/mailbox/")
    page.locator("main a[href*='/mailbox/']").first.click()
    return page.inner_text("main")


def answers_a_check_up(page: Any) -> None:
    page.goto("/checkup/")
    page.get_by_role("button", name="Start the check-up").click()
    for _question in range(60):
        if page.url.rstrip("/").endswith("result"):
            break
        answer_calmly(page)
        page.get_by_role("button", name="Next").or_(page.get_by_role("button", name="Show the result")).click()
    assert "Check-up of" in page.inner_text("main")


def answer_calmly(page: Any) -> None:
    """No or none where that is offered, else the first answer; a number where one is asked for."""
    form = page.locator("main form").first
    if form.locator("input[type=number]").count():
        return form.locator("input[type=number]").fill("44")
    calm = form.get_by_label(re.compile("^(No|None.*)$"))
    if calm.count():
        return calm.first.check()
    boxes = form.locator("input[type=radio], input[type=checkbox]")
    return boxes.first.check() if boxes.count() else None


def is_reminded_in_the_morning(page: Any) -> None:
    page.goto("/settings/reminders/new/")
    page.get_by_label("Morning moves").check()
    page.get_by_label("At what time").fill("07:15")
    page.get_by_role("button", name="Save").click()
    patient = User.objects.get(email=EMAIL).patient
    morning = next_morning(patient.zone)
    reminders.plan(at=morning - timedelta(hours=2))
    send_what_is_due(at=morning)
    sent = Occurrence.objects.get(reminder__kind="morning_moves", state="sent")
    assert sent.local_date == morning.astimezone(ZoneInfo(patient.zone)).date()
    newest_mail(page)
    page.locator("main a[href*='/r/']").first.click()
    assert "Is it done?" in page.inner_text("main")


def next_morning(zone: str) -> datetime:
    """A quarter past seven and a little, tomorrow, in the person's zone."""
    tomorrow = (timezone.now().astimezone(ZoneInfo(zone)) + timedelta(days=1)).date()
    return datetime.combine(tomorrow, datetime.min.time(), ZoneInfo(zone)) + timedelta(hours=7, minutes=16)


def send_what_is_due(*, at: datetime) -> None:
    delivery.drain(clock=lambda: at)
