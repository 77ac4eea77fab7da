import pytest

from tracker.domain.trial_period import Course, counted

START = 100
TRIED = Course(start=START)


def counted_days(*others: Course, first_day: int = 0, n_days: int = 200) -> set[int]:
    flags = counted(TRIED, others, first_day=first_day, n_days=n_days)
    return {first_day + place for place, flag in enumerate(flags) if flag}


def test_alone_every_day_counts():
    assert counted_days() == set(range(200))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Course(start=87), id="thirteen days before"),
        pytest.param(Course(start=100), id="the same day"),
        pytest.param(Course(start=113, stop=120), id="thirteen days after"),
    ],
)
def test_a_treatment_begun_within_two_weeks_takes_no_day_away(other):
    assert counted_days(other) == set(range(200))


def test_what_a_later_treatment_may_have_changed_does_not_count():
    assert counted_days(Course(start=114)) == set(range(114))


def test_days_count_again_when_the_later_treatment_is_over():
    assert counted_days(Course(start=120, stop=130)) == set(range(120)) | set(range(130, 200))


def test_days_under_an_earlier_treatment_that_was_over_are_no_baseline():
    assert counted_days(Course(start=40, stop=70)) == set(range(40)) | set(range(70, 200))


def test_with_a_treatment_that_goes_on_the_baseline_is_the_time_under_it():
    assert counted_days(Course(start=60)) == set(range(60, 200))


def test_a_treatment_given_up_soon_after_does_not_end_the_trial():
    assert counted_days(Course(start=60, stop=105)) == set(range(60, 200))


def test_a_standing_treatment_given_up_later_ends_the_trial():
    assert counted_days(Course(start=60, stop=140)) == set(range(60, 140))


def test_the_start_day_always_counts():
    others = [Course(start=start, stop=start + 15) for start in range(0, 200, 7)]
    assert START in counted_days(*others)


def test_days_are_counted_from_any_first_day():
    assert counted_days(Course(start=114), first_day=90, n_days=40) == set(range(90, 114))
