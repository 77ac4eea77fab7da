"""Start and end position of each move, and of the versions of it that look different. Everything is one person's body,
bent at its joints by `stick_figure`; whoever changes a pose looks at it, small and large, light and dark."""

from collections.abc import Callable
from dataclasses import dataclass

from tracker.domain.stick_figure import (
    GROUND,
    HEIGHT,
    SHIN,
    THIGH,
    WIDTH,
    FrontView,
    Limb,
    Mark,
    Point,
    SideView,
    arrow,
    chair,
    from_up,
    ground,
    line,
    mat,
    plus,
    wall,
)
from tracker.domain.text import gettext_noop as _

FLOOR = GROUND - 4  # of an ankle
LOW, LOWER = f"0 52 {WIDTH} 116", f"0 78 {WIDTH} 90"  # of pictures of somebody on all fours, and lying


@dataclass(frozen=True, kw_only=True)
class Picture:
    title: str
    marks: tuple[Mark, ...]
    view_box: str = f"0 0 {WIDTH} {HEIGHT}"


@dataclass(frozen=True, kw_only=True)
class Drawing:
    start: Picture
    end: Picture


def _picture(title: str, *parts: Mark | list[Mark], view_box: str = f"0 0 {WIDTH} {HEIGHT}") -> Picture:
    marks = [mark for part in parts for mark in (part if isinstance(part, list) else [part])]
    return Picture(title=title, marks=tuple(marks), view_box=view_box)


def _leg(x: float, y: float = FLOOR, *, moves: bool = False, toe: float = 90, bend: int = -1) -> Limb:
    return Limb(to=(x, y), bend=bend, is_moving=moves, toe=toe)


def _arm(x: float, y: float, *, moves: bool = False, bend: int = 1, short: float = 1) -> Limb:
    return Limb(to=(x, y), bend=bend, is_moving=moves, short=short)


def _area(x: float, y: float, width: float, height: float) -> Mark:
    return Mark("area", line([(x, y), (x + width, y), (x + width, y + height), (x, y + height)]) + "z")


def _march() -> Drawing:
    upright = SideView(hip=(96, 85), near_arm=_arm(99, 87), far_arm=_arm(95, 87), near_leg=_leg(97), far_leg=_leg(92))
    lifted = SideView(
        hip=(96, 85),
        near_arm=_arm(76, 80),
        far_arm=_arm(124, 68),
        near_leg=_leg(126, 118, moves=True, toe=100),
        far_leg=_leg(95),
    )
    return Drawing(
        start=_picture(_("Start: standing tall"), ground(), upright.marks()),
        end=_picture(_("End: one knee lifted, arms swinging"), ground(), lifted.marks(), arrow((148, 116), (148, 84))),
    )


def _march_held() -> Drawing:
    back = chair(142, back=72, seat=120)
    upright = SideView(hip=(92, 85), near_arm=_arm(139, 72), far_arm=_arm(91, 87), near_leg=_leg(93), far_leg=_leg(88))
    lifted = SideView(
        hip=(92, 85),
        near_arm=_arm(139, 72),
        far_arm=_arm(88, 86),
        near_leg=_leg(106, 138, moves=True, toe=105),
        far_leg=_leg(90),
    )
    return Drawing(
        start=_picture(_("Start: standing behind a chair, a hand on it"), ground(), back, upright.marks()),
        end=_picture(
            _("End: one foot a little off the floor"), ground(), back, lifted.marks(), arrow((126, 150), (126, 126))
        ),
    )


def _sitting(hands: tuple[Point, Point], **more: object) -> FrontView:
    return FrontView(hip=(100, 112), hands=hands, feet=((86, 154), (114, 154)), thigh=15, **more)  # type: ignore[arg-type]


def _seat() -> list[Mark]:
    return [
        Mark("prop", line([(72, 122), (128, 122)])),
        Mark("prop", line([(76, 122), (76, GROUND)])),
        Mark("prop", line([(124, 122), (124, GROUND)])),
    ]


