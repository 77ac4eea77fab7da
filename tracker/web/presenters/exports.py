from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from tracker.services.exports import Format


def choices(sizes: Mapping[Format, int]) -> list[dict[str, Any]]:
    """The files in plain words."""
    return [
        {
            "kind": Format.JSON,
            "title": _("Everything (JSON)"),
            "text": _(
                "All that Ebb knows about you: entries with places and notes, what you deleted and when, treatments, "
                "what clinicians said, verdicts and advice, reminders and what became of each, moves, check-ups, "
                "imports, settings, and who looked at or changed something. This file can be brought back to Ebb."
            ),
            "button": _("Save everything"),
            "size": sizes[Format.JSON],
        },
        {
            "kind": Format.CSV,
            "title": _("A table of your entries (CSV)"),
            "text": _(
                "Your pain log alone, for a spreadsheet: one line for each entry, or for each place of an entry. A note "
                "that a spreadsheet could take for a formula gets an apostrophe in front, so that it stays a note."
            ),
            "button": _("Save the table"),
            "size": sizes[Format.CSV],
        },
        {
            "kind": Format.TRIED,
            "title": _("What you have tried (CSV)"),
            "text": _(
                "Your treatments for a spreadsheet or a visit: one line for each, from when to when, why it was stopped, and "
                "what Ebb says of it, with the same numbers as its page."
            ),
            "button": _("Save what I tried"),
            "size": sizes[Format.TRIED],
        },
        {
            "kind": Format.FHIR,
            "title": _("For a clinic's computer (FHIR)"),
            "text": _(
                "Ratings with place and note, and your check-ups, in a format that many clinics can read. It has no "
                "treatments, and not your name unless you say so."
            ),
            "button": _("Save for a clinic"),
            "size": sizes[Format.FHIR],
        },
    ]
