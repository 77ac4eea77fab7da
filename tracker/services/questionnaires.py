"""Questionnaires answered: kept as they were given, scored once, never scored again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from assessments.engine import emergency, instruments
from assessments.engine.emergency import Line
from assessments.engine.instrument_loading import standard_instruments
from assessments.engine.instruments import Instrument, Movement, Score
from tracker.domain import rhythm
from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.schedule import local_date
from tracker.models import AuditEvent, Patient, QuestionnaireResponse, TreatmentAttempt, User
from tracker.services.accounts import known_zone
from tracker.services.locks import locked
from tracker.services.pain_log import CLOCK_SKEW

LONGEST_PUT_OFF = 28  # days


class UnknownInstrument(DomainError):
    """There is no questionnaire of that name."""


class OtherVersion(DomainError):
    """Answers to another version of this questionnaire cannot be scored here."""


class AnswersRefused(DomainError):
    """These answers cannot be scored."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(*faults.items())
        self.faults = dict(faults)


class OtherScores(DomainError):
    """These answers have other scores."""


class ResponseAlreadyThere(DomainError):
    """This uuid names other answers of the same patient."""


class ResponseInFuture(DomainError):
    """Nobody can have answered later than now."""


class ResponseTooOld(DomainError):
    """Before the earliest day that the record keeps."""


class NotAboutATreatment(DomainError):
    """This questionnaire is about no single treatment."""


class PutOffOutOfRange(DomainError):
    """Only what is offered can be put off, until a day from tomorrow on."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One day of a course."""

    on: date
    value: float


@dataclass(frozen=True, kw_only=True)
class Help:
    """Where a person answers, now."""

    crisis: list[Line]
    emergency: list[Line]


def all_instruments() -> dict[str, Instrument]:
    return standard_instruments()


def instrument_of(key: str) -> Instrument:
    """Raises UnknownInstrument."""
    try:
        return all_instruments()[key]
    except KeyError:
        raise UnknownInstrument(key) from None


@transaction.atomic
def answer(
    *,
    by: User,
    uuid: UUID,
    instrument: str,
    answers: Any,
    at: datetime,
    answered_at: datetime | None = None,
    zone: str | None = None,
    attempt: TreatmentAttempt | None = None,
    version: str | None = None,
) -> tuple[QuestionnaireResponse, bool]:
    """Keep and score answers: (response, whether it is new). The same sent again is the same response.

    `answered_at`: the instant on the device, where it was another than `at`. `version`: the wording that was shown.
    """
    patient = locked(by)
    asked = instrument_of(instrument)
    if version is not None and version != asked.version:
        raise OtherVersion(version)
    accepted = _accepted(asked, answers)
    if attempt is not None and not asked.names_attempt:
        raise NotAboutATreatment(instrument)
    earlier = patient.questionnaire_responses.filter(uuid=uuid).first()
    if earlier is not None:
        return _same(earlier, instrument, accepted, attempt, answered_at), False
    moment = _checked(answered_at or at, zone or patient.zone, at)
    response = _create(patient, asked, accepted, uuid=uuid, moment=moment, zone=zone or patient.zone, attempt=attempt)
    if needs_help(response):
        Patient.objects.filter(pk=patient.pk).update(help_shown_at=at)
    AuditEvent.objects.create(actor=by, patient=patient, verb="answered", subject=f"{instrument} {uuid}")
    return response, True


@transaction.atomic
def remove(*, by: User, response: QuestionnaireResponse) -> None:
    """Delete for good."""
    AuditEvent.objects.create(
        actor=by, patient_id=response.patient_id, verb="deleted", subject=f"{response.instrument} {response.uuid}"
    )
    response.delete()


@transaction.atomic
def bring_back(*, by: User, at: datetime, row: Mapping[str, Any], attempt: TreatmentAttempt | None) -> bool:
    """Keep a response that was exported, and say whether it was kept: only where its scores can be checked.

    Raises AnswersRefused or OtherScores where they are not those of its answers.
    """
    asked = all_instruments().get(row["instrument"])
    if asked is None or (asked.version, asked.scoring_version) != (row["version"], row["scoring_version"]):
        return False
    accepted = _accepted(asked, row["answers"])
    if instruments.scores_of(asked, accepted) != row["scores"]:
        raise OtherScores(row["uuid"])
    moment = _checked(row["answered_at"], row["zone"], at)
    _create(by.patient, asked, accepted, uuid=row["uuid"], moment=moment, zone=row["zone"], attempt=attempt)
    return True


@transaction.atomic
def put_off(*, by: User, instrument: str, until: date, today: date) -> None:
    """Offer it again on `until`, and nothing else today."""
    patient, tomorrow = locked(by), today + timedelta(days=1)
    if instrument not in beats() or not tomorrow <= until <= today + timedelta(days=LONGEST_PUT_OFF):
        raise PutOffOutOfRange(instrument)
    days = rhythm.postponed(_put_off(patient), key=instrument, until=until, tomorrow=tomorrow, beats=beats())
    patient.put_off = {key: day.isoformat() for key, day in days.items()}
    patient.save(update_fields=["put_off"])


@transaction.atomic
def acknowledge_help(*, by: User) -> None:
    """The patient has seen where a person answers."""
    patient = locked(by)
    if patient.help_shown_at is None:
        return
    patient.help_shown_at = None
    patient.save(update_fields=["help_shown_at"])
    AuditEvent.objects.create(actor=by, patient=patient, verb="acknowledged", subject="where help is")


