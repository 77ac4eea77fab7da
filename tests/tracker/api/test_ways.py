"""Channels over the API: devices, the calendar feed, mail that was stopped."""

import pytest

from tests.push_sink import running_maker
from tests.tracker.api.conftest import NOW, is_problem, new_uuid
from tracker.services import calendar_feeds, mail_stops

MEDICINE = {"kind": "medicine", "wall_time": "07:00"}


@pytest.fixture
def maker(settings, tmp_path):
    settings.PUSH_HOSTS = ["127.0.0.1"]
    settings.VAPID_KEY_FILE = tmp_path / "vapid_key.pem"
    with running_maker() as maker:
        yield maker


@pytest.mark.parametrize("channels", [[], ["telegram"], ["email", "push", "email"], "email", [1]])
def test_channels_that_cannot_be_are_refused(api, alice, channels):
    assert is_problem(api.put(f"/reminders/{new_uuid()}/", MEDICINE | {"channels": channels}), 400)
    assert not alice.patient.reminders.exists()


def test_a_reminder_goes_by_mail_unless_something_else_is_said(api):
    path = f"/reminders/{new_uuid()}/"
    assert api.put(path, MEDICINE).json()["channels"] == ["email"]
    assert api.patch(path, {"channels": ["push", "email"]}).json()["channels"] == ["email", "push"]
    assert api.patch(path, {"wall_time": "08:00"}).json()["channels"] == ["email", "push"]


def test_a_device_is_signed_up_without_showing_its_keys_again(api, maker):
    path = f"/push-devices/{new_uuid()}/"
    said = maker.subscription | {"name": "my  phone 📱"}
    assert [api.put(path, said).status_code for _ in range(2)] == [201, 200]
    shown = api.get(path).json()
    assert shown["name"] == said["name"]
    assert not {"endpoint", "public_key", "auth_secret"} & set(shown)
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"endpoint": "https://evil.example.org/"}, {"public_key": "AAAA"}, {"auth_secret": "A"}]
)
def test_what_no_browser_says_is_refused(api, maker, wrong):
    assert is_problem(api.put(f"/push-devices/{new_uuid()}/", maker.subscription | wrong), 422)


@pytest.mark.processes
def test_a_device_can_be_tried_out(api, maker):
    path = f"/push-devices/{new_uuid()}/"
    api.put(path, maker.subscription)
    assert api.post(f"{path}test/").json()["reached_at"] is not None
    maker.answer = 410
    assert is_problem(api.post(f"{path}test/"), 409)
    assert api.get(path).json()["gone_at"] is not None


def test_the_key_for_browsers_is_there(api, maker):
    assert len(api.get("/push-key/").json()["public_key"]) == 87


def test_the_feed_is_made_read_changed_and_ended(api, alice, client):
    assert is_problem(api.get("/calendar-feed/"), 404)
    made = api.post("/calendar-feed/")
    address = made.json()["address"]
    path = address[address.index("/calendar/") :]
    assert (made.status_code, client.get(path).status_code) == (201, 200)
    assert api.patch("/calendar-feed/", {"has_words": True}).json()["has_words"] is True
    assert api.delete("/calendar-feed/").status_code == 204
    assert (client.get(path).status_code, calendar_feeds.feed_of(alice.patient)) == (404, None)


def test_mail_that_was_stopped_is_told_and_started_again(api, alice):
    assert api.get("/mail-status/").json() == {"is_stopped": False, "reason": None, "stopped_at": None}
    mail_stops.stop(patient=alice.patient, reason="bounced", words="550", at=NOW)
    told = api.get("/mail-status/").json()
    assert (told["is_stopped"], told["reason"]) == (True, "bounced")
    assert api.post("/mail-status/start/").json()["is_stopped"] is False
