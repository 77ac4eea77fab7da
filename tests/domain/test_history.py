from datetime import date, timedelta

import pytest

from tracker.domain import history
from tracker.domain.history import (
    BAD_DAY,
    MIN_CELL_DAYS,
    MIN_SIDE_DAYS,
    MIN_WEEKS,
    PARTS,
    Finding,
    Moment,
    Named,
    smallest_that_matters,
)

MONDAY = date(2026, 1, 5)
ON = date(2026, 6, 1)
HOURS = {"night": 0, "morning": 6, "afternoon": 12, "evening": 23}


def logged(first: date, ratings: list[float]) -> list[tuple]:
    """A row for each day, as by_day gives them; None is not logged."""
    return [
        (first + timedelta(days=n), int(nrs), int(nrs), float(nrs), 1)
        for n, nrs in enumerate(ratings)
        if nrs is not None
    ]


def means(first: date, ratings: list[float]) -> list[tuple[date, float]]:
    return [(on, mean) for on, _low, _high, mean, _n in logged(first, ratings)]


def weeks(n: int, week: list[float]) -> list[tuple[date, float]]:
    return means(MONDAY, week * n)


def moments(n_days: int, **parts: int) -> list[Moment]:
    return [
        Moment(MONDAY + timedelta(days=day), HOURS[part], nrs) for day in range(n_days) for part, nrs in parts.items()
    ]


@pytest.mark.parametrize(("usual", "points"), [(0, 1), (3, 1), (5, 1.5), (6.67, 2.0), (10, 2)])
def test_what_matters_is_three_tenths_of_the_usual_pain_between_one_and_two_points(usual, points):
    assert smallest_that_matters(usual) == pytest.approx(points, abs=0.01)


class TestWeekdays:
    def test_say_nothing_about_an_empty_log(self):
        pattern = history.weekdays([])
        assert pattern.finding is Finding.TOO_LITTLE and len(pattern.cells) == 7

    def test_say_nothing_in_the_first_weeks(self):
        pattern = history.weekdays(weeks(MIN_WEEKS - 1, [9, 1, 1, 1, 1, 1, 1]))
        assert pattern.finding is Finding.TOO_LITTLE
        assert all(cell.mean is None and cell.difference is None for cell in pattern.cells)

    def test_find_a_bad_monday(self):
        pattern = history.weekdays(weeks(MIN_WEEKS + 2, [7, 4, 4, 4, 4, 4, 4]))
        assert [cell.is_clear for cell in pattern.cells] == [True] + [False] * 6
        assert pattern.cells[0].difference == pytest.approx(3) and pattern.finding is Finding.PATTERN

    def test_find_a_good_weekend(self):
        pattern = history.weekdays(weeks(MIN_WEEKS + 2, [6, 6, 6, 6, 6, 3, 3]))
        assert [cell.is_clear for cell in pattern.cells][5:] == [True, True]
        assert all(cell.difference < 0 for cell in pattern.cells[5:])

    def test_keep_quiet_about_a_difference_too_small_to_matter(self):
        pattern = history.weekdays(weeks(50, [5.5, 5, 5, 5, 5, 5, 5]))
        assert pattern.finding is Finding.NO_CLEAR_PATTERN

    def test_do_not_take_a_slow_change_for_a_pattern(self):
        rising = means(MONDAY, [min(10, day / 20) for day in range(200)])
        assert history.weekdays(rising).finding is Finding.NO_CLEAR_PATTERN

    def test_tell_on_how_many_days_each_rests(self):
        pattern = history.weekdays(weeks(MIN_CELL_DAYS, [5, None, 5, 5, 5, 5, 5]))
        assert [cell.n_days for cell in pattern.cells] == [8, 0, 8, 8, 8, 8, 8]
        assert pattern.cells[1].mean is None and pattern.cells[2].mean == 5

    def test_a_weekday_never_logged_with_its_neighbours_is_not_compared(self):
        pattern = history.weekdays(weeks(20, [9, None, None, None, 2, None, None]))
        assert pattern.cells[0].mean == 9 and pattern.cells[0].difference is None
        assert pattern.finding is Finding.TOO_LITTLE

    def test_a_day_without_entries_is_no_zero(self):
        full, thin = weeks(12, [5] * 7), weeks(12, [5, 5, None, 5, 5, 5, 5])
        assert [cell.difference for cell in history.weekdays(thin).cells if cell.n_days] == [0] * 6
        assert history.weekdays(full).cells[2].mean == 5

    def test_are_of_daily_means_so_that_a_day_of_many_entries_counts_once(self):
        moments = [(MONDAY, 8, 9), (MONDAY, 9, 3), (MONDAY - timedelta(days=1), 8, 5)]
        assert history.daily_means(moments) == [(MONDAY - timedelta(days=1), 5), (MONDAY, 6)]


