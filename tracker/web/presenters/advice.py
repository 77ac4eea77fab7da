"""What to do after a verdict, in words. Never to stop a prescribed medicine."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from tracker.models import Advice, TreatmentAttempt, TreatmentType, Verdict
from tracker.services.verdict_words import sentences, what_is_missing

Outcome = Verdict.Outcome


def steps(verdict: Verdict | None, attempt: TreatmentAttempt) -> list[str]:
    """What to do now. Never to stop a prescribed medicine."""
    match verdict.outcome if verdict else None:
        case Outcome.WORSE:
            return [
                _("Talk to your doctor soon, and say since when the pain is higher."),
                _("Answer the check-up again: it asks about signs that should not wait."),
                *_keep_prescribed(attempt),
            ]
        case Outcome.NOT_WORKING:
            return [*_prescriber(attempt), *_keep_prescribed(attempt), *_question_diagnosis(attempt)]
        case Outcome.WORKING:
            return [
                _("Carry on as agreed, and keep logging when you can."),
                *_anything_lasting(attempt),
            ]
    return [what_is_missing(verdict, attempt), *_keep_prescribed(attempt)]


@dataclass(frozen=True, kw_only=True)
class AdviceCard:
    """One piece of advice as Today and the attempt page show it."""

    advice: Advice
    headline: str
    text: str
    badge: str
    tone: str


def advice_cards(advice: Iterable[Advice]) -> list[AdviceCard]:
    return [_advice_card(piece) for piece in advice]


def _advice_card(piece: Advice) -> AdviceCard:
    attempt, verdict = piece.attempt, piece.verdict
    said = sentences(verdict, attempt)
    headline, text = said.headline, said.text
    match piece.kind:
        case Advice.Kind.WORSE:
            text += " " + _("Go through the check-up: it asks about signs that should not wait.")
        case Advice.Kind.NOT_WORKING:
            text += " " + " ".join([*_prescriber(attempt), *_keep_prescribed(attempt)])
        case Advice.Kind.SECOND_OPINION:
            headline = _("A second opinion may be worth it")
            text = _(
                "Two fairly tried treatments of different kinds have not brought a drop that matters, %(name)s last. "
                "That can mean the wrong treatment, or that the cause is another one than was thought. A second "
                "opinion works best if the new doctor examines you before hearing what the first one said."
            ) % {"name": attempt.name}
    return AdviceCard(advice=piece, headline=headline, text=text, badge=said.badge, tone=said.tone)


def _prescriber(attempt: TreatmentAttempt) -> list[str]:
    who = {"who": attempt.prescribed_by or _("your doctor")}
    if attempt.stopped_on:
        return [_("Tell %(who)s that it has not helped enough.") % who]
    return [_("Talk to %(who)s about what to do with it.") % who]


def _keep_prescribed(attempt: TreatmentAttempt) -> list[str]:
    is_prescribed = attempt.treatment_type.is_prescribed or attempt.prescribed_by
    is_medicine = attempt.treatment_type.treatment_class in ("medicine", "topical")
    if attempt.stopped_on or not (is_prescribed or is_medicine):
        return []
    return [_("Do not change a prescribed medicine on your own: ask the prescriber how.")]


def _question_diagnosis(attempt: TreatmentAttempt) -> list[str]:
    told = _("Question the diagnosis: could something else explain the pain?")
    if attempt.diagnosis:
        told = _("Question the diagnosis: you were told “%(name)s”. Could something else explain the pain?") % {
            "name": attempt.diagnosis.name
        }
    second = _("A second opinion works best if the new doctor examines you before hearing what the first one said.")
    return [told, second]


def _anything_lasting(attempt: TreatmentAttempt) -> list[str]:
    if attempt.treatment_type.nature != TreatmentType.Nature.SYMPTOMATIC:
        return []
    return [_("This helps while you use it. Is anything in the plan meant to last?")]
