"""What may be said beside the number, in the order in which it is asked, and what can be ticked there."""

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
