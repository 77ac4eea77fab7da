"""A brief in words, in the patient's language: what page, print and PDF show, all from here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.domain.brief import (
    WEEKS_SHOWN,
    AnswerLine,
    Brief,
    Count,
    FileLine,
    MedicineLine,
    NoteLine,
    Part,
    Passage,
    SaidSoFar,
    Score,
    SiteLine,
    TriedLine,
    Week,
)
from tracker.domain.sheet import PAPER, Block, Chart, FirstPage, Sheet, course, days_shown, shortened
from tracker.models import Attachment, HealthProfile, TreatmentAttempt, TreatmentType, Verdict
from tracker.models.names import EASED_BY_NAMES, FACT_NAMES, QUALITY_NAMES, SITE_NAMES, TRIGGER_NAMES
from tracker.services import said_so_far_words as so_far_words
from tracker.services.brief_labels import RED_FLAG_LABELS
from tracker.services.verdict_words import CANNOT_TELL_BECAUSE

Names = Mapping[str, Promise | str]

NONE = "–"
FACT_ANSWERS = {"yes": gettext_lazy("yes"), "no": gettext_lazy("no"), "unsure": gettext_lazy("unsure")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How much of each goes onto page 1: signs of a text and of a cell, lines of a list."""

    question: int
    text: int
    cell: int
    tried: int
    medicines: int
    sites: int


# The last one fits an A4 page whatever was written: tests hold that.
LIMITS = (
    Limits(question=600, text=420, cell=90, tried=9, medicines=14, sites=6),
    Limits(question=420, text=240, cell=60, tried=7, medicines=10, sites=4),
    Limits(question=300, text=150, cell=40, tried=5, medicines=7, sites=3),
    Limits(question=220, text=110, cell=32, tried=4, medicines=5, sites=3),
    Limits(question=160, text=64, cell=24, tried=3, medicines=3, sites=2),
)


def sheet(brief: Brief, *, so_far: SaidSoFar | None = None) -> Sheet:
    """`so_far`: what others have called it and proposed. A blind brief is never given any."""
    told = SaidSoFar() if brief.is_blind or so_far is None else so_far
    title = _("Pain summary: facts first") if brief.is_blind else _("Pain summary")
    return Sheet(
        language=translation.get_language() or "en",
        title=title,
        made=_made(brief),
        footer=_("From the patient's own record in Ebb. Not a diagnosis, not checked by a clinician."),
        first_pages=tuple(_FirstPage(brief, told, limits).page() for limits in LIMITS),
        chart=_chart(brief),
        appendix_title=_("Appendix: everything in full"),
        appendix=tuple(_appendix(brief, told)),
    )


def _made(brief: Brief) -> str:
    words = {"first": _day(brief.first_day), "last": _day(brief.last_day), "made": _day(brief.made_on)}
    said = _("Written by the patient · log from %(first)s to %(last)s · made on %(made)s") % words
    if brief.is_blind:
        said += " · " + _("earlier diagnoses and reports are kept apart until you have your own view")
    return said


