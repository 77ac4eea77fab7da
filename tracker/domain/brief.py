"""What is handed to a clinician: a frozen value, built by allowlist, from which page, print, PDF, FHIR and link are made.

What has no field here cannot leave. A blind brief holds facts, times, numbers and the patient's own question, never what
others have concluded; that is in `SealedPart`, which is a value of its own. Keys are those of the record's closed
lists; whoever shows them looks up their names.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from tracker.domain.screening import Screen, Sentence

WEEKS_SHOWN = 12  # of the course on the first page; clinical.md §5
WEEK = timedelta(days=7)
COMPARED_DAYS = 28  # at the beginning and at the end of the period; RULING


class Part(StrEnum):
    """What a patient may leave out of a brief, or not."""

    QUESTION = "question"
    PERSON = "person"
    RED_FLAGS = "red_flags"
    FACTS = "facts"  # pregnancy, cancer, blood thinners and the like
    MEDICINES = "medicines"
    ALLERGIES = "allergies"
    OPERATIONS = "operations"  # and implants
    CONDITIONS = "conditions"
    PAIN = "pain"
    STORY = "story"  # onset and pattern, from the newest check-up
    FUNCTION = "function"  # PEG, interference, sleep, mood
    TRIED = "tried"
    GOAL = "goal"
    WORRY = "worry"
    NOTES = "notes"
    FILES = "files"


# Never kept back, whoever asks: a clinician could do harm without them.
NEVER_LEFT_OUT = frozenset(
    {Part.RED_FLAGS, Part.FACTS, Part.MEDICINES, Part.ALLERGIES, Part.OPERATIONS, Part.QUESTION, Part.PAIN}
)
MAY_BE_LEFT_OUT = tuple(part for part in Part if part not in NEVER_LEFT_OUT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """Free text as it is handed over, and how many sentences were held back."""

    text: str = ""
    n_held_back: int = 0

    def __bool__(self) -> bool:
        return bool(self.text) or self.n_held_back > 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Week:
    """Seven local days; the newest ends on the last day of the period. No logged day: nothing is known of it."""

    first_day: date
    n_days_logged: int
    mean: float | None  # of the daily means, NRS points
    lowest: int | None
    highest: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteLine:
    site: str
    n_days: int
    mean: float  # NRS points of the days on which it was rated
    qualities: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many entries of the period named one key of a closed list."""

    key: str
    n_entries: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    on: date
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerLine:
    """A question as it was asked, with the answer in words; `answer` is empty where it was not asked.

    `key`: of the question in the rule book. `is_calm`: answered with no, or with none of these. `not_ticked`: what of a
    list was not ticked, which is an answer too.
    """

    question: str
    answer: str
    on: date | None
    key: str = ""
    is_calm: bool = False
    not_ticked: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class MedicineLine:
    name: str
    dose: str
    is_as_needed: bool
    started_on: date | None
    stopped_on: date | None
    n_days_taken: int | None  # of the last 28; None where intakes are not logged

    def is_over(self, on: date) -> bool:
        return self.stopped_on is not None and self.stopped_on <= on


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedLine:
    """One attempt with the numbers of its newest verdict; `own_words` only as far as they pass the screen."""

    uuid: UUID
    treatment_type: str  # name of the type
    treatment_class: str  # key
    own_words: Passage
    dose: str
    site: str
    started_on: date
    stopped_on: date | None
    stop_reason: str
    n_days: int
    trial_days: int  # of a fair trial
    is_fair_trial: bool | None  # None: long enough, and not known whether it was done as planned
    adherence: float | None  # share of planned days, 0 to 1
    before: float | None  # points
    now: float | None
    outcome: str
    reason: str
    side_effects: Passage
    is_mixed: bool = False
    overturned: str = ""  # the name that it was begun for, where a later opinion called it something else; never blind


@dataclass(frozen=True, kw_only=True, slots=True)
class FileLine:
    uuid: UUID
    kind: str
    title: Passage
    made_on: date | None
    media_type: str
    n_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteLine:
    on: date
    nrs: int
    note: Passage


@dataclass(frozen=True, kw_only=True, slots=True)
class Brief:
    """All that is handed over, for page 1 and for the appendix. Empty where nothing is known or it was left out."""

    is_blind: bool
    made_on: date
    first_day: date
    last_day: date
    left_out: tuple[Part, ...]
    question: Passage
    goal: Passage
    worry: Passage
    name: str  # as the patient is called here
    age: int | None  # years, by the year of birth alone
    sex: str
    facts: tuple[tuple[str, str], ...]  # key and answer: yes, no, unsure; what is missing was not said
    conditions: Passage
    operations: Passage
    implants: Passage
    allergies: Passage
    medicines: tuple[MedicineLine, ...]
    red_flags: tuple[AnswerLine, ...]
    story: tuple[AnswerLine, ...]
    pain_since: date | None  # first day of the log, or what the check-up was told
    n_days: int  # of the period
    n_days_logged: int
    mean_before: float | None  # first four weeks of the period, NRS points
    mean_now: float | None  # last four
    lowest: int | None
    highest: int | None
    weeks: tuple[Week, ...]  # all of the period, oldest first; page 1 shows the last WEEKS_SHOWN
    sites: tuple[SiteLine, ...]  # the most often named first
    triggers: tuple[Count, ...]
    eased_by: tuple[Count, ...]
    interference: float | None  # means of the period, 0 to 10
    sleep: float | None
    mood: float | None
    peg: tuple[Score, ...]  # oldest first
    phq4: tuple[Score, ...]
    tried: tuple[TriedLine, ...]  # oldest first
    files: tuple[FileLine, ...]
    notes: tuple[NoteLine, ...]
    refer_to: str  # whom to see: name of the referral
    n_held_back: int  # sentences, in all of it


