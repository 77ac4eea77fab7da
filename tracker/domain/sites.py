"""The closed list of body sites, as the body map draws them, and of pain qualities. Keys never change once stored."""

from dataclasses import dataclass
from enum import StrEnum


class Face(StrEnum):
    """From where a site is seen."""

    FRONT = "front"
    BACK = "back"
    BOTH = "both"


class Side(StrEnum):
    """The patient's own left and right."""

    LEFT = "left"
    MIDDLE = "middle"
    RIGHT = "right"


class Group(StrEnum):
    HEAD_NECK = "head_neck"
    SHOULDER_ARM = "shoulder_arm"
    CHEST = "chest"
    UPPER_BACK = "upper_back"
    MID_BACK = "mid_back"
    LOW_BACK = "low_back"
    BELLY = "belly"
    PELVIS = "pelvis"
    LEG = "leg"


GROUP_NAMES = {
    Group.HEAD_NECK: "Head and neck",
    Group.SHOULDER_ARM: "Shoulders and arms",
    Group.CHEST: "Chest",
    Group.UPPER_BACK: "Upper back",
    Group.MID_BACK: "Mid back",
    Group.LOW_BACK: "Low back",
    Group.BELLY: "Belly",
    Group.PELVIS: "Hips, groin and pelvis",
    Group.LEG: "Legs and feet",
}

