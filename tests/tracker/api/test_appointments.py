"""Appointments over the API."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from tests.tracker.api.conftest import NOW, TODAY, is_problem, new_uuid, start_attempt

PATH = "/appointments/"
STARTS = (NOW + timedelta(days=3)).replace(microsecond=0).isoformat()


@pytest.fixture
def visit(api):
    path = f"{PATH}{new_uuid()}/"
    api.put(path, {"starts_at": STARTS, "with_whom": "Dr. Quarshie", "remind_before": 60})
    return path


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"starts_at": "2026-03-01T07:30:00"}, 400),
        ({"starts_at": "1899-03-01T07:30:00Z"}, 422),
        ({"starts_at": "2099-03-01T07:30:00Z"}, 422),
        ({"starts_at": "0001-01-01T00:00:00Z"}, 422),
        ({"starts_at": "9999-12-31T23:59:59Z", "zone": "Pacific/Kiritimati"}, 422),
        ({"starts_at": STARTS, "zone": "Mars/Olympus"}, 422),
        ({"starts_at": STARTS, "purpose": "q" * 10_001}, 400),
        ({"starts_at": STARTS, "remind_before": 1}, 400),
        ({"starts_at": STARTS, "opinion": str(new_uuid())}, 400),
        ({"starts_at": STARTS, "nonsense": 1}, 400),
    ],
)
def test_what_cannot_be_is_a_problem(alice, api, body, status):
    assert is_problem(api.put(f"{PATH}{new_uuid()}/", body), status)
    assert not alice.patient.appointments.exists()


def test_it_is_put_twice_and_is_one_in_the_zone_of_the_patient(alice, api):
    path, body = f"{PATH}{new_uuid()}/", {"starts_at": STARTS, "purpose": "زيادة 🙂\r\n "}
    assert [api.put(path, body).status_code for _ in range(2)] == [201, 200]
    kept = alice.patient.appointments.get()
    assert (kept.zone, kept.purpose, kept.sequence) == ("Europe/Berlin", body["purpose"], 0)


def test_a_patch_changes_what_it_names_and_a_put_all(api, visit):
    assert api.patch(visit, {"place": "Room 4"}).json()["with_whom"] == "Dr. Quarshie"
    replaced = api.put(visit, {"starts_at": STARTS}).json()
    assert (replaced["with_whom"], replaced["remind_before"], replaced["sequence"]) == ("", None, 2)


def test_questions_are_put_as_a_list_and_keep_their_answers(api, visit):
    first, second = str(new_uuid()), str(new_uuid())
    api.put(f"{visit}questions/", {"questions": [{"uuid": first, "text": "One?", "answer": "Yes"}]})
    sent = {"questions": [{"uuid": second, "text": "Two?"}, {"uuid": first, "text": "One?"}]}
    answered = api.put(f"{visit}questions/", sent).json()
    assert [(one["text"], one["answer"]) for one in answered["questions"]] == [("Two?", ""), ("One?", "Yes")]
    assert api.get(f"{visit}questions/").json() == answered
    assert len(api.get(visit).json()["questions"]) == 2


@pytest.mark.parametrize(
    ("questions", "status"),
    [
        ([{"uuid": str(new_uuid()), "text": " "}], 422),
        ([{"uuid": "0b5dbb6e-6d5c-4f0e-9a37-6f2c3b9d7e10", "text": "Twice?"}] * 2, 422),
        ([{"text": "Nameless?"}], 400),
        ("none", 400),
    ],
)
def test_questions_that_cannot_be_are_a_problem(api, visit, questions, status):
    assert is_problem(api.put(f"{visit}questions/", {"questions": questions}), status)


def test_it_is_cancelled_and_takes_place_after_all(api, visit):
    assert api.post(f"{visit}cancel/").json()["cancelled_at"]
    assert api.post(f"{visit}reinstate/").json()["cancelled_at"] is None


@pytest.mark.parametrize(("query", "summary"), [("", "Appointment"), ("?words=1", "Dr. Quarshie")])
def test_the_file_for_a_calendar_says_who_only_if_asked(api, visit, query, summary):
    response = api.get(f"{visit}calendar/{query}")
    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert (event["summary"], event["dtstart"].dt.isoformat()) == (summary, STARTS)


def test_what_was_decided_becomes_an_attempt(alice, api, visit):
    path = f"{visit}attempts/{new_uuid()}/"
    body = {"treatment_type": "massage", "started_on": str(TODAY)}
    assert [api.put(path, body).status_code for _ in range(2)] == [201, 201]
    assert api.get(visit).json()["next_attempt"] == str(alice.patient.attempts.get().uuid)


def test_deleted_it_is_gone(alice, api, visit):
    assert api.delete(visit).status_code == 204
    assert (api.get(visit).status_code, alice.patient.appointments.count()) == (404, 0)


def test_it_offers_what_the_record_gives_reason_to_ask_once(alice, api, visit):
    start_attempt(alice)
    path = f"{visit}ideas/"
    idea = next(one for one in api.get(path).json()["ideas"] if "xyzzy of alice" in one)
    api.put(f"{visit}questions/", {"questions": [{"uuid": str(new_uuid()), "text": idea}]})
    assert idea not in api.get(path).json()["ideas"]


def test_another_patient_is_offered_nothing_of_it(charlies, visit):
    assert is_problem(charlies.get(f"{visit}ideas/"), 404)
