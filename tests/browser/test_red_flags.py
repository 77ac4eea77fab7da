"""The short alarm questions and the emergency page on a phone, with and without network."""

import re
from datetime import timedelta

from django.utils import timezone

from assessments import services as checkups
from tests.browser.test_checkups import answer_all
from tests.browser.test_offline import LEFT_BEHIND, line, phone, tap, write_without_network  # noqa: F401
from tests.engine.walking import STRAIN, walk

CARD = "Your pain is high or has risen"


def choose(page, question, answer):
    group = page.locator("fieldset", has=page.get_by_text(question))
    group.get_by_label(answer, exact=True).check()


def all_no(page):
    for group in page.locator("fieldset").all():
        group.get_by_label("No", exact=True).check()


def where(person, region):
    person.patient.emergency_region = region
    person.patient.save()


def numbers(page):
    return [link.get_attribute("href") for link in page.locator("a.call").all() if link.is_visible()]


def test_much_pain_leads_by_one_tap_each_to_the_questions_and_an_emergency_to_its_page(phone, alice, axe):  # noqa: F811
    page = phone(alice)
    tap(page, 8)
    page.get_by_role("heading", name=CARD).wait_for()
    page.set_viewport_size({"width": 360, "height": 3000})  # so that the bar at the bottom covers nothing
    axe(page)
    page.get_by_role("link", name="Answer them").click()
    page.get_by_role("heading", name="Is any of this new with the pain?").wait_for()
    axe(page)
    choose(page, "Trouble with passing urine", "Yes")
    page.get_by_role("button", name="Show what to do").click()
    page.get_by_role("heading", name="Get emergency help now").wait_for()
    axe(page)


def test_whoever_thinks_of_self_harm_sees_at_once_where_to_find_a_person(phone, alice, axe):  # noqa: F811
    where(alice, "uk")
    page = phone(alice)
    tap(page, 9)
    page.goto("/red-flags/")
    page.set_viewport_size({"width": 360, "height": 3000})
    panel = page.get_by_role("heading", name="You do not have to carry this alone")
    for answer, shows in (("No", False), ("Unsure", True), ("No", False), ("Yes", True)):
        choose(page, "better off dead", answer)
        assert panel.is_visible() is shows, answer
    assert page.locator(".help").get_by_role("link", name="116123").is_visible()
    axe(page)


def test_a_bad_day_after_a_calm_result_opens_the_check_up_again_and_says_what_is_new(phone, alice, axe):  # noqa: F811
    calm = checkups.start(by=alice.user, at=timezone.now() - timedelta(days=14), known=walk(STRAIN))
    checkups.finish(by=alice.user, uuid=calm.uuid, at=timezone.now() - timedelta(days=14))
    page = phone(alice)
    tap(page, 8)
    page.get_by_role("link", name="Answer them").click()
    choose(page, "losing weight without trying", "Yes")
    page.get_by_role("button", name="Show what to do").click()
    page.locator("form[data-number-keys]").wait_for()
    answer_all(page, STRAIN | {"conditions": ["weight_loss"]})
    axe(page)
    shown = page.inner_text("main")
    assert "See a doctor within days" in shown
    assert "More urgent than before." in shown
    assert "New signs: Losing weight or soaking night sweats." in shown
    assert alice.user.assessments.get(uuid=calm.uuid).level == "self_care"  # kept as it was
    page.goto("/")
    assert "Resting, since your check-up says to see somebody first" in page.inner_text("main")


def test_not_now_leaves_one_quiet_line(phone, alice):  # noqa: F811
    page = phone(alice)
    tap(page, 8)
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("link", name="Eight short questions: should it be looked at soon?").wait_for()
    assert not page.get_by_role("heading", name=CARD).is_visible()


