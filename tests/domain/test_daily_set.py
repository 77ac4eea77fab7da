from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain.daily_set import Facts, Why, Wish, Wishes, alternatives, daily_set, standing
from tracker.domain.moves import MOVE, MOVE_KEYS, MOVES, STAGES, Purpose, Version
from tracker.domain.pacing import Course, Done, Level

MONDAY = date(2026, 6, 1)
KEYS = sorted(MOVE_KEYS)


def facts(**more: object) -> Facts:
    return Facts(**{"on": MONDAY, "course": Course()} | more)


def keys(said: Facts) -> list[str]:
    return [planned.move.key for planned in daily_set(said).moves]


def whys(said: Facts) -> set[Why]:
    return {reason.why for reason in daily_set(said).why}


def days(n: int, **more: object) -> list[Done]:
    """Days on which the whole list was done."""
    done: list[Done] = []
    for place in range(n):
        on = MONDAY + timedelta(days=place)
        done.append(Done(day=on, moves=frozenset(keys(facts(on=on, sessions=done, **more)))))
    return done


def has_strength(session: Done) -> bool:
    return any(MOVE[key].purpose is Purpose.STRENGTH for key in session.moves)


def test_strength_never_follows_on_strength_and_is_on_three_days_of_a_week():
    found = [has_strength(session) for session in days(28)]
    assert not any(one and other for one, other in zip(found, found[1:], strict=False))
    assert all(2 <= sum(found[first : first + 7]) <= 3 for first in range(22))


def test_who_says_no_more_than_done_gets_no_strength_on_two_days_running_either():
    done, found = [], []
    for place in range(14):
        on = MONDAY + timedelta(days=place)
        found.append(Why.STRENGTH_DAY in whys(facts(on=on, sessions=done)))
        done.append(Done(day=on))
    assert not any(one and other for one, other in zip(found, found[1:], strict=False))
    assert 4 <= sum(found) <= 6


def test_strength_that_was_stopped_because_it_hurt_rests_a_day_too():
    tried = [Done(day=MONDAY, moves=frozenset({"march_walk"}), hurt=frozenset({"bridge"}))]
    assert Why.STRENGTH_RESTS in whys(facts(on=MONDAY + timedelta(days=1), sessions=tried))


def test_a_week_holds_all_twelve():
    assert frozenset().union(*(session.moves for session in days(7))) == MOVE_KEYS


def test_missed_days_put_strength_off_and_leave_none_out():
    monday = days(1)
    assert Why.STRENGTH_RESTS in whys(facts(on=MONDAY + timedelta(days=1), sessions=monday))
    assert Why.STRENGTH_DAY in whys(facts(on=MONDAY + timedelta(days=3), sessions=monday))


def test_what_bends_the_back_comes_last_until_it_has_been_up_for_a_while():
    fresh = [MOVE[key].bends for key in keys(facts(sessions=days(1), on=MONDAY + timedelta(days=1)))]
    assert fresh == sorted(fresh)
    assert not fresh[0]


def test_up_for_half_an_hour_the_programme_has_its_own_order():
    order = keys(facts(has_risen=True))
    assert order == sorted(order, key=[move.key for move in MOVES].index)


@pytest.mark.parametrize("stage", STAGES)
def test_a_set_takes_ten_to_twenty_minutes(stage):
    assert 7 <= daily_set(facts(course=Course(level=Level[stage]))).minutes <= 20


def test_in_a_flare_everything_is_easier_and_half():
    usual, flare = daily_set(facts()), daily_set(facts(share=0.5, is_flare=True))
    assert {planned.version for planned in flare.moves} == {Version.EASIER}
    assert all(one.amount <= (other.amount + 1) / 2 for one, other in zip(flare.moves, usual.moves, strict=True))
    assert Why.FLARE in whys(facts(share=0.5, is_flare=True))


def test_brittle_bones_leave_out_bending_and_twisting_and_say_so():
    said = facts(conditions=frozenset({"weak_bones"}), on=MONDAY + timedelta(days=1), sessions=days(1))
    assert not {"cat_camel", "open_book", "thor_ext_chair"} & set(keys(said))
    assert {reason.move for reason in daily_set(said).why if reason.why is Why.NOT_WITH} == {
        "cat_camel",
        "open_book",
        "thor_ext_chair",
    }


def test_in_pregnancy_nothing_is_done_lying_on_the_back():
    wishes = Wishes(swapped_today={"scap_squeeze": "bridge"})
    planned = daily_set(facts(conditions=frozenset({"pregnant"}), wishes=wishes)).moves
    assert [one.version for one in planned if one.move.key == "bridge"] == [Version.CHAIR]


def test_who_may_fall_gets_chair_versions_of_everything():
    planned = daily_set(facts(needs_chair=True)).moves
    assert {one.version for one in planned} == {Version.CHAIR}
    assert all(one.move.says(one.version) for one in planned)


