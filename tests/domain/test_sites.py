import pytest

from tracker.domain.sites import BODY, GROUP_NAMES, SITE_KEYS, SITES, Face, Side, seen_from

# What was on the list before the body was drawn: entries name them, so they stay for good.
FIRST_KEYS = [
    "head",
    "neck_left",
    "neck",
    "neck_right",
    "shoulder_left",
    "shoulder_right",
    "arm_left",
    "arm_right",
    "hand_left",
    "hand_right",
    "chest_left",
    "chest",
    "chest_right",
    "upper_back_left",
    "upper_back",
    "upper_back_right",
    "between_shoulder_blades",
    "mid_back_left",
    "mid_back",
    "mid_back_right",
    "ribs_left",
    "ribs_right",
    "flank_left",
    "flank_right",
    "low_back_left",
    "low_back",
    "low_back_right",
    "sacrum",
    "belly_upper",
    "belly_lower",
    "groin_left",
    "groin_right",
    "buttock_left",
    "buttock_right",
    "hip_left",
    "hip_right",
    "thigh_left",
    "thigh_right",
    "knee_left",
    "knee_right",
    "leg_left",
    "leg_right",
    "foot_left",
    "foot_right",
]
SPINE = ["neck", "upper_back", "between_shoulder_blades", "mid_back", "low_back", "sacrum", "tailbone"]


def test_no_key_that_was_once_stored_is_gone():
    assert SITE_KEYS.issuperset(FIRST_KEYS)


def test_no_key_and_no_name_comes_twice():
    assert len(SITE_KEYS) == len({name for _, name in SITES}) == len(BODY) >= 60


@pytest.mark.parametrize("key", sorted(SITE_KEYS))
def test_every_key_fits_its_column(key):
    assert len(key) <= 40


def test_the_spine_has_its_levels_in_one_unbroken_row():
    levels = [site.spine for key in SPINE for site in BODY if site.key == key]
    vertebrae = [f"C{n}" for n in range(1, 8)] + [f"T{n}" for n in range(1, 13)] + [f"L{n}" for n in range(1, 6)]
    vertebrae += [f"S{n}" for n in range(1, 6)] + [f"Co{n}" for n in range(1, 5)]
    places = [(vertebrae.index(first), vertebrae.index(last)) for first, last in levels]
    assert places[0][0] == 0 and places[-1][1] == len(vertebrae) - 1
    assert all(upper[1] <= lower[0] <= upper[1] + 1 for upper, lower in zip(places, places[1:], strict=False))


def test_what_is_left_is_also_right():
    sides = {side: {site.key.rpartition("_")[0] for site in BODY if site.side == side} for side in Side}
    assert sides[Side.LEFT] == sides[Side.RIGHT]


def test_every_group_has_a_name_and_sites():
    assert {site.group for site in BODY} == set(GROUP_NAMES)


def test_every_site_is_seen_from_somewhere():
    assert {site.key for face in (Face.FRONT, Face.BACK) for site in seen_from(face)} == SITE_KEYS
