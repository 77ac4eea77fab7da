"""The ways out for mail: a server, with the stage noted where a talk broke off; a provider; files on this machine."""

import os
import re
import secrets
import smtplib
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address
from django.utils import timezone

from tracker.emails import (
    PLAIN_ADDRESS,
    AmbiguousMailError,
    MailError,
    PermanentMailError,
    ReminderMail,
    TransientMailError,
)
from tracker.services.deadline import within

# A broken talk before the final dot leaves nothing behind; after it the server may have kept the message.
BROKEN = (smtplib.SMTPException, OSError)
ANSWER = "answer"


# A mail has come to an end within this time, however many small signs of life the server gives.
TOTAL_S = 15
CONNECT_S = 5  # of them at most, for each address of the server
GOODBYE_S = 1
LONGEST_REPLY = 8192


class Deadline:
    """A reader for smtplib that ends at an instant. A socket's own timeout begins anew with every byte."""

    def __init__(self, sock: socket.socket, at: float) -> None:
        self.sock, self.at = sock, at
        self.unread = b""

    def left(self) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the mail server takes too long")
        return left

    def readline(self, _limit: int) -> bytes:
        while not (end := self.unread.find(b"\n") + 1):
            if len(self.unread) > LONGEST_REPLY:
                raise smtplib.SMTPServerDisconnected("a reply without an end")
            self.sock.settimeout(self.left())
            if not (come := self.sock.recv(LONGEST_REPLY)):
                end = len(self.unread)
                break
            self.unread += come
        line, self.unread = self.unread[:end], self.unread[end:]
        return line

    def close(self) -> None:
        self.unread = b""


