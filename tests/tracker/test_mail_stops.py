"""Mail that came back: through a mail server's pipe, and as a provider's word."""

import hashlib
import hmac
import io
import json
from datetime import UTC, date, datetime, time

import pytest
import requests
from anymail import exceptions
from anymail.signals import AnymailTrackingEvent
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from django.core.management import call_command
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from config import provider_mail
from tests.domain.test_bounces import complaint, returned
from tracker.emails import AmbiguousMailError, PermanentMailError, TransientMailError
from tracker.services import delivery, mail_stops, reminders

MORNING = datetime(2026, 6, 1, 4, tzinfo=UTC)
SEVEN = datetime(2026, 6, 1, 5, tzinfo=UTC)


@pytest.fixture
def sent(alice, mailoutbox):
    reminder = reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=MORNING)
    delivery.drain(clock=lambda: SEVEN)
    return reminder.occurrences.get(local_date=date(2026, 6, 1))


def stop_of(person):
    return mail_stops.stop_of(person.patient)


class TestReports:
    def note(self, sent, at=SEVEN, **report):
        content = returned(message_id=sent.message_id, **report)
        return mail_stops.note_reports(content=content, at=at)

    def test_an_unknown_address_stops_mail(self, alice, sent):
        self.note(sent)
        assert (stop_of(alice).reason, stop_of(alice).address) == ("bounced", alice.email)

    def test_it_still_does_when_once_more_was_not_needed(self, alice, sent):
        type(sent).objects.update(repeats_at=SEVEN, response="done")
        delivery.drain(clock=lambda: SEVEN)
        sent.refresh_from_db()
        assert (sent.state, sent.n_sends) == ("sent", 1)
        self.note(sent)
        assert stop_of(alice) is not None

    def test_a_full_mailbox_does_not(self, alice, sent):
        self.note(sent, status="5.2.2")
        assert stop_of(alice) is None

    def test_a_report_about_a_mail_that_is_not_ours_does_not(self, alice, sent):
        mail_stops.note_reports(content=returned(message_id="<forged@example.org>"), at=SEVEN)
        assert stop_of(alice) is None

    def test_a_report_that_names_somebody_else_does_not(self, alice, sent):
        self.note(sent, to="bob@example.org")
        assert stop_of(alice) is None

    def test_a_report_that_comes_much_later_does_not(self, alice, sent):
        self.note(sent, at=SEVEN + 2 * mail_stops.REMEMBERED)
        assert stop_of(alice) is None

    def test_the_page_says_so_and_starts_again(self, alice, alice_client, sent):
        self.note(sent)
        for name in ("today", "reminder_list"):
            assert "Your mails have stopped" in alice_client.get(reverse(name)).content.decode()
        page = alice_client.get(reverse("reminder_ways")).content.decode()
        assert "No reminders are sent to alice@example.org" in page
        alice_client.post(reverse("mail_start_again"))
        assert stop_of(alice) is None
        assert "Your mails have stopped" not in alice_client.get(reverse("today")).content.decode()


class TestCommand:
    def run(self, monkeypatch, content, *words):
        out = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        call_command("bounces", *words, stdout=out)
        return out.getvalue()

    def test_reads_what_a_mail_server_pipes(self, alice, sent, monkeypatch):
        sent.reminder.occurrences.update(started_at=timezone.now())
        assert self.run(monkeypatch, returned(message_id=sent.message_id)) == "bounce 5.1.1: stopped\n"
        assert stop_of(alice) is not None

    def test_reads_a_complaint(self, alice, sent, monkeypatch):
        sent.reminder.occurrences.update(
            started_at=timezone.now(), message_id="<0b5dbb6e-6d5c-5f0e-9a37-6f2c3b9d7e11@ebb.example.org>"
        )
        assert self.run(monkeypatch, complaint()) == "complaint -: stopped\n"
        assert stop_of(alice).reason == "complained"

    def test_says_when_it_is_nothing_of_ours(self, db, monkeypatch):
        assert self.run(monkeypatch, b"Subject: hello\n\nworld") == "no report of ours\n"

    def test_lifts_what_a_mistake_has_stopped(self, alice, sent, monkeypatch):
        mail_stops.stop(patient=alice.patient, reason="refused", words="", at=timezone.now())
        assert self.run(monkeypatch, b"", "--start-again", "1") == "started again 1\n"


