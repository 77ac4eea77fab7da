"""All that the page of an attempt shows, as plain values: the page draws them, the API gives them as they are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Min, TextField
from django.db.models.functions import Cast

from assessments.engine.instruments import Movement
from tracker.domain import trial_policy as policy
from tracker.domain.adherence import Adherence, adherence
from tracker.models import TreatmentAttempt, TreatmentDay, Verdict
from tracker.services import history, questionnaires
from tracker.services import verdict_words as words
from tracker.services.adherences import from_logs
from tracker.services.treatments import LONGEST_TRIAL
from tracker.services.verdict_figures import Figures, figures

SHOWN_BEFORE = 28  # days of the picture
SHOWN_AFTER_STOP = 14
FUNCTION, GLOBAL = "peg", "global_change"
FUNCTION_BEFORE = 35  # days before the start in which an answer still tells of the time before
MUCH_BETTER, SAME, WORSE_FROM = 2, 4, 5  # answers of the global impression of change

Outcome = Verdict.Outcome


class Night(NamedTuple):
    pk: int
    as_of: str  # only told apart: to make dates of a year of nights takes longer than to read them
    outcome: str
    reason: str


WHAT_IT_SAYS = attrgetter("outcome", "reason")


@dataclass(frozen=True, kw_only=True)
class Side:
    """The plain log of the days before or with the treatment, as far as the picture goes."""

    first: date
    last: date
    n_days: int
    n_logged: int
    mean: float | None  # of the daily means, one decimal
    low: int | None
    high: int | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """A night on which the outcome or its reason became another."""

    as_of: date
    badge: str
    tone: str
    day: int
    outcome: str
    reason: str
    change: float | None
    chance_in_20: int | None
    n_nights: int  # how many nights in a row said so


@dataclass(frozen=True, kw_only=True)
class Function:
    """What the pain keeps the patient from: the weekly score, as it was before and is now. Higher is worse."""

    before: float
    before_on: date
    now: float
    now_on: date
    movement: str  # of Movement; empty where it cannot be told


@dataclass(frozen=True, kw_only=True)
class GlobalChange:
    """The patient's own word on the whole, from 1 (very much better) to 7."""

    answered_on: date
    answer: int
    words: str


