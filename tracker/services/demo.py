"""Dana, the demonstration patient: half a year of a life with back pain, made up, the same every time.

Everything goes through the services that a real patient's pages call, so that the record is one that could be. Only
the days move: the last one is today.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.db import transaction

from assessments import services as checkups
from tracker.domain.beside import ASKED
from tracker.domain.red_flags import HIGH_NRS
from tracker.models import PainEntry, Patient, Reminder, TreatmentType, User
from tracker.services import (
    accounts,
    advice,
    demo_moves,
    demo_opinions,
    health,
    judging,
    medicines,
    pain_log,
    proposals,
    questionnaires,
    red_flags,
    treatment_days,
    treatment_plans,
    treatments,
)
from tracker.services.demo_days import ZONE, day_of, instant_of, nrs_of
from tracker.services.pain_log import SiteRating

EMAIL = "dana@demo.invalid"
SEED = 4

DAYS = 180
# Days ago
NAPROXEN_STARTED = 120
PHYSIOTHERAPY_STARTED = 70
HEAT_STARTED = 4
WORN_DISCS_SEEN = 90
INJECTION_PROPOSED = 6
YOGA_IN = 12  # days ahead
DONE, SAID_OF = 0.85, 0.6  # share of the days of exercises
CHECKUP = 12
SCREENED = 35
PEG = range(119, 0, -7)  # the next one is due today
PHQ_4 = range(105, 0, -28)
FIRST_NIGHT_JUDGED = NAPROXEN_STARTED - 6

# What Dana feels: points on the scale, and how the exercises come to help
USUAL, DROP, SPELL_SD, DAY_SD, WITHIN_DAY_SD = 5.8, 2.7, 0.9, 0.8, 0.9
PERSISTENCE = 0.55
FELT_FROM, FELT_WHOLE = 10, 21  # days of exercises

ENTRIES_A_DAY = {0: 0.12, 1: 0.3, 2: 0.38, 3: 0.2}
FRESH_FOR = timedelta(days=7)
WALL_TIMES = (time(7, 40), time(13, 5), time(20, 30))  # the last of them comes first
PLACED, DESCRIBED, NOTED = 0.4, 0.25, 0.1  # share of entries with a place, with sleep and mood, with a note
# On bad days it spreads: from which rating on, where to, and how much less it hurts there
SPREADS = ((6, "beside_blade_left", 1), (7, "shoulder_left", 2))
QUALITIES = ("aching", "aching", "tight", "burning")
NOTES = (
    "Long day at the desk, it crept up after lunch.",
    "Slept badly, woke up stiff.",
    "Walked home instead of the bus. That was good.",
    "Carried the shopping up four floors.",
    "Meetings all day, could not get up.",
    "Quiet Sunday.",
    "Drove for three hours. The shoulder blades ache.",
    "Did my exercises before work.",
)

TICKED, MANAGED, HELPED = 0.45, 0.15, 0.06  # share of entries
TRIGGERS = (*("sitting", "screen_work") * 3, "stress", "stress", "poor_sleep", "driving", "lifting")
EASED_BY_REST = ("warmth", "warmth", "rest", "lying_down", "bath", "medicine")
EASED_BY_EXERCISES = ("movement", "movement", "stretching", "walking", "warmth", "change_of_position", "breathing")
MANAGED_WORDS = (
    "Cooked for everybody.",
    "Worked until four, with breaks.",
    "Met Joana for a coffee.",
    "Half an hour in the garden.",
    "Did the shopping in two rounds.",
    "Not much, and that was all right.",
)
HELPED_WORDS = ("A hot-water bottle on the chair.", "Standing up every half hour.", "Swimming, the slow lane.")

ANSWERS: dict[str, Any] = {
    "age": 46,
    "duration": "over_3m",
    "where": ["middle", "one_side"],
    "changes": ["after_effort", "movement", "sitting"],
    "feels": ["tender", "stiff_short"],
    "course": "comes_goes",
    "history": ["desk"],
    "conditions": ["nsaid"],
}


AGE = 46
FACTS = {
    "anti_inflammatory": "yes",
    "blood_thinner": "no",
    "cancer": "no",
    "diabetes": "no",
    "heart_disease": "no",
    "smoker": "no",
    "spine_inflammation_in_family": "unsure",
    "stomach_ulcer": "no",
    "weak_bones": "unsure",
}
OWN_WORDS: dict[str, Any] = {
    "allergies": "Hay fever. No trouble with any medicine so far.",
    "operations": "Appendix, as a child.",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Takes:
    """A medicine of hers, when she takes it, and on which share of those times."""

    said: dict[str, Any]
    wall_times: tuple[time, ...] = ()
    share: float = 0
    since: int = 120  # days ago


MEDICINES = (
    Takes(
        said={"name": "Naproxen", "dose": "250 mg", "is_as_needed": False, "taken_for": "the back"},
        wall_times=(time(7, 30), time(19, 15)),
        share=0.9,
    ),
    Takes(
        said={"name": "Paracetamol", "dose": "500 mg", "taken_for": "bad days"}, wall_times=(time(14, 20),), share=0.3
    ),
    Takes(said={"name": "Vitamin D", "dose": "1 drop", "is_as_needed": False}, since=60),
)
INTAKE_DAYS = 21


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One made-up entry, told by its day and time."""

    days_ago: int
    wall_time: time
    content: dict[str, Any]


