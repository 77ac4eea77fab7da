"""What has to be known before the first session: points that hold the programme until a clinician agrees, and points
that change it. From the clinical evidence gathered for this project (section on exercise); to be reviewed by a
physiotherapist."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tracker.domain.text import gettext_noop as _

# Asked again after so long, since bodies change; RULING, unreviewed.
VALID_FOR = timedelta(days=84)
OLDER_FROM = 75  # years: chair versions unless the patient wishes otherwise; RULING, unreviewed


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    CLEARED = "cleared"  # it is so, and a clinician who knows of it said that exercise is fine


class Effect(StrEnum):
    HOLD = "hold"
    CHAIR = "chair"
    GENTLE = "gentle"  # some moves are left out or done in another way


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    key: str
    text: str
    effect: Effect
    todo: str


POINTS = (
    Point(
        key="spine_fracture",
        text=_("A broken vertebra, or brittle bones and getting shorter of late"),
        effect=Effect.HOLD,
        todo=_("Ask your doctor first: bending and twisting under load can harm such bones."),
    ),
    Point(
        key="spine_cancer",
        text=_("Cancer in the spine, now or ever"),
        effect=Effect.HOLD,
        todo=_("Ask your cancer team which movements are safe."),
    ),
    Point(
        key="recent_operation",
        text=_("An operation on the spine of late, or any operation in the last 12 weeks"),
        effect=Effect.HOLD,
        todo=_("Ask the surgeon or physiotherapist when you may begin, and with what."),
    ),
    Point(
        key="infection",
        text=_("Fever or an infection now"),
        effect=Effect.HOLD,
        todo=_("Wait until it has passed. With back pain and fever, be seen soon."),
    ),
    Point(
        key="unstable_heart",
        text=_("Heart trouble that is not settled: chest pain, short breath or fainting with little effort"),
        effect=Effect.HOLD,
        todo=_("Ask your doctor before any exercise. Chest pain now is an emergency."),
    ),
    Point(
        key="very_high_pressure",
        text=_("Blood pressure of 180/110 or more, at the last measurement"),
        effect=Effect.HOLD,
        todo=_("Have it treated first, then ask when you may begin."),
    ),
    Point(
        key="pregnancy_trouble",
        text=_("Pregnant, with bleeding, early labour or other trouble"),
        effect=Effect.HOLD,
        todo=_("Ask your midwife or doctor first."),
    ),
    Point(
        key="pregnant",
        text=_("Pregnant, and all is well"),
        effect=Effect.GENTLE,
        todo=_("Lying on your back is left out: the bridge is done standing, behind a chair."),
    ),
    Point(
        key="weak_bones",
        text=_("Osteoporosis"),
        effect=Effect.GENTLE,
        todo=_("Bending and twisting moves are left out."),
    ),
    Point(
        key="falls",
        text=_("Unsteady on my feet, or a fall in the last 12 months"),
        effect=Effect.CHAIR,
        todo=_("Every move is shown in its version on or behind a chair. Hold on to something firm."),
    ),
)
_ANSWERS = frozenset(Answer)
POINT = {point.key: point for point in POINTS}


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What the answers come to on a day."""

    answers: Mapping[str, str]
    answered_on: date | None
    on: date
    age: int | None = None

    @property
    def is_answered(self) -> bool:
        return self.answered_on is not None and all(point.key in self.answers for point in POINTS)

    @property
    def is_out_of_date(self) -> bool:
        return self.answered_on is not None and self.on - self.answered_on > VALID_FOR

    @property
    def holding(self) -> tuple[Point, ...]:
        """What has to be cleared first. In doubt it holds."""
        held = (Answer.YES, Answer.UNSURE)
        return tuple(
            point for point in POINTS if point.effect is Effect.HOLD and self.answers.get(point.key, "") in held
        )

    @property
    def is_open(self) -> bool:
        return self.is_answered and not self.is_out_of_date and not self.holding

    @property
    def changing(self) -> tuple[Point, ...]:
        """What makes the moves other ones."""
        told = (Answer.YES, Answer.UNSURE, Answer.CLEARED)
        return tuple(
            point for point in POINTS if point.effect is not Effect.HOLD and self.answers.get(point.key, "") in told
        )

    @property
    def conditions(self) -> frozenset[str]:
        """What a move may be left out with: also what a clinician has cleared, since bones stay as they are."""
        known = (Answer.YES, Answer.UNSURE, Answer.CLEARED)
        return frozenset(key for key, answer in self.answers.items() if answer in known)

    @property
    def needs_chair(self) -> bool:
        return "falls" in self.conditions or (self.age is not None and self.age >= OLDER_FROM)


def are_answers(answers: Mapping[str, str]) -> bool:
    """Whether each point is on the list and each answer is one that it can have."""
    return all(key in POINT and answer in _ANSWERS for key, answer in answers.items())


def prefilled(facts: Mapping[str, str]) -> dict[str, str]:
    """What the health profile settles; it is shown, and the patient looks at it before it counts."""
    settled: dict[str, str] = {}
    if facts.get("cancer") == "no":
        settled["spine_cancer"] = Answer.NO
    if facts.get("pregnant") == "no":
        settled |= {"pregnant": Answer.NO, "pregnancy_trouble": Answer.NO}
    elif facts.get("pregnant") == "yes":
        settled["pregnant"] = Answer.YES
    if facts.get("weak_bones") in ("yes", "no"):
        settled["weak_bones"] = Answer(facts["weak_bones"])
    return settled
