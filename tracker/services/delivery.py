"""Sends what is due. The occurrence row is the queue: whoever holds its token may act on it, until its lease ends.

pending -> claimed -> started -> sent. A claim that runs out goes back. A start that runs out may or may not have sent,
and is repeated once with the same Message-ID while its window is open. Where a reminder goes out by several channels,
each of them takes it at most once: the row says which have.
"""

import logging
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import cached_property

from django.core.mail import get_connection
from django.db import DatabaseError, transaction
from django.db.models import F, Q

from tracker import emails
from tracker.models import Occurrence, Reminder, Tick
from tracker.services import answers, circuit, mail_stops, send_rules, ways, web_push
from tracker.services.ledger import Ledger
from tracker.services.send_rules import MAY_HAVE_ARRIVED
from tracker.services.ways import Ways

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
State, Channel = Occurrence.State, Reminder.Channel

LEASE = timedelta(seconds=60)
BATCH = 100
# A row that ends its worker this often is given up, so that it cannot take the others with it.
MAX_ATTEMPTS = 5
RETRY_AFTER = tuple(timedelta(seconds=s) for s in (10, 30, 60, 300, 600))
MAILS_PER_CONNECTION = 100
# What the patients of a batch want is read again when it is older than this.
FRESH_S = 1.0
# What bears on a send. A column that nobody looks at costs nearly as much as one that counts; any other is read at need.
READ = {
    "": "reminder appointment local_date zone due_at window_ends_at because n_attempts n_retries n_sends told_by given_up"
    " doubted_send started_at response",
    "reminder__": "patient uuid kind repeat_minutes skips_if_done medicine channels is_active unsubscribed_at"
    " unsubscribe_key",
    "reminder__patient__": "user display_name zone language says_more is_demo help_shown_at flare_until sick_on quiet_from"
    " quiet_until paused_from paused_until pause_covers_all",
    "reminder__patient__user__": "email is_active",
}
COLUMNS = [whose + name for whose, names in READ.items() for name in names.split()]
WITHOUT_LEASE = {"lease_token": None, "lease_until": None}


class NotMine(Exception):
    """Another worker has the row: its lease ran out here."""


class Postman:
    """One connection to the mail server, opened at need and renewed after an error or a hundred messages."""

    def __init__(self, clock: Clock) -> None:
        self.connection = get_connection()
        self.clock = clock
        self.n_sent = 0

    @cached_property
    def is_server_down(self) -> bool:
        """Asked only when something is due: with the circuit open, one try alone is given out, and account mail has it else."""
        return not circuit.may_try(circuit.MAIL, at=self.clock())

    def send(self, mail: emails.ReminderMail) -> None:
        if self.n_sent and self.n_sent % MAILS_PER_CONNECTION == 0:
            self.close()
        try:
            if not getattr(self.connection, "calls_before_text", False):
                mail.before_text()
            self.connection.open()
            self.connection.send_messages([mail])
        except emails.TransientMailError as error:
            if error.stage == "connect":
                self.is_server_down = True
                circuit.failed(circuit.MAIL, words=str(error), at=self.clock())
            raise
        if self.n_sent == 0:
            circuit.worked(circuit.MAIL, at=self.clock())
        self.n_sent += 1

    def close(self) -> None:
        self.connection.close()


def drain(*, clock: Clock, budget_s: float = 8.0) -> int:
    """Send what is due until nothing is or the time is used up; return how many were sent. Safe to run any number of."""
    ends, n_sent = time.monotonic() + budget_s, 0
    with closing(Postman(clock)) as postman:
        _take_back(at=clock())
        _ask_again(at=clock())
        is_more = Occurrence.objects.due(clock()).exists()
        while is_more and time.monotonic() < ends:
            ledger = Ledger(token=uuid.uuid4(), lease=LEASE)
            batch = _claim(ledger.token, at=clock(), has_mail=not postman.is_server_down)
            n_sent += _deliver_all(batch, ledger, postman, clock, ends)
            is_more = bool(batch)
    # Looked for only once in the life of an instance: a tick with nothing due has to be cheap.
    if not Tick.objects.filter(name="drain").update(ticked_at=clock()):
        Tick.objects.update_or_create(name="drain", defaults={"ticked_at": clock()})
    return n_sent


def wants_help(*, at: datetime) -> bool:
    """More is due than one batch, and nothing is wrong with the mail server: others may send beside this process."""
    is_much = Occurrence.objects.due(at).order_by("due_at")[BATCH : BATCH + 1].exists()
    return is_much and circuit.state(circuit.MAIL) is None


