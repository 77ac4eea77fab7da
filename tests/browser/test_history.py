"""The pages beside the course, in a real browser: on a phone, on a desktop, in the dark, and by keyboard."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.conftest import Person
from tests.tracker.diaries import log
from tracker.services import demo

SMALL_DAYS = """[...document.querySelectorAll(".calendar td a")].filter(day => {
  const box = day.getBoundingClientRect();
  return Math.min(box.width, box.height) < 24;
}).length"""
HERE = "document.activeElement.href?.split('day=')[1]"


@pytest.fixture
def dana(db):
    patient = demo.make(at=datetime.now(UTC))
    return Person(patient.user, patient.user.email, "")


@pytest.fixture
def logging(alice):
    """Alice, with a number for each of the last 150 days."""
    for ago in range(150, 0, -1):
        log(alice.patient, timezone.localdate() - timedelta(days=ago), 4 + ago % 3)
    return alice


def addresses(person):
    on = person.patient.attempts.earliest("started_on").started_on
    return [
        reverse("history_calendar"),
        reverse("history_patterns"),
        f"{reverse('history_compare')}?on={on}&weeks=8",
        f"{reverse('entry_list')}?day={on}",
        f"{reverse('timeline')}?range=month&on={on}&table=1",
    ]


def test_every_way_to_look_at_the_log_is_easy_to_read(open_page, axe, dana):
    page = open_page(person=dana)
    for address in addresses(dana):
        page.goto(address)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 6000})
            axe(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, address
            assert page.evaluate(SMALL_DAYS) == 0


def test_no_table_breaks_a_day_over_lines_on_a_phone(open_page, logging):
    address = f"{reverse('timeline')}?table=1&range=month"
    page = open_page(address, person=logging, viewport={"width": 360, "height": 900})
    one_line = "row => row.getClientRects()[0].height < 2.5 * parseFloat(getComputedStyle(row).lineHeight)"
    days = "[...document.querySelector('#table table').querySelectorAll('tbody th')]"
    assert page.evaluate(f"{days}.length") > 20
    assert page.evaluate(f"{days}.filter(row => !({one_line})(row)).map(row => row.textContent)") == []


def test_a_week_before_is_reached_by_keyboard_and_the_keyboard_stays_there(open_page, logging):
    page = open_page(f"{reverse('timeline')}?range=week", person=logging)
    page.get_by_role("link", name="The week before").focus()
    title = page.locator("#range-title").inner_text()
    for _ in range(3):
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.rel") == "prev"
        assert page.locator("#range-title").inner_text() != title
        title = page.locator("#range-title").inner_text()


def test_the_days_of_a_year_are_one_stop_and_arrows_lead_from_day_to_day(open_page, logging):
    page = open_page(reverse("history_calendar"), person=logging)
    stops = page.locator(".calendar td a[tabindex='0']")
    assert stops.count() == 1
    stops.focus()
    today = datetime.fromisoformat(page.evaluate(HERE)).date()
    for key, days in (("ArrowLeft", -1), ("ArrowUp", -8), ("ArrowRight", -7), ("ArrowDown", 0), ("ArrowDown", 0)):
        page.keyboard.press(key)
        assert page.evaluate(HERE) == str(today + timedelta(days=days)), key
    page.keyboard.press("Home")
    assert page.evaluate(HERE) == str(logging.patient.pain_entries.earliest("local_date").local_date)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "?day=" in page.url


def test_without_script_every_day_is_a_link_of_its_own(open_page, logging):
    page = open_page(reverse("history_calendar"), person=logging, java_script_enabled=False)
    assert page.locator(".calendar td a:not([tabindex])").count() > 100
