"""Times in which Ebb asks for less: a flare, a day in bed, a journey.

A pause holds what asks for something. Medicine and appointments go on, unless the patient wants those to rest as well;
a flare and a check-up concern the moves alone.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from tracker.domain import schedule
from tracker.domain.errors import DomainError
from tracker.models import AuditEvent, Occurrence, Patient, Reminder, User

# clinical.md §6: halve the amount for 48 hours, then return step by step.
FLARE = timedelta(hours=48)
SLIP = timedelta(hours=1)  # ended sooner than this, a flare was none
LONGEST_PAUSE = timedelta(days=366)
GOES_ON = frozenset({Reminder.Kind.MEDICINE, Reminder.Kind.APPOINTMENT})
# Why an occurrence was not sent.
BECAUSE = "paused"


class PauseOutOfRange(DomainError):
    """A pause ends on a day from tomorrow on, within a year, and not before it begins."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """What rests on a local day, and what will. `last_on` is the last day without reminders."""

    is_sick_today: bool
    is_paused: bool
    first_on: date | None = None
    last_on: date | None = None
    covers_all: bool = False

    @property
    def is_coming(self) -> bool:
        return self.last_on is not None and not self.is_paused


def standing(*, patient: Patient, on: date) -> Standing:
    """How things are on the patient's local day; a pause that is over is none."""
    is_sick = patient.sick_on == on
    if patient.paused_until is None or patient.paused_until <= on:
        return Standing(is_sick_today=is_sick, is_paused=False)
    return Standing(
        is_sick_today=is_sick,
        is_paused=patient.paused_from is None or patient.paused_from <= on,
        first_on=patient.paused_from,
        last_on=patient.paused_until - timedelta(days=1),
        covers_all=patient.pause_covers_all,
    )


def holds(*, patient: Patient, kind: str, on: date) -> bool:
    """Whether a reminder of this kind is left out on a local day."""
    if patient.sick_on == on and kind not in GOES_ON:
        return True
    now = standing(patient=patient, on=on)
    return now.is_paused and (now.covers_all or kind not in GOES_ON)


@transaction.atomic
def rest(*, by: User, until: date, at: datetime, covers_all: bool = False) -> Patient:
    """Nothing from now on; `until` is the first day with reminders again."""
    today = _today(by.patient, at)
    if not today < until <= today + LONGEST_PAUSE:
        raise PauseOutOfRange
    said: dict[str, date | bool | None] = {"paused_from": None, "paused_until": until, "pause_covers_all": covers_all}
    return _pause(by, f"a pause until {until}", at, **said)


@transaction.atomic
def holiday(*, by: User, first_on: date, last_on: date, at: datetime, covers_all: bool = False) -> Patient:
    """Nothing on these local days, the first and the last among them."""
    today = _today(by.patient, at)
    if not today <= first_on <= last_on < today + LONGEST_PAUSE:
        raise PauseOutOfRange
    until = last_on + timedelta(days=1)
    said: dict[str, date | bool | None] = {
        "paused_from": first_on,
        "paused_until": until,
        "pause_covers_all": covers_all,
    }
    return _pause(by, f"a pause from {first_on} to {last_on}", at, **said)


@transaction.atomic
def end(*, by: User, at: datetime) -> Patient:
    """No pause, now or later. What it has held back today still comes if it is not too late."""
    return _pause(by, "the end of a pause", at, paused_from=None, paused_until=None, pause_covers_all=False)


@transaction.atomic
def sick_day(*, by: User, at: datetime) -> Patient:
    """Ill today. A pause that is planned stays."""
    return _pause(by, "a sick day", at, sick_on=_today(by.patient, at))


@transaction.atomic
def not_sick(*, by: User, at: datetime) -> Patient:
    return _pause(by, "no sick day", at, sick_on=None)


@transaction.atomic
def begin_flare(*, by: User, at: datetime) -> Patient:
    """It is worse than usual, from now on for two days; said again, the two days begin again."""
    patient = by.patient
    before = patient.flare_before if _may_be_a_slip(patient, at) else patient.flare_until
    return _say(by, "a flare", flare_until=at + FLARE, flare_before=before)


@transaction.atomic
def end_flare(*, by: User, at: datetime) -> Patient:
    """It is over sooner. As after one that passes by itself, the moves come back over some days; a slip leaves things as
    they were."""
    patient = by.patient
    until, before = patient.flare_until, patient.flare_before
    if _may_be_a_slip(patient, at):
        until, before = before, None
    elif is_in_flare(patient=patient, at=at):
        until = at
    return _say(by, "the end of a flare", flare_until=until, flare_before=before)


def is_in_flare(*, patient: Patient, at: datetime) -> bool:
    return patient.flare_until is not None and at < patient.flare_until


def _may_be_a_slip(patient: Patient, at: datetime) -> bool:
    """Whether the newest flare began a short while ago."""
    return patient.flare_until is not None and at < patient.flare_until - FLARE + SLIP


def _today(patient: Patient, at: datetime) -> date:
    return schedule.local_date(at, ZoneInfo(patient.zone))


def _pause(by: User, what: str, at: datetime, **said: date | bool | None) -> Patient:
    patient = _say(by, what, **said)
    # What waits is asked again before it is sent; what the pause held back comes if its window is still open.
    held = Occurrence.objects.filter(reminder__patient=patient, state=Occurrence.State.SUPPRESSED, because=BECAUSE)
    again = {"state": Occurrence.State.PENDING, "because": "", "n_attempts": 0, "n_retries": 0}
    held.filter(window_ends_at__gt=at, n_sends=0).update(due_at=at, **again)
    return patient


def _say(by: User, what: str, **said: date | datetime | bool | None) -> Patient:
    patient = by.patient
    for name, value in said.items():
        setattr(patient, name, value)
    patient.save(update_fields=list(said))
    AuditEvent.objects.create(actor=by, patient=patient, verb="said", subject=what)
    return patient
