"""Starting, changing and stopping a treatment: the only way in, from a form, the API, a shell.

`stopped_on` is the first day without the treatment. A stopped attempt stays stopped: taking it up again, or at
another dose, is a new attempt.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F

from tracker.domain.errors import DomainError
from tracker.domain.pain import EARLIEST_DAY, is_nrs
from tracker.domain.sites import SITE_KEYS
from tracker.domain.text import storable
from tracker.domain.trial_policy import HISTORY_DAYS, MIN_BASELINE_DAYS
from tracker.models import AuditEvent, Diagnosis, Patient, TreatmentAttempt, TreatmentDay, TreatmentType, User
from tracker.services import removed_attempts
from tracker.services.locks import locked

PLANNED_AHEAD = timedelta(days=366)  # a start or stop may be planned, within reason
OWN_TYPE = "own"  # key of the type whose name and times the patient gives
LONGEST_TRIAL = 730  # days
LENGTHS = {"own_words": 120, "dose": 120, "prescribed_by": 200, "side_effects": 500}
# What does not go over into the next attempt of the same treatment.
AFRESH: dict[str, Any] = {"recalled_nrs": None, "stopped_on": None, "stop_reason": "", "side_effects": ""}
DIAGNOSIS_LENGTHS = {"name": 200, "said_by": 200, "ground": 500}


class AttemptAlreadyOpen(DomainError):
    """The same treatment at the same dose for the same pain has been started and not stopped."""


class AttemptAlreadyThere(DomainError):
    """This uuid names another attempt of the same patient."""


class AttemptOutOfRange(DomainError):
    """A rating, site or reason that the scales do not have, or a diagnosis of somebody else."""


class AttemptStopped(DomainError):
    """A stopped attempt is not stopped again and not taken up again: that is a new attempt."""


class NameMissing(DomainError):
    """A treatment that is not on the list needs a name."""


class StartOutOfRange(DomainError):
    """Before the earliest day, or planned too far ahead."""


class StopBeforeStart(DomainError):
    """A treatment cannot stop before it starts."""


class StopOutOfRange(DomainError):
    """Planned too far ahead."""


class TrialTooShort(DomainError):
    """A fair trial lasts at least until the treatment can have begun to help."""


class SameDose(DomainError):
    """A change of dose needs another dose."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """A diagnosis in the patient's words, and who said it."""

    name: str
    said_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Content:
    """All of an attempt that the patient says."""

    treatment_type: TreatmentType
    started_on: date
    own_words: str = ""
    dose: str = ""
    site: str = ""
    diagnosis: Diagnosis | None = None
    prescribed_by: str = ""
    recalled_nrs: int | None = None
    own_onset_days: int | None = None
    own_trial_days: int | None = None
    days_a_week: int | None = None
    stopped_on: date | None = None
    stop_reason: str = ""
    side_effects: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def sameness(self) -> tuple[int | None, str, str, str]:
        """What makes two attempts the same treatment."""
        return (self.treatment_type.pk, _plain(self.own_words), _plain(self.dose), self.site)


def content_of(attempt: TreatmentAttempt) -> Content:
    return Content(**{field.name: getattr(attempt, field.name) for field in fields(Content)})


@transaction.atomic
def start(*, by: User, uuid: UUID, at: datetime, on: date, told: Told | None = None, **said: Any) -> TreatmentAttempt:
    """Start an attempt; `said` is what Content holds, `on` the patient's today. Sent again, it is the same attempt.

    `told`: a diagnosis to be noted with it.
    """
    patient = locked(by)
    if told is not None:
        said["diagnosis"] = _noted(by, told)
    content = _checked(Content(**said), patient, on)
    earlier = patient.attempts.filter(uuid=uuid).first()
    if earlier is not None:
        if content_of(earlier) != content:
            raise AttemptAlreadyThere(uuid)
        return earlier
    _refuse_second(patient, content)
    attempt = TreatmentAttempt.objects.create(
        patient=patient, uuid=uuid, created_at=at, changed_at=at, **content.columns
    )
    _audit(by, attempt, "started")
    return attempt


@transaction.atomic
def put(*, by: User, uuid: UUID, at: datetime, on: date, **said: Any) -> tuple[TreatmentAttempt, bool]:
    """Make the attempt with this uuid hold exactly what is said: (attempt, whether it is new)."""
    earlier = locked(by).attempts.filter(uuid=uuid).first()
    if earlier is None:
        return start(by=by, uuid=uuid, at=at, on=on, **said), True
    return change(by=by, attempt=earlier, at=at, on=on, **Content(**said).columns), False