@transaction.atomic
def make(*, at: datetime) -> Patient:
    """Dana's record; the one that is there while her log is fresh. All of it or nothing."""
    earlier = Patient.objects.filter(is_demo=True, user__email=EMAIL).first()
    return earlier if earlier and _is_fresh(earlier, at=at) else remake(at=at)


def _is_fresh(dana: Patient, *, at: datetime) -> bool:
    """An old log shows no treatment that is too early, and no week of moves."""
    return dana.pain_entries.filter(felt_at__gt=at - FRESH_FOR).exists()


@transaction.atomic
def remake(*, at: datetime) -> Patient:
    User.objects.filter(email=EMAIL, patient__is_demo=True).delete()
    return _write(at=at)


def _write(*, at: datetime) -> Patient:
    chance = random.Random(SEED)
    user = _open_record(at=at)
    _log_pain(user, chance, at=at)
    _try_treatments(user, chance, at=at)
    _is_told(user, at=at)
    _check_up(user, chance, at=at)
    demo_moves.exercise(user, at=at)
    _answer_questionnaires(user, at=at)
    _want_news_at_once(user, at=at)
    _judge_weekly(user, at=at)
    _tell_of_health(user, at=at)
    _take_medicines(user, chance, at=at)
    _answer_short_questions(user, chance, at=at)
    _say_of_treatments(user, at=at)
    demo_opinions.ask_others(user, at=at)
    demo_moves.open_ways(user, at=at)
    demo_moves.wish_for_reminders(user, at=at)
    return user.patient


def _open_record(*, at: datetime) -> User:
    user = User.objects.create_user(EMAIL)
    EmailAddress.objects.create(user=user, email=EMAIL, verified=True, primary=True)
    opened_at = instant_of(day_of(at, DAYS), time(12))
    accounts.open_record(by=user, is_adult=True, consents=True, at=opened_at, zone=ZONE.key, display_name="Dana")
    accounts.confirm_zone(by=user, zone=ZONE.key, at=at)
    accounts.choose_asked(by=user, asked=ASKED)
    accounts.change_settings(by=user, at=at, emergency_region="eu", is_demo=True)
    return user


def _log_pain(user: User, chance: random.Random, *, at: datetime) -> None:
    for said in _entries(chance):
        felt_at = instant_of(day_of(at, said.days_ago), said.wall_time)
        if felt_at <= at:
            content = said.content | {"felt_at": felt_at, "zone": ZONE.key}
            pain_log.add(by=user, uuid=_uuid(chance), source=PainEntry.Source.WEB, at=felt_at, **content)


def _entries(chance: random.Random) -> Iterator[Said]:
    """Oldest first. The same whatever the date is, so that the verdicts are too."""
    aside, spell = random.Random(SEED), 0.0
    for days_ago in range(DAYS - 1, -1, -1):
        spell = PERSISTENCE * spell + chance.gauss(0, SPELL_SD * (1 - PERSISTENCE**2) ** 0.5)
        level = USUAL - DROP * _felt(PHYSIOTHERAPY_STARTED - days_ago) + spell + chance.gauss(0, DAY_SD)
        n_entries = chance.choices([*ENTRIES_A_DAY], [*ENTRIES_A_DAY.values()])[0]
        for n, wall_time in enumerate(WALL_TIMES[len(WALL_TIMES) - n_entries :]):
            minutes = chance.randrange(40)
            content = _content(chance, level + chance.gauss(0, WITHIN_DAY_SD)) | _beside(aside, days_ago)
            if n:
                content.pop("sleep", None)  # asked once a day
            yield Said(days_ago=days_ago, wall_time=wall_time.replace(minute=minutes), content=content)


def _felt(day: int) -> float:
    """Share of the drop on a day of the exercises."""
    return min(max((day - FELT_FROM) / (FELT_WHOLE - FELT_FROM), 0), 1)


