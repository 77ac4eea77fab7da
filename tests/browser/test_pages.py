"""What a reader of the markup cannot see: the look at real widths, the keyboard, and the number of taps."""

from django.urls import reverse
from django.utils import timezone

from tests.tracker.announced import advise_twice

PUBLIC = ["welcome", "stored", "offline", "account_signup", "account_login", "account_reset_password"]
OWN = [
    "today",
    "bad_day",
    "entry_list",
    "entry_earlier",
    "settings_home",
    "zone_confirm",
    "account_email",
    "account_logout",
]
HIGH = 6000  # so that the bar at the bottom of a phone covers nothing while it is measured
# Everything that is touched, but for links inside a line of text and boxes whose label is the target.
SMALL_TARGETS = """[...document.querySelectorAll("a, button, input, select, textarea, summary")].filter(element => {
  const box = element.closest("label") || element, size = box.getBoundingClientRect();
  const hidden = !size.width || element.type === "hidden" || element.classList.contains("skip");
  const label = element.labels?.[0]?.getBoundingClientRect();
  const inText = getComputedStyle(box).display === "inline";
  return !hidden && !inText && Math.max(size.height, label?.height || 0) < 44;
}).map(element => element.outerHTML.slice(0, 80))"""


def test_public_pages_are_easy_to_read_and_to_touch(open_page, axe, db):
    check_all(open_page(), axe, PUBLIC)


def test_own_pages_are_easy_to_read_and_to_touch(open_page, axe, alice):
    check_all(open_page(person=alice), axe, OWN)


def check_all(page, axe, names):
    for name in names:
        page.goto(reverse(name))
        check(page, axe)


def check(page, axe):
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": HIGH})
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), width
        assert page.evaluate(SMALL_TARGETS) == [], width


def test_one_tap_saves_and_another_takes_it_back(open_page, axe, alice):
    page = open_page(person=alice, viewport={"width": 320, "height": 640})
    page.get_by_role("button", name="4", exact=True).click()
    page.get_by_text("Saved 4 at").wait_for()
    axe(page)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Put it back").wait_for()
    assert not alice.patient.pain_entries.exists()


def test_the_way_to_more_advice_stands_apart_from_the_first_piece(open_page, alice):
    advise_twice(alice, at=timezone.now())
    page = open_page(person=alice, viewport={"width": 360, "height": HIGH})
    link = page.get_by_role("link", name="1 more piece of advice")
    card = link.locator("xpath=ancestor::div[1]/*[1]").bounding_box()
    assert link.bounding_box()["y"] >= card["y"] + card["height"] + 8


def test_every_name_in_the_bar_of_a_narrow_phone_is_whole_and_wide_enough(open_page, alice):
    page = open_page(person=alice, viewport={"width": 320, "height": 640})
    links = page.get_by_role("navigation", name="Main").get_by_role("link")
    boxes = [link.bounding_box() for link in links.all()]
    assert len(boxes) == 6
    assert {box["y"] for box in boxes} == {boxes[0]["y"]}
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44
    assert links.evaluate_all("links => links.every(link => link.scrollWidth <= link.clientWidth)")


def test_the_zone_of_the_browser_goes_into_the_form(open_page, db):
    page = open_page(reverse("account_signup"), timezone_id="Asia/Kathmandu")
    assert page.locator("[data-zone-field]").input_value() in {"Asia/Kathmandu", "Asia/Katmandu"}


def test_pages_work_without_script(open_page, alice):
    page = open_page(person=alice, java_script_enabled=False)
    page.get_by_role("button", name="10", exact=True).click()
    page.get_by_text("Saved 10 at").wait_for()


def test_the_keyboard_reaches_the_content_first(open_page, alice):
    page = open_page(person=alice)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "0"
