"""Sends what is due. The occurrence row is the queue: whoever holds its token may act on it, until its lease ends.

pending -> claimed -> started -> sent. A claim that runs out goes back. A start that runs out may or may not have sent,
and is repeated once with the same Message-ID while its window is open.
"""

import logging
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta

from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, QuerySet

from tracker import emails
from tracker.models import Occurrence, Tick
from tracker.services import answers, send_rules

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
State = Occurrence.State

LEASE = timedelta(seconds=60)
BATCH = 50
# A row that ends its worker this often is given up, so that it cannot take the others with it.
MAX_ATTEMPTS = 5
RETRY_AFTER = tuple(timedelta(seconds=s) for s in (10, 30, 60, 300, 600))
MAILS_PER_CONNECTION = 100


class Postman:
    """One connection to the mail server, opened at need and renewed after an error or a hundred messages."""

    def __init__(self) -> None:
        self.connection = get_connection()
        self.n_sent = 0
        self.is_server_down = False

    def send(self, mail: EmailMultiAlternatives) -> None:
        if self.n_sent and self.n_sent % MAILS_PER_CONNECTION == 0:
            self.close()
        try:
            self.connection.open()
            self.connection.send_messages([mail])
        except emails.TransientMailError as error:
            self.is_server_down = error.stage == "connect"
            raise
        self.n_sent += 1

    def close(self) -> None:
        self.connection.close()


def drain(*, clock: Clock, budget_s: float = 8.0) -> int:
    """Send what is due until nothing is or the time is used up; return how many were sent. Safe to run any number of."""
    ends = time.monotonic() + budget_s
    with closing(Postman()) as postman:
        while time.monotonic() < ends and not postman.is_server_down:
            _take_back(at=clock())
            _ask_again(at=clock())
            token = uuid.uuid4()
            batch = _claim(token, at=clock())
            if not batch:
                break
            for pk in batch:
                if time.monotonic() >= ends or postman.is_server_down:
                    break
                _deliver(pk, token, postman, clock)
            _release(token)
    Tick.objects.update_or_create(name="drain", defaults={"ticked_at": clock()})
    return postman.n_sent


def _take_back(*, at: datetime) -> None:
    """Rows whose worker has vanished."""
    abandoned = Occurrence.objects.abandoned(at)
    nobodys = {"lease_token": None, "lease_until": None}
    abandoned.filter(state=State.CLAIMED).update(state=State.PENDING, **nobodys)
    started = abandoned.filter(state=State.STARTED)
    started.filter(is_ambiguous=False, window_ends_at__gt=at).update(
        state=State.PENDING, is_ambiguous=True, because=send_rules.MAY_HAVE_ARRIVED, **nobodys
    )
    started.update(state=State.FAILED, is_ambiguous=True, because=send_rules.MAY_HAVE_ARRIVED, **nobodys)


def _ask_again(*, at: datetime) -> None:
    """What was sent, and is to come once more if nothing was done: that is looked at when it is about to go."""
    again = {"state": State.PENDING, "message_id": "", "because": "", "n_attempts": 0, "n_retries": 0}
    Occurrence.objects.to_repeat(at).update(due_at=F("repeats_at"), repeats_at=None, **again)


@transaction.atomic
def _claim(token: uuid.UUID, *, at: datetime) -> list[int]:
    """Take up to a batch of due rows for this worker alone; rows that another is claiming are passed over."""
    due = Occurrence.objects.due(at).order_by("due_at", "pk").select_for_update(skip_locked=True)
    pks = list(due.values_list("pk", flat=True)[:BATCH])
    claimed = Occurrence.objects.filter(pk__in=pks, state=State.PENDING)
    claimed.update(state=State.CLAIMED, lease_token=token, lease_until=at + LEASE)
    return pks


def _release(token: uuid.UUID) -> None:
    """What this worker claimed and did not come to."""
    _mine(token).filter(state=State.CLAIMED).update(state=State.PENDING, lease_token=None, lease_until=None)


def _deliver(pk: int, token: uuid.UUID, postman: Postman, clock: Clock) -> None:
    mine = _mine(token).filter(pk=pk)
    try:
        if not _count_attempt(mine, at=clock()):
            return
        mail = _start(mine, at=clock())
    except Exception:
        # Whatever is wrong with one row, the others must go out. Nothing was sent: it comes back later.
        logger.exception("occurrence %s cannot be written", pk)
        retry_at = clock() + RETRY_AFTER[0]
        mine.update(state=State.PENDING, due_at=retry_at, because="error", lease_token=None, lease_until=None)
        return
    if mail is not None:
        _send(mine, mail, postman, clock)


