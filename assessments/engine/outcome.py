"""From answers to an outcome: triage by hard rules, then possible causes below it, then what is safe at home.

Pure and deterministic: the same answers and rule book give the same JSON, whatever the order of the answers.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from assessments.engine.findings import UNSURE, Expression, Reading, State
from assessments.engine.questionnaire import Answer, Answers, Question
from assessments.engine.rulebook import CauseRule, Named, Rulebook, SelfCareMeasure, Triage, UrgencyRule

# How causes are shown. Expert consensus, to be reviewed by a clinician.
FEWEST_ANSWERED = 3  # items of a cause that must be answered before it is shown
FEWEST_POINTS = 2  # one weak sign alone names no cause
LEAST_POINTS_IF_POINTED = 1  # unless a fired rule points to it
MOST_CAUSES = 4
FITS_WELL = 0.6  # share of the points that could be reached on the answered items
FITS_PARTLY = 0.3

# Why a comfort is held back, where no finding says it.
WAIT_FOR_CLINICIAN = "wait until a clinician has seen you"
UNSAFE_IS_OPEN = "a question about its safety is open or unsure"


@dataclass(frozen=True, kw_only=True)
class Said:
    """A finding in words, with the answers behind it."""

    finding: str
    text: str
    state: str
    answers: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class FiredRule:
    """A rule that holds (or stayed open), why, and where that comes from."""

    rule: str
    title: str
    level: str
    because: str
    say: str
    findings: tuple[Said, ...]
    refer_to: tuple[dict[str, str], ...]
    ask_about: tuple[dict[str, str], ...]
    source: str
    reviewed: str
    review_needed: str
    evidence: tuple[dict[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Match:
    """A possible cause: what fits, what speaks against, what is not known."""

    id: str
    title: str
    about: str
    course: str
    band: str
    fits: tuple[str, ...]
    against: tuple[str, ...]
    not_found: tuple[str, ...]
    unanswered: tuple[str, ...]
    refer_to: tuple[dict[str, str], ...]
    ask_about: tuple[dict[str, str], ...]
    source: str
    review_needed: str


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A question as it was asked, with the answer in words: they stand even when the rule book is another one."""

    question: str
    text: str
    words: tuple[str, ...]
    not_ticked: tuple[str, ...]
    critical: bool


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Everything a result page shows. `incomplete`: a critical question is open, so self-care is not on offer."""

    level: str
    incomplete: bool
    crisis: bool
    headline: str
    act: str
    within: str
    check_again_days: int
    say: tuple[str, ...]
    fired: tuple[FiredRule, ...]
    unsettled: tuple[FiredRule, ...]
    not_assessed: tuple[dict[str, str], ...]
    causes: tuple[Match, ...]
    unknown_cause: str
    refer_to: tuple[dict[str, str], ...]
    ask_about: tuple[dict[str, str], ...]
    self_care: tuple[dict[str, Any], ...]
    avoid: tuple[dict[str, Any], ...]
    safety_net: tuple[str, ...]
    note: str
    answers: dict[str, Any]
    answered: tuple[Answered, ...]
    rulebook_version: str

    def as_dict(self) -> dict[str, Any]:
        """Plain lists and dicts, as JSON gives them back."""
        return dict(json.loads(self.to_json()))

    def to_json(self) -> str:
        """The same bytes for the same answers and rule book."""
        return json.dumps(asdict(self), sort_keys=True)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How many questions are answered, of how many as far as is known now."""

    n_answered: int
    n_expected: int


def next_question(rulebook: Rulebook, answers: Answers) -> Question | None:
    """The first question that applies and is not answered; None at the end, or as soon as an emergency is certain.

    What an alarm answer has opened comes before all else, also where that answer was known from the start.
    """
    reading = rulebook.read(answers)
    if any(_ends_questions(rule) and _holds(reading, rule) for rule in rulebook.urgency_rules):
        return None
    waiting = [
        question
        for question in rulebook.questions.values()
        if question.id not in answers and _applies(reading, question)
    ]
    return next((one for one in waiting if one.critical and one.ask_when), next(iter(waiting), None))


def names_emergency(rulebook: Rulebook, answers: Answers) -> bool:
    """Whether an emergency of the body holds, if only until the next answers. Self-harm has help of its own."""
    reading = rulebook.read(answers)
    urgent = (rule for rule in rulebook.urgency_rules if rule.level is Triage.EMERGENCY and not rule.crisis)
    return any(_holds(reading, rule) for rule in urgent)


