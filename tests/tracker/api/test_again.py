"""The newest entry once more, as felt now."""

from datetime import timedelta

import pytest

from tests.tracker.api.conftest import MARKER, NOW, add_entry, is_problem, new_uuid
from tracker.services import pain_log
from tracker.services.pain_log import SiteRating

AGAIN = "/entries/again/"


@pytest.mark.parametrize(
    "body", [{}, {"uuid": "x"}, {"uuid": 7}, {"uuid": None}, {"uuid": str(new_uuid()), "nrs": 4}, []]
)
def test_a_body_that_does_not_fit_is_refused(api, alice, body):
    add_entry(alice)
    assert is_problem(api.post(AGAIN, body), 400)
    assert alice.patient.pain_entries.count() == 1


def test_without_an_entry_there_is_nothing_to_repeat(charlies, alice, charlie):
    add_entry(alice)
    response = charlies.post(AGAIN, {"uuid": str(new_uuid())})
    assert is_problem(response, 409)
    assert MARKER not in response.content.decode()
    assert not charlie.patient.pain_entries.exists()


def test_what_was_deleted_is_not_logged_again_under_its_key(api, alice):
    add_entry(alice)
    gone = add_entry(alice)
    pain_log.remove(by=alice.user, entry=gone, at=NOW)
    assert is_problem(api.post(AGAIN, {"uuid": str(gone.uuid)}), 410)


def test_score_sites_and_qualities_are_those_of_the_entry_felt_last(api, alice):
    sites = (SiteRating(site="knee_left", nrs=6, quality="aching"), SiteRating(site="neck"))
    add_entry(alice, nrs=6, sites=sites, sleep=3, helped="a walk")
    add_entry(alice, nrs=2, felt_at=NOW - timedelta(days=3))
    response = api.post(AGAIN, {"uuid": str(new_uuid())})
    entry = alice.patient.pain_entries.newest_first().first()
    assert response.status_code == 201
    assert response.headers["ETag"] == f'"{entry.version}"'
    assert (entry.nrs, pain_log.content_of(entry).sites) == (6, sites)
    assert (entry.note, entry.helped, entry.sleep, entry.source) == ("", "", None, "api")
    assert entry.felt_at >= NOW


def test_sent_twice_it_is_one_entry(api, alice):
    add_entry(alice)
    body = {"uuid": str(new_uuid())}
    answers = [api.post(AGAIN, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert alice.patient.pain_entries.count() == 2
