"""Numbers to call, by the region that the patient chose. Plain data: nothing here needs a network."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Line:
    """A number to call, and where it answers."""

    region: str
    number: str
    where: str


EMERGENCY = {
    "eu": Line(region="eu", number="112", where="European Union and most other countries"),
    "uk": Line(region="uk", number="999", where="United Kingdom"),
    "us": Line(region="us", number="911", where="United States and Canada"),
    "au": Line(region="au", number="000", where="Australia"),
}
CRISIS = {
    "eu": Line(region="eu", number="116123", where="emotional support, in many European countries"),
    "uk": Line(region="uk", number="116123", where="Samaritans, United Kingdom and Ireland, day and night"),
    "us": Line(region="us", number="988", where="crisis line, United States and Canada, day and night"),
    "au": Line(region="au", number="131114", where="Lifeline, Australia, day and night"),
}


BRITISH_ZONES = {"Europe/London", "Europe/Belfast", "Europe/Jersey", "Europe/Guernsey", "Europe/Isle_of_Man", "GB"}
# The zones that most people in the United States and Canada live in
NORTH_AMERICAN_ZONES = {
    f"America/{city}"
    for city in [
        "New_York",
        "Detroit",
        "Chicago",
        "Denver",
        "Boise",
        "Phoenix",
        "Los_Angeles",
        "Anchorage",
        "Juneau",
        "Toronto",
        "Montreal",
        "Winnipeg",
        "Regina",
        "Edmonton",
        "Vancouver",
        "Halifax",
        "Moncton",
        "St_Johns",
        "Whitehorse",
        "Yellowknife",
        "Iqaluit",
    ]
} | {"Pacific/Honolulu"}
NORTH_AMERICAN = ("US/", "Canada/", "America/Indiana/", "America/Kentucky/", "America/North_Dakota/")


def emergency_lines(region: str, zone: str = "") -> list[Line]:
    """The number of the region. Where it is not known every number, the likely one first."""
    return [EMERGENCY[key] for key in regions(region, zone)]


def crisis_lines(region: str, zone: str = "") -> list[Line]:
    """Where a person answers, day and night in most places."""
    return [CRISIS[key] for key in regions(region, zone)]


def regions(region: str, zone: str = "") -> list[str]:
    """The region; where it is not known all of them, the likely one first."""
    if region in EMERGENCY:
        return [region]
    likely = likely_region(zone)
    return [likely, *(key for key in EMERGENCY if key != likely)]


def likely_region(zone: str) -> str:
    """A guess from the time zone, used for the order only: 112 comes first where nothing better is known."""
    if zone in BRITISH_ZONES:
        return "uk"
    if zone.startswith("Australia/"):
        return "au"
    return "us" if zone.startswith(NORTH_AMERICAN) or zone in NORTH_AMERICAN_ZONES else "eu"
