"""What each kind of advice says, why, and what it leads to. Never to stop a prescribed medicine; never "you have".

Every figure comes from the row's `because`, as it was when the advice was raised, or from the verdict stored with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tracker.domain import advice as domain
from tracker.domain.advice import Kind
from tracker.domain.substances import Drug
from tracker.models import Advice
from tracker.services.verdict_words import sentences

KEEP_PRESCRIBED_CLASSES = ("medicine", "topical")


@dataclass(frozen=True, kw_only=True)
class Words:
    """`why` are the facts it rests on, `ask` what to say or ask at the visit, `next_steps` keys of STEPS, first first."""

    headline: str
    text: str
    why: Sequence[str] = ()
    ask: Sequence[str] = ()
    next_steps: Sequence[str] = ()
    tone: str = "unsure"
    badge: str = ""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of a piece of advice; what a file brought may lack some."""

    because: Mapping[str, Any] = field(default_factory=dict)

    def text(self, key: str) -> str:
        value = self.because.get(key, "")
        return value if isinstance(value, str) else str(value)

    def number(self, key: str) -> int:
        value = self.because.get(key, 0)
        return round(value) if isinstance(value, int | float) else 0

    def names(self) -> str:
        names = self.because.get("names")
        names = [str(name) for name in names] if isinstance(names, list) else [self.text("name")]
        return get_text_list([name for name in names if name], _("and"))

    def day(self, key: str) -> str:
        try:
            return date_format(date.fromisoformat(self.text(key)))
        except ValueError:
            return ""


def words_of(piece: Advice) -> Words:
    return WORDS[Kind(piece.kind)](piece, Figures(because=piece.because))


def keep_prescribed() -> str:
    return _("Do not change a prescribed medicine on your own: ask the prescriber how.")


def _keeps(piece: Advice) -> list[str]:
    """Where a medicine is still used."""
    attempt = piece.attempt
    is_medicine = attempt and attempt.treatment_type.treatment_class in KEEP_PRESCRIBED_CLASSES
    is_prescribed = attempt and (attempt.treatment_type.is_prescribed or attempt.prescribed_by)
    return [keep_prescribed()] if attempt and not attempt.stopped_on and (is_medicine or is_prescribed) else []


def _judged(piece: Advice, figures: Figures) -> list[str]:
    verdict = piece.verdict
    if verdict is None:
        return []
    said = {"day": date_format(verdict.as_of), "logged": verdict.days_logged, "days": verdict.days_passed + 1}
    return [_("Judged on %(day)s: %(logged)s of %(days)s days logged.") % said]


def _verdict_words(piece: Advice, headline: str) -> tuple[str, str]:
    """As the treatment's own page says it; without the verdict, in short."""
    if piece.verdict is None or piece.attempt is None:
        return headline, ""
    said = sentences(piece.verdict, piece.attempt)
    return said.headline, said.text


def _worse(piece: Advice, figures: Figures) -> Words:
    name = {"name": figures.text("name")}
    headline, text = _verdict_words(piece, _("Your pain has been higher since you started %(name)s.") % name)
    first = _("First go through the check-up: it asks about signs that should not wait. Then talk to your doctor.")
    return Words(
        headline=headline,
        text=" ".join([text, first, *_keeps(piece)]).strip(),
        why=_judged(piece, figures),
        ask=[
            _("My pain has been higher since I started %(name)s. Could it be the treatment, or something else?") % name,
            _("How should I go on with it until we know?"),
            _("With which signs should I come back at once?"),
        ],
        next_steps=("checkup", "talk", "attempt"),
        tone="warn",
        badge=_("Worse"),
    )


def _still_worse(piece: Advice, figures: Figures) -> Words:
    told = {"name": figures.text("name"), "days": figures.number("days")}
    text = _(
        "Every night for %(days)s days Ebb has found your pain higher than before %(name)s. If no clinician has looked "
        "at it yet, go through the check-up now and make an appointment."
    )
    return Words(
        headline=_("Your pain has been higher for two weeks"),
        text=" ".join([text % told, *_keeps(piece)]),
        why=_judged(piece, figures),
        ask=_worse(piece, figures).ask,
        next_steps=("checkup", "talk", "attempt"),
        tone="warn",
        badge=_("Worse"),
    )