def _content(chance: random.Random, level: float) -> dict[str, Any]:
    nrs = nrs_of(level)
    content: dict[str, Any] = {"nrs": nrs}
    if chance.random() < PLACED:
        site = SiteRating(site="between_shoulder_blades", nrs=nrs, quality=chance.choice(QUALITIES))
        content["sites"] = (site,) if chance.random() < 0.7 else (site, SiteRating(site="neck", nrs=nrs_of(level - 2)))
        content["sites"] += tuple(
            SiteRating(site=spread, nrs=nrs - less, quality="tight")
            for from_nrs, spread, less in SPREADS
            if nrs >= from_nrs
        )
    if chance.random() < DESCRIBED:
        better = 10 - level
        content |= {"sleep": nrs_of(better + chance.gauss(1, 1)), "mood": nrs_of(better + chance.gauss(1.5, 1))}
        content["interference"] = nrs_of(level - 1)
    if chance.random() < NOTED:
        content["note"] = chance.choice(NOTES)
    return content


def _beside(chance: random.Random, days_ago: int) -> dict[str, Any]:
    """Words ticked and written. What eases it changes with what she tries."""
    content: dict[str, Any] = {}
    if chance.random() < TICKED:
        content["triggers"] = {chance.choice(TRIGGERS) for _ in range(chance.choice((1, 1, 2)))}
    if chance.random() < TICKED:
        exercises_help = days_ago < PHYSIOTHERAPY_STARTED - FELT_FROM
        eased_by = EASED_BY_EXERCISES if exercises_help else EASED_BY_REST
        content["eased_by"] = {chance.choice(eased_by) for _ in range(chance.choice((1, 1, 2)))}
    if chance.random() < MANAGED:
        content["managed"] = chance.choice(MANAGED_WORDS)
    if chance.random() < HELPED:
        content["helped"] = chance.choice(HELPED_WORDS)
    return content


def _try_treatments(user: User, chance: random.Random, *, at: datetime) -> None:
    naproxen = day_of(at, NAPROXEN_STARTED)
    strain = treatments.note_diagnosis(
        by=user,
        uuid=_uuid(chance),
        name="Muscle strain",
        said_by="Dr Silva",
        said_on=naproxen,
        ground="Felt the back, no pictures taken",
        basis="examined",
    )
    tried: list[tuple[str, int, dict[str, Any]]] = [
        (
            "oral_nsaid",
            NAPROXEN_STARTED,
            {"own_words": "Naproxen", "dose": "250 mg twice a day", "prescribed_by": "Dr Silva", "diagnosis": strain},
        ),
        ("physiotherapy", PHYSIOTHERAPY_STARTED, {"prescribed_by": "Inês, physiotherapist"}),
        ("heat", HEAT_STARTED, {}),
    ]
    for key, days_ago, said in tried:
        started_on = day_of(at, days_ago)
        treatments.start(
            by=user,
            uuid=_uuid(chance),
            at=instant_of(started_on, time(8)),
            on=started_on,
            treatment_type=TreatmentType.objects.get(key=key),
            started_on=started_on,
            **said,
        )


def _is_told(user: User, *, at: datetime) -> None:
    """What others said besides, and what one of them proposes."""
    treatments.note_diagnosis(
        by=user,
        uuid=UUID(int=SEED, version=4),
        name="Worn discs",
        said_by="Radiology, first hospital",
        said_on=day_of(at, WORN_DISCS_SEEN),
        basis="imaging",
        ground="X-ray of the mid-back",
    )
    said = {"name": "Injection beside the spine", "proposed_by": "Dr Costa", "reason": "Because of the worn discs"}
    day = day_of(at, INJECTION_PROPOSED)
    proposals.put(
        by=user, uuid=UUID(int=SEED + 1, version=4), at=at, on=day_of(at, 0), proposed_on=day, advises=False, **said
    )


def _say_of_treatments(user: User, *, at: datetime) -> None:
    """The exercises as planned, how it is as a whole, and what comes next. Chances of their own: nothing else moves."""
    chance, today = random.Random(SEED), day_of(at, 0)
    exercises_tried = user.patient.attempts.get(treatment_type__key="physiotherapy")
    for days_ago in range(PHYSIOTHERAPY_STARTED - 1, 0, -1):
        is_done, is_said = chance.random() < DONE, chance.random() < SAID_OF
        if is_said:
            day = day_of(at, days_ago)
            treatment_days.note(by=user, attempt=exercises_tried, day=day, is_done=is_done, on=today)
    answered_at = min(instant_of(day_of(at, 2), time(20, 30)), at)
    questionnaires.answer(
        by=user,
        uuid=_uuid(chance),
        instrument="global_change",
        answers={"compared": 2},
        at=answered_at,
        attempt=exercises_tried,
    )
    yoga = {"treatment_type": TreatmentType.objects.get(key="yoga"), "dose": "twice a week"}
    planned_for = today + timedelta(days=YOGA_IN)
    treatment_plans.put(by=user, uuid=_uuid(chance), at=at, on=today, planned_for=planned_for, **yoga)


