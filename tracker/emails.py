"""What Ebb writes to people: neutral in its words, because others may see a screen or a mail server's log."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tracker.models import Occurrence, Reminder


class MailError(SMTPException):
    """A mail server did not confirm a message. ``stage`` is where the talk broke off.

    An SMTPException, so that whoever sends mail without knowing of us is prepared for it.
    """

    def __init__(self, stage: str, words: str = "") -> None:
        super().__init__(f"{stage}: {words}" if words else stage)
        self.stage = stage


class PermanentMailError(MailError):
    """The server refused this message for good."""


class TransientMailError(MailError):
    """Not accepted, and nothing speaks against trying again."""


class AmbiguousMailError(MailError):
    """The whole message went out but no answer came back: it may have arrived."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wording:
    subject: str | Promise
    line: str | Promise
    label: str | Promise
    page: str


WORDINGS = {
    Reminder.Kind.MORNING_MOVES: Wording(
        subject=_("Time to move"),
        line=_("A few minutes for yourself, at your own pace."),
        label=_("Open today's list"),
        page="moves",
    ),
    Reminder.Kind.LOG_PAIN: Wording(
        subject=_("How is today?"),
        line=_("Two taps are enough for today's entry."),
        label=_("Add today's entry"),
        page="today",
    ),
    Reminder.Kind.MEDICINE: Wording(
        subject=_("Your reminder"),
        line=_("This is the time you chose."),
        label=_("Open Ebb"),
        page="today",
    ),
    Reminder.Kind.ADVICE: Wording(
        subject=_("Something new for you in Ebb"),
        line=_("There is something new to read on your page."),
        label=_("Open Ebb"),
        page="today",
    ),
    Reminder.Kind.APPOINTMENT: Wording(
        subject=_("Something is coming up"),
        line=_("You asked to be told in time. What it is stands on your page."),
        label=_("Open Ebb"),
        page="today",
    ),
}

ACT_LABELS = {
    Occurrence.Response.DONE: _("Done"),
    Occurrence.Response.SNOOZED: _("Again in 30 minutes"),
    Occurrence.Response.SKIPPED: _("Not today"),
}


def site_link(view: str, *args: str) -> str:
    """An address that works outside a page: built from the settings, never from a request's Host."""
    return settings.SITE_URL + reverse(view, args=args)


def message_id(*, occurrence: Occurrence, n_send: int) -> str:
    """The same for each repeat of one numbered send, so that a reader's mail program keeps one."""
    name = uuid.uuid5(occurrence.reminder.uuid, f"{occurrence.pk}/{occurrence.local_date}/{n_send}")
    return f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"


def reminder_mail(*, occurrence: Occurrence, n_send: int, act_tokens: Mapping[str, str]) -> EmailMultiAlternatives:
    """One reminder in three parts. Needs the occurrence with its reminder, patient and user."""
    reminder = occurrence.reminder
    patient = reminder.patient
    unsubscribe = site_link("unsubscribe", reminder.unsubscribe_key)
    with translation.override(patient.language):
        wording = WORDINGS[Reminder.Kind(reminder.kind)]
        links = [(wording.label, site_link(wording.page))]
        links += [(ACT_LABELS[Occurrence.Response(a)], site_link("reminder_act", t)) for a, t in act_tokens.items()]
        if wording.page != "today":
            links.append((_("Add today's entry"), site_link("today")))
        context = {"wording": wording, "name": patient.display_name, "links": links, "unsubscribe": unsubscribe}
        return _three_parts(
            "reminder",
            context,
            to=patient.user.email,
            headers={
                "Message-ID": message_id(occurrence=occurrence, n_send=n_send),
                "List-Unsubscribe": f"<{unsubscribe}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
                "X-Auto-Response-Suppress": "All",
            },
        )


def _three_parts(name: str, context: dict[str, Any], *, to: str, headers: dict[str, str]) -> EmailMultiAlternatives:
    subject, text, html = (
        render_to_string(f"tracker/mail/{name}/{part}", context) for part in ("subject.txt", "body.txt", "body.html")
    )
    mail = EmailMultiAlternatives(" ".join(subject.split()), text, to=[to], headers=headers)
    mail.attach_alternative(_inliner().inline(html), "text/html")
    return mail


@cache
def _inliner() -> css_inline.CSSInliner:
    """Mail programs drop style sheets, so each rule goes to its element; nothing is ever fetched for it."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
