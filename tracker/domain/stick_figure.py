"""A person of rounded limbs: joints from a few points, limbs of fixed lengths, drawn as paths that a page colours.

Units are those of a picture of WIDTH by HEIGHT with y downwards. All lengths are one body's (about seven and a half
heads tall), so that every drawing shows the same person whatever the pose; where a hand or foot goes says the pose, the
elbow or knee follows. Angles are in degrees from upright, positive to the right.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import acos, atan2, cos, degrees, hypot, radians, sin

WIDTH, HEIGHT = 200, 172
GROUND = 160  # where the feet stand
HEAD = 11  # radius
NECK = 21  # shoulder to the middle of the head
TORSO = 47  # hip to shoulder
UPPER_ARM, FOREARM = 25, 24
THIGH, SHIN, FOOT = 36, 35, 13
ANKLE = 4  # above the ground
SHOULDERS, HIPS = 15, 9  # half of the width, seen from the front
ARROW = 6  # length of the barbs

Point = tuple[float, float]
Path = list[Point]


@dataclass(frozen=True, slots=True)
class Mark:
    """One path; `kind` says what it is of, and with that its colour and width."""

    kind: str
    d: str


def from_up(angle: float, length: float) -> Point:
    return length * sin(radians(angle)), -length * cos(radians(angle))


def plus(one: Point, other: Point) -> Point:
    return one[0] + other[0], one[1] + other[1]


def bent(start: Point, end: Point, lengths: tuple[float, float], bend: int) -> Path:
    """From `start` over a joint to `end`, or as near to it as the limb reaches; `bend` is the side of the joint."""
    upper, lower = lengths
    reach = hypot(end[0] - start[0], end[1] - start[1])
    longest = upper + lower - 0.01
    way = degrees(atan2(end[0] - start[0], -(end[1] - start[1])))
    far = min(max(reach, abs(upper - lower) + 0.01), longest)
    inner = degrees(acos((upper**2 + far**2 - lower**2) / (2 * upper * far)))
    return [start, plus(start, from_up(way + bend * inner, upper)), plus(start, from_up(way, far))]


def line(points: Iterable[Point]) -> str:
    (x, y), *others = points
    return f"M{x:.1f} {y:.1f}" + "".join(f"L{a:.1f} {b:.1f}" for a, b in others)


def disc(centre: Point, radius: float) -> str:
    x, y = centre
    return f"M{x - radius:.1f} {y:.1f}a{radius} {radius} 0 1 0 {2 * radius} 0a{radius} {radius} 0 1 0 {-2 * radius} 0z"


def curve(start: Point, over: Point, end: Point) -> str:
    return f"M{start[0]:.1f} {start[1]:.1f}Q{over[0]:.1f} {over[1]:.1f} {end[0]:.1f} {end[1]:.1f}"


def arrow(start: Point, end: Point, *, over: Point | None = None) -> Mark:
    """Which way it goes; over a point, as a bow."""
    last = over or start
    way = degrees(atan2(end[0] - last[0], -(end[1] - last[1])))
    barbs = [plus(end, from_up(way + 180 + turn, ARROW)) for turn in (-35, 35)]
    shaft = curve(start, over, end) if over else line([start, end])
    return Mark("arrow", shaft + line([barbs[0], end, barbs[1]]))


def ground(first: float = 12, last: float = WIDTH - 12) -> Mark:
    return Mark("ground", line([(first, GROUND + 1), (last, GROUND + 1)]))


def mat(first: float, last: float) -> Mark:
    return Mark("mat", line([(first, GROUND + 2), (last, GROUND + 2)]))


def wall(x: float) -> Mark:
    return Mark("wall", line([(x, 10), (x, GROUND + 1)]))


def chair(x: float, *, seat: float = 118, faces: int = 1, back: float = 66) -> list[Mark]:
    """Seen from the side: x is where seat and back meet; it faces right (1) or left (-1)."""
    front = x + faces * 40
    return [
        Mark("prop", line([(x, back), (x, GROUND)])),
        Mark("prop", line([(x, seat), (front, seat)])),
        Mark("prop", line([(front - faces * 2, seat), (front - faces * 2, GROUND)])),
    ]


@dataclass(frozen=True, kw_only=True)
class Limb:
    """Where a hand or foot goes, and to which side the elbow or knee points."""

    to: Point
    bend: int = 1
    is_moving: bool = False
    toe: float = 90  # which way the foot points
    short: float = 1  # less where it comes towards the eye


@dataclass(frozen=True, kw_only=True)
class SideView:
    """A person seen from the side. `lean` is that of the trunk, `nod` that of the neck beside it."""

    hip: Point
    lean: float = 0
    nod: float = 0
    arch: float = 0  # how far the middle of the back stands out, to the right of the way up
    near_arm: Limb | None = None
    far_arm: Limb | None = None
    near_leg: Limb | None = None
    far_leg: Limb | None = None
    faces: int = 1
    trunk_moves: bool = False
    head_moves: bool = False
    arm_over_head: bool = True  # or the head hides the hand

    @property
    def shoulder(self) -> Point:
        return plus(self.hip, from_up(self.lean, TORSO))

    @property
    def head(self) -> Point:
        return plus(self.shoulder, from_up(self.lean + self.nod, NECK))

    def marks(self) -> list[Mark]:
        """From the far side to the near one."""
        trunk = "trunk move" if self.trunk_moves else "trunk"
        head = "head move" if self.head_moves else "head"
        middle = plus(
            ((self.hip[0] + self.shoulder[0]) / 2, (self.hip[1] + self.shoulder[1]) / 2),
            from_up(self.lean + 90, self.arch),
        )
        nose = plus(self.head, from_up(self.lean + self.nod + 90 * self.faces, HEAD + 0.5))
        arm = self._limb("arm", self.near_arm, self.shoulder)
        return [
            *self._limb("arm far", self.far_arm, self.shoulder),
            *self._limb("leg far", self.far_leg, self.hip),
            *self._limb("leg", self.near_leg, self.hip),
            Mark(trunk, curve(self.hip, middle, self.shoulder)),
            Mark("neck", line([self.shoulder, self.head])),
            *([] if self.arm_over_head else arm),
            Mark(head, disc(self.head, HEAD)),
            Mark("nose", disc(nose, 2)),
            *(arm if self.arm_over_head else []),
        ]

    def _limb(self, kind: str, limb: Limb | None, start: Point) -> list[Mark]:
        if limb is None:
            return []
        is_arm = kind.startswith("arm")
        upper, lower = (UPPER_ARM, FOREARM) if is_arm else (THIGH, SHIN)
        path = bent(start, limb.to, (upper * limb.short, lower * limb.short), limb.bend)
        if not is_arm:
            path.append(plus(path[-1], from_up(limb.toe, FOOT)))
        drawn = Mark(f"{kind} move" if limb.is_moving else kind, line(path))
        return [Mark("halo", drawn.d), drawn] if kind == "arm" else [drawn]


@dataclass(frozen=True, kw_only=True)
class FrontView:
    """A person seen from the front or the back; of two hands or feet the first is the one on the left of the picture."""

    hip: Point
    hands: tuple[Point, Point]
    feet: tuple[Point, Point]
    elbows: tuple[int, int] = (1, -1)
    knees: tuple[int, int] = (1, -1)
    arms_move: bool = False
    arms_behind: bool = False
    tilt: float = 0  # of the neck
    turn: float = 0  # of the face, -1 to 1
    narrow: float = 1  # of the shoulders: less when the chest is turned
    has_face: bool = True
    head_moves: bool = False
    trunk: float = TORSO
    thigh: float = THIGH
    arm: float = 1  # less where it comes towards the eye
    body_moves: bool = False
    raised: float = 0  # of the shoulders

    @property
    def neck(self) -> Point:
        return self.hip[0], self.hip[1] - self.trunk

    @property
    def shoulders(self) -> tuple[Point, Point]:
        x, y = self.neck
        wide = SHOULDERS * self.narrow
        return (x - wide, y - self.raised), (x + wide, y - self.raised)

    @property
    def head(self) -> Point:
        return plus(self.neck, from_up(self.tilt, NECK))

    def marks(self) -> list[Mark]:
        x, y = self.hip
        left, right = self.shoulders
        top, waist = y - self.trunk - 7, y - self.trunk / 3
        outline = [left, (x - 4, top), (x + 4, top), right, (x + HIPS - 1, waist), (x + HIPS, y)]
        body = line([*outline, (x - HIPS, y), (x - HIPS + 1, waist)]) + "z"
        legs = [self._leg(number) for number in (0, 1)]
        arms = [mark for number in (0, 1) for mark in self._arm(number)]
        face: list[Mark] = []
        if self.has_face:
            eyes = [plus(self.head, (self.turn * 6.5 + side * (4 - 1.5 * abs(self.turn)), -1)) for side in (-1, 1)]
            face = [Mark("eye", "".join(disc(eye, 1.5) for eye in eyes))]
        return [
            *legs,
            *(arms if self.arms_behind else []),
            Mark("neck", line([self.neck, self.head])),
            Mark("body move" if self.body_moves else "body", body),
            Mark("head move" if self.head_moves else "head", disc(self.head, HEAD)),
            *face,
            *([] if self.arms_behind else arms),
        ]

    def _leg(self, number: int) -> Mark:
        x, y = self.hip
        start = (x + (HIPS - 2) * (2 * number - 1), y)
        path = bent(start, self.feet[number], (self.thigh, SHIN), self.knees[number])
        out = 2 * number - 1
        return Mark("leg", line([*path, plus(path[-1], (out * 7, 3))]))

    def _arm(self, number: int) -> list[Mark]:
        lengths = (UPPER_ARM * self.arm, FOREARM * self.arm)
        d = line(bent(self.shoulders[number], self.hands[number], lengths, self.elbows[number]))
        drawn = Mark("arm move" if self.arms_move else "arm", d)
        return [drawn] if self.arms_behind else [Mark("halo", d), drawn]