# Vertebrae behind a part of the back, first to last. What is seen on the skin is near, not exact: the spine of the
# shoulder blade lies about T3, its lower tip at T7 to T9, the crest of the hip at L4, the dimples at S2 (surface
# anatomy of the back, as in Netter's Atlas; the tip as measured standing in PMC2647093).
SPINE_LEVELS = {
    "neck": ("C1", "C7"),
    "upper_back": ("T1", "T3"),
    "between_shoulder_blades": ("T3", "T8"),
    "mid_back": ("T8", "T12"),
    "low_back": ("L1", "L5"),
    "sacrum": ("S1", "S5"),
    "tailbone": ("Co1", "Co4"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    key: str
    name: str
    group: Group
    face: Face
    side: Side
    spine: tuple[str, str] | None = None  # first and last vertebra, for sites of the back and neck


def _middle(group: Group, face: Face, *sites: tuple[str, str]) -> list[Site]:
    return [
        Site(key=key, name=name, group=group, face=face, side=Side.MIDDLE, spine=SPINE_LEVELS.get(key))
        for key, name in sites
    ]


def _pair(group: Group, face: Face, key: str, name: str, *, level: str = "") -> list[Site]:
    return [
        Site(
            key=f"{key}_{side}",
            name=f"{name}, {side}",
            group=group,
            face=face,
            side=side,
            spine=SPINE_LEVELS.get(level),
        )
        for side in (Side.LEFT, Side.RIGHT)
    ]


# The belly is parted in three by three, as clinicians do (the nine regions of the abdomen); its outer parts at the
# height of the navel are the flanks.
BODY: tuple[Site, ...] = (
    *_middle(Group.HEAD_NECK, Face.FRONT, ("head", "Head")),
    *_middle(Group.HEAD_NECK, Face.BACK, ("head_back", "Back of the head")),
    *_pair(Group.HEAD_NECK, Face.FRONT, "eye", "Eye and temple"),
    *_pair(Group.HEAD_NECK, Face.FRONT, "jaw", "Cheek and jaw"),
    *_middle(Group.HEAD_NECK, Face.FRONT, ("mouth", "Mouth and teeth"), ("throat", "Throat")),
    *_middle(Group.HEAD_NECK, Face.BACK, ("neck", "Neck, middle")),
    *_pair(Group.HEAD_NECK, Face.BACK, "neck", "Neck", level="neck"),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "shoulder", "Shoulder"),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "arm", "Arm"),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "elbow", "Elbow"),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "forearm", "Forearm"),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "wrist", "Wrist"),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "hand", "Hand"),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "fingers", "Fingers"),
    *_pair(Group.CHEST, Face.FRONT, "collarbone", "Collarbone"),
    *_middle(Group.CHEST, Face.FRONT, ("chest", "Chest, middle")),
    *_pair(Group.CHEST, Face.FRONT, "chest", "Chest"),
    *_pair(Group.CHEST, Face.FRONT, "ribs", "Ribs"),
    *_middle(Group.UPPER_BACK, Face.BACK, ("upper_back", "Upper back, spine")),
    *_pair(Group.UPPER_BACK, Face.BACK, "upper_back", "Upper back", level="upper_back"),
    *_middle(Group.UPPER_BACK, Face.BACK, ("between_shoulder_blades", "Between the shoulder blades")),
    *_pair(Group.UPPER_BACK, Face.BACK, "beside_blade", "Beside the spine at the shoulder blades"),
    *_pair(Group.UPPER_BACK, Face.BACK, "shoulder_blade", "Shoulder blade"),
    *_middle(Group.MID_BACK, Face.BACK, ("mid_back", "Mid back, spine")),
    *_pair(Group.MID_BACK, Face.BACK, "mid_back", "Mid back", level="mid_back"),
    *_pair(Group.MID_BACK, Face.BACK, "ribs_back", "Ribs at the back"),
    *_middle(Group.LOW_BACK, Face.BACK, ("low_back", "Low back, spine")),
    *_pair(Group.LOW_BACK, Face.BACK, "low_back", "Low back", level="low_back"),
    *_pair(Group.LOW_BACK, Face.BOTH, "flank", "Flank"),
    *_middle(Group.BELLY, Face.FRONT, ("belly_upper", "Upper belly")),
    *_pair(Group.BELLY, Face.FRONT, "belly_upper", "Upper belly"),
    *_middle(Group.BELLY, Face.FRONT, ("belly", "Around the navel"), ("belly_lower", "Lower belly")),
    *_pair(Group.BELLY, Face.FRONT, "belly_lower", "Lower belly"),
    *_pair(Group.PELVIS, Face.BOTH, "hip", "Hip"),
    *_pair(Group.PELVIS, Face.FRONT, "groin", "Groin"),
    *_middle(Group.PELVIS, Face.FRONT, ("genitals", "Genitals")),
    *_middle(Group.PELVIS, Face.BACK, ("sacrum", "Sacrum"), ("tailbone", "Tailbone")),
    *_pair(Group.PELVIS, Face.BACK, "sacroiliac", "Beside the sacrum"),
    *_pair(Group.PELVIS, Face.BACK, "buttock", "Buttock"),
    *_middle(Group.PELVIS, Face.BACK, ("pelvic_floor", "Pelvic floor")),
    *_pair(Group.LEG, Face.FRONT, "thigh", "Thigh"),
    *_pair(Group.LEG, Face.BACK, "thigh_back", "Back of the thigh"),
    *_pair(Group.LEG, Face.FRONT, "knee", "Knee"),
    *_pair(Group.LEG, Face.BACK, "knee_back", "Back of the knee"),
    *_pair(Group.LEG, Face.FRONT, "leg", "Lower leg"),
    *_pair(Group.LEG, Face.BACK, "calf", "Calf"),
    *_pair(Group.LEG, Face.BOTH, "ankle", "Ankle"),
    *_pair(Group.LEG, Face.FRONT, "foot", "Foot"),
    *_pair(Group.LEG, Face.FRONT, "toes", "Toes"),
    *_pair(Group.LEG, Face.BACK, "heel", "Heel and sole"),
)

SITES: tuple[tuple[str, str], ...] = tuple((site.key, site.name) for site in BODY)

QUALITIES: tuple[tuple[str, str], ...] = (
    ("aching", "aching"),
    ("stabbing", "stabbing"),
    ("burning", "burning"),
    ("throbbing", "throbbing"),
    ("tingling", "tingling"),
    ("pressing", "pressing"),
    ("cramping", "cramping"),
    ("tight", "tight"),
    ("numb", "numb"),
    ("electric", "like an electric shock"),
)

SITE_NAMES = dict(SITES)
SITE_KEYS = frozenset(SITE_NAMES)
QUALITY_KEYS = frozenset(key for key, _ in QUALITIES)


def site_choices() -> tuple[tuple[str, str], ...]:
    """For model fields: a choice that is called leaves no copy of the list in the migrations."""
    return SITES


def seen_from(face: Face) -> list[Site]:
    """The sites drawn on one side of the body."""
    return [site for site in BODY if site.face in (face, Face.BOTH)]
