"""The log of a range of days as a picture, a sentence and a table, gathered in a constant number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from django.db.models import Min
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tracker.domain.periods import LoggedDays, Period, Step
from tracker.models import Patient, TreatmentAttempt, Verdict
from tracker.services import verdicts
from tracker.web import charts
from tracker.web.forms.timeline import RANGES, RangeForm
from tracker.web.presenters.verdicts import badge, tone

N_LANES = 12  # more would push the picture off the page


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
        first = self.form.days()[0] or self.patient.pain_entries.aggregate(first=Min("local_date"))["first"]
        return min(first or self.last, self.last)

    @cached_property
    def logged(self) -> LoggedDays:
        entries = self.patient.pain_entries.between(self.first, self.last)
        site = self.form.site_key
        return LoggedDays(entries.by_day_at(site) if site else entries.by_day())

    @property
    def is_empty(self) -> bool:
        return not self.logged.rows and not self.attempts

    @cached_property
    def attempts(self) -> list[TreatmentAttempt]:
        """Of the range, the newest N_LANES, oldest first."""
        shown = self.patient.attempts.during(self.first, self.last).newest_first().select_related("treatment_type")
        return list(verdicts.with_latest_verdict(shown))

    @property
    def n_lanes_left_out(self) -> int:
        return max(0, len(self.attempts) - N_LANES)

    @property
    def ranges(self) -> list[tuple[str, str, bool]]:
        return [(key, words, key == self.form.chosen_range) for key, words in RANGES]

    @property
    def title(self) -> str:
        return _("%(first)s to %(last)s") % {"first": date_format(self.first), "last": date_format(self.last)}

    @cached_property
    def sentence(self) -> str:
        return charts.sentence(self.logged.rows, first=self.first, last=self.last)

    @property
    def chart(self) -> SafeString:
        return charts.range_charts(
            self.logged, first=self.first, last=self.last, lanes=lanes(self.attempts[:N_LANES]), label=self.sentence
        )

    @cached_property
    def step(self) -> Step:
        return charts.step_shown(first=self.first, last=self.last, width="wide")

    @property
    def rows(self) -> list[dict[str, str]]:
        """The lines of the table twin, newest first."""
        return [row(period, self.step) for period in reversed(self.logged.by(self.step))]


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
    numbers = (period.low, period.high, f"{period.mean:.1f}", period.n_days, period.n_entries)
    return {"when": when(period, step), "cells": format_html("{}" * len(numbers), *map(number_cell, numbers))}


@lru_cache(maxsize=1000)
def number_cell(number: int | str) -> SafeString:
    return format_html('<td class="number">{}</td>', number)


def when(period: Period, step: Step) -> str:
    match step:
        case Step.DAY:
            return date_format(period.starts_on, "SHORT_DATE_FORMAT")
        case Step.WEEK:
            return _("Week of %(day)s") % {"day": date_format(period.starts_on, "SHORT_DATE_FORMAT")}
        case Step.MONTH:
            return date_format(period.starts_on, "F Y")
        case Step.QUARTER:
            first, last = date_format(period.starts_on, "M"), date_format(period.ends_on, "M Y")
            return _("%(first)s to %(last)s") % {"first": first, "last": last}
    return date_format(period.starts_on, "Y")
