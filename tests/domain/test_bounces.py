from email import policy
from email.message import EmailMessage

import pytest

from tracker.domain import bounces

OURS = "<0b5dbb6e-6d5c-5f0e-9a37-6f2c3b9d7e11@ebb.example.org>"


def returned(*, status="5.1.1", action="failed", to="alice@example.org", message_id=OURS, original="message/rfc822"):
    """A report as Postfix writes it (RFC 3464)."""
    head = f"Message-ID: {message_id}\nSubject: Your reminder\n\n"
    original_part = f"Content-Type: {original}\n\n{head}" + ("body\n" if original == "message/rfc822" else "")
    return (
        "From: MAILER-DAEMON@mx.example.org\nTo: ebb@ebb.example.org\nSubject: Undelivered Mail\n"
        "Message-ID: <report@mx.example.org>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nsorry\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
        f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 no such\n user\n\n"
        f"--b\n{original_part}\n--b--\n"
    ).encode()


def complaint():
    """As in RFC 5965."""
    return (
        "From: fbl@mailbox.example\nTo: ebb@ebb.example.org\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\na complaint\n"
        "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
        "Original-Rcpt-To: <alice@example.org>\n\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {OURS}\n\nbody\n--b--\n"
    ).encode()


@pytest.mark.parametrize("original", ["message/rfc822", "text/rfc822-headers"])
def test_a_returned_mail_is_read(original):
    (report,) = bounces.read(returned(original=original))
    assert (report.kind, report.message_id, report.address) == ("bounce", OURS, "alice@example.org")
    assert (report.status, report.words, report.is_final) == ("5.1.1", "smtp; 550 no such user", True)


def test_a_complaint_is_read():
    (report,) = bounces.read(complaint())
    assert (report.kind, report.message_id, report.address, report.is_final) == (
        "complaint", OURS, "alice@example.org", True,
    )  # fmt: skip


@pytest.mark.parametrize("status", ["4.2.2", "5.4.4", "5.2.2", "5.7.1", "5.3.4", "5.0.0", "", "nonsense"])
def test_what_says_nothing_about_the_address_is_not_final(status):
    assert [report.is_final for report in bounces.read(returned(status=status))] == [False]


def test_a_delay_is_no_return():
    assert bounces.read(returned(action="delayed")) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: hello\n\nworld",
        returned(message_id="")[:600],
        returned().replace(b'boundary="b"', b'boundary="c"'),
        b"Content-Type: multipart/report; boundary=b\n\n" + b"--b\n" * 5_000,
    ],
)
def test_what_is_no_report_is_nothing(content):
    assert bounces.read(content) == []


@pytest.mark.parametrize(
    ("code", "words", "is_final"),
    [
        pytest.param(550, "5.1.1 no such user", True, id="unknown"),
        pytest.param(550, "no such user here", True, id="unknown, in words"),
        pytest.param(551, "5.1.6 moved", True, id="moved"),
        pytest.param(550, "5.2.1 disabled", True, id="switched off"),
        pytest.param(550, "5.4.4 no route", False, id="no route"),
        pytest.param(550, "5.7.1 blocked", False, id="we are blocked"),
        pytest.param(550, "relay access denied", False, id="we may not relay"),
        pytest.param(552, "quota", False, id="full"),
        pytest.param(554, "no", False, id="anything"),
        pytest.param(450, "later", False, id="later"),
    ],
)
def test_a_reply_to_the_recipient_is_told_apart(code, words, is_final):
    assert bounces.is_final_reply(code, words) is is_final


def test_a_report_as_the_library_writes_it_is_read_too():
    original = EmailMessage()
    original["Message-ID"] = OURS
    report = EmailMessage(policy=policy.SMTP)
    report["Subject"] = "returned"
    report.set_content("sorry")
    report.add_attachment(original)
    assert bounces.read(report.as_bytes()) == []
