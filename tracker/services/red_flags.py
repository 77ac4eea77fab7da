"""The short alarm questions of ordinary entries: whether they are called for, and what is answered.

Runs in the request, like a check-up; nothing here is queued or mailed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import transaction

from assessments import services as checkups
from assessments.engine import emergency, short_set
from assessments.engine.emergency import Line
from assessments.engine.loading import standard_rulebook
from assessments.engine.questionnaire import AnswerError
from assessments.engine.rulebook import Level, ShortQuestion, Triage
from tracker.domain import red_flags
from tracker.domain.errors import DomainError
from tracker.domain.red_flags import Felt, Screen
from tracker.models import AuditEvent, PainEntry, Patient, RedFlagScreen, User
from tracker.services.locks import locked

# As many ratings as are looked at: in three days nobody taps more often.
MOST_RECENT = 60
# Mostly enough: four a day for three days, and the one before.
FIRST_LOOK = 13


class EntryNotThere(DomainError):
    """The short questions go with an entry of the same patient, and there is none."""


class NoSuchAnswer(DomainError):
    """Not one of the short questions, or none of its answers; `words` say which."""

    def __init__(self, question: str, words: str) -> None:
        super().__init__(question, words)
        self.question, self.words = question, words


class ScreenAnswered(DomainError):
    """This uuid names questions that were answered in another way."""


class ScreenIncomplete(DomainError):
    """Only a yes may leave the other questions open; `missing` names them."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(missing)
        self.missing = tuple(missing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How things are. `entry` calls for the questions; `last` was answered or put off last."""

    entry: Felt | None = None
    last: RedFlagScreen | None = None


def accepted(answers: Any) -> dict[str, str]:
    """Answers to some or all of the questions, in their order. Raises NoSuchAnswer."""
    try:
        return short_set.accept(standard_rulebook(), answers)
    except AnswerError as error:
        raise NoSuchAnswer(error.question, error.words) from error


def document() -> dict[str, Any]:
    """The questions as plain values, with the version of the rule book that they are of."""
    plain = [short_set.as_plain_short_question(question) for question in questions()]
    return {"rulebook_version": standard_rulebook().version, "questions": plain}


def questions() -> tuple[ShortQuestion, ...]:
    """The short set, in its order."""
    return tuple(standard_rulebook().short_set.values())


def emergency_answers() -> dict[str, list[str]]:
    """Which answers mean an emergency while no longer question can be asked."""
    return {
        question.id: ["yes", "unsure"] if question.unsure_counts else ["yes"]
        for question in questions()
        if question.alone is Triage.EMERGENCY
    }


def lines(region: str, zone: str) -> dict[str, list[Line]]:
    """The numbers to call of a region, or of all where it is not known."""
    return {
        "emergency_lines": emergency.emergency_lines(region, zone),
        "crisis_lines": emergency.crisis_lines(region, zone),
    }


def levels() -> dict[str, Level]:
    """What each level means that the questions can lead to by themselves."""
    wanted = {question.alone for question in questions()}
    return {level.value: words for level, words in standard_rulebook().levels.items() if level in wanted}


def safety_net() -> tuple[str, ...]:
    """The signs to watch for after any answer."""
    return standard_rulebook().safety_net


def recent(patient: Patient) -> list[Felt]:
    """The newest ratings, newest first: as many as are mostly enough."""
    return _newest(patient, 0, FIRST_LOOK)


def _newest(patient: Patient, start: int, end: int) -> list[Felt]:
    columns = ("uuid", "nrs", "felt_at", "local_date", "source")
    rows = patient.pain_entries.newest_first().values_list(*columns)[start:end]
    return [
        Felt(uuid=uuid, nrs=nrs, felt_at=felt_at, local_date=local_date, is_brought=source == PainEntry.Source.IMPORT)
        for uuid, nrs, felt_at, local_date, source in rows
    ]


def _as_far_as_wanted(patient: Patient, first: Sequence[Felt], at: datetime) -> Iterator[Felt]:
    yield from first
    if len(first) == FIRST_LOOK and red_flags.is_fresh(first[-1].felt_at, at=at):
        yield from _newest(patient, FIRST_LOOK, MOST_RECENT)


def standing(
    *, patient: Patient, at: datetime, felt: Sequence[Felt] | None = None, days: Iterable[Any] | None = None
) -> Standing:
    """Whether the questions are called for now. `felt` (from `recent`) and `days` (from `by_day`) may be known already.

    Where no recent rating is raised, this asks the database for nothing but those ratings.
    """
    if not checkups.is_on():
        return Standing()
    wanted = _as_far_as_wanted(patient, recent(patient) if felt is None else felt, at)
    raised = red_flags.raised(wanted, at=at, usual_on=_usual_of(patient, days))
    if (newest := next(raised, None)) is None:
        return Standing()
    last = patient.red_flag_screens.newest_first().first()
    entry = next((one for one in chain([newest], raised) if red_flags.asks_again(one, _screen(last))), None)
    return Standing(entry=entry, last=last)


def is_due_after(*, patient: Patient, felt: Iterable[tuple[int, datetime]], at: datetime) -> bool:
    """Whether the questions are to be asked, now that these (NRS, instant) were written.

    Not while a check-up's result waits for a clinician: then that is what counts.
    """
    may_matter = any(red_flags.can_be_raised(nrs) and red_flags.is_fresh(felt_at, at=at) for nrs, felt_at in felt)
    is_raised = may_matter and standing(patient=patient, at=at).entry is not None
    return is_raised and not checkups.exercise_is_paused(patient.user)


@transaction.atomic
def answer(
    *, by: User, uuid: UUID, answers: Mapping[str, Any], at: datetime, entry: UUID | None = None
) -> RedFlagScreen:
    """Keep the answers, and open the check-up if one of them asks for it. Sent again, it is the same.

    A sign that is certain ends the check-up at once. Without an entry named, it is the one that calls for the
    questions, else the newest.
    """
    patient, rulebook, given = _held(by), standard_rulebook(), accepted(answers)
    screen = patient.red_flag_screens.filter(uuid=uuid).first()
    if screen and screen.answers is not None:
        return _same(screen, given)
    screened = short_set.screen(rulebook, given)
    if screened.missing and not screened.opened:
        raise ScreenIncomplete(screened.missing)
    screen = screen or _new(patient, uuid, entry, at)
    screen.answers, screen.rulebook_version, screen.answered_at = given, rulebook.version, at
    screen.checkup = _open_check_up(by, screened.known, at) if screened.opened else None
    screen.save()
    _audit(by, screen, "answered")
    return screen


@transaction.atomic
def put_off(*, by: User, uuid: UUID, at: datetime, entry: UUID | None = None) -> RedFlagScreen:
    """Not now. What was answered under this uuid stays answered."""
    patient = _held(by)
    if screen := patient.red_flag_screens.filter(uuid=uuid).first():
        return screen
    screen = _new(patient, uuid, entry, at)
    screen.rulebook_version, screen.answered_at = standard_rulebook().version, at
    screen.save()
    _audit(by, screen, "put off")
    return screen


def screened(screen: RedFlagScreen) -> short_set.Screened:
    """What the answers of a screen come to, as the rule book of today reads them."""
    rulebook = standard_rulebook()
    answers = {key: answer for key, answer in (screen.answers or {}).items() if key in rulebook.short_set}
    return short_set.screen(rulebook, answers)


def _held(by: User) -> Patient:
    if not checkups.is_on():
        raise checkups.CheckupOff
    return locked(by)


def _usual_of(patient: Patient, days: Iterable[Any] | None) -> Any:
    @cache
    def usual_on(day: date) -> float | None:
        known = days
        if known is None:
            known = patient.pain_entries.between(day - red_flags.USUAL_FROM, day).by_day()
        return red_flags.usual(((on, mean) for on, _low, _high, mean, _n in known), before=day)

    return usual_on


def _screen(last: RedFlagScreen | None) -> Screen | None:
    if last is None:
        return None
    return Screen(nrs=last.nrs, at=last.answered_at, is_answered=last.answers is not None)


def _same(screen: RedFlagScreen, given: Mapping[str, str]) -> RedFlagScreen:
    if screen.answers != given:
        raise ScreenAnswered(screen.uuid)
    return screen


def _new(patient: Patient, uuid: UUID, entry: UUID | None, at: datetime) -> RedFlagScreen:
    about = _about(patient, at) if entry is None else patient.pain_entries.filter(uuid=entry).first()
    if about is None:
        raise EntryNotThere(entry)
    return RedFlagScreen(patient=patient, uuid=uuid, entry_uuid=about.uuid, nrs=about.nrs)


def _about(patient: Patient, at: datetime) -> Felt | None:
    felt = recent(patient)
    return standing(patient=patient, at=at, felt=felt).entry or next(iter(felt), None)


def _open_check_up(by: User, known: Mapping[str, str], at: datetime) -> UUID:
    checkup = checkups.start(by=by, at=at, known=known)
    if checkups.next_question(checkup) is None:
        checkups.finish(by=by, uuid=checkup.uuid, at=at)
    return checkup.uuid


def _audit(by: User, screen: RedFlagScreen, verb: str) -> None:
    AuditEvent.objects.create(
        actor=by, patient_id=screen.patient_id, verb=verb, subject=f"red-flag questions {screen.uuid}"
    )
