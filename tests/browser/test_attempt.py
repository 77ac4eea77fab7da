"""A treatment is begun, nights pass, it has not helped: all of that on the pages, with the keyboard alone at the end."""

from datetime import timedelta
from itertools import cycle

from django.utils import timezone

from tests.tracker.diaries import after_midnight, log
from tracker.domain.trial_policy import WORKING_HELPED, WORKING_REACHED
from tracker.services import judging

PHONE = {"width": 360, "height": 780}
BEFORE, ON_TABLETS = 14, 20  # days
PAIN = cycle([6, 5, 6, 7, 6, 6, 5])


def logs_until_yesterday(patient, today) -> None:
    for ago in range(BEFORE + ON_TABLETS, 0, -1):
        log(patient, today - timedelta(days=ago), next(PAIN))


def nights_pass(patient, started_on, today) -> None:
    for n in range((today - started_on).days):
        on = started_on + timedelta(days=n)
        judging.judge(on=on, attempts=patient.attempts.all(), at=after_midnight(on))


def begin(page, today) -> None:
    page.goto("/treatments/new/")
    page.select_option("#id_treatment_type", "oral_nsaid")
    page.fill("#id_own_words", "Naproxen")
    page.fill("#id_started_on", str(today - timedelta(days=ON_TABLETS)))
    page.click("button:has-text('Add it')")


def test_a_treatment_that_has_not_helped_leads_to_the_next_step(open_page, axe, alice):
    today = timezone.localdate()
    logs_until_yesterday(alice.patient, today)
    page = open_page("/treatments/", person=alice, viewport=PHONE)
    begin(page, today)
    assert page.is_visible("text=Nothing can be said about Naproxen yet.")

    nights_pass(alice.patient, today - timedelta(days=ON_TABLETS), today)
    page.reload()
    assert page.is_visible(f"text=Naproxen has not brought a drop that matters in {ON_TABLETS} days.")
    assert page.locator("svg.dots circle").count() == 20
    assert page.is_visible("p:has-text('less than 1 in 20')")
    assert page.locator(".band-plot svg:visible .plot-band").count() == 1
    assert page.locator(".band-plot svg:visible .plot-usual").count() == 1
    for words in (f"{ON_TABLETS} of {ON_TABLETS} days logged", f"{BEFORE} days logged", "14 days", "about 1.8 points"):
        assert page.is_visible(f"dd:has-text('{words}')"), words
    assert page.is_visible(".story .badge:has-text('Not working')")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.set_viewport_size(PHONE | {"height": 6000})  # so high that the bar at the bottom covers nothing
    axe(page)

    page.keyboard.press("Tab")
    for _ in range(60):
        if page.evaluate("document.activeElement.textContent.trim()") == "Prepare a second opinion":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/second-opinion/prepare/?attempt=*")
    a_second_opinion_is_prepared(page, axe)
    opinion = alice.patient.second_opinions.get()
    assert (opinion.attempt, opinion.question) == (alice.patient.attempts.get(), "What else could it be?")


def a_second_opinion_is_prepared(page, axe) -> None:
    """From the attempt that it is because of to the page for the new doctor."""
    assert page.is_visible("text=Because of: Naproxen.")
    axe(page)
    page.get_by_role("button", name="Begin").click()
    page.wait_for_url("**/question/")
    page.get_by_label("question", exact=False).first.fill("What else could it be?")
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/contents/")
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_url("**/words/")
    axe(page)
    page.get_by_role("link", name="Look at the result").click()
    page.wait_for_url("**/brief/")
    axe(page)
    shown = page.locator("main").inner_text()
    assert "What else could it be?" in shown and "Naproxen" in shown
    assert "has not brought a drop" not in shown  # numbers, and no verdict in words


def test_how_it_was_worked_out_opens_by_keyboard_two_levels_deep(open_page, axe, alice):
    today = timezone.localdate()
    logs_until_yesterday(alice.patient, today)
    page = open_page("/treatments/", person=alice)
    begin(page, today)
    nights_pass(alice.patient, today - timedelta(days=1), today)
    page.reload()
    page.focus("summary:has-text('How this was worked out')")
    page.keyboard.press("Enter")
    page.focus("summary:has-text('The formulas')")
    page.keyboard.press("Enter")
    assert page.is_visible(f"text=Working: real ≥ {WORKING_HELPED} and now ≥ {WORKING_REACHED}.")
    axe(page)


def test_a_day_and_a_plan_take_one_tap_each(open_page, axe, alice):
    today = timezone.localdate()
    page = open_page("/treatments/", person=alice, viewport=PHONE)
    begin(page, today)
    page.goto(f"/treatments/{alice.patient.attempts.get().uuid}/")
    page.click("button:has-text('Done today')")
    assert page.is_visible("text=Today: done.")
    page.goto("/treatments/plan/")
    page.click("summary:has-text('Self-care')")
    page.click("a:has-text('Heat pack')")
    axe(page)
    page.click("button:has-text('Plan it')")
    axe(page)
    page.click("button:has-text('I start today')")
    page.wait_for_url("**/before/")
    assert alice.patient.attempts.count() == 2