def test_an_entry_made_without_network_is_asked_about_when_it_is_back(phone, line, alice):  # noqa: F811
    page = phone(alice)
    write_without_network(page, line, 9)
    line.turn("up")
    page.get_by_role("link", name="Try again").click()
    page.get_by_text("One entry from this device was sent at").wait_for()
    page.goto("/")
    page.get_by_role("heading", name=CARD).wait_for()


def test_the_emergency_page_opens_without_network_with_the_number_of_the_region(phone, line, alice, axe):  # noqa: F811
    where(alice, "uk")
    page = phone(alice)
    line.turn("cut")
    page.goto("/")
    page.get_by_role("link", name="In an emergency").click()
    page.get_by_role("heading", name="Get emergency help now").wait_for()
    page.locator("a.call").nth(1).wait_for(state="detached")
    assert numbers(page) == ["tel:999"]
    axe(page)
    page.goto("/checkup/emergency/")  # by its address, too
    page.get_by_role("heading", name="Get emergency help now").wait_for()


def test_where_no_region_was_chosen_every_number_is_there(phone, line, alice):  # noqa: F811
    page = phone(alice)
    line.turn("cut")
    page.goto("/checkup/emergency/")
    assert sorted(numbers(page)) == ["tel:000", "tel:112", "tel:911", "tel:999"]


def test_the_questions_work_without_network_and_a_yes_shows_the_emergency_page(phone, line, alice, axe):  # noqa: F811
    where(alice, "au")
    page = phone(alice)
    write_without_network(page, line, 8)
    page.get_by_role("link", name="Should it be looked at soon?").click()
    page.get_by_role("heading", name="Is any of this new with the pain?").wait_for()
    axe(page)
    page.get_by_role("button", name="Show what to do").click()
    page.get_by_text("Without any yes, each question wants an answer.").wait_for()
    all_no(page)
    page.get_by_role("button", name="Show what to do").click()
    page.get_by_role("heading", name="Nothing you answered calls for help right away").wait_for()
    choose(page, "Fever, chills", "Yes")
    page.get_by_role("button", name="Show what to do").click()
    page.get_by_role("heading", name="Speak to a doctor today").wait_for()
    axe(page)
    choose(page, "Pressure or tightness in the chest", "Unsure")
    page.get_by_role("button", name="Show what to do").click()
    page.wait_for_url("**/checkup/emergency/")
    page.locator("a.call").nth(1).wait_for(state="detached")
    assert numbers(page) == ["tel:000"]


def test_few_pain_without_network_asks_nothing(phone, line, alice):  # noqa: F811
    page = phone(alice)
    write_without_network(page, line, 4)
    assert not page.get_by_role("link", name="Should it be looked at soon?").is_visible()


def test_answers_that_find_no_network_on_their_way_still_lead_to_the_emergency_page(phone, line, alice):  # noqa: F811
    page = phone(alice)
    tap(page, 8)
    page.get_by_role("link", name="Answer them").click()
    choose(page, "Trouble with passing urine", "Yes")
    line.turn("cut")
    page.get_by_role("button", name="Show what to do").click()
    page.wait_for_url("**/checkup/emergency/")
    assert not alice.patient.red_flag_screens.exists()


def test_calm_answers_that_find_no_network_lead_to_the_questions_of_the_device(phone, line, alice):  # noqa: F811
    page = phone(alice)
    tap(page, 8)
    page.get_by_role("link", name="Answer them").click()
    all_no(page)
    line.turn("cut")
    page.get_by_role("button", name="Show what to do").click()
    page.wait_for_url("**/offline/red-flags/")
    page.get_by_text("These questions work without network.").wait_for()


def test_after_signing_out_nothing_of_it_stays(phone, alice):  # noqa: F811
    where(alice, "uk")
    page = phone(alice)
    tap(page, 9)
    page.goto("/red-flags/")
    page.goto("/checkup/emergency/")
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(re.compile("/welcome/"))
    assert page.evaluate(LEFT_BEHIND) == {"databases": 0, "caches": [], "workers": 0, "stored": 0}
