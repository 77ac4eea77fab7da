"""Check-ups: start, answer, finish. Runs in the request; nothing here is queued or mailed."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.timezone import localdate

from assessments.engine.loading import standard_rulebook
from assessments.engine.outcome import Progress, assess, names_emergency, reachable
from assessments.engine.outcome import next_question as engine_next_question
from assessments.engine.outcome import progress as engine_progress
from assessments.engine.questionnaire import Answer, AnswerError, Question, accept_answers
from assessments.engine.rulebook import Triage
from assessments.models import Assessment

# Questions whose answers in an earlier check-up are likely to hold still: how the pain came to be, and the person.
LASTING = ("age", "history", "inflamed", "sensitive", "stomach")


class CheckupOff(Exception):
    """The operator has switched check-ups off."""


class AlreadyFinished(Exception):
    """A finished check-up is never changed."""


class OtherRulebook(Exception):
    """Another version of the rule book worked out this result: it stands, and is not worked out again."""


class NotFinished(Exception):
    """There is no result yet."""


def is_on() -> bool:
    """Whether the operator offers check-ups."""
    return bool(settings.EBB_CHECKUP)


@dataclass(frozen=True, kw_only=True)
class ToldBefore:
    """What is known of a person by question. `settled` counts as answered; `likely` only waits where it is asked."""

    settled: Mapping[str, Any] = field(default_factory=dict)
    likely: Mapping[str, Any] = field(default_factory=dict)


NOTHING_TOLD = ToldBefore()


@transaction.atomic
def start(
    *,
    by: Any,
    at: datetime,
    uuid: UUID | None = None,
    known: Mapping[str, Any] | None = None,
    told: ToldBefore = NOTHING_TOLD,
) -> Assessment:
    """Open a check-up, with answers given already. The same uuid again gives the same check-up.

    `told`: what the person told before. It is filled in, said to be so, and can be changed.
    """
    if not is_on():
        raise CheckupOff
    rulebook = standard_rulebook()
    given = accept_answers(rulebook.questions, known or {})
    settled, likely = _fitting(rulebook.questions, told.settled), _fitting(rulebook.questions, told.likely)
    assessment, _ = by.assessments.get_or_create(
        uuid=uuid or uuid4(),
        defaults={
            "answers": settled | given,
            "prefilled": {key: answer for key, answer in (likely | settled).items() if key not in given},
            "rulebook_version": rulebook.version,
            "started_at": at,
        },
    )
    return assessment


@transaction.atomic
def start_anew(
    *, by: Any, at: datetime, known: Mapping[str, Any] | None = None, told: ToldBefore = NOTHING_TOLD
) -> Assessment:
    """Open a check-up and throw away those that were begun and not finished."""
    if not is_on():
        raise CheckupOff
    by.assessments.unfinished().delete()
    return start(by=by, at=at, known=known, told=told)


@transaction.atomic
def discard(*, by: Any, uuid: UUID) -> None:
    """Throw away a check-up that was begun and not finished."""
    assessment = by.assessments.select_for_update().get(uuid=uuid)
    if assessment.finished_at:
        raise AlreadyFinished
    assessment.delete()


@transaction.atomic
def correct(*, by: Any, uuid: UUID, at: datetime) -> Assessment:
    """Open a new check-up that begins with the answers of a finished one, which itself stays as it is."""
    finished = by.assessments.finished().get(uuid=uuid)
    opened = start_anew(by=by, at=at)
    return answer(by=by, uuid=opened.uuid, answers=answers_of(finished))


@transaction.atomic
def answer(*, by: Any, uuid: UUID, answers: Mapping[str, Any]) -> Assessment:
    """Add or change answers; None takes one back. What an earlier answer no longer opens is dropped."""
    assessment = by.assessments.select_for_update().get(uuid=uuid)
    if assessment.finished_at:
        raise AlreadyFinished
    rulebook = standard_rulebook()
    kept = {key: value for key, value in answers_of(assessment).items() if answers.get(key, value) is not None}
    given = {key: value for key, value in answers.items() if value is not None}
    accepted = accept_answers(rulebook.questions, given)
    assessment.answers = reachable(rulebook, kept | accepted)
    assessment.prefilled = {key: told for key, told in assessment.prefilled.items() if key not in answers}
    assessment.rulebook_version = rulebook.version
    assessment.save(update_fields=["answers", "prefilled", "rulebook_version"])
    return assessment


@transaction.atomic
def finish(*, by: Any, uuid: UUID, at: datetime) -> Assessment:
    """Work out the result and keep it as it is. Finishing twice changes nothing."""
    assessment = by.assessments.select_for_update().get(uuid=uuid)
    if assessment.finished_at:
        return assessment
    outcome = assess(standard_rulebook(), answers_of(assessment))
    assessment.outcome = outcome.as_dict()
    assessment.answers = outcome.answers
    assessment.level = outcome.level
    assessment.rulebook_version = outcome.rulebook_version
    assessment.finished_at = at
    assessment.check_again_on = localdate(at) + timedelta(days=outcome.check_again_days)
    assessment.save()
    return assessment


@transaction.atomic
def mark_seen_by_clinician(*, by: Any, uuid: UUID, at: datetime) -> Assessment:
    """The patient says that a clinician has seen them. Every result up to this one counts as seen."""
    assessment = by.assessments.select_for_update().get(uuid=uuid)
    if not assessment.finished_at:
        raise NotFinished
    earlier = by.assessments.finished().filter(finished_at__lte=assessment.finished_at)
    earlier.filter(clinician_seen_at__isnull=True).update(clinician_seen_at=at)
    assessment.refresh_from_db()
    return assessment


@transaction.atomic
def bring_back(*, by: Any, at: datetime, uuid: UUID, answers: Any, rulebook_version: str, **kept: Any) -> Assessment:
    """Keep a check-up that was exported. Its result is worked out again, and must be the one that it had.

    `kept`: outcome, level and the instants, as they were stored. Raises AnswerError or OtherRulebook.
    """
    if not is_on():
        raise CheckupOff
    rulebook = standard_rulebook()
    if rulebook_version != rulebook.version:
        raise OtherRulebook
    accepted = accept_answers(rulebook.questions, answers)
    if any(moment is not None and moment > at for name, moment in kept.items() if name.endswith("_at")):
        raise AnswerError("started_at", "has not come yet")
    kept["prefilled"] = _fitting(rulebook.questions, kept.get("prefilled") or {})
    if kept.get("finished_at") is None:
        kept |= {"outcome": None, "level": "", "check_again_on": None}
    elif assess(rulebook, accepted).as_dict() != kept.get("outcome"):
        raise OtherRulebook
    else:
        kept["level"] = kept["outcome"]["level"]
    return by.assessments.create(uuid=uuid, answers=accepted, rulebook_version=rulebook_version, **kept)


def answers_of(assessment: Assessment) -> dict[str, Answer]:
    """The answers of an open check-up that the rule book of today still takes."""
    kept = {}
    for key, question in standard_rulebook().questions.items():
        if key in assessment.answers:
            with suppress(AnswerError):
                kept[key] = question.accept(assessment.answers[key])
    return kept


def filled_in(assessment: Assessment, question: Question) -> Answer | None:
    """What stands in the form of a question: the answer, or what was told before."""
    told = _fitting({question.id: question}, assessment.prefilled)
    return answers_of(assessment).get(question.id, told.get(question.id))


def told_before(user: Any, *, at: datetime) -> ToldBefore:
    """What earlier check-ups know of a person, and what the rest of the house does.

    Settings name the function that knows the rest, since nothing here knows of it.
    """
    knows = getattr(settings, "CHECKUP_KNOWS", "")
    told = import_string(knows)(user, at=at) if knows else NOTHING_TOLD
    earlier = user.assessments.finished().first()
    likely = {key: earlier.answers[key] for key in LASTING if key in earlier.answers} if earlier else {}
    return ToldBefore(settled=told.settled, likely=_together(likely, told.likely))


def _together(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> dict[str, Any]:
    """The later answer counts; ticks add up."""
    lists = {key for key in earlier if isinstance(earlier[key], list) and isinstance(later.get(key), list)}
    return {**earlier, **later, **{key: [*earlier[key], *later[key]] for key in lists}}


def _fitting(questions: Mapping[str, Question], told: Any) -> dict[str, Answer]:
    """What the questions of today take. No critical question is ever answered with no, or none, from before."""
    kept: dict[str, Answer] = {}
    for key in told if isinstance(told, Mapping) else ():
        with suppress(AnswerError, KeyError):
            answer = questions[key].accept(told[key])
            if not (questions[key].critical and answer in ("no", [])):
                kept[key] = answer
    return kept


def is_from_other_rulebook(assessment: Assessment) -> bool:
    """Whether an open check-up was last answered with another version of the questions."""
    return bool(assessment.answers) and assessment.rulebook_version != standard_rulebook().version


def ends_at_once(assessment: Assessment) -> bool:
    """Whether the answers so far name an emergency, or a person in danger: then nothing comes before the result."""
    outcome = assess(standard_rulebook(), answers_of(assessment))
    return outcome.level == Triage.EMERGENCY or (outcome.crisis and next_question(assessment) is None)


def may_be_emergency(assessment: Assessment) -> bool:
    """Whether the answers so far count as an emergency of the body until the next ones are given."""
    return names_emergency(standard_rulebook(), answers_of(assessment))


def next_question(assessment: Assessment) -> Question | None:
    """The question to show now; None when it is time to finish."""
    return engine_next_question(standard_rulebook(), answers_of(assessment))


def question_before(assessment: Assessment, question: Question | None) -> Question | None:
    """The answered question before this one, in the order of the questionnaire (None asks for the last one)."""
    questions = standard_rulebook().questions
    answered = [key for key in questions if key in assessment.answers]
    order = list(questions)
    limit = order.index(question.id) if question else len(order)
    earlier = [key for key in answered if order.index(key) < limit]
    return questions[earlier[-1]] if earlier else None


def progress(assessment: Assessment) -> Progress:
    """How far an open check-up is."""
    return engine_progress(standard_rulebook(), answers_of(assessment))


def before(assessment: Assessment) -> Assessment | None:
    """The check-up that the same person finished last before this one."""
    earlier = assessment.user.assessments.finished().exclude(pk=assessment.pk)
    return earlier.filter(finished_at__lte=assessment.finished_at).first()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the check-ups of a person ask for now. The rows come without answers and outcome."""

    waiting: tuple[Assessment, ...] = ()
    unfinished: Assessment | None = None
    due: Assessment | None = None

    @property
    def rests_exercise(self) -> bool:
        """As `exercise_is_paused`."""
        return bool(self.waiting)

    @property
    def urgent(self) -> Assessment | None:
        """The most urgent, then newest, of those that say to be seen today or now."""
        urgent = [one for one in self.waiting if Triage(one.level).rank >= Triage.SAME_DAY.rank]
        return max(urgent, key=lambda one: (Triage(one.level).rank, one.finished_at), default=None)