def _breath() -> Drawing:
    out = _sitting(((90, 95), (110, 95)))
    deep = _sitting(((86, 94), (114, 94)), narrow=1.1, body_moves=True)
    return Drawing(
        start=_picture(_("Start: sitting, hands on the lower ribs, breathing out"), ground(), _seat(), out.marks()),
        end=_picture(
            _("End: breathing in, the ribs push the hands apart"),
            ground(),
            _seat(),
            deep.marks(),
            arrow((58, 96), (40, 96)),
            arrow((142, 96), (160, 96)),
        ),
    )


def _breath_lying() -> Drawing:
    def lying(belly: float, moves: bool) -> SideView:
        return SideView(
            hip=(108, 150),
            lean=-90,
            arch=belly,
            near_arm=_arm(88, 142 - belly / 3, short=0.62, bend=-1),
            near_leg=_leg(146),
            far_leg=_leg(151),
            trunk_moves=moves,
        )

    return Drawing(
        start=_picture(
            _("Start: lying on the back with bent knees, hands on the ribs"),
            mat(20, 180),
            lying(0, False).marks(),
            view_box=LOWER,
        ),
        end=_picture(
            _("End: breathing in, the ribs rise"),
            mat(20, 180),
            lying(12, True).marks(),
            arrow((88, 124), (88, 104)),
            view_box=LOWER,
        ),
    )


def _on_all_fours(
    arch: float = 0,
    nod: float = 8,
    *,
    x: float = 0,
    moves: bool = False,
    far_arm: Limb | None = None,
    near_leg: Limb | None = None,
) -> SideView:
    return SideView(
        hip=(72 + x, 119),
        lean=80,
        nod=nod,
        arch=arch,
        near_arm=_arm(120 + x, 157),
        far_arm=far_arm or _arm(126 + x, 156),
        near_leg=near_leg or _leg(38 + x, 155, toe=270),
        far_leg=_leg(45 + x, 154, toe=270),
        trunk_moves=moves,
    )


def _cat_camel() -> Drawing:
    return Drawing(
        start=_picture(
            _("Start: on hands and knees, the back a little round"),
            mat(16, 176),
            _on_all_fours(-28, 44, moves=True, x=8).marks(),
            arrow((102, 80), (102, 60)),
            view_box=LOW,
        ),
        end=_picture(
            _("End: the back sinks a little, the head looks ahead"),
            mat(16, 176),
            _on_all_fours(15, -18, moves=True, x=8).marks(),
            arrow((102, 84), (102, 104)),
            view_box=LOW,
        ),
    )


def _seated(
    lean: float = 0, nod: float = 0, arch: float = 0, *, arm: Limb, moves: bool = False, hides: bool = False
) -> SideView:
    return SideView(
        hip=(80, 111),
        lean=lean,
        nod=nod,
        arch=arch,
        near_arm=arm,
        near_leg=_leg(116),
        far_leg=_leg(121),
        trunk_moves=moves,
        arm_over_head=not hides,
    )


def _cat_camel_seated() -> Drawing:
    place = chair(66, back=76)
    return Drawing(
        start=_picture(
            _("Start: sitting with hands on the thighs, the back a little round"),
            ground(),
            place,
            _seated(16, 34, -22, arm=_arm(112, 104), moves=True).marks(),
        ),
        end=_picture(
            _("End: sitting tall, the breastbone forward"),
            ground(),
            place,
            _seated(-2, -10, 12, arm=_arm(108, 103), moves=True).marks(),
            arrow((112, 74), (130, 70)),
        ),
    )


def _lean_back() -> Drawing:
    place = chair(66, back=84)
    return Drawing(
        start=_picture(
            _("Start: sitting tall, hands behind the head"),
            ground(),
            place,
            _seated(0, arm=_arm(72, 44), hides=True).marks(),
        ),
        end=_picture(
            _("End: the upper back leans over the top of the chair back, the elbows point up"),
            ground(),
            place,
            _seated(-16, -16, 15, arm=_arm(52, 46), moves=True, hides=True).marks(),
            arrow((104, 42), (82, 26), over=(98, 30)),
        ),
    )


