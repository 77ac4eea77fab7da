"""The closed list of body sites, as the body map draws them, and of pain qualities. Keys never change once stored."""

from dataclasses import dataclass
from enum import StrEnum

from tracker.domain.text import gettext_noop as _


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
    Group.HEAD_NECK: _("Head and neck"),
    Group.SHOULDER_ARM: _("Shoulders and arms"),
    Group.CHEST: _("Chest"),
    Group.UPPER_BACK: _("Upper back"),
    Group.MID_BACK: _("Mid back"),
    Group.LOW_BACK: _("Low back"),
    Group.BELLY: _("Belly"),
    Group.PELVIS: _("Hips, groin and pelvis"),
    Group.LEG: _("Legs and feet"),
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


def _pair(group: Group, face: Face, key: str, left: str, right: str, *, level: str = "") -> list[Site]:
    return [
        Site(key=f"{key}_{side}", name=name, group=group, face=face, side=side, spine=SPINE_LEVELS.get(level))
        for side, name in ((Side.LEFT, left), (Side.RIGHT, right))
    ]


# The belly is parted in three by three, as clinicians do (the nine regions of the abdomen); its outer parts at the
# height of the navel are the flanks.
BODY: tuple[Site, ...] = (
    *_middle(Group.HEAD_NECK, Face.FRONT, ("head", _("Head"))),
    *_middle(Group.HEAD_NECK, Face.BACK, ("head_back", _("Back of the head"))),
    *_pair(Group.HEAD_NECK, Face.FRONT, "eye", _("Eye and temple, left"), _("Eye and temple, right")),
    *_pair(Group.HEAD_NECK, Face.FRONT, "jaw", _("Cheek and jaw, left"), _("Cheek and jaw, right")),
    *_middle(Group.HEAD_NECK, Face.FRONT, ("mouth", _("Mouth and teeth")), ("throat", _("Throat"))),
    *_middle(Group.HEAD_NECK, Face.BACK, ("neck", _("Neck, middle"))),
    *_pair(Group.HEAD_NECK, Face.BACK, "neck", _("Neck, left"), _("Neck, right"), level="neck"),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "shoulder", _("Shoulder, left"), _("Shoulder, right")),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "arm", _("Arm, left"), _("Arm, right")),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "elbow", _("Elbow, left"), _("Elbow, right")),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "forearm", _("Forearm, left"), _("Forearm, right")),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "wrist", _("Wrist, left"), _("Wrist, right")),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "hand", _("Hand, left"), _("Hand, right")),
    *_pair(Group.SHOULDER_ARM, Face.BOTH, "fingers", _("Fingers, left"), _("Fingers, right")),
    *_pair(Group.CHEST, Face.FRONT, "collarbone", _("Collarbone, left"), _("Collarbone, right")),
    *_middle(Group.CHEST, Face.FRONT, ("chest", _("Chest, middle"))),
    *_pair(Group.CHEST, Face.FRONT, "chest", _("Chest, left"), _("Chest, right")),
    *_pair(Group.CHEST, Face.FRONT, "ribs", _("Ribs, left"), _("Ribs, right")),
    *_middle(Group.UPPER_BACK, Face.BACK, ("upper_back", _("Upper back, spine"))),
    *_pair(
        Group.UPPER_BACK, Face.BACK, "upper_back", _("Upper back, left"), _("Upper back, right"), level="upper_back"
    ),
    *_middle(Group.UPPER_BACK, Face.BACK, ("between_shoulder_blades", _("Between the shoulder blades"))),
    *_pair(
        Group.UPPER_BACK,
        Face.BACK,
        "beside_blade",
        _("Beside the spine at the shoulder blades, left"),
        _("Beside the spine at the shoulder blades, right"),
    ),
    *_pair(Group.UPPER_BACK, Face.BACK, "shoulder_blade", _("Shoulder blade, left"), _("Shoulder blade, right")),
    *_middle(Group.MID_BACK, Face.BACK, ("mid_back", _("Mid back, spine"))),
    *_pair(Group.MID_BACK, Face.BACK, "mid_back", _("Mid back, left"), _("Mid back, right"), level="mid_back"),
    *_pair(Group.MID_BACK, Face.BACK, "ribs_back", _("Ribs at the back, left"), _("Ribs at the back, right")),
    *_middle(Group.LOW_BACK, Face.BACK, ("low_back", _("Low back, spine"))),
    *_pair(Group.LOW_BACK, Face.BACK, "low_back", _("Low back, left"), _("Low back, right"), level="low_back"),
    *_pair(Group.LOW_BACK, Face.BOTH, "flank", _("Flank, left"), _("Flank, right")),
    *_middle(Group.BELLY, Face.FRONT, ("belly_upper", _("Upper belly"))),
    *_pair(Group.BELLY, Face.FRONT, "belly_upper", _("Upper belly, left"), _("Upper belly, right")),
    *_middle(Group.BELLY, Face.FRONT, ("belly", _("Around the navel")), ("belly_lower", _("Lower belly"))),
    *_pair(Group.BELLY, Face.FRONT, "belly_lower", _("Lower belly, left"), _("Lower belly, right")),
    *_pair(Group.PELVIS, Face.BOTH, "hip", _("Hip, left"), _("Hip, right")),
    *_pair(Group.PELVIS, Face.FRONT, "groin", _("Groin, left"), _("Groin, right")),
    *_middle(Group.PELVIS, Face.FRONT, ("genitals", _("Genitals"))),
    *_middle(Group.PELVIS, Face.BACK, ("sacrum", _("Sacrum")), ("tailbone", _("Tailbone"))),
    *_pair(Group.PELVIS, Face.BACK, "sacroiliac", _("Beside the sacrum, left"), _("Beside the sacrum, right")),
    *_pair(Group.PELVIS, Face.BACK, "buttock", _("Buttock, left"), _("Buttock, right")),
    *_middle(Group.PELVIS, Face.BACK, ("pelvic_floor", _("Pelvic floor"))),
    *_pair(Group.LEG, Face.FRONT, "thigh", _("Thigh, left"), _("Thigh, right")),
    *_pair(Group.LEG, Face.BACK, "thigh_back", _("Back of the thigh, left"), _("Back of the thigh, right")),
    *_pair(Group.LEG, Face.FRONT, "knee", _("Knee, left"), _("Knee, right")),
    *_pair(Group.LEG, Face.BACK, "knee_back", _("Back of the knee, left"), _("Back of the knee, right")),
    *_pair(Group.LEG, Face.FRONT, "leg", _("Lower leg, left"), _("Lower leg, right")),
    *_pair(Group.LEG, Face.BACK, "calf", _("Calf, left"), _("Calf, right")),
    *_pair(Group.LEG, Face.BOTH, "ankle", _("Ankle, left"), _("Ankle, right")),
    *_pair(Group.LEG, Face.FRONT, "foot", _("Foot, left"), _("Foot, right")),
    *_pair(Group.LEG, Face.FRONT, "toes", _("Toes, left"), _("Toes, right")),
    *_pair(Group.LEG, Face.BACK, "heel", _("Heel and sole, left"), _("Heel and sole, right")),
)

SITES: tuple[tuple[str, str], ...] = tuple((site.key, site.name) for site in BODY)

QUALITIES: tuple[tuple[str, str], ...] = (
    ("aching", _("aching")),
    ("stabbing", _("stabbing")),
    ("burning", _("burning")),
    ("throbbing", _("throbbing")),
    ("tingling", _("tingling")),
    ("pressing", _("pressing")),
    ("cramping", _("cramping")),
    ("tight", _("tight")),
    ("numb", _("numb")),
    ("electric", _("like an electric shock")),
)

SITE_NAMES = dict(SITES)
SITE_KEYS = frozenset(SITE_NAMES)
QUALITY_KEYS = frozenset(key for key, _name in QUALITIES)


def seen_from(face: Face) -> list[Site]:
    """The sites drawn on one side of the body."""
    return [site for site in BODY if site.face in (face, Face.BOTH)]