class TestProvider:
    def told(self, sent, **event):
        said = {"event_type": "bounced", "reject_reason": "bounced", "recipient": "alice@example.org"} | event
        event = AnymailTrackingEvent(message_id=sent.message_id, **said)
        provider_mail.note(None, event, "Mailgun")

    @pytest.mark.parametrize(
        ("event", "reason"),
        [
            pytest.param({"mta_response": "550 5.1.1 no such user"}, "bounced", id="unknown"),
            pytest.param({"event_type": "complained"}, "complained", id="a complaint"),
            pytest.param({"mta_response": "550 5.4.4 host not found"}, None, id="not reachable"),
            pytest.param({"mta_response": "550 5.7.1 blocked"}, None, id="we are blocked"),
            pytest.param({"event_type": "deferred", "reject_reason": None}, None, id="later"),
            pytest.param({"event_type": "delivered", "reject_reason": None}, None, id="delivered"),
            pytest.param({"reject_reason": "blocked"}, None, id="blocked by the provider"),
        ],
    )
    def test_what_it_says_stops_mail_or_does_not(self, alice, sent, event, reason):
        self.told(sent, **event)
        assert (stop_of(alice) and stop_of(alice).reason) == reason

    @pytest.mark.parametrize("key", ["right", "wrong"])
    def test_only_a_signed_word_is_taken(self, settings, key):
        settings.ANYMAIL = {"MAILGUN_API_KEY": "x", "MAILGUN_WEBHOOK_SIGNING_KEY": "right"}
        told = {"timestamp": "1780000000", "token": "t"}
        told["signature"] = hmac.new(key.encode(), b"1780000000t", hashlib.sha256).hexdigest()
        body = json.dumps({"signature": told, "event-data": {"event": "delivered", "timestamp": 1780000000}})
        request = RequestFactory().post("/webhooks/mail/", body, content_type="application/json")
        if key == "right":
            assert MailgunTrackingWebhookView.as_view()(request).status_code == 200
        else:
            with pytest.raises(exceptions.AnymailWebhookValidationFailure):
                MailgunTrackingWebhookView.as_view()(request)

    @pytest.mark.parametrize(
        ("error", "kind", "stage"),
        [
            (exceptions.AnymailRecipientsRefused(), PermanentMailError, "recipient"),
            (requests.ConnectTimeout(), TransientMailError, "connect"),
            (requests.ConnectionError("NewConnectionError(refused)"), TransientMailError, "connect"),
            (requests.ReadTimeout(), AmbiguousMailError, "answer"),
            (requests.ConnectionError("RemoteDisconnected"), AmbiguousMailError, "answer"),
            (ValueError("bad header"), PermanentMailError, "answer"),
        ],
    )
    def test_its_failures_are_told_apart(self, error, kind, stage):
        made = provider_mail.failure(error)
        assert (type(made), made.stage) == (kind, stage)

    @pytest.mark.parametrize(
        ("status", "kind", "stage"),
        [
            (400, PermanentMailError, "answer"),
            (401, TransientMailError, "connect"),
            (429, TransientMailError, "answer"),
            (500, TransientMailError, "answer"),
        ],
    )
    def test_its_answers_are_told_apart(self, status, kind, stage):
        response = requests.Response()
        response.status_code = status
        made = provider_mail.failure(exceptions.AnymailRequestsAPIError("x", response=response))
        assert (type(made), made.stage) == (kind, stage)
