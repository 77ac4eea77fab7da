"""A stored verdict in words. Every number comes from the row; pages, API and Today all say it with these sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tracker.domain.trial_policy import MIN_BASELINE_DAYS, MIN_TREATMENT_DAYS, PAIR_GAP_DAYS
from tracker.models import TreatmentAttempt, Verdict
from tracker.web.charts import DOTS

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
    name = _names(verdict, attempt, others)
    chance = _chance(verdict)
    return Sentences(
        badge=badge(verdict),
        tone=TONES[Outcome(verdict.outcome)],
        headline=_headline(verdict, attempt, name),
        text=" ".join(filter(None, _text(verdict, attempt, name, chance))),
        change=change_in_words(verdict),
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


def change_in_words(verdict: Verdict) -> str:
    """The most likely change with its interval, in points; empty if nothing could be estimated."""
    if verdict.change is None or verdict.change_low is None or verdict.change_high is None:
        return ""
    low, high = round(verdict.change_low, 1), round(verdict.change_high, 1)
    if low < 0 < high:
        between = _("likely between %(low)s lower and %(high)s higher") % {"low": f"{-low:.1f}", "high": f"{high:.1f}"}
    else:
        near, far = sorted((abs(low), abs(high)))
        ends = {"near": f"{near:.1f}", "far": f"{far:.1f}", "direction": _direction(low + high)}
        between = _("likely between %(near)s and %(far)s %(direction)s") % ends
    return _("%(points)s, %(between)s") % {"points": points(verdict.change), "between": between}


def chance_in_words(share: float) -> str:
    n = round(share * DOTS)
    if n < 1:
        return _("less than 1 in 20")
    return _("more than 19 in 20") if n >= DOTS else _("about %(n)s in 20") % {"n": n}


def basis(
    verdict: Verdict, attempt: TreatmentAttempt, others: Iterable[TreatmentAttempt] = ()
) -> list[tuple[str, str]]:
    """What the verdict rests on: (term, words)."""
    facts = [(_("Since the start"), _logged_of_passed(verdict)), (_("Before the start"), _baseline(verdict))]
    if is_cut_short(verdict, attempt):
        facts.append((_("Not counted"), _("later days, because another treatment was started or stopped")))
    if verdict.confounded_with:
        names = ", ".join(other.name for other in others)
        facts.append((_("Mixed with"), names or _("another treatment of yours")))
    if verdict.mcid is not None:
        words = _("about %(amount)s at your usual pain") % {"amount": _amount(round(verdict.mcid, 1))}
        facts.append((_("A drop that matters"), words))
    return facts


def is_cut_short(verdict: Verdict, attempt: TreatmentAttempt) -> bool:
    """Another treatment ended what can be told apart before the night of the verdict."""
    used_until = min(attempt.stopped_on or verdict.as_of, verdict.as_of)
    return verdict.days_passed < (used_until - attempt.started_on).days


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


def _headline(verdict: Verdict, attempt: TreatmentAttempt, name: str) -> str:
    words = {"name": name, "days": verdict.days_passed}
    match verdict.outcome:
        case Outcome.WORKING if attempt.stopped_on:
            return _("Your pain was lower while you used %(name)s.") % words
        case Outcome.WORKING if is_cut_short(verdict, attempt):
            return _("Your pain was lower with %(name)s, in the days that can be told apart.") % words
        case Outcome.WORKING:
            return _("Your pain has been lower since you started %(name)s.") % words
        case Outcome.WORSE if attempt.stopped_on:
            return _("Your pain was higher while you used %(name)s.") % words
        case Outcome.WORSE if is_cut_short(verdict, attempt):
            return _("Your pain was higher with %(name)s, in the days that can be told apart.") % words
        case Outcome.WORSE:
            return _("Your pain has been higher since you started %(name)s.") % words
        case Outcome.NOT_WORKING:
            return _("%(name)s has not brought a drop that matters in %(days)s days.") % words
    return _cant_tell_headline(verdict.reason) % words


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


def _text(verdict: Verdict, attempt: TreatmentAttempt, name: str, chance: Chance | None) -> Sequence[str]:
    change = change_in_words(verdict)
    odds = chance.label if chance else ""
    match verdict.outcome:
        case Outcome.WORKING:
            proof = _("A log cannot prove that %(name)s is the reason.") % {"name": name}
            return [_measured(verdict, change), odds, proof]
        case Outcome.WORSE:
            is_past = attempt.stopped_on or is_cut_short(verdict, attempt)
            talk = _("If it still is, talk to your doctor soon.") if is_past else _("Talk to your doctor soon.")
            return [_measured(verdict, change), odds, talk]
        case Outcome.NOT_WORKING:
            matters = {"change": change, "mcid": _amount(round(verdict.mcid or 0, 1))}
            return [_("Most likely change: %(change)s. A drop that matters would be about %(mcid)s.") % matters, odds]
    if verdict.reason == "no_baseline":
        return [what_is_missing(verdict, attempt)]
    so_far = _("Most likely change so far: %(change)s.") % {"change": change} if change else ""
    return [_day_of_trial(verdict, attempt), so_far, odds, what_is_missing(verdict, attempt)]


def _measured(verdict: Verdict, change: str) -> str:
    if verdict.before is None or verdict.now is None:
        return _("On day %(day)s: %(change)s.") % {"day": verdict.days_passed, "change": change}
    return _("On day %(day)s: %(change)s than before (from about %(before)s to %(now)s).") % {
        "day": verdict.days_passed,
        "change": change,
        "before": f"{verdict.before:.1f}",
        "now": f"{verdict.now:.1f}",
    }


def _chance(verdict: Verdict) -> Chance | None:
    """Working: of a drop that matters now. Worse: of a rise. Else: that it becomes a drop that matters."""
    match verdict.outcome:
        case Outcome.WORKING:
            share, of_what = verdict.p_now, _("Chance that this is a drop that matters")
        case Outcome.WORSE:
            share, of_what = verdict.p_worse, _("Chance that your pain is really higher than before")
        case Outcome.NOT_WORKING:
            share, of_what = verdict.p_reach, _("Chance that it still becomes a drop that matters")
        case _:
            share, of_what = verdict.p_reach, _("Chance that it becomes a drop that matters")
    if share is None or verdict.reason == "no_baseline":
        return None
    return Chance(n=round(share * DOTS), words=chance_in_words(share), of_what=of_what)


def _day_of_trial(verdict: Verdict, attempt: TreatmentAttempt) -> str:
    words = {"day": verdict.days_passed, "trial": attempt.trial_days}
    if verdict.days_passed > attempt.trial_days:
        return _("Judged on day %(day)s; a fair trial takes %(trial)s days.") % words
    return _("Judged on day %(day)s of a fair trial of %(trial)s days.") % words


def what_is_missing(verdict: Verdict | None, attempt: TreatmentAttempt) -> str:
    """What would help most to tell."""
    match verdict.reason if verdict else "too_early":
        case "no_baseline":
            return _("Say what your usual pain was before you started: your memory of it is enough to begin with.")
        case "too_few_entries":
            return _more_days(verdict)
        case "too_early":
            return _("Give it its time, and log your pain on most days.")
        case "varies_too_much" | "low_baseline":
            return _("More logged days would help most: once a day is enough.")
        case "mixed":
            return _("Next time, change one thing at a time, two weeks apart if that is safe.")
    return _("Log your pain on most days.")


def _more_days(verdict: Verdict | None) -> str:
    n = MIN_TREATMENT_DAYS - verdict.days_logged if verdict else MIN_TREATMENT_DAYS
    if n <= 0:
        return _("Two logged days in the last week would help most.")
    return ngettext("%(n)s more logged day would help most.", "%(n)s more logged days would help most.", n) % {"n": n}


def _logged_of_passed(verdict: Verdict) -> str:
    words = {"logged": verdict.days_logged, "days": verdict.days_passed + 1}  # the first day is day 0
    return _("%(logged)s of %(days)s days logged") % words


def _baseline(verdict: Verdict) -> str:
    if verdict.baseline == "recalled":
        return _("based on your memory of before")
    if verdict.baseline == "none":
        n = {"n": verdict.baseline_days, "needed": MIN_BASELINE_DAYS}
        return _("%(n)s days logged; at least %(needed)s are needed, or your memory of it") % n
    words = ngettext("%(n)s day logged", "%(n)s days logged", verdict.baseline_days) % {"n": verdict.baseline_days}
    if verdict.raw_baseline_mean is None:
        return words
    return words + ", " + _("%(mean)s on average") % {"mean": f"{verdict.raw_baseline_mean:.1f}"}


def _amount(size: float) -> str:
    return _("1 point") if size == 1 else _("%(size)s points") % {"size": f"{size:.1f}"}


def _direction(change: float) -> str:
    return _("lower") if change < 0 else _("higher")