def _take_back(*, at: datetime) -> None:
    """Rows whose worker has vanished."""
    abandoned = Occurrence.objects.abandoned(at)
    if not abandoned.exists():
        return
    # Which row of a batch ended the worker is not known: each is a suspect, and goes alone from now on.
    abandoned.filter(state=State.CLAIMED).update(state=State.PENDING, n_attempts=F("n_attempts") + 1, **WITHOUT_LEASE)
    started = abandoned.filter(state=State.STARTED)
    doubt = {"is_ambiguous": True, "because": MAY_HAVE_ARRIVED, **WITHOUT_LEASE}
    new = started.exclude(doubted_send=F("n_sends") + 1).filter(window_ends_at__gt=at)
    new.update(state=State.PENDING, doubted_send=F("n_sends") + 1, **doubt)
    started.exclude(told_by="").update(state=State.SENT, n_sends=F("n_sends") + 1, **doubt)
    started.update(state=State.FAILED, **doubt)


def _ask_again(*, at: datetime) -> None:
    """What was sent, and is to come once more if nothing was done: that is looked at when it is about to go."""
    again = {"state": State.PENDING, "because": "", "n_attempts": 0, "n_retries": 0}
    again |= {"told_by": "", "given_up": ""}
    Occurrence.objects.to_repeat(at).update(due_at=F("repeats_at"), repeats_at=None, **again)


@transaction.atomic
def _claim(token: uuid.UUID, *, at: datetime, has_mail: bool) -> list[int]:
    """Take up to a batch of due rows for this worker alone; rows that another is claiming are passed over.

    Without a mail server only what does not need one: messages to devices, and what is too late anyway.
    """
    due = Occurrence.objects.due(at)
    if not has_mail:
        due = due.filter(Q(window_ends_at__lte=at) | Q(reminder__channels__contains=Channel.PUSH.value))
    due = due.order_by("due_at", "pk").select_for_update(of=("self",), skip_locked=True)
    free = due.values_list("pk", flat=True)
    pks = list(free.filter(n_attempts=0)[:BATCH]) or list(free.filter(n_attempts__gt=0)[:1])
    if pks:
        claimed = Occurrence.objects.filter(pk__in=pks, state=State.PENDING)
        claimed.update(state=State.CLAIMED, lease_token=token, lease_until=at + LEASE)
    return pks


def _deliver_all(pks: Sequence[int], ledger: Ledger, postman: Postman, clock: Clock, ends: float) -> int:
    """Deal with the rows in turn until the time is used up; what patients want is never older than a second."""
    n_sent, waiting = 0, deque(pks)
    try:
        while waiting:
            read_at, is_fresh, rows = time.monotonic(), True, _read(waiting, ledger.token)
            send_rules.look_up(rows.values(), at=clock())
            open_ways = ways.read(rows.values())
            while waiting and is_fresh:
                if time.monotonic() >= ends:
                    return n_sent
                if row := rows.get(waiting.popleft()):
                    n_sent += _deliver(row, open_ways, ledger, postman, clock)
                is_fresh = time.monotonic() - read_at < FRESH_S
    finally:
        ledger.close(waiting)
    return n_sent


def _read(pks: Sequence[int], token: uuid.UUID) -> dict[int, Occurrence]:
    mine = Occurrence.objects.filter(pk__in=pks, lease_token=token, state=State.CLAIMED)
    whole = mine.select_related("reminder__patient__user", "reminder__medicine", "appointment")
    return {row.pk: row for row in whole.only(*COLUMNS)}


def _deliver(row: Occurrence, open_ways: Ways, ledger: Ledger, postman: Postman, clock: Clock) -> bool:
    """Whether it was sent."""
    at = clock()
    ledger.turn_to(row.reminder.patient_id)
    try:
        if row.n_attempts >= MAX_ATTEMPTS:
            ledger.end(row.pk, state=State.FAILED, because="tried too often")
            return False
        if (decided := send_rules.decide(row, at=at)) is not None:
            _put_aside(row, decided, ledger)
            return False
        wanted = open_ways.of(row)
        if not (left := _left(row, wanted, postman)):
            _nothing_left(row, wanted, ledger, at=at)
            return False
        repeats_at = send_rules.repeats_at(row, n_send=row.n_sends + 1, at=at)
        message_id = emails.message_id(occurrence=row, n_send=row.n_sends + 1)
        ledger.begin(row.pk, message_id=message_id, at=at, repeats_at=repeats_at)
        mail = _write(row, message_id, at=at)
    except Exception:
        # Whatever is wrong with one row, the others must go out. Nothing was sent: it comes back later.
        logger.exception("occurrence %s cannot be written", row.pk)
        ledger.spoilt(row.pk, until=clock() + RETRY_AFTER[0])
        return False
    return _send(row, left, mail, open_ways, ledger, postman, clock)


def _write(row: Occurrence, message_id: str, *, at: datetime) -> emails.ReminderMail:
    n_send = row.n_sends + 1
    actions = answers.offered(row, n_send=n_send)
    tokens = answers.link_tokens(occurrence=row, actions=actions, n_send=n_send)
    is_lighter = send_rules.is_lighter(row, at=at)
    return emails.reminder_mail(occurrence=row, message_id=message_id, act_tokens=tokens, is_lighter=is_lighter)


