"""Clinicians' cases: answer the questionnaire as the person of a case would, and count how the outcomes compare."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assessments.engine.findings import RulebookError
from assessments.engine.outcome import Outcome, assess, next_question
from assessments.engine.questionnaire import Answer, Question, accept_answers
from assessments.engine.rulebook import Rulebook, Triage

KINDS = ("must_not_miss", "benign", "other")
NO_CASES = ("rest", "rules")  # files of the folder that hold no cases
FIRST_CAUSES = 3  # a right cause has to be among so many
# Folders of cases that were written without sight of the rules; single failures of the last two are not named.
DEVELOP, HELD_OUT, LATER = "develop", "held_out", "later"


@dataclass(frozen=True, kw_only=True)
class Vignette:
    """One case. `answers` is what the story tells; the last fields are for our own tests."""

    id: str
    group: str
    story: str
    source: str
    answers: Mapping[str, Any]
    level: Triage
    kind: str = "other"
    also_fine: tuple[Triage, ...] = ()
    cause: tuple[str, ...] = ()
    exactly: bool = False
    left_open: tuple[str, ...] = ()
    fired: tuple[str, ...] = ()
    not_fired: tuple[str, ...] = ()
    top: str = ""
    not_top: str = ""
    refer_to: tuple[str, ...] = ()
    self_care: tuple[str, ...] | None = None
    incomplete: bool | None = None
    most_questions: int = 0

    @property
    def ranks(self) -> set[int]:
        """The ranks of all levels that are right."""
        return {level.rank for level in (self.level, *self.also_fine)}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A case and what came out: asked one by one, and with its answers handed over at once."""

    vignette: Vignette
    walked: Outcome
    handed: Outcome
    n_asked: int

    @property
    def is_right(self) -> bool:
        """Whether the level is one that a careful clinician would accept."""
        return Triage(self.handed.level).rank in self.vignette.ranks

    @property
    def is_safe(self) -> bool:
        """Whether neither way ends too low: emergencies at least same day, others at least their lowest right level."""
        is_emergency = self.vignette.level is Triage.EMERGENCY
        least = Triage.SAME_DAY.rank if is_emergency else min(self.vignette.ranks)
        return min(Triage(outcome.level).rank for outcome in (self.walked, self.handed)) >= least

    @property
    def is_too_high(self) -> bool:
        """Whether the level is above all right ones."""
        return Triage(self.handed.level).rank > max(self.vignette.ranks)

    @property
    def is_cause_found(self) -> bool:
        """Whether a right cause is among the first three."""
        return bool({cause.id for cause in self.handed.causes[:FIRST_CAUSES]} & set(self.vignette.cause))


@dataclass(frozen=True, kw_only=True)
class Rest:
    """What somebody without complaints answers: by question, else by type."""

    answers: Mapping[str, Any]

    def to(self, question: Question) -> Any:
        """The answer to a question that the story says nothing about."""
        nothing: list[str] = []
        return self.answers.get(question.id, nothing if question.type == "choices" else self.answers.get(question.type))


def read_folder(folder: Path) -> tuple[list[Vignette], Rest]:
    """All cases of a folder, and what the rest is answered with, there or one folder up.

    The format is told in tests/vignettes/README.md.
    """
    rest_file = next((file for file in (folder / "rest.toml", folder.parent / "rest.toml") if file.exists()), None)
    if rest_file is None:
        raise RulebookError(f"{folder}: no rest.toml there")
    rest = Rest(answers=tomllib.loads(rest_file.read_text()))
    cases: dict[str, Vignette] = {}
    for file in sorted(folder.glob("*.toml")):
        if file.stem not in NO_CASES:
            for entry in tomllib.loads(file.read_text()).get("case", []):
                vignette = read_case(file.stem, entry)
                if vignette.id in cases:
                    raise RulebookError(f"{file.name}: case {vignette.id!r} is there twice")
                cases[vignette.id] = vignette
    return list(cases.values()), rest


def read_case(group: str, entry: Mapping[str, Any]) -> Vignette:
    """One case as its file gives it. Raises RulebookError where it cannot be read."""
    given: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    try:
        given |= {
            "level": Triage(given["level"]),
            "also_fine": tuple(Triage(level) for level in given.get("also_fine", ())),
        }
        vignette = Vignette(group=group, **given)
    except (KeyError, ValueError, TypeError) as error:
        raise RulebookError(f"{group}: case {entry.get('id')!r}: {error}") from error
    if vignette.kind not in KINDS:
        raise RulebookError(f"{group}: case {vignette.id!r} is of the unknown kind {vignette.kind!r}")
    return vignette


def walk(rulebook: Rulebook, said: Mapping[str, Any], rest: Rest) -> dict[str, Answer]:
    """All answers up to the end of the questionnaire, one question after the other."""
    answers: dict[str, Answer] = {}
    while question := next_question(rulebook, answers):
        answers[question.id] = question.accept(said.get(question.id, rest.to(question)))
    return answers


def judge(rulebook: Rulebook, vignette: Vignette, rest: Rest) -> Judged:
    """Run a case both ways."""
    told = accept_answers(rulebook.questions, dict(vignette.answers))
    if vignette.exactly:
        outcome = assess(rulebook, told)
        return Judged(vignette=vignette, walked=outcome, handed=outcome, n_asked=len(told))
    asked = walk(rulebook, told, rest)
    given = {question: answer for question, answer in asked.items() if question not in vignette.left_open}
    handed = accept_answers(rulebook.questions, given | told)
    return Judged(
        vignette=vignette, walked=assess(rulebook, given), handed=assess(rulebook, handed), n_asked=len(asked)
    )


@dataclass(frozen=True, kw_only=True)
class Tally:
    """So many of so many."""

    name: str
    n_good: int
    n_all: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None of nothing."""
        return self.n_good / self.n_all if self.n_all else None


def tally(judged: Iterable[Judged]) -> list[Tally]:
    """The figures of the report, in its order."""
    every = list(judged)
    emergencies = [one for one in every if one.vignette.level is Triage.EMERGENCY]
    serious = [one for one in every if one.vignette.kind == "must_not_miss"]
    benign = [one for one in every if one.vignette.kind == "benign"]
    at_home = [one for one in benign if one.vignette.level is Triage.SELF_CARE]
    named = [one for one in every if one.vignette.cause and one.handed.level != Triage.EMERGENCY]
    return [
        _count("triage acceptable", every, lambda one: one.is_right),
        _count("emergencies at least same day", emergencies, lambda one: one.is_safe),
        _count("emergencies as emergency", emergencies, lambda one: one.handed.level == Triage.EMERGENCY),
        _count("must-not-miss safe", serious, lambda one: one.is_safe),
        _count("benign sent too high", benign, lambda one: one.is_too_high),
        _count("self-care kept", at_home, lambda one: one.handed.level == Triage.SELF_CARE),
        _count("right cause among three", named, lambda one: one.is_cause_found),
    ]


def _count(name: str, entries: list[Judged], holds: Any) -> Tally:
    return Tally(name=name, n_good=sum(map(holds, entries)), n_all=len(entries))


def by_group(judged: Iterable[Judged]) -> dict[str, list[Judged]]:
    """The cases of each group, by name."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.vignette.group].append(one)
    return dict(sorted(groups.items()))