def progress(rulebook: Rulebook, answers: Answers) -> Progress:
    """Questions opened later can raise the expected number."""
    reading = rulebook.read(answers)
    asked = [
        question for question in rulebook.questions.values() if question.id in answers or _applies(reading, question)
    ]
    return Progress(n_answered=sum(question.id in answers for question in asked), n_expected=len(asked))


def reachable(rulebook: Rulebook, answers: Answers) -> dict[str, Any]:
    """The answers without those to questions that no longer apply (an earlier answer was changed)."""
    kept = dict(answers)
    for question in rulebook.questions.values():
        if question.id in kept and not _applies(rulebook.read(kept), question):
            del kept[question.id]
    return kept


@dataclass(frozen=True, kw_only=True)
class Triaged:
    """How soon, and why: the rules that fired, those that stayed unsure, the critical questions without an answer."""

    level: Triage
    fired: list[UrgencyRule]
    unsettled: list[UrgencyRule]
    gaps: list[Question]


def triage(rulebook: Rulebook, reading: Reading) -> Triaged:
    """The highest level of any fired rule. Anything open keeps it at routine at least: not answered is never no."""
    states = [(rule, reading.state(rule.expression)) for rule in rulebook.urgency_rules]
    fired = [rule for rule, state in states if _counts(rule, state)]
    unsettled = [rule for rule, state in states if _stays_unsure(rule, state)]
    gaps = [question for question in rulebook.questions.values() if _is_gap(reading, question)]
    lowest = Triage.ROUTINE if gaps or unsettled else Triage.SELF_CARE
    level = max([lowest, *(rule.level for rule in fired)], key=lambda level: level.rank)
    fired.sort(key=lambda rule: -rule.level.rank)
    return Triaged(level=level, fired=fired, unsettled=unsettled, gaps=gaps)


def assess(rulebook: Rulebook, answers: Answers) -> Outcome:
    """The outcome of accepted answers (see `questionnaire.accept_answers`)."""
    answers = {question_id: answers[question_id] for question_id in rulebook.questions if question_id in answers}
    reading = rulebook.read(answers)
    triaged = triage(rulebook, reading)
    level, fired, gaps = triaged.level, triaged.fired, triaged.gaps
    ends_here = level is Triage.EMERGENCY or any(rule.ends_questions for rule in fired)
    matches = [] if ends_here else rank_causes(rulebook, reading, fired, level=level)
    offered, withheld = ([], []) if ends_here else _self_care(rulebook, reading, level=level)
    words = rulebook.levels[level]
    sources: list[UrgencyRule | CauseRule] = list(fired)
    if level.rank <= Triage.ROUTINE.rank:
        sources += [cause for cause, match in matches if match.band != "fits_little"]
    return Outcome(
        level=level.value,
        incomplete=bool(gaps),
        crisis=any(rule.crisis for rule in fired),
        headline=words.headline,
        act=words.act,
        within=words.within,
        check_again_days=words.check_again_days,
        say=tuple(_words_for_the_phone(rule for rule in fired if rule.level is level)),
        fired=tuple(_explain(rulebook, reading, rule) for rule in fired),
        unsettled=tuple(_explain(rulebook, reading, rule) for rule in triaged.unsettled),
        not_assessed=tuple({"question": question.id, "text": question.text} for question in gaps),
        causes=tuple(match for _, match in matches),
        unknown_cause="" if ends_here else rulebook.unknown_cause,
        refer_to=_named(rulebook.specialists, (name for source in sources for name in source.refer_to)),
        ask_about=_named(rulebook.investigations, _worth_asking(sources)),
        self_care=tuple(offered),
        avoid=tuple(withheld),
        safety_net=rulebook.safety_net,
        note=rulebook.note,
        answers=answers,
        answered=tuple(_as_asked(rulebook.questions[key], answer) for key, answer in answers.items()),
        rulebook_version=rulebook.version,
    )


def _words_for_the_phone(rules: Iterable[UrgencyRule]) -> list[str]:
    """What is certain is said alone: that something else is still open would only blur it."""
    speaking = [rule for rule in rules if rule.say]
    certain = [rule for rule in speaking if not rule.provisional]
    return [rule.say for rule in speaking if rule in certain or rule.crisis or not certain]


