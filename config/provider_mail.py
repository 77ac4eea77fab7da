"""Mail through a provider's API, with the same three kinds of failure as SMTP, and the provider's word of what came back."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import requests
from anymail import exceptions
from anymail.signals import AnymailTrackingEvent
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from tracker.domain import bounces
from tracker.emails import AmbiguousMailError, MailError, PermanentMailError, TransientMailError
from tracker.services import mail_stops
from tracker.services.deadline import within

# Of the key or the account: nothing is wrong with the message, and the operator has to look.
OUR_FAULT = frozenset({401, 402, 403, 404})
BUSY = frozenset({408, 409, 421, 425, 429})
# What a provider means by a bounce that will not go away.
FOR_GOOD = frozenset({"bounced", "invalid"})


# A mail has come to an end within this time, as over SMTP, however slowly the answer drips.
TOTAL_S = 15.0


class ProviderBackend(BaseEmailBackend):
    total_s = TOTAL_S

    def __init__(self, fail_silently: bool = False, **options: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self.options = options
        self.api = self._api()

    def _api(self) -> BaseEmailBackend:
        return get_connection(f"anymail.backends.{settings.MAIL_PROVIDER}.EmailBackend", **self.options)

    def open(self) -> bool | None:
        return self.api.open()

    def close(self) -> None:
        self.api.close()

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        n_sent = 0
        for message in email_messages:
            try:
                n_sent += within(self.total_s, partial(self.api.send_messages, [message])) or 0
            except TimeoutError as error:
                # The old talk may still go on, so the next message gets a new one.
                self.api = self._api()
                if not self.fail_silently:
                    raise AmbiguousMailError("answer", "the provider takes too long") from error
            except (exceptions.AnymailError, requests.RequestException, ValueError) as error:
                if not self.fail_silently:
                    raise failure(error) from error
        return n_sent


def failure(error: Exception) -> MailError:
    """What an API's answer, or its silence, means for the message."""
    words = " ".join(str(error).split())[:150]
    status = getattr(error, "status_code", None) or 0
    if isinstance(error, exceptions.AnymailRecipientsRefused):
        return PermanentMailError("recipient", words)
    if isinstance(error, requests.ConnectTimeout):
        return TransientMailError("connect", words)
    if isinstance(error, requests.Timeout | requests.ConnectionError) and not _never_connected(error):
        return AmbiguousMailError("answer", words)
    if isinstance(error, requests.ConnectionError) or status in OUR_FAULT:
        return TransientMailError("connect", words, code=status)
    if status in BUSY or status >= 500:
        return TransientMailError("answer", words, code=status)
    return PermanentMailError("answer", words, code=status)


def note(sender: Any, event: AnymailTrackingEvent, esp_name: str, **_signal: Any) -> None:
    """A signed or password-bearing call of the provider: only what speaks about the address itself stops mail to it."""
    is_complaint = event.event_type == "complained"
    words = event.mta_response or event.description or ""
    status = bounces.STATUS.search(words)
    is_final = event.event_type in {"bounced", "rejected"} and event.reject_reason in FOR_GOOD
    if status:
        is_final = is_final and bool(bounces.FINAL.fullmatch(status.group()))
    mail_stops.note_event(
        message_id=str(event.message_id or ""),
        address=str(event.recipient or ""),
        is_complaint=is_complaint,
        is_final=is_final,
        words=f"{esp_name}: {words}",
        at=timezone.now(),
    )


def _never_connected(error: Exception) -> bool:
    """Whether not a byte can have gone out: no name, no route, nobody there."""
    told = " ".join(repr(one) for one in (error, error.__cause__, error.__context__))
    return any(word in told for word in ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError"))
