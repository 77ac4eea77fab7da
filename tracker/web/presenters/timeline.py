"""The log of a range of days as a picture, a sentence and a table, gathered in a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

from django.db.models import Max, Min
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tracker.domain.periods import STEP_DAYS, LoggedDays, Period, Step
from tracker.models import Patient, TreatmentAttempt, Verdict
from tracker.models.names import SITE_NAMES
from tracker.services import history, verdicts
from tracker.services.verdict_words import badge, tone
from tracker.web import charts
from tracker.web.forms.timeline import RangeForm
from tracker.web.presenters.questionnaires import Course, course

N_LANES = 12  # more would push the picture off the page
N_PAINS, PAINS_DAYS = 4, 365  # places to choose from by a tap, and over how many days they are counted


STEP_WORDS = {
    Step.WEEK: (gettext_lazy("The week before"), gettext_lazy("The week after")),
    Step.MONTH: (gettext_lazy("The month before"), gettext_lazy("The month after")),
    Step.YEAR: (gettext_lazy("The year before"), gettext_lazy("The year after")),
}
OTHER_WORDS = (gettext_lazy("The days before"), gettext_lazy("The days after"))


@dataclass(frozen=True, kw_only=True)
class Stepping:
    """A link to the days just before or after those on the page. `asked` replaces what the address asks for."""

    way: str  # prev, next
    words: str
    asked: dict[str, date | None]


@dataclass(kw_only=True)
class Timeline:
    patient: Patient
    form: RangeForm
    today: date
    has_table: bool = False  # hundreds of rows are written only for who wants to read them

    @cached_property
    def last(self) -> date:
        return self.form.days()[1]

    @cached_property
    def first(self) -> date:
        return min(self.form.days()[0] or self.first_logged or self.last, self.last)

    @cached_property
    def first_logged(self) -> date | None:
        return self.patient.pain_entries.aggregate(first=Min("local_date"))["first"]

    @cached_property
    def logged(self) -> LoggedDays:
        return LoggedDays(history.days(patient=self.patient, first=self.first, last=self.last, site=self.form.site_key))

    @cached_property
    def peg(self) -> Course:
        """Function beside pain, on the same days."""
        return course(self.patient, "peg", first=self.first, last=self.last)

    @property
    def is_empty(self) -> bool:
        return not self.logged.rows and not self.attempts

    @cached_property
    def last_logged(self) -> date | None:
        return self.patient.pain_entries.aggregate(last=Max("local_date"))["last"]

    @cached_property
    def attempts(self) -> list[TreatmentAttempt]:
        """Of the range, the newest N_LANES, oldest first."""
        shown = self.patient.attempts.during(self.first, self.last).newest_first().select_related("treatment_type")
        return list(verdicts.with_latest_verdict(shown))

    @property
    def n_lanes_left_out(self) -> int:
        return max(0, len(self.attempts) - N_LANES)

    @property
    def title(self) -> str:
        return titled(span_in_words(self.first, self.last, self.form.step), self.form.site_key)

    @property
    def steps(self) -> list[Stepping]:
        tried = self.patient.attempts.aggregate(first=Min("started_on"))["first"]
        begun = min(filter(None, (self.first_logged, tried)), default=None)
        return stepping(self.form, has_earlier=begun is not None and begun < self.first)

    @cached_property
    def pains(self) -> list[tuple[str, str, bool]]:
        """Overall and the places named most, each with a course of its own: key, name, whether it is shown."""
        lately = max(self.first, self.last - timedelta(days=PAINS_DAYS))
        named = self.patient.pain_entries.between(lately, self.last).most_named(N_PAINS)
        shown = self.form.site_key
        keys = dict.fromkeys([shown, *named] if shown else named)
        if not keys:
            return []
        return [("", _("Overall"), not shown), *((key, SITE_NAMES.get(key, key), key == shown) for key in keys)]

    @property
    def has_long_bars(self) -> bool:
        """Bars of months or more are drawn, on a phone at least."""
        return STEP_DAYS[charts.step_shown(first=self.first, last=self.last, width="narrow")] > STEP_DAYS[Step.WEEK]

    @cached_property
    def sentence(self) -> str:
        """The days are counted from the first logged one on: nothing is missing before it."""
        first = min(max(self.first, self.first_logged or self.first), self.last)
        is_of_a_place = bool(self.form.site_key)
        return charts.sentence(self.logged.rows, first=first, last=self.last, is_of_a_place=is_of_a_place)

    @property
    def chart(self) -> SafeString:
        return charts.range_charts(
            self.logged,
            first=self.first,
            last=self.last,
            lanes=lanes(self.attempts[:N_LANES]),
            label=self.sentence,
            says_step=True,
        )

    @cached_property
    def step(self) -> Step:
        return charts.step_shown(first=self.first, last=self.last, width="wide")

    @property
    def rows(self) -> list[dict[str, str]]:
        """The lines of the table twin, newest first."""
        return [row(period, self.step) for period in reversed(self.logged.by(self.step))]


def stepping(form: RangeForm, *, has_earlier: bool) -> list[Stepping]:
    words = STEP_WORDS.get(form.step, OTHER_WORDS)
    ways = (("prev", words[0], has_earlier and form.stepped(-1)), ("next", words[1], form.stepped(1)))
    return [Stepping(way=way, words=said, asked=asked) for way, said, asked in ways if asked]


def span_in_words(first: date, last: date, step: Step | None = None) -> str:
    match step:
        case Step.WEEK:
            return _("Week of %(day)s") % {"day": date_format(first)}
        case Step.MONTH:
            return date_format(first, "F Y")
        case Step.YEAR:
            return date_format(first, "Y")
    return _("%(first)s to %(last)s") % {"first": date_format(first), "last": date_format(last)}


def titled(days: str, site: str) -> str:
    return f"{SITE_NAMES[site]}, {days}" if site else days


def lanes(attempts: Iterable[TreatmentAttempt]) -> list[charts.Lane]:
    """Oldest first, as the eye goes down the picture."""
    return sorted((lane(attempt, attempt.latest_verdict) for attempt in attempts), key=lambda lane: lane.started_on)


def lane(attempt: TreatmentAttempt, verdict: Verdict | None) -> charts.Lane:
    return charts.Lane(
        name=attempt.name,
        outcome=badge(verdict),
        tone=tone(verdict),
        started_on=attempt.started_on,
        stopped_on=attempt.stopped_on,
    )


def row(period: Period, step: Step) -> dict[str, str]:
    """One line of the table. A template would spend most of its time on writing the numbers, few of which differ."""
    n_days = () if step is Step.DAY else (period.n_days,)
    numbers = (period.low, period.high, f"{period.mean:.1f}", *n_days, period.n_entries)
    return {"when": when(period, step), "cells": format_html("{}" * len(numbers), *map(number_cell, numbers))}


@lru_cache(maxsize=1000)
def number_cell(number: int | str) -> SafeString:
    return format_html('<td class="number">{}</td>', number)


def on_one_line(day: str) -> str:
    return day.replace(" ", "\N{NO-BREAK SPACE}")


def when(period: Period, step: Step) -> str:
    match step:
        case Step.DAY:
            return on_one_line(date_format(period.starts_on, "SHORT_DATE_FORMAT"))
        case Step.WEEK:
            return _("Week of %(day)s") % {"day": on_one_line(date_format(period.starts_on, "SHORT_DATE_FORMAT"))}
        case Step.MONTH:
            return on_one_line(date_format(period.starts_on, "M Y"))
        case Step.QUARTER:
            first, last = date_format(period.starts_on, "M"), date_format(period.ends_on, "M Y")
            return _("%(first)s to %(last)s") % {"first": first, "last": on_one_line(last)}
    return date_format(period.starts_on, "Y")
