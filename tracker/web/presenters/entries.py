from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.timezone import localdate

from tracker.models import Patient
from tracker.models.names import SITE_GROUPS, SITE_NAMES
from tracker.web.forms.entries import DetailForm

UNDO_KEY = "deleted_entry"
RECENT_DAYS = 90
N_NEAR = 6
# Offered until the patient has named places of their own.
USUAL = ["between_shoulder_blades", "mid_back", "neck", "low_back", "shoulder_left", "shoulder_right"]


Box = tuple[str, str, bool]  # key, name, whether it is chosen


@dataclass(frozen=True, kw_only=True)
class Places:
    """The boxes of the question where it hurts: those the patient used lately and chose now, and all others by region.

    Widgets would take ten times as long to write.
    """

    near: list[Box]
    others: list[tuple[str, list[Box]]]


def places(form: DetailForm, patient: Patient, *, at: datetime) -> Places:
    since = localdate(at) - timedelta(days=RECENT_DAYS)
    known = [*patient.pain_entries.recent_sites(since), *USUAL]
    chosen = form["sites"].value() or []
    order = list(dict.fromkeys([*list(dict.fromkeys(known))[:N_NEAR], *chosen]))
    near = [(site, str(SITE_NAMES[site]), site in chosen) for site in order if site in SITE_NAMES]
    others = [
        (str(group), [(site, str(name), False) for site, name in sites if site not in order])
        for group, sites in SITE_GROUPS
    ]
    return Places(near=near, others=others)


def take_undo(request: HttpRequest) -> str:
    """The token of an entry deleted a moment ago. It is offered once and does not stay in the session."""
    return request.session.pop(UNDO_KEY, "")
