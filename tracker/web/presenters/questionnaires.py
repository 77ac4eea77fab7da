"""Questionnaires, their scores in words, and their course."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from tracker.models import Patient, QuestionnaireResponse
from tracker.services import questionnaires
from tracker.services.questionnaires import Movement, Point
from tracker.web.course_chart import Scale, course_charts, sentence


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One questionnaire in the list of all."""

    instrument: Any
    last_on: date | None
    is_due: bool


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """One score: its number of how many, its band, and how it stands against the time before."""

    title: str
    number: str
    at_most: int | None
    band: str = ""
    words: str = ""
    compared: str = ""


@dataclass(kw_only=True)
class Course:
    """A score over time: drawn, in words, and as rows."""

    instrument: Any
    points: Sequence[Point]

    @cached_property
    def scale(self) -> Scale:
        return scale_of(self.instrument.main_score)

    @property
    def chart(self) -> SafeString:
        return course_charts(self.points, self.scale)

    @property
    def sentence(self) -> str:
        return sentence(self.points, self.scale)

    @property
    def rows(self) -> list[tuple[date, str]]:
        """Newest first."""
        return [(point.on, self.scale.words(point.value)) for point in reversed(self.points)]


@dataclass(kw_only=True)
class ResponsePage:
    response: QuestionnaireResponse

    @cached_property
    def instrument(self) -> Any:
        """The questionnaire as it was then, if it still is so."""
        return questionnaires.definition_of(self.response)

    @property
    def title(self) -> str:
        return self.instrument.title if self.instrument else self.response.instrument

    @cached_property
    def earlier(self) -> QuestionnaireResponse | None:
        return questionnaires.before(self.response)

    @property
    def scores(self) -> list[ScoreLine]:
        if self.instrument is None:
            return [
                ScoreLine(title=key, number=str(value), at_most=None) for key, value in self.response.scores.items()
            ]
        return [score_line(score, self.response, self.earlier) for score in self.instrument.scores]

    @property
    def numbers(self) -> list[str]:
        """The scores alone, in the order of the questionnaire as it is now."""
        asked = questionnaires.all_instruments()[self.response.instrument]
        scored = ((scale_of(score), self.response.scores.get(score.id)) for score in asked.scores)
        return ["" if value is None else scale.words(value) for scale, value in scored]

    @property
    def criteria(self) -> list[dict[str, str]]:
        if self.instrument is None:
            return []
        return [
            {"title": one.title, "words": one.met if self.response.scores[one.id] else one.not_met}
            for one in self.instrument.criteria
        ]

    @property
    def answers(self) -> list[tuple[str, str]]:
        """Each question with its answer in words; one that was left out says so."""
        given = self.response.answers
        if self.instrument is None:
            return [(key, str(value)) for key, value in given.items()]
        return [
            (item.text, item.words(given[item.id]) if item.id in given else _("Not answered"))
            for item in self.instrument.items
        ]

    @property
    def n_left_out(self) -> int:
        return len(self.instrument.items) - len(self.response.answers) if self.instrument else 0

    @property
    def offers(self) -> list[Any]:
        return questionnaires.offered_next(self.response)

    @property
    def needs_help(self) -> bool:
        return questionnaires.needs_help(self.response)


def listed(patient: Patient, *, today: date) -> list[Listed]:
    last = patient.questionnaire_responses.last_days(questionnaires.all_instruments())
    due = questionnaires.due(patient=patient, on=today)
    return [
        Listed(instrument=one, last_on=last.get(key), is_due=one is due)
        for key, one in questionnaires.all_instruments().items()
    ]


def course(patient: Patient, key: str, *, first: date | None = None, last: date | None = None) -> Course:
    points = questionnaires.course(patient, key, first=first, last=last)
    return Course(instrument=questionnaires.instrument_of(key), points=points)


def scale_of(score: Any) -> Scale:
    return Scale(
        title=_(score.title),
        at_least=score.at_least,
        at_most=score.at_most,
        begins=tuple(band.begins for band in score.bands),
        decimals=1 if score.how == "mean" else 0,
    )


def score_line(score: Any, response: QuestionnaireResponse, earlier: QuestionnaireResponse | None) -> ScoreLine:
    value, scale = response.scores[score.id], scale_of(score)
    band = score.band(value)
    return ScoreLine(
        title=scale.title,
        number=scale.words(value),
        at_most=score.at_most,
        band=_(band.text) if band else "",
        words=_(band.words) if band and band.words else "",
        compared=compared(score, value, earlier) if earlier else "",
    )


def compared(score: Any, value: float, earlier: QuestionnaireResponse) -> str:
    """In one sentence how a score stands against the one before."""
    scale, before = scale_of(score), earlier.scores[score.id]
    told = {
        "day": date_format(earlier.local_date),
        "before": scale.words(before),
        "difference": scale.words(abs(value - before)),
    }
    match questionnaires.movement(score, earlier=before, now=value):
        case Movement.SAME:
            words = _("The same as last time (%(day)s).")
        case Movement.BETTER:
            words = _("%(difference)s lower than last time (%(day)s). A change of this size matters to most people.")
        case Movement.WORSE:
            words = _("%(difference)s higher than last time (%(day)s). A change of this size matters to most people.")
        case Movement.LITTLE_BETTER:
            words = _("%(difference)s lower than last time (%(day)s). So small a change can be chance.")
        case Movement.LITTLE_WORSE:
            words = _("%(difference)s higher than last time (%(day)s). So small a change can be chance.")
        case _other:
            words = _("Last time (%(day)s): %(before)s.")
    return words % told


def bands(score: Any) -> list[dict[str, str]]:
    """The bands of a score, each with its first and last number."""
    if not score.bands:
        return []
    scale = scale_of(score)
    least = 0.1 if scale.decimals else 1
    lasts = [scale.words(band.begins - least) for band in score.bands[1:]] + [str(score.at_most)]
    return [
        {
            "range": str(band.begins)
            if str(band.begins) == last
            else _("%(low)s to %(high)s") % {"low": band.begins, "high": last},
            "text": _(band.text),
            "words": _(band.words) if band.words else "",
        }
        for band, last in zip(score.bands, lasts, strict=True)
    ]


def change_words(score: Any) -> str:
    """The smallest change that matters, in one sentence; empty where none is published."""
    change = score.change
    if change is None:
        return ""
    told = {"percent": change.percent, "points": change.points, "low": change.usable_from, "high": change.usable_to}
    words = _("A change of %(points)s points or more matters to most people.") % told
    if change.percent:
        words = (
            _("A change by %(percent)s %% of the earlier score, and by %(points)s or more, matters to most people.")
            % told
        )
    if change.usable_from:
        words += " " + _("This holds where the earlier score was %(low)s to %(high)s.") % told
    return words


def help_lines(patient: Patient) -> dict[str, Any]:
    """Where a person answers, in the language of the page."""
    found = questionnaires.help_for(patient)
    return {
        "crisis_lines": [replace(line, where=_(line.where)) for line in found.crisis],
        "emergency_lines": [replace(line, where=_(line.where)) for line in found.emergency],
    }
