"""What to do after a verdict, and advice as pages show it: the words, why, and where each next step leads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _

from assessments import services as checkups
from tracker.models import Advice, Patient, TreatmentAttempt, TreatmentType, Verdict
from tracker.services import advice
from tracker.services.advice_words import Words, keep_prescribed, words_of
from tracker.services.verdict_words import what_is_missing

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
class NextStep:
    """A next step and its page."""

    label: str
    address: str


def next_steps(verdict: Verdict | None) -> list[NextStep]:
    """What a verdict by itself leads to."""
    match verdict.outcome if verdict else None:
        case Outcome.WORSE if checkups.is_on():
            return [NextStep(label=_("Go to the check-up"), address=reverse("checkup:start"))]
        case Outcome.NOT_WORKING:
            return [
                _second_opinion(verdict.attempt),
                NextStep(label=_("Plan what to try next"), address=reverse("plan")),
            ]
    return []


@dataclass(frozen=True, kw_only=True)
class AdviceCard:
    """One piece of advice as Today, the attempt's page and the list of advice show it."""

    advice: Advice
    words: Words
    is_on_its_own_page: bool = False  # of the treatment that it is about

    @property
    def is_open(self) -> bool:
        return self.advice.state in {Advice.State.NEW, Advice.State.SEEN}

    @property
    def is_answered(self) -> bool:
        return self.advice.state in {Advice.State.DISMISSED, Advice.State.ACTED_ON, Advice.State.OUTDATED}

    @property
    def is_outdated(self) -> bool:
        return self.advice.state == Advice.State.OUTDATED

    @property
    def has_come_back(self) -> bool:
        return self.advice.state == Advice.State.LATER

    @cached_property
    def steps(self) -> list[NextStep]:
        keys = self.words.next_steps
        return list(_steps(self.advice, [key for key in keys if not (self.is_on_its_own_page and key == "attempt")]))


def advice_cards(pieces: Iterable[Advice], *, on_its_own_page: bool = False) -> list[AdviceCard]:
    return [AdviceCard(advice=piece, words=words_of(piece), is_on_its_own_page=on_its_own_page) for piece in pieces]


@dataclass(kw_only=True)
class AdvicePage:
    """All advice there has been: what waits, what is put off, what was answered."""

    patient: Patient
    today: date

    @cached_property
    def cards(self) -> list[AdviceCard]:
        return advice_cards(advice.advice_of(self.patient).worst_first())

    @property
    def waiting(self) -> list[AdviceCard]:
        return [card for card in self.cards if card.is_open or (card.has_come_back and not self._is_put_off(card))]

    @property
    def put_off(self) -> list[AdviceCard]:
        return [card for card in self.cards if self._is_put_off(card)]

    @property
    def answered(self) -> list[AdviceCard]:
        return sorted(
            (card for card in self.cards if card.is_answered), key=lambda card: card.advice.changed_at, reverse=True
        )

    @property
    def new(self) -> list[Advice]:
        return [card.advice for card in self.waiting if card.advice.state == Advice.State.NEW]

    def _is_put_off(self, card: AdviceCard) -> bool:
        return bool(card.advice.later_until and card.advice.later_until > self.today)


def _steps(piece: Advice, keys: Iterable[str]) -> Iterator[NextStep]:
    for key in keys:
        match key:
            case "checkup" if checkups.is_on():
                yield NextStep(label=_("Go to the check-up"), address=reverse("checkup:start"))
            case "checkup_result" if checkups.is_on():
                yield NextStep(label=_("Look at what it says"), address=reverse("checkup:history"))
            case "talk":
                yield NextStep(label=_("What to say"), address=reverse("advice_talk", args=[piece.pk]))
            case "diagnoses":
                yield NextStep(label=_("Question the diagnosis"), address=reverse("diagnosis_list"))
            case "second_opinion":
                yield _second_opinion(piece.attempt)
            case "attempt" if piece.attempt:
                yield NextStep(
                    label=_("See the treatment"), address=reverse("attempt_detail", args=[piece.attempt.uuid])
                )
            case "medicines":
                yield NextStep(label=_("Medicines"), address=reverse("health"))
            case "questionnaires":
                yield NextStep(label=_("Questionnaires"), address=reverse("questionnaire_list"))
            case "plan":
                yield NextStep(label=_("Try something meant to last"), address=reverse("plan"))
            case "moves":
                yield NextStep(label=_("Morning moves"), address=reverse("moves"))
            case "log":
                yield NextStep(label=_("Add today's entry"), address=reverse("today"))
            case "log_earlier":
                yield NextStep(label=_("Add earlier days"), address=reverse("entry_earlier"))


def _second_opinion(attempt: TreatmentAttempt | None) -> NextStep:
    because = f"?attempt={attempt.uuid}" if attempt else ""
    return NextStep(label=_("Prepare a second opinion"), address=reverse("second_opinion_prepare") + because)


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
    return [keep_prescribed()]


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
