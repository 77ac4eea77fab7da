"""Treatments that rested on a name which a later opinion has overturned are marked, wherever they are told."""

from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.utils import timezone

from tracker.models import TreatmentType
from tracker.services import second_opinions, summaries, treatments

MARK = "Begun for “Worn discs”, which a later opinion calls “Rib joint”."


@pytest.fixture
def attempt(alice):
    """Begun for worn discs; then somebody looks afresh and calls it something else."""
    return overturned(alice)


def overturned(person, outcome="different"):
    by, at, today = person.user, timezone.now(), timezone.localdate()
    discs = treatments.note_diagnosis(by=by, uuid=uuid4(), name="Worn discs", said_by="Dr. W")
    said = {"treatment_type": TreatmentType.objects.get(key="massage"), "started_on": today - timedelta(days=9)}
    begun = treatments.start(by=by, uuid=uuid4(), at=at, on=today, diagnosis=discs, **said)
    opinion = second_opinions.prepare(by=by, uuid=uuid4(), at=at, on=today)
    view = {"clinician": "Dr. Q", "diagnosis": "Rib joint"}
    second_opinions.write_view(by=by, opinion=opinion, uuid=uuid4(), at=at, **view)
    compared = {"diagnosis": discs, "outcome": outcome, "called_now": "Rib joint", "said_by": "Dr. Q"}
    second_opinions.compare(by=by, opinion=opinion, at=at, on=today, **compared)
    return begun


def page(client, address):
    return unescape(client.get(address).content.decode())


@pytest.mark.parametrize("where", ["/treatments/", "/treatments/{uuid}/"])
def test_the_pages_of_treatments_mark_it(alice_client, attempt, where):
    assert MARK in page(alice_client, where.format(uuid=attempt.uuid))


@pytest.mark.parametrize("where", ["/treatments/", "/treatments/{uuid}/"])
def test_a_name_that_became_more_precise_is_not_overturned(alice, alice_client, where):
    begun = overturned(alice, outcome="refined")
    assert "which a later opinion calls" not in page(alice_client, where.format(uuid=begun.uuid))


def test_the_api_says_so(alice_client, attempt):
    for address in ("/api/v1/attempts/", f"/api/v1/attempts/{attempt.uuid}/"):
        told = alice_client.get(address).json()
        told = told["results"][0] if "results" in told else told
        assert (told["diagnosis_outcome"], told["diagnosis_now"]) == ("different", "Rib joint")


def test_the_api_tells_the_history(alice_client, attempt):
    steps = alice_client.get("/api/v1/diagnoses/history/").json()["results"]
    assert [step["what"] for step in steps] == [
        "Called “Worn discs”",
        "Begun: Massage",
        "Looked at afresh: “Rib joint”",
        "Compared: “Worn discs” is called something else",
    ]
    assert alice_client.get("/api/v1/diagnoses/").json()["results"][-1]["replaced_with"] == "Rib joint"


def test_the_page_of_what_was_said_tells_it_in_order(alice_client, attempt):
    told = page(alice_client, "/diagnoses/")
    places = [told.index(words) for words in ("Called “Worn discs”", "Looked at afresh", "is called something else")]
    assert places == sorted(places)
    assert "A later opinion: Different: Rib joint" in told


@pytest.mark.parametrize("is_blind", [False, True], ids=["whole", "blind"])
def test_the_whole_page_for_a_doctor_tells_it_and_the_blind_one_never(alice, attempt, is_blind):
    today = timezone.localdate()
    wish = summaries.Wish(first_day=today - timedelta(days=83), last_day=today, is_blind=is_blind)
    summary, _ = summaries.put(by=alice.user, uuid=uuid4(), at=timezone.now(), wish=wish)
    told = repr(summaries.sheet_of(summary, on=today))
    assert ("Begun for “Worn discs”, which a later" in told, "How that came about" in told, "Worn discs" in told) == (
        not is_blind,
    ) * 3
