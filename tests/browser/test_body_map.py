"""The drawn body in a real browser: finger, keyboard, screen reader's view, and without script."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from tracker.services import pain_log
from tracker.services.pain_log import SiteRating

HIGH = 3000  # so that the bar at the bottom of a phone covers nothing while it is measured
SMALL_ZONES = """[...document.querySelectorAll("[data-zone]")].filter(zone => {
  const box = zone.getBoundingClientRect();
  return box.width && Math.min(box.width, box.height) < 24;
}).map(zone => [zone.dataset.zone, zone.getBoundingClientRect().width, zone.getBoundingClientRect().height])"""

# From the figure's one stop by every arrow key from each zone that one leads to; how many zones that makes.
REACHED = """face => {
  const reached = new Set(), waiting = [document.querySelector(`[data-face=${face}] [tabindex="0"]`)];
  while (waiting.length) {
    const zone = waiting.pop();
    if (reached.has(zone)) continue;
    reached.add(zone);
    for (const key of ["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight"]) {
      zone.focus();
      zone.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      waiting.push(document.activeElement);
    }
  }
  return reached.size;
}"""


def log(person, *, days_ago=0, **said):
    now = timezone.now()
    felt_at = now - timedelta(days=days_ago)
    usual = {"uuid": uuid4(), "nrs": 5, "felt_at": felt_at, "zone": "Europe/Berlin", "source": "web", "at": now}
    return pain_log.add(by=person.user, **usual | said)


@pytest.fixture
def entry(alice):
    return log(alice, sites=[SiteRating(site="low_back", nrs=8)])


def address(entry):
    return reverse("entry_sites", args=[entry.uuid])


def ratings(entry):
    return {(rating.site, rating.nrs, rating.quality) for rating in pain_log.content_of(reread(entry)).sites}


def reread(entry):
    return type(entry).objects.get(pk=entry.pk)


@pytest.mark.parametrize("width", [360, 1280])
def test_the_drawing_is_easy_to_read_and_to_touch(open_page, axe, alice, entry, width):
    page = open_page(address(entry), person=alice, viewport={"width": width, "height": HIGH})
    for face in ("Front", "Back"):
        if width == 360:
            page.get_by_role("button", name=face, exact=True).click()
        axe(page)
        assert page.evaluate(SMALL_ZONES) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_text("Choose from a list").click()
    axe(page)


def test_the_map_of_many_days_is_easy_to_read(open_page, axe, alice):
    for days_ago in range(30):
        log(alice, days_ago=days_ago, sites=[SiteRating(site="neck", nrs=days_ago // 3), SiteRating(site="belly")])
    page = open_page(reverse("body_map"), person=alice)
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": HIGH})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_by_role("img").count() == 4


def test_two_taps_name_a_place_and_its_number(open_page, alice, entry):
    page = open_page(address(entry), person=alice, viewport={"width": 360, "height": 800}, has_touch=True)
    page.get_by_role("button", name="Back", exact=True).tap()
    page.locator("[data-zone=between_shoulder_blades]").tap()
    page.locator("[data-site=between_shoulder_blades] label.nrs-7").tap()
    page.get_by_role("button", name="Save").tap()
    page.get_by_text("Added to your entry.").wait_for()
    assert ratings(entry) == {("low_back", 8, ""), ("between_shoulder_blades", 7, "")}


def test_a_zone_and_its_box_in_the_list_are_one(open_page, alice, entry):
    page = open_page(address(entry), person=alice)
    page.get_by_text("Choose from a list").click()
    page.locator("input[value=neck]").check()
    assert page.locator("[data-zone=neck]").get_attribute("aria-checked") == "true"
    page.locator("[data-zone=neck]").click()
    assert not page.locator("input[value=neck]").is_checked()
    assert page.locator("[data-site=neck]").count() == 0


def test_a_place_chosen_again_has_its_number_still(open_page, alice, entry):
    page = open_page(address(entry), person=alice)
    for _ in range(2):
        page.locator("[data-zone=low_back]").click()
    assert page.locator("[data-site=low_back] input:checked").input_value() == "8"


def test_the_keyboard_goes_from_zone_to_zone_and_each_says_its_name_and_number(open_page, alice, entry):
    page = open_page(address(entry), person=alice)
    page.locator("[data-face=back] [tabindex='0']").focus()
    heard = set()
    for _ in range(12):
        page.keyboard.press("ArrowDown")
        heard.add(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert {"Neck, middle", "Mid back, spine", "Low back, spine, 8 out of 10"} <= heard
    page.locator("[data-zone=neck]").focus()
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.getAttribute('aria-checked')") == "true"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.getAttribute('aria-checked')") == "false"


def test_every_zone_is_reached_by_arrow_keys(open_page, alice, entry):
    page = open_page(address(entry), person=alice)
    for face in ("front", "back"):
        n_zones = page.locator(f"[data-face={face}] [data-zone]").count()
        assert page.evaluate(REACHED, face) == n_zones > 10


def test_the_tab_key_stops_once_for_each_figure(open_page, alice, entry):
    page = open_page(address(entry), person=alice)
    page.locator("[data-face=front] [tabindex='0']").focus()
    stops = []
    for _ in range(2):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.closest('[data-face]')?.dataset.face"))
    assert stops == ["back", None]
    assert page.evaluate("document.activeElement.tagName") == "INPUT"  # the number of the place that the entry names


def test_without_script_the_list_does_it_all(open_page, alice, entry):
    page = open_page(address(entry), person=alice, java_script_enabled=False)
    page.get_by_text("Choose from a list").click()
    page.get_by_label("Neck, middle").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("group", name="Neck, middle").get_by_text("6", exact=True).click()
    page.get_by_label("What does it feel like there?").first.select_option("tight")
    page.get_by_role("button", name="Save").click()
    assert ratings(entry) == {("low_back", 8, ""), ("neck", 6, "tight")}
