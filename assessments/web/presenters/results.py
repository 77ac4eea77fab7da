"""Stored outcomes, shaped for the result page. Nothing is worked out again."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.timezone import localdate

from assessments import services
from assessments.engine.rulebook import Triage
from assessments.models import Assessment
from assessments.web.emergency import crisis_lines, emergency_lines
from assessments.web.presenters.history import BADGES, BANDS, change_words

# Places of the body that the small figure can show; any other answer has words alone.
DRAWN = {"middle", "one_side", "left", "right_upper", "upper_belly", "flank", "front", "low", "neck", "many"}


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One of the five bars of the little scale."""

    x: int
    y: int
    height: int
    is_this: bool


def lines(request: HttpRequest) -> dict[str, Any]:
    patient = getattr(request.user, "patient", None)
    where = getattr(patient, "emergency_region", ""), getattr(patient, "zone", "")
    return {"emergency_lines": emergency_lines(*where), "crisis_lines": crisis_lines(*where)}


def scale(level: str) -> dict[str, Any]:
    """How high this level stands among the five, as a picture and as a number."""
    rank = Triage(level).rank
    bars = [Bar(x=step * 26, y=32 - 6 * step, height=8 + 6 * step, is_this=step == rank) for step in range(len(Triage))]
    return {"bars": bars, "step": rank + 1, "of": len(bars), "level": level}


def result_page(assessment: Assessment) -> dict[str, Any]:
    """The stored outcome with the words of the page."""
    outcome = assessment.outcome or {}
    asked = {entry["question"]: entry["text"] for entry in outcome.get("answered", ())}
    is_urgent = Triage(outcome["level"]).rank >= Triage.WITHIN_DAYS.rank
    before = services.before(assessment)
    return {
        "assessment": assessment,
        "outcome": outcome | {"causes": [cause | {"band_words": BANDS[cause["band"]]} for cause in outcome["causes"]]},
        "badge": BADGES[outcome["level"]],
        "scale": scale(outcome["level"]),
        "fired": [rule | {"said": _said(rule, asked)} for rule in outcome["fired"]],
        "unsettled": [rule | {"said": _said(rule, asked)} for rule in outcome["unsettled"]],
        "left": left_for_now(outcome["avoid"]),
        "is_urgent": is_urgent,
        # Below 18 the questions end on purpose: the rest cannot be answered.
        "is_incomplete": outcome["incomplete"] and bool(outcome["unknown_cause"]),
        "check_again_on": check_again_on(assessment),
        "places": places(outcome),
        "before": before,
        "changes": change_words(before, assessment) if before else [],
    }


def check_again_on(assessment: Assessment) -> date:
    """Older rows have no day of their own."""
    days = timedelta(days=(assessment.outcome or {})["check_again_days"])
    return assessment.check_again_on or localdate(assessment.finished_at) + days


def places(outcome: dict[str, Any]) -> dict[str, Any]:
    """Where it hurts: what the figure shows, and the words."""
    answer = outcome["answers"].get("where", [])
    drawn = [place for place in answer if place in DRAWN] if isinstance(answer, list) else []
    words = next((entry["words"] for entry in outcome.get("answered", ()) if entry["question"] == "where"), [])
    return {"drawn": drawn, "words": words} if drawn else {}


def _said(rule: dict[str, Any], asked: dict[str, str]) -> list[dict[str, Any]]:
    """The questions and answers on which a rule rests, each once."""
    speaking = [finding for finding in rule["findings"] if finding["state"] in ("yes", "unsure")]
    found = {
        answer["question"]: {"question": asked.get(answer["question"], answer["question"]), "words": answer["words"]}
        for finding in speaking or rule["findings"]
        for answer in finding["answers"]
    }
    return list(found.values())


def left_for_now(avoid: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Measures that are held back for the same reasons, together."""
    titles: dict[tuple[str, ...], list[str]] = {}
    for measure in avoid:
        titles.setdefault(tuple(measure["because"]), []).append(measure["title"])
    return [{"titles": named, "reasons": reasons} for reasons, named in titles.items()]
