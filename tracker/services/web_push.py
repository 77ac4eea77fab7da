"""Hands a message to the maker of a browser, encrypted for that browser alone (RFC 8030, 8188, 8291, 8292).

The address of a device comes from outside, so it must lead to a known maker: settings list them. No redirect is
followed, nothing of the answer but its number is used, and all of it ends after some seconds.
"""

import base64
import binascii
import hashlib
import http.client
import json
import logging
import os
import threading
import time
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation

from tracker import emails
from tracker.models import Occurrence, PushDevice
from tracker.services import answers, circuit
from tracker.services.deadline import within

if TYPE_CHECKING:
    from py_vapid import Vapid02

logger = logging.getLogger(__name__)

CONNECT_S, TOTAL_S = 5, 10
# A browser that is off for longer gets nothing: the time of a reminder is past.
LONGEST_S = 24 * 3600
SIGNED_FOR_S = 12 * 3600  # RFC 8292 allows a day
# What can be said to a message itself; browsers show two at most. They do what the links of a mail do.
ACTS = (Occurrence.Response.DONE, Occurrence.Response.SNOOZED)
HTTPS_PORT = 443
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """What the browser shows. A later one under the same tag takes the place of the earlier."""

    title: str
    body: str
    url: str
    tag: str
    seconds: int = 600
    acts: list[dict[str, str]] = field(default_factory=list)

    @property
    def payload(self) -> bytes:
        told = {name: value for name, value in asdict(self).items() if name != "seconds"}
        return json.dumps(told, ensure_ascii=False).encode()


class Silent(emails.TransientMailError):
    """The maker did not answer, or not in a way that says anything."""


class Gone(Exception):
    """The browser does not exist any more, or does not want messages."""


def reminder_message(row: Occurrence, *, at: datetime, is_lighter: bool = False) -> Message:
    """It lives no longer than its window: what comes to a browser after that would come too late, or at night."""
    title, body, url = emails.reminder_words(row, is_lighter=is_lighter)
    n_send = row.n_sends + 1
    tag = emails.send_name(occurrence=row, n_send=n_send)
    seconds = max(60, min(round((row.window_ends_at - at).total_seconds()), LONGEST_S))
    return Message(title=title, body=body, url=url, tag=tag, seconds=seconds, acts=_acts(row, n_send))


def _acts(row: Occurrence, n_send: int) -> list[dict[str, str]]:
    offered = answers.offered(row, n_send=n_send)
    tokens = answers.link_tokens(occurrence=row, actions=[act for act in ACTS if act in offered], n_send=n_send)
    with translation.override(row.reminder.patient.language):
        return [
            {"action": act, "title": str(emails.ACT_LABELS[act]), "url": emails.site_link("reminder_act", token)}
            for act, token in tokens.items()
        ]


def tell(*, devices: Collection[PushDevice], message: Message, at: datetime) -> None:
    """Hand it over for each device. Good enough if one takes it; else the mildest of what went wrong is raised."""
    troubles: list[emails.MailError] = []
    is_told = False
    for device, trouble in _handed_over(devices, message, at=at):
        match trouble:
            case None:
                is_told = True
                PushDevice.objects.filter(pk=device.pk).update(reached_at=at)
            case Gone():
                # The browser may have signed up anew meanwhile.
                PushDevice.objects.filter(pk=device.pk, endpoint=device.endpoint).update(gone_at=at)
            case emails.MailError():
                troubles.append(trouble)
    if not is_told:
        later = [error for error in troubles if isinstance(error, emails.TransientMailError)]
        raise (*later, *troubles, emails.PermanentMailError("push", "no device takes messages"))[0]


def _handed_over(
    devices: Collection[PushDevice], message: Message, *, at: datetime
) -> list[tuple[PushDevice, Exception | None]]:
    """Of each device what went wrong, if anything. All at once: ten silent makers take no longer than one. A maker who
    does not answer is left alone for a while, as a mail server is."""
    makers = {device.pk: _circuit_of(device) for device in devices}
    open_to = {name: circuit.may_try(name, at=at) for name in set(makers.values())}
    asked = [device for device in devices if open_to[makers[device.pk]]]
    with ThreadPoolExecutor(max_workers=len(asked) or 1) as pool:
        found = dict(zip((device.pk for device in asked), pool.map(partial(_trouble, message), asked), strict=True))
    for name in {makers[pk] for pk in found}:
        of_maker = [trouble for pk, trouble in found.items() if makers[pk] == name]
        silent = [trouble for trouble in of_maker if isinstance(trouble, Silent)]
        if len(silent) < len(of_maker):
            circuit.worked(name, at=at)
        else:
            circuit.failed(name, words=str(silent[0]), at=at)
    left_alone = emails.TransientMailError("push", "the maker of the browser does not answer")
    return [(device, found.get(device.pk, left_alone)) for device in devices]


