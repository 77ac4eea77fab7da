"""Amounts, reasons and names of the morning moves in words: page, API and device say the same."""

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.domain.daily_set import Planned, Reason, Why
from tracker.domain.moves import MOVE, Move, Unit, Version
from tracker.domain.pacing import HABIT_DAYS, SESSIONS_TO_ADVANCE
from tracker.services.exercises import LastDone

VERSION_NAMES = {
    Version.EASIER: lambda: _("easier"),
    Version.USUAL: lambda: _("usual"),
    Version.HARDER: lambda: _("harder"),
    Version.CHAIR: lambda: _("with a chair"),
}


def name(key: str) -> str:
    return _(MOVE[key].name)


def unit(unit: Unit, n: int) -> str:
    """What is counted, without the number."""
    match unit:
        case Unit.MINUTES:
            return ngettext("minute", "minutes", n)
        case Unit.BREATHS:
            return ngettext("breath", "breaths", n)
        case Unit.EACH_SIDE:
            return ngettext("time each side", "times each side", n)
    return ngettext("time", "times", n)


def amount(planned: Planned) -> str:
    """How much, such as "8 times, with a band"."""
    said = f"{planned.amount} {unit(planned.move.unit, planned.amount)}"
    note = planned.move.note(planned.stage)
    is_as_staged = planned.version in (Version.USUAL, Version.HARDER)
    return f"{said}, {_(note)}" if note and is_as_staged else said


def dose(move: Move, stage: str) -> str:
    """What a stage asks for."""
    return amount(Planned(move=move, version=Version.USUAL, amount=move.amount(stage), stage=stage))


def planned(planned: Planned) -> str:
    """Amount and version in one, such as "8 times, easier"."""
    said = amount(planned)
    return said if planned.version is Version.USUAL else f"{said}, {version(planned)}"


def version(planned: Planned) -> str:
    return VERSION_NAMES[planned.version]()


def what_differs(planned: Planned) -> str:
    words = planned.move.says(planned.version)
    return _(words) if words else ""


def reason(said: Reason) -> str:
    """Why the set, or one move of it, is as it is."""
    told = {
        "day": date_format(said.day, "l j F") if said.day else "",
        "n": said.n,
        "move": name(said.move) if said.move else "",
        "other": name(said.other) if said.other else "",
        "good": SESSIONS_TO_ADVANCE,
    }
    return _WORDS[said.why](said.n or 0) % told


_WORDS = {
    Why.STAGE: lambda n: _("You begin with small amounts, so that your body can get used to them."),
    Why.THREE_GOOD: lambda n: _(
        "A step further, because three sessions went well and you were back to usual on the mornings after."
    ),
    Why.PAIN_DURING: lambda n: _("A step easier, because it hurt more than it should on %(day)s."),
    Why.PAIN_NEXT_MORNING: lambda n: _(
        "A step easier, because on the morning after %(day)s it was clearly worse than usual."
    ),
    Why.LONG_BREAK: lambda n: _("A gentle start after a break. Breaks are part of it."),
    Why.TOWARDS: lambda n: _towards(n),
    Why.FLARE: lambda n: _("Half of the usual, in the easier version, because you have a flare."),
    Why.AFTER_FLARE: lambda n: _("%(n)s %% of the usual: after a flare it grows a little each day."),
    Why.EASIER_TODAY: lambda n: _("Everything in its easier version, because you wished so for today."),
    Why.STRENGTH_DAY: lambda n: _("Today has strength."),
    Why.STRENGTH_RESTS: lambda n: _("No strength today: yesterday had some, and muscles rest a day between."),
    Why.STRENGTH_ENOUGH: lambda n: _(
        "No strength today: the last seven days had three days with it, and that is enough."
    ),
    Why.BENDING_LAST: lambda n: _(
        "What bends your back comes last. Fresh out of bed, wait for half an hour before that."
    ),
    Why.UP_FOR_A_WHILE: lambda n: _("You have been up for half an hour, so bending may come in its usual place."),
    Why.CHAIR: lambda n: _("Everything is shown on or behind a chair. Hold on to something firm."),
    Why.LEFT_OUT: lambda n: _("%(move)s is left out, as you wished."),
    Why.NOT_WITH: lambda n: _("%(move)s is left out, because of what you said about your bones."),
    Why.HURT: lambda n: _("Easier, because it hurt on %(day)s. After three good sessions it comes back as usual."),
    Why.WISH: lambda n: _("As you wished."),
    Why.SWAPPED: lambda n: _("In the place of %(other)s, for today."),
    Why.MEASURED: lambda n: _(
        "%(n)s by your own plan: a little less than what went well, and a little more each week."
    ),
    Why.SITTING_OR_STANDING: lambda n: _("With a chair, because of what you said in the safety questions."),
    Why.TURN_OF_OTHERS: lambda n: _("Today it is the turn of other moves."),
    Why.GAVE_WAY: lambda n: _("For today, %(other)s stands in its place, as you wished."),
}


def _towards(n: int) -> str:
    if n >= SESSIONS_TO_ADVANCE:
        return _("It went well %(n)s times in a row. The next stage comes when enough weeks have gone by.")
    return ngettext(
        "%(n)s session went well. After %(good)s in a row, with enough weeks gone by, comes the next step.",
        "%(n)s sessions in a row went well. After %(good)s, with enough weeks gone by, comes the next step.",
        n,
    )


def last_done(last: LastDone | None) -> str:
    """When a move was done last, and how it went."""
    if last is None:
        return _("You have not done it yet.")
    day = date_format(last.day, "l j F Y")
    if last.is_hurt:
        return _("Last tried on %(day)s. It hurt, and you stopped.") % {"day": day}
    told = [f"{last.amount} {unit(MOVE[last.move].unit, last.amount)}"] if last.amount else []
    told += [VERSION_NAMES[last.version]()] if last.version is not Version.USUAL else []
    said = _("Last done on %(day)s: %(how)s.") if told else _("Last done on %(day)s.")
    return said % {"day": day, "how": ", ".join(told)}


def days_of_week(n: int) -> str:
    """How the last seven days were, without a streak."""
    return ngettext("%(n)s of the last 7 days", "%(n)s of the last 7 days", n) % {"n": n}


def habit(n_done: int) -> str:
    return _("You have done your moves on %(n)s days. A habit takes about %(habit)s.") % {
        "n": n_done,
        "habit": HABIT_DAYS,
    }