def _check_up(user: User, chance: random.Random, *, at: datetime) -> None:
    if not checkups.is_on():
        return
    started_at = instant_of(day_of(at, CHECKUP), time(19))
    checkup = checkups.start(by=user, at=started_at, uuid=_uuid(chance))
    while question := checkups.next_question(checkup):
        unanswered: Any = [] if question.type == "choices" else "no"
        answer = {question.id: ANSWERS.get(question.id, unanswered)}
        checkup = checkups.answer(by=user, uuid=checkup.uuid, answers=answer)
    checkups.finish(by=user, uuid=checkup.uuid, at=started_at + timedelta(minutes=6))


def _answer_short_questions(user: User, chance: random.Random, *, at: datetime) -> None:
    """Asked on a bad day some weeks ago: nothing that should not wait."""
    if not checkups.is_on():
        return
    bad_days = user.patient.pain_entries.filter(
        nrs__gte=HIGH_NRS, felt_at__lt=instant_of(day_of(at, SCREENED), time(0))
    )
    entry = bad_days.newest_first()[0]
    answers = {question.id: "no" for question in red_flags.questions()}
    answered_at = entry.felt_at + timedelta(minutes=3)
    red_flags.answer(by=user, uuid=_uuid(chance), answers=answers, at=answered_at, entry=entry.uuid)


def _answer_questionnaires(user: User, *, at: datetime) -> None:
    """With chances of their own, so that they change nothing else of the record."""
    chance = random.Random(SEED)
    for days_ago in PEG:
        level = USUAL - DROP * _felt(PHYSIOTHERAPY_STARTED - days_ago)
        said = {"pain": level, "enjoyment": level - 1, "activity": level - 0.5}
        answers = {item: nrs_of(felt + chance.gauss(0, DAY_SD)) for item, felt in said.items()}
        _answer(user, "peg", answers, chance, instant_of(day_of(at, days_ago), time(20, 40)))
    for number, days_ago in enumerate(PHQ_4):
        ticked = {"gad_1": 2, "gad_2": 1, "phq_1": 2, "phq_2": 1} if number < 2 else {"gad_1": 1, "phq_1": 1}
        answers = {"gad_2": 0, "phq_2": 0} | ticked
        _answer(user, "phq_4", answers, chance, instant_of(day_of(at, days_ago), time(20, 50)))


def _answer(user: User, key: str, answers: dict[str, int], chance: random.Random, at: datetime) -> None:
    questionnaires.answer(by=user, uuid=_uuid(chance), instrument=key, answers=answers, at=at)


def _want_news_at_once(user: User, *, at: datetime) -> None:
    """So that the mail about the verdict is there whenever Dana is made."""
    user.patient.reminders.create(uuid=uuid4(), kind=Reminder.Kind.ADVICE, wall_time=time(0), changed_at=at)


def _judge_weekly(user: User, *, at: datetime) -> None:
    """A verdict a week, and advice on how things stand now."""
    for days_ago in range(1, FIRST_NIGHT_JUDGED + 1, 7):
        judging.judge(on=day_of(at, days_ago), attempts=user.patient.attempts.all(), at=at)
    advice.advise(patients=Patient.objects.filter(user=user), on=day_of(at, 1), at=at)


def _tell_of_health(user: User, *, at: datetime) -> None:
    today = day_of(at, 0)
    born = today.year - AGE
    health.save_profile(by=user, at=at, on=today, birth_year=born, sex="female", facts=FACTS, **OWN_WORDS)


def _take_medicines(user: User, chance: random.Random, *, at: datetime) -> None:
    for takes in MEDICINES:
        began = day_of(at, takes.since)
        added_at, said = instant_of(began, time(8)), takes.said | {"started_on": began}
        medicine = medicines.add_medicine(by=user, uuid=_uuid(chance), at=added_at, on=began, **said)
        for taken_at in _times(takes, chance, at=at):
            medicines.take(by=user, uuid=_uuid(chance), medicine=medicine, at=taken_at)


def _times(takes: Takes, chance: random.Random, *, at: datetime) -> Iterator[datetime]:
    for days_ago in range(INTAKE_DAYS - 1, -1, -1):
        for wall_time in takes.wall_times:
            taken_at = instant_of(day_of(at, days_ago), wall_time)
            if chance.random() < takes.share and taken_at <= at:
                yield taken_at


def _uuid(chance: random.Random) -> UUID:
    return UUID(int=chance.getrandbits(128), version=4)
