"""A mail server that fails in each way there is, and one that lies: nothing is lost, doubled in silence, or waited for.

EBB_FAULT_MAILS says how many mails each way gets; the full run takes 200.
"""

import os
import re
import time as clock
from datetime import UTC, datetime, timedelta

import pytest

from config.mail import StagedSMTPBackend
from tests.sink import DRIP, DROP, ENDLESS, SILENCE, running_sink
from tests.tracker.reminding import due_medicine
from tracker.models import MailStop, Occurrence
from tracker.services import delivery, reminders

N_MAILS = int(os.environ.get("EBB_FAULT_MAILS", "3"))
PATIENCE_S = 0.4  # for one mail; 15 in life
SEVEN = datetime(2026, 6, 1, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
State = Occurrence.State
FINAL = {State.SENT, State.FAILED, State.SKIPPED_LATE, State.SUPPRESSED}

pytestmark = [pytest.mark.processes, pytest.mark.django_db]

TRANSIENT = [
    pytest.param({"banner": b"421 busy"}, id="1 too busy to greet"),
    pytest.param({"banner": SILENCE}, id="2 silent from the start"),
    pytest.param({"banner": DROP}, id="3 hangs up at once"),
    pytest.param({"banner": DRIP}, id="4 greets a letter at a time"),
    pytest.param({"hello": DROP}, id="5 hangs up at hello"),
    pytest.param({"hello": ENDLESS}, id="6 offers more and more at hello"),
    pytest.param({"sender": b"421 going down"}, id="7 goes down at the sender"),
    pytest.param({"recipient": b"450 later"}, id="8 greylists"),
    pytest.param({"recipient": b"452 4.2.2 full"}, id="9 has a full mailbox"),
    pytest.param({"data": b"451 not now"}, id="10 does not want the text now"),
    pytest.param({"data": SILENCE}, id="11 falls silent before the text"),
    pytest.param({"dot": b"451 try again"}, id="12 cannot keep it now"),
    pytest.param({"recipient": b"\xff\xfe what"}, id="lies in no words at all"),
    pytest.param({"sender": b"999 fine"}, id="lies with a number that is none"),
    pytest.param({"recipient": DRIP}, id="drips at the recipient"),
]
PERMANENT = [
    pytest.param({"recipient": b"550 5.1.1 nobody"}, True, id="13 knows no such person"),
    pytest.param({"recipient": b"550 5.7.1 relaying denied"}, False, id="does not trust us"),
    pytest.param({"dot": b"554 spam"}, False, id="14 will not keep it"),
]
AMBIGUOUS = [
    pytest.param({"dot": SILENCE}, id="15 keeps it and falls silent"),
    pytest.param({"dot": DROP}, id="keeps it and hangs up"),
    pytest.param({"dot": DRIP}, id="keeps it and drips"),
    pytest.param({"dot": ENDLESS}, id="keeps it and never ends"),
    pytest.param({"dot": b"\xff\xfe what"}, id="keeps it and lies"),
]


@pytest.fixture(params=[b"250 hello", b"250-hello\r\n250 PIPELINING"], ids=["one by one", "pipelining"])
def hello(request):
    return {"hello": request.param}


@pytest.fixture(autouse=True)
def impatient(settings, monkeypatch):
    settings.EMAIL_BACKEND = "config.mail.StagedSMTPBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    monkeypatch.setattr(StagedSMTPBackend, "total_s", PATIENCE_S)


@pytest.fixture
def rows(db):
    """One due reminder each for some patients."""
    return due_medicine(*(f"p{n}@example.org" for n in range(N_MAILS)), at=SEVEN)


def drain(at):
    """As beat would, until nothing more is done at that moment; no mail may take longer than its time."""
    began = clock.monotonic()
    delivery.drain(clock=lambda: at, budget_s=N_MAILS * (PATIENCE_S + 0.5) + 5)
    assert clock.monotonic() - began < N_MAILS * (PATIENCE_S + 0.5) + 8


def until_all_is_over(rows):
    at = SEVEN
    for _ in range(60):
        at += 2 * MINUTE
        drain(at)
        if set(rows.values_list("state", flat=True)) <= FINAL:
            return
    pytest.fail("rows without an end")


def ids_of(sink):
    return [re.search(rb"Message-ID: (\S+)", mail)[1] for mail in sink.taken]


@pytest.mark.parametrize("fault", TRANSIENT)
def test_what_passes_is_waited_for_and_everything_arrives_once(rows, settings, hello, fault):
    with running_sink(**(hello | fault)) as sink:
        settings.EMAIL_PORT = sink.port
        drain(SEVEN)
        assert sink.taken == []
        sink.replies.clear()
        sink.replies.update(hello)
        until_all_is_over(rows)
        assert len(sink.taken) == len(set(ids_of(sink))) == N_MAILS
    assert set(rows.values_list("state", "is_ambiguous")) == {(State.SENT, False)}


def test_a_server_that_is_not_there_is_waited_for(rows, settings):
    with running_sink() as sink:
        settings.EMAIL_PORT = sink.port
    drain(SEVEN)
    with running_sink() as sink:
        settings.EMAIL_PORT = sink.port
        until_all_is_over(rows)
        assert len(sink.taken) == N_MAILS


@pytest.mark.parametrize(("fault", "stops_mail"), PERMANENT)
def test_what_is_refused_for_good_is_asked_once(rows, settings, hello, fault, stops_mail):
    with running_sink(**(hello | fault)) as sink:
        settings.EMAIL_PORT = sink.port
        for n in range(3):
            drain(SEVEN + n * 5 * MINUTE)
        assert sink.n_asked["recipient"] == N_MAILS
        assert sink.taken == []
    assert set(rows.values_list("state", flat=True)) == {State.FAILED}
    assert MailStop.objects.count() == (N_MAILS if stops_mail else 0)
    reminders.plan(at=SEVEN + 24 * 60 * MINUTE)


@pytest.mark.parametrize("fault", AMBIGUOUS)
def test_what_may_have_arrived_is_repeated_once_under_the_same_name(rows, settings, hello, fault):
    with running_sink(**(hello | fault)) as sink:
        settings.EMAIL_PORT = sink.port
        drain(SEVEN)
        assert len(sink.taken) == N_MAILS
        sink.replies.clear()
        sink.replies.update(hello)
        until_all_is_over(rows)
        assert len(sink.taken) == 2 * N_MAILS
        assert len(set(ids_of(sink))) == N_MAILS
    assert set(rows.values_list("state", "is_ambiguous")) == {(State.SENT, True)}


def test_a_server_that_always_falls_silent_gets_each_mail_twice_and_no_more(rows, settings, hello):
    with running_sink(**(hello | {"dot": SILENCE})) as sink:
        settings.EMAIL_PORT = sink.port
        drain(SEVEN)
        until_all_is_over(rows)
        assert len(sink.taken) == 2 * N_MAILS
    assert set(rows.values_list("state", "is_ambiguous")) == {(State.FAILED, True)}


@pytest.mark.parametrize(
    "extra", [b"250 again", b"451 again", b"250 a\r\n250 b\r\n354 c"], ids=["kind", "cross", "all"]
)
def test_a_reply_too_many_is_not_taken_for_one_to_the_next_mail(rows, settings, hello, extra):
    with running_sink(**(hello | {"dot": b"250 taken\r\n" + extra})) as sink:
        settings.EMAIL_PORT = sink.port
        drain(SEVEN)
        assert set(rows.values_list("state", flat=True)) == {State.SENT}
        assert len(sink.taken) == len(set(ids_of(sink))) == N_MAILS


def test_an_answer_from_before_the_text_does_not_count(rows, settings, hello):
    with running_sink(**(hello | {"data": b"354 go on\r\n250 taken", "dot": b"451 not now"})) as sink:
        settings.EMAIL_PORT = sink.port
        drain(SEVEN)
    assert set(rows.values_list("state", flat=True)) == {State.PENDING}