@dataclass(kw_only=True)
class Overview:
    attempt: TreatmentAttempt
    today: date

    @property
    def verdict(self) -> Verdict | None:
        """The newest."""
        return self._told[self.nights[-1].pk] if self.nights else None

    @cached_property
    def nights(self) -> list[Night]:
        """What was said, oldest first."""
        # not through the attempt, which may hold its newest verdict alone
        rows = Verdict.objects.filter(attempt=self.attempt).order_by("as_of", "pk")
        return [Night(*row) for row in rows.values_list("pk", Cast("as_of", TextField()), "outcome", "reason")]

    @cached_property
    def others(self) -> list[TreatmentAttempt]:
        if self.verdict is None or not self.verdict.confounded_with:
            return []
        near = self.attempt.patient.attempts.filter(uuid__in=self.verdict.confounded_with)
        return list(near.select_related("treatment_type").order_by("started_on", "pk"))

    @cached_property
    def beside(self) -> list[TreatmentAttempt]:
        """Others that came or went in the days that the verdict reads: it sets aside what they seem to do."""
        if self.verdict is None:
            return []
        patient, last = self.attempt.patient, self.verdict.as_of
        first = self.attempt.started_on - timedelta(days=policy.HISTORY_DAYS)
        log = patient.pain_entries.filter(local_date__gte=first).aggregate(first=Min("local_date"))["first"] or last
        others = patient.attempts.exclude(pk=self.attempt.pk).filter(started_on__lte=last)
        return [
            other
            for other in others.select_related("treatment_type").order_by("started_on", "pk")
            if self._is_apart(other, log, last)
        ]

    @property
    def picture(self) -> str:
        """In words."""
        names = list(dict.fromkeys(other.name for other in self.beside))
        during = self.during.mean if self.during else None
        return words.picture(self.figures, before=self.before.mean, during=during, beside=names)

    @cached_property
    def figures(self) -> Figures | None:
        return figures(self.verdict, self.attempt) if self.verdict else None

    @cached_property
    def said(self) -> words.Sentences:
        return words.sentences(self.verdict, self.attempt, self.others)

    @property
    def has_begun(self) -> bool:
        return self.attempt.started_on <= self.today

    @property
    def first(self) -> date:
        return self.attempt.started_on - timedelta(days=SHOWN_BEFORE)

    @property
    def last(self) -> date:
        stop = self.attempt.stopped_on
        return min(self.today, stop + timedelta(days=SHOWN_AFTER_STOP)) if stop else self.today

    @property
    def used_until(self) -> date:
        """The last day with the treatment that counts."""
        last = self.attempt.judged_until
        until = min(last - timedelta(days=1), self.last) if last else self.last
        if self.figures and self.figures.is_cut_short:
            until = min(until, self.attempt.started_on + timedelta(days=self.figures.day - 1))
        return max(min(until, self.attempt.started_on + timedelta(days=LONGEST_TRIAL)), self.attempt.started_on)

    @cached_property
    def days(self) -> Sequence[Sequence[Any]]:
        """Rows of domain.periods.Day, of the pain that the attempt is for."""
        return history.days(patient=self.attempt.patient, first=self.first, last=self.last, site=self.attempt.site)

    @cached_property
    def before(self) -> Side:
        return self._side(self.first, self.attempt.started_on - timedelta(days=1))

    @cached_property
    def during(self) -> Side | None:
        return self._side(self.attempt.started_on, self.used_until) if self.has_begun else None

    @cached_property
    def changes(self) -> list[Change]:
        """Newest first."""
        return [_change(self.attempt, self._told[run[0].pk], run) for run in reversed(self._runs)]

    @cached_property
    def adherence(self) -> Adherence:
        states = Counter(self._said_of_days.values())
        told = adherence(
            n_done=states[TreatmentDay.State.DONE],
            n_missed=states[TreatmentDay.State.MISSED],
            days_a_week=self.attempt.days_a_week,
        )
        return told if told.n_said else from_logs([self.attempt], on=self.today).get(self.attempt.pk, told)

    @property
    def said_of_today(self) -> str:
        """What was said of today, done or missed; empty if nothing was."""
        state = self._said_of_days.get(self.today, "")
        return "" if state == TreatmentDay.State.PAUSED else state

    @property
    def is_in_use(self) -> bool:
        return self.has_begun and self.attempt.judged_until is None

    @cached_property
    def function(self) -> Function | None:
        """None unless it was answered both before the start and since."""
        start, patient = self.attempt.started_on, self.attempt.patient
        first = start - timedelta(days=FUNCTION_BEFORE)
        course = questionnaires.course(patient, FUNCTION, first=first, last=self.used_until)
        before, since = [p for p in course if p.on <= start], [p for p in course if p.on > start]
        if not before or not since:
            return None
        then, now = before[-1], since[-1]
        score = questionnaires.instrument_of(FUNCTION).main_score
        movement = questionnaires.movement(score, earlier=then.value, now=now.value)
        return Function(
            before=then.value,
            before_on=then.on,
            now=now.value,
            now_on=now.on,
            movement=movement.value if movement else "",
        )

    @cached_property
    def global_change(self) -> GlobalChange | None:
        response = self.attempt.responses.filter(instrument=GLOBAL).newest_first().first()
        if response is None:
            return None
        answer = response.answers["compared"]
        item = questionnaires.instrument_of(GLOBAL).items[0]
        return GlobalChange(answered_on=response.local_date, answer=answer, words=item.words(answer))

    @property
    def disagreements(self) -> list[str]:
        """Where function or the patient's own word points elsewhere than the pain: keys of `words.DISAGREE`."""
        if self.figures is None:
            return []
        outcome, found = self.figures.outcome, []
        if self.function:
            better = self.function.movement == Movement.BETTER
            worse = self.function.movement == Movement.WORSE
            if better and outcome in (Outcome.NOT_WORKING, Outcome.WORSE):
                found.append("function_better")
            if worse and outcome == Outcome.WORKING:
                found.append("function_worse")
        if self.global_change:
            answer = self.global_change.answer
            if answer <= MUCH_BETTER and outcome in (Outcome.NOT_WORKING, Outcome.WORSE):
                found.append("feels_better")
            if answer >= WORSE_FROM and outcome == Outcome.WORKING:
                found.append("feels_worse")
            if answer == SAME and outcome == Outcome.WORKING:
                found.append("feels_same")
        return found

    @cached_property
    def _runs(self) -> list[list[Night]]:
        """Nights in a row that said the same."""
        return [list(run) for _says, run in groupby(self.nights, key=WHAT_IT_SAYS)]

    @cached_property
    def _told(self) -> dict[int, Verdict]:
        """The newest verdict, and the first of each run of nights."""
        return Verdict.objects.in_bulk([*(run[0].pk for run in self._runs), self.nights[-1].pk])

    @cached_property
    def _said_of_days(self) -> dict[date, str]:
        return dict(self.attempt.days.order_by().values_list("local_date", "state"))

    def _is_apart(self, other: TreatmentAttempt, log: date, last: date) -> bool:
        """As domain.verdict_together has it, in short. `log`: the first day that is read."""
        stop, start = other.judged_until, self.attempt.started_on
        if abs((other.started_on - start).days) < policy.PAIR_GAP_DAYS:
            return False
        went = stop is not None and log < stop <= last
        knows_days_without = (other.started_on - log).days >= policy.MIN_BASELINE_DAYS
        if stop and other.started_on < start and abs((stop - start).days) < policy.MIXED_GAP_DAYS:
            return knows_days_without  # else it gave way, and what follows is all there is to judge
        return (other.started_on > log or went) and (stop is None or stop > log)

    def _side(self, first: date, last: date) -> Side:
        rows = [row for row in self.days if first <= row[0] <= last]
        means = [mean for _day, _low, _high, mean, _n in rows]
        return Side(
            first=first,
            last=last,
            n_days=(last - first).days + 1,
            n_logged=len(rows),
            mean=round(sum(means) / len(means), 1) if means else None,
            low=min((row[1] for row in rows), default=None),
            high=max((row[2] for row in rows), default=None),
        )


def _change(attempt: TreatmentAttempt, verdict: Verdict, run: Sequence[Night]) -> Change:
    told = figures(verdict, attempt)
    return Change(
        as_of=told.as_of,
        badge=words.badge(verdict),
        tone=words.tone(verdict),
        day=told.day,
        outcome=told.outcome,
        reason=told.reason,
        change=told.change,
        chance_in_20=told.chance_in_20,
        n_nights=len({night.as_of for night in run}),
    )
