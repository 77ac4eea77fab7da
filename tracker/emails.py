"""What Ebb writes to people: neutral in its words, because others may see a screen or a mail server's log."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
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
    Reminder.Kind.QUESTIONS: Wording(
        subject=_("A few questions are waiting"),
        line=_("They take a minute or two, whenever it suits you today."),
        label=_("Open Ebb"),
        page="today",
    ),
    Reminder.Kind.CHECK_UP: Wording(
        subject=_("Time to look again"),
        line=_("Last time it was said to look again about now."),
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

# For who has asked for more words. Verdicts and answers stay on the page even so.
FULLER = {
    Reminder.Kind.MORNING_MOVES: (_("Your morning moves"), _("Ten minutes or so of gentle moves, at your own pace.")),
    Reminder.Kind.LOG_PAIN: (_("How is your pain today?"), _("Two taps are enough for your pain log.")),
    Reminder.Kind.MEDICINE: (_("Time for your medicine"), _("This is the time you chose for it.")),
    Reminder.Kind.ADVICE: (_("News about your treatments"), _("There is something new about them on your page.")),
    Reminder.Kind.QUESTIONS: (
        _("Your weekly questions"),
        _("They ask how the pain has been, and take a minute or two."),
    ),
    Reminder.Kind.CHECK_UP: (_("Time for a check-up again"), _("Your last result said to look again about now.")),
}
LIGHTER = _("As little as you like today. Leaving it out is fine too.")
LONGEST_SUBJECT = 120

ACT_LABELS = {
    "score": _("Give a number, 0 to 10"),
    Occurrence.Response.DONE: _("Done"),
    Occurrence.Response.SNOOZED: _("Later"),
    Occurrence.Response.SKIPPED: _("Not today"),
}


def site_link(view: str, *args: str) -> str:
    """An address that works outside a page: built from the settings, never from a request's Host."""
    return settings.SITE_URL + reverse(view, args=args)


def message_id(*, occurrence: Occurrence, n_send: int) -> str:
    """The same for each repeat of one numbered send, so that a reader's mail program keeps one."""
    name = uuid.uuid5(occurrence.reminder.uuid, f"{occurrence.pk}/{occurrence.local_date}/{n_send}")
    return f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"


def wording(occurrence: Occurrence, *, is_lighter: bool = False) -> Wording:
    """What a mail says: neutral words, or those that name what it is about where the patient wants them."""
    reminder = occurrence.reminder
    kind = Reminder.Kind(reminder.kind)
    words = WORDINGS[kind]
    if reminder.patient.says_more:
        subject, line = _named(occurrence) or FULLER[kind]
        words = replace(words, subject=subject, line=line)
    return replace(words, line=LIGHTER) if is_lighter else words


def _named(occurrence: Occurrence) -> tuple[str, str | Promise] | None:
    """The medicine that a reminder is for, or when the appointment is."""
    medicine, visit = occurrence.reminder.medicine, occurrence.appointment
    if medicine is not None:
        return gettext("Time for %(medicine)s") % {"medicine": medicine}, FULLER[Reminder.Kind.MEDICINE][1]
    if visit is not None:
        starts_at = visit.starts_at.astimezone(ZoneInfo(visit.zone))
        told = {"day": date_format(starts_at, "l j F"), "time": date_format(starts_at, "TIME_FORMAT")}
        line = gettext("It is on %(day)s at %(time)s. What to bring and to ask stands on your page.") % told
        return gettext("Your appointment on %(day)s") % told, line
    return None


def reminder_mail(
    *, occurrence: Occurrence, n_send: int, act_tokens: Mapping[str, str], is_lighter: bool = False
) -> EmailMultiAlternatives:
    """One reminder in three parts. Needs the occurrence with its reminder, patient and user.

    `is_lighter`: the patient is in a flare, and what is asked for is less.
    """
    reminder = occurrence.reminder
    patient = reminder.patient
    unsubscribe = site_link("unsubscribe", reminder.unsubscribe_key)
    with translation.override(patient.language):
        words = wording(occurrence, is_lighter=is_lighter)
        links = [(words.label, site_link(words.page))]
        links += [(ACT_LABELS[a], site_link("reminder_act", t)) for a, t in act_tokens.items()]
        if words.page != "today":
            links.append((_("Add today's entry"), site_link("today")))
        context = {"wording": words, "name": patient.display_name, "links": links, "unsubscribe": unsubscribe}
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
    mail = EmailMultiAlternatives(one_line(subject), text, to=[to], headers=headers)
    mail.attach_alternative(_inliner().inline(html), "text/html")
    return mail


def one_line(text: str) -> str:
    """Fit for a header: what a patient has typed may hold line breaks, or letters that turn the reading direction."""
    line = " ".join(text.split())
    return "".join(letter for letter in line if letter.isprintable())[:LONGEST_SUBJECT]


@cache
def _inliner() -> css_inline.CSSInliner:
    """Mail programs drop style sheets, so each rule goes to its element; nothing is ever fetched for it."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
