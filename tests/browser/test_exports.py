"""Taking everything along, bringing it back, and taking that back: in a real browser."""

import json
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from tracker.services import pain_log


def log(person, nrs):
    at = timezone.now()
    return pain_log.add(by=person.user, uuid=uuid4(), source="web", at=at, nrs=nrs, felt_at=at, zone="UTC")


def test_a_record_leaves_comes_back_and_is_taken_back(open_page, axe, alice, tmp_path):
    kept = log(alice, 4)
    page = open_page(reverse("export_page"), person=alice, viewport={"width": 320, "height": 3000})
    axe(page)
    page.get_by_label("Password").fill(alice.password)
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("heading", name="Take your data with you").wait_for()
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save everything").click()
    assert download.value.suggested_filename == f"ebb-{timezone.localdate(timezone=ZoneInfo(alice.patient.zone))}.json"
    saved = tmp_path / "ebb.json"
    download.value.save_as(saved)
    record = json.loads(saved.read_bytes())
    record["entries"].append(record["entries"][0] | {"uuid": str(uuid4()), "nrs": 9})
    saved.write_text(json.dumps(record))

    page.goto(page.url.replace("/export/", "/import/"))
    page.get_by_label("Your file").set_input_files(saved)
    page.get_by_role("button", name="Show what would happen").click()
    page.get_by_role("heading", name="1 rating would be added").wait_for()
    axe(page)
    page.get_by_role("button", name="Add what is new").click()
    page.get_by_role("heading", name="1 rating was added").wait_for()
    assert alice.patient.pain_entries.count() == 2

    page.goto(page.url[: page.url.index("/import/")] + "/import/")
    axe(page)
    page.get_by_role("link", name="Take back ebb.json").click()
    page.get_by_role("heading", name="Take this import back?").wait_for()
    axe(page)
    page.get_by_role("button", name="Take back").click()
    page.get_by_text("1 rating was taken back.").wait_for()
    assert list(alice.patient.pain_entries.all()) == [kept]
