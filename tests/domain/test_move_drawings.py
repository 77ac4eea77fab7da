"""The drawn person is one person: limbs of fixed lengths, feet on the ground, everything inside the picture."""

import re
from math import dist

import pytest

from tracker.domain.move_drawings import DRAWINGS, Drawing, Picture
from tracker.domain.moves import MOVE_KEYS, MOVES, STAGES, Version
from tracker.domain.stick_figure import FOREARM, GROUND, UPPER_ARM, bent

PICTURES = [
    pytest.param(picture, id=f"{move} {kind} {name}")
    for (move, kind), drawing in DRAWINGS.items()
    for name, picture in (("start", drawing.start), ("end", drawing.end))
]


def points(d: str) -> list[tuple[float, float]]:
    """The corners of a path; those of a head are its left end alone."""
    return [(float(x), float(y)) for x, y in re.findall(r"[MLQ ](-?\d+\.\d) (-?\d+\.\d)", d)]


def test_every_move_is_drawn_in_every_stage_and_version():
    wanted = {(move.key, move.drawing(stage, version)) for move in MOVES for stage in STAGES for version in Version}
    assert wanted <= DRAWINGS.keys()
    assert {key for key, _kind in DRAWINGS} == MOVE_KEYS


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=[" ".join(key) for key in DRAWINGS])
def test_the_end_differs_from_the_start_and_shows_what_moves(drawing: Drawing):
    assert drawing.start.marks != drawing.end.marks
    assert drawing.start.title != drawing.end.title
    kinds = {mark.kind for mark in drawing.end.marks}
    assert "arrow" in kinds or any(kind.endswith("move") or kind == "blade" for kind in kinds)


@pytest.mark.parametrize("picture", PICTURES)
def test_the_person_stays_inside_the_picture(picture: Picture):
    left, top, width, height = map(float, picture.view_box.split())
    is_close_up = width < 150  # shows a part of the person
    for mark in picture.marks:
        if mark.kind in ("ground", "wall", "area") or is_close_up:
            continue
        for x, y in points(mark.d):
            assert left - 1 <= x <= left + width + 1, mark
            assert top - 1 <= y <= top + height + 1, mark


@pytest.mark.parametrize("picture", PICTURES)
def test_nobody_sinks_into_the_ground(picture: Picture):
    limbs = [mark for mark in picture.marks if mark.kind.split()[0] in ("arm", "leg", "trunk")]
    assert all(y <= GROUND + 2 for mark in limbs for _x, y in points(mark.d))


@pytest.mark.parametrize("picture", PICTURES)
def test_every_picture_has_one_head(picture: Picture):
    assert sum(mark.kind.split()[0] == "head" for mark in picture.marks) == 1


def test_a_limb_keeps_its_lengths_and_does_not_stretch():
    near, far = bent((0, 0), (20, 10), (UPPER_ARM, FOREARM), 1), bent((0, 0), (500, 0), (UPPER_ARM, FOREARM), 1)
    for start, joint, end in (near, far):
        assert dist(start, joint) == pytest.approx(UPPER_ARM, abs=0.1)
        assert dist(joint, end) == pytest.approx(FOREARM, abs=0.1)
    assert near[2] == pytest.approx((20, 10), abs=0.1)
