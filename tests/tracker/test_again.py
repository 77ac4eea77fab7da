"""One tap: the same as last time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.urls import reverse

from tests.conftest import client_for
from tracker.models import PainEntry
from tracker.services import pain_log
from tracker.services.pain_log import SiteRating

NOON = datetime(2026, 6, 3, 10, tzinfo=UTC)
TODAY, AGAIN = reverse("today"), reverse("entry_again")
UUID_1 = UUID(int=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def log(person, *, days_ago=0, nrs=4, **said):
    felt_at = NOON - timedelta(days=days_ago)
    return pain_log.add(
        by=person.user, uuid=uuid4(), nrs=nrs, felt_at=felt_at, zone="Europe/Berlin", source="web", at=NOON, **said
    )


def text_of(response):
    return " ".join(response.content.decode().split())


def test_a_new_patient_is_offered_nothing(alice_client):
    assert "Same as last time" not in text_of(alice_client.get(TODAY))


@pytest.mark.parametrize("of", [None, "", "x", "\x00", "9" * 5000, str(UUID(int=7))])
def test_an_entry_that_is_not_there_is_said_in_words(alice, alice_client, of):
    log(alice)
    page = alice_client.post(AGAIN, {"uuid": str(UUID_1)} | ({"of": of} if of is not None else {}), follow=True)
    assert "That entry is no longer there." in text_of(page)
    assert alice.patient.pain_entries.count() == 1


def test_the_entry_of_a_stranger_is_not_there(alice, charlie):
    hers = log(alice, nrs=9)
    page = client_for(charlie).post(AGAIN, {"uuid": str(UUID_1), "of": str(hers.uuid)}, follow=True)
    assert "That entry is no longer there." in text_of(page)
    assert not charlie.patient.pain_entries.exists()


def test_looking_at_the_address_logs_nothing(alice, alice_client):
    assert alice_client.get(AGAIN).status_code == 405


def test_one_tap_logs_score_and_places_as_felt_now(alice, alice_client):
    sites = (SiteRating(site="mid_back", nrs=7, quality="burning"), SiteRating(site="neck"))
    last = log(alice, days_ago=1, nrs=6, sites=sites, note="only of yesterday")
    assert "Same as last time: 6" in text_of(alice_client.get(TODAY))
    page = alice_client.post(AGAIN, {"uuid": str(UUID_1), "of": str(last.uuid)}, follow=True)
    entry = alice.patient.pain_entries.get(uuid=UUID_1)
    assert (entry.nrs, entry.felt_at, entry.note, pain_log.content_of(entry).sites) == (6, NOON, "", sites)
    assert "Saved 6 at 12:00." in text_of(page)


def test_undo_takes_it_back(alice, alice_client):
    last = log(alice, days_ago=1)
    page = alice_client.post(AGAIN, {"uuid": str(UUID_1), "of": str(last.uuid)}, follow=True)
    assert reverse("entry_delete", args=[UUID_1]) in text_of(page)
    alice_client.post(reverse("entry_delete", args=[UUID_1]))
    assert alice.patient.pain_entries.get().uuid == last.uuid


def test_what_was_on_the_button_counts_also_when_another_device_has_logged_since(alice, alice_client):
    shown = log(alice, days_ago=1, nrs=3)
    log(alice, nrs=9)
    alice_client.post(AGAIN, {"uuid": str(UUID_1), "of": str(shown.uuid)})
    assert alice.patient.pain_entries.get(uuid=UUID_1).nrs == 3


def test_tapped_twice_it_is_one_entry_and_a_page_from_the_history_is_another(alice, alice_client, clock):
    tap = {"uuid": str(UUID_1), "of": str(log(alice, days_ago=1).uuid)}
    alice_client.post(AGAIN, tap)
    clock.shift(2)
    alice_client.post(AGAIN, tap)
    assert PainEntry.objects.count() == 2
    clock.shift(3600)
    alice_client.post(AGAIN, tap)
    assert PainEntry.objects.count() == 3
