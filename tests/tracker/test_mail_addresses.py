"""Addresses that a form may let pass, or that came in before there was one: none reaches anybody else."""

import re
from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from tests.tracker.reminding import due_medicine
from tracker.models import Occurrence
from tracker.services import delivery

SEVEN = datetime(2026, 6, 1, 7, tzinfo=UTC)
State = Occurrence.State

# After the corpus of isemail: what RFC 5321 and 5322 allow in odd shapes, and what they do not.
GOOD = [
    "a@b.example",
    "first.last+tag@sub.example.org",
    "!#$%&'*+/=?^_`{|}~-@example.org",
    "x" * 64 + "@example.org",
    "1234567890@xn--bcher-kva.example",
]
ODD = [
    '"john..doe"@example.org',
    '"a b"@example.org',
    '"a@b"@example.org',
    '"\\""@example.org',
    "a@[127.0.0.1]",
    "a@[IPv6:::1]",
    "ü@example.org",
    "a@bücher.example",
    "a..b@example.org",
    ".a@example.org",
    "a.@example.org",
    "a@-example.org",
    "a@example..org",
    "a@localhost",
    "a@@example.org",
    "a",
    "@example.org",
    "a@",
    "(comment)a@example.org",
    "a@example.org (comment)",
    "<a@example.org>",
    "A Name <a@example.org>",
    "a@example.org, eve@example.net",
    "a@example.org; eve@example.net",
    "a@example.org eve@example.net",
    "group: a@example.org, eve@example.net;",
    "a@example.org\neve@example.net",
    "a@example.org\r\nBcc: eve@example.net",
    "a@example.org\r\nRCPT TO:<eve@example.net>",
    "a@example.org>\r\nRCPT TO:<eve@example.net",
    "\r\n.\r\nMAIL FROM:<eve@example.net>@example.org",
    "a\x7f@example.org",
    "a@example.org\u2028Bcc: eve@example.net",
    "\u202egro.elpmaxe@a",
    "x" * 65 + "@example.org",
    "a@" + "x" * 64 + ".example.org",
    " a@example.org ",
]
HEADERS = {
    "content-type", "mime-version", "subject", "from", "to", "date", "message-id", "list-unsubscribe",
    "list-unsubscribe-post", "auto-submitted", "x-auto-response-suppress",
}  # fmt: skip

pytestmark = [pytest.mark.processes, pytest.mark.django_db]


def said_to(sink):
    """The recipients that the server was told of."""
    told = [re.match(rb"RCPT TO:<(.*)>\r?\n", line, re.IGNORECASE) for line in sink.commands]
    return [found[1].decode() for found in told if found]


def drain():
    delivery.drain(clock=lambda: SEVEN, budget_s=60)


def test_whatever_is_allowed_is_taken_as_it_is(sink):
    due_medicine(*GOOD, at=SEVEN)
    drain()
    assert sorted(said_to(sink)) == sorted(GOOD)
    assert set(Occurrence.objects.values_list("state", flat=True)) == {State.SENT}


def test_an_odd_one_is_given_up_or_sent_to_but_reaches_nobody_else(sink):
    for address in ODD:
        sink.commands.clear()
        due_medicine(address, at=SEVEN)
        drain()
        told = said_to(sink)
        assert not any("eve@" in to for to in told), (address, told)
        state = Occurrence.objects.get(reminder__patient__user__email=address).state
        assert (state, len(told)) in {(State.SENT, 1), (State.FAILED, 0)}, (address, state, told)
        assert {line[:4].upper() for line in sink.commands} <= {b"EHLO", b"MAIL", b"RCPT", b"DATA", b"QUIT"}, address
    for taken in sink.taken:
        mail = message_from_bytes(taken)
        assert {name.lower() for name in mail.keys()} <= HEADERS  # noqa: SIM118, it is no dict
        assert len(mail.get_all("To")) == 1


def test_odd_ones_hold_up_nobody(sink):
    due_medicine(*ODD[::2], "bob@example.org", *ODD[1::2], at=SEVEN)
    drain()
    assert said_to(sink).count("bob@example.org") == 1
    assert set(Occurrence.objects.values_list("state", flat=True)) <= {State.SENT, State.FAILED}
