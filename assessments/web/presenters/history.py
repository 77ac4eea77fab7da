"""Check-ups side by side, from what was stored with each."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.engine.comparison import Comparison, compare
from assessments.models import Assessment

BADGES = {"emergency": "bad", "same_day": "bad", "within_days": "warn", "routine": "unsure", "self_care": "good"}
BANDS = {
    "fits_well": gettext_lazy("fits well"),
    "fits_partly": gettext_lazy("fits partly"),
    "fits_little": gettext_lazy("fits little"),
}


def comparison(before: Assessment, after: Assessment) -> Comparison:
    return compare(before.outcome or {}, after.outcome or {})


def change_words(before: Assessment, after: Assessment) -> list[str]:
    """The changes that matter most, a sentence each; none where nothing that matters changed."""
    found = comparison(before, after)
    lists = [
        (_("New signs: %(what)s."), found.signs_new),
        (_("No longer found: %(what)s."), found.signs_gone),
        (_("New among the possible causes: %(what)s."), found.causes_new),
        (_("No longer among them: %(what)s."), found.causes_gone),
    ]
    step = [step_words(found.step)] if found.step else []
    return step + [words % {"what": ", ".join(map(_, titles))} for words, titles in lists if titles]


def step_words(step: int) -> str:
    if not step:
        return _("As urgent as before.")
    return _("More urgent than before.") if step > 0 else _("Less urgent than before.")


def listed(assessment: Assessment, before: Assessment | None = None) -> dict[str, Any]:
    """One line of the list of earlier check-ups."""
    outcome = assessment.outcome or {}
    return {
        "assessment": assessment,
        "headline": outcome["headline"],
        "badge": BADGES[assessment.level],
        "incomplete": outcome["incomplete"],
        "causes": [cause["title"] for cause in outcome["causes"]],
        "before": before,
        "changes": change_words(before, assessment) if before else [],
    }


def history_rows(newest_first: Sequence[Assessment], *, n_shown: int) -> list[dict[str, Any]]:
    """One row more than is shown may be given, so that the last one shown has something to be compared with."""
    following: list[Assessment | None] = [*newest_first[1:], None]
    pairs = zip(newest_first, following, strict=False)
    return [listed(assessment, before) for assessment, before in list(pairs)[:n_shown]]


def compare_page(before: Assessment, after: Assessment) -> dict[str, Any]:
    found = comparison(before, after)
    return {
        "assessment": after,
        "before": before,
        "found": found,
        "moved": [
            {"title": moved.title, "before": BANDS[moved.before], "after": BANDS[moved.after]}
            for moved in found.causes_moved
        ],
        "step_words": step_words(found.step),
        "sides": [listed(before), listed(after)],
    }
