"""The rule book: what the rule files say, as plain values. `loading` reads and checks them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from assessments.engine.findings import Expression, Finding, Group, Reading, Ref, State
from assessments.engine.questionnaire import Question


class Triage(StrEnum):
    """How soon to see somebody, from least to most urgent."""

    SELF_CARE = "self_care"
    ROUTINE = "routine"
    WITHIN_DAYS = "within_days"
    SAME_DAY = "same_day"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for self-care, 4 for an emergency."""
        return RANKS[self]


RANKS = {level: rank for rank, level in enumerate(Triage)}


@dataclass(frozen=True, kw_only=True)
class Level:
    """What a triage level means to the patient."""

    id: Triage
    headline: str
    act: str
    within: str
    check_again_days: int


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A published figure or the ground of a rule, with the people it was measured in."""

    kind: str
    cite: str
    value: str = ""
    interval: str = ""
    population: str = ""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a rule comes from and who still has to look at it."""

    source: str
    reviewed: str = ""
    review_needed: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UrgencyRule:
    """Fires a triage level. `unsure_as`: what an unsure outcome counts as. `provisional`: only until a branch is answered.

    `points_to`: causes that come first among the possible ones while the rule holds.
    """

    id: str
    title: str
    level: Triage
    because: str
    unsure_as: State
    provenance: Provenance
    every: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    say: str = ""
    refer_to: tuple[str, ...] = ()
    ask_about: tuple[str, ...] = ()
    points_to: tuple[str, ...] = ()
    provisional: bool = False
    crisis: bool = False
    ends_questions: bool = False

    @cached_property
    def expression(self) -> Expression:
        """all of `every`, any of `some`, none of `without`."""
        return rule_expression(self.every, self.some, self.without)

    @property
    def findings(self) -> tuple[str, ...]:
        """The findings that can speak for the rule."""
        return (*self.every, *self.some)


@dataclass(frozen=True, kw_only=True)
class Weight:
    """Points that a finding gives to a cause (negative: speaks against)."""

    finding: str
    points: float
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class CauseRule:
    """A possible cause and the findings that fit it."""

    id: str
    title: str
    about: str
    course: str
    weights: tuple[Weight, ...]
    provenance: Provenance
    refer_to: tuple[str, ...] = ()
    ask_about: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    never_first_when_flagged: bool = False


@dataclass(frozen=True, kw_only=True)
class SelfCareMeasure:
    """Something to try at home where all of `only_when` hold, unless one of `not_when` holds or is not settled."""

    id: str
    title: str
    how: str
    evidence_words: str
    stop_when: str
    not_when: tuple[str, ...]
    up_to: Triage
    provenance: Provenance
    only_when: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ShortQuestion:
    """One of the short alarm questions that go with an entry; `short_set` says what its answers do.

    `opens`: questions of the check-up that get the same answer. `asks`: those that come first there, unanswered.
    `alone`: the level while the longer questions cannot be asked. `say`: for the phone, where that is an emergency.
    """

    id: str
    text: str
    alone: Triage
    provenance: Provenance
    opens: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    unsure_counts: bool = False
    crisis: bool = False
    say: str = ""


@dataclass(frozen=True, kw_only=True)
class Named:
    """A specialist or an investigation, in words."""

    id: str
    name: str
    about: str


@dataclass(frozen=True, kw_only=True)
class Rulebook:
    """Everything the engine knows. `version` is a short hash of the files."""

    version: str
    questions: Mapping[str, Question]
    findings: Mapping[str, Finding]
    levels: Mapping[Triage, Level]
    urgency_rules: tuple[UrgencyRule, ...]
    causes: tuple[CauseRule, ...]
    specialists: Mapping[str, Named]
    investigations: Mapping[str, Named]
    self_care: tuple[SelfCareMeasure, ...]
    unknown_cause: str
    safety_net: tuple[str, ...]
    note: str
    short_set: Mapping[str, ShortQuestion]
    ask_when: Mapping[str, Expression | None] = field(repr=False)

    def read(self, answers: Mapping[str, Any]) -> Reading:
        """Read accepted answers against this rule book."""
        return Reading(ask_when=self.ask_when, findings=self.findings, answers=answers)


def rule_expression(every: tuple[str, ...], some: tuple[str, ...], without: tuple[str, ...]) -> Expression:
    """The three lists of a rule as one expression; empty lists say nothing."""
    from_lists = (("all", every), ("any", some), ("none", without))
    groups = tuple(
        Group(operator=operator, members=tuple(Ref(finding=finding_id) for finding_id in ids))
        for operator, ids in from_lists
        if ids
    )
    return Group(operator="all", members=groups)
