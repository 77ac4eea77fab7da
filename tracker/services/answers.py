"""What a patient says to one occurrence of a reminder: done, later, not today, a number; from a mail, a page, an app."""

import uuid as uuids
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.db import transaction

from tracker.domain import schedule
from tracker.domain.errors import DomainError
from tracker.models import Occurrence, PainEntry, Patient, Reminder, User
from tracker.services import exercises, pain_log, red_flags, send_rules
from tracker.services.reminders import LinkUnknown

Kind, State, Response = Reminder.Kind, Occurrence.State, Occurrence.Response

# A number from 0 to 10, logged as felt now.
SCORE = "score"
SNOOZE_MINUTES = (10, 30, 60, 120)
USUAL_SNOOZE = 30
_FINAL = {Response.DONE, Response.SKIPPED}
_LINK_SALT = "tracker.reminder"
_OFFERED: dict[str, tuple[str, ...]] = {
    Kind.MORNING_MOVES: (Response.DONE, SCORE, Response.SNOOZED, Response.SKIPPED),
    Kind.LOG_PAIN: (SCORE, Response.SNOOZED, Response.SKIPPED),
    Kind.MEDICINE: (Response.DONE, Response.SNOOZED, Response.SKIPPED),
    Kind.QUESTIONS: (Response.SNOOZED, Response.SKIPPED),
    Kind.CHECK_UP: (Response.SNOOZED, Response.SKIPPED),
}


class LinkEnded(DomainError):
    """Answered before, too late, or the day is over."""


class NotTheDay(DomainError):
    """The day of that reminder has not come yet."""


class NoSuchAnswer(DomainError):
    """This kind of reminder has no such answer, or it lacks its number."""


class NothingToUndo(DomainError):
    """It has not been answered, or its day is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What a signed link in a mail may do: give one answer to one send of one occurrence. The answer is not signed."""

    occurrence_id: int
    action: str
    n_send: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """The number that goes with an answer, where it has one."""

    minutes: int = USUAL_SNOOZE
    nrs: int | None = None


PLAIN = Said()


def offered(occurrence: Occurrence, *, n_send: int) -> list[str]:
    """The answers that the mail of this send has links for."""
    actions = _answers_to(occurrence)
    may_snooze = bool(actions) and send_rules.sends_left(occurrence, n_sends=n_send) > 0
    return [action for action in actions if action != Response.SNOOZED or may_snooze]


def _answers_to(occurrence: Occurrence) -> tuple[str, ...]:
    """All that its kind of reminder can be answered."""
    return _OFFERED.get(occurrence.reminder.kind, ())


def link_tokens(*, occurrence: Occurrence, actions: Iterable[str], n_send: int) -> dict[str, str]:
    """By action. One signature serves them all: who holds one link of a mail has the others before them."""
    signed = _signer(settings.SECRET_KEY).sign(f"{occurrence.pk}.{n_send}")
    return {str(action): f"{action}.{signed}" for action in actions}


@lru_cache(maxsize=2)
def _signer(key: str) -> signing.Signer:
    return signing.Signer(key=key, salt=_LINK_SALT)


def read_link(token: str) -> Link:
    action, _dot, signed = token.partition(".")
    try:
        occurrence_id, n_send = _signer(settings.SECRET_KEY).unsign(signed).split(".")
        return Link(occurrence_id=int(occurrence_id), action=action, n_send=int(n_send))
    except (signing.BadSignature, ValueError) as error:
        raise LinkUnknown from error


def _occurrence_of(link: Link) -> Occurrence | None:
    return Occurrence.objects.select_related("reminder__patient__user").filter(pk=link.occurrence_id).first()


def choices(*, link: Link, at: datetime) -> Collection[int]:
    """In how many minutes it can come again, on the same local day; nothing where the link has ended."""
    occurrence = _occurrence_of(link)
    return [m for m in SNOOZE_MINUTES if occurrence and _may_answer(occurrence, link, at, Said(minutes=m))]


def is_open(*, link: Link, at: datetime) -> bool:
    occurrence = _occurrence_of(link)
    return occurrence is not None and _may_answer(occurrence, link, at, Said(minutes=SNOOZE_MINUTES[0]))


@transaction.atomic
def follow_link(*, link: Link, at: datetime, said: Said = PLAIN) -> Occurrence:
    """Give the answer that a link from a mail stands for; the link itself shows that the mail arrived."""
    occurrence = _held(link.occurrence_id)
    if not _may_answer(occurrence, link, at, said):
        raise LinkEnded
    _check(link.action, said)
    if occurrence.n_sends < link.n_send:
        _note_arrival(occurrence, n_send=link.n_send, at=at)
    return _answer(occurrence, link, at=at, said=said, source=PainEntry.Source.MAIL)


