"""Visits to clinicians: noted, moved, cancelled; what to ask, what was answered and decided, what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY
from tracker.domain.schedule import MIDNIGHT
from tracker.domain.text import storable
from tracker.domain.visits import LONGEST_AHEAD, LONGEST_BEFORE
from tracker.models import (
    Appointment,
    AuditEvent,
    SecondOpinion,
    TreatmentAttempt,
    TreatmentPlan,
    User,
    VisitQuestion,
)
from tracker.models.second_opinions import LONG_TEXT
from tracker.services import appointment_reminders, treatment_plans, treatments
from tracker.services.accounts import known_zone
from tracker.services.locks import locked

LENGTHS = {"with_whom": 200, "place": 500, "purpose": LONG_TEXT, "decided": LONG_TEXT}
SHORTEST_BEFORE = 5  # minutes that a mail comes before the visit, at least
EARLIEST = datetime.combine(EARLIEST_DAY, MIDNIGHT, UTC)
MAX_COMING = 200  # at once, per patient
MAX_QUESTIONS = 50  # of one visit


class AppointmentAlreadyThere(DomainError):
    """This uuid names another appointment of the same patient."""


class AppointmentOutOfRange(DomainError):
    """Before 1900 or more than five years ahead."""


class ReminderOutOfRange(DomainError):
    """A mail comes between five minutes and two weeks before, or never."""


class NoSuchOpinion(DomainError):
    """Not a second opinion of this patient."""


class TooManyAppointments(DomainError):
    """As many are coming as there may be."""


class QuestionMissing(DomainError):
    """There is no such question, or nothing in it."""


class TooManyQuestions(DomainError):
    """More than can be asked at one visit, or one of them twice."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """All of an appointment that the patient says."""

    starts_at: datetime
    zone: str
    with_whom: str = ""
    place: str = ""
    purpose: str = ""
    opinion: SecondOpinion | None = None
    remind_before: int | None = None
    decided: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question; None as an answer leaves the one that is there."""

    uuid: UUID
    text: str
    answer: str | None = None


def content_of(appointment: Appointment) -> Content:
    return Content(**{one.name: getattr(appointment, one.name) for one in fields(Content)})


@transaction.atomic
def add(*, by: User, uuid: UUID, at: datetime, **said: Any) -> Appointment:
    """Note one; `said` is what Content holds. Sent again, it is the same appointment."""
    patient = locked(by)
    content = _checked(by, Content(**said), at)
    earlier = patient.appointments.filter(uuid=uuid).first()
    if earlier is not None:
        if content_of(earlier) != content:
            raise AppointmentAlreadyThere(uuid)
        return earlier
    if patient.appointments.upcoming(at).count() >= MAX_COMING:
        raise TooManyAppointments
    appointment = Appointment.objects.create(
        patient=patient, uuid=uuid, created_at=at, changed_at=at, **content.columns
    )
    _audit(by, appointment, "added")
    appointment_reminders.plan(appointment=appointment, at=at)
    return appointment


@transaction.atomic
def put(*, by: User, uuid: UUID, at: datetime, **said: Any) -> tuple[Appointment, bool]:
    """Make the appointment with this uuid hold exactly what is said: (appointment, whether it is new)."""
    earlier = locked(by).appointments.filter(uuid=uuid).first()
    if earlier is None:
        return add(by=by, uuid=uuid, at=at, **said), True
    return change(by=by, appointment=earlier, at=at, **Content(**said).columns), False


@transaction.atomic
def change(*, by: User, appointment: Appointment, at: datetime, **changes: Any) -> Appointment:
    """Change what is given. A new time moves the mail; a new time or place makes a calendar take the newer copy."""
    current = _current(by, appointment)
    before = content_of(current)
    content = _checked(by, replace(before, **changes), at)
    if content == before:
        return current
    for name, value in content.columns.items():
        setattr(current, name, value)
    if (content.starts_at, content.place) != (before.starts_at, before.place):
        current.sequence += 1
    _save(by, current, at, "changed")
    if (content.starts_at, content.zone, content.remind_before) != (
        before.starts_at,
        before.zone,
        before.remind_before,
    ):
        appointment_reminders.plan(appointment=current, at=at)
    return current


@transaction.atomic
def cancel(*, by: User, appointment: Appointment, at: datetime) -> Appointment:
    """It does not take place; nobody is reminded of it. Its questions stay."""
    return _stands(by, appointment, at, cancelled_at=at)


@transaction.atomic
def reinstate(*, by: User, appointment: Appointment, at: datetime) -> Appointment:
    """It takes place after all."""
    return _stands(by, appointment, at, cancelled_at=None)


@transaction.atomic
def remove(*, by: User, appointment: Appointment) -> None:
    """Delete it with its questions and its mail. The attempt that came of it stays."""
    current = _current(by, appointment)
    _audit(by, current, "deleted")
    current.delete()


