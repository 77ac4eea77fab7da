"""Whether one occurrence may be sent at this moment: the patient's wishes as they are now, and the rules of the house.

DESIGN.md, Rulings: 12 hours and two a day hold for morning moves and log reminders, never for medicine.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, Sum

from assessments import services as checkups
from tracker.domain import schedule
from tracker.models import Advice, ExerciseSession, Intake, Occurrence, PainEntry, Patient, Reminder
from tracker.services import exercises, pauses, questionnaires, reminders

Kind, State, Response = Reminder.Kind, Occurrence.State, Occurrence.Response

# Nobody is asked twice within this time for the same thing, however they travel or change the time. Not for medicine.
HALF_A_DAY = timedelta(hours=12)
A_WEEK = timedelta(days=7) - timedelta(hours=1)  # the same time a week later, though the clocks have gone forward
LEAST_GAP = {
    Kind.MORNING_MOVES: HALF_A_DAY,
    Kind.LOG_PAIN: HALF_A_DAY,
    # What stays due is asked for once a week, not day after day.
    Kind.QUESTIONS: A_WEEK,
    Kind.CHECK_UP: A_WEEK,
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
ANSWERED = "already answered"
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


def look_up(occurrences: Collection[Occurrence], *, at: datetime) -> None:
    """Look once for all of them, and mark those about whose patient there is nothing that bears on a send.

    Only of the others `decide` asks one by one. Good for as long as what was read with them is.
    """
    n_rows = Counter(row.reminder.patient_id for row in occurrences)
    single = [row for row in occurrences if not row.n_sends and n_rows[row.reminder.patient_id] == 1]
    in_doubt: set[int] = set()
    for kind, doubts in _DOUBTS.items():
        rows = [row for row in single if row.reminder.kind == kind]
        if rows:
            in_doubt |= doubts(rows, at)
    for row in single:
        row.is_clear = row.reminder.kind in _DOUBTS and row.reminder.patient_id not in in_doubt


def _doubts_of_moves(rows: Collection[Occurrence], at: datetime) -> set[int]:
    patients = [row.reminder.patient for row in rows]
    pks, users = [patient.pk for patient in patients], {patient.user_id: patient.pk for patient in patients}
    done = ExerciseSession.objects.filter(patient__in=pks, local_date__in={row.local_date for row in rows})
    in_doubt = {patient.pk for patient in patients if patient.help_shown_at}
    in_doubt |= {users[user] for user in checkups.paused_among(users)} | exercises.held_among(pks)
    return in_doubt | {*done.values_list("patient", flat=True)} | _asked_lately(rows, at)


def _doubts_of_logs(rows: Collection[Occurrence], at: datetime) -> set[int]:
    here = {"patient__in": [row.reminder.patient_id for row in rows]}
    days = {row.local_date for row in rows}
    logged = PainEntry.objects.filter(**here, local_date__in=days).values_list("patient", flat=True)
    told = Q(n_sends__gt=0) | Q(state=State.STARTED)
    others = Occurrence.objects.filter(told, local_date__in=days, reminder__kind=Kind.LOG_PAIN)
    asked = others.filter(reminder__patient__in=here["patient__in"]).values_list("reminder__patient", flat=True)
    return {*logged, *asked} | _asked_lately(rows, at)


def _doubts_of_medicine(rows: Collection[Occurrence], _at: datetime) -> set[int]:
    named = [row for row in rows if row.reminder.medicine_id]
    if not named:
        return set()
    since = min(row.started_at or row.due_at for row in named) - TAKEN_BEFORE
    taken = Intake.objects.filter(patient__in=[row.reminder.patient_id for row in named], taken_at__gte=since)
    return set(taken.values_list("patient", flat=True))


_DOUBTS: dict[str, Callable[[Collection[Occurrence], datetime], set[int]]] = {
    Kind.MORNING_MOVES: _doubts_of_moves,
    Kind.LOG_PAIN: _doubts_of_logs,
    Kind.MEDICINE: _doubts_of_medicine,
}


def _asked_lately(rows: Collection[Occurrence], at: datetime) -> set[int]:
    """Patients to whom the same reminder went within its gap."""
    sent = Occurrence.objects.filter(reminder__in=[row.reminder_id for row in rows], sent_at__gt=at - HALF_A_DAY)
    return set(sent.values_list("reminder__patient", flat=True))


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
    if reminder.kind == Kind.LOG_PAIN and not occurrence.is_clear:
        of_the_day = Occurrence.objects.filter(
            reminder__patient=reminder.patient_id, reminder__kind=Kind.LOG_PAIN, local_date=occurrence.local_date
        )
        # What another worker is sending at this moment counts as sent.
        under_way = Count("pk", filter=Q(state=State.STARTED))
        others = of_the_day.exclude(pk=occurrence.pk).aggregate(sent=Sum("n_sends", default=0), under_way=under_way)
        n_others = others["sent"] + others["under_way"]
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


def is_once_enough(occurrence: Occurrence, *, at: datetime) -> bool:
    """It went out before the flare began, and nobody asked for it again."""
    return occurrence.n_sends > 0 and not occurrence.response and is_lighter(occurrence, at=at)


def is_done(occurrence: Occurrence, *, on: date) -> bool:
    """Whether there is nothing left to do about it on its local day."""
    if occurrence.is_clear:
        return False
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
        if occurrence.doubted_send > occurrence.n_sends:
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
        return ANSWERED
    if not sends_left(occurrence, n_sends=occurrence.n_sends) or is_once_enough(occurrence, at=at):
        return ENOUGH
    if (reminder.skips_if_done or occurrence.n_sends) and is_done(occurrence, on=occurrence.local_date):
        return "already done"
    return _pointless(occurrence, patient, today)


def _pointless(occurrence: Occurrence, patient: Patient, today: date) -> str:
    """Whatever the patient wishes, there is nothing to be told, or it would be wrong to."""
    match occurrence.reminder.kind:
        case Kind.MORNING_MOVES if not occurrence.is_clear and moves_rest(patient):
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
    if gap is None or occurrence.is_clear:
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