def _lean_back_crossed() -> Drawing:
    place = chair(66, back=84)
    return Drawing(
        start=_picture(
            _("Start: sitting tall, arms crossed on the chest"),
            ground(),
            place,
            _seated(0, arm=_arm(90, 74, short=0.8)).marks(),
        ),
        end=_picture(
            _("End: a small lean back over the top of the chair back"),
            ground(),
            place,
            _seated(-12, -4, 11, arm=_arm(80, 72, short=0.8), moves=True).marks(),
            arrow((104, 48), (84, 36), over=(98, 39)),
        ),
    )


def _on_the_side(arm: Limb, other: Limb, *, turned: bool = False) -> list[Mark]:
    """Seen from above."""
    lying = SideView(
        hip=(122, 84),
        lean=-90,
        nod=-6,
        faces=1 if turned else -1,
        far_arm=other,
        near_arm=arm,
        near_leg=_leg(160, 116, bend=1, toe=170),
        far_leg=_leg(163, 121, bend=1, toe=170),
    )
    return lying.marks()


def _open_book() -> Drawing:
    floor = _area(14, 18, 172, 136)
    return Drawing(
        start=_picture(
            _("Start, seen from above: lying on the side, knees bent, both arms forward"),
            floor,
            _on_the_side(_arm(76, 132, moves=True), _arm(82, 132)),
        ),
        end=_picture(
            _("End, seen from above: the top arm has turned open to the other side, the knees stay"),
            floor,
            _on_the_side(_arm(66, 36, moves=True), _arm(82, 132), turned=True),
            arrow((96, 124), (92, 44), over=(122, 84)),
        ),
    )


def _open_book_bent() -> Drawing:
    floor = _area(14, 18, 172, 136)
    return Drawing(
        start=_picture(
            _("Start, seen from above: lying on the side, the hand of the top arm on the chest"),
            floor,
            _on_the_side(_arm(90, 92, moves=True, bend=1), _arm(82, 132)),
        ),
        end=_picture(
            _("End, seen from above: the elbow has opened to the other side"),
            floor,
            _on_the_side(_arm(90, 80, moves=True, bend=-1), _arm(82, 132), turned=True),
            arrow((104, 112), (100, 54), over=(124, 84)),
        ),
    )


def _turn_seated() -> Drawing:
    crossed = ((110, 80), (90, 80))
    return Drawing(
        start=_picture(
            _("Start: sitting, arms crossed on the chest"),
            ground(),
            _seat(),
            _sitting(crossed, arm=0.75).marks(),
        ),
        end=_picture(
            _("End: chest and head turned to one side, the hips stay"),
            ground(),
            _seat(),
            _sitting(((114, 80), (100, 80)), arm=0.7, narrow=0.62, turn=0.85, body_moves=True, head_moves=True).marks(),
            arrow((74, 42), (130, 42), over=(102, 6)),
        ),
    )


def _blades(apart: float, y: float) -> list[Mark]:
    return [Mark("blade", line([(100 + side * apart, y), (100 + side * (apart - 2.5), y + 15)])) for side in (-1, 1)]


def _squeeze() -> Drawing:
    feet = ((92, 156), (108, 156))
    loose = FrontView(hip=(100, 85), hands=((75, 86), (125, 86)), feet=feet, has_face=False)
    drawn = FrontView(
        hip=(100, 85), hands=((77, 66), (123, 66)), feet=feet, has_face=False, arms_move=True, arm=0.6, arms_behind=True
    )
    near = "40 2 120 103"
    return Drawing(
        start=_picture(
            _("Start, seen from behind: arms hang, the shoulder blades apart"),
            loose.marks(),
            _blades(11, 45),
            view_box=near,
        ),
        end=_picture(
            _("End, seen from behind: elbows bent and back, the shoulder blades drawn together and down"),
            drawn.marks(),
            _blades(5, 50),
            arrow((50, 54), (66, 54)),
            arrow((150, 54), (134, 54)),
            view_box=near,
        ),
    )


