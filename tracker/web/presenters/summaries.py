"""The page for a clinician in the browser: the same blocks as on paper."""

from dataclasses import dataclass
from typing import Any

from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from tracker.domain.sheet import VIEW_BOX, FirstPage, Sheet, likely_page
from tracker.models import Patient, Summary
from tracker.web.forms.summaries import PARTS


@dataclass(frozen=True, kw_only=True)
class SheetPage:
    """What the sheet's template shows; a link for a clinician shows it too."""

    sheet: Sheet

    @property
    def first(self) -> FirstPage:
        return likely_page(self.sheet.first_pages)

    @property
    def picture(self) -> SafeString:
        marks = format_html_join(
            "",
            "<{0}{1}>{2}</{0}>",
            ((mark.tag, flatatt(mark.attributes), mark.words) for mark in self.sheet.chart.marks),
        )
        return format_html(
            '<svg viewBox="{}" font-size="8" aria-hidden="true" focusable="false">{}</svg>', VIEW_BOX, marks
        )


def words_so_far(patient: Patient) -> dict[str, str]:
    """Question, goal and worry of the newest second opinion, or else of the newest summary."""
    names = ("question", "goal", "worry")
    said = (
        patient.summaries.wished_by_patient().values(*names).first() or patient.second_opinions.values(*names).first()
    )
    return said or {}


def wished(summary: Summary) -> dict[str, Any]:
    """What was chosen, for the form."""
    return {
        "period": "days",
        "first_day": summary.first_day,
        "last_day": summary.last_day,
        "version": "blind" if summary.is_blind else "whole",
        "paper": summary.paper,
        "parts": [key for key, _name in PARTS if key not in summary.left_out],
        "question": summary.question,
        "goal": summary.goal,
        "worry": summary.worry,
    }
