"""One page for a clinician, from a stored outcome: what was asked, what was said, and what was not."""

from typing import Any

from assessments.models import Assessment
from assessments.web.presenters.history import BADGES, BANDS

# Answered with one of these, an alarm question takes no room of its own.
CALM = (["No"], ["None of these"])


def doctor_page(assessment: Assessment) -> dict[str, Any]:
    outcome = assessment.outcome or {}
    answered = outcome.get("answered", [])
    return {
        "assessment": assessment,
        "outcome": outcome,
        "badge": BADGES[outcome["level"]],
        "alarm": [entry for entry in answered if entry["critical"] and entry["words"] not in CALM],
        "calm": [entry for entry in answered if entry["critical"] and entry["words"] in CALM],
        "other": [entry for entry in answered if not entry["critical"] and entry["words"] not in CALM],
        "causes": [cause | {"band_words": BANDS[cause["band"]]} for cause in outcome["causes"]],
    }