def _row() -> Drawing:
    def standing(hand: Point) -> SideView:
        return SideView(hip=(84, 85), near_arm=_arm(*hand, moves=True), near_leg=_leg(85), far_leg=_leg(79))

    def band(hand: Point) -> Mark:
        return Mark("band", line([hand, (182, 66)]))

    return Drawing(
        start=_picture(
            _("Start: facing a wall, an elastic band fixed there at chest height, arms forward"),
            ground(),
            wall(184),
            band((131, 54)),
            standing((131, 54)).marks(),
        ),
        end=_picture(
            _("End: elbows pulled back beside the body"),
            ground(),
            wall(184),
            band((99, 66)),
            standing((99, 66)).marks(),
            arrow((132, 84), (108, 84)),
        ),
    )


def _angel(hands: tuple[Point, Point], *, elbows: tuple[int, int] = (-1, 1)) -> list[Mark]:
    standing = FrontView(hip=(100, 85), hands=hands, feet=((92, 156), (108, 156)), elbows=elbows, arms_move=True)
    return [_area(28, -20, 144, 181), *standing.marks()]


def _wall_angel() -> Drawing:
    tall = "-10 -22 220 190"
    return Drawing(
        start=_picture(
            _("Start: back to a wall, arms bent like a goal post"),
            _angel(((59, 15), (141, 15))),
            ground(),
            view_box=tall,
        ),
        end=_picture(
            _("End: the arms have slid up along the wall"),
            _angel(((74, -9), (126, -9))),
            ground(),
            arrow((46, 30), (46, 2)),
            arrow((154, 30), (154, 2)),
            view_box=tall,
        ),
    )


def _straight(foot: Point, lean: float, hand: Point, **more: object) -> SideView:
    """A body in one line from the foot up."""
    hip = plus(foot, from_up(lean, THIGH + SHIN - 1))
    leg = Limb(to=foot, bend=-1, toe=90)
    return SideView(hip=hip, lean=lean, near_leg=leg, far_leg=None, near_arm=_arm(*hand, moves=True), **more)  # type: ignore[arg-type]


def _push_wall() -> Drawing:
    return Drawing(
        start=_picture(
            _("Start: hands on a wall at chest height, a step back, body in one line"),
            ground(),
            wall(158),
            _straight((72, FLOOR), 14, (152, 52)).marks(),
        ),
        end=_picture(
            _("End: elbows bent, the chest near the wall"),
            ground(),
            wall(158),
            _straight((72, FLOOR), 25, (152, 52)).marks(),
            arrow((96, 34), (118, 34)),
        ),
    )


def _worktop() -> list[Mark]:
    return [
        Mark("prop", line([(142, 98), (190, 98)])),
        Mark("prop", line([(150, 98), (150, GROUND)])),
        Mark("prop", line([(186, 98), (186, GROUND)])),
    ]


def _push_worktop() -> Drawing:
    return Drawing(
        start=_picture(
            _("Start: hands on a worktop, body in one line, arms straight"),
            ground(),
            _worktop(),
            _straight((62, FLOOR), 30, (146, 94)).marks(),
        ),
        end=_picture(
            _("End: elbows bent, the chest near the edge"),
            ground(),
            _worktop(),
            _straight((62, FLOOR), 47, (146, 94)).marks(),
            arrow((118, 38), (140, 52)),
        ),
    )


def _push_floor() -> Drawing:
    def on_knees(hip: Point, lean: float, nod: float) -> SideView:
        return SideView(
            hip=hip,
            lean=lean,
            nod=nod,
            near_leg=Limb(to=(38, 128), bend=-1, toe=320),
            near_arm=_arm(134, 157, moves=True),
        )

    return Drawing(
        start=_picture(
            _("Start: on the knees, hands below the shoulders, body in one line"),
            mat(16, 180),
            on_knees((92, 136), 58, 14).marks(),
            view_box=LOW,
        ),
        end=_picture(
            _("End: elbows bent, the chest near the floor"),
            mat(16, 180),
            on_knees((95, 146), 78, 4).marks(),
            arrow((150, 92), (150, 114)),
            view_box=LOW,
        ),
    )


