from datetime import date, timedelta

import pytest

from tracker.domain.move_gate import POINTS, VALID_FOR, Answer, Effect, Gate, are_answers, prefilled
from tracker.domain.moves import MOVES, STAGES, STOP_SIGNS, Purpose, Version

TODAY = date(2026, 6, 1)
ALL_CLEAR = dict.fromkeys((point.key for point in POINTS), "no")


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.key)
def test_every_move_says_all_that_is_needed(move):
    said = [move.name, *move.how, move.why, move.easier, move.harder, move.skip_if, move.stop_if]
    assert all(said)
    assert max(map(len, move.how)) <= 70
    assert [move.amount(stage) for stage in STAGES] == sorted(move.amounts)


def test_the_programme_holds_strength_and_begins_gently():
    assert sum(move.purpose is Purpose.STRENGTH for move in MOVES) == 6
    assert [move.purpose for move in MOVES][:2] == [Purpose.WARM_UP, Purpose.WARM_UP]
    assert not any(move.bends for move in MOVES[:3])
    assert len(MOVES) == 12
    assert len(STOP_SIGNS) >= 6


def test_whoever_needs_a_chair_gets_words_for_it():
    assert all(move.says(Version.CHAIR) for move in MOVES)


def gate(answers=ALL_CLEAR, **more):
    return Gate(**{"answers": answers, "answered_on": TODAY, "on": TODAY} | more)


def test_nothing_said_holds_the_programme():
    assert not gate({}).is_open
    assert not gate(answered_on=None).is_open
    assert not gate({key: answer for key, answer in ALL_CLEAR.items() if key != "falls"}).is_open


@pytest.mark.parametrize("point", [point for point in POINTS if point.effect is Effect.HOLD], ids=lambda one: one.key)
def test_each_point_holds_it_until_a_clinician_agrees(point):
    for answer in (Answer.YES, Answer.UNSURE):
        assert gate(ALL_CLEAR | {point.key: answer}).holding == (point,)
    assert gate(ALL_CLEAR | {point.key: Answer.CLEARED}).is_open


def test_the_answers_hold_for_a_while():
    assert gate(on=TODAY + VALID_FOR).is_open
    assert not gate(on=TODAY + VALID_FOR + timedelta(days=1)).is_open


def test_who_is_old_or_unsteady_gets_a_chair():
    assert gate(ALL_CLEAR | {"falls": "yes"}).needs_chair
    assert gate(age=75).needs_chair
    assert not gate(age=74).needs_chair


def test_what_a_clinician_cleared_still_leaves_out_what_could_harm():
    assert "spine_fracture" in gate(ALL_CLEAR | {"spine_fracture": "cleared"}).conditions


def test_the_profile_fills_in_only_what_it_settles():
    assert prefilled({"cancer": "yes", "pregnant": "unsure"}) == {}
    assert prefilled({"cancer": "no", "pregnant": "no", "weak_bones": "yes"}) == {
        "spine_cancer": "no",
        "pregnant": "no",
        "pregnancy_trouble": "no",
        "weak_bones": "yes",
    }


def test_other_keys_and_answers_are_none():
    assert are_answers(ALL_CLEAR)
    assert not are_answers({"falls": "maybe"})
    assert not are_answers({"wings": "yes"})