class TestPartsOfDay:
    def test_say_nothing_about_an_empty_log(self):
        assert history.parts_of_day([]).finding is Finding.TOO_LITTLE

    def test_say_nothing_where_only_one_part_is_ever_logged(self):
        pattern = history.parts_of_day(moments(200, morning=6))
        assert pattern.finding is Finding.TOO_LITTLE and pattern.cells[1].mean == 6

    def test_days_are_compared_with_themselves_only(self):
        """Mornings of a bad season and evenings of a good one make no pattern."""
        bad = moments(100, morning=8)
        good = [Moment(on + timedelta(days=100), HOURS["evening"], 2) for on, _hour, _nrs in bad]
        assert history.parts_of_day([*bad, *good]).finding is Finding.TOO_LITTLE

    def test_find_bad_mornings(self):
        pattern = history.parts_of_day(moments(7 * (MIN_WEEKS + 1), morning=7, evening=4))
        morning, evening = pattern.cells[1], pattern.cells[3]
        assert morning.is_clear and evening.is_clear
        assert (morning.difference, evening.difference) == (3, -3)

    def test_many_entries_of_one_part_count_once_a_day(self):
        pattern = history.parts_of_day(moments(70, morning=7, evening=5) + moments(70, morning=7) * 5)
        assert pattern.cells[1].mean == 7 and pattern.cells[1].n_days == 70

    def test_the_order_of_the_entries_says_nothing(self):
        entries = moments(80, night=2, afternoon=6)
        assert history.parts_of_day(entries) == history.parts_of_day(entries[::-1])

    def test_there_are_four_of_six_hours(self):
        assert len(PARTS) * history.PART_HOURS == 24


class TestBeforeAndAfter:
    def compare(self, before: list[float], after: list[float], *, weeks: int = 4, today: date = date(2026, 12, 31)):
        days = logged(ON - timedelta(days=len(before)), before) + logged(ON, after)
        return history.before_and_after(days, on=ON, weeks=weeks, today=today)

    def test_says_nothing_with_too_few_days_on_one_side(self):
        for before, after in (([6] * (MIN_SIDE_DAYS - 1), [3] * 20), ([6] * 20, [3] * (MIN_SIDE_DAYS - 1)), ([], [])):
            comparison = self.compare(before, after)
            assert comparison.difference is None and not comparison.matters

    def test_the_date_itself_belongs_to_the_days_after(self):
        comparison = self.compare([6] * 10, [3] * 10)
        assert (comparison.before.last, comparison.after.first) == (ON - timedelta(days=1), ON)
        assert (comparison.before.mean, comparison.after.mean, comparison.difference) == (6, 3, -3)
        assert comparison.matters

    def test_days_further_away_are_passed_over(self):
        comparison = self.compare([9] * 100 + [5] * 14, [5] * 14 + [9] * 100, weeks=2)
        assert (comparison.before.n_logged, comparison.after.n_logged) == (14, 14)
        assert comparison.difference == 0

    def test_days_that_have_not_come_do_not_count_as_missing(self):
        comparison = self.compare([5] * 28, [5] * 10, today=ON + timedelta(days=9))
        assert (comparison.after.n_days, comparison.after.last) == (10, ON + timedelta(days=9))

    def test_spread_and_bad_days_are_of_logged_days(self):
        before = self.compare([2, 4, 4, 4, 6, None, BAD_DAY, BAD_DAY + 1, 9], [5] * 7).before
        assert (before.n_logged, before.n_bad, before.bad_share) == (8, 3, 3 / 8)
        assert (before.median, before.middle_half) == (5, (4, 7.25))

    def test_a_small_difference_does_not_matter(self):
        assert not self.compare([6] * 20, [5] * 20).matters


class TestNamed:
    def test_a_day_counts_once_for_each_key(self):
        assert history.named([(MONDAY, ["sitting"]), (MONDAY, ["sitting", "stress"])]) == [
            Named("sitting", 1),
            Named("stress", 1),
        ]

    def test_what_was_named_most_often_comes_first(self):
        rows = [(MONDAY + timedelta(days=n), ["cold"] if n else ["stress"]) for n in range(3)]
        assert history.named(rows) == [Named("cold", 2), Named("stress", 1)]
