from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.domain import pacing
from tracker.domain.moves import MOVE_KEYS
from tracker.domain.pacing import Change, Course, Done, Level, Light, course

START = date(2026, 6, 1)
NOW = datetime(2026, 6, 10, 7, tzinfo=UTC)

nrs = st.one_of(st.none(), st.integers(0, 10))
sessions = st.lists(
    st.builds(
        Done,
        day=st.integers(0, 200).map(lambda n: START + timedelta(days=n)),
        moves=st.frozensets(st.sampled_from(sorted(MOVE_KEYS))),
        hurt=st.frozensets(st.sampled_from(sorted(MOVE_KEYS)), max_size=2),
        pain=nrs,
        usual=nrs,
        morning=nrs,
    ),
    max_size=40,
    unique_by=lambda session: session.day,
).map(lambda days: sorted(days, key=lambda session: session.day))


def good(day: int, *, pain: int = 2, **more: object) -> Done:
    return Done(day=START + timedelta(days=day), pain=pain, usual=3, morning=3, **more)


def red(day: int, **more: object) -> Done:
    return good(day, pain=8, **more)


def after(*done: Done, on: int | None = None) -> Course:
    """A first session on the day of the start, of which nothing was said, and these."""
    last = done[-1].day if done else START
    return course([Done(day=START), *done], started_on=START, on=START + timedelta(days=on) if on is not None else last)


@pytest.mark.parametrize(
    ("pain", "usual", "expected"),
    [
        pytest.param(0, None, Light.GREEN, id="no pain"),
        pytest.param(3, None, Light.GREEN, id="the last green"),
        pytest.param(4, None, Light.AMBER, id="the first amber"),
        pytest.param(5, 1, Light.AMBER, id="at the limit, far above a low usual"),
        pytest.param(6, 1, Light.RED, id="above the limit"),
        pytest.param(7, 6, Light.AMBER, id="one above a high usual"),
        pytest.param(8, 6, Light.RED, id="two above a high usual"),
        pytest.param(9, 9, Light.AMBER, id="at a usual that is nearly the worst"),
        pytest.param(10, 9, Light.RED, id="the worst, however high the usual"),
    ],
)
def test_the_light_turns_red_above_the_limit_or_two_above_the_usual_whichever_is_higher(pain, usual, expected):
    assert pacing.light(pain, usual) is expected


@given(pain=st.integers(0, 9), usual=nrs)
def test_more_pain_never_makes_the_light_milder(pain, usual):
    order = [Light.GREEN, Light.AMBER, Light.RED]
    assert order.index(pacing.light(pain + 1, usual)) >= order.index(pacing.light(pain, usual))


def test_a_programme_begins_in_its_first_stage():
    assert after() == Course(level=Level.A)


def test_three_good_sessions_after_two_weeks_lead_on():
    assert after(good(12), good(13), good(14)).level is Level.B
    assert after(good(11), good(12), good(13)).level is Level.A
    assert after(good(13), good(14)).level is Level.A


def test_the_third_stage_waits_for_the_seventh_week():
    reached = [good(12), good(13), good(14)]
    assert after(*reached, good(20), good(30), good(41)).level is Level.B
    assert after(*reached, good(20), good(30), good(41), good(42)).level is Level.C


def test_a_morning_that_nobody_asked_about_holds_up_the_step_forward():
    unsaid = Done(day=START + timedelta(days=14), pain=2, usual=3)
    assert after(good(12), good(13), unsaid).level is Level.A
    assert after(good(12), good(13), unsaid, good(15)).level is Level.B


def test_a_red_session_leads_one_step_back_and_starts_the_count_again():
    reached = after(good(12), good(13), good(14), red(15), good(16), good(17))
    assert (reached.level, reached.n_good, reached.change) == (Level.A, 2, Change.PAIN_DURING)


def test_from_the_first_stage_one_step_back_is_the_easier_versions():
    assert after(red(1)).level is Level.GENTLE
    assert after(red(1), red(2)).level is Level.GENTLE
    assert after(red(1), good(2), good(3), good(4)).level is Level.A


def test_a_bad_morning_after_counts_like_a_red_session():
    bad = Done(day=START, pain=2, usual=3, morning=5)
    assert (after(bad).level, after(bad).change) == (Level.GENTLE, Change.PAIN_NEXT_MORNING)


def test_where_it_is_known_what_hurt_only_that_becomes_easier():
    reached = after(good(12), good(13), good(14), red(15, hurt=frozenset({"bridge"})))
    assert (reached.level, set(reached.eased)) == (Level.B, {"bridge"})


def test_what_hurt_comes_back_after_three_good_sessions():
    assert after(red(1, hurt=frozenset({"bridge"})), good(2), good(3)).eased
    assert not after(red(1, hurt=frozenset({"bridge"})), good(2), good(3), good(4)).eased