def _bird_dog() -> Drawing:
    reach = _on_all_fours(x=16, nod=20, far_arm=_arm(186, 104, moves=True), near_leg=_leg(12, 108, moves=True, toe=215))
    return Drawing(
        start=_picture(
            _("Start: on hands and knees, back level"), mat(10, 190), _on_all_fours(x=16).marks(), view_box=LOW
        ),
        end=_picture(
            _("End: one arm stretched forward and the opposite leg back, level with the trunk"),
            mat(10, 190),
            reach.marks(),
            view_box=LOW,
        ),
    )


def _bird_dog_standing() -> Drawing:
    back = chair(146, back=74, seat=120)

    def standing(leg: Limb) -> SideView:
        return SideView(hip=(92, 85), lean=8, near_arm=_arm(143, 74), near_leg=leg, far_leg=_leg(94))

    return Drawing(
        start=_picture(
            _("Start: standing behind a chair, both hands on it"), ground(), back, standing(_leg(90)).marks()
        ),
        end=_picture(
            _("End: one straight leg lifted back, the trunk stays"),
            ground(),
            back,
            standing(_leg(54, 144, moves=True, toe=120)).marks(),
            arrow((64, 106), (40, 116)),
        ),
    )


def _lying(hip: Point, lean: float, *, near_leg: Limb | None = None, moves: bool = False) -> list[Mark]:
    lying = SideView(
        hip=hip,
        lean=lean,
        nod=-90 - lean,
        near_arm=_arm(106, 157, bend=-1),
        near_leg=near_leg or _leg(140),
        far_leg=_leg(145),
        trunk_moves=moves,
    )
    return lying.marks()


def _bridge() -> Drawing:
    return Drawing(
        start=_picture(
            _("Start: lying on the back, knees bent, feet flat"), mat(16, 180), _lying((104, 150), -90), view_box=LOWER
        ),
        end=_picture(
            _("End: hips lifted, shoulders, hips and knees in one line"),
            mat(16, 180),
            _lying((101, 128), -118, moves=True),
            arrow((86, 114), (86, 94)),
            view_box=LOWER,
        ),
    )


def _bridge_one_leg() -> Drawing:
    return Drawing(
        start=_picture(
            _("Start: lying on the back, one foot flat, the other leg straight"),
            mat(16, 190),
            _lying((104, 150), -90, near_leg=_leg(172, 128, toe=40)),
            view_box=LOWER,
        ),
        end=_picture(
            _("End: hips lifted on one foot, the other leg in line"),
            mat(16, 190),
            _lying((101, 128), -118, near_leg=_leg(164, 96, toe=20), moves=True),
            arrow((86, 114), (86, 94)),
            view_box=LOWER,
        ),
    )


def _hips_standing() -> Drawing:
    back = chair(150, back=74, seat=120)
    return Drawing(
        start=_picture(
            _("Start: behind a chair with hands on it, hips pushed back a little, knees soft"),
            ground(),
            back,
            SideView(
                hip=(80, 95), lean=27, nod=-14, near_arm=_arm(147, 74), near_leg=_leg(96), far_leg=_leg(101)
            ).marks(),
        ),
        end=_picture(
            _("End: hips forward, standing tall, buttocks tight"),
            ground(),
            back,
            SideView(
                hip=(99, 86), lean=2, near_arm=_arm(147, 74), near_leg=_leg(97), far_leg=_leg(102), trunk_moves=True
            ).marks(),
            arrow((66, 92), (84, 90)),
        ),
    )