@transaction.atomic
def respond(
    *,
    by: User,
    occurrence: Occurrence,
    action: str,
    at: datetime,
    said: Said = PLAIN,
    source: str = PainEntry.Source.WEB,
) -> Occurrence:
    """The same answers from inside Ebb, also before the mail has gone out."""
    occurrence = _own(by, occurrence)
    if action not in _answers_to(occurrence):
        raise NoSuchAnswer
    if occurrence.local_date > schedule.local_date(at, ZoneInfo(occurrence.zone)):
        raise NotTheDay
    link = Link(occurrence_id=occurrence.pk, action=action, n_send=occurrence.n_sends)
    if not _may_answer(occurrence, link, at, said):
        raise LinkEnded
    _check(action, said)
    return _answer(occurrence, link, at=at, said=said, source=source)


@transaction.atomic
def take_back(*, by: User, occurrence: Occurrence, at: datetime) -> Occurrence:
    """As if nothing had been answered. What "done" alone wrote down goes with it; a number stays in the log."""
    return _take_back(_own(by, occurrence), at)


@transaction.atomic
def take_back_from_mail(*, link: Link, at: datetime) -> Occurrence:
    """The same for whoever has just answered by a link, while its day lasts."""
    occurrence = _held(link.occurrence_id)
    if occurrence.response != link.action:
        raise NothingToUndo
    return _take_back(occurrence, at)


def calls_for_questions(*, occurrence: Occurrence, nrs: int | None, at: datetime) -> bool:
    """Whether a number that was just given makes the short alarm questions due."""
    felt = [] if nrs is None else [(nrs, at)]
    return red_flags.is_due_after(patient=occurrence.reminder.patient, felt=felt, at=at)


def _own(by: User, occurrence: Occurrence) -> Occurrence:
    if occurrence.reminder.patient_id != by.patient.pk:
        raise Occurrence.DoesNotExist
    return _held(occurrence.pk)


def _held(pk: int) -> Occurrence:
    """The row, held to the end of the transaction; its patient before it, as by whoever changes both."""
    Patient.objects.filter(reminders__occurrences=pk).select_for_update(of=("self",)).only("pk").first()
    occurrences = Occurrence.objects.select_for_update(of=("self",)).select_related("reminder__patient__user")
    if (occurrence := occurrences.filter(pk=pk).first()) is None:
        raise LinkUnknown
    return occurrence


def _check(action: str, said: Said) -> None:
    if action == SCORE and said.nrs is None:
        raise NoSuchAnswer
    if action == Response.SNOOZED and said.minutes not in SNOOZE_MINUTES:
        raise NoSuchAnswer


def _may_answer(occurrence: Occurrence, link: Link, at: datetime, said: Said) -> bool:
    if link.action not in _answers_to(occurrence) or not occurrence.reminder.patient.user.is_active:
        return False
    day_ends_at = schedule.end_of_local_day(occurrence.local_date, ZoneInfo(occurrence.zone))
    if at >= day_ends_at:
        return False
    if link.action == SCORE:
        return not _is_scored(occurrence, link)
    if occurrence.response in _FINAL:
        return False
    if link.action == Response.SNOOZED:
        return _again_at(occurrence, at, said) < day_ends_at and _may_snooze(occurrence, link)
    return True


def _may_snooze(occurrence: Occurrence, link: Link) -> bool:
    """Only from the newest send, once, while another is allowed."""
    is_newest = link.n_send >= occurrence.n_sends
    is_on_its_way = occurrence.state in {State.CLAIMED, State.STARTED} and link.n_send == occurrence.n_sends
    was_snoozed = (
        occurrence.state == State.PENDING
        and occurrence.response == Response.SNOOZED
        and occurrence.n_sends >= link.n_send
    )
    if not is_newest or was_snoozed or is_on_its_way:
        return False
    return send_rules.sends_left(occurrence, n_sends=link.n_send) > 0


def _entry_uuid(occurrence: Occurrence, link: Link) -> uuids.UUID:
    """One entry for one send, so that the link works once."""
    return uuids.uuid5(occurrence.reminder.uuid, f"score/{occurrence.pk}/{link.n_send}")


def _is_scored(occurrence: Occurrence, link: Link) -> bool:
    patient, uuid = occurrence.reminder.patient, _entry_uuid(occurrence, link)
    return any(rows.filter(uuid=uuid).exists() for rows in (patient.pain_entries, patient.entry_tombstones))


