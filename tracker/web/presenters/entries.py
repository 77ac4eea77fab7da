from dataclasses import dataclass
from datetime import datetime, timedelta

from django.forms.boundfield import BoundWidget
from django.http import HttpRequest
from django.utils.timezone import localdate

from tracker.models import Patient
from tracker.web.forms.entries import DetailForm

UNDO_KEY = "deleted_entry"
RECENT_DAYS = 90
N_RECENT = 6


@dataclass(frozen=True, kw_only=True)
class Places:
    """The boxes of the question where it hurts: those the patient used lately and chose now, and all others."""

    near: list[BoundWidget]
    others: list[BoundWidget]


def places(form: DetailForm, patient: Patient, *, at: datetime) -> Places:
    since = localdate(at) - timedelta(days=RECENT_DAYS)
    order = patient.pain_entries.recent_sites(since)[:N_RECENT]
    chosen = form["sites"].value() or []
    order += [site for site in chosen if site not in order]
    boxes = {box.data["value"]: box for box in form["sites"].subwidgets}
    near = [boxes[site] for site in order if site in boxes]
    return Places(near=near, others=[box for site, box in boxes.items() if site not in order])


def take_undo(request: HttpRequest) -> str:
    """The token of an entry deleted a moment ago. It is offered once and does not stay in the session."""
    return request.session.pop(UNDO_KEY, "")
