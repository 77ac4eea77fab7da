import re
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from time import monotonic, sleep
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage, get_connection
from django.urls import reverse

from config.mail import MailboxBackend, StagedSMTPBackend
from config.provider_mail import ProviderBackend
from tests.sink import DROP, SILENCE, running_sink
from tests.tracker.announced import announce_advice
from tracker import emails
from tracker.emails import AmbiguousMailError, PermanentMailError, TransientMailError
from tracker.models import Occurrence, User
from tracker.services import delivery, mailbox, medicines, reminders, send_rules, web_push
from tracker.services.deadline import within

MORNING = datetime(2026, 6, 1, 4, tzinfo=UTC)
SEVEN = datetime(2026, 6, 1, 5, tzinfo=UTC)
HEALTH_WORDS = re.compile(
    r"pain|ache|hurt|back|spine|medic|drug|dose|treat|exercise|moves|verdict|diagnos|doctor|clinic|symptom|health", re.I
)


@pytest.fixture
def smtp(monkeypatch):
    """The real backend, talking to a server that misbehaves as told; not for long."""
    monkeypatch.setattr(StagedSMTPBackend, "total_s", 2)

    def connect(sink):
        return get_connection("config.mail.StagedSMTPBackend", host="127.0.0.1", port=sink.port)

    return connect


def answering_late(*_args, **_options):
    sleep(2)


class TestDeadline:
    def test_no_way_holds_up_a_worker_for_longer_than_was_promised(self):
        assert max(StagedSMTPBackend.total_s, ProviderBackend.total_s, web_push.TOTAL_S) <= 15

    def test_what_takes_too_long_is_left_to_itself(self):
        began = monotonic()
        with pytest.raises(TimeoutError):
            within(0.1, answering_late)
        assert monotonic() - began < 1.5

    def test_what_comes_in_time_is_handed_on(self):
        assert within(5, lambda: 7) == 7

    def test_what_goes_wrong_is_raised(self):
        with pytest.raises(KeyError, match="lost"):
            within(5, lambda: {}["lost"])

    def test_a_name_server_that_does_not_answer(self, smtp, monkeypatch):
        monkeypatch.setattr("config.mail.CONNECT_S", 0.1)
        monkeypatch.setattr("socket.getaddrinfo", answering_late)
        with running_sink() as sink:
            began = monotonic()
            with pytest.raises(TransientMailError) as caught:
                smtp(sink).send_messages([a_mail()])
            assert (caught.value.stage, monotonic() - began < 1.5) == ("connect", True)
            assert sink.n_connections == 0

    def test_a_provider_that_does_not_end_may_have_taken_it(self, settings, monkeypatch):
        settings.MAIL_PROVIDER, settings.ANYMAIL = "mailgun", {"MAILGUN_API_KEY": "k", "MAILGUN_SENDER_DOMAIN": "x.org"}
        backend = get_connection("config.provider_mail.ProviderBackend")
        monkeypatch.setattr(backend, "total_s", 0.1)
        slow = backend.api
        monkeypatch.setattr(slow, "send_messages", answering_late)
        with pytest.raises(AmbiguousMailError):
            backend.send_messages([a_mail()])
        assert backend.api is not slow


def a_mail(to="alice@example.org", **options):
    return EmailMessage("subject", "first\n.second\n", "ebb@example.org", [to], **options)


