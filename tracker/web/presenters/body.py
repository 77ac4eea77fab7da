"""The body map: the places of one entry, and where it hurt over a range of days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from urllib.parse import urlencode

from django.db.models import Min
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.domain.pain import NRS_MAX, NRS_MIN
from tracker.domain.sites import Face
from tracker.models import Patient
from tracker.models.names import QUALITIES, SITE_GROUPS, SITE_NAMES
from tracker.models.pain import PainEntryQuerySet, SiteDays
from tracker.web import figure
from tracker.web.forms.sites import SitesForm
from tracker.web.forms.timeline import RANGES, RangeForm

FACE_NAMES = {Face.FRONT: gettext_lazy("Front"), Face.BACK: gettext_lazy("Back")}
SPAN_DAYS = 14  # logged days at the start and at the end of a range
MIN_DAYS = 3  # logged days of a site, as for a baseline; fewer say nothing


@dataclass(frozen=True, kw_only=True)
class Figure:
    """The body from one side. `tones`: the CSS class of each site that is not plain."""

    face: Face
    tones: Mapping[str, str]

    width, height = figure.WIDTH, figure.HEIGHT

    @property
    def name(self) -> str:
        return str(FACE_NAMES[self.face])

    @property
    def ears(self) -> str:
        return figure.ears()

    @property
    def sides(self) -> tuple[str, str]:
        """What lies at the left and at the right of the picture."""
        left, right = _("your left"), _("your right")
        return (right, left) if self.face is Face.FRONT else (left, right)

    @cached_property
    def zones(self) -> list[tuple[str, str, str, str]]:
        """Key, name, path and tone of every site."""
        return [
            (zone.site.key, str(SITE_NAMES[zone.site.key]), zone.path, self.tones.get(zone.site.key, ""))
            for zone in figure.zones(self.face)
        ]

    @property
    def coloured(self) -> list[tuple[str, str]]:
        return [(zone.site.key, tone) for zone in figure.zones(self.face) if (tone := self.tones.get(zone.site.key))]


@cache
def outlines() -> SafeString:
    """The plain body, front and back, once for all pictures of a page: they copy it and paint their own zones."""
    faces = (
        (face, figure.ears(), format_html_join("", '<path id="{}-{}" d="{}"/>', _paths(face)))
        for face in (Face.FRONT, Face.BACK)
    )
    return format_html_join("", '<g id="body-{}" class="body-plain"><path class="body-ears" d="{}"/>{}</g>', faces)


def _paths(face: Face) -> list[tuple[str, str, str]]:
    return [(face, zone.site.key, zone.path) for zone in figure.zones(face)]


def figures(tones: Mapping[str, str]) -> list[Figure]:
    return [Figure(face=face, tones=tones) for face in (Face.FRONT, Face.BACK)]


def pain_tone(nrs: float) -> str:
    return f"pain-{round(nrs)}"


@dataclass(frozen=True, kw_only=True)
class SiteRow:
    """The two questions about one place. Empty and with a placeholder as its key it is the pattern for the script."""

    key: str
    name: str
    nrs: str = ""
    quality: str = ""
    errors: str = ""

    numbers = [str(number) for number in range(NRS_MIN, NRS_MAX + 1)]
    qualities = QUALITIES


@dataclass(kw_only=True)
class SitesPage:
    form: SitesForm

    @cached_property
    def chosen(self) -> list[str]:
        return [site for site in self.form.named() if site in (self.form["sites"].value() or [])]

    @property
    def rows(self) -> list[SiteRow]:
        return [self._row(site) for site in self.chosen]

    def _row(self, site: str) -> SiteRow:
        nrs, quality = (self._said(site, name) for name in ("nrs", "quality"))
        errors = [*self.form.errors.get(f"nrs_{site}", []), *self.form.errors.get(f"quality_{site}", [])]
        return SiteRow(key=site, name=SITE_NAMES[site], nrs=nrs, quality=quality, errors=" ".join(errors))

    def _said(self, site: str, name: str) -> str:
        if f"{name}_{site}" in self.form.data:
            return self.form.data[f"{name}_{site}"]
        before = getattr(self.form.before.get(site), name, None)
        return "" if before is None else str(before)

    @property
    def pattern(self) -> SiteRow:
        return SiteRow(key="__key__", name="__name__")

    @property
    def figures(self) -> list[Figure]:
        return figures({row.key: f"chosen pain-{row.nrs}" if row.nrs in row.numbers else "chosen" for row in self.rows})

    @property
    def groups(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The same places as boxes, by region: key, name, whether it is chosen. Widgets would take ten times as long."""
        return [(group, [(site, name, site in self.chosen) for site, name in places]) for group, places in SITE_GROUPS]


