"""The closed list of body sites and pain qualities: key and plain name.

The body map of a later issue draws these; keys never change once stored.
"""

SITES: tuple[tuple[str, str], ...] = (
    ("head", "Head"),
    ("neck_left", "Neck, left"),
    ("neck", "Neck, middle"),
    ("neck_right", "Neck, right"),
    ("shoulder_left", "Shoulder, left"),
    ("shoulder_right", "Shoulder, right"),
    ("arm_left", "Arm, left"),
    ("arm_right", "Arm, right"),
    ("hand_left", "Hand, left"),
    ("hand_right", "Hand, right"),
    ("chest_left", "Chest, left"),
    ("chest", "Chest, middle"),
    ("chest_right", "Chest, right"),
    ("upper_back_left", "Upper back, left"),
    ("upper_back", "Upper back, spine"),
    ("upper_back_right", "Upper back, right"),
    ("between_shoulder_blades", "Between the shoulder blades"),
    ("mid_back_left", "Mid back, left"),
    ("mid_back", "Mid back, spine"),
    ("mid_back_right", "Mid back, right"),
    ("ribs_left", "Ribs, left"),
    ("ribs_right", "Ribs, right"),
    ("flank_left", "Flank, left"),
    ("flank_right", "Flank, right"),
    ("low_back_left", "Low back, left"),
    ("low_back", "Low back, spine"),
    ("low_back_right", "Low back, right"),
    ("sacrum", "Sacrum and tailbone"),
    ("belly_upper", "Upper belly"),
    ("belly_lower", "Lower belly"),
    ("groin_left", "Groin, left"),
    ("groin_right", "Groin, right"),
    ("buttock_left", "Buttock, left"),
    ("buttock_right", "Buttock, right"),
    ("hip_left", "Hip, left"),
    ("hip_right", "Hip, right"),
    ("thigh_left", "Thigh, left"),
    ("thigh_right", "Thigh, right"),
    ("knee_left", "Knee, left"),
    ("knee_right", "Knee, right"),
    ("leg_left", "Lower leg, left"),
    ("leg_right", "Lower leg, right"),
    ("foot_left", "Foot, left"),
    ("foot_right", "Foot, right"),
)

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

SITE_KEYS = frozenset(key for key, _ in SITES)
QUALITY_KEYS = frozenset(key for key, _ in QUALITIES)
