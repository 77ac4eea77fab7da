"""Deleting everything: nothing of the person stays, and nothing of anybody else goes."""

from datetime import UTC, datetime, time

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.urls import reverse

from tests.conftest import client_for
from tests.tracker.records import MARKER, NOW, fill, said_password_again
from tracker.models import Occurrence, User
from tracker.services import answers, calendar_feeds, erasure, mailbox, reminders

PAGE, API = reverse("erase_all"), "/api/v1/account/"
MORNING = datetime(2026, 6, 1, 4, tzinfo=UTC)
MAIL = "20260601T050000000000-0123456{}.eml"


def everything() -> dict[str, str]:
    """All rows of all tables, as text."""
    return {
        model._meta.label: as_text(list(model._base_manager.order_by("pk").values())) for model in apps.get_models()
    }


def as_text(rows) -> str:
    return repr([{name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()} for row in rows])


def mentions(term: str) -> list[str]:
    return [label for label, rows in everything().items() if term in rows]


class TestRefusals:
    def test_a_stranger_is_asked_to_log_in(self, client, alice):
        assert client.post(PAGE, {"is_sure": "on"}).url.startswith("/accounts/login/")
        assert User.objects.filter(pk=alice.user.pk).exists()

    def test_the_password_is_asked_again(self, alice, alice_client):
        answer = alice_client.post(PAGE, {"is_sure": "on"})
        assert "reauthenticate" in answer.url
        assert User.objects.filter(pk=alice.user.pk).exists()

    @pytest.mark.parametrize("sent", [{}, {"is_sure": ""}], ids=["nothing", "not ticked"])
    def test_without_the_tick_nothing_is_erased(self, alice, sent):
        answer = said_password_again(alice).post(PAGE, sent)
        assert (answer.status_code, "Nothing was erased" in answer.content.decode()) == (422, True)
        assert User.objects.filter(pk=alice.user.pk).exists()

    def test_asking_for_the_page_erases_nothing_and_offers_to_take_data_along(self, alice):
        page = said_password_again(alice).get(PAGE, {"is_sure": "on"}).content.decode()
        assert reverse("export_page") in page
        assert User.objects.filter(pk=alice.user.pk).exists()

    def test_over_the_api_the_password_is_asked_again(self, alice, alice_client):
        assert alice_client.delete(API).status_code == 403
        assert User.objects.filter(pk=alice.user.pk).exists()


class TestErasing:
    def test_nothing_of_the_person_stays_and_all_of_others(self, bob, request):
        fill(bob, marker="of bob alone")
        before = everything()
        alice = request.getfixturevalue("alice")
        fill(alice)
        other_device = client_for(alice)
        assert other_device.get("/").status_code == 200 and mentions(MARKER) and mentions(alice.email)
        answer = said_password_again(alice).post(PAGE, {"is_sure": "on"})
        assert (answer.url, answer["Clear-Site-Data"]) == (reverse("welcome"), '"cache", "storage"')
        assert (mentions(MARKER), mentions(alice.email), mentions("alice")) == ([], [], [])
        assert everything() == before
        assert other_device.get("/").status_code == 302

    def test_it_is_said_on_the_page_that_comes_next(self, alice):
        page = said_password_again(alice).post(PAGE, {"is_sure": "on"}, follow=True)
        assert "is erased" in page.content.decode()

    def test_all_log_ins_end_and_those_of_others_stay(self, alice, bob):
        mine, theirs = client_for(alice), client_for(bob)
        erasure.erase(by=alice.user)
        assert Session.objects.count() == 1
        assert (mine.get("/").status_code, theirs.get("/").status_code) == (302, 200)

    def test_addresses_that_need_no_log_in_end_with_it(self, alice, client):
        reminder = reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=MORNING)
        row = Occurrence.objects.filter(reminder=reminder).first()
        feed = calendar_feeds.replace(by=alice.user, at=NOW)
        token = answers.link_tokens(occurrence=row, actions=["done"], n_send=1)["done"]
        addresses = [
            reverse("calendar_feed", args=[feed.key]),
            reverse("unsubscribe", args=[reminder.unsubscribe_key]),
        ]
        assert [client.get(address).status_code for address in addresses] == [200, 200]
        erasure.erase(by=alice.user)
        assert [client.get(address).status_code for address in addresses] == [404, 404]
        assert client.post(reverse("reminder_act", args=[token])).status_code in (404, 410)

    def test_mails_kept_on_this_machine_go_and_those_to_others_stay(
        self, alice, bob, settings, tmp_path, django_capture_on_commit_callbacks
    ):
        settings.MAIL_DIR = tmp_path
        for n, to in enumerate((alice.email.upper(), f"Alice <{alice.email}>", bob.email)):
            (tmp_path / MAIL.format(n)).write_text(f"To: {to}\nSubject: hello\n\nhello\n")
        (tmp_path / "note.txt").write_text(alice.email)
        with django_capture_on_commit_callbacks(execute=True):
            erasure.erase(by=alice.user)
        assert [mail.to for mail in mailbox.newest()] == [bob.email]
        assert (tmp_path / "note.txt").exists()

    def test_the_same_over_the_api_and_then_nobody_is_there(self, alice):
        client = said_password_again(alice)
        fill(alice)
        assert client.delete(API).status_code == 204
        assert mentions(MARKER) == []
        assert client.delete(API).status_code == 401

    def test_the_address_may_sign_up_again_and_finds_nothing(self, alice, client):
        fill(alice)
        erasure.erase(by=alice.user)
        again = User.objects.create_user(alice.email, password=alice.password)
        assert not hasattr(again, "patient") and not again.assessments.exists()
