"""Which numbers to call are shown, and which of them first."""

import pytest

from assessments.engine.emergency import CRISIS, EMERGENCY, crisis_lines, emergency_lines


@pytest.mark.parametrize("region", EMERGENCY)
def test_where_the_region_is_known_its_numbers_stand_alone(region: str) -> None:
    assert emergency_lines(region, "America/New_York") == [EMERGENCY[region]]
    assert crisis_lines(region, "America/New_York") == [CRISIS[region]]


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("Europe/London", "999"),
        ("GB", "999"),
        ("America/St_Johns", "911"),
        ("Pacific/Honolulu", "911"),
        ("US/Eastern", "911"),
        ("Canada/Pacific", "911"),
        ("America/Indiana/Knox", "911"),
        ("Australia/Perth", "000"),
        ("Europe/Berlin", "112"),
        ("America/Bogota", "112"),
        ("", "112"),
    ],
)
def test_where_it_is_not_known_every_number_is_shown_and_the_likely_one_first(zone: str, first: str) -> None:
    lines = emergency_lines("", zone)
    assert lines[0].number == first
    assert sorted(line.region for line in lines) == sorted(EMERGENCY)
    assert [line.region for line in crisis_lines("", zone)] == [line.region for line in lines]