@dataclass(frozen=True, kw_only=True, slots=True)
class DiagnosisLine:
    uuid: UUID
    name: str
    said_by: str
    said_on: date | None
    ground: str
    outcome: str = ""  # of the newest comparison: same, refined, different, undecided; empty where there is none
    replaced_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalLine:
    """A procedure that somebody has proposed, and how that stands."""

    name: str
    proposed_by: str
    proposed_on: date | None
    reason: str
    decision: str  # key


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewLine:
    """What the clinician of an earlier second opinion wrote down."""

    on: date
    clinician: str
    diagnosis: str
    ground: str
    advice: str


class Happened(StrEnum):
    SAID = "said"
    PROPOSED = "proposed"
    TRIED = "tried"  # a treatment was begun for it
    VIEW = "view"  # somebody looked afresh
    COMPARED = "compared"


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryLine:
    """One step in the history of what the pain was called. Keys and words as they are in the record."""

    on: date | None  # None: nobody noted when
    happened: Happened
    name: str
    by: str = ""
    detail: str = ""
    outcome: str = ""  # of a comparison, or how a proposal stands
    became: str = ""  # what it is called since
    attempt: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SaidSoFar:
    """What a whole page for a clinician tells beside the brief."""

    diagnoses: tuple[DiagnosisLine, ...] = ()
    proposals: tuple[ProposalLine, ...] = ()
    history: tuple[HistoryLine, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedPart:
    """What others have said before this opinion: opened after the new view is written down."""

    diagnoses: tuple[DiagnosisLine, ...]
    proposals: tuple[ProposalLine, ...]
    views: tuple[ViewLine, ...]
    reports: tuple[FileLine, ...]
    earlier_advice: str
    held_back: tuple[str, ...]  # sentences that the screen took out of the brief, as they were written


def weeks_of(days: Iterable[Sequence[Any]], *, first_day: date, last_day: date) -> tuple[Week, ...]:
    """The closed period cut into weeks from its end backwards, oldest first; the first one may be shorter.

    `days`: rows of domain.periods.Day, oldest first. A day of many entries counts once.
    """
    by_week: dict[int, list[Sequence[Any]]] = {}
    for day in days:
        if first_day <= day[0] <= last_day:
            by_week.setdefault((last_day - day[0]) // WEEK, []).append(day)
    n_weeks = (last_day - first_day) // WEEK + 1
    return tuple(
        _week(max(last_day - WEEK * (n + 1) + timedelta(days=1), first_day), by_week.get(n, ()))
        for n in range(n_weeks - 1, -1, -1)
    )


def _week(first_day: date, days: Sequence[Sequence[Any]]) -> Week:
    return Week(
        first_day=first_day,
        n_days_logged=len(days),
        mean=mean_of(days),
        lowest=min((low for _on, low, _high, _mean, _n in days), default=None),
        highest=max((high for _on, _low, high, _mean, _n in days), default=None),
    )


def mean_of(days: Sequence[Sequence[Any]]) -> float | None:
    """NRS points, of the daily means; None where no day is logged."""
    return sum(day[3] for day in days) / len(days) if days else None


def passages(value: Any) -> Iterator[Passage]:
    """All free text of a brief, however deep it lies."""
    if isinstance(value, Passage):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from passages(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from passages(getattr(value, field.name))


def is_held_back(sentence: Sentence, *, decided: Mapping[str, str]) -> bool:
    """As the patient has decided, else wherever it is in doubt."""
    default = "hold_back" if sentence.is_in_doubt else "show"
    return decided.get(sentence.digest, default) != "show"


def handed_over(text: str, *, screen: Screen, decided: Mapping[str, str]) -> Passage:
    """The text without the sentences in doubt, but for those that the patient has decided to show.

    `decided`: by digest of a sentence, "show" or "hold_back". What is not in doubt can be held back as well.
    """
    sentences = screen.sentences(text)
    shown = [one for one in sentences if not is_held_back(one, decided=decided)]
    return Passage(text="".join(s.text for s in shown).strip(), n_held_back=len(sentences) - len(shown))
