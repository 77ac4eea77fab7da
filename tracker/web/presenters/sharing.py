"""A link as the patient sees it, and a brief as whoever holds the link reads it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.domain.brief import Brief, MedicineLine, Part, Passage, TriedLine
from tracker.models import Share, Verdict
from tracker.models.names import EASED_BY_NAMES, FACT_NAMES, SITE_NAMES, TRIGGER_NAMES

Row = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class LinkPage:
    share: Share
    now: datetime

    @property
    def is_open(self) -> bool:
        return self.share.revoked_at is None and self.now < self.share.expires_at

    @property
    def is_paused(self) -> bool:
        """Too many wrong passphrases."""
        return self.is_open and self.share.locked_until is not None and self.now < self.share.locked_until

    @property
    def state(self) -> str:
        """Until when it is open, or since when it has ended."""
        if self.share.revoked_at is not None:
            return _("Ended on %(when)s") % {"when": _when(self.share.revoked_at)}
        words = _("Open until %(when)s") if self.is_open else _("Its time was over on %(when)s")
        return words % {"when": _when(self.share.expires_at)}

    @property
    def opened(self) -> str:
        n, last = self.share.n_opened, self.share.last_opened_at
        if not n:
            return _("Not opened yet")
        words = ngettext("Opened once, on %(when)s", "Opened %(n)d times, last on %(when)s", n)
        return words % {"n": n, "when": _when(last)}


def blocks_of(brief: Brief) -> list[tuple[str, list[Row]]]:
    """Title and rows of each part that says something."""
    parts = [
        (_("Question"), _question(brief)),
        (_("Alarm signs"), [(one.question, one.answer or _("not asked")) for one in brief.red_flags]),
        (_("The pain"), _pain(brief)),
        (_("The story"), [(one.question, one.answer) for one in brief.story if one.answer]),
        (_("What was tried"), [_tried(one) for one in brief.tried]),
        (_("Medicines"), [_medicine(one, brief.last_day) for one in brief.medicines]),
        (_("Health"), _health(brief)),
        (_("Daily life"), _function(brief)),
        (_("Notes"), [(f"{_day(one.on)}, {one.nrs}/10", _told(one.note)) for one in brief.notes]),
    ]
    return [(title, said) for title, rows in parts if (said := [row for row in rows if row[1]])]


def _question(brief: Brief) -> Iterator[Row]:
    yield _("Question"), _told(brief.question)
    yield _("For"), brief.refer_to
    yield _("Goal"), _told(brief.goal)
    yield _("Worry"), _told(brief.worry)
    if Part.PERSON not in brief.left_out:
        age = ngettext("%(n)d year", "%(n)d years", brief.age) % {"n": brief.age} if brief.age is not None else ""
        yield _("Who"), ", ".join(filter(None, [brief.name, age]))


def _pain(brief: Brief) -> Iterator[Row]:
    yield _("Since"), _day(brief.pain_since)
    places = [
        _("%(site)s (%(mean).1f, on %(n)d days)")
        % {"site": SITE_NAMES.get(one.site, one.site), "mean": one.mean, "n": one.n_days}
        for one in brief.sites
    ]
    yield _("Where"), "; ".join(places)
    yield _("First four weeks"), _number(brief.mean_before)
    yield _("Last four weeks"), _number(brief.mean_now)
    if brief.lowest is not None:
        yield _("Lowest to highest"), f"{brief.lowest}–{brief.highest}"
    yield _("Days logged"), _("%(n)d of %(all)d") % {"n": brief.n_days_logged, "all": brief.n_days}
    yield _("Set off by"), "; ".join(str(TRIGGER_NAMES.get(one.key, one.key)) for one in brief.triggers)
    yield _("Eased by"), "; ".join(str(EASED_BY_NAMES.get(one.key, one.key)) for one in brief.eased_by)


def _tried(line: TriedLine) -> Row:
    when = f"{_day(line.started_on)}–{_day(line.stopped_on)}"
    change = f"{_number(line.before)} → {_number(line.now)}" if line.before is not None and line.now is not None else ""
    verdict = str(Verdict.Outcome(line.outcome).label) if line.outcome else ""
    said = [when, change, verdict, _told(line.own_words), _told(line.side_effects)]
    return " ".join(filter(None, [line.treatment_type, line.dose])), "; ".join(filter(None, said))


def _medicine(line: MedicineLine, on: date) -> Row:
    is_over = _("until %(day)s") % {"day": _day(line.stopped_on)} if line.is_over(on) else _("in use")
    return line.name, ", ".join(filter(None, [line.dose, _("as needed") if line.is_as_needed else "", is_over]))


def _health(brief: Brief) -> Iterator[Row]:
    yield _("Allergies"), _told(brief.allergies) or _("nothing written down")
    yield _("Operations"), _told(brief.operations)
    yield _("Implants"), _told(brief.implants)
    yield _("Conditions"), _told(brief.conditions)
    words = {"yes": _("yes"), "no": _("no"), "unsure": _("unsure")}
    yield from ((str(FACT_NAMES[key]), words[answer]) for key, answer in brief.facts)


def _function(brief: Brief) -> Iterator[Row]:
    yield _("PEG, 0 to 10"), _scores(brief.peg)
    yield _("PHQ-4, 0 to 12"), _scores(brief.phq4)
    yield _("Pain in the way, 0 to 10"), _number(brief.interference)
    yield _("Sleep, 0 to 10"), _number(brief.sleep)
    yield _("Mood, 0 to 10"), _number(brief.mood)


def _scores(scores: Iterable) -> str:
    return "; ".join(f"{_day(one.on)}: {one.value:.1f}" for one in scores)


def _told(passage: Passage) -> str:
    n = passage.n_held_back
    kept = ngettext("[%(n)d sentence kept apart]", "[%(n)d sentences kept apart]", n) % {"n": n} if n else ""
    return " ".join(filter(None, [passage.text, kept]))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _day(day: date | None) -> str:
    return date_format(day, "SHORT_DATE_FORMAT") if day else ""


def _when(at: datetime) -> str:
    return date_format(localtime(at), "DATETIME_FORMAT")
