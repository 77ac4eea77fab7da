"""Messages to devices, taken and read by a maker of browsers on this machine."""

import stat
import time as clock
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse

from tests.push_sink import running_maker
from tracker import emails
from tracker.models import Occurrence, PushDevice
from tracker.services import answers, circuit, delivery, pauses, push_devices, reminders, web_push

MORNING = datetime(2026, 6, 1, 4, tzinfo=UTC)
SEVEN = datetime(2026, 6, 1, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
State = Occurrence.State


@pytest.fixture(autouse=True)
def known_maker(settings, tmp_path):
    settings.PUSH_HOSTS = [*settings.PUSH_HOSTS, "127.0.0.1"]
    settings.VAPID_KEY_FILE = tmp_path / "vapid_key.pem"


@pytest.fixture
def maker():
    with running_maker() as maker:
        yield maker


def add(person, maker, **said):
    whole = {"uuid": uuid4(), "name": "phone"} | maker.subscription | said
    return push_devices.put(by=person.user, at=MORNING, **whole)[0]


def remind(person, channels="push", kind="medicine"):
    return reminders.create(by=person.user, kind=kind, wall_time=time(7), at=MORNING, channels=channels)


def drain(at=SEVEN):
    return delivery.drain(clock=lambda: at)


def row_of(reminder):
    return reminder.occurrences.get(local_date=date(2026, 6, 1))


@pytest.mark.processes
class TestDelivery:
    def test_a_device_gets_a_neutral_message_that_its_maker_cannot_read(self, alice, maker):
        add(alice, maker)
        reminder = remind(alice)
        assert drain() == 1
        (message,) = maker.messages
        assert (message["title"], message["body"]) == ("Your reminder", "This is the time you chose.")
        assert message["url"].startswith("http://127.0.0.1:")
        assert b"reminder" not in maker.bodies[0]
        assert (row_of(reminder).state, row_of(reminder).told_by) == (State.SENT, "push")

    def test_it_lives_no_longer_than_the_window(self, alice, maker):
        add(alice, maker)
        remind(alice)
        drain()
        (headers,) = maker.headers
        assert (headers["TTL"], headers["Content-Encoding"]) == ("3600", "aes128gcm")
        assert headers["Authorization"].startswith("vapid t=")

    def test_what_comes_late_lives_for_what_is_left_of_it(self, alice, maker):
        add(alice, maker)
        remind(alice)
        drain(SEVEN + 50 * MINUTE)
        assert maker.headers[0]["TTL"] == "600"

    def test_in_a_flare_it_asks_for_less_as_a_mail_does(self, alice, maker):
        add(alice, maker)
        remind(alice, kind="morning_moves")
        pauses.begin_flare(by=alice.user, at=MORNING)
        drain()
        assert maker.messages[0]["body"] == emails.LIGHTER

    def test_a_key_that_is_none_keeps_no_mail_back(self, alice, maker, settings, mailoutbox):
        add(alice, maker)
        reminder = remind(alice, "email,push")
        settings.VAPID_KEY = "no key"
        drain()
        assert (len(maker.headers), len(mailoutbox), row_of(reminder).told_by) == (0, 1, "email")

    def test_one_reminder_goes_out_by_both_channels_once_each(self, alice, maker, mailoutbox):
        add(alice, maker)
        reminder = remind(alice, "email,push")
        for _ in range(3):
            drain()
        assert (len(maker.messages), len(mailoutbox), row_of(reminder).told_by) == (1, 1, "push,email")
        assert row_of(reminder).n_sends == 1

    def test_while_mail_waits_the_device_is_not_told_again(self, alice, maker, mailoutbox, monkeypatch):
        add(alice, maker)
        reminder = remind(alice, "email,push")
        answers = [emails.TransientMailError("recipient", "450 later")]
        whole = EmailBackend.send_messages

        def send_messages(self, messages):
            if answers:
                raise answers.pop()
            return whole(self, messages)

        monkeypatch.setattr(EmailBackend, "send_messages", send_messages)
        drain()
        assert (row_of(reminder).state, row_of(reminder).told_by) == (State.PENDING, "push")
        drain(SEVEN + MINUTE)
        assert (len(maker.messages), len(mailoutbox), row_of(reminder).state) == (1, 1, State.SENT)

    def test_after_a_crash_between_the_two_only_the_other_follows(self, alice, maker, mailoutbox):
        add(alice, maker)
        reminder = remind(alice, "email,push")
        lease = {"lease_token": uuid4(), "lease_until": SEVEN + delivery.LEASE}
        reminder.occurrences.filter(local_date=date(2026, 6, 1)).update(state=State.STARTED, told_by="push", **lease)
        drain(SEVEN + 2 * delivery.LEASE)
        assert (len(maker.messages), len(mailoutbox)) == (0, 1)
        assert (row_of(reminder).state, row_of(reminder).is_ambiguous) == (State.SENT, True)

    def test_with_the_mail_server_down_the_device_is_told_all_the_same(self, alice, maker, monkeypatch):
        add(alice, maker)
        reminder = remind(alice, "email,push")

        def refuse(self, messages):
            raise emails.TransientMailError("connect", "refused")

        monkeypatch.setattr(EmailBackend, "send_messages", refuse)
        for n in range(70):
            drain(SEVEN + n * MINUTE)
        assert (len(maker.messages), row_of(reminder).state, row_of(reminder).n_sends) == (1, State.SENT, 1)

    def test_a_second_device_makes_up_for_one_that_is_gone(self, alice, maker):
        with running_maker(410) as gone:
            lost = add(alice, gone)
            add(alice, maker)
            reminder = remind(alice)
            drain()
        lost.refresh_from_db()
        assert (lost.gone_at, len(maker.messages), row_of(reminder).state) == (SEVEN, 1, State.SENT)

    @pytest.mark.parametrize("status", [404, 410])
    def test_a_device_that_is_gone_is_not_asked_again(self, alice, status):
        with running_maker(status) as maker:
            add(alice, maker)
            first, second = (
                remind(alice),
                reminders.create(by=alice.user, kind="medicine", wall_time=time(7, 5), at=MORNING, channels="push"),
            )
            drain()
            drain(SEVEN + 6 * MINUTE)
        assert len(maker.headers) == 1
        assert (row_of(first).state, row_of(second).state) == (State.FAILED, State.SUPPRESSED)

    def test_a_browser_that_signs_up_anew_meanwhile_is_not_gone(self, alice, maker, monkeypatch):
        device = add(alice, maker)
        remind(alice)

        def gone_and_anew(devices, _message, **_said):
            add(alice, maker, uuid=device.uuid, endpoint=maker.subscription["endpoint"] + "/anew")
            return [(one, web_push.Gone()) for one in devices]

        monkeypatch.setattr(web_push, "_handed_over", gone_and_anew)
        drain()
        device.refresh_from_db()
        assert device.gone_at is None

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_a_maker_that_is_busy_is_asked_again(self, alice, status):
        with running_maker(status) as maker:
            add(alice, maker)
            reminder = remind(alice)
            drain()
            maker.answer = 201
            drain(SEVEN + MINUTE)
        assert (len(maker.messages), row_of(reminder).state) == (1, State.SENT)

    def test_a_redirect_is_not_followed(self, alice):
        with running_maker("moved") as maker:
            add(alice, maker)
            reminder = remind(alice)
            drain()
        assert (len(maker.headers), row_of(reminder).state) == (1, State.FAILED)

    @pytest.mark.parametrize("answer", ["drip", "silence"])
    def test_a_maker_that_is_endlessly_slow_is_left(self, alice, monkeypatch, answer):
        monkeypatch.setattr(web_push, "CONNECT_S", 0.5)
        monkeypatch.setattr(web_push, "TOTAL_S", 1.5)
        with running_maker(answer) as maker:
            add(alice, maker)
            reminder = remind(alice)
            began = clock.monotonic()
            drain()
            assert clock.monotonic() - began < 10
        assert row_of(reminder).state == State.PENDING

    def test_silent_devices_take_no_longer_than_one_and_one_that_answers_is_told(self, alice, maker, monkeypatch):
        monkeypatch.setattr(web_push, "CONNECT_S", 0.5)
        monkeypatch.setattr(web_push, "TOTAL_S", 2.5)
        with running_maker("silence") as silent:
            for n in range(5):
                add(alice, silent, endpoint=f"{silent.subscription['endpoint']}/{n}")
            add(alice, maker)
            reminder = remind(alice)
            began = clock.monotonic()
            drain()
            assert clock.monotonic() - began < 5
        assert (len(maker.messages), row_of(reminder).state) == (1, State.SENT)

    def test_a_maker_that_does_not_answer_is_left_alone_for_a_while_by_all(self, alice, bob, maker, monkeypatch):
        whole, asked = web_push._posted, []

        def away(*said):
            asked.append(said)
            raise ConnectionRefusedError

        monkeypatch.setattr(web_push, "_posted", away)
        add(alice, maker)
        remind(alice)
        for n in range(circuit.OPENS_AFTER):
            drain(SEVEN + n * MINUTE)
        add(bob, maker, endpoint=maker.subscription["endpoint"] + "/bob")
        reminder = remind(bob)
        drain(SEVEN + (circuit.OPENS_AFTER - 1) * MINUTE)
        assert (len(asked), row_of(reminder).state) == (circuit.OPENS_AFTER, State.PENDING)
        monkeypatch.setattr(web_push, "_posted", whole)
        for n in range(5, 10):
            drain(SEVEN + n * MINUTE)
        assert (len(maker.messages), row_of(reminder).state) == (2, State.SENT)

    @pytest.mark.parametrize(
        ("kind", "acts"),
        [("morning_moves", ["done", "snoozed"]), ("medicine", ["done", "snoozed"]), ("log_pain", ["snoozed"])],
    )
    def test_its_buttons_do_what_the_links_of_a_mail_do(self, alice, client, maker, kind, acts):
        add(alice, maker)
        reminder = remind(alice, kind=kind)
        drain()
        told = maker.messages[0]["acts"]
        assert [act["action"] for act in told] == acts
        with time_machine.travel(SEVEN + MINUTE, tick=False):
            assert client.get(told[0]["url"]).status_code == 200
            assert row_of(reminder).response == ""
            assert [client.post(told[0]["url"]).status_code for _ in range(2)] == [200, 410]
        assert row_of(reminder).response == acts[0]

    def test_the_last_send_of_a_day_cannot_be_put_off(self, alice, maker):
        add(alice, maker)
        reminder = remind(alice, kind="morning_moves")
        drain()
        with time_machine.travel(SEVEN + MINUTE, tick=False):
            later = answers.read_link(maker.messages[0]["acts"][1]["url"].split("/")[-2])
            answers.follow_link(link=later, at=SEVEN + MINUTE)
        drain(SEVEN + 32 * MINUTE)
        assert [act["action"] for act in maker.messages[1]["acts"]] == ["done"]
        assert row_of(reminder).n_sends == 2

    def test_the_same_repeat_takes_the_place_of_the_first_on_the_screen(self, alice, maker):
        add(alice, maker)
        reminder = remind(alice)
        drain()
        reminder.occurrences.update(state=State.PENDING, told_by="", n_sends=0)
        drain()
        assert maker.messages[0]["tag"] == maker.messages[1]["tag"]
        assert maker.messages[0]["tag"].isalnum()


class TestSigningUp:
    @pytest.mark.parametrize(
        "endpoint",
        [
            pytest.param("https://evil.example.org/x", id="nobody we know"),
            pytest.param("http://fcm.googleapis.com/x", id="not encrypted"),
            pytest.param("https://fcm.googleapis.com.evil.example.org/x", id="a name that only begins so"),
            pytest.param("https://user@fcm.googleapis.com/x", id="with a user"),
            pytest.param("https://fcm.googleapis.com\r\nX: y", id="with a line break"),
            pytest.param("http://169.254.169.254/latest", id="a cloud's own address"),
            pytest.param("https://[::1", id="no address at all"),
            pytest.param("https://fcm.googleapis.com:8443/x", id="another port"),
            pytest.param("file:///etc/passwd", id="a file"),
        ],
    )
    def test_an_address_of_nobody_we_know_is_refused(self, alice, endpoint):
        with running_maker() as maker, pytest.raises(push_devices.UnknownPushService):
            add(alice, maker, endpoint=endpoint)
        assert not PushDevice.objects.exists()

    @pytest.mark.parametrize("keys", [{"public_key": "AAAA"}, {"auth_secret": "AAAA"}, {"public_key": "ä" * 20}])
    def test_keys_that_no_browser_makes_are_refused(self, alice, maker, keys):
        with pytest.raises(push_devices.BadDeviceKeys):
            add(alice, maker, **keys)

    def test_a_browser_belongs_to_whoever_signed_up_last(self, alice, bob, maker):
        add(alice, maker)
        add(bob, maker)
        assert (alice.patient.push_devices.count(), bob.patient.push_devices.count()) == (0, 1)

    def test_there_is_an_end_to_devices(self, alice, maker):
        for n in range(push_devices.MAX_DEVICES):
            add(alice, maker, endpoint=f"http://127.0.0.1:9/{n}")
        with pytest.raises(push_devices.TooManyDevices):
            add(alice, maker)

    def test_the_key_is_made_once_for_its_owner_alone(self, settings):
        first = web_push.public_key()
        web_push._read_key.cache_clear()
        assert web_push.public_key() == first
        assert stat.S_IMODE(settings.VAPID_KEY_FILE.stat().st_mode) == 0o600
        assert [path.name for path in settings.VAPID_KEY_FILE.parent.iterdir()] == ["vapid_key.pem"]


class TestPage:
    def test_adds_a_device_and_lists_it_without_its_address(self, alice, alice_client, maker):
        page = alice_client.post(reverse("reminder_ways"), maker.subscription | {"name": "My phone"}, follow=True)
        assert "My phone" in page.content.decode()
        assert "push/one" not in page.content.decode()

    def test_says_why_a_browser_is_refused(self, alice_client, maker):
        said = maker.subscription | {"endpoint": "https://evil.example.org/x", "name": "My phone"}
        page = alice_client.post(reverse("reminder_ways"), said)
        assert (page.status_code, "My phone" in page.content.decode()) == (422, True)

    @pytest.mark.processes
    def test_sends_a_test_and_says_when_the_browser_is_gone(self, alice, alice_client, maker):
        device = add(alice, maker)
        page = alice_client.post(reverse("device_test", args=[device.uuid]), follow=True)
        assert maker.messages[0]["title"] == "This is a test"
        maker.answer = 410
        page = alice_client.post(reverse("device_test", args=[device.uuid]), follow=True)
        assert "Add the device again there." in page.content.decode()
        assert "Takes no messages since" in page.content.decode()

    @pytest.mark.parametrize("name", ["device_test", "device_remove"])
    def test_a_stranger_reaches_no_device(self, alice, charlie_client, maker, name):
        device = add(alice, maker)
        assert charlie_client.post(reverse(name, args=[device.uuid])).status_code == 404
        assert alice.patient.push_devices.count() == 1