@transaction.atomic
def change(
    *, by: User, attempt: TreatmentAttempt, at: datetime, on: date, told: Told | None = None, **changes: Any
) -> TreatmentAttempt:
    """Correct what an attempt says; nothing is written where nothing changes."""
    patient = locked(by)
    if told is not None:
        changes["diagnosis"] = _noted(by, told)
    current = patient.attempts.select_related("treatment_type", "diagnosis").get(pk=attempt.pk)
    before = content_of(current)
    content = _checked(replace(before, **changes), patient, on)
    if content == before:
        return current
    if before.stopped_on is not None and content.stopped_on is None:
        raise AttemptStopped(current.uuid)
    _refuse_second(patient, content, besides=current)
    for name, value in content.columns.items():
        setattr(current, name, value)
    current.changed_at = at
    current.save(force_update=True)
    _audit(by, current, "changed")
    return current


@transaction.atomic
def stop(
    *,
    by: User,
    attempt: TreatmentAttempt,
    stopped_on: date,
    reason: str,
    at: datetime,
    on: date,
    side_effects: str | None = None,
) -> TreatmentAttempt:
    """Stop an attempt that is under way; `stopped_on` is the first day without it. Sent again, it stays stopped."""
    current = locked(by).attempts.get(pk=attempt.pk)
    if current.stopped_on is not None:
        if (current.stopped_on, current.stop_reason) != (stopped_on, reason):
            raise AttemptStopped(current.uuid)
        return current
    effects = current.side_effects if side_effects is None else side_effects
    _end_pause(current, stopped_on)
    return change(by=by, attempt=current, at=at, on=on, stopped_on=stopped_on, stop_reason=reason, side_effects=effects)


@transaction.atomic
def restart(
    *, by: User, attempt: TreatmentAttempt, uuid: UUID, from_day: date, at: datetime, on: date
) -> TreatmentAttempt:
    """Take a stopped treatment up again: a new attempt, judged on its own."""
    current = locked(by).attempts.select_related("treatment_type", "diagnosis").get(pk=attempt.pk)
    if current.stopped_on is None:
        raise AttemptAlreadyOpen(current.uuid)
    said = content_of(current).columns | AFRESH | {"started_on": from_day}
    return start(by=by, uuid=uuid, at=at, on=on, **said)


@transaction.atomic
def remove(*, by: User, attempt: TreatmentAttempt) -> str:
    """Delete an attempt that was put down by mistake, with all that was said of it. The text takes it back."""
    current = locked(by).attempts.get(pk=attempt.pk)
    token = removed_attempts.packed(current)
    _audit(by, current, "deleted")
    current.delete()
    return token


@transaction.atomic
def restore(*, by: User, token: str) -> TreatmentAttempt:
    """Take a deletion back, once or more often: the attempt is there afterwards, with its nights."""
    patient = locked(by)
    attempt, is_new = removed_attempts.unpacked(token, patient)
    if is_new:
        _refuse_second(patient, content_of(attempt), besides=attempt)
        _audit(by, attempt, "restored")
    return attempt


@transaction.atomic
def change_dose(
    *, by: User, attempt: TreatmentAttempt, uuid: UUID, dose: str, from_day: date, at: datetime, on: date
) -> TreatmentAttempt:
    """Stop the attempt and start a new one of the same treatment at another dose, from the same day."""
    current = locked(by).attempts.select_related("treatment_type", "diagnosis").get(pk=attempt.pk)
    if _plain(current.dose) == _plain(dose):
        raise SameDose
    stop(by=by, attempt=current, stopped_on=from_day, reason=TreatmentAttempt.StopReason.DOSE_CHANGE, at=at, on=on)
    said = content_of(current).columns | AFRESH | {"dose": dose, "started_on": from_day}
    return start(by=by, uuid=uuid, at=at, on=on, **said)


@transaction.atomic
def note_diagnosis(*, by: User, uuid: UUID, name: str, said_by: str = "", **said: Any) -> Diagnosis:
    """Keep what a clinician said, or put it right. The same words of the same clinician are the same diagnosis."""
    patient = locked(by)
    for field_name, text in {"name": name, "said_by": said_by, "ground": said.get("ground", "")}.items():
        storable(text, longest=DIAGNOSIS_LENGTHS[field_name])
    if not name.strip():
        raise NameMissing
    said = {"said_on": None, "ground": "", "basis": ""} | said | {"name": name, "said_by": said_by}
    if said["basis"] not in Diagnosis.Basis.values:
        raise AttemptOutOfRange
    named, alike = patient.diagnoses.filter(uuid=uuid), patient.diagnoses.filter(name=name, said_by=said_by)
    if not named.exists() and alike.exists():
        return alike[0]
    if named.filter(**said).exists():
        return named[0]
    diagnosis, is_new = Diagnosis.objects.update_or_create(patient=patient, uuid=uuid, defaults=said)
    verb = "noted" if is_new else "changed"
    AuditEvent.objects.create(actor=by, patient=patient, verb=verb, subject=f"diagnosis {uuid}")
    return diagnosis


