"""How many taps a patient needs, and that the keyboard, a narrow page with large letters and the way back do as well."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.conftest import Person
from tracker.services import demo, medicines, pain_log

PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True}
# Counts what a person touches, over all pages of the session; a script's own clicks do not count.
COUNT = """addEventListener("click", (event) => {
  if (event.isTrusted) sessionStorage.taps = Number(sessionStorage.taps || 0) + 1;
}, true)"""
WITHOUT_ROOM = """[...document.querySelectorAll("main *")].filter(part => {
  const box = part.getBoundingClientRect(), isScrolled = part.closest(".table-box, .pains, svg, .visually-hidden, pre");
  return !isScrolled && box.width && (box.right > innerWidth + 1 || box.left < -1);
}).map(part => part.outerHTML.slice(0, 90))"""


@pytest.fixture
def on_phone(open_page: Callable[..., Any], alice: Person) -> Callable[[str], Any]:
    """Alice's phone, opened on a page, with every tap counted from then on."""

    def on_phone(path: str = "/") -> Any:
        page = open_page("/what-is-stored/", person=alice, **PHONE)
        page.add_init_script(COUNT)
        page.goto(path)
        return page

    return on_phone


def taps(page: Any) -> int:
    return page.evaluate("Number(sessionStorage.taps || 0)")


def tap(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).tap()


def scores(person: Person) -> list[int]:
    return list(person.patient.pain_entries.newest_first().values_list("nrs", flat=True))


def log(person: Person, *, nrs: int) -> None:
    at = timezone.now() - timedelta(hours=2)
    said = {"uuid": uuid4(), "nrs": nrs, "felt_at": at, "zone": "Europe/Berlin", "source": "web", "at": at}
    pain_log.add(by=person.user, **said)


def test_one_tap_from_the_opened_app_is_a_whole_entry(on_phone, alice):
    page = on_phone()
    assert page.locator("main .just-saved, main :checked, main [aria-pressed=true]").count() == 0
    tap(page, "7")
    assert (taps(page), scores(alice)) == (1, [7])
    tap(page, "Undo")
    assert (taps(page), scores(alice)) == (2, [])


def test_the_same_as_last_time_is_one_tap(on_phone, alice):
    log(alice, nrs=3)
    page = on_phone()
    tap(page, "Same as last time: 3")
    assert (taps(page), scores(alice)) == (1, [3, 3])


def test_a_bad_day_is_two_taps_and_no_question(on_phone, alice):
    page = on_phone()
    with page.expect_navigation():
        page.get_by_role("link", name="Bad day? Only the number").tap()
    assert page.locator("main input:visible, main select:visible, main textarea:visible").count() == 0
    tap(page, "6")
    assert (taps(page), scores(alice)) == (2, [6])


def test_a_medicine_taken_is_one_tap(on_phone, alice):
    at = timezone.now()
    medicines.add_medicine(by=alice.user, uuid=uuid4(), name="Paracetamol", dose="500 mg", on=at.date(), at=at)
    page = on_phone()
    tap(page, "Paracetamol 500 mg")
    assert (taps(page), alice.patient.intakes.get().dose) == (1, "500 mg")


def test_an_earlier_moment_saved_again_after_going_back_is_no_second_entry(on_phone, alice):
    page = on_phone(f"{reverse('entry_earlier')}?day=2026-05-30")
    fill_in(page, "4")
    page.go_back()
    page.get_by_role("button", name="Save", exact=True).wait_for()
    fill_in(page, "5")
    assert scores(alice) == [5]


def fill_in(page: Any, nrs: str) -> None:
    page.locator(".scale label", has_text=nrs).first.tap()
    page.get_by_label("Time").fill("09:30")
    tap(page, "Save")


def test_a_number_its_place_and_its_undoing_need_no_more_than_the_keyboard(open_page, alice):
    page = open_page(person=alice)
    press(page, "8", "Enter")
    for name in ("Neck, middle", "More about this moment"):
        reach(page, name)
        page.keyboard.press("Space")
    press(page, "Add to this entry", "Enter")
    entry = alice.patient.pain_entries.get()
    assert (entry.nrs, [row.site for row in entry.sites.all()]) == (8, ["neck"])
    press(page, "Undo", "Space")
    press(page, "Put it back", "Enter")
    assert scores(alice) == [8]


def press(page: Any, name: str, key: str) -> None:
    reach(page, name)
    with page.expect_navigation():
        page.keyboard.press(key)


def reach(page: Any, name: str) -> None:
    """Goes on with the Tab key until what has that name has the focus, and is seen to have it."""
    seen = "e => (e.labels?.[0] || e).innerText.trim() || e.getAttribute('aria-label')"
    for _ in range(80):
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        if focus.count() and focus.evaluate(seen) == name:
            return
    raise AssertionError(f"the Tab key does not come to {name!r}")


def test_no_page_of_the_log_runs_off_a_narrow_phone_with_large_letters(open_page, db):
    patient = demo.make(at=datetime.now(UTC))
    page = open_page(person=Person(patient.user, "", ""), **PHONE)
    entry = patient.pain_entries.newest_first().first()
    names = ["today", "entry_list", "entry_earlier", "timeline", "history_calendar", "history_patterns", "body_map"]
    pages = [*map(reverse, names), reverse("entry_sites", args=[entry.uuid]), reverse("entry_edit", args=[entry.uuid])]
    for address in [*pages, f"/?entry={entry.uuid}", f"{reverse('timeline')}?range=week&table=1"]:
        page.goto(address)
        for size in ("100%", "200%"):
            page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
            assert page.evaluate(WITHOUT_ROOM) == [], (address, size)
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, (address, size)