def _stand_up(arm: Limb, place: list[Mark], *, hand: Limb, words: tuple[str, str]) -> Drawing:
    sitting = SideView(hip=(76, 111), lean=24, nod=-10, near_arm=arm, near_leg=_leg(106), far_leg=_leg(111))
    standing = SideView(hip=(104, 85), near_arm=hand, near_leg=_leg(106), far_leg=_leg(111), trunk_moves=True)
    return Drawing(
        start=_picture(words[0], ground(), place, sitting.marks()),
        end=_picture(words[1], ground(), place, standing.marks(), arrow((136, 96), (136, 56))),
    )


def _sit_to_stand() -> Drawing:
    return _stand_up(
        _arm(110, 86, short=0.85),
        chair(60, back=72),
        hand=_arm(116, 62, short=0.85),
        words=(_("Start: sitting near the front of a chair, arms crossed, leaning forward"), _("End: standing tall")),
    )


def _sit_to_stand_with_hands() -> Drawing:
    place = [*chair(60, back=72), Mark("prop", line([(60, 100), (94, 100), (94, 118)]))]
    return _stand_up(
        _arm(90, 97),
        place,
        hand=_arm(106, 87),
        words=(_("Start: sitting, hands push on the arms of the chair"), _("End: standing tall, arms hanging")),
    )


def _turn_head() -> Drawing:
    near = "46 2 108 93"

    def bust(turn: float, *, moves: bool = False) -> list[Mark]:
        person = FrontView(
            hip=(100, 92), hands=((72, 93), (128, 93)), feet=((92, 156), (108, 156)), turn=turn, head_moves=moves
        )
        return person.marks()

    return Drawing(
        start=_picture(_("Start: looking ahead, shoulders loose"), bust(0), view_box=near),
        end=_picture(
            _("End: head turned half way to one side"),
            bust(0.85, moves=True),
            arrow((84, 10), (120, 12), over=(102, 0)),
            view_box=near,
        ),
    )


def _nod() -> Drawing:
    near = "46 2 108 93"

    def bust(nod: float, *, moves: bool = False) -> list[Mark]:
        person = SideView(hip=(96, 92), nod=nod, near_arm=_arm(98, 93), head_moves=moves)
        return person.marks()

    return Drawing(
        start=_picture(_("Then: looking ahead"), bust(0), view_box=near),
        end=_picture(
            _("A small nod, as for yes"),
            bust(22, moves=True),
            arrow((118, 14), (124, 36), over=(127, 22)),
            view_box=near,
        ),
    )


_POSES: dict[tuple[str, str], Callable[[], Drawing]] = {
    ("march_walk", "usual"): _march,
    ("march_walk", "easier"): _march_held,
    ("breath_rib", "usual"): _breath,
    ("breath_rib", "easier"): _breath_lying,
    ("cat_camel", "usual"): _cat_camel,
    ("cat_camel", "easier"): _cat_camel_seated,
    ("thor_ext_chair", "usual"): _lean_back,
    ("thor_ext_chair", "easier"): _lean_back_crossed,
    ("open_book", "usual"): _open_book,
    ("open_book", "easier"): _open_book_bent,
    ("open_book", "chair"): _turn_seated,
    ("scap_squeeze", "usual"): _squeeze,
    ("scap_squeeze", "band"): _row,
    ("wall_angel", "usual"): _wall_angel,
    ("wall_pushup", "usual"): _push_wall,
    ("wall_pushup", "worktop"): _push_worktop,
    ("wall_pushup", "floor"): _push_floor,
    ("bird_dog", "usual"): _bird_dog,
    ("bird_dog", "easier"): _bird_dog_standing,
    ("bridge", "usual"): _bridge,
    ("bridge", "one_leg"): _bridge_one_leg,
    ("bridge", "chair"): _hips_standing,
    ("sit_to_stand", "usual"): _sit_to_stand,
    ("sit_to_stand", "easier"): _sit_to_stand_with_hands,
    ("neck_rotation_nod", "usual"): _turn_head,
    ("neck_rotation_nod", "nod"): _nod,
}
DRAWINGS: dict[tuple[str, str], Drawing] = {key: pose() for key, pose in _POSES.items()}