def _put_aside(row: Occurrence, decided: send_rules.Stop | send_rules.Wait, ledger: Ledger) -> None:
    match decided:
        case send_rules.Wait(until=until, because=because, window_ends_at=ends):
            ledger.wait(row.pk, until=until, because=because, window_ends_at=ends)
        case send_rules.Stop(because=because) if row.told_by:
            ledger.end(row.pk, state=State.SENT, because=because, n_sends=F("n_sends") + 1)
        case send_rules.Stop(state=state, because=because):
            ledger.end(row.pk, state=state, because=because)


def _left(row: Occurrence, wanted: Sequence[str], postman: Postman) -> list[str]:
    """The channels that may take this send now and have not yet."""
    closed = {*row.told_by.split(","), *row.given_up.split(",")}
    if postman.is_server_down:
        closed.add(Channel.EMAIL)
    return [way for way in wanted if way not in closed]


def _nothing_left(row: Occurrence, wanted: Sequence[str], ledger: Ledger, *, at: datetime) -> None:
    """No channel may take it now: none is open, each has had its turn, or mail alone is left and its server is down."""
    told, given_up = _named(row.told_by), _named(row.given_up)
    if told and set(wanted) <= {*told, *given_up}:
        ledger.end(row.pk, state=State.SENT, because="not by every way", n_sends=F("n_sends") + 1)
    elif given_up and set(wanted) <= set(given_up):
        ledger.end(row.pk, state=State.FAILED, because=row.because)
    elif not wanted:
        ledger.end(row.pk, state=State.SENT if row.n_sends else State.SUPPRESSED, because=ways.why_none(row))
    elif Channel.PUSH in row.reminder.channel_set:
        # Given back it would be claimed again at once.
        ledger.wait(row.pk, until=at + circuit.FIRST_PAUSE, because="the mail server does not answer")
    else:
        ledger.leave(row.pk)


def _send(
    row: Occurrence,
    left: Sequence[str],
    mail: emails.ReminderMail,
    open_ways: Ways,
    ledger: Ledger,
    postman: Postman,
    clock: Clock,
) -> bool:
    def check() -> None:
        try:
            is_mine = ledger.is_begun()
        except DatabaseError as error:
            raise emails.TransientMailError("mark", type(error).__name__) from error
        if not is_mine:
            raise NotMine

    mail.before_text = check
    told, given_up, later, refusal = _named(row.told_by), _named(row.given_up), "", ""
    for way in left:
        try:
            _hand_over(row, way, mail, open_ways, postman, clock)
        except NotMine:
            return False
        except emails.PermanentMailError as error:
            given_up, refusal = [*given_up, way], str(error)
            if way == Channel.EMAIL:
                mail_stops.note_refusal(patient=row.reminder.patient, error=error, at=clock())
        except emails.TransientMailError as error:
            later = str(error)
        except emails.AmbiguousMailError as error:
            # The row stays started, as if this worker had died, and is dealt with when its lease ends.
            logger.warning("a reminder may or may not have arrived: %s", error)
            return False
        except Exception:
            # Unforeseen, so nothing is known: the same.
            logger.exception("a reminder may or may not have arrived")
            postman.close()
            return False
        else:
            told = [*told, way]
        if len(left) > 1:
            ledger.reached(row.pk, told_by=",".join(told), given_up=",".join(given_up), at=clock())
    if later:
        _retry(row, ledger, is_told=bool(told), because=later, at=clock())
    elif told:
        ledger.sent(row.pk, channels=",".join(told), at=clock())
    else:
        ledger.end(row.pk, state=State.FAILED, because=refusal, given_up=",".join(given_up))
    return bool(told)


def _hand_over(
    row: Occurrence, way: str, mail: emails.ReminderMail, open_ways: Ways, postman: Postman, clock: Clock
) -> None:
    if way == Channel.EMAIL:
        postman.send(mail)
    else:
        mail.before_text()
        at = clock()
        message = web_push.reminder_message(row, at=at, is_lighter=send_rules.is_lighter(row, at=at))
        web_push.tell(devices=open_ways.devices[row.reminder.patient_id], message=message, at=at)


def _retry(row: Occurrence, ledger: Ledger, *, is_told: bool, because: str, at: datetime) -> None:
    retry_at = at + RETRY_AFTER[min(row.n_retries, len(RETRY_AFTER) - 1)]
    if retry_at < row.window_ends_at:
        ledger.wait(row.pk, until=retry_at, because=because, n_attempts=0, n_retries=F("n_retries") + 1)
    elif is_told:
        ledger.end(row.pk, state=State.SENT, because=because, n_sends=F("n_sends") + 1)
    else:
        ledger.end(row.pk, state=State.FAILED, because=because, n_attempts=0, n_retries=F("n_retries") + 1)


def _named(channels: str) -> list[str]:
    return [channel for channel in channels.split(",") if channel]