def due(*, patient: Patient, on: date) -> Instrument | None:
    """The one questionnaire to offer on a local day; asks the database only where one may be due."""
    begun_on = local_date(patient.consented_at, ZoneInfo(patient.zone)) if patient.consented_at else on
    known: dict[str, Any] = {
        "beats": beats(),
        "asked": patient.asked,
        "begun_on": begun_on,
        "today": on,
        "put_off": _put_off(patient),
    }
    if not rhythm.waiting(**known):
        return None
    key = rhythm.due(**known, last=patient.questionnaire_responses.last_days(beats()))
    return all_instruments()[key] if key else None


def days_due(patient: Patient, days: Iterable[date]) -> set[date]:
    """On which of these local days something would be offered, if nothing were answered until then."""
    begun_on = local_date(patient.consented_at, ZoneInfo(patient.zone)) if patient.consented_at else None
    last = patient.questionnaire_responses.last_days(beats())
    known: dict[str, Any] = {"beats": beats(), "asked": patient.asked, "put_off": _put_off(patient), "last": last}
    return {day for day in days if rhythm.due(**known, begun_on=begun_on or day, today=day)}


@cache
def beats() -> dict[str, rhythm.Beat]:
    """The questionnaires that come again and again, in the order in which they come first."""
    return {
        key: rhythm.Beat(every_days=one.every_days, from_day=one.offered_from_day)
        for key, one in all_instruments().items()
        if one.every_days
    }


def course(patient: Patient, instrument: str, *, first: date | None = None, last: date | None = None) -> list[Point]:
    """The main score day by day, oldest first; of several answers on one day the last one."""
    score = instrument_of(instrument).main_score
    answered = patient.questionnaire_responses.filter(instrument=instrument)
    if first is not None:
        answered = answered.filter(local_date__gte=first)
    if last is not None:
        answered = answered.filter(local_date__lte=last)
    rows = answered.order_by("answered_at", "id").values_list("local_date", "scores")
    by_day = {on: scores[score.id] for on, scores in rows if score.id in scores}
    return [Point(on=on, value=by_day[on]) for on in sorted(by_day)]


def before(response: QuestionnaireResponse) -> QuestionnaireResponse | None:
    """The answers of the time before: to the same questionnaire, about the same treatment, scored the same way."""
    comparable = response.patient.questionnaire_responses.filter(
        instrument=response.instrument,
        attempt_id=response.attempt_id,
        scoring_version=response.scoring_version,
        answered_at__lt=response.answered_at,
    )
    return comparable.newest_first().first()


def movement(score: Score, *, earlier: float, now: float) -> Movement | None:
    return instruments.movement(score, before=earlier, now=now)


def definition_of(response: QuestionnaireResponse) -> Instrument | None:
    """The questionnaire as it was then; None where it has another version by now."""
    known = all_instruments().get(response.instrument)
    versions = (response.version, response.scoring_version)
    return known if known and (known.version, known.scoring_version) == versions else None


def needs_help(response: QuestionnaireResponse) -> bool:
    known = all_instruments().get(response.instrument)
    return known is not None and instruments.needs_help(known, response.answers)


def offered_next(response: QuestionnaireResponse) -> list[Instrument]:
    """What these scores make worth filling in."""
    known = definition_of(response)
    return [instrument_of(key) for key in instruments.offered_next(known, response.scores)] if known else []


def help_for(patient: Patient) -> Help:
    where = patient.emergency_region, patient.zone
    return Help(crisis=emergency.crisis_lines(*where), emergency=emergency.emergency_lines(*where))


def faults_of(instrument: Instrument, answers: Any) -> dict[str, str]:
    """What is wrong with answers, in words, by item; empty where they can be scored."""
    try:
        instruments.accept(instrument, answers)
    except instruments.AnswersRefused as refused:
        return refused.faults
    return {}


def _accepted(instrument: Instrument, answers: Any) -> dict[str, int]:
    try:
        return instruments.accept(instrument, answers)
    except instruments.AnswersRefused as refused:
        raise AnswersRefused(refused.faults) from None


def _checked(moment: datetime, zone: str, at: datetime) -> datetime:
    there = ZoneInfo(known_zone(zone))
    if moment > at + CLOCK_SKEW:
        raise ResponseInFuture
    if moment < datetime.combine(EARLIEST_DAY, datetime.min.time(), there).astimezone(UTC):
        raise ResponseTooOld
    return moment


def _create(
    patient: Patient, instrument: Instrument, answers: dict[str, int], *, moment: datetime, zone: str, **more: Any
) -> QuestionnaireResponse:
    return QuestionnaireResponse.objects.create(
        patient=patient,
        instrument=instrument.key,
        version=instrument.version,
        scoring_version=instrument.scoring_version,
        language=instrument.language,
        answers=answers,
        scores=instruments.scores_of(instrument, answers),
        answered_at=moment,
        local_date=local_date(moment, ZoneInfo(zone)),
        zone=zone,
        **more,
    )


def _same(
    earlier: QuestionnaireResponse,
    instrument: str,
    answers: dict[str, int],
    attempt: TreatmentAttempt | None,
    answered_at: datetime | None,
) -> QuestionnaireResponse:
    said = (instrument, answers, attempt and attempt.pk, answered_at or earlier.answered_at)
    if said != (earlier.instrument, earlier.answers, earlier.attempt_id, earlier.answered_at):
        raise ResponseAlreadyThere(earlier.uuid)
    return earlier


def _put_off(patient: Patient) -> dict[str, date]:
    return {key: date.fromisoformat(day) for key, day in patient.put_off.items()}
