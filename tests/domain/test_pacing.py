from datetime import date

import pytest

from tracker.domain.pacing import MOVES, Purpose, moves_on, next_stage, stage_after


def test_strength_rests_a_day_between_and_mobility_is_daily():
    week = [moves_on(date(2026, 6, day)) for day in range(1, 8)]
    assert [len(moves) for moves in week] == [12, 6, 12, 6, 12, 6, 6]
    assert all(move in moves for moves in week for move in MOVES if move.purpose is not Purpose.STRENGTH)


def test_the_list_begins_gently():
    assert [move.purpose for move in moves_on(date(2026, 6, 1))][:2] == [Purpose.WARM_UP, Purpose.WARM_UP]


@pytest.mark.parametrize(
    ("stage", "days", "pains", "expected"),
    [
        pytest.param("A", 0, [], "A", id="nothing done yet"),
        pytest.param("A", 13, [1, 1, 1], "A", id="three good ones a day too early"),
        pytest.param("A", 14, [5, 5, 5], "B", id="three at the limit after two weeks"),
        pytest.param("A", 14, [5, 5], "A", id="only two"),
        pytest.param("A", 14, [5, 5, None], "A", id="one of them without a score"),
        pytest.param("B", 41, [0, 0, 0], "B", id="stage C a day too early"),
        pytest.param("B", 42, [0, 0, 0], "C", id="stage C in time"),
        pytest.param("C", 400, [0, 0, 0], "C", id="there is no stage D"),
        pytest.param("C", 400, [6, 0, 0], "B", id="one step back above the limit"),
        pytest.param("A", 400, [10], "A", id="no step back from the first"),
        pytest.param("B", 400, [None, 9, 9], "B", id="no score, no step"),
    ],
)
def test_the_stage_follows_the_newest_sessions(stage, days, pains, expected):
    assert next_stage(stage=stage, days_since_start=days, pains=pains) == expected


def test_the_stage_is_worked_out_from_all_sessions():
    good = [(day, 2) for day in (12, 13, 14, 42)]
    assert stage_after([]) == "A"
    assert stage_after(good[:3]) == "B"
    assert stage_after(good) == "C"
    assert stage_after([*good, (43, 7)]) == "B"