def _count_attempt(mine: "QuerySet[Occurrence]", *, at: datetime) -> bool:
    """Committed before the row can do harm, so that one that kills its worker is found out."""
    poisonous = mine.filter(state=State.CLAIMED, n_attempts__gte=MAX_ATTEMPTS)
    if poisonous.update(state=State.FAILED, because="tried too often", lease_token=None, lease_until=None):
        return False
    claimed = mine.filter(state=State.CLAIMED)
    return bool(claimed.update(n_attempts=F("n_attempts") + 1, lease_until=at + LEASE))


@transaction.atomic
def _start(mine: "QuerySet[Occurrence]", *, at: datetime) -> EmailMultiAlternatives | None:
    """Read the patient's wishes as they are now; where they still hold, write the mail and commit to sending it."""
    rows = mine.filter(state=State.CLAIMED).select_for_update(of=("self",))
    occurrence = rows.select_related("reminder__patient__user", "reminder__medicine", "appointment").first()
    if occurrence is None:
        return None
    match send_rules.decide(occurrence, at=at):
        case send_rules.Stop(state=state, because=because):
            mine.update(state=state, because=because, lease_token=None, lease_until=None)
        case send_rules.Wait(until=until, because=because, window_ends_at=ends):
            put_back = {"state": State.PENDING, "lease_token": None, "lease_until": None}
            mine.update(due_at=until, window_ends_at=ends, because=because, **put_back)
        case None:
            n_send = occurrence.n_sends + 1
            mail = emails.reminder_mail(
                occurrence=occurrence,
                n_send=n_send,
                act_tokens=_act_tokens(occurrence, n_send=n_send),
                is_lighter=send_rules.is_lighter(occurrence, at=at),
            )
            mail_id = mail.extra_headers["Message-ID"]
            repeats_at = send_rules.repeats_at(occurrence, n_send=n_send, at=at)
            began = {"state": State.STARTED, "started_at": at, "lease_until": at + LEASE}
            mine.update(message_id=mail_id, repeats_at=repeats_at, **began)
            return mail
    return None


def _send(mine: "QuerySet[Occurrence]", mail: EmailMultiAlternatives, postman: Postman, clock: Clock) -> None:
    started = mine.filter(state=State.STARTED)
    nobodys = {"lease_token": None, "lease_until": None}
    try:
        postman.send(mail)
    except emails.PermanentMailError as error:
        started.update(state=State.FAILED, because=str(error)[:200], **nobodys)
    except emails.TransientMailError as error:
        _retry(started, because=str(error)[:200], at=clock())
    except emails.AmbiguousMailError as error:
        # The row stays started, as if this worker had died, and is dealt with when its lease ends.
        logger.warning("a reminder may or may not have arrived: %s", error)
    except Exception:
        # Unforeseen, so nothing is known: the same.
        logger.exception("a reminder may or may not have arrived")
        postman.close()
    else:
        started.update(
            state=State.SENT,
            sent_at=clock(),
            n_sends=F("n_sends") + 1,
            n_attempts=0,
            n_retries=0,
            because="",
            **nobodys,
        )


def _retry(started: "QuerySet[Occurrence]", *, because: str, at: datetime) -> None:
    occurrence = started.first()
    if occurrence is None:
        return
    retry_at = at + RETRY_AFTER[min(occurrence.n_retries, len(RETRY_AFTER) - 1)]
    in_time = retry_at < occurrence.window_ends_at
    started.update(
        state=State.PENDING if in_time else State.FAILED,
        due_at=retry_at if in_time else occurrence.due_at,
        because=because,
        n_attempts=0,
        n_retries=F("n_retries") + 1,
        lease_token=None,
        lease_until=None,
    )


def _act_tokens(occurrence: Occurrence, *, n_send: int) -> dict[str, str]:
    actions = answers.offered(occurrence, n_send=n_send)
    return {action: answers.link_token(occurrence=occurrence, action=action, n_send=n_send) for action in actions}


def _mine(token: uuid.UUID) -> "QuerySet[Occurrence]":
    return Occurrence.objects.filter(lease_token=token)
