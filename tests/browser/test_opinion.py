"""A second opinion and a visit by the keyboard alone, in light and in dark, and as a browser prints them."""

import io
from datetime import timedelta
from uuid import uuid4

import pypdf
import pytest
from django.utils import timezone

from tests.browser.test_sharing import EARLIER, NARROW, PASSPHRASE, given_a_prepared_opinion
from tracker.services import appointments, second_opinions, sharing

pytestmark = pytest.mark.browser
DESK = {"width": 1280, "height": 900}


def given_a_link_that_opens_the_sealed_part(person, opinion):
    at = timezone.now()
    wish = sharing.Wish(scope="brief", opinion=opinion, passphrase=PASSPHRASE, opens_sealed=True)
    share = sharing.create(by=person.user, uuid=uuid4(), at=at, on=at.date() - timedelta(days=1), wish=wish)
    return f"/shared/{sharing.token_of(share)}/"


def given_a_view(person, opinion):
    said = {"clinician": "Dr. Quarshie", "diagnosis": "Tired muscles", "advice": "Exercises"}
    second_opinions.write_view(by=person.user, opinion=opinion, uuid=uuid4(), at=timezone.now(), **said)


def given_a_visit_behind(person):
    at = timezone.now()
    said = {"starts_at": at - timedelta(hours=4), "zone": "Europe/Berlin", "with_whom": "Dr. Quarshie"}
    visit = appointments.add(by=person.user, uuid=uuid4(), at=at, **said)
    appointments.ask(by=person.user, appointment=visit, uuid=uuid4(), text="What else could it be?", at=at)
    return visit


def opened(page):
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_label("Passphrase").press("Enter")
    page.get_by_text("What is it?").first.wait_for()
    return page


def printed(page) -> list[str]:
    return [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages]


def test_from_the_question_to_the_brief_by_keyboard_alone(open_page, alice):
    page = open_page("/second-opinion/prepare/", person=alice)
    page.get_by_role("button", name="Begin").press("Enter")
    page.get_by_label("Your question for the new doctor").press_sequentially("Why? Dr. Weber called it scoliosis.")
    page.get_by_role("button", name="Save and go on").press("Enter")
    page.get_by_label("What worries you").press("Space")
    page.get_by_role("button", name="Save and go on").press("Enter")
    assert "Why? [1 sentence kept apart]" in page.inner_text("main")
    hold = page.get_by_label("Hold it back")
    assert hold.is_checked()
    hold.press("ArrowDown")
    assert page.get_by_label("Show it to the new doctor").is_checked()
    page.keyboard.press("ArrowUp")
    page.get_by_role("button", name="Save and look at the result").press("Enter")
    page.get_by_role("heading", name="What the new doctor will see").wait_for()
    assert "scoliosis" not in page.inner_text("main")


def test_from_the_new_view_to_the_comparison_by_keyboard_alone(open_page, alice):
    opinion = given_a_prepared_opinion(alice)
    page = open_page(f"/second-opinion/{opinion.uuid}/sealed/", person=alice)
    assert EARLIER not in page.content()
    page.get_by_role("link", name="Write down the view first").press("Enter")
    page.get_by_label("What do they call it?").press_sequentially("Tired muscles")
    page.get_by_role("button", name="Save and go on").press("Enter")
    page.get_by_label("Different").press("Space")
    page.get_by_label("What is it called now?").press_sequentially("Tired muscles")
    page.get_by_role("button", name="Save").press("Enter")
    page.get_by_role("link", name="The sealed part").press("Enter")
    page.get_by_role("button", name="Open the sealed part").press("Enter")
    page.get_by_text(EARLIER).wait_for()
    page.goto("/diagnoses/")
    assert f"Compared: “{EARLIER}” is called something else" in page.inner_text("main")


def test_from_a_visit_to_the_next_attempt_by_keyboard_alone(open_page, alice):
    visit = given_a_visit_behind(alice)
    page = open_page(f"/appointments/{visit.uuid}/", person=alice, viewport=NARROW)
    page.get_by_label("Answer to question 1").press_sequentially("Tired muscles.")
    page.get_by_label("What was decided").press_sequentially("Yoga, twice a week")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    page.get_by_role("link", name="Begin this as a treatment").press("Enter")
    page.get_by_role("button", name="Begin it").press("Enter")
    page.wait_for_url("**/treatments/**")
    attempt = alice.patient.attempts.get()
    page.goto(f"/treatments/{attempt.uuid}/")
    page.get_by_role("link", name="Decided at the visit").press("Enter")
    assert attempt.name in page.inner_text("main")


def test_what_a_clinician_sees_is_accessible(open_page, axe, alice):
    opinion = given_a_prepared_opinion(alice)
    page = opened(open_page(given_a_link_that_opens_the_sealed_part(alice, opinion)))
    look(page, axe)
    given_a_view(alice, opinion)
    page.reload()
    look(page, axe)
    page.get_by_role("button", name="Open the sealed part").click()
    page.get_by_text(EARLIER).wait_for()
    look(page, axe)


def look(page, axe):
    for viewport in (NARROW, DESK):
        page.set_viewport_size(viewport)
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_what_comes_after_the_visit_is_accessible(open_page, axe, alice):
    opinion, visit = given_a_prepared_opinion(alice), given_a_visit_behind(alice)
    given_a_view(alice, opinion)
    second_opinions.open_sealed(by=alice.user, opinion=opinion, at=timezone.now())
    page = open_page(person=alice, viewport=NARROW)
    visits, opinions = f"/appointments/{visit.uuid}/", f"/second-opinion/{opinion.uuid}/"
    for path in (*(f"{opinions}{name}/" for name in ("view", "sealed", "compare")), visits, f"{visits}begin/"):
        page.goto(path)
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path


def test_a_clinician_prints_the_facts_and_nothing_to_fill_in(open_page, alice):
    opinion = given_a_prepared_opinion(alice)
    first, second, *_ = printed(opened(open_page(given_a_link_that_opens_the_sealed_part(alice, opinion))))
    assert "What is it?" in first and "days logged" in first
    assert "Appendix: everything in full" in second
    assert not [words for words in ("Your own view", "Take it along", "The sealed part") if words in first + second]


def test_the_questions_of_a_visit_are_one_sheet_without_the_menu(open_page, alice):
    visit = given_a_visit_behind(alice)
    (only,) = printed(open_page(f"/appointments/{visit.uuid}/print/", person=alice))
    assert "What else could it be?" in only and "What was decided" in only
    assert not [words for words in ("Timeline", "Settings", "Back") if words in only]