def _red_flag(piece: Advice, figures: Figures) -> Words:
    return Words(
        headline=_("A warning sign still waits for a clinician"),
        text=_(
            "Your answers asked for a clinician to look at you. If that has happened, say so on the result and this "
            "goes away. If it has not, look at what it says, and how soon."
        ),
        why=[_("Answered on %(day)s; nobody has been noted as having looked since.") % {"day": figures.day("on")}],
        next_steps=("checkup_result",),
        tone="warn",
        badge=_("Warning sign"),
    )


def _two_nsaids(piece: Advice, figures: Figures) -> Words:
    names = figures.names()
    text = _(
        "%(names)s belong to the same group. Together they add side effects for stomach and kidneys, and hardly any "
        "relief. Ask a pharmacist or doctor today which one suits you."
    )
    return Words(
        headline=_("Two anti-inflammatory medicines at once"),
        text=" ".join([text % {"names": names}, keep_prescribed()]),
        why=[_("Both are noted for %(day)s.") % {"day": figures.day("on")}],
        ask=[
            _("I have taken %(names)s on the same day. Which one suits me, and for how long?") % {"names": names},
            _("What can I take beside it on a bad day?"),
            _("Do I need something to protect the stomach?"),
        ],
        next_steps=("talk", "medicines"),
        tone="warn",
        badge=_("Today"),
    )


def _not_working(piece: Advice, figures: Figures) -> Words:
    told = {"name": figures.text("name"), "days": figures.number("days")}
    headline, text = _verdict_words(piece, _("%(name)s has not brought a drop that matters in %(days)s days.") % told)
    attempt = piece.attempt
    who = {"who": (attempt.prescribed_by if attempt else "") or _("your doctor")}
    talk = _("Talk to %(who)s about what to do with it.")
    if attempt and attempt.stopped_on:
        talk = _("Tell %(who)s that it has not helped enough.")
    return Words(
        headline=headline,
        text=" ".join([text, talk % who, *_keeps(piece)]).strip(),
        why=_judged(piece, figures),
        ask=[
            _("I have used %(name)s for a fair time, and my pain is about as before. What would you expect by now?")
            % told,
            _("Could something else explain the pain?"),
            _("If we change it: how do I do that safely, and what do we try next?"),
            _("When and by what will we know whether the next thing helps?"),
        ],
        next_steps=("talk", "diagnoses", "attempt"),
        tone="bad",
        badge=_("Not working"),
    )


def _procedure(piece: Advice, figures: Figures) -> Words:
    told = {"name": figures.text("name"), "by": figures.text("by")}
    why = _("%(name)s was proposed by %(by)s.") if told["by"] else _("%(name)s was proposed.")
    return Words(
        headline=_("A second opinion before a procedure"),
        text=_(
            "%(name)s has been proposed. Before a planned procedure a second look is usual: in one study of 485 people "
            "who had been told to have back surgery, the diagnosis differed in 6 of 10, and 1 in 3 had the operation "
            "in the end. Nobody has proved that they felt better for it. If you were told that it cannot wait, do not "
            "let this delay it."
        )
        % told,
        why=[why % told],
        ask=_ask_afresh(),
        next_steps=("second_opinion", "diagnoses"),
        badge=_("Proposed"),
    )


def _second_opinion(piece: Advice, figures: Figures) -> Words:
    told = {"names": figures.names()}
    since = figures.day("since")
    return Words(
        headline=_("A second opinion may be worth it"),
        text=_(
            "Fairly tried treatments of different kinds have not brought a drop that matters: %(names)s. That can mean "
            "the wrong treatment, or that the cause is another one than was thought. A second opinion works best if "
            "the new doctor examines you before hearing what the first one said."
        )
        % told,
        why=[
            _("Not working after a fair trial: %(names)s.") % told,
            *([_("In your record since %(day)s: three months and more.") % {"day": since}] if since else []),
        ],
        ask=_ask_afresh(),
        next_steps=("second_opinion", "diagnoses"),
        tone="bad",
        badge=_("Second opinion"),
    )