class _FirstPage:
    """One length of page 1. Remembers what it leaves to the appendix."""

    def __init__(self, brief: Brief, so_far: SaidSoFar, limits: Limits) -> None:
        self.brief, self.so_far, self.limits = brief, so_far, limits
        self.more: list[str] = []

    def page(self) -> FirstPage:
        blocks = [
            self._question(),
            self._pain(),
            self._red_flags(),
            Block(kind="chart", title=_("The last 12 weeks")),
            self._tried(),
            self._function(),
            self._health(),
        ]
        more = _("In the appendix: %(what)s.") % {"what": "; ".join(self.more)} if self.more else ""
        return FirstPage(
            blocks=tuple(block for block in blocks if block.rows or block.text or block.kind == "chart"), more=more
        )

    def _text(self, text: str, what: str, *, longest: int = 0) -> str:
        shown, is_less = shortened(text, longest or self.limits.text)
        if is_less and what not in self.more:
            self.more.append(what)
        return shown

    def _passage(self, passage: Passage, what: str, *, longest: int = 0) -> str:
        return " ".join(filter(None, [self._text(passage.text, what, longest=longest), _held_back(passage)]))

    def _question(self) -> Block:
        asked = self._passage(self.brief.question, _("the whole question"), longest=self.limits.question)
        rows = [(_("My question"), asked or _("No question was written down. Please ask."))]
        if self.brief.refer_to:
            rows.append((_("For"), self.brief.refer_to))
        who = [self.brief.name, _age(self.brief.age), _sex(self.brief.sex)]
        if any(who) or Part.PERSON not in self.brief.left_out:
            rows.append((_("Who"), ", ".join(filter(None, who)) or _("not said")))
        return Block(kind="list", rows=tuple(rows))

    def _pain(self) -> Block:
        brief, n = self.brief, self.limits.sites
        sites = [_site(site.site, site.mean, site.n_days, site.qualities) for site in brief.sites]
        rows = [
            (_("Where"), self._list(sites, n, _("all places")) or self._answer("where") or _("not said")),
            (_("Since"), _since(brief)),
            (_("Now"), _levels(brief)),
            (_("Set off by"), self._list(_names(brief.triggers, TRIGGER_NAMES), n, _("all that sets it off"))),
            (_("Eased by"), self._list(_names(brief.eased_by, EASED_BY_NAMES), n, _("all that eases it"))),
            (_("Pattern"), self._answer("changes")),
            (_("Feels"), self._answer("feels")),
        ]
        return Block(kind="list", title=_("The pain"), rows=_said(rows))

    def _answer(self, key: str) -> str:
        line = next((line for line in self.brief.story if line.key == key), None)
        return self._text(line.answer, _("the whole story"), longest=self.limits.text) if line else ""

    def _red_flags(self) -> Block:
        flags = self.brief.red_flags
        rows = []
        for on in _days(flags, _is_found):
            rows.append(
                (_("Yes or unsure, %(day)s") % {"day": _short_day(on)}, _found([f for f in flags if f.on == on]))
            )
        is_alarm = bool(rows)
        for on in _days(flags, _is_denied):
            denied = [_denied(flag) for flag in flags if _is_denied(flag) and flag.on == on]
            rows.append((_("No, %(day)s") % {"day": _short_day(on)}, "; ".join(denied)))
        missing = [_label(flag) for flag in flags if not flag.answer]
        rows.append((_("Not asked"), "; ".join(missing)))
        return Block(kind="list", title=_("Alarm signs"), rows=_said(rows), is_alarm=is_alarm)

    def _tried(self) -> Block:
        brief, n = self.brief, self.limits.tried
        if Part.TRIED in brief.left_out:
            return Block(kind="list")
        if not brief.tried:
            return Block(kind="list", title=_("What was tried"), rows=((_("Treatments"), _("none written down")),))
        # What goes on now and what was used longest says most; the order stays that of the calendar.
        chosen = sorted(brief.tried, key=lambda one: (one.stopped_on is not None, -one.n_days))[:n]
        keys = {one.uuid for one in chosen}
        shown = [one for one in brief.tried if one.uuid in keys]
        left = len(brief.tried) - len(shown)
        if left:
            self.more.append(ngettext("%(n)s more treatment", "%(n)s more treatments", left) % {"n": left})
        rows = [
            (
                self._cell(_treatment_and_name(one)),
                _when(one),
                _fair(one),
                _change(one),
                _verdict(one),
                self._cell(_side_effects(one)),
            )
            for one in shown
        ]
        return Block(kind="table", title=_("What was tried"), head=_tried_head(), rows=tuple(rows))

    def _cell(self, text: str) -> str:
        return self._text(text, _("treatments in full"), longest=self.limits.cell)

    def _function(self) -> Block:
        brief = self.brief
        rows = [
            (_("Goal"), self._passage(brief.goal, _("the whole goal"))),
            (_("Function"), _peg(brief.peg)),
            (_("Sleep, mood"), _sleep_and_mood(brief)),
            (_("Worry"), self._passage(brief.worry, _("all that is feared or expected"))),
        ]
        return Block(kind="list", title=_("Function, sleep, mood"), rows=_said(rows))

    def _health(self) -> Block:
        brief, n = self.brief, self.limits.medicines
        in_use = [_medicine(line) for line in brief.medicines if not line.is_over(brief.last_day)]
        over = len(brief.medicines) - len(in_use)
        if over:
            self.more.append(ngettext("%(n)s earlier medicine", "%(n)s earlier medicines", over) % {"n": over})
        medicines = [self._text(words, _("medicines in full"), longest=self.limits.cell * 2) for words in in_use]
        facts = [f"{FACT_NAMES[key]}: {FACT_ANSWERS[answer]}" for key, answer in brief.facts if answer != "no"]
        denied = [str(FACT_NAMES[key]) for key, answer in brief.facts if answer == "no"]
        rows = [
            (_("Medicines"), self._list(medicines, n, _("all medicines")) or _("none written down")),
            (_("Allergies"), self._passage(brief.allergies, _("allergies in full")) or _("nothing written down")),
            (_("Operations, implants"), self._both(brief.operations, brief.implants)),
            (_("To know"), self._list(facts, n + 4, _("all conditions"))),
            (_("Not so"), self._text("; ".join(denied), _("all that is not so"))),
            (_("Conditions"), self._passage(brief.conditions, _("conditions in full"))),
            (_("Said so far"), self._told(so_far_words.diagnosis, self.so_far.diagnoses, _("all that was said"))),
            (_("Proposed"), self._told(so_far_words.proposal, self.so_far.proposals, _("all that was proposed"))),
            (_("Files"), _n_files(brief)),
            (_("Record"), _quality(brief)),
        ]
        return Block(kind="list", title=_("Medicines and health"), rows=_said(rows))

    def _told(self, words: Callable[[Any], str], lines: Iterable[Any], what: str) -> str:
        shown = [self._text(words(line), what, longest=self.limits.cell * 2) for line in lines]
        return self._list(shown, self.limits.medicines, what)

    def _both(self, operations: Passage, implants: Passage) -> str:
        told = [self._passage(one, _("operations and implants in full")) for one in (operations, implants)]
        return " · ".join(filter(None, told)) or _("nothing written down")

    def _list(self, items: Sequence[str], n: int, what: str) -> str:
        if len(items) > n and what not in self.more:
            self.more.append(what)
        shown = "; ".join(items[:n])
        left = len(items) - n
        return shown + (_(" and %(n)s more") % {"n": left} if left > 0 else "")