def _as_asked(question: Question, answer: Answer) -> Answered:
    """The ticks that were not set are an answer too."""
    ticked = answer if isinstance(answer, list) else None
    left = () if ticked is None else [one.text for one in question.options if one.id not in (*ticked, UNSURE)]
    words = tuple(question.words(answer))
    return Answered(
        question=question.id, text=question.text, words=words, not_ticked=tuple(left), critical=question.critical
    )


def _applies(reading: Reading, question: Question) -> bool:
    return reading.asked(question.id) in (State.YES, State.UNSURE)


def _is_gap(reading: Reading, question: Question) -> bool:
    """A critical question without an answer, unless it is compound and all that it would open was told."""
    if not question.critical or question.id in reading.answers or not _applies(reading, question):
        return False
    return not question.compound or any(part not in reading.answers for part in reading.opened_by(question.id))


def _holds(reading: Reading, rule: UrgencyRule) -> bool:
    return _counts(rule, reading.state(rule.expression))


def _counts(rule: UrgencyRule, state: State) -> bool:
    return state is State.YES or (state is State.UNSURE and rule.unsure_as is State.YES)


def _stays_unsure(rule: UrgencyRule, state: State) -> bool:
    """An unsure alarm sign that does not count as yes: it bars self-care and is named in the result."""
    return state is State.UNSURE and rule.unsure_as is not State.YES and rule.level.rank > Triage.ROUTINE.rank


def _ends_questions(rule: UrgencyRule) -> bool:
    return rule.ends_questions or (rule.level is Triage.EMERGENCY and not rule.provisional)


def _explain(rulebook: Rulebook, reading: Reading, rule: UrgencyRule) -> FiredRule:
    provenance = rule.provenance
    speaking = [name for name in rule.findings if reading.finding(name) in (State.YES, State.UNSURE)]
    return FiredRule(
        rule=rule.id,
        title=rule.title,
        level=rule.level.value,
        because=rule.because,
        say=rule.say,
        findings=tuple(_said(rulebook, reading, name) for name in (*speaking, *rule.without)),
        refer_to=_named(rulebook.specialists, rule.refer_to),
        ask_about=_named(rulebook.investigations, rule.ask_about),
        source=provenance.source,
        reviewed=provenance.reviewed,
        review_needed=provenance.review_needed,
        evidence=tuple(asdict(figure) for figure in provenance.evidence),
    )


def _said(rulebook: Rulebook, reading: Reading, finding_id: str) -> Said:
    finding = rulebook.findings[finding_id]
    return Said(
        finding=finding_id,
        text=finding.text,
        state=reading.finding(finding_id).value,
        answers=tuple(_answers_behind(rulebook, reading, finding.when)),
    )


def _answers_behind(rulebook: Rulebook, reading: Reading, expression: Expression) -> Iterable[dict[str, Any]]:
    for question_id in reading.questions_behind(expression):
        if question_id in reading.answers:
            answer = reading.answers[question_id]
            words = rulebook.questions[question_id].words(answer)
            yield {"question": question_id, "answer": answer, "words": words}


def _named(catalogue: Mapping[str, Named], ids: Iterable[str]) -> tuple[dict[str, str], ...]:
    return tuple(asdict(catalogue[name]) for name in dict.fromkeys(ids))


def _worth_asking(sources: Iterable[UrgencyRule | CauseRule]) -> list[str]:
    """'Usually no test' stands only where no source names a test."""
    names = [name for source in sources for name in source.ask_about]
    return [name for name in names if name != "none"] or names


def rank_causes(
    rulebook: Rulebook, reading: Reading, fired: Iterable[UrgencyRule], *, level: Triage
) -> list[tuple[CauseRule, Match]]:
    """At most four causes: first those that a fired rule points to, then by weight of what fits."""
    pointed = {cause_id for rule in fired for cause_id in rule.points_to}
    scored = []
    for cause in rulebook.causes:
        if all(reading.finding(name) is State.YES for name in cause.requires):
            is_pointed = cause.id in pointed
            share, points = score(reading, cause, fewest_answered=1 if is_pointed else FEWEST_ANSWERED)
            if points >= (LEAST_POINTS_IF_POINTED if is_pointed else FEWEST_POINTS):
                scored.append((cause, share, points))
    scored.sort(key=lambda entry: (entry[0].id not in pointed, -entry[1], -entry[2], entry[0].id))
    if level.rank > Triage.ROUTINE.rank:
        scored = _others_first(scored)
    return [(cause, _match(rulebook, reading, cause, share)) for cause, share, _ in scored[:MOST_CAUSES]]