@pytest.mark.processes
class TestStagedSMTP:
    def test_hands_over_a_message_whole_with_its_dots(self, smtp):
        with running_sink() as sink:
            assert smtp(sink).send_messages([a_mail()]) == 1
            assert b"first\r\n..second\r\n" in sink.taken[0]

    @pytest.mark.parametrize(
        ("replies", "error", "stage"),
        [
            pytest.param({"banner": b"421 busy"}, TransientMailError, "connect", id="too busy to greet"),
            pytest.param({"banner": SILENCE}, TransientMailError, "connect", id="silent from the start"),
            pytest.param({"banner": DROP}, TransientMailError, "connect", id="hangs up at once"),
            pytest.param({"hello": DROP}, TransientMailError, "hello", id="hangs up at hello"),
            pytest.param({"sender": b"421 going down"}, TransientMailError, "sender", id="goes down at the sender"),
            pytest.param({"sender": b"550 not you"}, PermanentMailError, "sender", id="refuses the sender"),
            pytest.param({"recipient": b"450 later"}, TransientMailError, "recipient", id="greylists"),
            pytest.param({"recipient": b"452 full"}, TransientMailError, "recipient", id="has a full mailbox"),
            pytest.param({"recipient": b"550 nobody"}, PermanentMailError, "recipient", id="knows no such person"),
            pytest.param({"recipient": SILENCE}, TransientMailError, "recipient", id="falls silent before the text"),
            pytest.param({"data": b"451 not now"}, TransientMailError, "body", id="does not want the text now"),
            pytest.param({"data": b"554 no"}, PermanentMailError, "body", id="does not want the text ever"),
            pytest.param({"body": DROP}, TransientMailError, "", id="hangs up in the middle of the text"),
            pytest.param({"dot": b"451 try again"}, TransientMailError, "answer", id="cannot keep it now"),
            pytest.param({"dot": b"554 spam"}, PermanentMailError, "answer", id="will not keep it"),
            pytest.param({"dot": SILENCE}, AmbiguousMailError, "answer", id="keeps it and falls silent"),
            pytest.param({"dot": DROP}, AmbiguousMailError, "answer", id="keeps it and hangs up"),
        ],
    )
    def test_tells_apart_what_a_server_does(self, smtp, replies, error, stage):
        with running_sink(**replies) as sink:
            with pytest.raises(emails.MailError) as caught:
                smtp(sink).send_messages([a_mail()])
        if "body" in replies:  # the goodbye may be noticed while writing the text or at its final dot
            assert isinstance(caught.value, TransientMailError | AmbiguousMailError)
        else:
            assert (type(caught.value), caught.value.stage) == (error, stage)

    @pytest.mark.parametrize("quit", [DROP, SILENCE, b"500 what?"])
    def test_what_was_accepted_stays_accepted_however_the_goodbye_goes(self, smtp, quit):
        with running_sink(quit=quit) as sink:
            assert smtp(sink).send_messages([a_mail()]) == 1

    def test_a_server_that_is_not_there_is_asked_again_later(self, smtp):
        with running_sink() as sink:
            pass
        with pytest.raises(TransientMailError, match="connect"):
            smtp(sink).send_messages([a_mail()])

    @pytest.mark.parametrize("to", ["älice@example.org", "alice@\x00example.org", "not an address"])
    def test_an_address_that_cannot_be_written_is_given_up(self, smtp, to):
        with running_sink(recipient=b"553 no such thing") as sink:
            with pytest.raises(PermanentMailError):
                smtp(sink).send_messages([a_mail(to)])

    def test_a_refused_account_mail_does_not_undo_a_sign_up(self, smtp, settings, client, db):
        settings.EMAIL_BACKEND = "config.mail.StagedSMTPBackend"
        with running_sink(recipient=b"550 nobody") as sink:
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
            sent = {
                "email": "dora@example.org",
                "password1": "a long walk by the sea",
                "is_adult": "on",
                "consents": "on",
            }
            assert client.post(reverse("account_signup"), sent).status_code == 302
        assert User.objects.filter(email="dora@example.org").exists()

    def test_the_time_of_a_mail_begins_before_its_connection_is_made(self, smtp):
        with running_sink(sender=SILENCE) as sink:
            connection = smtp(sink)
            began = monotonic()
            connection.open()
            sleep(1)  # as if it had taken so long to connect
            with pytest.raises(TransientMailError, match="sender"):
                connection.send_messages([a_mail()])
            assert monotonic() - began < 2.5

    def test_after_an_error_the_next_message_gets_a_new_connection(self, smtp):
        with running_sink(recipient=b"550 nobody") as sink:
            connection = smtp(sink)
            connection.open()
            with pytest.raises(PermanentMailError):
                connection.send_messages([a_mail()])
            sink.replies.clear()
            assert connection.send_messages([a_mail()]) == 1
            assert sink.n_connections == 2

    def test_one_connection_carries_a_whole_drain(self, smtp, settings, alice):
        settings.EMAIL_BACKEND = "config.mail.StagedSMTPBackend"
        for minute in range(5):
            reminders.create(by=alice.user, kind="medicine", wall_time=time(7, minute), at=MORNING)
        with running_sink() as sink:
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
            assert delivery.drain(clock=lambda: SEVEN + timedelta(minutes=9)) == 5
            assert (len(sink.taken), sink.n_connections) == (5, 1)


@pytest.fixture(params=["morning_moves", "log_pain", "medicine", "advice", "questions", "check_up"])
def sent_mail(request, alice, mailoutbox, monkeypatch):
    """One mail of each kind, as it goes out."""
    monkeypatch.setattr(send_rules, "_unwanted", lambda occurrence, at: "")
    if request.param == "advice":
        announce_advice(alice, at=SEVEN)
    else:
        reminders.create(by=alice.user, kind=request.param, wall_time=time(7), at=MORNING)
    delivery.drain(clock=lambda: SEVEN)
    return mailoutbox[0]


