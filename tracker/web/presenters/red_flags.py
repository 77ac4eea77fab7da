"""The short alarm questions: what Today says of them, their page, and what follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.forms import BoundField
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from assessments import services as checkups
from tracker.domain.red_flags import Felt
from tracker.models import Patient, RedFlagScreen
from tracker.services import red_flags
from tracker.web.forms.red_flags import ShortSetForm

# As many earlier answers as are looked through for a yes.
MOST_EARLIER = 20
ALARMS = ("yes", "unsure")


@dataclass(frozen=True, kw_only=True)
class Card:
    """What Today says: `offer`, `result` (of a check-up that waits for a clinician) or `later` (one quiet line)."""

    kind: str
    checkup: Any = None
    uuid: UUID | None = None


def card(
    patient: Patient, *, at: datetime, felt: Sequence[Felt], days: Iterable[Any], check_ups: checkups.Standing
) -> Card | None:
    """An urgent result stands at the head of the page already, and a begun check-up too."""
    standing = red_flags.standing(patient=patient, at=at, felt=felt, days=days)
    if standing.entry and check_ups.waiting:
        return None if check_ups.urgent else Card(kind="result", checkup=check_ups.waiting[-1])
    if standing.entry:
        return Card(kind="offer", uuid=uuid4())
    last = standing.last
    is_put_off = last is not None and last.answers is None and localdate(last.answered_at) == localdate(at)
    return Card(kind="later") if is_put_off else None


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """That the same question was answered with yes or unsure before; `is_seen`: a clinician has seen the result."""

    answer: str
    answered_at: datetime
    checkup: Any = None

    @property
    def is_seen(self) -> bool:
        return bool(self.checkup and self.checkup.clinician_seen_at)


@dataclass(frozen=True, kw_only=True)
class Asked:
    question: Any
    field: BoundField
    earlier: Earlier | None = None


@dataclass(kw_only=True)
class QuestionsPage:
    patient: Patient
    at: datetime
    form: ShortSetForm

    @cached_property
    def answered(self) -> list[RedFlagScreen]:
        """Newest first."""
        return list(self.patient.red_flag_screens.answered()[:MOST_EARLIER])

    @property
    def last(self) -> RedFlagScreen | None:
        return next(iter(self.answered), None)

    @cached_property
    def checkups(self) -> dict[UUID, Any]:
        keys = [screen.checkup for screen in self.answered if screen.checkup]
        return {one.uuid: one for one in self.patient.user.assessments.brief().filter(uuid__in=keys)} if keys else {}

    @property
    def asked(self) -> list[Asked]:
        return [
            Asked(question=question, field=self.form[question.id], earlier=self.earlier(question.id))
            for question in red_flags.questions()
        ]

    def earlier(self, question_id: str) -> Earlier | None:
        for screen in self.answered:
            if screen.answers.get(question_id) in ALARMS:
                checkup = self.checkups.get(screen.checkup)
                return Earlier(answer=screen.answers[question_id], answered_at=screen.answered_at, checkup=checkup)
        return None


def key_for(patient: Patient) -> UUID:
    """The questions that were put off last, if they still are; else a key of their own."""
    last = patient.red_flag_screens.newest_first().first()
    return last.uuid if last and last.answers is None else uuid4()


def lines(patient: Patient | None = None) -> dict[str, Any]:
    """The numbers to call, of the region or of all."""
    where = ("", "") if patient is None else (patient.emergency_region, patient.zone)
    found = red_flags.lines(*where)
    return {name: [replace(line, where=_(line.where)) for line in lines] for name, lines in found.items()}


def offline_page() -> dict[str, Any]:
    """The questions for a device without network, with what each answer leads to there."""
    form = ShortSetForm()
    asked = [Asked(question=question, field=form[question.id]) for question in red_flags.questions()]
    return {"asked": asked, "signs": red_flags.safety_net(), "levels": red_flags.levels()} | lines()


def done_page(screen: RedFlagScreen) -> dict[str, Any]:
    """What follows answers that open nothing."""
    said = red_flags.screened(screen)
    unsure = [question for question in red_flags.questions() if question.id in said.unsure and not question.crisis]
    return {"screened": said, "unsure": unsure, "signs": red_flags.safety_net()} | lines(screen.patient)


def next_address(screen: RedFlagScreen) -> tuple[str, list[Any], str]:
    """Name, arguments and query of the page that follows: the check-up that was opened, or what the answers come to."""
    if screen.answers is None:
        return "red_flags", [], ""
    if screen.checkup is None:
        return "red_flags_done", [screen.uuid], ""
    checkup = screen.patient.user.assessments.brief().filter(uuid=screen.checkup).first()
    if checkup is None:
        return "checkup:start", [], ""
    if checkup.finished_at:
        return "checkup:result", [checkup.uuid], ""
    said = red_flags.screened(screen)
    return "checkup:question", [checkup.uuid], "" if said.known or not said.asks else f"?question={said.asks[0]}"
