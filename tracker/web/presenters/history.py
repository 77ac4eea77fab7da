"""What the log says about its own days: a year as a calendar, weekdays and times of day, before and after a date."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import repeat
from typing import Any

from django.db.models import Min
from django.urls import reverse
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.domain.history import MIN_SIDE_DAYS, MIN_WEEKS, Cell, Comparison, Finding, Part, Pattern
from tracker.domain.periods import Step, end_of
from tracker.models import Patient, TreatmentAttempt
from tracker.models.names import EASED_BY_NAMES, TRIGGER_NAMES
from tracker.services import history
from tracker.web import charts
from tracker.web.forms.timeline import CompareForm, PatternForm, YearForm
from tracker.web.presenters.timeline import Stepping, span_in_words, stepping, titled

N_ATTEMPTS = 12  # whose start can be chosen by a tap
CHART_WIDTHS = ("narrow", "middle")
PART_NAMES = {
    Part.NIGHT: gettext_lazy("Night"),
    Part.MORNING: gettext_lazy("Morning"),
    Part.AFTERNOON: gettext_lazy("Afternoon"),
    Part.EVENING: gettext_lazy("Evening"),
}
NUMBER_NAMES = {
    "interference": gettext_lazy("In the way (0 not at all, 10 completely)"),
    "sleep": gettext_lazy("Sleep (0 very badly, 10 very well)"),
    "mood": gettext_lazy("Mood (0 very low, 10 very good)"),
}
PART_HOURS = {
    Part.NIGHT: gettext_lazy("0 to 6"),
    Part.MORNING: gettext_lazy("6 to 12"),
    Part.AFTERNOON: gettext_lazy("12 to 18"),
    Part.EVENING: gettext_lazy("18 to 24"),
}


@dataclass(frozen=True, kw_only=True)
class Month:
    """One month of the calendar: `weeks` are the rows of its table."""

    first: date
    name: str
    sentence: str
    weeks: SafeString


@dataclass(kw_only=True)
class Calendar:
    patient: Patient
    form: YearForm
    today: date

    @property
    def year(self) -> int:
        return self.form.chosen_year

    @property
    def title(self) -> str:
        return titled(str(self.year), self.form.site_key)

    @cached_property
    def days(self) -> dict[date, Sequence[Any]]:
        first, last = date(self.year, 1, 1), date(self.year, 12, 31)
        rows = history.days(patient=self.patient, first=first, last=last, site=self.form.site_key)
        return {row[0]: row for row in rows}

    @cached_property
    def first_logged(self) -> date | None:
        return self.patient.pain_entries.aggregate(first=Min("local_date"))["first"]

    @property
    def years(self) -> tuple[int | None, int | None]:
        """The year before, if anything was logged until then, and the year after, if it has come."""
        has_earlier = self.first_logged and self.first_logged.year < self.year
        return (self.year - 1 if has_earlier else None), (self.year + 1 if self.year < self.today.year else None)

    @property
    def first(self) -> date:
        """The year begins where the log does: nothing is missing before it."""
        new_year = date(self.year, 1, 1)
        began = self.first_logged or self.today
        return began if began.year == self.year else new_year

    @property
    def sentence(self) -> str:
        last = min(date(self.year, 12, 31), self.today)
        is_of_a_place = bool(self.form.site_key)
        return charts.sentence([*self.days.values()], first=self.first, last=last, is_of_a_place=is_of_a_place)

    @property
    def weekdays(self) -> list[str]:
        return [str(WEEKDAYS_ABBR[day]) for day in range(7)]

    @property
    def months(self) -> list[Month]:
        """From the one in which the log begins, as far as they have come."""
        n_months = self.today.month if self.year == self.today.year else 12
        return [self._month(date(self.year, number, 1)) for number in range(self.first.month, n_months + 1)]

    def _month(self, first: date) -> Month:
        last = end_of(first, Step.MONTH)
        rows = [row for on, row in self.days.items() if first <= on <= last]
        numbers = {"logged": len(rows), "n": (min(last, self.today) - max(first, self.first)).days + 1}
        sentence = _("%(logged)s of %(n)s days") % numbers
        if rows:
            sentence += " · " + _("average %(mean).1f") % {"mean": sum(row[3] for row in rows) / len(rows)}
        return Month(first=first, name=date_format(first, "F"), sentence=sentence, weeks=self._weeks(first, last))

    def _weeks(self, first: date, last: date) -> SafeString:
        monday = first - timedelta(days=first.weekday())
        cells = list(self._cells(monday, first, last))
        weeks = (cells[start : start + 7] for start in range(0, len(cells), 7))
        return format_html_join("", "<tr>" + "{}" * 7 + "</tr>", weeks)

    def _cells(self, monday: date, first: date, last: date) -> Iterator[SafeString]:
        """A year has hundreds of them: what they have in common is worked out once."""
        empty, write = format_html("<td>{}</td>", ""), DayWriter(month=date_format(first, "M"))
        yield from repeat(empty, (first - monday).days)
        for number in range((last - first).days + 1):
            on = first + timedelta(days=number)
            if self.first <= on <= self.today:
                yield write.day(on, self.days.get(on))
            else:  # before the log begins, or to come
                yield format_html('<td class="closed">{}</td>', on.day)
        yield from repeat(empty, 6 - last.weekday())


class DayWriter:
    """Writes the days of one month: the number in the month and the pain, as short as can be. A day without an entry is
    hatched and holds no pain at all."""

    def __init__(self, *, month: str) -> None:
        self.address = conditional_escape(reverse("entry_list"))
        self.none = _("%(day)s %(month)s: not logged").replace("%(month)s", month)
        self.logged = _("%(day)s %(month)s: %(mean).1f, %(low)s to %(high)s").replace("%(month)s", month)

    def day(self, on: date, row: Sequence[Any] | None) -> SafeString:
        cell = '<td class="{}"><a href="{}?day={}" aria-label="{}"><i>{}</i>{}</a></td>'
        if row is None:
            return format_html(cell, "none", self.address, on, self.none % {"day": on.day}, escaped(on.day), "")
        _on, low, high, mean, _n = row
        nrs, label = round(mean), self.logged % {"day": on.day, "mean": mean, "low": low, "high": high}
        return format_html(cell, escaped(f"nrs-{nrs}"), self.address, on, label, escaped(on.day), escaped(nrs))


@lru_cache(maxsize=200)
def escaped(few: int | str) -> SafeString:
    """Of values that come again and again."""
    return conditional_escape(few)


@dataclass(frozen=True, kw_only=True)
class PatternCard:
    """Weekdays or times of day: the finding in words, a picture, and the numbers as a table."""

    key: str
    title: str
    first_column: str
    explained: str
    sentences: list[str]
    is_pattern: bool
    chart: SafeString | str
    rows: list[dict[str, str]]


@dataclass(kw_only=True)
class PatternsPage:
    patient: Patient
    form: PatternForm
    today: date

    @cached_property
    def span(self) -> tuple[date, date]:
        first, last = self.form.days()
        return first or last, last

    @property
    def title(self) -> str:
        return titled(span_in_words(*self.span), self.form.site_key)

    @property
    def steps(self) -> list[Stepping]:
        earlier = self.patient.pain_entries.filter(local_date__lt=self.span[0])
        return stepping(self.form, has_earlier=earlier.exists())

    @cached_property
    def found(self) -> history.Patterns:
        first, last = self.span
        return history.patterns(patient=self.patient, first=first, last=last, site=self.form.site_key)

    @property
    def n_logged(self) -> int:
        return sum(cell.n_days for cell in self.found.weekdays.cells)

    @property
    def cards(self) -> list[PatternCard]:
        return [weekday_card(self.found.weekdays), part_card(self.found.parts)]

    @cached_property
    def beside(self) -> history.Beside:
        first, last = self.span
        return history.beside(patient=self.patient, first=first, last=last)

    @property
    def named(self) -> list[tuple[str, list[str]]]:
        lists = (
            (_("What may have set it off"), self.beside.triggers, TRIGGER_NAMES),
            (_("What eased it"), self.beside.eased_by, EASED_BY_NAMES),
        )
        named = [
            (title, [named_line(str(names.get(key, key)), n, self.beside.n_logged) for key, n in counted])
            for title, counted, names in lists
            if counted
        ]
        numbers = [number_line(name, *of, self.beside.n_logged) for name, of in self.beside.numbers.items()]
        return [*named, *([(_("Numbers"), numbers)] if numbers else [])]


def named_line(name: str, n: int, of: int) -> str:
    said = {"name": name[:1].upper() + name[1:], "n": n, "of": of}
    return _("%(name)s: named on %(n)s of %(of)s logged days") % said


def number_line(name: str, mean: float, n: int, of: int) -> str:
    said = {"name": NUMBER_NAMES[name], "mean": mean, "n": n, "of": of}
    return _("%(name)s: %(mean).1f on average, said on %(n)s of %(of)s logged days") % said


def weekday_card(pattern: Pattern) -> PatternCard:
    names = [(str(WEEKDAYS[day]), str(WEEKDAYS_ABBR[day])) for day in range(7)]
    return PatternCard(
        key="weekdays",
        title=_("Days of the week"),
        first_column=_("Day"),
        explained=_("The difference is against the three days before and after, give or take what chance can do."),
        sentences=sentences(pattern, [name for name, _short in names], _("the days around it")),
        is_pattern=pattern.finding is Finding.PATTERN,
        chart=column_charts(pattern, names, _("Average pain by day of the week")),
        rows=[pattern_row(name, cell) for (name, _short), cell in zip(names, pattern.cells, strict=True)],
    )


def part_card(pattern: Pattern) -> PatternCard:
    names = [(str(PART_NAMES[part]), str(PART_NAMES[part])) for part in Part]
    hours = [str(PART_HOURS[part]) for part in Part]
    rows = zip(names, hours, pattern.cells, strict=True)
    return PatternCard(
        key="parts",
        title=_("Times of the day"),
        first_column=_("Time"),
        explained=_("The difference is against the rest of the same days, give or take what chance can do."),
        sentences=sentences(pattern, [name for name, _short in names], _("the rest of the same days")),
        is_pattern=pattern.finding is Finding.PATTERN,
        chart=column_charts(pattern, names, _("Average pain by time of the day")),
        rows=[pattern_row(f"{name}, {clock}", cell) for (name, _short), clock, cell in rows],
    )


def sentences(pattern: Pattern, names: list[str], others: str) -> list[str]:
    match pattern.finding:
        case Finding.TOO_LITTLE:
            words = _(
                "Nothing to say yet. It takes %(weeks)s weeks with entries that can be set beside %(others)s; every one "
                "you log counts."
            )
            return [words % {"weeks": MIN_WEEKS, "others": others}]
        case Finding.NO_CLEAR_PATTERN:
            words = _("No clear pattern: none differs from %(others)s by more than chance and by as much as matters.")
            return [words % {"others": others}]
    told = [
        clear_sentence(name, cell, others) for name, cell in zip(names, pattern.cells, strict=True) if cell.is_clear
    ]
    return [*told, _("This does not say why. It may also lie in when you log.")]


def clear_sentence(name: str, cell: Cell, others: str) -> str:
    higher = _(
        "%(name)s: about %(points).1f points higher than %(others)s (likely %(low).1f to %(high).1f), %(basis)s."
    )
    lower = _("%(name)s: about %(points).1f points lower than %(others)s (likely %(low).1f to %(high).1f), %(basis)s.")
    points = abs(cell.difference)
    said = {
        "name": name,
        "others": others,
        "points": points,
        "low": points - cell.margin,
        "high": points + cell.margin,
        "basis": ngettext("from %(n)s day", "from %(n)s days", cell.n_days) % {"n": cell.n_days},
    }
    return (higher if cell.difference > 0 else lower) % said


def column_charts(pattern: Pattern, names: list[tuple[str, str]], label: str) -> SafeString | str:
    """Nothing where no cell has days enough."""
    if all(cell.mean is None for cell in pattern.cells):
        return ""
    columns = [
        charts.Column(name=short, nrs=cell.mean, is_marked=cell.is_clear)
        for (_name, short), cell in zip(names, pattern.cells, strict=True)
    ]
    return charts.column_charts(columns, label=label)


def pattern_row(name: str, cell: Cell) -> dict[str, str]:
    too_little = _("too little")
    known = cell.difference is not None
    return {
        "name": name,
        "n_days": str(cell.n_days),
        "mean": f"{cell.mean:.1f}" if cell.mean is not None else too_little,
        "difference": signed(cell.difference) + f" ± {cell.margin:.1f}" if known else too_little,
    }


def signed(points: float) -> str:
    """With a real minus; what rounds to nothing has no sign."""
    return f"{points:+.1f}".replace("-", "−") if abs(points) >= 0.05 else "0.0"


@dataclass(kw_only=True)
class ComparePage:
    patient: Patient
    form: CompareForm
    today: date

    @property
    def on(self) -> date | None:
        return self.form.chosen_day

    @cached_property
    def attempts(self) -> list[TreatmentAttempt]:
        """Whose start can be chosen, newest first."""
        begun = self.patient.attempts.filter(started_on__lte=self.today).newest_first()
        return list(begun.select_related("treatment_type")[:N_ATTEMPTS])

    @cached_property
    def compared(self) -> history.Compared:
        return history.before_and_after(
            patient=self.patient, on=self.on, weeks=self.form.n_weeks, today=self.today, site=self.form.site_key
        )

    @property
    def comparison(self) -> Comparison:
        return self.compared.comparison

    @property
    def title(self) -> str:
        return titled(_("Before and after %(day)s") % {"day": date_format(self.on)}, self.form.site_key)

    @property
    def sentence(self) -> str:
        before, after = self.comparison.before, self.comparison.after
        if self.comparison.difference is None:
            words = _(
                "Nothing to say yet. It takes %(n)s logged days on each side; there are %(before)s and %(after)s."
            )
            return words % {"n": MIN_SIDE_DAYS, "before": before.n_logged, "after": after.n_logged}
        points = round(abs(self.comparison.difference), 1)
        if not points:
            return _("The average is the same before and after: %(mean).1f out of 10.") % {"mean": after.mean}
        lower = _("The average is %(points).1f points lower after, from %(before).1f to %(after).1f.")
        higher = _("The average is %(points).1f points higher after, from %(before).1f to %(after).1f.")
        said = {"points": points, "before": before.mean, "after": after.mean}
        return (higher if self.comparison.difference > 0 else lower) % said

    @property
    def weight(self) -> str:
        if self.comparison.difference is None:
            return ""
        if self.comparison.matters:
            return _("A difference of this size matters to most people.")
        return _("Most people do not notice a difference of this size.")

    @property
    def chart(self) -> SafeString:
        first, last = self.comparison.before.first, self.comparison.after.last
        return charts.range_charts(
            self.compared.days, first=first, last=last, mark=self.on, widths=CHART_WIDTHS, label=self.sentence
        )

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        """Name, before, after."""
        too_little = _("too little")
        before, after = self.comparison.before, self.comparison.after
        told = [
            (
                f"{side.mean:.1f}",
                f"{side.median:.1f}",
                _("%(low).1f to %(high).1f") % dict(zip(("low", "high"), side.middle_half, strict=True)),
                _("%(n)s of %(of)s") % {"n": side.n_bad, "of": side.n_logged},
            )
            if side.mean is not None
            else (too_little,) * 4
            for side in (before, after)
        ]
        names = (_("Average"), _("Middle day"), _("Half of the days"), _("Days with 7 or more"))
        logged = [_("%(n)s of %(of)s") % {"n": side.n_logged, "of": side.n_days} for side in (before, after)]
        return [*zip(names, *told, strict=True), (_("Days logged"), *logged)]