class _BoundedMixin:
    """One talk with a server, with an end."""

    ends_at = 0.0
    file: Deadline | None
    sock: socket.socket | None

    @property
    def has_more(self) -> bool:
        """There is a reply that nobody asked for: the talk is out of step."""
        return isinstance(self.file, Deadline) and bool(self.file.unread)

    def until(self, ends_at: float) -> None:
        self.ends_at = ends_at
        if isinstance(self.file, Deadline):
            self.file.at = ends_at

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """The name is looked up, and each of its addresses is tried, in the time that is left."""
        left = self.ends_at - time.monotonic()
        found = within(min(left, CONNECT_S), lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        for n, (*_kind, address) in enumerate(found, start=1):
            left = self.ends_at - time.monotonic()
            try:
                sock = super()._get_socket(address[0], port, max(min(left, timeout), 0.001))
            except OSError:
                if n == len(found):
                    raise
            else:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return sock
        raise OSError("the name has no address")

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = Deadline(self.sock, self.ends_at)
        return super().getreply()

    def send(self, s: bytes | str) -> None:
        self._wait_no_longer()
        super().send(s)

    def send_whole(self, message: bytes) -> None:
        """What raises here has kept the end of the message back: the server has not got the whole."""
        left = memoryview(message)
        while left:
            self._wait_no_longer()
            left = left[self.sock.send(left) :]

    def _wait_no_longer(self) -> None:
        if self.sock is not None:
            self.sock.settimeout(max(self.ends_at - time.monotonic(), 0.001))


class BoundedSMTP(_BoundedMixin, smtplib.SMTP):
    pass


class BoundedSMTPS(_BoundedMixin, smtplib.SMTP_SSL):
    pass


class StagedSMTPBackend(EmailBackend):
    """Django's SMTP, but each failure says whether another try is safe, useless, or may double the message."""

    total_s: float = TOTAL_S

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.timeout = min(self.timeout or CONNECT_S, CONNECT_S)
        self._ends_at = 0.0
        self._stage = ""  # of the talk
        self._is_new = False  # the connection was made for the mail that is now to be sent

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        ends_at = self._ends_at
        kind = BoundedSMTPS if self.use_ssl else BoundedSMTP
        return type(kind.__name__, (kind,), {"ends_at": ends_at})

    @property
    def calls_before_text(self) -> bool:
        """A mail waits for its mark while it is offered; where a connection has yet to be made, it waits before that."""
        return self.connection is not None

    def open(self) -> bool | None:
        """The time of one mail begins here, and for the first one of a connection before that is made."""
        is_in_time, self._is_new = self._is_new and self.connection is not None, False
        if not is_in_time:
            self._ends_at = time.monotonic() + self.total_s
        if self.connection is not None:
            self.connection.until(self._ends_at)
            return False
        try:
            opened = super().open()
        except BROKEN as error:
            self._hang_up()
            raise TransientMailError("connect", _words(error)) from error
        self._is_new = opened is True
        return opened

    def close(self) -> None:
        """What was accepted stays accepted, however the goodbye goes."""
        if self.connection is not None:
            self.connection.until(time.monotonic() + GOODBYE_S)
        with suppress(*BROKEN):
            super().close()
        self.connection = None

    def _send(self, email_message: EmailMessage) -> bool:
        recipients = email_message.recipients()
        if not recipients:
            return False
        try:
            self._talk(email_message, recipients)
        except Exception as error:
            self._hang_up()
            failure = self._told(error)
            if self.fail_silently and isinstance(failure, MailError):
                return False
            if failure is error:
                raise
            raise failure from error
        return True

    def _told(self, error: Exception) -> Exception:
        """What broke with the stage of the talk; an error of another kind as it is."""
        if isinstance(error, MailError):
            return error
        if isinstance(error, BROKEN):
            kind = AmbiguousMailError if self._stage == ANSWER else TransientMailError
            return kind(self._stage, _words(error))
        if isinstance(error, UnicodeEncodeError):
            return PermanentMailError(self._stage, _words(error))
        return error

    def _talk(self, email_message: EmailMessage, recipients: list[str]) -> None:
        server, self._stage = self.connection, "hello"
        sender, envelope, body = _written(email_message, recipients)
        server.ehlo_or_helo_if_needed()
        before_text = email_message.before_text if isinstance(email_message, ReminderMail) else _nothing
        if server.has_extn("pipelining") and len(envelope) == 1 and sender.isascii() and envelope[0].isascii():
            self._offer_at_once(sender, envelope[0], before_text)
        else:
            before_text()
            self._offer(sender, envelope)
        self._stage = "body"
        if server.has_more:
            raise TransientMailError(self._stage, "an answer before the text")
        server.send_whole(body + b".\r\n")
        self._stage = ANSWER
        self._expect(server.getreply(), broken=AmbiguousMailError)
        if server.has_more:
            self._hang_up()

    def _offer(self, sender: str, envelope: list[str]) -> None:
        server, self._stage = self.connection, "sender"
        self._expect(server.mail(sender))
        self._stage = "recipient"
        for recipient in envelope:
            self._expect(server.rcpt(recipient))
        self._stage = "body"
        server.putcmd("data")
        self._expect(server.getreply(), wanted=3)

    def _offer_at_once(self, sender: str, recipient: str, meanwhile: Callable[[], None]) -> None:
        """The same three commands in one packet (RFC 2920). Whatever is refused, the talk ends there: nothing is sent."""
        server, self._stage = self.connection, "sender"
        commands = f"MAIL FROM:{_in_brackets(sender)}\r\nRCPT TO:{_in_brackets(recipient)}\r\nDATA\r\n"
        server.send(commands.encode("ascii"))
        meanwhile()
        self._expect(server.getreply())
        self._stage = "recipient"
        self._expect(server.getreply())
        self._stage = "body"
        self._expect(server.getreply(), wanted=3)

    def _expect(
        self, reply: tuple[int, bytes], *, wanted: int = 2, broken: type[MailError] = TransientMailError
    ) -> None:
        """Raise unless the reply code is of the wanted hundred: 5xx for good, 4xx for now, anything else as told."""
        code, words = reply
        hundred = code // 100
        if hundred != wanted:
            kind = {5: PermanentMailError, 4: TransientMailError}.get(hundred, broken)
            raise kind(self._stage, f"{code} {words[:120]!r}", code=code)

    def _hang_up(self) -> None:
        """After any error the talk is out of step: the next message gets a new connection."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class MailboxBackend(BaseEmailBackend):
    """One file per message under MAIL_DIR, complete from the moment it can be seen."""

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        return sum(self._keep(message) for message in email_messages if message.recipients())

    def _keep(self, message: EmailMessage) -> int:
        name = f"{timezone.now():%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.eml"
        content = message.message().as_bytes()
        try:
            _write_whole(Path(settings.MAIL_DIR), name, content)
        except OSError as error:
            if self.fail_silently:
                return 0
            raise TransientMailError("mailbox", _words(error)) from error
        return 1


def _write_whole(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f".{name}"
    with open(unfinished, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(folder / name)


def _written(message: EmailMessage, recipients: list[str]) -> tuple[str, list[str], bytes]:
    """Sender, recipients and the body as SMTP wants them; what cannot be written will never be sendable."""
    try:
        encoding = message.encoding or settings.DEFAULT_CHARSET
        envelope = [_envelope_address(address, encoding) for address in recipients]
        body = message.wire() if isinstance(message, ReminderMail) else message.message().as_bytes(linesep="\r\n")
        sender = _envelope_address(settings.BOUNCE_EMAIL or message.from_email, encoding)
    except ValueError as error:
        raise PermanentMailError("write", _words(error)) from error
    if b"\n." in body:
        body = re.sub(rb"(?m)^\.", b"..", body)
    return sender, envelope, body if body.endswith(b"\r\n") else body + b"\r\n"


@lru_cache(maxsize=200)
def _envelope_address(address: str, encoding: str) -> str:
    return address if PLAIN_ADDRESS.fullmatch(address) else sanitize_address(address, encoding)


@lru_cache(maxsize=200)
def _in_brackets(address: str) -> str:
    """As smtplib does, and never with anything in it that could begin a new command."""
    if PLAIN_ADDRESS.fullmatch(address):
        return f"<{address}>"
    quoted = smtplib.quoteaddr(address)
    if not quoted.isprintable():
        raise PermanentMailError("write", "an address with a control character")
    return quoted


def _nothing() -> None:
    pass


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {error}"[:150]
