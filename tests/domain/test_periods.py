from datetime import date, timedelta

import pytest

from tracker.domain.periods import Day, Step, periods, step_for

MONDAY = date(2026, 11, 2)


def logged(first: date, *ratings: int) -> list[Day]:
    return [Day(first + timedelta(days=n), nrs, nrs, float(nrs), 1) for n, nrs in enumerate(ratings)]


@pytest.mark.parametrize(
    ("n_days", "at_most", "step"),
    [
        pytest.param(30, 30, Step.DAY, id="days that just fit"),
        pytest.param(31, 30, Step.WEEK, id="one day too many"),
        pytest.param(3650, 300, Step.MONTH, id="ten years on a desktop"),
        pytest.param(3650, 83, Step.QUARTER, id="ten years on a phone"),
        pytest.param(40_000, 83, Step.YEAR, id="longer than anything"),
    ],
)
def test_the_shortest_step_that_fits_is_taken(n_days, at_most, step):
    assert step_for(n_days, at_most=at_most) is step


def test_a_step_without_entries_is_left_out():
    days = logged(MONDAY, 5) + logged(MONDAY + timedelta(days=21), 6)
    assert [period.starts_on for period in periods(days, Step.WEEK)] == [MONDAY, MONDAY + timedelta(days=21)]


def test_a_week_spans_its_lowest_and_highest_day():
    (week,) = periods(logged(MONDAY, 1, 5, 5, 5, 5, 5, 9), Step.WEEK)
    assert (week.usual_low, week.usual_high, week.mean) == (1, 9, 5.0)


def test_a_month_keeps_single_extreme_days_out_of_its_usual_range_but_not_out_of_sight():
    (month,) = periods(logged(date(2026, 11, 1), 0, *[5] * 28, 10), Step.MONTH)
    assert (month.usual_low, month.usual_high, month.low, month.high) == (5, 5, 0, 10)


def test_a_day_with_many_entries_counts_once_in_the_mean():
    days = [Day(MONDAY, 8, 8, 8.0, 20), Day(MONDAY + timedelta(days=1), 2, 2, 2.0, 1)]
    (week,) = periods(days, Step.WEEK)
    assert (week.mean, week.n_entries) == (5.0, 21)


@pytest.mark.parametrize(
    ("step", "starts_on", "ends_on"),
    [
        (Step.DAY, date(2024, 2, 29), date(2024, 2, 29)),
        (Step.WEEK, date(2024, 2, 26), date(2024, 3, 3)),
        (Step.MONTH, date(2024, 2, 1), date(2024, 2, 29)),
        (Step.QUARTER, date(2024, 1, 1), date(2024, 3, 31)),
        (Step.YEAR, date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_leap_day_falls_into_the_right_period(step, starts_on, ends_on):
    (period,) = periods(logged(date(2024, 2, 29), 4), step)
    assert (period.starts_on, period.ends_on) == (starts_on, ends_on)
