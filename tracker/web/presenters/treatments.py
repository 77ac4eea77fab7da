"""The page of one attempt. Its numbers are those of `attempt_overview`, its words those of `verdict_words`."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.domain import trial_policy
from tracker.domain.periods import LoggedDays, Step
from tracker.models import Advice, TreatmentAttempt, Verdict
from tracker.services import advice, said_so_far, said_so_far_words, treatments
from tracker.services import verdict_words as words
from tracker.services.attempt_overview import Change, Function, GlobalChange, Overview, Side
from tracker.services.questionnaires import Movement
from tracker.services.verdict_figures import Figures, day_of
from tracker.web import band_plot, charts
from tracker.web.presenters.advice import AdviceCard, NextStep, advice_cards, next_steps, steps
from tracker.web.presenters.timeline import row

N_CHANGES = 8  # of outcome before the rest is folded away


def standing(attempt: TreatmentAttempt, *, today: date) -> str:
    """Where the attempt stands in its trial, in a few words. The first day is day 1."""
    if attempt.started_on > today:
        return _("planned")
    if attempt.stopped_on and attempt.stopped_on <= today:
        n = (attempt.stopped_on - attempt.started_on).days
        return ngettext("used for %(n)s day", "used for %(n)s days", n) % {"n": n}
    if attempt.paused_on:
        return _("paused since %(day)s") % {"day": date_format(attempt.paused_on, "j F")}
    numbers = {"day": day_of(attempt, today), "trial": attempt.trial_days}
    if numbers["day"] > attempt.trial_days:
        return _("day %(day)s, fair trial %(trial)s days") % numbers
    return _("day %(day)s of a fair trial of %(trial)s days") % numbers


@dataclass(kw_only=True)
class AttemptPage:
    attempt: TreatmentAttempt
    today: date
    has_table: bool = False  # written only for who wants to read it

    policy = trial_policy

    @cached_property
    def overview(self) -> Overview:
        return Overview(attempt=self.attempt, today=self.today)

    @property
    def verdict(self) -> Verdict | None:
        return self.overview.verdict

    @property
    def said(self) -> words.Sentences:
        return self.overview.said

    @property
    def figures(self) -> Figures | None:
        return self.overview.figures

    @property
    def standing(self) -> str:
        return standing(self.attempt, today=self.today)

    @cached_property
    def overturned(self) -> str:
        """Asked for only where there is a name that could have been."""
        if self.attempt.diagnosis_id is None:
            return ""
        with_outcome = said_so_far.with_diagnosis_outcome(self.attempt.patient.attempts.select_related("diagnosis"))
        return said_so_far_words.of_attempt(with_outcome.get(pk=self.attempt.pk))

    @property
    def steps(self) -> list[str]:
        return steps(self.verdict, self.attempt)

    @property
    def labels(self) -> list[str]:
        return words.labels(self.figures)

    @property
    def basis(self) -> list[tuple[str, str]]:
        return words.basis(self.verdict, self.attempt, self.overview.others) if self.verdict else []

    @property
    def settles(self) -> str:
        return words.what_would_settle_it(self.figures) if self.figures else ""

    @property
    def natural_course(self) -> str:
        return words.natural_course()

    @property
    def dots(self) -> SafeString | str:
        chance = self.said.chance
        return charts.dots(chance.n, label=chance.label, tone=self.said.tone) if chance else ""

    @property
    def effect(self) -> SafeString | str:
        told = self.figures
        if told is None or not self.said.change or told.matters is None or told.baseline == "none":
            return ""
        return charts.effect_plots(
            change=told.change,
            low=told.change_low,
            high=told.change_high,
            mcid=told.matters,
            label=self.said.change,
            tone=self.said.tone,
        )

    # Before and during

    @property
    def span(self) -> band_plot.Span:
        overview, start = self.overview, self.attempt.started_on
        return band_plot.Span(
            first=overview.first,
            last=overview.last,
            started_on=start,
            used_until=overview.used_until,
            felt_from=start + timedelta(days=self.attempt.onset_days),
        )

    @property
    def levels(self) -> band_plot.Levels:
        told = self.figures
        if told is None or told.baseline == "none" or told.before is None:
            return band_plot.Levels(raw_before=self.overview.before.mean)
        return band_plot.Levels(
            raw_before=self.overview.before.mean,
            usual_before=told.before,
            matters_below=told.before - told.matters if told.matters else None,
            likely_low=told.likely_low,
            likely_high=told.likely_high,
        )

    @property
    def has_picture(self) -> bool:
        return self.overview.has_begun and bool(self.overview.days)

    @property
    def plot(self) -> SafeString:
        return band_plot.band_plots(self.overview.days, self.span, self.levels, label=self.picture_in_words)

    @property
    def plot_step(self) -> str:
        return {
            Step.DAY: _("one day"),
            Step.WEEK: _("the average of a week"),
            Step.MONTH: _("the average of a month"),
            Step.QUARTER: _("the average of three months"),
            Step.YEAR: _("the average of a year"),
        }[band_plot.step_of(self.span)]

    @property
    def picture_in_words(self) -> str:
        return self.overview.picture

    @property
    def sets_others_aside(self) -> bool:
        return bool(self.overview.beside)

    @property
    def sides(self) -> list[tuple[str, str, str]]:
        """(what, before, with it): the plain log side by side, then what the verdict makes of it."""
        overview, told = self.overview, self.figures
        before, during = overview.before, overview.during
        if during is None:
            return []
        rows = [
            (_("Days"), _days_in_words(before), _days_in_words(during)),
            (_("Logged"), _logged(before), _logged(during)),
            (_("Plain average"), _number(before.mean), _number(during.mean)),
            (_("Lowest to highest"), _range(before), _range(during)),
        ]
        if told and told.before is not None and told.baseline != "none":
            likely = f"{_number(told.likely_low)} – {_number(told.likely_high)}" if told.likely_low is not None else ""
            what = _("Likely level without the others") if self.sets_others_aside else _("Likely usual level")
            rows.append((what, _number(told.before), likely))
        return rows

    @property
    def table(self) -> list[dict[str, str]]:
        """The picture as lines of numbers, newest first: weeks, or what a longer picture is drawn in."""
        step = max(band_plot.step_of(self.span), Step.WEEK, key=list(Step).index)
        return [row(period, step) for period in reversed(LoggedDays(self.overview.days).by(step))]

    # What was said, and what else was

    @property
    def changes(self) -> list[Change]:
        return self.overview.changes[:N_CHANGES]

    @property
    def earlier_changes(self) -> list[Change]:
        return self.overview.changes[N_CHANGES:]

    @property
    def function(self) -> str:
        return _function(self.overview.function) if self.overview.function else ""

    @property
    def global_change(self) -> GlobalChange | None:
        return self.overview.global_change

    @property
    def disagreements(self) -> list[str]:
        return [words.disagreement(key) for key in self.overview.disagreements]

    @property
    def adherence(self) -> str:
        said = self.overview.adherence
        if not said.n_said:
            return ""
        numbers = {"done": said.n_done, "planned": said.n_planned}
        if said.is_from_log:
            return (
                ngettext(
                    "done on %(done)s of %(planned)s planned day, as your log of medicines or moves shows",
                    "done on %(done)s of %(planned)s planned days, as your log of medicines or moves shows",
                    said.n_planned,
                )
                % numbers
            )
        return (
            ngettext(
                "done on %(done)s of %(planned)s planned day",
                "done on %(done)s of %(planned)s planned days",
                said.n_planned,
            )
            % numbers
        )

    @cached_property
    def advice(self) -> list[AdviceCard]:
        mine = advice.open_advice(self.attempt.patient, on=self.today, attempt=self.attempt)
        return advice_cards(mine, on_its_own_page=True)

    @property
    def new_advice(self) -> list[Advice]:
        return [card.advice for card in self.advice if card.advice.state == Advice.State.NEW]

    @cached_property
    def on_the_verdict(self) -> AdviceCard | None:
        """The advice that says what the headline says: only its steps and the answer to it are shown."""
        return next((card for card in self.advice if self.verdict and card.advice.kind == self.verdict.outcome), None)

    @property
    def other_advice(self) -> list[AdviceCard]:
        return [card for card in self.advice if card is not self.on_the_verdict]

    @property
    def next_steps(self) -> list[NextStep]:
        """Where to go from here, the first one first, each page once."""
        found = self.on_the_verdict.steps if self.on_the_verdict else []
        return list({step.address: step for step in [*self._recall_step, *found, *next_steps(self.verdict)]}.values())

    @property
    def _recall_step(self) -> list[NextStep]:
        if not (self.asks_before and self.overview.has_begun):
            return []
        return [NextStep(label=_("Say how it was before"), address=reverse("attempt_recall", args=[self.attempt.uuid]))]

    @cached_property
    def asks_before(self) -> bool:
        return treatments.needs_recall(self.attempt)


def _days_in_words(side: Side) -> str:
    first = "j M" if side.first.year == side.last.year else "j M Y"
    return _("%(first)s to %(last)s") % {
        "first": date_format(side.first, first),
        "last": date_format(side.last, "j M Y"),
    }


def _logged(side: Side) -> str:
    return _("%(n)s of %(days)s days") % {"n": side.n_logged, "days": side.n_days}


def _range(side: Side) -> str:
    return "–" if side.low is None else f"{side.low} – {side.high}"


def _number(number: float | None) -> str:
    return "–" if number is None else f"{number:.1f}"


def _function(function: Function) -> str:
    told = {
        "before": f"{function.before:.1f}",
        "now": f"{function.now:.1f}",
        "before_on": date_format(function.before_on, "j F"),
        "now_on": date_format(function.now_on, "j F"),
    }
    match function.movement:
        case Movement.BETTER:
            line = _(
                "From %(before)s (%(before_on)s) to %(now)s (%(now_on)s): it keeps you from clearly less than before."
            )
        case Movement.WORSE:
            line = _(
                "From %(before)s (%(before_on)s) to %(now)s (%(now_on)s): it keeps you from clearly more than before."
            )
        case _other:
            line = _("From %(before)s (%(before_on)s) to %(now)s (%(now_on)s): no change that matters.")
    return line % told
