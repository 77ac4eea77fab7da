from datetime import timedelta

import pytest

from tests.tracker.api.conftest import TODAY, is_problem
from tracker.domain.beside import ASKED_AT_FIRST


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"zone": "Mars/Olympus"}, 422, id="no such zone"),
        pytest.param({"zone": ""}, 400, id="no zone"),
        pytest.param({"display_name": "x" * 81}, 400, id="a name too long"),
        pytest.param({"quiet_from": "22:00"}, 400, id="quiet hours without an end"),
        pytest.param({"quiet_from": "22:00", "quiet_until": "99:00"}, 400, id="no such time"),
        pytest.param({"emergency_region": "moon"}, 400, id="no such region"),
        pytest.param({"paused_until": "2020-01-01"}, 400, id="a pause in the past"),
        pytest.param({"paused_until": "9999-12-31"}, 400, id="a pause without end"),
        pytest.param({"is_adult": False}, 400, id="a field that is not offered"),
        pytest.param({"asked": ["shoe_size"]}, 400, id="a question that Ebb does not have"),
        pytest.param({"asked": "sleep"}, 400, id="questions that are no list"),
        pytest.param({"asked": None}, 400, id="no list of questions"),
        pytest.param({"asked": ["sleep", "sleep"]}, 422, id="a question twice"),
        pytest.param([], 400, id="a list"),
    ],
)
def test_settings_that_cannot_be_are_refused(api, alice, body, status):
    assert is_problem(api.patch("/profile/", body), status)
    alice.patient.refresh_from_db()
    assert (alice.patient.zone, alice.patient.display_name) == ("Europe/Berlin", "Alice")
    assert alice.patient.asked == list(ASKED_AT_FIRST)


def test_the_patient_says_what_is_asked_beside_the_number(api, alice):
    assert api.get("/profile/").json()["asked"] == list(ASKED_AT_FIRST)
    assert api.patch("/profile/", {"asked": ["mood", "sleep"]}).json()["asked"] == ["sleep", "mood"]
    assert api.patch("/profile/", {"asked": []}).json()["asked"] == []
    assert alice.patient.audit_events.filter(verb="changed", subject="settings asked").count() == 2


def test_a_refused_zone_leaves_the_other_settings_alone(api, alice):
    api.patch("/profile/", {"display_name": "Al", "zone": "Mars/Olympus"})
    alice.patient.refresh_from_db()
    assert alice.patient.display_name == "Alice"


def test_settings_are_read_and_changed(api, alice):
    said = {
        "display_name": " Ä lice ",
        "zone": "Asia/Kathmandu",
        "quiet_from": "22:00:00",
        "quiet_until": "06:30:00",
        "emergency_region": "uk",
    }
    assert api.patch("/profile/", said).status_code == 200
    profile = api.get("/profile/").json()
    assert {name: profile[name] for name in said} == said
    assert (profile["email"], profile["zone_confirmed_at"] is not None) == (alice.email, True)


def test_an_operator_without_a_record_is_refused(client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("operator@example.org", "x"))
    assert is_problem(client.get("/api/v1/profile/"), 403)


def test_all_reminders_rest_until_a_day_and_go_on(api, alice):
    until = str(TODAY + timedelta(days=5))
    assert api.patch("/profile/", {"paused_until": until}).json()["paused_until"] == until
    assert api.patch("/profile/", {"paused_until": None}).json()["paused_until"] is None
