"""Whether one occurrence may be sent at this moment: the patient's wishes as they are now, and the rules of the house.

DESIGN.md, Rulings: 12 hours and two a day hold for morning moves and log reminders, never for medicine.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Sum

from assessments import services as checkups
from tracker.domain import schedule
from tracker.models import Advice, Occurrence, Patient, Reminder
from tracker.services import exercises, pauses, questionnaires, reminders

Kind, State, Response = Reminder.Kind, Occurrence.State, Occurrence.Response

# Nobody is asked twice within this time for the same thing, however they travel or change the time. Not for medicine.
LEAST_GAP = {
    Kind.MORNING_MOVES: timedelta(hours=12),
    Kind.LOG_PAIN: timedelta(hours=12),
    # What stays due is asked for once a week, not day after day.
    Kind.QUESTIONS: timedelta(days=6),
    Kind.CHECK_UP: timedelta(days=6),
}
# The first and one more: after a snooze, or because nothing was done.
MAX_SENDS = 2
# A dose may be put off some times within its day.
MAX_SENDS_OF_MEDICINE = 6
# Of all log reminders on one local day together; of morning moves there is one reminder.
MAX_LOGS_A_DAY = 2
# A dose noted so shortly before its time was meant for that time; as long as its window.
TAKEN_BEFORE = timedelta(minutes=schedule.WINDOW_MINUTES[schedule.Kind.MEDICINE])

MAY_HAVE_ARRIVED = "unknown: it may have arrived"
TOO_SOON = "too soon after the last one"
QUIET = reminders.WAITS_FOR_QUIET
LATE = "its time had passed"
ENOUGH = "twice already today"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """Do not send: the final state, and why."""

    state: str
    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """Not now. Its window goes with it where the house, not an outage, holds it back."""

    until: datetime
    because: str
    window_ends_at: datetime


def decide(occurrence: Occurrence, *, at: datetime) -> Stop | Wait | None:
    """None means: send now. One that was sent before and is not repeated stays sent."""
    stop_or_wait = _decided(occurrence, at)
    if isinstance(stop_or_wait, Stop) and occurrence.n_sends:
        return Stop(state=State.SENT, because="")
    return stop_or_wait


def sends_left(occurrence: Occurrence, *, n_sends: int) -> int:
    """How often it may still come on its day, after so many sends."""
    reminder = occurrence.reminder
    n_left = (MAX_SENDS_OF_MEDICINE if reminder.kind == Kind.MEDICINE else MAX_SENDS) - n_sends
    if reminder.kind == Kind.LOG_PAIN:
        of_the_day = Occurrence.objects.filter(
            reminder__patient=reminder.patient_id, reminder__kind=Kind.LOG_PAIN, local_date=occurrence.local_date
        )
        n_others = of_the_day.exclude(pk=occurrence.pk).aggregate(n=Sum("n_sends"))["n"] or 0
        n_left = min(n_left, MAX_LOGS_A_DAY - n_others - n_sends)
    return max(n_left, 0)


def repeats_at(occurrence: Occurrence, *, n_send: int, at: datetime) -> datetime | None:
    """When this send is to be followed by another if nothing is done: once, in the window, and not in a flare."""
    reminder = occurrence.reminder
    if reminder.repeat_minutes is None or n_send > 1:
        return None
    if is_lighter(occurrence, at=at):
        return None
    again_at = at + timedelta(minutes=reminder.repeat_minutes)
    if again_at >= occurrence.window_ends_at or not sends_left(occurrence, n_sends=n_send):
        return None
    return again_at


def is_lighter(occurrence: Occurrence, *, at: datetime) -> bool:
    """Moves in a flare: less is asked for, and only once."""
    reminder = occurrence.reminder
    return reminder.kind == Kind.MORNING_MOVES and pauses.is_in_flare(patient=reminder.patient, at=at)


def is_done(occurrence: Occurrence, *, on: date) -> bool:
    """Whether there is nothing left to do about it on its local day."""
    reminder, patient = occurrence.reminder, occurrence.reminder.patient
    match reminder.kind:
        case Kind.MORNING_MOVES:
            return exercises.is_done(patient=patient, on=on)
        case Kind.LOG_PAIN:
            return patient.pain_entries.filter(local_date=on).exists()
        case Kind.MEDICINE if reminder.medicine_id:
            since = (occurrence.started_at or occurrence.due_at) - TAKEN_BEFORE
            return patient.intakes.filter(medicine=reminder.medicine_id, taken_at__gte=since).exists()
    return False


def _decided(occurrence: Occurrence, at: datetime) -> Stop | Wait | None:
    if because := _unwanted(occurrence, at):
        return Stop(state=State.SUPPRESSED, because=because)
    if at >= occurrence.window_ends_at:
        if occurrence.is_ambiguous:
            return Stop(state=State.FAILED, because=MAY_HAVE_ARRIVED)
        return Stop(state=State.SKIPPED_LATE, because=LATE)
    if (until := _gap_ends_at(occurrence, at)) > at:
        return _later_today(occurrence, until)
    if (until := reminders.quiet_end(patient=occurrence.reminder.patient, at=at) or at) > at:
        if until < occurrence.window_ends_at:
            return Wait(until=until, because=QUIET, window_ends_at=occurrence.window_ends_at)
        return Stop(state=State.SUPPRESSED, because=QUIET)
    return None


def _unwanted(occurrence: Occurrence, at: datetime) -> str:
    reminder = occurrence.reminder
    patient = reminder.patient
    today = schedule.local_date(at, ZoneInfo(patient.zone))
    if not patient.user.is_active:
        return "the account is closed"
    if patient.is_demo and not settings.LOCAL_MODE:
        return "nobody reads the demonstration patient's mail"
    if reminder.unsubscribed_at or not reminder.is_active:
        return "turned off"
    if pauses.holds(patient=patient, kind=reminder.kind, on=today):
        return pauses.BECAUSE
    if occurrence.response in {Response.DONE, Response.SKIPPED}:
        return "already answered"
    if not sends_left(occurrence, n_sends=occurrence.n_sends):
        return ENOUGH
    if (reminder.skips_if_done or occurrence.n_sends) and is_done(occurrence, on=occurrence.local_date):
        return "already done"
    return _pointless(occurrence, patient, today)


def _pointless(occurrence: Occurrence, patient: Patient, today: date) -> str:
    """Whatever the patient wishes, there is nothing to be told, or it would be wrong to."""
    match occurrence.reminder.kind:
        case Kind.MORNING_MOVES if moves_rest(patient):
            return "paused after a check-up"
        case Kind.ADVICE if not patient.advice.filter(state=Advice.State.NEW).exists():
            return "already seen"
        case Kind.APPOINTMENT if not _takes_place(occurrence):
            return "moved or cancelled"
        case Kind.QUESTIONS if patient.help_shown_at or questionnaires.due(patient=patient, on=today) is None:
            return "nothing due"
        case Kind.CHECK_UP if checkups.standing(patient.user, on=today).due is None:
            return "nothing due"
    return ""


def moves_rest(patient: Patient) -> bool:
    """A check-up or a safety question waits for a clinician, or an answer has called for help: nobody is sent to exercise."""
    is_paused = patient.help_shown_at is not None or checkups.exercise_is_paused(patient.user)
    return is_paused or exercises.is_held(patient)


def _takes_place(occurrence: Occurrence) -> bool:
    """The appointment stands, at the time for which this mail was queued."""
    visit = occurrence.appointment
    return visit is not None and visit.cancelled_at is None and visit.starts_at == occurrence.window_ends_at


def _gap_ends_at(occurrence: Occurrence, at: datetime) -> datetime:
    """Another day's send of the same reminder was a short while ago: the patient has flown, or changed the time."""
    gap = LEAST_GAP.get(Kind(occurrence.reminder.kind))
    if gap is None:
        return at
    others = occurrence.reminder.occurrences.exclude(pk=occurrence.pk).filter(sent_at__gt=at - gap)
    last = others.order_by("-sent_at").values_list("sent_at", flat=True).first()
    return last + gap if last else at


def _later_today(occurrence: Occurrence, until: datetime) -> Stop | Wait:
    """A day that is on is not left out for the gap's sake: it comes later, with its window, while the day lasts."""
    zone, length = ZoneInfo(occurrence.zone), occurrence.window_ends_at - occurrence.due_at
    day_ends_at = schedule.end_of_local_day(occurrence.local_date, zone)
    if until >= day_ends_at:
        return Stop(state=State.SUPPRESSED, because=TOO_SOON)
    ends_at = max(occurrence.window_ends_at, min(until + length, day_ends_at))
    return Wait(until=until, because=TOO_SOON, window_ends_at=ends_at)
