"""Stored outcomes and rules, shaped for the templates."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from assessments.engine.findings import as_words
from assessments.engine.rulebook import Rulebook, Triage
from assessments.models import Assessment
from assessments.web.emergency import crisis_lines, emergency_lines

BADGES = {"emergency": "bad", "same_day": "bad", "within_days": "warn", "routine": "unsure", "self_care": "good"}
BANDS = {"fits_well": _("fits well"), "fits_partly": _("fits partly"), "fits_little": _("fits little")}


def lines(request: HttpRequest) -> dict[str, Any]:
    patient = getattr(request.user, "patient", None)
    where = getattr(patient, "emergency_region", ""), getattr(patient, "zone", "")
    return {"emergency_lines": emergency_lines(*where), "crisis_lines": crisis_lines(*where)}


def result_page(assessment: Assessment) -> dict[str, Any]:
    """The stored outcome with the words of the page."""
    outcome = assessment.outcome or {}
    causes = [cause | {"band_words": BANDS[cause["band"]]} for cause in outcome["causes"]]
    fired = [rule for rule in outcome["fired"] if rule["level"] == outcome["level"]]
    return {
        "assessment": assessment,
        "outcome": outcome | {"causes": causes},
        "badge": BADGES[outcome["level"]],
        "fired": fired,
        "left": left_for_now(outcome["avoid"]),
        "is_urgent": Triage(outcome["level"]).rank >= Triage.WITHIN_DAYS.rank,
    }


def left_for_now(avoid: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Measures that are held back for the same reasons, together."""
    titles: dict[tuple[str, ...], list[str]] = {}
    for measure in avoid:
        titles.setdefault(tuple(measure["because"]), []).append(measure["title"])
    return [{"titles": named, "reasons": reasons} for reasons, named in titles.items()]


def listed(assessment: Assessment) -> dict[str, Any]:
    """One line of the list of earlier check-ups."""
    outcome = assessment.outcome or {}
    return {"assessment": assessment, "headline": outcome["headline"], "badge": BADGES[assessment.level]}


def rulebook_page(rulebook: Rulebook) -> dict[str, Any]:
    """The whole rule book, level by level, in the order of the files."""
    by_level = [
        (level, [rule for rule in rulebook.urgency_rules if rule.level is level.id])
        for level in sorted(rulebook.levels.values(), key=lambda level: -level.id.rank)
    ]
    findings = [
        {"id": finding.id, "text": finding.text, "when": as_words(finding.when)}
        for finding in rulebook.findings.values()
    ]
    asked = [
        {"question": question, "when": as_words(question.ask_when) if question.ask_when else ""}
        for question in rulebook.questions.values()
    ]
    return {"rulebook": rulebook, "by_level": by_level, "findings": findings, "asked": asked}
