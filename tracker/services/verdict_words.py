"""A stored verdict in words. Every number is one of `verdict_figures`; pages, API and mail all say these sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.domain.trial_policy import (
    HISTORY_DAYS,
    LOW_BASELINE_LEVEL,
    MIN_BASELINE_DAYS,
    MIN_TREATMENT_DAYS,
    PAIR_GAP_DAYS,
)
from tracker.models import TreatmentAttempt, Verdict
from tracker.services.treatments import LONGEST_TRIAL
from tracker.services.verdict_figures import DOTS, Figures, figures

Outcome = Verdict.Outcome

TONES = {Outcome.WORKING: "good", Outcome.NOT_WORKING: "bad", Outcome.WORSE: "warn", Outcome.CANT_TELL: "unsure"}
CANNOT_TELL_BECAUSE = {
    "too_early": gettext_lazy("Too early to say"),
    "too_few_entries": gettext_lazy("Too few entries"),
    "no_baseline": gettext_lazy("No record of before"),
    "varies_too_much": gettext_lazy("Varies too much"),
    "low_baseline": gettext_lazy("Pain was low before"),
    "not_fairly_tried": gettext_lazy("Not fairly tried yet"),
    "mixed": gettext_lazy("Mixed with another"),
}


@dataclass(frozen=True, kw_only=True)
class Chance:
    """A chance as a number of dots out of 20 and in words."""

    n: int
    words: str
    of_what: str

    @property
    def label(self) -> str:
        return _("%(what)s: %(chance)s.") % {"what": self.of_what, "chance": self.words}


@dataclass(frozen=True, kw_only=True)
class Sentences:
    """What is said of one verdict. `text` is the second line whole; `change` and `chance` are parts of it."""

    badge: str
    tone: str
    headline: str
    text: str
    change: str = ""
    chance: Chance | None = None


def sentences(verdict: Verdict | None, attempt: TreatmentAttempt, others: Iterable[TreatmentAttempt] = ()) -> Sentences:
    """`others`: the attempts that the verdict is mixed with, where the caller has them at hand."""
    if verdict is None:
        return _not_judged(attempt)
    told, name = figures(verdict, attempt), _names(verdict, attempt, others)
    chance = _chance(told)
    return Sentences(
        badge=badge(verdict),
        tone=TONES[Outcome(verdict.outcome)],
        headline=_headline(told, attempt, name),
        text=" ".join(filter(None, _text(told, attempt, name, chance))),
        change=change_in_words(told),
        chance=chance,
    )


def badge(verdict: Verdict | None) -> str:
    """Two or three words: the outcome, or why it cannot be told."""
    if verdict is None:
        return _("Not judged")
    if verdict.outcome != Outcome.CANT_TELL:
        return str(Outcome(verdict.outcome).label)
    return str(CANNOT_TELL_BECAUSE.get(verdict.reason, Outcome.CANT_TELL.label))


def tone(verdict: Verdict | None) -> str:
    return TONES[Outcome(verdict.outcome)] if verdict else "unsure"


def points(change: float) -> str:
    """0.3 points lower; no change."""
    size = abs(round(change, 1))
    if not size:
        return _("no change")
    return _amount(size) + " " + _direction(change)


def change_in_words(told: Figures) -> str:
    """The most likely change with its interval, in points; empty if nothing could be estimated."""
    if told.change is None or told.change_low is None or told.change_high is None:
        return ""
    low, high = told.change_low, told.change_high
    if low < 0 < high:
        between = _("likely between %(low)s lower and %(high)s higher") % {"low": f"{-low:.1f}", "high": f"{high:.1f}"}
    else:
        near, far = sorted((abs(low), abs(high)))
        ends = {"near": f"{near:.1f}", "far": f"{far:.1f}", "direction": _direction(low + high)}
        between = _("likely between %(near)s and %(far)s %(direction)s") % ends
    return _("%(points)s, %(between)s") % {"points": points(told.change), "between": between}


def chance_in_words(n: int) -> str:
    """Of 20: never none and never certain."""
    if n < 1:
        return _("less than 1 in 20")
    return _("more than 19 in 20") if n >= DOTS else _("about %(n)s in 20") % {"n": n}


def basis(
    verdict: Verdict, attempt: TreatmentAttempt, others: Iterable[TreatmentAttempt] = ()
) -> list[tuple[str, str]]:
    """What the verdict rests on: (term, words)."""
    told = figures(verdict, attempt)
    facts = [(_("Since the start"), _logged_of_passed(told)), (_("Before the start"), _baseline(told))]
    if told.is_cut_short:
        facts.append((_("Not counted"), _("later days, because another treatment was started or stopped")))
    elif told.day > LONGEST_TRIAL:
        facts.append((_("Not counted"), _("what came after two years")))
    if verdict.confounded_with:
        names = ", ".join(other.name for other in others)
        facts.append((_("Mixed with"), names or _("another treatment of yours")))
    if told.matters is not None:
        words = _("about %(amount)s lower, at your usual pain") % {"amount": _amount(told.matters)}
        facts.append((_("A drop that matters"), words))
    return facts


def _names(verdict: Verdict, attempt: TreatmentAttempt, others: Iterable[TreatmentAttempt]) -> str:
    """The attempt, together with those that were started too near it to be told apart."""
    if verdict.outcome == Outcome.CANT_TELL or verdict.reason != "mixed":
        return attempt.name
    pair = [other.name for other in others if abs((other.started_on - attempt.started_on).days) < PAIR_GAP_DAYS]
    return _(" and ").join([attempt.name, *(pair or [_("what you started with it")])])


def _not_judged(attempt: TreatmentAttempt) -> Sentences:
    headline = _("Nothing can be said about %(name)s yet.")
    text = _("Verdicts are made at night. The first clear words can come a week after the start.")
    if attempt.stopped_on:
        headline, text = _("%(name)s was not judged."), _("It was stopped before there was enough to look at.")
    return Sentences(badge=badge(None), tone="unsure", headline=headline % {"name": attempt.name}, text=text)


def _headline(told: Figures, attempt: TreatmentAttempt, name: str) -> str:
    words = {"name": name, "days": told.day}
    match told.outcome:
        case Outcome.WORKING if attempt.stopped_on:
            return _("Your pain was lower while you used %(name)s.") % words
        case Outcome.WORKING if told.is_cut_short:
            return _("Your pain was lower with %(name)s, in the days that can be told apart.") % words
        case Outcome.WORKING:
            return _("Your pain has been lower since you started %(name)s.") % words
        case Outcome.WORSE if attempt.stopped_on:
            return _("Your pain was higher while you used %(name)s.") % words
        case Outcome.WORSE if told.is_cut_short:
            return _("Your pain was higher with %(name)s, in the days that can be told apart.") % words
        case Outcome.WORSE:
            return _("Your pain has been higher since you started %(name)s.") % words
        case Outcome.NOT_WORKING:
            return _("%(name)s has not brought a drop that matters in %(days)s days.") % words
    return _cant_tell_headline(told.reason) % words


def _cant_tell_headline(reason: str) -> str:
    return {
        "too_early": _("It is too early to say whether %(name)s helps."),
        "too_few_entries": _("There are too few entries to say whether %(name)s helps."),
        "no_baseline": _("There is no record of your pain before %(name)s."),
        "varies_too_much": _("Your pain goes up and down too much to say whether %(name)s helps."),
        "low_baseline": _("Your pain was low before %(name)s, so a drop that matters is hard to see."),
        "not_fairly_tried": _("%(name)s has not been used enough to judge it fairly."),
        "mixed": _("%(name)s cannot be told apart from what you started at the same time."),
    }.get(reason, _("It cannot be told yet whether %(name)s helps."))


def _text(told: Figures, attempt: TreatmentAttempt, name: str, chance: Chance | None) -> Sequence[str]:
    change = change_in_words(told)
    odds = chance.label if chance else ""
    match told.outcome:
        case Outcome.WORKING:
            proof = _("A log cannot prove that %(name)s is the reason.") % {"name": name}
            return [_measured(told, change), odds, proof]
        case Outcome.WORSE:
            is_past = attempt.stopped_on or told.is_cut_short
            talk = _("If it still is, talk to your doctor soon.") if is_past else _("Talk to your doctor soon.")
            return [_measured(told, change), odds, talk]
        case Outcome.NOT_WORKING:
            matters = {"change": change, "mcid": _amount(told.matters or 0)}
            return [_("Most likely change: %(change)s. A drop that matters would be about %(mcid)s.") % matters, odds]
    if told.reason == "no_baseline":
        return [_missing(told)]
    so_far = _("Most likely change so far: %(change)s.") % {"change": change} if change else ""
    return [day_of_trial(told.day, told.trial_days), so_far, odds, _missing(told)]


def _measured(told: Figures, change: str) -> str:
    if told.before is None or told.now is None:
        return _("On day %(day)s: %(change)s.") % {"day": told.day, "change": change}
    return _("On day %(day)s: %(change)s than before (from about %(before)s to %(now)s).") % {
        "day": told.day,
        "change": change,
        "before": f"{told.before:.1f}",
        "now": f"{told.now:.1f}",
    }


def _chance(told: Figures) -> Chance | None:
    """Working: of a drop that matters now. Worse: of a rise. Else: that it becomes a drop that matters."""
    if told.chance_in_20 is None:
        return None
    of_what = {
        "drop_now": _("Chance that this is a drop that matters"),
        "rise_now": _("Chance that your pain is really higher than before"),
        "drop_still": _("Chance that it becomes a drop that matters"),
    }[told.chance_of]
    if told.outcome == Outcome.NOT_WORKING:
        of_what = _("Chance that it still becomes a drop that matters")
    return Chance(n=told.chance_in_20, words=chance_in_words(told.chance_in_20), of_what=of_what)


def day_of_trial(day: int, trial_days: int) -> str:
    """Where a day stands in the trial; the first day is day 1."""
    words = {"day": day, "trial": trial_days}
    if day > trial_days:
        return _("Judged on day %(day)s; a fair trial takes %(trial)s days.") % words
    return _("Judged on day %(day)s of a fair trial of %(trial)s days.") % words


def what_is_missing(verdict: Verdict | None, attempt: TreatmentAttempt) -> str:
    """What would help most to tell."""
    return _missing(figures(verdict, attempt) if verdict else None)


def what_would_settle_it(told: Figures) -> str:
    """How many more logged days, and by when; empty where that cannot be told."""
    if told.settling is None:
        return ""
    n = told.settling.n_more_days
    words = {"n": n, "day": date_format(told.settling.by, "j F")}
    if told.settling.is_trial_end:
        return (
            ngettext(
                "%(n)s more logged day makes the fair trial whole; by about %(day)s more can be said.",
                "%(n)s more logged days make the fair trial whole; by about %(day)s more can be said.",
                n,
            )
            % words
        )
    return (
        ngettext(
            "About %(n)s more logged day could settle it, by about %(day)s if you log as often as so far.",
            "About %(n)s more logged days could settle it, by about %(day)s if you log as often as so far.",
            n,
        )
        % words
    )


def _missing(told: Figures | None) -> str:
    match told.reason if told else "too_early":
        case "no_baseline":
            return _("Say what your usual pain was before you started: your memory of it is enough to begin with.")
        case "too_few_entries":
            return _more_days(told)
        case "too_early":
            settled = what_would_settle_it(told) if told else ""
            return settled or _("Give it its time, and log your pain on most days.")
        case "varies_too_much" | "low_baseline":
            settled = what_would_settle_it(told) if told else ""
            return settled or _("More logged days would help most: once a day is enough.")
        case "mixed":
            return _("Next time, change one thing at a time, two weeks apart if that is safe.")
        case "not_fairly_tried":
            return _("It can be judged fairly once it is used on most of the days that were planned.")
    return _("Log your pain on most days.")


def _more_days(told: Figures | None) -> str:
    n = MIN_TREATMENT_DAYS - told.days_logged if told else MIN_TREATMENT_DAYS
    if n <= 0:
        return _("Two logged days in the last week would help most.")
    return ngettext("%(n)s more logged day would help most.", "%(n)s more logged days would help most.", n) % {"n": n}


def _logged_of_passed(told: Figures) -> str:
    words = {"logged": told.days_logged, "days": told.day}
    return ngettext("%(logged)s of %(days)s day logged", "%(logged)s of %(days)s days logged", told.day) % words


def _baseline(told: Figures) -> str:
    if told.baseline == "recalled":
        return _("based on your memory of before")
    if told.baseline == "none":
        n = {"n": told.baseline_days, "needed": MIN_BASELINE_DAYS}
        return _("%(n)s days logged; at least %(needed)s are needed, or your memory of it") % n
    words = ngettext("%(n)s day logged", "%(n)s days logged", told.baseline_days) % {"n": told.baseline_days}
    if told.raw_before is None:
        return words
    read = {"n": HISTORY_DAYS, "mean": f"{told.raw_before:.1f}"}
    return words + " " + _("of the %(n)s before it, %(mean)s on average") % read


def _amount(size: float) -> str:
    return _("1 point") if size == 1 else _("%(size)s points") % {"size": f"{size:.1f}"}


def _direction(change: float) -> str:
    return _("lower") if change < 0 else _("higher")


def disagreement(key: str) -> str:
    """Said beside the verdict, never instead of it."""
    return {
        "function_better": _(
            "Your pain has not dropped enough to call it working, but it keeps you from less than before. That counts: "
            "say so when you talk about this treatment."
        ),
        "function_worse": _(
            "Your pain is lower, but it keeps you from more than before. Say so when you talk about this treatment."
        ),
        "feels_better": _(
            "You say that you are clearly better as a whole. The log of your pain does not show it yet; both are true."
        ),
        "feels_worse": _(
            "You say that you are worse as a whole, although the log shows less pain. Talk about what has got worse."
        ),
        "feels_same": _("You say that you are about the same as a whole, although the log shows less pain."),
    }[key]


def natural_course() -> str:
    """True of every verdict."""
    return _(
        "Much pain eases by itself in the first weeks, and people often start something when it is at its worst. Ebb "
        "allows for a bad start, but a slow change that would have come anyway looks the same in a log."
    )


def labels(told: Figures | None) -> list[str]:
    """What to keep in mind with this verdict, in its first lines."""
    found = []
    if told and told.baseline == "recalled":
        found.append(_("Based on your memory of before, because the log has too few days from then."))
    if told and told.before is not None and told.before < LOW_BASELINE_LEVEL:
        found.append(_("Your pain was low before, so a drop that matters is hard to see in it."))
    return found


def picture(told: Figures | None, *, before: float | None, during: float | None, beside: Sequence[str] = ()) -> str:
    """The picture of an attempt in a few short sentences. `before`, `during`: plain averages of the picture's days;
    `beside`: names of other treatments whose effect is set aside."""
    found = []
    if before is not None and during is not None:
        plain = _("The plain average of the logged days was %(before)s before and is %(during)s with it.")
        found.append(plain % {"before": f"{before:.1f}", "during": f"{during:.1f}"})
    elif during is not None:
        found.append(_("The plain average of the logged days is %(during)s with it.") % {"during": f"{during:.1f}"})
    elif before is not None:
        found.append(_("The plain average of the logged days was %(before)s before.") % {"before": f"{before:.1f}"})
    if told and told.before is not None and told.likely_low is not None and told.baseline != "none":
        found += _levels(told, beside)
    return " ".join(found)


def _levels(told: Figures, beside: Sequence[str]) -> Iterable[str]:
    levels = {"before": f"{told.before:.1f}", "low": f"{told.likely_low:.1f}", "high": f"{told.likely_high:.1f}"}
    if beside:
        yield _(
            "Other treatments came or went in these months: %(names)s. The dots show what all of them did together; Ebb "
            "sets aside what the others seem to do. Without them, your usual level would probably have been about "
            "%(before)s before, and with this treatment alone it would lie between %(low)s and %(high)s."
        ) % (levels | {"names": ", ".join(beside)})
    else:
        yield (
            _("Your usual level before was probably about %(before)s, and with it lies between %(low)s and %(high)s.")
            % levels
        )
    if told.matters is not None and told.before is not None:
        below = {"below": f"{max(told.before - told.matters, 0):.1f}"}
        yield _("At %(below)s or lower it would be a drop that matters.") % below
    if not beside:
        yield _(
            "People often start when pain is at its worst, so the verdict leans towards your usual level, which may lie "
            "under the plain average."
        )
