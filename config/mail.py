"""Two ways out for mail: a real server, with the stage noted where a talk broke off, and files on this machine."""

import os
import re
import secrets
import smtplib
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address
from django.utils import timezone

from tracker.emails import AmbiguousMailError, MailError, PermanentMailError, TransientMailError

# A broken talk before the final dot leaves nothing behind; after it the server may have kept the message.
BROKEN = (smtplib.SMTPException, OSError)


class StagedSMTPBackend(EmailBackend):
    """Django's SMTP, but each failure says whether another try is safe, useless, or may double the message."""

    def open(self) -> bool | None:
        try:
            return super().open()
        except BROKEN as error:
            self.connection = None
            raise TransientMailError("connect", _words(error)) from error

    def close(self) -> None:
        """What was accepted stays accepted, however the goodbye goes."""
        with suppress(*BROKEN):
            super().close()
        self.connection = None

    def _send(self, email_message: EmailMessage) -> bool:
        recipients = email_message.recipients()
        if not recipients:
            return False
        try:
            self._talk(email_message, recipients)
        except MailError:
            self._hang_up()
            if not self.fail_silently:
                raise
            return False
        return True

    def _talk(self, email_message: EmailMessage, recipients: list[str]) -> None:
        server = self.connection
        sender, envelope, body = _written(email_message, recipients)
        with _stage("hello"):
            server.ehlo_or_helo_if_needed()
        with _stage("sender"):
            _expect("sender", server.mail(sender))
        for recipient in envelope:
            with _stage("recipient"):
                _expect("recipient", server.rcpt(recipient))
        with _stage("body"):
            server.putcmd("data")
            _expect("body", server.getreply(), wanted=3)
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            server.send(body)
        with _stage("answer", AmbiguousMailError):
            server.send(b".\r\n")
            _expect("answer", server.getreply(), broken=AmbiguousMailError)

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
        envelope = [sanitize_address(address, encoding) for address in recipients]
        body = message.message().as_bytes(linesep="\r\n")
        sender = sanitize_address(message.from_email, encoding)
    except ValueError as error:
        raise PermanentMailError("write", _words(error)) from error
    body = re.sub(rb"(?m)^\.", b"..", body)
    return sender, envelope, body if body.endswith(b"\r\n") else body + b"\r\n"


@contextmanager
def _stage(name: str, broken: type[MailError] = TransientMailError) -> Iterator[None]:
    try:
        yield
    except MailError:
        raise
    except (*BROKEN, ssl.SSLError) as error:
        raise broken(name, _words(error)) from error
    except UnicodeEncodeError as error:
        raise PermanentMailError(name, _words(error)) from error


def _expect(
    stage: str, reply: tuple[int, bytes], *, wanted: int = 2, broken: type[MailError] = TransientMailError
) -> None:
    """Raise unless the reply code is of the wanted hundred: 5xx for good, 4xx for now, anything else as told."""
    code, words = reply
    match code // 100:
        case hundred if hundred == wanted:
            return
        case 5:
            raise PermanentMailError(stage, f"{code} {words[:120]!r}")
        case 4:
            raise TransientMailError(stage, f"{code} {words[:120]!r}")
    raise broken(stage, f"{code} {words[:120]!r}")


def _words(error: Exception) -> str:
    return f"{type(error).__name__} {error}"[:150]
