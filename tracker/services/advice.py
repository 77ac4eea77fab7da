"""Advice: raised once for its evidence, told by one neutral mail, answered by the patient.

Nights are advised after they are judged. A patient is marked with the day in the same transaction that stores the
advice, so a worker may be killed anywhere, and several may run.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from tracker.domain import advice as domain
from tracker.domain.advice import Facts, Piece
from tracker.domain.errors import DomainError
from tracker.domain.schedule import local_date
from tracker.models import Advice, AuditEvent, Patient, Tick, TreatmentAttempt, User, Verdict
from tracker.models.advice import AdviceQuerySet
from tracker.services import nights, reminders
from tracker.services.advice_facts import facts_of

CHUNK_SIZE = 500  # patients read and advised together
PUT_OFF = timedelta(days=14)  # unless the patient names a day
LONGEST_PUT_OFF = timedelta(days=366)
ONE_A_WEEK = timedelta(days=7)
LONGEST_WAIT = timedelta(days=2)  # for a night to be judged

State = Advice.State


class PutOffOutOfRange(DomainError):
    """Advice is put off until a day from tomorrow to a year from now."""


class NotNewAgain(DomainError):
    """What was looked at is not new again."""


class NoLongerHolds(DomainError):
    """The verdict has changed: such advice is closed by Ebb alone, and waits for no answer."""


def advice_of(patient: Patient) -> AdviceQuerySet:
    """With what is said about it; prefetched, since most days there is none and joining is the dearest query of Today."""
    related = ("attempt__treatment_type", "attempt__diagnosis", "verdict")
    return Advice.objects.filter(patient=patient).prefetch_related(*related)


def open_advice(patient: Patient, *, on: date, attempt: TreatmentAttempt | None = None) -> list[Advice]:
    """What still waits for an answer on the patient's local day, of one attempt if named; what cannot wait comes first.

    Put in order here: most days there is none, and to let the database work out the rank is dear.
    """
    of_whom = {"attempt": attempt} if attempt else {}
    newest_first = advice_of(patient).open_on(on).filter(**of_whom).order_by("-created_at", "-pk")
    return sorted(newest_first, key=lambda piece: list(domain.Kind).index(domain.Kind(piece.kind)))


# Raising


def advise_due(*, at: datetime) -> int:
    """Advise whoever's day is over and judged; return how many pieces are new. Missed nights count once."""
    n_new = 0
    for day, zones in sorted(nights.zones_over(at).items()):
        unjudged = nights.not_judged(day).filter(nights.judgeable(day), patient=OuterRef("pk"))
        due = Patient.objects.filter(Q(advised_on__isnull=True) | Q(advised_on__lt=day), zone__in=zones)
        # An attempt that cannot be judged must not silence everything else for good.
        has_waited = Q(advised_on__lt=day - LONGEST_WAIT)
        n_new += advise(patients=due.filter(has_waited | ~Exists(unjudged)), on=day, at=at)
    Tick.objects.update_or_create(name="advise", defaults={"ticked_at": at})
    return n_new


def advise(*, patients: QuerySet[Patient], on: date, at: datetime) -> int:
    """Raise what the records up to the day `on` give reason to say, and queue the mails; return how many are new."""
    n_new, last_pk = 0, 0
    while True:
        with transaction.atomic():
            ordered = patients.filter(pk__gt=last_pk).order_by("pk")
            chunk = list(ordered.select_for_update(of=("self",), skip_locked=True)[:CHUNK_SIZE])
            if not chunk:
                return n_new
            last_pk = chunk[-1].pk
            n_new += _raise(chunk, on=on, at=at)
            _announce(chunk, at=at)
            advised = Patient.objects.filter(pk__in=[patient.pk for patient in chunk])
            advised.filter(Q(advised_on__isnull=True) | Q(advised_on__lt=on)).update(advised_on=on)


def after_verdicts(outcomes: Mapping[int, str], *, on: date, at: datetime) -> int:
    """What is new to say to the patients of these attempts, inside the transaction that stores the verdicts.

    `outcomes`, by attempt, are worse or not working, which are kinds of advice by the same name.
    """
    said = Advice.objects.filter(attempt__in=outcomes, kind__in=set(outcomes.values()))
    known = set(said.values_list("attempt", "kind"))
    new = [pk for pk, outcome in outcomes.items() if (pk, outcome) not in known]
    patients = list(Patient.objects.filter(attempts__in=new).distinct()) if new else []
    if not patients:
        return 0
    n_new = _raise(patients, on=on, at=at)
    _announce(patients, at=at)
    return n_new


@transaction.atomic
def look(*, patient: Patient, at: datetime) -> int:
    """The same for one patient now, after they have noted what cannot wait for the night. No mail: they are here."""
    return _raise([patient], on=local_date(at, ZoneInfo(patient.zone)), at=at)