@dataclass(frozen=True, kw_only=True)
class MapRow:
    """A line of the table beside the picture."""

    name: str
    url: str
    tone: str
    mean: str
    n_days: int
    start: str
    end: str


@dataclass(frozen=True, kw_only=True)
class Span:
    """One of the small pictures."""

    title: str
    days: str
    figures: list[Figure]
    label: str


@dataclass(kw_only=True)
class BodyMap:
    patient: Patient
    form: RangeForm
    today: date

    @cached_property
    def last(self) -> date:
        return self.form.days()[1]

    @cached_property
    def first(self) -> date:
        first = self.form.days()[0] or self.patient.pain_entries.aggregate(first=Min("local_date"))["first"]
        return min(first or self.last, self.last)

    @cached_property
    def entries(self) -> PainEntryQuerySet:
        return self.patient.pain_entries.between(self.first, self.last)

    @property
    def outlines(self) -> SafeString:
        return outlines()

    @property
    def title(self) -> str:
        return between(self.first, self.last)

    @property
    def ranges(self) -> list[tuple[str, str, bool]]:
        return [(key, words, key == self.form.chosen_range) for key, words in RANGES]

    @cached_property
    def whole(self) -> dict[str, SiteDays]:
        return {row.site: row for row in self.entries.by_site()}

    @cached_property
    def figures(self) -> list[Figure]:
        return figures(tones(self.whole))

    @property
    def sentence(self) -> str:
        return in_words(self.whole)

    @cached_property
    def spans(self) -> tuple[tuple[date, date], tuple[date, date]] | None:
        """The first and the last logged days of the range; None where they would run into each other."""
        start, end = self.entries.first_days(SPAN_DAYS), self.entries.last_days(SPAN_DAYS)
        if len(start) < SPAN_DAYS or start[-1] >= end[0]:
            return None
        return (start[0], start[-1]), (end[0], end[-1])

    @cached_property
    def start_and_end(self) -> tuple[dict[str, SiteDays], dict[str, SiteDays]]:
        """Of the sites that were named on days enough."""
        if self.spans is None:
            return {}, {}
        start, end = (self.patient.pain_entries.between(*span).by_site() for span in self.spans)
        return enough(start), enough(end)

    @property
    def compared(self) -> list[Span]:
        if self.spans is None or not self.whole:
            return []
        start, end = self.start_and_end
        return [
            span(_("At the start"), between(*self.spans[0], "SHORT_DATE_FORMAT"), start),
            span(_("At the end"), between(*self.spans[1], "SHORT_DATE_FORMAT"), end),
            span(_("Average of all days"), between(self.first, self.last, "SHORT_DATE_FORMAT"), self.whole),
        ]

    @property
    def rows(self) -> list[MapRow]:
        """The sites of most days first."""
        return [self._row(site) for site in sorted(self.whole.values(), key=lambda row: (-row.n_days, -row.mean))]

    def _row(self, site: SiteDays) -> MapRow:
        start, end = (span.get(site.site) for span in self.start_and_end)
        return MapRow(
            name=SITE_NAMES.get(site.site, site.site),
            url=f"{reverse('timeline')}?{urlencode(self._range | {'site': site.site})}",
            tone=str(round(site.mean)),
            mean=f"{site.mean:.1f}",
            n_days=site.n_days,
            start=f"{start.mean:.1f}" if start else "",
            end=f"{end.mean:.1f}" if end else "",
        )

    @cached_property
    def _range(self) -> dict[str, str]:
        if self.form.chosen_range:
            return {"range": self.form.chosen_range}
        return {"since": self.first.isoformat(), "until": self.last.isoformat()}


def between(first: date, last: date, written: str = "DATE_FORMAT") -> str:
    return _("%(first)s to %(last)s") % {"first": date_format(first, written), "last": date_format(last, written)}


def tones(sites: Mapping[str, SiteDays]) -> dict[str, str]:
    return {key: pain_tone(row.mean) for key, row in sites.items()}


def enough(rows: list[SiteDays]) -> dict[str, SiteDays]:
    return {row.site: row for row in rows if row.n_days >= MIN_DAYS}


def span(title: str, days: str, sites: Mapping[str, SiteDays]) -> Span:
    return Span(title=title, days=days, figures=figures(tones(sites)), label=f"{title}: {in_words(sites)}")


def in_words(sites: Mapping[str, SiteDays]) -> str:
    """The picture in one sentence."""
    if not sites:
        return _("No place was named.")
    worst = max(sites.values(), key=lambda row: row.mean)
    n_places = ngettext("%(n)s place was named.", "%(n)s places were named.", len(sites)) % {"n": len(sites)}
    most = _("The most painful: %(place)s, %(mean).1f out of 10 on average.")
    return n_places + " " + most % {"place": SITE_NAMES.get(worst.site, worst.site), "mean": worst.mean}