def _appendix(brief: Brief, so_far: SaidSoFar) -> Iterable[Block]:
    """Everything, in full. What is empty is not there."""
    texts = [
        (_("My question"), brief.question),
        (_("Goal"), brief.goal),
        (_("Worry"), brief.worry),
        (_("Conditions"), brief.conditions),
        (_("Operations"), brief.operations),
        (_("Implants"), brief.implants),
        (_("Allergies"), brief.allergies),
    ]
    rows = [(name, " ".join(filter(None, [one.text, _held_back(one)]))) for name, one in texts if one]
    blocks = [
        Block(kind="list", title=_("In the patient's own words"), rows=tuple(rows)),
        _table(_("Alarm questions as they were asked"), _asked_head(), _asked(brief.red_flags)),
        _table(_("The story, from the check-up"), _asked_head(), _asked(brief.story)),
        _table(_("All treatments"), _all_tried_head(), [_all_of(one) for one in brief.tried]),
        _table(_("All medicines"), _medicine_head(), [_medicine_row(one, brief) for one in brief.medicines]),
        _table(
            _("Health facts"),
            (_("Fact"), _("Answer")),
            [(str(FACT_NAMES[key]), str(FACT_ANSWERS[said])) for key, said in brief.facts],
        ),
        _table(_("Said so far"), so_far_words.diagnosis_head(), map(so_far_words.diagnosis_row, so_far.diagnoses)),
        _table(_("Proposed so far"), so_far_words.proposal_head(), map(so_far_words.proposal_row, so_far.proposals)),
        _table(_("How that came about"), so_far_words.history_head(), map(so_far_words.history_row, so_far.history)),
        _table(_("Places"), (_("Place"), _("Days"), _("Mean"), _("Quality")), [_site_row(one) for one in brief.sites]),
        _table(_("What sets it off"), _named_head(), _named_rows(brief.triggers, TRIGGER_NAMES)),
        _table(_("What eases it"), _named_head(), _named_rows(brief.eased_by, EASED_BY_NAMES)),
        _table(_("PEG: pain, enjoyment, activity (0 to 10, higher is worse)"), _score_head(), _scores(brief.peg)),
        _table(_("PHQ-4: worry and low mood (0 to 12, higher is worse)"), _score_head(), _scores(brief.phq4)),
        _table(_("All weeks"), (_("Week from"), _("Days logged"), _("Mean"), _("Range")), map(_week, brief.weeks)),
        _table(_("Files"), (_("Kind"), _("Title"), _("Day")), [_file(one) for one in brief.files]),
        _table(_("Notes"), (_("Day"), _("Pain"), _("Note")), [_note(one) for one in brief.notes]),
        Block(kind="text", title=_("How to read this"), text=_how_to_read(brief)),
    ]
    return (block for block in blocks if block.rows or block.text)