def _imaging_label(piece: Advice, figures: Figures) -> Words:
    told = {"label": figures.text("label"), "names": figures.names()}
    return Words(
        headline=_("A name that rests on a picture alone"),
        text=_(
            "“%(label)s” was read off a picture, and what was tried has not helped: %(names)s. Pictures show much that "
            "does not hurt: worn discs are seen in about 4 of 10 people of 20 years and in nearly all of 80 who feel "
            "no back pain, and about half of 94 adults without pain had changes in the mid-back. The picture can be "
            "right and still not explain the pain. Ask somebody to examine you afresh."
        )
        % told,
        why=[
            _("“%(label)s” is noted as resting on a picture alone.") % told,
            _("Not working after a fair trial: %(names)s.") % told,
        ],
        ask=_ask_afresh(),
        next_steps=("second_opinion", "diagnoses"),
        badge=_("Second opinion"),
    )


def _severe(piece: Advice, figures: Figures) -> Words:
    told = {"value": f"{piece.because.get('value', '')}".removesuffix(".0"), "day": figures.day("on")}
    if figures.text("instrument") == "peg":
        why = _("PEG %(value)s of 10 on %(day)s; 7 and more counts as severe.") % told
        text = _(
            "Your pain is in the way of much, and has been there for three months and more. A pain service, where "
            "doctors, physiotherapists and psychologists work together, is made for that. Ask your doctor about one."
        )
    else:
        why = _("Worry and low mood %(value)s of 12 on %(day)s; 6 and more counts as much.") % told
        text = _(
            "Worry and low mood are common with pain that lasts, and they can be treated. That does not make the pain "
            "less real. Ask your doctor about psychological help for living with pain, beside everything else."
        )
    return Words(
        headline=_("Pain that weighs this much deserves more help"),
        text=text,
        why=[why, _("Pain for three months and more.")],
        ask=[
            _("The pain keeps me from much of what matters to me. Is there a pain service that I can be sent to?"),
            _("What could psychological help for pain do for me, and who offers it?"),
        ],
        next_steps=("talk", "questionnaires"),
        badge=_("More help"),
    )


def _nsaid_days(piece: Advice, figures: Figures) -> Words:
    told = {"names": figures.names(), "month": figures.number("n_month"), "running": figures.number("n_running")}
    return Words(
        headline=_("Many days of an anti-inflammatory medicine"),
        text=" ".join(
            [
                _(
                    "If you buy %(names)s yourself, this is the point to ask a pharmacist or doctor: the leaflets of "
                    "such medicines say so after about 10 days in a row, because stomach, heart and kidneys can suffer."
                )
                % told,
                keep_prescribed(),
            ]
        ),
        why=[_("%(names)s: noted for %(month)s of the last 30 days, %(running)s of them in a row.") % told],
        ask=[
            _("I take %(names)s on many days. Is that all right for me, and for how long?") % told,
            _("Does it go with my other medicines and illnesses?"),
            _("What could take its place?"),
        ],
        next_steps=("talk", "medicines"),
        badge=_("Ask a pharmacist"),
    )


def _opioid_long(piece: Advice, figures: Figures) -> Words:
    told = {"name": figures.text("name"), "days": figures.number("days")}
    return Words(
        headline=_("Three months with an opioid: time to look at it together"),
        text=" ".join(
            [
                _(
                    "%(name)s has been on your list for %(days)s days. After 90 days it is usual to look together at "
                    "what it does for you and what it costs. The body gets used to it, so only the prescriber should "
                    "change it, step by step."
                )
                % told,
                keep_prescribed(),
            ]
        ),
        why=[_("%(name)s: in use for %(days)s days.") % told],
        ask=_ask_about_long(told),
        next_steps=("talk", "medicines"),
        badge=_("Talk about it"),
    )