def test_a_wish_is_kept_and_told_as_the_patients_own():
    wishes = Wishes(kept={"wall_angel": Wish.HARDER, "bird_dog": Wish.OUT})
    planned = {one.move.key: one for one in daily_set(facts(wishes=wishes)).moves}
    assert "bird_dog" not in planned
    assert planned["wall_angel"].version is Version.HARDER
    assert [reason.why for reason in planned["wall_angel"].why] == [Why.WISH]


def test_what_hurt_comes_in_its_easier_version_unless_the_patient_wants_it_as_usual():
    eased = Course(eased={"wall_angel": MONDAY})

    def version(wishes):
        return {one.move.key: one.version for one in daily_set(facts(course=eased, wishes=wishes)).moves}["wall_angel"]

    assert version(Wishes()) is Version.EASIER
    assert version(Wishes(kept={"wall_angel": Wish.USUAL})) is Version.USUAL


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"course": Course(eased={"wall_angel": MONDAY})}, id="it hurt"),
        pytest.param({"course": Course(level=Level.GENTLE)}, id="a step back"),
        pytest.param({"is_flare": True, "share": 0.5}, id="a flare"),
    ],
)
def test_a_wish_for_harder_waits_while_it_has_to_be_easier(said):
    wishes = Wishes(kept={"wall_angel": Wish.HARDER})
    planned = {one.move.key: one for one in daily_set(facts(wishes=wishes, **said)).moves}["wall_angel"]
    assert planned.version is Version.EASIER
    assert Why.WISH not in {reason.why for reason in planned.why}


@pytest.mark.parametrize("level", Level)
def test_a_next_step_is_spoken_of_where_there_is_one(level):
    said = whys(facts(course=Course(level=level, n_good=2)))
    assert (Why.TOWARDS in said) == (level is not Level.C)


def test_a_swap_brings_another_move_of_the_same_purpose():
    said = facts(wishes=Wishes(swapped_today={"scap_squeeze": "bridge", "wall_angel": "march_walk"}))
    found = keys(said)
    assert "bridge" in found
    assert "scap_squeeze" not in found
    assert "wall_angel" in found  # a warm-up is no strength
    assert [move.key for move in alternatives("bridge", found, said)] == ["scap_squeeze", "sit_to_stand"]


def test_a_measured_plan_never_asks_for_more_than_the_stage():
    done = [Done(day=MONDAY - timedelta(days=n), pain=1, amounts={"wall_angel": 4}) for n in (9, 7, 5)]
    wishes = Wishes(is_measured_since=MONDAY - timedelta(days=9))
    planned = {one.move.key: one for one in daily_set(facts(sessions=done, wishes=wishes)).moves}
    assert planned["wall_angel"].amount == 3
    assert planned["wall_angel"].why[0].why is Why.MEASURED
    assert planned["march_walk"].amount == 1


def test_where_the_stage_asks_for_less_than_the_plan_the_plan_is_no_reason():
    done = [Done(day=MONDAY - timedelta(days=n), pain=1, amounts={"wall_angel": 30}) for n in (9, 7, 5)]
    wishes = Wishes(is_measured_since=MONDAY - timedelta(days=9))
    planned = {one.move.key: one for one in daily_set(facts(sessions=done, wishes=wishes)).moves}
    assert (planned["wall_angel"].amount, planned["wall_angel"].why) == (5, ())


def test_each_move_has_its_standing_whether_it_is_listed_or_not():
    said = facts(wishes=Wishes(kept={"bridge": Wish.OUT}), conditions=frozenset({"weak_bones"}))
    today = daily_set(said)
    for key in KEYS:
        found = standing(key, said, today)
        assert found.is_listed == (key in keys(said))
        assert (found.planned is None) == (key in {"bridge", "open_book", "thor_ext_chair", "cat_camel"})
        assert found.why
        if found.is_listed:
            assert found.planned in today.moves


wishes = st.builds(
    Wishes,
    kept=st.dictionaries(st.sampled_from(KEYS), st.sampled_from(list(Wish))),
    is_easier_today=st.booleans(),
    swapped_today=st.dictionaries(st.sampled_from(KEYS), st.sampled_from([*KEYS, "somersault"])),
)
conditions = st.frozensets(st.sampled_from(["weak_bones", "spine_fracture", "pregnant", "falls"]))


@given(wishes=wishes, conditions=conditions, share=st.sampled_from([0.5, 0.7, 1.0]), level=st.sampled_from(list(Level)))
def test_whatever_is_wished_nothing_harmful_is_on_the_list_and_nothing_twice(wishes, conditions, share, level):
    said = facts(wishes=wishes, conditions=conditions, share=share, course=Course(level=level))
    planned = daily_set(said).moves
    found = [one.move.key for one in planned]
    assert len(found) == len(set(found))
    assert not any(one.move.not_with & conditions for one in planned)
    assert all(1 <= one.amount <= one.move.amount(one.stage) for one in planned)
    assert [one.move.bends for one in planned] == sorted(one.move.bends for one in planned)


@given(n=st.integers(0, 20), level=st.sampled_from(list(Level)))
def test_every_set_gives_its_reasons(n, level):
    assert len(daily_set(facts(sessions=days(n), on=MONDAY + timedelta(days=n), course=Course(level=level))).why) >= 2