@transaction.atomic
def remove_diagnosis(*, by: User, diagnosis: Diagnosis) -> None:
    """Forget one that was put down by mistake. The treatments that were for it stay, and are for none."""
    patient = locked(by)
    AuditEvent.objects.create(actor=by, patient=patient, verb="deleted", subject=f"diagnosis {diagnosis.uuid}")
    patient.diagnoses.filter(pk=diagnosis.pk).delete()


def needs_recall(attempt: TreatmentAttempt) -> bool:
    """Too few logged days before the start to judge by, and what the pain was like has not been asked."""
    return attempt.recalled_nrs is None and baseline_days(attempt) < MIN_BASELINE_DAYS


def baseline_days(attempt: TreatmentAttempt) -> int:
    """Logged days of the pain in question before the start, as far back as a verdict looks."""
    start = attempt.started_on
    first = max(start, EARLIEST_DAY + timedelta(days=HISTORY_DAYS)) - timedelta(days=HISTORY_DAYS)
    entries = attempt.patient.pain_entries.between(first, start - timedelta(days=1))
    if attempt.site:
        entries = entries.filter(sites__site=attempt.site)
    return entries.values("local_date").distinct().count()


def _end_pause(attempt: TreatmentAttempt, stopped_on: date) -> None:
    """A stop ends a pause; stopped from its first day on, or an earlier one, there was none."""
    if attempt.paused_on is None:
        return
    n = max((stopped_on - attempt.paused_on).days, 0)
    days = (attempt.paused_on + timedelta(days=place) for place in range(n))
    TreatmentDay.objects.bulk_create(
        (TreatmentDay(attempt=attempt, local_date=day, state=TreatmentDay.State.PAUSED) for day in days),
        ignore_conflicts=True,
    )
    TreatmentAttempt.objects.filter(pk=attempt.pk).update(paused_on=None, paused_days=F("paused_days") + n)


def _noted(by: User, told: Told) -> Diagnosis:
    return note_diagnosis(by=by, uuid=uuid4(), name=told.name, said_by=told.said_by)


def _checked(content: Content, patient: Patient, on: date) -> Content:
    """Refuse what an attempt cannot be."""
    for name, longest in LENGTHS.items():
        storable(getattr(content, name), longest=longest)
    if content.treatment_type.key == OWN_TYPE and not content.own_words.strip():
        raise NameMissing
    _check_days(content, on)
    in_range = (
        (not content.site or content.site in SITE_KEYS)
        and (content.recalled_nrs is None or is_nrs(content.recalled_nrs))
        and (content.diagnosis is None or content.diagnosis.patient_id == patient.pk)
        and (content.days_a_week is None or 1 <= content.days_a_week <= 7)
        and (not content.stop_reason or content.stop_reason in TreatmentAttempt.StopReason.values)
    )
    if not in_range:
        raise AttemptOutOfRange
    return content


def _check_days(content: Content, on: date) -> None:
    latest = on + PLANNED_AHEAD
    if not EARLIEST_DAY <= content.started_on <= latest:
        raise StartOutOfRange
    if content.stopped_on is not None:
        if content.stopped_on < content.started_on:
            raise StopBeforeStart
        if content.stopped_on > latest:
            raise StopOutOfRange
    onset = content.own_onset_days or content.treatment_type.expected_onset_days
    trial = content.own_trial_days or content.treatment_type.adequate_trial_days
    own = [days for days in (content.own_onset_days, content.own_trial_days) if days is not None]
    if not all(1 <= days <= LONGEST_TRIAL for days in own) or (own and trial < onset):
        raise TrialTooShort


def _refuse_second(patient: Patient, content: Content, besides: TreatmentAttempt | None = None) -> None:
    """The same treatment does not run twice at once."""
    others = patient.attempts.filter(treatment_type=content.treatment_type).select_related("treatment_type")
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    for other in map(content_of, others):
        if other.sameness == content.sameness and _overlap(other, content):
            raise AttemptAlreadyOpen


def _overlap(one: Content, other: Content) -> bool:
    one_ends, other_ends = one.stopped_on or date.max, other.stopped_on or date.max
    return one.started_on < other_ends and other.started_on < one_ends


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _audit(by: User, attempt: TreatmentAttempt, verb: str) -> None:
    AuditEvent.objects.create(actor=by, patient_id=attempt.patient_id, verb=verb, subject=f"attempt {attempt.uuid}")