def standing(user: Any, *, on: date) -> Standing:
    """Read in one query what is waiting for a clinician, begun and not finished, and due again on this day."""
    if not is_on():
        return Standing()
    rows = list(user.assessments.brief().order_by("-started_at", "-id"))
    finished = sorted((one for one in rows if one.finished_at), key=lambda one: (one.finished_at, one.pk))
    is_due = bool(finished and finished[-1].check_again_on and finished[-1].check_again_on <= on)
    return Standing(
        waiting=tuple(
            one
            for one in finished
            if Triage(one.level).rank >= Triage.WITHIN_DAYS.rank and one.clinician_seen_at is None
        ),
        unfinished=next((one for one in rows if not one.finished_at), None),
        due=finished[-1] if is_due else None,
    )


def exercise_is_paused(user: Any) -> bool:
    """Whether any result still asks to wait with exercise until a clinician has seen the patient."""
    return user.pk in paused_among([user.pk])


def paused_among(users: Iterable[int]) -> set[int]:
    """The same of many people at once, by their keys."""
    waiting = Assessment.objects.waiting_for_clinician().filter(user__in=users)
    return set(waiting.values_list("user", flat=True)) if is_on() else set()


def waiting_for_clinician(users: Iterable[int], *, since: datetime) -> list[Assessment]:
    """Results of within days or worse since then that no clinician has looked at, of many people at once."""
    waiting = Assessment.objects.waiting_for_clinician().filter(user__in=users, finished_at__gte=since)
    return list(waiting.brief().order_by("finished_at", "pk")) if is_on() else []


def unfinished_of(users: Iterable[int], *, since: datetime) -> dict[UUID, Assessment]:
    """Check-ups that were begun since then and never ended, by uuid."""
    begun = Assessment.objects.unfinished().filter(user__in=users, started_at__gte=since)
    return {one.uuid: one for one in begun.brief()} if is_on() else {}
