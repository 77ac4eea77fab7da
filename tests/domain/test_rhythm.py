from datetime import date, timedelta

import pytest

from tracker.domain.rhythm import Beat, due, postponed

BEATS = {"peg": Beat(every_days=7, from_day=1), "phq_4": Beat(every_days=28, from_day=3)}
BEGUN = date(2026, 3, 1)
BOTH = ("interference", "peg", "phq_4")


def on(day: int) -> date:
    return BEGUN + timedelta(days=day)


def offered(day: int, *, asked=BOTH, last=None, put_off=None) -> str | None:
    return due(beats=BEATS, asked=asked, begun_on=BEGUN, today=on(day), last=last or {}, put_off=put_off or {})


def test_nothing_is_offered_on_the_first_day():
    assert offered(0) is None


def test_nothing_is_offered_to_who_does_not_want_it():
    assert offered(400, asked=("sleep",)) is None
    assert offered(400, asked=("phq_4",)) == "phq_4"


def test_never_two_on_one_day():
    assert offered(5) == "peg"
    assert offered(5, last={"peg": on(5)}) is None
    assert offered(6, last={"peg": on(5)}) == "phq_4"


@pytest.mark.parametrize(("day", "key"), [(11, None), (12, "peg"), (90, "peg")])
def test_seven_days_after_the_last_answers_it_comes_again(day, key):
    assert offered(day, last={"peg": on(5), "phq_4": on(day - 1)}) == key


@pytest.mark.parametrize(("day", "key"), [(33, None), (34, "phq_4")])
def test_four_weeks_after_the_last_answers_the_longer_one_comes_again(day, key):
    assert offered(day, asked=("phq_4",), last={"phq_4": on(6)}) == key


def test_what_was_put_off_makes_room_for_no_other_today():
    put_off = postponed({}, key="peg", until=on(12), tomorrow=on(6), beats=BEATS)
    assert put_off == {"peg": on(12), "phq_4": on(6)}
    assert offered(5, put_off=put_off) is None
    assert offered(6, put_off=put_off) == "phq_4"
    assert offered(12, put_off=put_off, last={"phq_4": on(6)}) == "peg"


def test_putting_one_off_never_brings_another_nearer():
    assert postponed({"phq_4": on(30)}, key="peg", until=on(6), tomorrow=on(6), beats=BEATS)["phq_4"] == on(30)


def test_answers_from_a_day_to_come_wait_their_turn():
    assert offered(5, asked=("peg",), last={"peg": on(6)}) is None
