"""The drawn body: one closed path for each site, front and back.

Points are (u, y): u is the distance from the middle line, y runs from the crown to the soles. One half is drawn and
the other is its mirror. From the front the patient's left is at the right, as when facing somebody; from the back it
is at the left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from tracker.domain.sites import BODY, Face, Side, Site

WIDTH, HEIGHT = 190, 494
MIDDLE = WIDTH / 2
STEP = 4.0  # units between two points of a curve

Point = tuple[float, float]
Line = list[Point]


@dataclass(frozen=True, kw_only=True, slots=True)
class Zone:
    """A site as it is drawn on one face."""

    site: Site
    path: str


def _curve(*through: Point) -> Line:
    """A smooth line through the points (Catmull-Rom), as many short straight ones."""
    ends = [through[0], *through, through[-1]]
    line: Line = []
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        n = max(1, round((abs(end[0] - start[0]) + abs(end[1] - start[1])) / STEP))
        line += [_between(before, start, end, after, piece / n) for piece in range(n)]
    return [*line, through[-1]]


def _between(before: Point, start: Point, end: Point, after: Point, t: float) -> Point:
    def along(axis: int) -> float:
        a, b, c, d = before[axis], start[axis], end[axis], after[axis]
        return (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3) / 2

    return along(0), along(1)


def _right_of(u: float, line: Line) -> Line:
    return [point for point in line if point[0] >= u]


class _Edge:
    """A side of the body that runs downwards: u for each height."""

    def __init__(self, *through: Point) -> None:
        self.line = _curve(*through)

    def u(self, y: float) -> float:
        for (u0, y0), (u1, y1) in zip(self.line, self.line[1:], strict=False):
            if y0 <= y <= y1:
                return u0 + (u1 - u0) * (y - y0) / (y1 - y0) if y1 > y0 else u1
        return self.line[-1][0] if y > self.line[-1][1] else self.line[0][0]

    def down(self, top: float, bottom: float) -> Line:
        inner = [point for point in self.line if top < point[1] < bottom]
        return [(self.u(top), top), *inner, (self.u(bottom), bottom)]

    def up(self, bottom: float, top: float) -> Line:
        return self.down(top, bottom)[::-1]


HEAD = _Edge(
    (0, 6),
    (8, 7),
    (14.5, 11),
    (19.2, 18),
    (21.6, 27),
    (22, 36),
    (20.8, 46),
    (18, 55),
    (13.5, 62.5),
    (7.5, 67.5),
    (0, 69),
)
NECK = _Edge((13.2, 54), (12.6, 66), (13.2, 75), (16.5, 82), (24, 87.5), (35, 92), (46, 96.5))
SHOULDER = _Edge((46, 96.5), (55, 100.5), (62, 107.5), (66.3, 117), (68.5, 131))
ARM_OUT = _Edge(
    (68.5, 131), (70.3, 146), (72.2, 162), (75, 177), (78.4, 190), (81.2, 205), (83.4, 222), (85, 238), (86.5, 254)
)
ARM_IN = _Edge(
    (50, 137), (52.3, 150), (54.6, 164), (56.8, 178), (59.3, 190), (62.8, 206), (66.6, 224), (69.3, 240), (70, 254)
)
SIDE = _Edge(
    (48.6, 110),
    (50, 137),
    (49, 150),
    (46.8, 165),
    (44.2, 179),
    (42.4, 192),
    (42.6, 203),
    (44.6, 215),
    (47.4, 230),
    (49.6, 246),
    (50, 262),
)
LEG_OUT = _Edge(
    (50, 256),
    (49.6, 270),
    (47.6, 290),
    (44.2, 312),
    (40.6, 332),
    (38.4, 346),
    (38, 358),
    (39.2, 374),
    (39.6, 390),
    (37.8, 410),
    (34.4, 430),
    (32, 446),
    (31.8, 458),
)
LEG_IN = _Edge(
    (2.4, 265),
    (3.6, 280),
    (6.2, 302),
    (9.6, 324),
    (12.2, 342),
    (12.6, 354),
    (11.4, 368),
    (10.6, 384),
    (11.6, 402),
    (13.6, 424),
    (14.6, 444),
    (14, 458),
)

THIGH_TOP = _curve((8.4, 260), (22, 259.6), (33, 255), (42, 252.4), (50, 252))
GROIN_FOOT = [point for point in THIGH_TOP if point[0] <= 33]
HIP_FOOT = [point for point in THIGH_TOP if point[0] >= 33][::-1]
# Soft lines across the belly: above the navel's row and below it.
BELLY_TOP = _curve((0, 188), (15.5, 187.6), (32, 186.6), (SIDE.u(185), 185))
BELLY_FOOT = _curve((0, 213), (15.5, 212.6), (32, 211.4), (SIDE.u(209), 209))

SPINE = 8.2  # half the width of the zones along the spine
BESIDE = 25.0  # where the muscles beside the spine end

# Half a zone of the middle line, from top to bottom; the mirror closes it.
FRONT_MIDDLE: dict[str, Line] = {
    "head": [*HEAD.down(6, 27), (0, 27)],
    "mouth": [(0, 52), (8.2, 52), *HEAD.down(67.2, 69)],
    "throat": [(0, 69), *HEAD.up(69, 61), *NECK.down(64, 81), (0, 85)],
    "chest": [(0, 100), (SPINE, 102), (SPINE, 158), (0, 156)],
    "belly_upper": [(0, 156), (SPINE, 158), (SPINE + 2, 187.8), (0, 188)],
    "belly": [(0, 188), (15.5, 187.6), *_curve((15.5, 187.6), (16.6, 200), (15.5, 212.6)), (0, 213)],
    "belly_lower": [(0, 213), (15.5, 212.6), (15.5, 237), (8.2, 242), (0, 243)],
    "genitals": [(0, 243), (8.2, 242), (8.4, 260), *_curve((8.4, 260), (6, 268), (0, 271))],
}
FRONT_SIDE: dict[str, Line] = {
    "eye": [(0, 27), *HEAD.down(27, 43.5), (0, 43.5)],
    "jaw": [(0, 43.5), *HEAD.down(43.5, 67.2), (8.2, 66.8), (8.2, 52), (0, 52)],
    "collarbone": [(0, 85), *NECK.down(81, 96.5), (48.6, 110), *_curve((48.6, 110), (30, 107), (SPINE, 102), (0, 100))],
    "chest": [
        *_curve((SPINE, 102), (30, 107), (48.6, 110)),
        *SIDE.down(110, 146),
        *_curve((49.3, 146), (32, 152), (SPINE, 147)),
    ],
    "ribs": [
        *_curve((SPINE, 147), (32, 152), (49.3, 146)),
        *SIDE.down(146, 185),
        *_curve((SIDE.u(185), 185), (32, 173), (20, 163), (SPINE, 158)),
    ],
    "belly_upper": [
        *_curve((SPINE, 158), (20, 163), (32, 173), (SIDE.u(185), 185)),
        *_right_of(SPINE + 2, BELLY_TOP)[::-1],
        (SPINE + 2, 187.8),
    ],
    "flank": [
        *_right_of(15.5, BELLY_TOP),
        *SIDE.down(185, 209),
        *_right_of(15.5, BELLY_FOOT)[::-1],
        *_curve((15.5, 212.6), (16.6, 200), (15.5, 187.6)),
    ],
    "belly_lower": [*_right_of(15.5, BELLY_FOOT), (41, 220), *_curve((41, 220), (29, 231), (15.5, 237))],
    "hip": [*SIDE.down(209, 252), *HIP_FOOT, *_curve((33, 255), (38, 237), (41, 220))],
    "groin": [
        *_curve((41, 220), (29, 231), (15.5, 237)),
        (8.2, 242),
        *GROIN_FOOT,
        *_curve((33, 255), (38, 237), (41, 220)),
    ],
    "thigh": [
        *THIGH_TOP,
        *LEG_OUT.down(252, 334),
        *_curve((LEG_OUT.u(334), 334), (25, 330), (LEG_IN.u(334), 334)),
        *LEG_IN.up(334, 269),
        (6, 268),
    ],
    "knee": [
        *_curve((LEG_IN.u(334), 334), (25, 330), (LEG_OUT.u(334), 334)),
        *LEG_OUT.down(334, 365),
        *_curve((LEG_OUT.u(365), 365), (25, 369), (LEG_IN.u(365), 365)),
        *LEG_IN.up(365, 334),
    ],
    "leg": [
        *_curve((LEG_IN.u(365), 365), (25, 369), (LEG_OUT.u(365), 365)),
        *LEG_OUT.down(365, 439),
        *LEG_IN.up(439, 365),
    ],
    "ankle": [*LEG_IN.up(456, 439), *LEG_OUT.down(439, 456)],
    "foot": [
        (LEG_IN.u(456), 456),
        *_curve((LEG_OUT.u(456), 456), (34, 463), (38.4, 472)),
        *_curve((38.4, 472), (25, 475), (11.4, 472)),
        *_curve((11.4, 472), (13, 464), (LEG_IN.u(456), 456)),
    ],
    "toes": [
        *_curve((11.4, 472), (25, 475), (38.4, 472)),
        *_curve((38.4, 472), (41.4, 481), (39, 487.5), (30, 489.6), (18, 490), (11.6, 487), (10.4, 480), (11.4, 472)),
    ],
}
ARM_ZONES: dict[str, Line] = {
    "shoulder": [(46, 96.5), *SHOULDER.down(96.5, 131), *_curve((68.5, 131), (60, 136), (50, 137)), (48.6, 110)],
    "arm": [
        *_curve((50, 137), (60, 136), (68.5, 131)),
        *ARM_OUT.down(131, 171),
        (ARM_IN.u(173), 173),
        *ARM_IN.up(173, 137),
    ],
    "elbow": [(ARM_IN.u(173), 173), *ARM_OUT.down(171, 193), (ARM_IN.u(196), 196), *ARM_IN.up(196, 173)],
    "forearm": [(ARM_IN.u(196), 196), *ARM_OUT.down(193, 236), (ARM_IN.u(239), 239), *ARM_IN.up(239, 196)],
    "wrist": [(ARM_IN.u(239), 239), *ARM_OUT.down(236, 253), (70, 254)],
    "hand": [
        (70, 254),
        *_curve((86.4, 253), (88.6, 262), (90.6, 272), (91, 282)),
        *_curve((91, 282), (82, 284.5), (73, 282)),
        *_curve(
            (73, 282),
            (72, 277),
            (71.4, 272),
            (69, 277),
            (66.4, 281),
            (63.6, 279.6),
            (63.8, 273),
            (66.6, 263),
            (70, 254),
        ),
    ],
    "fingers": [
        *_curve((73, 282), (82, 284.5), (91, 282)),
        *_curve((91, 282), (91.2, 291), (90, 298.6), (87.8, 298.6), (86.9, 294)),
        *_curve((86.9, 294), (86.6, 302), (84.8, 305), (82.6, 303.6), (82.2, 295)),
        *_curve((82.2, 295), (81.8, 305), (80, 307), (78, 305), (77.7, 295)),
        *_curve((77.7, 295), (77, 301), (75.4, 302), (73.8, 299), (73, 290), (73, 282)),
    ],
}
BACK_MIDDLE: dict[str, Line] = {
    "head_back": [*HEAD.down(6, 58), *_curve((HEAD.u(58), 58), (9, 61), (0, 61.6))],
    "neck": [(0, 61.6), (SPINE, 61), (SPINE, 87), (0, 86)],
    "upper_back": [(0, 86), (SPINE, 87), (SPINE, 107), (0, 106)],
    "between_shoulder_blades": [(0, 106), (SPINE, 107), (SPINE, 153), (0, 152)],
    "mid_back": [(0, 152), (SPINE, 153), (SPINE, 186), (0, 186)],
    "low_back": [(0, 186), (SPINE, 186), (SPINE + 0.6, 214), (0, 214)],
    "sacrum": [(0, 214), (SPINE + 0.6, 214), (SPINE, 238), (0, 238)],
    "tailbone": [(0, 238), (SPINE, 238), (8, 254.5), (0, 254.5)],
    "pelvic_floor": [(0, 254.5), (8, 254.5), *_curve((8, 254.5), (8, 266), (4.4, 271), (0, 272))],
}
BACK_SIDE: dict[str, Line] = {
    "neck": [
        (SPINE, 61),
        *_curve((9, 61), (HEAD.u(58), 58)),
        *NECK.down(59, 91),
        *_curve((NECK.u(91), 91), (20, 88.5), (SPINE, 87)),
    ],
    "upper_back": [
        *_curve((SPINE, 87), (20, 88.5), (NECK.u(91), 91)),
        *NECK.down(91, 96.5),
        *_curve((48.6, 110), (30, 108), (SPINE, 107)),
    ],
    "beside_blade": [
        *_curve((SPINE, 107), (BESIDE, 107.6)),
        *_curve((BESIDE, 107.6), (24, 130), (BESIDE, 153.5)),
        (SPINE, 153),
    ],
    "shoulder_blade": [
        *_curve((BESIDE, 107.6), (36, 108.4), (48.6, 110)),
        *SIDE.down(110, 147),
        *_curve((SIDE.u(147), 147), (36, 152), (BESIDE, 153.5)),
        *_curve((BESIDE, 153.5), (24, 130), (BESIDE, 107.6)),
    ],
    "mid_back": [(SPINE, 153), (BESIDE, 153.5), (BESIDE, 186), (SPINE, 186)],
    "ribs_back": [
        *_curve((BESIDE, 153.5), (36, 152), (SIDE.u(147), 147)),
        *SIDE.down(147, 184),
        *_curve((SIDE.u(184), 184), (34, 186), (BESIDE, 186)),
    ],
    "low_back": [(SPINE, 186), (BESIDE, 186), (BESIDE + 0.6, 214), (SPINE + 0.6, 214)],
    "flank": [
        *_curve((BESIDE, 186), (34, 186), (SIDE.u(184), 184)),
        *SIDE.down(184, 211),
        *_curve((SIDE.u(211), 211), (35, 213), (BESIDE + 0.6, 214)),
    ],
    "sacroiliac": [
        (SPINE + 0.6, 214),
        (BESIDE + 0.6, 214),
        *_curve((BESIDE + 0.6, 214), (26, 226), (24, 233)),
        *_curve((24, 233), (16, 235), (SPINE, 238)),
    ],
    "hip": [
        *_curve((BESIDE + 0.6, 214), (35, 213), (SIDE.u(211), 211)),
        *SIDE.down(211, 258),
        (39, 257),
        *_curve((39, 257), (35, 238), (24, 233)),
        *_curve((24, 233), (26, 226), (BESIDE + 0.6, 214)),
    ],
    "buttock": [
        *_curve((SPINE, 238), (16, 235), (24, 233)),
        *_curve((24, 233), (35, 238), (39, 257)),
        *_curve((39, 257), (36, 269), (24, 275.5), (12, 275), (4.4, 271)),
        *_curve((4.4, 271), (8, 266), (8, 254.5)),
    ],
    "thigh_back": [
        *_curve((4.4, 271), (12, 275), (24, 275.5), (36, 269), (39, 257)),
        *LEG_OUT.down(258, 334),
        *LEG_IN.up(336, 272),
    ],
    "knee_back": [(LEG_IN.u(336), 336), *LEG_OUT.down(334, 364), *LEG_IN.up(366, 336)],
    "calf": [(LEG_IN.u(366), 366), *LEG_OUT.down(364, 439), *LEG_IN.up(439, 366)],
    "ankle": FRONT_SIDE["ankle"],
    "heel": [
        (LEG_IN.u(456), 456),
        *_curve(
            (LEG_OUT.u(456), 456),
            (34, 468),
            (38, 480),
            (37, 487.4),
            (28, 489.6),
            (17, 489.6),
            (11.4, 486),
            (11, 478),
            (12.8, 467),
            (LEG_IN.u(456), 456),
        ),
    ],
}
# Drawn below the zones: what belongs to nobody's pain.
EARS: Line = _curve((21.4, 32), (24.6, 31), (25.2, 37), (23.4, 45), (20.6, 46))

_MIDDLES = {Face.FRONT: FRONT_MIDDLE, Face.BACK: BACK_MIDDLE}
_SIDES = {Face.FRONT: FRONT_SIDE | ARM_ZONES, Face.BACK: BACK_SIDE | ARM_ZONES}
_LEFT_IS = {Face.FRONT: 1, Face.BACK: -1}


@cache
def zones(face: Face) -> tuple[Zone, ...]:
    """Every site that is seen from there, in the order of the list."""
    return tuple(Zone(site=site, path=_closed(_outline(site, face))) for site in BODY if site.face in (face, Face.BOTH))


@cache
def ears() -> str:
    return _closed(_placed(EARS, 1)) + _closed(_placed(EARS, -1))


def _outline(site: Site, face: Face) -> Line:
    if site.side is Side.MIDDLE:
        half = _MIDDLES[face][site.key]
        return [*_placed(half, 1), *_placed(half[::-1], -1)]
    side = _LEFT_IS[face] * (1 if site.side is Side.LEFT else -1)
    return _placed(_SIDES[face][site.key.removesuffix(f"_{site.side}")], side)


def _placed(line: Iterable[Point], side: int) -> Line:
    return [(MIDDLE + side * u, y) for u, y in line]


def _closed(line: Sequence[Point]) -> str:
    """A closed path of steps from point to point, in tenths, without points that fall together."""
    tenths = [(round(x * 10), round(y * 10)) for x, y in line]
    points = [point for point, before in zip(tenths, [None, *tenths], strict=False) if point != before]
    (x, y), path = points[0], ""
    path = f"M{x / 10:g} {y / 10:g}l"
    for next_x, next_y in points[1:]:
        path += f"{(next_x - x) / 10:g} {(next_y - y) / 10:g} "
        x, y = next_x, next_y
    return path.rstrip() + "z"
