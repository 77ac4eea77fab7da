"""Reads what the local mailbox holds, where mail goes to files instead of a server."""

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

from django.conf import settings

N_LISTED = 200
_NAME = re.compile(r"[0-9]{8}T[0-9]{12}-[0-9a-f]{8}\.eml")


class MailUnknown(Exception):
    """There is no such mail."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptMail:
    name: str
    at: datetime
    subject: str
    to: str
    text: str
    html: str


def is_used() -> bool:
    """No mail server is set, and mail stays on this machine."""
    return settings.EMAIL_BACKEND == "config.mail.MailboxBackend"


def newest(n: int = N_LISTED) -> list[KeptMail]:
    folder = Path(settings.MAIL_DIR)
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    mails = []
    for name in sorted(filter(_NAME.fullmatch, names), reverse=True)[:n]:
        with suppress(MailUnknown):  # deleted meanwhile, or put there by someone else
            mails.append(read(name))
    return mails


def read(name: str) -> KeptMail:
    """One mail by the name of its file; a name that Ebb did not give is unknown, whatever it may point to."""
    if not _NAME.fullmatch(name):
        raise MailUnknown
    try:
        at = datetime.strptime(name.split("-")[0], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
        content = (Path(settings.MAIL_DIR) / name).read_bytes()
    except (FileNotFoundError, ValueError) as error:
        raise MailUnknown from error
    mail = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
    return KeptMail(
        name=name,
        at=at,
        subject=str(mail["Subject"] or ""),
        to=str(mail["To"] or ""),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def forget(addresses: Collection[str]) -> None:
    """Remove all mails to these addresses."""
    wanted = {address.lower() for address in addresses}
    folder = Path(settings.MAIL_DIR)
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        with suppress(MailUnknown):
            if wanted & {address.lower() for _name, address in getaddresses([read(path.name).to])}:
                path.unlink(missing_ok=True)


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    content = part.get_payload(decode=True) if part is not None else b""
    if part is None or not isinstance(content, bytes):
        return ""
    try:
        return content.decode(part.get_content_charset("utf-8"), errors="replace")
    except LookupError:
        return content.decode(errors="replace")
