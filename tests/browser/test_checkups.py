"""Five ways through the check-up, by keyboard alone, in a real browser."""

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from assessments import services
from tests.conftest import Person
from tests.engine.walking import RULEBOOK, STRAIN, walk

GALL = {"where": ["right_upper"], "changes": ["fatty"], "attack": "hours", "duration": "2w_6w", "age": 52}
MOST_QUESTIONS = 80


def focused(page: Any) -> str:
    return page.evaluate("document.activeElement.tagName")


def current(page: Any) -> str:
    return page.locator("input[name=question]").input_value()


def press_answer(page: Any, question_id: str, answer: Any) -> None:
    """Number keys where there are nine or fewer choices before it, else the keyboard's own way of ticking."""
    question = RULEBOOK.questions[question_id]
    if question.type == "number":
        page.keyboard.press("Tab")
        page.keyboard.type(str(answer))
        page.keyboard.press("Enter")
        return
    boxes = page.locator("form[data-number-keys] .answers input")
    values = [box.get_attribute("value") for box in boxes.all()]
    for wanted in [answer] if isinstance(answer, str) else answer or ["none"]:
        place = values.index(wanted)
        if place < 9:
            page.keyboard.press(str(place + 1))
        else:
            boxes.nth(place).focus()
            page.keyboard.press("Space")
    page.keyboard.press("Enter")


def answer_all(page: Any, said: dict[str, Any]) -> int:
    """Answers as `said`, and calmly otherwise, up to the result; how many questions it took."""
    answers = walk(said)
    for n in range(MOST_QUESTIONS):
        if page.url.rstrip("/").endswith("result"):
            return n
        assert focused(page) == "H1"
        asked = current(page)
        with page.expect_navigation():
            press_answer(page, asked, answers[asked])
    raise AssertionError("no end")


def begin(page: Any) -> None:
    page.goto("/checkup/")
    page.get_by_role("button", name="Start the check-up").press("Enter")
    page.locator("form[data-number-keys]").wait_for()


def test_a_strain_ends_in_self_care_with_reasons_and_something_to_do(open_page: Any, alice: Person, axe: Any) -> None:
    page = open_page(person=alice)
    begin(page)
    axe(page)
    answer_all(page, STRAIN)
    axe(page)
    shown = page.inner_text("main")
    assert "You can start by yourself" in shown
    assert "no single damaged part" in shown
    first = page.locator("details.cause").first
    assert "muscle" in first.inner_text().lower()
    assert first.get_attribute("open") is not None
    assert "%" not in shown


def test_a_gall_bladder_pattern_says_whom_to_see_and_what_to_ask_about(open_page: Any, alice: Person) -> None:
    page = open_page(person=alice, viewport={"width": 360, "height": 800})
    begin(page)
    answer_all(page, GALL)
    shown = page.inner_text("main")
    assert "gall bladder" in shown
    assert "ultrasound of the belly" in shown
    assert page.get_by_role("button", name="A clinician has seen me").count() == 1
    page.get_by_role("link", name="One page for the doctor").press("Enter")
    assert "Patient questionnaire, not a diagnosis" in page.inner_text("main")
    assert page.get_by_role("button", name="Print").is_visible()


def test_a_heart_emergency_shows_only_what_to_do_now(open_page: Any, alice: Person, axe: Any) -> None:
    page = open_page(person=alice)
    begin(page)
    n_questions = answer_all(page, {"chest": "yes", "chest_pressure": "yes", "chest_when": "now"})
    assert n_questions <= 3
    assert "Call 112" in page.inner_text("main")
    assert page.locator("nav").count() == 0
    assert "What fits" not in page.inner_text("main")
    axe(page)


def test_unsure_about_numbness_between_the_legs_is_an_emergency(open_page: Any, alice: Person) -> None:
    page = open_page(person=alice)
    begin(page)
    answer_all(page, {"bladder": "unsure", "saddle_numb": "unsure"})
    assert "Get emergency help now" in page.inner_text("main")


def test_a_check_up_that_was_left_goes_on_in_another_browser(open_page: Any, alice: Person) -> None:
    page = open_page(person=alice)
    begin(page)
    for _ in range(2):
        asked = current(page)
        with page.expect_navigation():
            press_answer(page, asked, walk(STRAIN)[asked])
    left_at = current(page)

    other = open_page("/", person=alice, viewport={"width": 360, "height": 800})
    other.get_by_role("link", name="Go on").click()
    assert current(other) == left_at
    other.get_by_role("link", name="Your answers so far").click()
    other.get_by_role("link", name=re.compile("^Change")).first.click()
    assert other.locator(".answers input:checked").count() == 1
    other.get_by_role("link", name="Leave it as it was").click()
    other.get_by_role("link", name=re.compile("^Go on, about")).click()
    answer_all(other, STRAIN)
    assert "You can start by yourself" in other.inner_text("main")


def test_a_wrong_number_keeps_what_was_written_and_takes_the_focus_to_the_error(open_page: Any, alice: Person) -> None:
    checkup = services.start(by=alice.user, at=timezone.now())
    page = open_page(reverse("checkup:question", args=[checkup.uuid]) + "?question=age", person=alice)
    page.keyboard.press("Tab")
    page.keyboard.type("400")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("input[type=number]").input_value() == "400"
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert page.title().startswith("Error")


@pytest.mark.parametrize("said", [STRAIN, GALL], ids=["strain", "gall bladder"])
def test_the_page_for_the_doctor_fits_on_one_sheet(open_page: Any, alice: Person, said: Any) -> None:
    checkup = services.start(by=alice.user, at=timezone.now(), known=walk(said))
    services.finish(by=alice.user, uuid=checkup.uuid, at=timezone.now())
    page = open_page(reverse("checkup:doctor", args=[checkup.uuid]), person=alice)
    for paper in ("A4", "Letter"):
        assert re.findall(rb"/Count (\d+)", page.pdf(format=paper)) == [b"1"], paper