def _circuit_of(device: PushDevice) -> str:
    return f"push {hashlib.sha256(urlsplit(device.endpoint).netloc.encode()).hexdigest()[:12]}"


def _trouble(message: Message, device: PushDevice) -> Exception | None:
    try:
        post(device=device, message=message)
    except (Gone, emails.MailError) as error:
        return error
    return None


def post(*, device: PushDevice, message: Message) -> None:
    if not is_allowed(device.endpoint):
        raise emails.PermanentMailError("push", "not a maker of browsers that Ebb knows")
    try:
        body = _encrypted(device, message.payload)
    except (ValueError, binascii.Error) as error:
        raise emails.PermanentMailError("push", f"keys of the device: {error}") from error
    address = urlsplit(device.endpoint)
    headers = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(message.seconds),
        "Urgency": "high",
        "Topic": message.tag.replace("-", "")[:32],
        **_signed(f"{address.scheme}://{address.netloc}"),
    }
    try:
        status = _posted(device.endpoint, body, headers)
    except (OSError, http.client.HTTPException) as error:
        raise Silent("push", f"{type(error).__name__} {error!a}"[:150]) from error
    match status:
        case 200 | 201 | 202 | 204:
            return
        case 404 | 410:
            raise Gone
        case _ if status == 429 or status >= 500:
            raise emails.TransientMailError("push", str(status))
    raise emails.PermanentMailError("push", str(status))


def is_allowed(endpoint: str) -> bool:
    try:
        address = urlsplit(endpoint)
        host, port = address.hostname or "", address.port
    except ValueError:
        return False
    if address.username or not endpoint.isascii() or any(c.isspace() or not c.isprintable() for c in endpoint):
        return False
    is_known = any(host == known or host.endswith("." + known) for known in settings.PUSH_HOSTS)
    if host in LOOPBACK:
        return is_known and address.scheme in {"http", "https"}
    return is_known and address.scheme == "https" and port in {None, HTTPS_PORT}


def public_key() -> str:
    """What a browser has to be told before it lets this instance send."""
    from cryptography.hazmat.primitives import serialization

    form = serialization.PublicFormat.UncompressedPoint
    return to_base64(_vapid().public_key.public_bytes(serialization.Encoding.X962, form))


def to_base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def are_keys(public: str, auth: str) -> bool:
    """A point of P-256 as browsers write it, and sixteen octets."""
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64(public))
        return len(from_base64(auth)) == 16
    except (ValueError, binascii.Error):
        return False


def _encrypted(device: PushDevice, payload: bytes) -> bytes:
    import http_ece
    from cryptography.hazmat.primitives.asymmetric import ec

    return http_ece.encrypt(
        payload,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=from_base64(device.public_key),
        auth_secret=from_base64(device.auth_secret),
        version="aes128gcm",
    )


def _signed(audience: str) -> dict[str, str]:
    contact = settings.DEFAULT_FROM_EMAIL.rpartition("<")[2].rstrip(">")
    said = {"sub": f"mailto:{contact}", "aud": audience, "exp": int(time.time()) + SIGNED_FOR_S}
    try:
        return _vapid().sign(said)
    except Exception as error:
        # Whatever is wrong with the key: nothing has gone out, and mail must go all the same.
        logger.exception("a message to a device cannot be signed")
        raise emails.TransientMailError("push", "the key of this instance cannot be used") from error


def _posted(endpoint: str, body: bytes, headers: dict[str, str]) -> int:
    address = urlsplit(endpoint)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    path = address.path + (f"?{address.query}" if address.query else "")
    with closing(kind(address.hostname or "", address.port, timeout=CONNECT_S)) as talk:
        within(CONNECT_S, talk.connect)
        watchdog = threading.Timer(TOTAL_S - CONNECT_S, _cut, [talk])
        watchdog.daemon = True
        watchdog.start()
        try:
            talk.request("POST", path, body, headers)
            return talk.getresponse().status
        finally:
            watchdog.cancel()


def _cut(talk: http.client.HTTPConnection) -> None:
    """A server that drips keeps each single wait short and all of them endless."""
    with suppress(OSError, AttributeError):
        talk.sock.shutdown(2)


def _vapid() -> "Vapid02":
    return _read_key(settings.VAPID_KEY, str(settings.VAPID_KEY_FILE))


@lru_cache(maxsize=4)
def _read_key(given: str, path: str) -> "Vapid02":
    """The key from the environment, else one made at first need and kept in a file only its owner can read."""
    from py_vapid import Vapid02

    if given:
        return Vapid02.from_string(given)
    if not Path(path).exists():
        _make_key(Path(path))
    return Vapid02.from_pem(Path(path).read_bytes())


def _make_key(path: Path) -> None:
    """Whole from the moment it can be seen; where two make one at once, the first stays."""
    from py_vapid import Vapid02

    made = Vapid02()
    made.generate_keys()
    draft = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(made.private_pem())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
