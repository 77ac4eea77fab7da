"""What Ebb writes to people: neutral in its words, because others may see a screen or a mail server's log."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.header import Header
from email.utils import formatdate
from functools import cache, lru_cache
from hashlib import blake2b
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import sanitize_address
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tracker.models import Occurrence, Reminder


class MailError(SMTPException):
    """A mail server did not confirm a message. ``stage`` is where the talk broke off.

    An SMTPException, so that whoever sends mail without knowing of us is prepared for it.
    """

    def __init__(self, stage: str, words: str = "", *, code: int = 0) -> None:
        super().__init__(f"{stage}: {words}" if words else stage)
        self.stage = stage
        # What the server replied, if it did.
        self.code = code


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """The same, chosen for a patient and in their language."""

    subject: str
    line: str
    label: str
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

# For who has asked for more words. Verdicts and answers stay on the page even so. An appointment is told by its day.
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


# What needs no thought to be written into a header as it is.
PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
LONGEST_LINE = 990  # octets; SMTP allows 998
FOLD = "\r\n"  # a long header goes on in the next line; servers refuse a line end of one letter alone


@dataclass(frozen=True, kw_only=True, slots=True)
class Blank:
    """A mail of one kind in one language, with gaps: literal texts, and between them the name of what goes there."""

    text: tuple[str, ...]
    html: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> tuple[str, str]:
        """The two bodies; only the name has to be escaped, since all else is an address."""
        in_html = {**values, "name": escape(values["name"])}
        return _fill(self.text, values), _fill(self.html, in_html)


class ReminderMail(EmailMultiAlternatives):
    """A message that can be written down for SMTP without the costly machinery of the email package."""

    # Called when all is ready for the text and nothing of it has gone out; what it raises stops the mail.
    before_text: Callable[[], None] = staticmethod(lambda: None)

    def wire(self) -> bytes:
        to = self.to[0]
        if not PLAIN_ADDRESS.fullmatch(to):
            return self.message().as_bytes(linesep="\r\n")
        mark = f"=_{self.extra_headers['Message-ID'][1:].partition('@')[0]}"
        head = [
            f'Content-Type: multipart/alternative; boundary="{mark}"',
            "MIME-Version: 1.0",
            f"Subject: {_header(self.subject)}",
            f"From: {_sender(self.from_email)}",
            f"To: {to}",
            f"Date: {formatdate()}",
            *(f"{name}: {value}" for name, value in self.extra_headers.items()),
        ]
        html = str(self.alternatives[0][0])
        parts = [_part("plain", self.body), _part("html", html)]
        lines = ["\r\n".join(head).encode("ascii"), b""]
        for part in parts:
            lines += [f"--{mark}".encode(), part]
        return b"\r\n".join([*lines, f"--{mark}--".encode(), b""])


def site_link(view: str, *args: str) -> str:
    """An address that works outside a page: built from the settings, never from a request's Host."""
    return settings.SITE_URL + reverse(view, args=args)


def send_name(*, occurrence: Occurrence, n_send: int) -> str:
    """The same for each repeat of one numbered send. Who has seen one of a reminder cannot name the next."""
    send = f"{occurrence.pk}/{occurrence.local_date}/{n_send}".encode()
    return blake2b(send, key=occurrence.reminder.uuid.bytes, digest_size=16).hexdigest()


def message_id(*, occurrence: Occurrence, n_send: int) -> str:
    """By this a reader's mail program keeps one of two, and a report of lost mail is believed."""
    return f"<{send_name(occurrence=occurrence, n_send=n_send)}@{_host(settings.SITE_URL)}>"


def wording(occurrence: Occurrence, *, is_lighter: bool = False) -> Said:
    """What a mail says: neutral words, or those that name what it is about where the patient wants them."""
    reminder, patient = occurrence.reminder, occurrence.reminder.patient
    said = _usual_words(reminder.kind, patient.language, patient.says_more, is_lighter)
    if not patient.says_more or not (reminder.medicine_id or occurrence.appointment_id):
        return said
    with translation.override(patient.language):
        subject, line = _named(occurrence)
        return replace(said, subject=one_line(subject), line=said.line if is_lighter else line)


@cache
def _usual_words(kind: str, language: str, says_more: bool, is_lighter: bool) -> Said:
    words = WORDINGS[Reminder.Kind(kind)]
    plain = (words.subject, words.line)
    subject, line = FULLER.get(Reminder.Kind(kind), plain) if says_more else plain
    with translation.override(language):
        line = str(LIGHTER if is_lighter else line)
        return Said(subject=str(subject), line=line, label=str(words.label), page=words.page)


