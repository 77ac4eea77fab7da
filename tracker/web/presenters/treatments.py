"""The list of treatments and the page of one attempt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.models import Advice, Patient, TreatmentAttempt, Verdict
from tracker.services import treatments, verdicts
from tracker.services import verdict_words as words
from tracker.services.verdict_figures import day_of, is_cut_short
from tracker.web import charts
from tracker.web.presenters.advice import AdviceCard, advice_cards, steps
from tracker.web.presenters.timeline import lane

DAYS_BEFORE = 28  # of the picture before and during
DAYS_AFTER_STOP = 14
N_CHANGES = 30  # of outcome, in the history


@dataclass(frozen=True, kw_only=True)
class Item:
    """One attempt in the list."""

    attempt: TreatmentAttempt
    badge: str
    tone: str
    standing: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """A night on which the outcome became another."""

    as_of: date
    badge: str
    tone: str


def attempt_items(patient: Patient, *, today: date) -> list[Item]:
    attempts = patient.attempts.newest_first().select_related("treatment_type", "diagnosis")
    return [
        Item(
            attempt=attempt,
            badge=words.badge(attempt.latest_verdict),
            tone=words.tone(attempt.latest_verdict),
            standing=standing(attempt, today=today),
        )
        for attempt in verdicts.with_latest_verdict(attempts)
    ]


def standing(attempt: TreatmentAttempt, *, today: date) -> str:
    """Where the attempt stands in its trial, in a few words."""
    if attempt.started_on > today:
        return _("planned")
    if attempt.stopped_on and attempt.stopped_on <= today:
        n = (attempt.stopped_on - attempt.started_on).days
        return ngettext("used for %(n)s day", "used for %(n)s days", n) % {"n": n}
    numbers = {"day": day_of(attempt, today), "trial": attempt.trial_days}
    if numbers["day"] > attempt.trial_days:
        return _("day %(day)s, fair trial %(trial)s days") % numbers
    return _("day %(day)s of a fair trial of %(trial)s days") % numbers


@dataclass(kw_only=True)
class AttemptPage:
    attempt: TreatmentAttempt
    today: date

    @cached_property
    def verdict(self) -> Verdict | None:
        return self.attempt.verdicts.first()

    @cached_property
    def others(self) -> list[TreatmentAttempt]:
        if self.verdict is None or not self.verdict.confounded_with:
            return []
        near = self.attempt.patient.attempts.filter(uuid__in=self.verdict.confounded_with)
        return list(near.select_related("treatment_type"))

    @cached_property
    def said(self) -> words.Sentences:
        return words.sentences(self.verdict, self.attempt, self.others)

    @property
    def standing(self) -> str:
        return standing(self.attempt, today=self.today)

    @property
    def steps(self) -> list[str]:
        return steps(self.verdict, self.attempt)

    @property
    def basis(self) -> list[tuple[str, str]]:
        return words.basis(self.verdict, self.attempt, self.others) if self.verdict else []

    @property
    def dots(self) -> SafeString | str:
        chance = self.said.chance
        return charts.dots(chance.n, label=chance.label, tone=self.said.tone) if chance else ""

    @property
    def effect(self) -> SafeString | str:
        verdict = self.verdict
        if not self.said.change or verdict.mcid is None or verdict.baseline == "none":
            return ""
        return charts.effect_plots(
            change=verdict.change,
            low=verdict.change_low,
            high=verdict.change_high,
            mcid=verdict.mcid,
            label=self.said.change,
            tone=self.said.tone,
        )

    @property
    def first(self) -> date:
        return self.attempt.started_on - timedelta(days=DAYS_BEFORE)

    @property
    def last(self) -> date:
        stop = self.attempt.stopped_on
        return min(self.today, stop + timedelta(days=DAYS_AFTER_STOP)) if stop else self.today

    @cached_property
    def days(self) -> list[tuple]:
        """Of the pain that the attempt is for."""
        entries = self.attempt.patient.pain_entries.between(self.first, self.last)
        return list(entries.by_day_at(self.attempt.site) if self.attempt.site else entries.by_day())

    @property
    def chart(self) -> SafeString | str:
        if self.attempt.started_on > self.today:
            return ""
        own = [lane(self.attempt, self.verdict)]
        return charts.range_charts(self.days, first=self.first, last=self.last, lanes=own, mark=self.attempt.started_on)

    @property
    def before_and_during(self) -> str:
        """The plain averages of the days that were judged."""
        start, end = self.attempt.started_on, self.attempt.stopped_on or self.last
        if self.verdict and is_cut_short(self.verdict, self.attempt):
            end = start + timedelta(days=self.verdict.days_passed)
        before = [mean for day, _low, _high, mean, _n in self.days if day < start]
        during = [mean for day, _low, _high, mean, _n in self.days if start <= day <= end]
        if not before or not during:
            return charts.sentence(self.days, first=self.first, last=self.last)
        numbers = {"before": sum(before) / len(before), "during": sum(during) / len(during), "end": date_format(end)}
        return (
            _(
                "The plain average of the logged days was %(before).1f in the four weeks before and %(during).1f from the "
                "start to %(end)s. People often start when pain is at its worst, so the verdict leans towards your usual "
                "level."
            )
            % numbers
        )

    @cached_property
    def changes(self) -> list[Change]:
        """Nights on which the outcome or its reason became another, newest first."""
        nights = self.attempt.verdicts.order_by("as_of", "pk").only("as_of", "outcome", "reason", "attempt_id")
        return list(reversed(list(_changes(nights))))[:N_CHANGES]

    @cached_property
    def advice(self) -> list[AdviceCard]:
        mine = verdicts.open_advice(self.attempt.patient).filter(attempt=self.attempt)
        return advice_cards(mine.select_related("attempt__treatment_type", "attempt__diagnosis", "verdict"))

    @property
    def new_advice(self) -> list[Advice]:
        return [card.advice for card in self.advice if card.advice.state == Advice.State.NEW]

    @cached_property
    def asks_before(self) -> bool:
        return treatments.needs_recall(self.attempt)


def _changes(nights: Iterable[Verdict]) -> Iterable[Change]:
    last = None
    for night in nights:
        if (now := words.badge(night)) != last:
            last = now
            yield Change(as_of=night.as_of, badge=now, tone=words.tone(night))