def _raise(patients: Sequence[Patient], *, on: date, at: datetime) -> int:
    facts_by_patient = facts_of(patients, on=on)
    _close_outdated(facts_by_patient, at)
    wanted = {
        (pk, piece.kind.value, piece.evidence): piece
        for pk, facts in facts_by_patient.items()
        for piece in domain.advise(facts)
    }
    if not wanted:
        return 0
    said = Advice.objects.filter(patient__in={pk for pk, *_ in wanted})
    known = {
        (patient, kind, evidence): (pk, state)
        for pk, patient, kind, evidence, state in said.values_list("pk", "patient", "kind", "evidence", "state")
    }
    # What holds again is open again, and announced no second time.
    back = [pk for key, (pk, state) in known.items() if key in wanted and state == State.OUTDATED]
    _move(back, State.NEW, at)
    new = {key: piece for key, piece in wanted.items() if key not in known}
    attempts = _attempts({piece.attempt for piece in new.values() if piece.attempt}, patients) if new else {}
    rows = [_row(pk, piece, attempts.get((pk, piece.attempt)), at) for (pk, *_), piece in new.items()]
    Advice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _close_outdated(facts_by_patient: Mapping[int, Facts], at: datetime) -> None:
    """Nothing is deleted: what was said stays readable, with the day on which it ceased to hold."""
    # What a file brought back waits for its first night before it is looked at.
    judged = [pk for pk, facts in facts_by_patient.items() if any(one.outcome for one in facts.tried)]
    open_ones = Advice.objects.filter(
        Q(attempt=None) | Exists(Verdict.objects.filter(attempt=OuterRef("attempt"))),
        patient__in=judged,
        kind__in=[kind.value for kind in domain.OF_VERDICTS],
        state__in=(State.NEW, State.SEEN, State.LATER),
    )
    rows = list(open_ones.values_list("pk", "patient", "kind", "evidence"))
    holding = {patient: domain.still_said(facts_by_patient[patient]) for _, patient, *_ in rows}
    outdated = [pk for pk, patient, *about in rows if tuple(about) not in holding[patient]]
    _move(outdated, State.OUTDATED, at)


def _move(keys: Sequence[int], state: Advice.State, at: datetime) -> None:
    """By Ebb itself, because verdicts have changed."""
    if not keys:
        return
    Advice.objects.filter(pk__in=keys).update(state=state, later_until=None, changed_at=at)
    _audit(Advice.objects.filter(pk__in=keys).values_list("pk", "patient"), state)


def _attempts(uuids: Iterable[UUID], patients: Sequence[Patient]) -> dict[tuple[int, UUID | None], TreatmentAttempt]:
    newest = Verdict.objects.filter(attempt=OuterRef("pk")).order_by("-as_of", "-pk").values("pk")[:1]
    rows = TreatmentAttempt.objects.filter(patient__in=patients, uuid__in=uuids).annotate(newest=Subquery(newest))
    return {(row.patient_id, row.uuid): row for row in rows}


def _row(patient: int, piece: Piece, attempt: TreatmentAttempt | None, at: datetime) -> Advice:
    return Advice(
        patient_id=patient,
        kind=piece.kind.value,
        evidence=piece.evidence,
        because=dict(piece.because),
        attempt=attempt,
        verdict_id=getattr(attempt, "newest", None),
        created_at=at,
        changed_at=at,
    )


def _announce(patients: Sequence[Patient], *, at: datetime) -> None:
    """One mail for all that is new; at most one a week, unless something is worse."""
    fresh = Advice.objects.filter(patient__in=patients, state=State.NEW, announced_at__isnull=True)
    kinds = defaultdict(set)
    for patient, kind in fresh.values_list("patient", "kind"):
        kinds[patient].add(kind)
    told = [patient for patient in patients if patient.pk in kinds]
    least_gap = {pk: ONE_A_WEEK for pk, mine in kinds.items() if not mine & domain.ALARMS}
    if queued := reminders.announce_advice(patients=told, at=at, least_gap=least_gap):
        fresh.filter(patient__in=queued).update(announced_at=at)


# Answering


@transaction.atomic
def respond(*, by: User, advice: Advice, state: str, at: datetime, later_until: date | None = None) -> Advice:
    """Note what the patient did with it. Seen takes an answer back; answering twice alike changes nothing."""
    current = Advice.objects.select_for_update().get(pk=advice.pk, patient=by.patient)
    if state == State.NEW:
        raise NotNewAgain
    if state == State.OUTDATED or (current.state == State.OUTDATED and state in {State.SEEN, State.LATER}):
        raise NoLongerHolds
    until = _put_off_until(by.patient, later_until, at) if state == State.LATER else None
    advice.state, advice.later_until = state, until
    if (current.state, current.later_until) != (state, until):
        advice.changed_at = at
        Advice.objects.filter(pk=advice.pk).update(state=state, later_until=until, changed_at=at)
        _audit([(advice.pk, by.patient.pk)], state, by=by)
    return advice


def _put_off_until(patient: Patient, day: date | None, at: datetime) -> date:
    today = local_date(at, ZoneInfo(patient.zone))
    until = day or today + PUT_OFF
    if not today < until <= today + LONGEST_PUT_OFF:
        raise PutOffOutOfRange
    return until


@transaction.atomic
def mark_seen(*, by: User, at: datetime, shown: Iterable[Advice]) -> int:
    """The patient has been shown this advice; returns how many pieces were new.

    What was answered meanwhile, in another tab, stays answered.
    """
    pieces = Advice.objects.filter(patient=by.patient, state=State.NEW, pk__in=[piece.pk for piece in shown])
    new = list(pieces.values_list("pk", flat=True))
    if new:
        Advice.objects.filter(pk__in=new, state=State.NEW).update(state=State.SEEN, changed_at=at)
        _audit([(pk, by.patient.pk) for pk in new], State.SEEN, by=by)
    return len(new)


def _audit(answered: Iterable[tuple[int, int]], state: str, *, by: User | None = None) -> None:
    """`answered`: keys of advice, each with its patient's; by nobody where Ebb itself has moved it."""
    AuditEvent.objects.bulk_create(
        AuditEvent(actor=by, patient_id=patient, verb=state, subject=f"advice {pk}") for pk, patient in answered
    )
