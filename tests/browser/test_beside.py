"""The card on Today after a tap: complete as it is, and more for who opens it."""

import pytest
from django.urls import reverse

from tests.browser.test_pages import check
from tracker.domain.beside import ASKED
from tracker.services import accounts

SMALL = {"width": 360, "height": 800}
# A number in a row is wide enough for a thumb.
NARROW = """[...document.querySelectorAll(".scale.plain label")].filter(
  label => label.getBoundingClientRect().width < 44 || label.getBoundingClientRect().height < 44).length"""


@pytest.fixture
def page(open_page, alice):
    accounts.choose_asked(by=alice.user, asked=ASKED)
    page = open_page(person=alice, viewport=SMALL)
    page.get_by_role("button", name="4", exact=True).click()
    page.get_by_text("Saved 4 at").wait_for()
    return page


def test_the_open_card_is_easy_to_read_and_to_touch(page, axe):
    page.get_by_text("More about this moment").click()
    page.get_by_text("Another place").click()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")  # else the bar at the foot covers half a row
    check(page, axe)
    for width in (320, 360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(NARROW) == 0, width


def test_nothing_is_asked_before_the_fold_is_opened(page):
    assert page.get_by_text("How is your mood?").is_visible() is False
    assert page.locator("main :checked:not(option)").count() == 0


def test_what_is_said_is_saved_with_the_keyboard_and_can_be_taken_back(page, alice):
    page.get_by_text("More about this moment").click()
    mood = page.get_by_role("group", name="How is your mood?")
    mood.get_by_role("radio", name="3", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_role("group", name="What may have set it off?").get_by_text("stress").click()
    page.get_by_role("button", name="Add to this entry").click()
    page.get_by_text("May have set it off: stress").wait_for()
    entry = alice.patient.pain_entries.get()
    assert (entry.mood, entry.triggers, entry.sleep) == (3, ["stress"], None)
    page.get_by_text("More about this moment").click()
    mood.get_by_role("radio", name="Not said").check(force=True)
    page.get_by_role("button", name="Add to this entry").click()
    page.get_by_text("Mood 3").wait_for(state="detached")
    entry.refresh_from_db()
    assert (entry.mood, entry.triggers) == (None, ["stress"])


def test_an_earlier_moment_saved_twice_by_going_back_is_one_entry(open_page, alice):
    page = open_page(reverse("entry_earlier"), person=alice, viewport=SMALL)
    page.get_by_text("6", exact=True).first.click()
    page.get_by_label("Day", exact=True).fill("2026-05-31")
    page.get_by_label("Time", exact=True).fill("22:15")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved 6 for").wait_for()
    page.go_back()
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()
    assert alice.patient.pain_entries.count() == 1


def test_the_page_of_what_is_asked_is_easy_to_read_and_to_touch(open_page, axe, alice):
    check(open_page(reverse("asked_edit"), person=alice), axe)