def test_after_a_long_break_it_begins_one_step_easier():
    reached = [good(12), good(13), good(14)]
    assert after(*reached, on=28).level is Level.B
    assert after(*reached, on=29) == Course(level=Level.A, change=Change.LONG_BREAK, changed_on=START + timedelta(14))


def test_the_longer_the_break_the_further_back_it_begins_but_no_further_than_the_first_stage():
    reached = [good(day) for day in (12, 13, 14, *range(15, 45))]
    levels = [after(*reached, on=44 + gap).level for gap in (0, 14, 15, 27, 28, 365)]
    assert levels == [Level.C, Level.C, Level.B, Level.B, Level.A, Level.A]
    eased = [*reached, red(45), red(46), red(47)]
    assert after(*eased, on=47).level is after(*eased, on=400).level is Level.GENTLE


def test_a_break_of_a_year_counts_for_no_weeks_of_training():
    back = [good(365 + n) for n in range(50)]
    levels = [after(*back[: n + 1]).level for n in range(50)]
    assert [levels.index(level) for level in (Level.A, Level.B, Level.C)] == [0, 14, 42]


def test_a_first_session_long_after_the_questions_is_a_beginning_and_no_break():
    reached = course([good(30)], started_on=START, on=START + timedelta(days=30))
    assert reached == Course(level=Level.A, change=Change.BEGUN, n_good=1)


def test_weeks_without_a_session_lead_nobody_on():
    done = [good(60 + n) for n in range(15)]
    levels = [course(done[:n], started_on=START, on=START + timedelta(days=100)).level for n in range(16)]
    assert set(levels[:15]) == {Level.A}
    assert course(done, started_on=START, on=done[-1].day).level is Level.B


@given(done=sessions)
def test_the_level_moves_one_step_at_a_time(done):
    levels = [course(done[:n], started_on=START, on=done[n - 1].day).level for n in range(1, len(done) + 1)]
    steps = [abs(one - other) for one, other in zip(levels, levels[1:], strict=False)]
    gaps = [(one.day - other.day).days for one, other in zip(done[1:], done, strict=False)]
    breaks = [gap // pacing.GAP_DAYS if gap > pacing.GAP_DAYS else 0 for gap in gaps]
    assert all(step <= 1 + n for step, n in zip(steps, breaks, strict=True))


@given(done=sessions, again=st.data())
def test_a_session_that_was_too_much_never_leads_on(done, again):
    worse = [Done(day=one.day, moves=one.moves, pain=10, usual=1, morning=10) for one in done]
    assert course(worse, started_on=START, on=START + timedelta(days=200)).level <= Level.A


@given(done=sessions)
def test_stage_b_and_c_never_come_before_their_weeks(done):
    for n in range(1, len(done) + 1):
        day = done[n - 1].day
        level = course(done[:n], started_on=START, on=day).level
        assert (day - START).days >= pacing.DAYS_BEFORE.get(level.name, 0)


def test_in_a_flare_it_is_half_and_then_comes_back_within_four_days():
    until = NOW + timedelta(hours=48)
    shares = [pacing.flare_share(NOW + timedelta(days=n), until) for n in range(8)]
    assert shares == [0.5, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1]
    assert pacing.flare_share(NOW, None) == 1


@given(amount=st.integers(1, 100), share=st.sampled_from([0.5, 0.6, 0.7, 0.8, 0.9, 1.0]))
def test_a_share_of_something_is_at_least_one_and_never_more_than_all(amount, share):
    assert 1 <= pacing.shared(amount, share) <= amount
    assert amount == 1 or pacing.shared(amount, share) <= amount * share + 1e-9


def test_a_baseline_is_four_fifths_of_what_was_tolerated():
    assert pacing.baseline([10, 10]) is None
    assert pacing.baseline([10, 8, 6]) == pytest.approx(6.4)
    assert pacing.baseline([10, 10, 10, 10, 10, 90]) == pytest.approx(8)


@given(amounts=st.lists(st.integers(1, 60), min_size=3, max_size=8), weeks=st.integers(0, 30))
def test_a_planned_amount_grows_by_five_to_ten_percent_a_week(amounts, weeks):
    begin = pacing.baseline(amounts)
    planned = pacing.planned_amount(amounts, weeks=weeks)
    assert planned <= max(begin * 1.10**weeks, 1)
    assert planned + 1 > begin * 1.05**weeks


def test_a_plan_grows_with_the_weeks_and_not_with_the_pain():
    done = [good(n, amounts={"bridge": 10}) for n in (0, 2, 4)]
    told = {"move": "bridge", "since": START}
    at_first = pacing.measured(done, on=START + timedelta(days=5), **told)
    later = [*done, good(11, amounts={"bridge": 30}), red(12, amounts={"bridge": 3})]
    assert at_first == 8
    assert pacing.measured(done, on=START + timedelta(days=4 + 21), **told) == 9
    assert pacing.measured(later[:4], on=START + timedelta(days=12), **told) == 12  # the fourth is measured too
    assert pacing.measured(later, on=START + timedelta(days=12), **told) == 12  # the red one is not