@transaction.atomic
def ask(*, by: User, appointment: Appointment, uuid: UUID, text: str, at: datetime) -> VisitQuestion:
    """One more question, as the last. Sent again, it is the same."""
    current = _current(by, appointment)
    earlier = current.questions.filter(uuid=uuid).first()
    if earlier is not None:
        return earlier
    _checked_questions([*_asked(current), Asked(uuid=uuid, text=text)])
    last = current.questions.order_by("-position").values_list("position", flat=True).first()
    question = current.questions.create(uuid=uuid, text=text, position=0 if last is None else last + 1)
    _save(by, current, at, "asked")
    return question


@transaction.atomic
def set_questions(*, by: User, appointment: Appointment, questions: Sequence[Asked], at: datetime) -> Appointment:
    """Exactly these, in this order. An answer stays with its question unless another is given."""
    current = _current(by, appointment)
    _checked_questions(questions)
    answers = dict(current.questions.values_list("uuid", "answer"))
    for position, one in enumerate(questions):
        answer = answers.get(one.uuid, "") if one.answer is None else one.answer
        said = {"text": one.text, "answer": answer, "position": position}
        current.questions.update_or_create(uuid=one.uuid, defaults=said)
    current.questions.exclude(uuid__in=[one.uuid for one in questions]).delete()
    _save(by, current, at, "asked")
    return current


@transaction.atomic
def drop_question(*, by: User, appointment: Appointment, question: UUID, at: datetime) -> Appointment:
    """Forget one question and its answer; dropped twice, it is gone."""
    current = _current(by, appointment)
    if current.questions.filter(uuid=question).delete()[0]:
        _save(by, current, at, "asked")
    return current


@transaction.atomic
def note(
    *, by: User, appointment: Appointment, answers: Mapping[UUID, str], at: datetime, decided: str | None = None
) -> Appointment:
    """What was answered to single questions, and what was decided."""
    current = _current(by, appointment)
    known = {one.uuid: one for one in current.questions.all()}
    if not answers.keys() <= known.keys():
        raise QuestionMissing
    for uuid, answer in answers.items():
        known[uuid].answer = storable(answer, longest=LONG_TEXT)
    VisitQuestion.objects.bulk_update([known[uuid] for uuid in answers], ["answer"])
    if decided is not None:
        current.decided = storable(decided, longest=LENGTHS["decided"])
    _save(by, current, at, "noted")
    return current


@transaction.atomic
def begin(*, by: User, appointment: Appointment, uuid: UUID, at: datetime, **said: Any) -> TreatmentAttempt:
    """What was decided becomes an attempt; `said` as for treatments.start."""
    current = _current(by, appointment)
    attempt = treatments.start(by=by, uuid=uuid, at=at, **said)
    treatment_plans.came_of(by=by, visit=current, attempt=attempt, at=at)
    return attempt


@transaction.atomic
def plan_next(*, by: User, appointment: Appointment, uuid: UUID, at: datetime, **said: Any) -> TreatmentPlan:
    """What was decided is planned for later; `said` as for treatment_plans.put. Begun, it is what came of the visit."""
    return treatment_plans.put(by=by, uuid=uuid, at=at, visit=_current(by, appointment), **said)


def _current(by: User, appointment: Appointment) -> Appointment:
    """As it is now, with the patient's row held. One of somebody else is not there."""
    return locked(by).appointments.select_related("patient").get(pk=appointment.pk)


def _checked(by: User, content: Content, at: datetime) -> Content:
    known_zone(content.zone)
    if not EARLIEST <= content.starts_at <= at + LONGEST_AHEAD:
        raise AppointmentOutOfRange
    for name, longest in LENGTHS.items():
        storable(getattr(content, name), longest=longest)
    if content.remind_before is not None and not SHORTEST_BEFORE <= content.remind_before <= LONGEST_BEFORE:
        raise ReminderOutOfRange
    if content.opinion is not None and content.opinion.patient_id != by.patient.pk:
        raise NoSuchOpinion
    return content


def _checked_questions(questions: Sequence[Asked]) -> None:
    if len(questions) > MAX_QUESTIONS or len({one.uuid for one in questions}) < len(questions):
        raise TooManyQuestions
    for one in questions:
        if not storable(one.text, longest=LONG_TEXT).strip():
            raise QuestionMissing
        storable(one.answer or "", longest=LONG_TEXT)


def _asked(appointment: Appointment) -> list[Asked]:
    return [Asked(uuid=one.uuid, text=one.text, answer=one.answer) for one in appointment.questions.all()]


def _stands(by: User, appointment: Appointment, at: datetime, *, cancelled_at: datetime | None) -> Appointment:
    current = _current(by, appointment)
    if (current.cancelled_at is None) != (cancelled_at is None):
        current.cancelled_at = cancelled_at
        current.sequence += 1
        _save(by, current, at, "cancelled" if cancelled_at else "reinstated")
        appointment_reminders.plan(appointment=current, at=at)
    return current


def _save(by: User, appointment: Appointment, at: datetime, verb: str) -> None:
    appointment.changed_at = at
    appointment.save()
    _audit(by, appointment, verb)


def _audit(by: User, appointment: Appointment, verb: str) -> None:
    subject = f"appointment {appointment.uuid}"
    AuditEvent.objects.create(actor=by, patient=appointment.patient, verb=verb, subject=subject)
