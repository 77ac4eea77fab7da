"""Two people, two browsers: the patient prepares and shares, the clinician reads, writes and opens, the patient compares."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from django.utils import timezone

from tracker.services import pain_log, second_opinions, treatments

PASSPHRASE = "plum garden 7"
EARLIER = "Scoliosis of old"
NARROW = {"width": 360, "height": 800}


def given_a_prepared_opinion(person):
    at, by = timezone.now(), person.user
    on = at.date() - timedelta(days=1)
    treatments.note_diagnosis(by=by, uuid=uuid4(), name=EARLIER, said_by="Dr. Weber", said_on=on)
    for days in range(1, 40):
        felt = {"felt_at": at - timedelta(days=days), "zone": "Europe/Berlin"}
        pain_log.add(by=by, uuid=uuid4(), source="web", at=at, nrs=3 + days % 4, **felt)
    return second_opinions.prepare(by=by, uuid=uuid4(), at=at, on=on, question="What is it?")


def when_the_patient_makes_a_link(page, opinion, axe):
    page.goto(f"/second-opinion/{opinion.uuid}/")
    page.get_by_role("link", name="Make a link").click()
    axe(page)
    page.get_by_label("Whom is it for?").fill("Dr. Quarshie")
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_label("The doctor may open the sealed part").check()
    page.get_by_role("button", name="Make the link").click()
    axe(page)
    return urlsplit(page.get_by_label("Copy this address").input_value()).path


def when_the_clinician_opens_it_by_keyboard(page, axe):
    assert "What is it?" not in page.content()
    axe(page)
    page.get_by_label("Passphrase").focus()
    page.keyboard.type(PASSPHRASE)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("What is it?").first.wait_for()
    axe(page)


def when_the_clinician_writes_a_view_and_asks(page):
    page.get_by_label("Your question to the patient").fill("Since when?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_label("Your name").first.fill("Dr. Quarshie")
    page.get_by_label("What do you call it?").fill("Tired muscles")
    page.get_by_role("button", name="Write it down").click()
    page.get_by_text("Tired muscles").wait_for()


def test_from_the_question_to_the_comparison(open_page, axe, alice):
    opinion = given_a_prepared_opinion(alice)
    hers = open_page("/", person=alice)
    path = when_the_patient_makes_a_link(hers, opinion, axe)

    theirs = open_page(path, viewport=NARROW)
    when_the_clinician_opens_it_by_keyboard(theirs, axe)
    assert "Closed. It opens once your own view is written down." in theirs.content()
    when_the_clinician_writes_a_view_and_asks(theirs)
    assert EARLIER not in theirs.content()
    theirs.get_by_role("button", name="Open the sealed part").click()
    theirs.get_by_text(EARLIER).wait_for()
    axe(theirs)

    hers.goto("/links/")
    axe(hers)
    hers.get_by_role("link", name="Dr. Quarshie").click()
    assert "Opened the sealed part" in hers.content()
    hers.get_by_label("Your answer").fill("Since May.")
    hers.get_by_role("button", name="Answer").click()
    hers.goto(f"/second-opinion/{opinion.uuid}/compare/")
    hers.get_by_label("Different").check()
    hers.get_by_role("button", name="Save").first.click()
    assert opinion.comparisons.get().outcome == "different"

    theirs.goto(path)
    assert "Since May." in theirs.content()
    assert not theirs.evaluate("document.documentElement.scrollWidth > innerWidth")
    hers.goto("/links/")
    hers.get_by_role("button", name="End it now").click()
    theirs.reload()
    theirs.get_by_role("heading", name="This link has ended").wait_for()
    axe(theirs)
