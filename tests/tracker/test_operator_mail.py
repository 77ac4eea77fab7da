"""What an operator reads about mail: records to set, what the settings lack, a server that is away."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from tracker.services import circuit, sender_check

AT = datetime(2026, 6, 1, 5, tzinfo=UTC)


@pytest.fixture
def public(settings):
    settings.SITE_URL, settings.DEFAULT_FROM_EMAIL = "https://ebb.example.org", "Ebb <ebb@example.org>"
    settings.EMAIL_URL = "smtp+tls://mail.example.org"
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "mail.example.org", True
    return settings


def ill():
    return [finding.words for finding in sender_check.findings() if not finding.is_well]


def test_a_patient_does_not_find_the_page(alice_client):
    assert alice_client.get(reverse("operator_mail")).status_code == 404


def test_it_prints_the_records_of_the_senders_domain(public):
    told = {record.what: (record.name, record.value) for record in sender_check.records()}
    assert told["SPF"] == ("example.org", "v=spf1 a:mail.example.org -all")
    assert told["DMARC"][0] == "_dmarc.example.org"
    assert told["DKIM"][0].endswith("._domainkey.example.org")


def test_well_set_up_there_is_nothing_to_say(public):
    assert ill() == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DEFAULT_FROM_EMAIL", "Ebb <ebb@localhost>", "EBB_FROM_EMAIL"),
        ("DEFAULT_FROM_EMAIL", "Ebb <ebb@192.0.2.7>", "EBB_FROM_EMAIL"),
        ("SITE_URL", "https://other.example.com", "receivers trust that less"),
        ("BOUNCE_EMAIL", "back@other.example.com", "only DKIM"),
        ("EMAIL_USE_TLS", False, "not encrypted"),
        ("MAIL_PROVIDER", "mailgun", "EBB_WEBHOOK_SECRET"),
    ],
)
def test_what_is_missing_is_said(public, name, value, words):
    setattr(public, name, value)
    assert words in " ".join(ill())


def test_without_a_server_nothing_is_said_of_the_way_to_it(public):
    public.EMAIL_URL, public.EMAIL_HOST, public.EMAIL_USE_TLS = "", "localhost", False
    assert ill() == ["No mail server is set: set EMAIL_URL."]
    assert "localhost" not in str(sender_check.records())


def test_a_server_that_is_away_is_shown(alice, alice_client):
    alice.user.is_staff = True
    alice.user.save()
    for _ in range(circuit.OPENS_AFTER):
        circuit.failed(circuit.MAIL, words="connect: refused", at=AT)
    page = alice_client.get(reverse("operator_mail")).content.decode()
    assert "Left alone since" in page and "connect: refused" in page
    home = alice_client.get(reverse("operator_home")).content.decode()
    assert reverse("operator_mail") in home and "does not answer" in home


def test_without_a_server_none_is_said_to_answer(alice, alice_client, settings):
    settings.EMAIL_BACKEND = "config.mail.MailboxBackend"
    alice.user.is_staff = True
    alice.user.save()
    assert "None is set: mail stays on this machine." in alice_client.get(reverse("operator_mail")).text
    assert "none is set" in alice_client.get(reverse("operator_home")).text
