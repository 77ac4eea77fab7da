"""The page for a clinician as a browser prints it, and on the way there."""

import io
from datetime import timedelta
from uuid import uuid4

import pypdf
import pytest
from django.utils import timezone

from tests.tracker.records import fill
from tracker.services import summaries

pytestmark = pytest.mark.browser


def printed(page, paper: str) -> list[str]:
    return [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(page.pdf(format=paper))).pages]


def summary_of(alice, **said):
    today = timezone.localdate()
    wish = summaries.Wish(first_day=today - timedelta(days=83), last_day=today, **said)
    return summaries.put(by=alice.user, uuid=uuid4(), at=timezone.now(), wish=wish)[0]


@pytest.mark.parametrize("words", ["Why?", "word " * 2_000], ids=["short", "long"])
def test_page_1_is_one_sheet_of_paper(open_page, alice, words):
    fill(alice, at=timezone.now())
    page = open_page(f"/for-my-doctor/{summary_of(alice, question=words, worry=words, goal=words).uuid}/", person=alice)
    for paper in ("A4", "Letter"):
        pages = printed(page, paper)
        assert "Pain summary" in pages[0] and "days logged" in pages[0]
        assert "Appendix: everything in full" in pages[1]
        assert "Look it over" not in pages[0]


def test_from_treatments_to_the_file_by_keyboard_alone(open_page, alice):
    fill(alice, at=timezone.now())
    page = open_page("/treatments/", person=alice)
    page.get_by_role("link", name="For my doctor").press("Enter")
    page.get_by_label("Your question").press_sequentially("What else could it be?")
    page.get_by_label("Blind").press("Space")
    page.get_by_role("button", name="Make the page").press("Enter")
    assert page.get_by_role("heading", level=1).inner_text() == "Pain summary: facts first"
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as PDF").press("Enter")
    assert download.value.suggested_filename == f"ebb-{timezone.localdate()}.pdf"


def test_each_page_is_accessible_and_stays_within_a_narrow_phone(open_page, axe, alice):
    fill(alice, at=timezone.now())
    summary = summary_of(alice, question="Why? " * 300, left_out=())
    page = open_page(person=alice, viewport={"width": 320, "height": 9000})
    for rest in ("", f"{summary.uuid}/", f"{summary.uuid}/change/", f"{summary.uuid}/progress/"):
        page.goto(f"/for-my-doctor/{rest}")
        axe(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), rest