def _named(occurrence: Occurrence) -> tuple[str, str]:
    """Subject and line that name the medicine that a reminder is for, or say when the appointment is."""
    if medicine := occurrence.reminder.medicine:
        return gettext("Time for %(medicine)s") % {"medicine": medicine}, str(FULLER[Reminder.Kind.MEDICINE][1])
    visit = occurrence.appointment
    assert visit is not None
    starts_at = visit.starts_at.astimezone(ZoneInfo(visit.zone))
    told = {"day": date_format(starts_at, "l j F"), "time": date_format(starts_at, "TIME_FORMAT")}
    line = gettext("It is on %(day)s at %(time)s. What to bring and to ask stands on your page.") % told
    return gettext("Your appointment on %(day)s") % told, line


def reminder_mail(
    *, occurrence: Occurrence, message_id: str, act_tokens: Mapping[str, str], is_lighter: bool = False
) -> ReminderMail:
    """One reminder in two forms. Needs the occurrence with its reminder, patient and user.

    `is_lighter`: the patient is in a flare, and what is asked for is less.
    """
    reminder, site_url = occurrence.reminder, settings.SITE_URL
    patient = reminder.patient
    said = wording(occurrence, is_lighter=is_lighter)
    blank = _blank(said, patient.language, bool(patient.display_name), tuple(act_tokens), site_url)
    key = reminder.unsubscribe_key
    text, html = blank.filled({**act_tokens, "name": patient.display_name, "unsubscribe": key})
    headers = {
        "Message-ID": message_id,
        "List-Unsubscribe": f"<{_unsubscribe_link(site_url).replace(_gap('unsubscribe'), key)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    mail = ReminderMail(said.subject, text, to=[patient.user.email], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail


def reminder_words(occurrence: Occurrence, *, is_lighter: bool = False) -> tuple[str, str, str]:
    """Title, line and address of a reminder, in the words that its mail has."""
    said = wording(occurrence, is_lighter=is_lighter)
    return said.subject, said.line, site_link(said.page)


def _gap(name: str) -> str:
    """Stands for what differs from mail to mail; made of letters, so that neither an address nor HTML changes it."""
    return f"EBBGAP{name}GAPEBB"


_GAPS = re.compile(r"EBBGAP(\w+?)GAPEBB")


@lru_cache(maxsize=500)
def _blank(said: Said, language: str, has_name: bool, actions: tuple[str, ...], site_url: str) -> Blank:
    """Rendering and inlining cost more than sending, so they are done once for all mails that are alike."""
    with translation.override(language):
        links = [(said.label, site_link(said.page))]
        links += [(str(ACT_LABELS[action]), site_link("reminder_act", _gap(action))) for action in actions]
        if said.page != "today":
            links.append((gettext("Add today's entry"), site_link("today")))
        context: dict[str, Any] = {
            "wording": {"subject": said.subject, "line": said.line},
            "name": _gap("name") if has_name else "",
            "links": links,
            "unsubscribe": _unsubscribe_link(site_url),
        }
        text, html = (render_to_string(f"tracker/mail/reminder/body.{kind}", context) for kind in ("txt", "html"))
    return Blank(text=tuple(_GAPS.split(text)), html=tuple(_GAPS.split(_inliner().inline(html))))


def _fill(pieces: tuple[str, ...], values: Mapping[str, str]) -> str:
    return "".join([values[piece] if n % 2 else piece for n, piece in enumerate(pieces)])


def _part(kind: str, content: str) -> bytes:
    octets = content.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n").encode()
    if octets.isascii() and max(map(len, octets.split(b"\r\n"))) <= LONGEST_LINE:
        return b'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: 7bit\r\n\r\n%s' % (
            kind.encode(),
            octets,
        )
    octets = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    return b'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n%s' % (
        kind.encode(),
        octets,
    )


@lru_cache(maxsize=500)
def _header(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8").encode(linesep=FOLD)


@lru_cache(maxsize=20)
def _sender(address: str) -> str:
    return sanitize_address(address, "utf-8").replace("\n", FOLD)


@lru_cache(maxsize=20)
def _unsubscribe_link(site_url: str) -> str:
    return site_url + reverse("unsubscribe", args=[_gap("unsubscribe")])


@lru_cache(maxsize=20)
def _host(site_url: str) -> str | None:
    return urlsplit(site_url).hostname


def one_line(text: str) -> str:
    """Fit for a header: what a patient has typed may hold line breaks, or letters that turn the reading direction."""
    line = " ".join(text.split())
    line = "".join(letter for letter in line if letter.isprintable())
    return line if len(line) <= LONGEST_SUBJECT else f"{line[: LONGEST_SUBJECT - 1].rstrip()}…"


@cache
def _inliner() -> css_inline.CSSInliner:
    """Mail programs drop style sheets, so each rule goes to its element; nothing is ever fetched for it."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False)
