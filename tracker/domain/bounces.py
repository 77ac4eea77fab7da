"""What came back of a mail, and whether it means that this address will never work.

Only what speaks about the address itself counts: unknown, moved, switched off. A full mailbox, a server that cannot be
reached just now (5.4.4), a message that is too big, and a refusal of us as a sender (5.7) say nothing about the
patient's address; stopping reminders for them would punish the patient for something else. RFC 3463, RFC 3464,
RFC 5965; that 5.4.4 is transient is what healthchecks learnt.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from enum import StrEnum

# Bad address, mailbox moved, mailbox disabled, relaying to this domain is not possible for anybody.
FINAL = re.compile(r"5\.1\.(?:0|1|2|3|6|10)|5\.2\.1")
# Replies of a server that names no status of RFC 3463.
FINAL_REPLIES = frozenset({550, 551, 553})
ABOUT_US = re.compile(
    r"relay|spam|block|black\s?list|reputation|policy|denied|dmarc|spf|dkim|authenticat|quota|full", re.I
)
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
LARGEST = 5_000_000  # octets of a report


class Kind(StrEnum):
    BOUNCE = "bounce"
    COMPLAINT = "complaint"


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """``message_id`` is that of the mail that came back; ``address`` may be empty in a complaint."""

    kind: Kind
    message_id: str
    address: str
    status: str
    words: str

    @property
    def is_final(self) -> bool:
        return self.kind is Kind.COMPLAINT or bool(FINAL.fullmatch(self.status))


def is_final_reply(code: int, words: str) -> bool:
    """Whether a reply to RCPT TO says that the address will never work."""
    if status := STATUS.search(words):
        return bool(FINAL.fullmatch(status.group()))
    return code in FINAL_REPLIES and not ABOUT_US.search(words)


def read(content: bytes) -> list[Report]:
    """The reports in a mail; none where it is something else, however broken it is."""
    mail = message_from_bytes(content[:LARGEST], policy=policy.compat32)
    parts = list(mail.walk())
    types = [part.get_content_type() for part in parts]
    about = _original_id(parts)
    if not about:
        return []
    if "message/feedback-report" in types:
        address = _complaining(parts)
        return [Report(kind=Kind.COMPLAINT, message_id=about, address=address, status="", words="")]
    return [
        Report(kind=Kind.BOUNCE, message_id=about, address=address, status=status, words=words)
        for address, status, words in _recipients(parts)
    ]


def _original_id(parts: list[Message]) -> str:
    """The Message-ID of what was sent stands in the last part, as a mail or as its headers alone."""
    for part in reversed(parts[1:]):
        if part.get_content_type() == "text/rfc822-headers":
            found = message_from_bytes(_octets(part)).get("Message-ID", "")
        else:
            found = part.get("Message-ID", "")
        if found:
            return str(found).strip()
    return ""


def _recipients(parts: list[Message]) -> Iterator[tuple[str, str, str]]:
    for part in parts:
        if part.get("Action", "").strip().lower() == "failed" and part.get("Final-Recipient"):
            address = str(part.get("Original-Recipient") or part.get("Final-Recipient")).rpartition(";")[2]
            status = STATUS.search(str(part.get("Status", "")))
            words = " ".join(str(part.get("Diagnostic-Code", "")).split())
            yield address.strip().strip("<>"), status.group() if status else "", words[:200]


def _complaining(parts: list[Message]) -> str:
    for part in parts:
        if part.get("Original-Rcpt-To"):
            return str(part["Original-Rcpt-To"]).strip().strip("<>")
    for part in parts:
        told = part.get_payload()
        if part.get_content_type() == "message/feedback-report" and isinstance(told, str):
            found = re.search(r"(?im)^Original-Rcpt-To:\s*<?([^>\s]+)", told)
            return found.group(1) if found else ""
    return ""


def _octets(part: Message) -> bytes:
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""