def _note_arrival(occurrence: Occurrence, *, n_send: int, at: datetime) -> None:
    """The worker that sent it never came back to say so; the reader's click does."""
    occurrence.state, occurrence.n_sends, occurrence.sent_at = State.SENT, n_send, at
    occurrence.lease_token = occurrence.lease_until = None
    occurrence.save(update_fields=["state", "n_sends", "sent_at", "lease_token", "lease_until"])


def _answer(occurrence: Occurrence, link: Link, *, at: datetime, said: Said, source: str) -> Occurrence:
    if link.action == SCORE:
        return _score(occurrence, link, at=at, said=said, source=source)
    occurrence.response, occurrence.responded_at, occurrence.repeats_at = Response(link.action), at, None
    fields = ["response", "responded_at", "repeats_at"]
    if link.action == Response.SNOOZED:
        fields += _send_again(occurrence, due_at=_again_at(occurrence, at, said))
    occurrence.save(update_fields=fields)
    if link.action == Response.DONE and occurrence.reminder.kind == Kind.MORNING_MOVES:
        exercises.note_done(patient=occurrence.reminder.patient, on=occurrence.local_date, at=at)
    return occurrence


def _score(occurrence: Occurrence, link: Link, *, at: datetime, said: Said, source: str) -> Occurrence:
    """The number is felt now. For a log reminder that is what it asked for; to others it answers nothing."""
    patient = occurrence.reminder.patient
    content = {"nrs": said.nrs, "felt_at": at, "zone": patient.zone}
    pain_log.add(by=patient.user, uuid=_entry_uuid(occurrence, link), source=source, at=at, **content)
    if occurrence.reminder.kind == Kind.LOG_PAIN:
        occurrence.response, occurrence.responded_at, occurrence.repeats_at = Response.DONE, at, None
        occurrence.save(update_fields=["response", "responded_at", "repeats_at"])
    return occurrence


def _again_at(occurrence: Occurrence, at: datetime, said: Said) -> datetime:
    """So long after now, and never sooner than at its own time, if that is still to come."""
    is_to_come = occurrence.state == State.PENDING and not occurrence.n_sends
    return max(at + timedelta(minutes=said.minutes), occurrence.due_at if is_to_come else at)


def _send_again(occurrence: Occurrence, *, due_at: datetime) -> list[str]:
    zone, reminder = ZoneInfo(occurrence.zone), occurrence.reminder
    window_end = schedule.window_end(
        kind=schedule.Kind(reminder.kind), due_at=due_at, zone=zone, minutes=reminder.window_minutes
    )
    occurrence.window_ends_at = min(window_end, schedule.end_of_local_day(occurrence.local_date, zone))
    occurrence.state, occurrence.due_at = State.PENDING, due_at
    occurrence.n_attempts = occurrence.n_retries = 0
    occurrence.told_by = occurrence.given_up = ""
    return ["state", "due_at", "window_ends_at", "n_attempts", "n_retries", "told_by", "given_up"]


def _take_back(occurrence: Occurrence, at: datetime) -> Occurrence:
    day_ends_at = schedule.end_of_local_day(occurrence.local_date, ZoneInfo(occurrence.zone))
    if not occurrence.response or at >= day_ends_at:
        raise NothingToUndo
    if occurrence.response == Response.DONE and occurrence.reminder.kind == Kind.MORNING_MOVES:
        said: dict[str, Any] = {"exercises_done": [], "hurt": [], "amounts": {}, "started_at": None}
        bare = said | {"pain_during": None, "pain_next_morning": None}
        occurrence.reminder.patient.exercise_sessions.filter(local_date=occurrence.local_date, **bare).delete()
    if occurrence.response == Response.SNOOZED and occurrence.state == State.PENDING and occurrence.n_sends:
        occurrence.state = State.SENT
    _hold_back_no_more(occurrence, at)
    occurrence.response, occurrence.responded_at = "", None
    occurrence.save(update_fields=["state", "due_at", "because", "repeats_at", "response", "responded_at"])
    return occurrence


def _hold_back_no_more(occurrence: Occurrence, at: datetime) -> None:
    """What the answer alone kept away comes after all, while its window is open: the first, or once more."""
    if occurrence.state == State.SUPPRESSED and occurrence.because == send_rules.ANSWERED:
        occurrence.state, occurrence.due_at, occurrence.because = State.PENDING, at, ""
    elif occurrence.state == State.SENT and occurrence.sent_at is not None:
        n_send, sent_at = occurrence.n_sends, occurrence.sent_at
        occurrence.repeats_at = send_rules.repeats_at(occurrence, n_send=n_send, at=sent_at)
