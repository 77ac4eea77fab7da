"""What may be said beside the number, in the order in which it is asked, and what can be ticked there.

The three ratings run from 0 to 10 like the pain, each between ends of its own. They are ours, not a questionnaire's.
"""

from collections.abc import Collection, Sequence

from tracker.domain.errors import DomainError
from tracker.domain.text import gettext_noop as _

ASKED = (
    "interference",
    "sleep",
    "mood",
    "managed",
    "triggers",
    "eased_by",
    "helped",
    "medicine",
    "peg",
    "phq_4",
)
# What a new patient is asked until they choose: what evidence names for each day, and PEG and PHQ-4 where due.
ASKED_AT_FIRST = ("interference", "sleep", "triggers", "eased_by", "medicine", "peg", "phq_4")


# What 0 and 10 of each rating mean.
ANCHORS = {
    "interference": (_("not at all"), _("completely")),
    "sleep": (_("very badly"), _("very well")),
    "mood": (_("very low"), _("very good")),
}


class NotOnTheList(DomainError):
    """A key that a closed list does not have, or that is named twice."""


def asked_at_first() -> list[str]:
    return list(ASKED_AT_FIRST)


TRIGGERS = (
    "sitting",
    "standing",
    "lying",
    "bending",
    "lifting",
    "twisting",
    "walking",
    "driving",
    "housework",
    "screen_work",
    "exercise",
    "too_little_movement",
    "deep_breath",
    "eating",
    "poor_sleep",
    "stress",
    "cold",
    "weather",
    "nothing_known",
)
EASED_BY = (
    "rest",
    "lying_down",
    "movement",
    "walking",
    "stretching",
    "warmth",
    "cold",
    "bath",
    "massage",
    "ointment",
    "medicine",
    "breathing",
    "change_of_position",
    "company",
    "distraction",
    "sleep",
    "nothing",
)


def in_order(keys: Collection[str], offered: Sequence[str]) -> tuple[str, ...]:
    """The keys in the order of their list. Raises NotOnTheList."""
    if len(keys) != len(set(keys)) or not set(keys).issubset(offered):
        raise NotOnTheList(keys)
    return tuple(key for key in offered if key in keys)