class TestReminderMail:
    def test_holds_no_word_about_health(self, sent_mail):
        html = sent_mail.alternatives[0].content
        visible = re.sub(r"https?://\S+|<style.*?</style>|<[^>]*>", " ", f"{sent_mail.subject} {sent_mail.body} {html}")
        assert HEALTH_WORDS.findall(visible) == []

    def test_comes_in_three_parts_with_the_same_links(self, sent_mail):
        html = sent_mail.alternatives[0].content
        in_text = set(re.findall(r"http://\S+", sent_mail.body))
        assert in_text and all(url in html for url in in_text)
        assert "\n" not in sent_mail.subject

    def test_its_html_needs_nothing_from_elsewhere(self, sent_mail):
        html = sent_mail.alternatives[0].content
        assert not re.search(r"<(script|link|img|iframe|style)\b", html)
        assert 'style="' in html

    def test_its_links_come_from_the_settings(self, sent_mail, settings):
        assert all(url.startswith(settings.SITE_URL + "/") for url in re.findall(r"http\S+", sent_mail.body))

    def test_its_headers_stop_auto_replies_and_offer_one_click_to_stop(self, sent_mail):
        headers = sent_mail.extra_headers
        assert re.fullmatch(r"<http://127\.0\.0\.1:\d+/unsubscribe/[\w-]{43}/>", headers["List-Unsubscribe"])
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert headers["Auto-Submitted"] == "auto-generated"
        assert headers["X-Auto-Response-Suppress"] == "All"
        assert re.fullmatch(r"<[0-9a-f]{32}@127\.0\.0\.1>", headers["Message-ID"])


def test_a_name_is_escaped_in_html_and_kept_as_it_is_in_text(alice, mailoutbox):
    alice.patient.display_name = '<b onclick="x">O\'Brien & Søn</b>'
    alice.patient.save()
    reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=MORNING)
    delivery.drain(clock=lambda: SEVEN)
    assert alice.patient.display_name in mailoutbox[0].body
    assert "<b onclick" not in mailoutbox[0].alternatives[0].content


def test_long_words_of_another_alphabet_go_out_in_lines_that_every_server_takes(alice, settings):
    settings.DEFAULT_FROM_EMAIL = f"{'Дневник боли ' * 6}<ebb@example.org>"
    name = "Пароксетина гидрохлорид в таблетках по двадцать миллиграммов"
    alice.patient.says_more, alice.patient.display_name = True, "A\rB\nC\r\nD"
    alice.patient.save()
    said = {"medicine": medicines.add_medicine(by=alice.user, uuid=uuid4(), at=MORNING, on=MORNING.date(), name=name)}
    reminder = reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=MORNING, **said)
    mail = emails.reminder_mail(occurrence=reminder.occurrences.first(), message_id="<1@example.org>", act_tokens={})
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", mail.wire())
    assert message_from_bytes(mail.wire(), policy=policy.default)["Subject"] == f"Time for {name}"


def test_each_numbered_send_has_its_own_message_id_that_a_repeat_keeps(alice):
    reminder = reminders.create(by=alice.user, kind="medicine", wall_time=time(7), at=MORNING)
    row = reminder.occurrences.get(local_date=date(2026, 6, 1))
    ids = [emails.message_id(occurrence=Occurrence.objects.get(pk=row.pk), n_send=n) for n in (1, 1, 2)]
    assert ids[0] == ids[1] != ids[2]


@pytest.fixture
def mail_dir(settings, tmp_path):
    settings.MAIL_DIR = tmp_path / "mail"
    return settings.MAIL_DIR


class TestMailboxBackend:
    def test_writes_a_whole_file_that_only_its_owner_can_read(self, mail_dir):
        MailboxBackend().send_messages([a_mail()])
        (path,) = mail_dir.iterdir()
        assert path.stat().st_mode & 0o077 == 0
        assert message_from_bytes(path.read_bytes(), policy=policy.default)["To"] == "alice@example.org"

    def test_a_full_disk_is_no_reason_to_give_up(self, mail_dir):
        mail_dir.write_text("in the way")
        with pytest.raises(TransientMailError, match="mailbox"):
            MailboxBackend().send_messages([a_mail()])
        mail_dir.unlink()

    def test_what_is_written_can_be_read(self, mail_dir):
        MailboxBackend().send_messages([a_mail("älice@example.org"), a_mail()])
        newest = mailbox.newest()
        assert [kept.to for kept in newest] == ["alice@example.org", "älice@example.org"]
        assert newest[0].text == "first\n.second\n"
