"""What the record gives reason to advise: facts of one patient in, pieces of advice out.

Sources are sections of the clinical evidence: 4.4 (triggers), 4.5 (limits), and the design rulings on the second
opinion. No advice ever says to stop a prescribed medicine; the words live in the outer layers. Each piece carries the
evidence that it is about, under which it is said once and never again, and the figures that it rests on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Any
from uuid import UUID

from tracker.domain.substances import Drug, Substance, substance_of
from tracker.domain.trial_policy import PAIR_GAP_DAYS


class Kind(StrEnum):
    """What is advised, in the order in which it is told: worse, red flags, not working, then the rest."""

    STILL_WORSE = "still_worse"
    WORSE = "worse"
    RED_FLAG = "red_flag"
    TWO_NSAIDS = "two_nsaids"
    NOT_WORKING = "not_working"
    PROCEDURE = "procedure"
    SECOND_OPINION = "second_opinion"
    IMAGING_LABEL = "imaging_label"
    SEVERE = "severe"
    NSAID_DAYS = "nsaid_days"
    OPIOID_LONG = "opioid_long"
    RELAXANT_LONG = "relaxant_long"
    PASSIVE_CARE = "passive_care"
    NOTHING_LASTING = "nothing_lasting"
    LOG_MORE = "log_more"


ALARMS = frozenset({Kind.STILL_WORSE, Kind.WORSE, Kind.RED_FLAG})
# About one attempt, and said only while its verdict is news.
OF_NEWS = frozenset({Kind.STILL_WORSE, Kind.WORSE, Kind.NOT_WORKING, Kind.LOG_MORE})
# Said because of verdicts: no longer held to once these have changed.
OF_VERDICTS = OF_NEWS | {Kind.SECOND_OPINION, Kind.IMAGING_LABEL, Kind.PASSIVE_CARE}
# Never the first word while something is worse or a warning sign is open (4.4).
NOT_BESIDE_ALARMS = frozenset({Kind.SECOND_OPINION, Kind.IMAGING_LABEL})

CHRONIC_DAYS = 90  # of pain: three months; design ruling, 4.4
FRESH_DAYS = 7  # a verdict older than this is no news; consensus
STILL_WORSE_DAYS = 14  # 4.4: worse for 14 days or more
SEVERE_PEG = 7.0  # mean of the three PEG items, 0 to 10; 4.4 (from memory of CG173 and NG193)
SEVERE_PHQ_4 = 6.0  # sum, 0 to 12; 4.4
SCORE_FRESH_DAYS = 56  # an older answer says nothing about now; consensus
LASTING_WEEKS = 12  # 4.4: all treatments symptomatic for 12 weeks
RUN_GAP_DAYS = 7  # between two treatments that follow each other; consensus
NSAID_DAYS_RUNNING = 10  # self-bought, in a row; 4.5 (label, from memory)
NSAID_DAYS_A_MONTH = 14  # self-bought, of MONTH_DAYS; 4.5
MONTH_DAYS = 30
TWO_NSAIDS_LOOK_BACK = 7  # days; consensus
OPIOID_DAYS = 90  # 4.5 (CDC, NG215)
BENZODIAZEPINE_DAYS = 28  # 4.5 (NG215, from memory)
RELAXANT_DAYS = 21  # 4.3: two to three weeks (label, from memory)
OFTEN_OF_MONTH = 15  # days of MONTH_DAYS from which an as-needed medicine counts as taken all along; consensus
PASSIVE_DAYS = 84  # 4.5: twelve weeks of care that is done to a person; consensus
ENOUGH_DROP = 0.30  # of the pain before; 4.1 (IMMPACT)
LOG_MORE_AFTER = 14  # days of treatment, still with too few entries; consensus
ASK_AGAIN_SOON = 1  # days after a sign that says to be seen today or now, if no clinician has looked; consensus
ASK_AGAIN = 7  # days after one that says within days

NSAID_TYPE, OPIOID_TYPE, RELAXANT_TYPE, OWN_TYPE = "oral_nsaid", "opioid", "muscle_relaxant", "own"
PASSIVE_CLASSES = frozenset({"hands_on", "device"})
PROCEDURE_CLASS = "procedure"
SYMPTOMATIC = "symptomatic"
IMAGING_ONLY = "imaging"

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """A treatment attempt with its newest verdict. `drop` is the estimated fall as a share of the pain before."""

    uuid: UUID
    name: str
    type_key: str
    treatment_class: str
    nature: str
    started_on: date
    stopped_on: date | None = None
    is_prescribed: bool = False
    diagnosis: UUID | None = None
    outcome: str = ""
    reason: str = ""
    judged_on: date | None = None
    days_logged: int = 0
    days_passed: int = 0
    worse_since: date | None = None
    drop: float | None = None

    def is_used(self, on: date) -> bool:
        return self.started_on <= on and (self.stopped_on is None or self.stopped_on > on)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A medicine on the list, and the local days of the last MONTH_DAYS on which it was taken."""

    uuid: UUID
    name: str
    is_as_needed: bool = True
    started_on: date | None = None
    stopped_on: date | None = None
    days: frozenset[date] = frozenset()

    def is_used(self, on: date) -> bool:
        return (self.started_on is None or self.started_on <= on) and (self.stopped_on is None or self.stopped_on > on)


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A diagnosis as a clinician said it; `basis` is what it rests on."""

    uuid: UUID
    name: str
    basis: str = ""
    said_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposed:
    """An operation or other procedure that somebody has proposed, and that has not been decided."""

    uuid: UUID
    name: str
    proposed_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """A check-up that a warning sign has opened, or whose result says to be seen, and no clinician has looked yet."""

    checkup: UUID
    on: date
    is_pressing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    uuid: UUID
    on: date
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of one patient on the local day `on`. `scores` are by instrument, oldest first."""

    on: date
    pain_since: date | None = None
    tried: tuple[Tried, ...] = ()
    taken: tuple[Taken, ...] = ()
    labels: tuple[Label, ...] = ()
    proposed: tuple[Proposed, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    scores: Mapping[str, tuple[Score, ...]] = field(default_factory=dict)
    moved_on: date | None = None

    @property
    def is_chronic(self) -> bool:
        return self.pain_since is not None and self.pain_since <= self.on - timedelta(days=CHRONIC_DAYS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One thing to say. `evidence` is what it is about; `because` holds plain values only."""

    kind: Kind
    evidence: str
    attempt: UUID | None = None
    because: Mapping[str, Any] = field(default_factory=dict)


def advise(facts: Facts) -> list[Piece]:
    """All that the facts give reason to say, in the order of Kind."""
    since = facts.on - timedelta(days=FRESH_DAYS)
    news = {one.uuid for one in facts.tried if one.judged_on and one.judged_on >= since}
    pieces = [
        *(piece for piece in _of_verdicts(facts) if piece.kind not in OF_NEWS or piece.attempt in news),
        *_alarms(facts),
        *_procedures(facts),
        *_severe(facts),
        *_two_nsaids(facts),
        *_nsaid_days(facts),
        *_taken_long(facts),
        *_nothing_lasting(facts),
    ]
    if facts.alarms or any(piece.kind in ALARMS for piece in pieces):
        pieces = [piece for piece in pieces if piece.kind not in NOT_BESIDE_ALARMS]
    order = list(Kind)
    return sorted(pieces, key=lambda piece: order.index(piece.kind))


def still_said(facts: Facts) -> set[tuple[Kind, str]]:
    """Kind and evidence of what verdicts give reason for, news or not: advice of OF_VERDICTS beside it is outdated."""
    return {(piece.kind, piece.evidence) for piece in _of_verdicts(facts)}


def _of_verdicts(facts: Facts) -> list[Piece]:
    return [
        *_worse(facts),
        *_not_working(facts),
        *_second_opinion(facts),
        *_imaging_labels(facts),
        *_passive_care(facts),
        *_log_more(facts),
    ]


def _about(kind: Kind, one: Tried, **because: Any) -> Piece:
    return Piece(kind=kind, evidence=f"attempt:{one.uuid}", attempt=one.uuid, because={"name": one.name} | because)


def _judged(facts: Facts, outcome: str) -> Iterator[Tried]:
    """Attempts whose newest verdict is this."""
    return (one for one in facts.tried if one.outcome == outcome)


def _worse(facts: Facts) -> Iterator[Piece]:
    for one in _judged(facts, "worse"):
        yield _about(Kind.WORSE, one, days=one.days_passed)
        if one.worse_since and (facts.on - one.worse_since).days >= STILL_WORSE_DAYS:
            yield _about(Kind.STILL_WORSE, one, days=(facts.on - one.worse_since).days)


def _alarms(facts: Facts) -> Iterator[Piece]:
    """Told at once on the page where the sign was answered; this is the second time, if nothing has come of it."""
    for alarm in facts.alarms:
        if (facts.on - alarm.on).days >= (ASK_AGAIN_SOON if alarm.is_pressing else ASK_AGAIN):
            said = {"on": alarm.on.isoformat(), "checkup": str(alarm.checkup)}
            yield Piece(kind=Kind.RED_FLAG, evidence=f"checkup:{alarm.checkup}", because=said)


def _not_working(facts: Facts) -> Iterator[Piece]:
    for one in _judged(facts, "not_working"):
        yield _about(Kind.NOT_WORKING, one, days=one.days_passed, n_logged=one.days_logged)


def _procedures(facts: Facts) -> Iterator[Piece]:
    """Any, always; one that is put down as a treatment planned for later is a proposal too."""
    for proposed in facts.proposed:
        said = {"name": proposed.name, "by": proposed.proposed_by}
        yield Piece(kind=Kind.PROCEDURE, evidence=f"proposal:{proposed.uuid}", because=said)
    for one in facts.tried:
        if one.treatment_class == PROCEDURE_CLASS and one.started_on > facts.on:
            yield _about(Kind.PROCEDURE, one, on=one.started_on.isoformat())


def _failed(facts: Facts) -> list[Tried]:
    return [one for one in facts.tried if one.outcome == "not_working"]


def _second_opinion(facts: Facts) -> Iterator[Piece]:
    """Pain for three months and two fair trials of different classes not working; told with the newest attempt."""
    if not facts.is_chronic or facts.pain_since is None:
        return
    failed = [one for pair in combinations(_failed(facts), 2) if _are_two_trials(*pair) for one in pair]
    if not failed:
        return
    newest = max(failed, key=lambda one: (one.started_on, str(one.uuid)))
    in_vain = sorted({(one.started_on, one.name) for one in failed})
    yield _about(
        Kind.SECOND_OPINION,
        newest,
        names=[name for _, name in in_vain],
        since=facts.pain_since.isoformat(),
    )


def _are_two_trials(one: Tried, other: Tried) -> bool:
    """Of different classes, and begun apart: two that share a verdict are one trial."""
    gap = abs((one.started_on - other.started_on).days)
    return one.treatment_class != other.treatment_class and gap >= PAIR_GAP_DAYS


def _imaging_labels(facts: Facts) -> Iterator[Piece]:
    """A diagnosis that rests on a picture alone, and a treatment for it, or begun under it, that does not work."""
    failed = _failed(facts)
    for label in facts.labels:
        if label.basis != IMAGING_ONLY:
            continue
        for_it = [one for one in failed if one.diagnosis == label.uuid or _is_under(one, label)]
        if for_it:
            said = {"label": label.name, "names": sorted({one.name for one in for_it})}
            yield Piece(kind=Kind.IMAGING_LABEL, evidence=f"diagnosis:{label.uuid}", because=said)


def _is_under(one: Tried, label: Label) -> bool:
    return one.diagnosis is None and label.said_on is not None and one.started_on >= label.said_on


def _severe(facts: Facts) -> Iterator[Piece]:
    if not facts.is_chronic:
        return
    for instrument, limit in (("peg", SEVERE_PEG), ("phq_4", SEVERE_PHQ_4)):
        scores = facts.scores.get(instrument, ())
        if not scores or scores[-1].value < limit or (facts.on - scores[-1].on).days > SCORE_FRESH_DAYS:
            continue
        first = scores[-1]  # of the unbroken row of high scores: one row is one piece of evidence
        for score in reversed(scores):
            if score.value < limit:
                break
            first = score
        said = {"instrument": instrument, "value": round(scores[-1].value, 1), "on": scores[-1].on.isoformat()}
        yield Piece(kind=Kind.SEVERE, evidence=f"{instrument}:{first.uuid}", because=said)


def _substances(facts: Facts) -> list[tuple[Taken, Substance]]:
    return [(one, found) for one in facts.taken if (found := substance_of(one.name))]


def _two_nsaids(facts: Facts) -> Iterator[Piece]:
    """Two anti-inflammatory tablets on one day of the last week."""
    days = [facts.on - n * _DAY for n in range(TWO_NSAIDS_LOOK_BACK)]
    by_day: dict[date, dict[str, str]] = {day: {} for day in days}
    for taken, substance in _substances(facts):
        if substance.drug is Drug.NSAID:
            for day in taken.days & by_day.keys():
                by_day[day][substance.stem] = taken.name
    for one in facts.tried:
        named = substance_of(one.name)
        if one.type_key == NSAID_TYPE and named and named.drug is Drug.NSAID:
            for day in filter(one.is_used, days):
                by_day[day].setdefault(named.stem, one.name)
    told = set()
    for day, names in sorted(by_day.items(), reverse=True):
        if len(names) > 1 and (evidence := "nsaids:" + "+".join(sorted(names))) not in told:
            told.add(evidence)
            yield Piece(
                kind=Kind.TWO_NSAIDS,
                evidence=evidence[:120],
                because={"names": [names[stem] for stem in sorted(names)], "on": day.isoformat()},
            )


def _nsaid_days(facts: Facts) -> Iterator[Piece]:
    """Bought without a prescription, as far as the record says. Limits for headache do not apply to back pain (4.5)."""
    month = [facts.on - n * _DAY for n in range(MONTH_DAYS)]
    mine = [one for one in facts.tried if one.type_key == NSAID_TYPE and any(map(one.is_used, month))]
    if any(one.is_prescribed for one in mine):
        return
    taken = [one for one, substance in _substances(facts) if substance.drug is Drug.NSAID and one.days]
    days = {day for one in taken for day in one.days if day in month}
    if not taken:
        days = {day for one in mine for day in month if one.is_used(day)}
    n_running = _running(days, on=facts.on)
    if n_running <= NSAID_DAYS_RUNNING and len(days) <= NSAID_DAYS_A_MONTH:
        return
    about = min((str(one.uuid) for one in (*taken, *(mine if not taken else ()))), default="")
    names = sorted({one.name for one in taken} or {one.name for one in mine})
    said = {"names": names, "n_running": n_running, "n_month": len(days)}
    yield Piece(kind=Kind.NSAID_DAYS, evidence=f"nsaid:{about}", because=said)


def _running(days: Iterable[date], *, on: date) -> int:
    """How many days in a row up to today or, where today is not over, yesterday."""
    known = set(days)
    day = on if on in known else on - _DAY
    n = 0
    while day in known:
        n, day = n + 1, day - _DAY
    return n


def _taken_long(facts: Facts) -> Iterator[Piece]:
    limits = {
        Drug.OPIOID: (Kind.OPIOID_LONG, OPIOID_DAYS, OPIOID_TYPE),
        Drug.BENZODIAZEPINE: (Kind.RELAXANT_LONG, BENZODIAZEPINE_DAYS, ""),
        Drug.RELAXANT: (Kind.RELAXANT_LONG, RELAXANT_DAYS, RELAXANT_TYPE),
    }
    for drug, (kind, most, type_key) in limits.items():
        if found := _longest(facts, drug, type_key):
            name, since, evidence = found
            n_days = (facts.on - since).days
            if n_days > most:
                yield Piece(kind=kind, evidence=evidence, because={"name": name, "days": n_days, "drug": drug.value})


def _longest(facts: Facts, drug: Drug, type_key: str) -> tuple[str, date, str] | None:
    """What of this group has been taken all along for longest: its name, since when, and the evidence."""
    run = _run([one for one in facts.tried if one.type_key == type_key], on=facts.on) if type_key else []
    found = [(run[0].started_on, run[-1].name, f"attempt:{run[0].uuid}")] if run else []
    for one, substance in _substances(facts):
        is_steady = not one.is_as_needed or len(one.days) >= OFTEN_OF_MONTH
        if substance.drug is drug and one.started_on and one.is_used(facts.on) and is_steady:
            found.append((one.started_on, one.name, f"medicine:{one.uuid}"))
    if not found:
        return None
    since, name, evidence = min(found)
    return name, since, evidence


def _run(attempts: Iterable[Tried], *, on: date) -> list[Tried]:
    """The attempts that have followed each other up to today, a new dose included, oldest first; none if none is used."""
    run: list[Tried] = []
    begun = on + _DAY
    for one in sorted(attempts, key=lambda one: one.stopped_on or date.max, reverse=True):
        reaches = one.stopped_on is None or one.stopped_on + timedelta(days=RUN_GAP_DAYS) >= begun
        if one.started_on <= on and reaches and (run or one.is_used(on)):
            run.append(one)
            begun = min(begun, one.started_on)
    return sorted(run, key=lambda one: (one.started_on, str(one.uuid)))


def _passive_care(facts: Facts) -> Iterator[Piece]:
    """What has been judged not working or worse has its own advice."""
    for one in facts.tried:
        days = (facts.on - one.started_on).days
        is_long = one.treatment_class in PASSIVE_CLASSES and one.is_used(facts.on) and days > PASSIVE_DAYS
        if is_long and one.outcome not in {"worse", "not_working"} and one.drop is not None and one.drop < ENOUGH_DROP:
            yield _about(Kind.PASSIVE_CARE, one, weeks=days // 7, drop=round(100 * max(one.drop, 0)))


def _nothing_lasting(facts: Facts) -> Iterator[Piece]:
    """Twelve weeks of treatments that ease while used, and none in that time, or planned, that is meant to last."""
    first = facts.on - timedelta(weeks=LASTING_WEEKS)
    lately = [one for one in facts.tried if one.stopped_on is None or one.stopped_on > first]
    if any(one.nature != SYMPTOMATIC or one.type_key == OWN_TYPE for one in lately):
        return
    if facts.moved_on is not None and facts.moved_on > first:
        return
    run = _run(lately, on=facts.on)
    if run and run[0].started_on <= first:
        names = [one.name for one in run if one.is_used(facts.on)]
        weeks = (facts.on - run[0].started_on).days // 7
        said = {"names": names, "weeks": weeks}
        yield Piece(kind=Kind.NOTHING_LASTING, evidence=f"attempt:{run[0].uuid}", because=said)


def _log_more(facts: Facts) -> Iterator[Piece]:
    for one in _judged(facts, "cant_tell"):
        is_thin = one.reason == "too_few_entries" and one.days_passed >= LOG_MORE_AFTER
        if is_thin and one.is_used(facts.on):
            yield _about(Kind.LOG_MORE, one, n_logged=one.days_logged, days=one.days_passed + 1)