def _table(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Block:
    return Block(kind="table", title=title, head=head, rows=tuple(rows))


def _how_to_read(brief: Brief) -> str:
    lines = [
        _(
            "Pain is a rating from 0 (none) to 10 (worst imaginable), given when the patient chose to; a day without an entry is unknown, never zero."
        ),
        _(
            "Before and now of a treatment are estimates of the usual level from the daily log, which lean against chance and against starting on a bad day. Lower pain while a treatment is used does not show that the treatment caused it."
        ),
        _("A fair trial is as long as guidance says that such a treatment needs, and used on most planned days."),
        _n_held_back(brief),
        _left_out(brief),
    ]
    return " ".join(filter(None, lines))


def _n_held_back(brief: Brief) -> str:
    n = brief.n_held_back
    words = ngettext(
        "%(n)s sentence in which others' conclusions may stand is kept apart.",
        "%(n)s sentences in which others' conclusions may stand are kept apart.",
        n,
    )
    return words % {"n": n} if n else ""


PART_NAMES = {
    Part.PERSON: gettext_lazy("who the patient is"),
    Part.CONDITIONS: gettext_lazy("conditions"),
    Part.STORY: gettext_lazy("the story"),
    Part.FUNCTION: gettext_lazy("function, sleep and mood"),
    Part.TRIED: gettext_lazy("what was tried"),
    Part.GOAL: gettext_lazy("the goal"),
    Part.WORRY: gettext_lazy("worries"),
    Part.NOTES: gettext_lazy("notes"),
    Part.FILES: gettext_lazy("files"),
}


def _left_out(brief: Brief) -> str:
    if not brief.left_out:
        return ""
    names = ", ".join(str(PART_NAMES[part]) for part in brief.left_out)
    return _("Left out by the patient: %(parts)s.") % {"parts": names}


def _chart(brief: Brief) -> Chart:
    weeks = brief.weeks[-WEEKS_SHOWN:]
    days = [date_format(day, "j M") if day else "" for day in days_shown(weeks)]
    return Chart(
        marks=tuple(course(weeks, brief.peg, days=days, colours=PAPER)),
        words=_chart_words(weeks, brief.peg),
        key=_(
            "Line: mean of each week, named by its first day. Bar: lowest to highest. Broken line with diamonds: PEG score (pain, enjoyment, activity)."
        ),
    )


def _chart_words(weeks: Sequence[Week], peg: Sequence[Score]) -> str:
    said = [
        f"{_day(week.first_day)}: {_number(week.mean)} ({week.lowest}–{week.highest})"
        for week in weeks
        if week.mean is not None
    ]
    if not said:
        return _("Nothing was logged in these weeks.")
    words = _("Pain from 0 to 10, weekly means with range. %(weeks)s.") % {"weeks": "; ".join(said)}
    scores = [f"{_day(one.on)}: {_number(one.value)}" for one in peg if weeks and one.on >= weeks[0].first_day]
    return words + (" " + _("PEG score. %(scores)s.") % {"scores": "; ".join(scores)} if scores else "")


def _said(rows: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(row for row in rows if row[1])


def _day(day: date | None) -> str:
    return date_format(day) if day else ""


def _short_day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}"


def _held_back(passage: Passage) -> str:
    n = passage.n_held_back
    return ngettext("[%(n)s sentence kept apart]", "[%(n)s sentences kept apart]", n) % {"n": n} if n else ""


def _age(age: int | None) -> str:
    return "" if age is None else ngettext("%(n)s year", "%(n)s years", age) % {"n": age}


def _sex(sex: str) -> str:
    return str(HealthProfile.Sex(sex).label).lower() if sex in ("female", "male", "other") else ""


def _site(site: str, mean: float, n_days: int, qualities: Sequence[str]) -> str:
    feels = ", ".join(str(QUALITY_NAMES.get(key, key)) for key in qualities)
    words = {"site": SITE_NAMES.get(site, site), "mean": f"{mean:.1f}", "days": n_days}
    said = ngettext("%(site)s %(mean)s (%(days)s day)", "%(site)s %(mean)s (%(days)s days)", n_days) % words
    return f"{said}, {feels}" if feels else said


def _names(counts: Iterable[Count], names: Names) -> list[str]:
    return [f"{names.get(one.key, one.key)} ({one.n_entries})" for one in counts]


def _since(brief: Brief) -> str:
    told = next((line.answer for line in brief.story if line.key == "duration"), "")
    if not brief.pain_since:
        return told
    logged = _("logged since %(day)s") % {"day": _day(brief.pain_since)}
    return f"{told}; {logged}" if told else logged


def _levels(brief: Brief) -> str:
    if brief.lowest is None:
        return _("nothing was logged in this period")
    words = {"now": _number(brief.mean_now), "before": _number(brief.mean_before)}
    match brief.mean_now is not None, brief.mean_before is not None:
        case False, False:
            said = _("nothing was logged in the first and the last four weeks of this period")
        case False, True:
            said = _("nothing was logged in the last four weeks, %(before)s of 10 on average in the first four") % words
        case True, True if brief.n_days >= 2 * 28:
            said = _("%(now)s of 10 on average in the last four weeks, %(before)s in the first four of this period")
            said %= words
        case _:
            said = _("%(now)s of 10 on average in the last four weeks") % words
    if brief.lowest == brief.highest:
        return said
    return said + ", " + _("from %(low)s to %(high)s") % {"low": brief.lowest, "high": brief.highest}


def _label(flag: AnswerLine) -> str:
    return str(RED_FLAG_LABELS.get(flag.key, flag.question))


def _found(flags: Iterable[AnswerLine]) -> str:
    """Of a list what was ticked, and of it alone: the other signs that it asks for stand under no."""
    found = [flag for flag in flags if _is_found(flag)]
    ticked = [flag.answer for flag in found if flag.not_ticked]
    answers = dict.fromkeys(flag.answer for flag in found if not flag.not_ticked)
    named = {one: ", ".join(_label(flag) for flag in found if flag.answer == one) for one in answers}
    return "; ".join([*ticked, *(f"{answer}: {labels}" for answer, labels in named.items())])


def _denied(flag: AnswerLine) -> str:
    return _label(flag) if flag.is_calm else _("nothing else of: %(signs)s") % {"signs": _label(flag)}


def _is_found(flag: AnswerLine) -> bool:
    return bool(flag.answer) and not flag.is_calm


def _is_denied(flag: AnswerLine) -> bool:
    """All of it, or the rest of a list."""
    return bool(flag.answer) and (flag.is_calm or bool(flag.not_ticked))


def _days(flags: Iterable[AnswerLine], wanted: Callable[[AnswerLine], bool]) -> list[date]:
    """On which such answers were given, the newest first."""
    return sorted({flag.on for flag in flags if flag.on and wanted(flag)}, reverse=True)


def _tried_head() -> tuple[str, ...]:
    return (_("Treatment"), _("When"), _("Fair trial"), _("Before → now"), _("Verdict"), _("Side effects"))


def _treatment(one: TriedLine) -> str:
    return " ".join(filter(None, [one.own_words.text or one.treatment_type, one.dose]))


def _treatment_and_name(one: TriedLine) -> str:
    """With the name that it was begun for, where that has been overturned."""
    if not one.overturned:
        return _treatment(one)
    return _("%(treatment)s (for “%(name)s”, since called otherwise)") % {
        "treatment": _treatment(one),
        "name": one.overturned,
    }


def _when(one: TriedLine) -> str:
    if one.stopped_on is None:
        return _("since %(first)s") % {"first": _short_day(one.started_on)}
    last = max(one.stopped_on - timedelta(days=1), one.started_on)
    return _("%(first)s to %(last)s") % {"first": _short_day(one.started_on), "last": _short_day(last)}


def _fair(one: TriedLine) -> str:
    days = _("%(n)s of %(trial)s days") % {"n": one.n_days, "trial": one.trial_days}
    used = "" if one.adherence is None else ", " + _("used %(share)s %%") % {"share": round(one.adherence * 100)}
    answer = {True: _("yes"), False: _("no"), None: _("long enough; use not noted")}[one.is_fair_trial]
    return f"{answer} ({days}{used})"


def _change(one: TriedLine) -> str:
    return NONE if one.before is None or one.now is None else f"{one.before:.1f} → {one.now:.1f}"


def _verdict(one: TriedLine) -> str:
    if not one.outcome:
        return _("not judged")
    outcome = Verdict.Outcome(one.outcome)
    if outcome == Verdict.Outcome.CANT_TELL:
        why = CANNOT_TELL_BECAUSE.get(one.reason)
        return f"{outcome.label}: {why}" if why else str(outcome.label)
    return f"{outcome.label} ({_('started with another')})" if one.is_mixed else str(outcome.label)


def how_it_went(one: TriedLine) -> str:
    """One sentence for where there is no table."""
    words = {"fair": _fair(one), "change": _change(one), "verdict": _verdict(one), "effects": _side_effects(one)}
    went = _("Fair trial: %(fair)s. Pain before and now: %(change)s. %(verdict)s. Side effects: %(effects)s.") % words
    return f"{went} {so_far_words.overturned(one.overturned)}" if one.overturned else went


def _side_effects(one: TriedLine) -> str:
    return " ".join(filter(None, [one.side_effects.text, _held_back(one.side_effects)])) or NONE


def _all_tried_head() -> tuple[str, ...]:
    return (
        _("Treatment"),
        _("For"),
        _("When"),
        _("Fair trial"),
        _("Before → now"),
        _("Verdict"),
        _("Side effects, why stopped"),
    )


def _all_of(one: TriedLine) -> tuple[str, ...]:
    kind = str(TreatmentType.Class(one.treatment_class).label)
    named = f"{_treatment(one)} ({f'{one.treatment_type}, {kind}' if one.own_words.text else kind})"
    why = str(TreatmentAttempt.StopReason(one.stop_reason).label) if one.stop_reason else ""
    end = "; ".join(filter(None, [one.side_effects.text, _held_back(one.side_effects), why])) or NONE
    pain = str(SITE_NAMES.get(one.site, one.site)) if one.site else _("all pain")
    overturned = so_far_words.overturned(one.overturned) if one.overturned else ""
    own = " ".join(filter(None, [named, _held_back(one.own_words), overturned]))
    return (own, pain, _when(one), _fair(one), _change(one), _verdict(one), end)


def _peg(peg: Sequence[Score]) -> str:
    if not peg:
        return ""
    first, last = peg[0], peg[-1]
    if first == last:
        return _("PEG %(now)s of 10 on %(day)s") % {"now": _number(last.value), "day": _day(last.on)}
    words = {"before": _number(first.value), "now": _number(last.value), "first": _day(first.on), "last": _day(last.on)}
    return _("PEG %(before)s (%(first)s) → %(now)s of 10 (%(last)s)") % words


def _sleep_and_mood(brief: Brief) -> str:
    said = [
        _("sleep %(n)s of 10") % {"n": _number(brief.sleep)} if brief.sleep is not None else "",
        _("mood %(n)s of 10") % {"n": _number(brief.mood)} if brief.mood is not None else "",
        _("pain in the way %(n)s of 10") % {"n": _number(brief.interference)} if brief.interference is not None else "",
        _("PHQ-4 %(n)s of 12 (%(day)s)") % {"n": f"{brief.phq4[-1].value:.0f}", "day": _day(brief.phq4[-1].on)}
        if brief.phq4
        else "",
    ]
    return ", ".join(filter(None, said))


def _medicine(line: MedicineLine) -> str:
    how = _("as needed") if line.is_as_needed else _("regularly")
    words = " ".join(filter(None, [line.name, line.dose]))
    if line.n_days_taken is None:
        return f"{words} ({how})"
    taken = ngettext("taken on %(n)s of 28 days", "taken on %(n)s of 28 days", line.n_days_taken)
    return f"{words} ({how}, {taken % {'n': line.n_days_taken}})"


def _medicine_head() -> tuple[str, ...]:
    return (_("Medicine"), _("Dose"), _("How"), _("From"), _("Until"), _("Days taken of 28"))


def _medicine_row(line: MedicineLine, brief: Brief) -> tuple[str, ...]:
    how = _("as needed") if line.is_as_needed else _("regularly")
    until = max(line.stopped_on - timedelta(days=1), line.started_on or date.min) if line.stopped_on else None
    taken = NONE if line.n_days_taken is None else str(line.n_days_taken)
    return (line.name, line.dose or NONE, how, _day(line.started_on) or NONE, _day(until) or NONE, taken)


def _n_files(brief: Brief) -> str:
    n = len(brief.files)
    return ngettext("%(n)s file goes with this", "%(n)s files go with this", n) % {"n": n} if n else ""


def _quality(brief: Brief) -> str:
    words = {"logged": brief.n_days_logged, "days": brief.n_days}
    said = ngettext("%(logged)s of %(days)s day logged", "%(logged)s of %(days)s days logged", brief.n_days) % words
    return f"{said} ({round(100 * brief.n_days_logged / brief.n_days)} %)"


def _asked_head() -> tuple[str, ...]:
    return (_("Question"), _("Answer"), _("Day"))


def _asked(lines: Iterable[AnswerLine]) -> list[tuple[str, ...]]:
    return [(line.question, answered(line) or _("not asked"), _day(line.on) or NONE) for line in lines]


def answered(line: AnswerLine) -> str:
    """The answer, and what of a list was not ticked."""
    rest = _("Not ticked: %(signs)s") % {"signs": "; ".join(line.not_ticked)} if line.not_ticked else ""
    return "\n".join(filter(None, [line.answer, rest]))


def _site_row(one: SiteLine) -> tuple[str, ...]:
    feels = ", ".join(str(QUALITY_NAMES.get(key, key)) for key in one.qualities) or NONE
    return (str(SITE_NAMES.get(one.site, one.site)), str(one.n_days), f"{one.mean:.1f}", feels)


def _named_head() -> tuple[str, ...]:
    return (_("What"), _("Entries"))


def _named_rows(counts: Iterable[Count], names: Names) -> list[tuple[str, ...]]:
    return [(str(names.get(one.key, one.key)), str(one.n_entries)) for one in counts]


def _score_head() -> tuple[str, ...]:
    return (_("Day"), _("Score"))


def _scores(scores: Iterable[Score]) -> list[tuple[str, ...]]:
    return [(_day(one.on), f"{one.value:g}") for one in scores]


def _week(week: Week) -> tuple[str, ...]:
    span = NONE if week.lowest is None else f"{week.lowest}–{week.highest}"
    return (_day(week.first_day), str(week.n_days_logged), _number(week.mean), span)


def _file(one: FileLine) -> tuple[str, ...]:
    kind = str(Attachment.Kind(one.kind).label).split(":")[0]
    title = " ".join(filter(None, [one.title.text, _held_back(one.title)])) or NONE
    return (kind, title, _day(one.made_on) or NONE)


def _note(one: NoteLine) -> tuple[str, ...]:
    return (_day(one.on), str(one.nrs), " ".join(filter(None, [one.note.text, _held_back(one.note)])))