def _others_first(scored: list[tuple[CauseRule, float, float]]) -> list[tuple[CauseRule, float, float]]:
    """While an alarm sign is open, a sensitised pain system may stand beside another cause, never first or alone."""
    if not scored or not scored[0][0].never_first_when_flagged:
        return scored
    others = [entry for entry in scored if not entry[0].never_first_when_flagged]
    held_back = [entry for entry in scored if entry[0].never_first_when_flagged]
    return [*others[:1], *held_back, *others[1:]] if others else []


def score(reading: Reading, cause: CauseRule, *, fewest_answered: int = FEWEST_ANSWERED) -> tuple[float, float]:
    """(share of the reachable points, points); zero when too few items are answered."""
    answered = [weight for weight in cause.weights if reading.is_answered(weight.finding)]
    reach = sum(weight.points for weight in answered if weight.points > 0)
    if len(answered) < fewest_answered or reach <= 0:
        return 0.0, 0.0
    points = sum(weight.points for weight in answered if reading.finding(weight.finding) is State.YES)
    return points / reach, points


def _match(rulebook: Rulebook, reading: Reading, cause: CauseRule, share: float) -> Match:
    said: dict[str, list[str]] = defaultdict(list)
    for weight in cause.weights:
        said[_place(reading, weight.finding, weight.points)].append(rulebook.findings[weight.finding].text)
    return Match(
        id=cause.id,
        title=cause.title,
        about=cause.about,
        course=cause.course,
        band="fits_well" if share >= FITS_WELL else "fits_partly" if share >= FITS_PARTLY else "fits_little",
        fits=tuple(said["fits"]),
        against=tuple(said["against"]),
        not_found=tuple(said["not_found"]),
        unanswered=tuple(said["unanswered"]),
        refer_to=_named(rulebook.specialists, cause.refer_to),
        ask_about=_named(rulebook.investigations, cause.ask_about),
        source=cause.provenance.source,
        review_needed=cause.provenance.review_needed,
    )


def _place(reading: Reading, finding_id: str, points: float) -> str:
    """The list an item belongs to. `absent` (nothing speaks against) is not shown: it is no argument for a cause."""
    if not (reading.is_answered(finding_id) or reading.is_denied(finding_id)):
        return "unanswered"
    if reading.finding(finding_id) is State.YES:
        return "fits" if points > 0 else "against"
    return "not_found" if points > 0 else "absent"


def _self_care(
    rulebook: Rulebook, reading: Reading, *, level: Triage
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(offered, withheld with reasons). A measure is offered only when every contraindication is a settled no."""
    offered: list[dict[str, Any]] = []
    withheld: list[dict[str, Any]] = []
    for measure in rulebook.self_care:
        if any(reading.finding(name) is not State.YES for name in measure.only_when):
            continue
        barred = [name for name in measure.not_when if reading.finding(name) is not State.NO]
        if level.rank > measure.up_to.rank:
            withheld.append({"id": measure.id, "title": measure.title, "because": [WAIT_FOR_CLINICIAN]})
        elif barred:
            withheld.append({"id": measure.id, "title": measure.title, "because": _reasons(rulebook, reading, barred)})
        else:
            offered.append(_offer(rulebook, measure))
    return offered, withheld


def _reasons(rulebook: Rulebook, reading: Reading, barred: list[str]) -> list[str]:
    known = [rulebook.findings[name].text for name in barred if reading.finding(name) is State.YES]
    return known or [UNSAFE_IS_OPEN]


def _offer(rulebook: Rulebook, measure: SelfCareMeasure) -> dict[str, Any]:
    return {
        "id": measure.id,
        "title": measure.title,
        "how": measure.how,
        "evidence": measure.evidence_words,
        "stop_when": measure.stop_when,
        "not_for": [rulebook.findings[name].text for name in measure.not_when],
        "source": measure.provenance.source,
        "review_needed": measure.provenance.review_needed,
    }