def _relaxant_long(piece: Advice, figures: Figures) -> Words:
    told = {"name": figures.text("name"), "days": figures.number("days")}
    most = domain.BENZODIAZEPINE_DAYS if figures.text("drug") == Drug.BENZODIAZEPINE else domain.RELAXANT_DAYS
    text = _(
        "%(name)s has been on your list for %(days)s days. Such medicines are meant for up to %(weeks)s weeks, and the "
        "body gets used to some of them. Ask the prescriber how to go on: if less is better, then together and step by "
        "step."
    )
    return Words(
        headline=_("Longer than such a medicine is meant for"),
        text=" ".join([text % (told | {"weeks": most // 7}), keep_prescribed()]),
        why=[_("%(name)s: in use for %(days)s days.") % told],
        ask=_ask_about_long(told),
        next_steps=("talk", "medicines"),
        badge=_("Talk about it"),
    )


def _passive_care(piece: Advice, figures: Figures) -> Words:
    told = {"name": figures.text("name"), "weeks": figures.number("weeks"), "drop": figures.number("drop")}
    return Words(
        headline=_("Three months of the same care, and little change"),
        text=_(
            "%(name)s has gone on for %(weeks)s weeks, and your pain is about %(drop)s %% lower: less than the third "
            "that most people notice. It may still feel good. Ask whether something that you do yourself, such as "
            "exercises, could take its place or go with it."
        )
        % told,
        why=[
            _("%(name)s: %(weeks)s weeks.") % told,
            _("Likely change so far: about %(drop)s %% lower.") % told,
            *_judged(piece, figures),
        ],
        ask=[
            _("After %(weeks)s weeks of %(name)s my pain is little changed. What is the plan from here?") % told,
            _("What could I do myself, and how would I start?"),
        ],
        next_steps=("plan", "talk", "attempt"),
        badge=_("Look again"),
    )


def _nothing_lasting(piece: Advice, figures: Figures) -> Words:
    weeks = figures.number("weeks")
    told = {"names": figures.names(), "weeks": weeks}
    return Words(
        headline=_("This helps for a while. Is anything in the plan meant to last?"),
        text=_(
            "For %(weeks)s weeks everything on your list eases pain while it is used: %(names)s. That is worth having. "
            "Something meant to last, such as exercises, walking, or learning how pain works, can go beside it."
        )
        % told,
        why=[
            ngettext("In use for %(weeks)s week: %(names)s.", "In use for %(weeks)s weeks: %(names)s.", weeks) % told,
            _("Nothing that is meant to last was on your list in the last 12 weeks."),
        ],
        ask=[
            _("What I use now helps for a while. Which treatment could change something for longer?"),
            _("How long until we would notice, and how do I start gently?"),
        ],
        next_steps=("plan", "moves", "talk"),
        badge=_("For longer"),
    )


def _log_more(piece: Advice, figures: Figures) -> Words:
    told = {"name": figures.text("name"), "logged": figures.number("n_logged"), "days": figures.number("days")}
    return Words(
        headline=_("A few more entries, and Ebb can tell you more"),
        text=_(
            "So far %(logged)s of %(days)s days with %(name)s are logged: too few to say whether it helps. Once a day, "
            "on most days, is enough. Days that you remember well can be added now."
        )
        % told,
        why=[_("%(logged)s of %(days)s days logged.") % told],
        next_steps=("log", "log_earlier", "attempt"),
        badge=_("Log"),
    )


def _ask_afresh() -> list[str]:
    return [
        _("I would like you to form your own view first. I have the earlier reports with me, for afterwards."),
        _("What do you think is the cause, and what speaks against it?"),
        _("What happens if we wait, and what else could be done?"),
    ]


def _ask_about_long(told: Mapping[str, Any]) -> list[str]:
    return [
        _("I have taken %(name)s for %(days)s days. What does it still do for me, and what does it cost?") % told,
        _("Is there a plan for how long, and for how to get slowly to less if we want that?"),
        _("What could help beside it?"),
    ]


WORDS: Mapping[Kind, Callable[[Advice, Figures], Words]] = {
    Kind.STILL_WORSE: _still_worse,
    Kind.WORSE: _worse,
    Kind.RED_FLAG: _red_flag,
    Kind.TWO_NSAIDS: _two_nsaids,
    Kind.NOT_WORKING: _not_working,
    Kind.PROCEDURE: _procedure,
    Kind.SECOND_OPINION: _second_opinion,
    Kind.IMAGING_LABEL: _imaging_label,
    Kind.SEVERE: _severe,
    Kind.NSAID_DAYS: _nsaid_days,
    Kind.OPIOID_LONG: _opioid_long,
    Kind.RELAXANT_LONG: _relaxant_long,
    Kind.PASSIVE_CARE: _passive_care,
    Kind.NOTHING_LASTING: _nothing_lasting,
    Kind.LOG_MORE: _log_more,
}
