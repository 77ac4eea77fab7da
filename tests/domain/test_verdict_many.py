"""`judge_many`: arrays in, arrays out, whatever is in them."""

import tracemalloc
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.simulator import Setting, simulate
from tracker.domain import trial_policy as policy
from tracker.domain.verdict import Outcome, Reason, Trial, Verdicts, judge, judge_all_nights, judge_many
from tracker.domain.verdict_block import BLOCK_SIZE

NAN = float("nan")
CHANCES = ("p_helped", "p_now", "p_reach", "p_worse")
POINTS = ("change", "change_low", "change_high", "before", "now", "mcid")


def some_logs(n: int = 300, n_days: int = 80, seed: int = 5) -> dict[str, Any]:
    """Attempts of every kind side by side: starts anywhere, gaps, stops, known and unknown onsets."""
    rng = np.random.default_rng(seed)
    level, drop = rng.uniform(2, 9, (n, 1)), rng.choice([0, 0, 0.3, 0.6, -0.4], (n, 1))
    start = rng.integers(-10, n_days + 5, n)
    treated = np.arange(n_days) >= start[:, None]
    means = np.clip(np.round(level * (1 - drop * treated) + rng.normal(0, 1.2, (n, n_days))), 0, 10)
    means[rng.random(means.shape) < rng.uniform(0, 0.7, (n, 1))] = np.nan
    return {
        "daily_mean": means,
        "n_entries": np.where(np.isnan(means), 0, rng.integers(1, 4, means.shape)),
        "start": start,
        "onset_days": rng.choice([NAN, 0, 3, 7, 21], n),
        "trial_days": rng.choice([14, 28, 42, NAN], n),
        "stop": np.where(rng.random(n) < 0.3, start + rng.integers(-3, 40, n), NAN),
        "recalled": rng.choice([NAN, 4, 8], n),
    }


def only(asked: dict[str, Any], rows: Any) -> dict[str, Any]:
    return {name: values[rows] for name, values in asked.items()}


def assert_same(some: Verdicts, others: Verdicts, rows: Any = slice(None)) -> None:
    """The same of the rows; the last digit shown may round the other way."""
    for field in fields(Verdicts):
        mine, theirs = getattr(some, field.name), getattr(others, field.name)
        if field.name == "policy_version":
            continue
        if mine.dtype == object or mine.dtype.kind == "i":
            assert (mine[rows] == theirs).all(), field.name
        else:
            np.testing.assert_allclose(mine[rows], theirs, atol=0.011, err_msg=field.name)


# Refusals


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"daily_mean": [[5.0, 11.0]]}, id="pain above the scale"),
        pytest.param({"daily_mean": [[-1.0, 5.0]]}, id="pain below the scale"),
        pytest.param({"daily_mean": [[np.inf, 5.0]]}, id="infinite pain"),
        pytest.param({"n_entries": [[1, 1, 1]]}, id="tables of different width"),
        pytest.param({"start": [0, 1]}, id="more starts than attempts"),
        pytest.param({"onset_days": -1}, id="a negative onset"),
        pytest.param({"trial_days": -1}, id="a negative trial"),
        pytest.param({"recalled": 11}, id="remembered pain above the scale"),
    ],
)
def test_what_cannot_be_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        judge_many(**{"daily_mean": [[5.0, 5.0]], "n_entries": [[1, 1]], "start": 1, **bad})


# One answer, whichever way it is asked


def test_arrays_say_what_single_attempts_say() -> None:
    asked = some_logs()
    trials = [
        Trial(
            daily_means=asked["daily_mean"][row],
            daily_counts=asked["n_entries"][row],
            start=int(asked["start"][row]),
            stop=None if np.isnan(asked["stop"][row]) else int(asked["stop"][row]),
            onset_days=None if np.isnan(asked["onset_days"][row]) else int(asked["onset_days"][row]),
            trial_days=28 if np.isnan(asked["trial_days"][row]) else int(asked["trial_days"][row]),
            recalled=None if np.isnan(asked["recalled"][row]) else float(asked["recalled"][row]),
        )
        for row in range(300)
    ]
    many, single = judge_many(**asked), judge(trials)
    assert list(many.outcome) == [each.outcome for each in single]
    assert list(many.reason) == [each.reason or "" for each in single]
    assert list(many.baseline) == [each.baseline for each in single]
    for name in (*CHANCES, *POINTS, "days_passed", "days_logged", "baseline_days"):
        np.testing.assert_allclose(getattr(many, name), [getattr(each, name) for each in single], atol=0.011)
    every = judge_many(**asked, every_night=True)
    for row, nights in enumerate(judge_all_nights(trials)):
        assert every.n_nights[row] == len(nights)
        assert list(every.outcome[row, : len(nights)]) == [night.outcome for night in nights]


def test_the_order_of_attempts_and_their_company_change_nothing() -> None:
    asked = some_logs(n=2 * BLOCK_SIZE + 60)
    all_together = judge_many(**asked)
    order = np.random.default_rng(1).permutation(len(asked["start"]))
    assert_same(all_together, judge_many(**only(asked, order)), order)
    for rows in (slice(0, 1), slice(100, 117), slice(400, None)):
        assert_same(all_together, judge_many(**only(asked, rows)), rows)


def test_days_without_a_log_before_the_history_change_nothing() -> None:
    asked = some_logs(n=60)
    padded = {
        **asked,
        "daily_mean": np.pad(asked["daily_mean"], ((0, 0), (40, 0)), constant_values=NAN),
        "n_entries": np.pad(asked["n_entries"], ((0, 0), (40, 0))),
        "start": asked["start"] + 40,
        "stop": asked["stop"] + 40,
    }
    assert_same(judge_many(**asked), judge_many(**padded))


def test_tonight_with_last_nights_outcome_says_what_every_night_says() -> None:
    asked = some_logs()
    every = judge_many(**asked, every_night=True)
    last = np.maximum(every.n_nights - 1, 0)
    rows = np.arange(len(last))
    before = np.where(every.n_nights > 1, every.outcome[rows, np.maximum(last - 1, 0)], "")
    tonight = judge_many(**asked, previous=before)
    assert (every.outcome[rows, last] == every.outcome[:, -1]).all()
    assert (tonight.outcome == every.outcome[:, -1]).all()
    assert (tonight.reason == every.reason[:, -1]).all()
    for name in CHANCES:
        np.testing.assert_allclose(getattr(tonight, name), getattr(every, name)[:, -1], atol=1e-3)


def test_one_value_serves_for_all_attempts_and_one_row_for_one() -> None:
    asked = some_logs(n=40)
    means, counts = asked["daily_mean"], asked["n_entries"]
    told_apart = judge_many(means, counts, np.full(40, 20), onset_days=np.full(40, 7), trial_days=np.full(40, 28))
    assert_same(told_apart, judge_many(means, counts, 20, onset_days=7))
    assert_same(told_apart, judge_many(means[3], counts[3], 20, onset_days=7), slice(3, 4))


def test_an_empty_table_is_fine() -> None:
    for every_night in (False, True):
        assert len(judge_many(np.zeros((0, 30)), np.zeros((0, 30)), 5, every_night=every_night).outcome) == 0
        nothing_logged = judge_many(np.zeros((4, 0)), np.zeros((4, 0)), 5, every_night=every_night)
        assert (nothing_logged.reason == Reason.NO_BASELINE).all()


# Whatever is in them


def row(*values: float, n_days: int = 90) -> np.ndarray:
    return np.array([*values, *[NAN] * (n_days - len(values))])


ODD = {
    "no entries": (row(), 0, {"start": 30}),
    "one entry": (row(5.0), 1, {"start": 30}),
    "all zeros": (np.zeros(90), 1, {"start": 30}),
    "all tens": (np.full(90, 10.0), 1, {"start": 30}),
    "to and fro": (np.tile([0.0, 10.0], 45), 1, {"start": 30, "onset_days": 0}),
    "a thousand entries in one day": (row(*[6.0] * 89), [*[1] * 40, 1000, *[1] * 49], {"start": 30}),
    "a start in the future": (np.full(90, 6.0), 1, {"start": 500}),
    "a start tomorrow": (np.full(90, 6.0), 1, {"start": 90}),
    "a start that is not known": (np.full(90, 6.0), 1, {"start": NAN}),
    "a start before the log": (np.full(90, 6.0), 1, {"start": -40}),
    "a start ages ago": (np.full(90, 6.0), 1, {"start": -(10**9), "recalled": 7}),
    "a stop before the start": (np.full(90, 6.0), 1, {"start": 30, "stop": 10}),
    "a stop on the first day": (np.full(90, 6.0), 1, {"start": 30, "stop": 30}),
    "an onset of ages": (np.full(90, 6.0), 1, {"start": 30, "onset_days": 10**6}),
    "entries without a mean": (row(5.0, 6.0), 1, {"start": 30}),
    "a mean without entries": (np.full(90, 6.0), 0, {"start": 30}),
    "ten years": (np.tile([5.0, 6.0, 7.0, 6.0], 913), 1, {"start": 3600}),
    "ten years of treatment": (np.tile([5.0, 6.0, 7.0, 6.0], 913), 1, {"start": 30}),
}


@pytest.mark.parametrize("every_night", [False, True])
@pytest.mark.parametrize(("means", "counts", "asked"), ODD.values(), ids=ODD)
def test_odd_logs_give_finite_numbers_in_range(
    means: np.ndarray, counts: Any, asked: dict[str, Any], every_night: bool
) -> None:
    told = judge_many(means, np.broadcast_to(counts, means.shape), every_night=every_night, **asked)
    for name in CHANCES:
        assert ((getattr(told, name) >= 0) & (getattr(told, name) <= 1)).all()
    for name in POINTS:
        assert np.isfinite(getattr(told, name)).all()
    assert (told.change_low <= told.change).all() and (told.change <= told.change_high).all()
    assert (told.mcid >= policy.MCID_MIN).all() and (told.mcid <= policy.MCID_MAX).all()
    assert set(told.outcome.ravel()) <= set(Outcome)
    assert ((told.reason == "") == (told.outcome != Outcome.CANT_TELL)).all()


@pytest.mark.parametrize("name", ["no entries", "one entry", "a start in the future", "a stop before the start"])
def test_where_nothing_can_be_known_nothing_is_told(name: str) -> None:
    means, counts, asked = ODD[name]
    told = judge_many(means, np.broadcast_to(counts, means.shape), every_night=True, **asked)
    assert set(told.outcome.ravel()) == {Outcome.CANT_TELL}


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_log_gets_an_answer(data: st.DataObject) -> None:
    n_days = data.draw(st.integers(0, 60))
    pain = st.one_of(st.just(NAN), st.floats(0, 10))
    means = np.array([data.draw(st.lists(pain, min_size=n_days, max_size=n_days)) for _ in range(3)]).reshape(3, n_days)
    days = st.lists(st.one_of(st.just(NAN), st.integers(-80, 120)), min_size=3, max_size=3)
    told = judge_many(
        means,
        data.draw(st.integers(1, 1000)) * np.isfinite(means),
        data.draw(days),
        stop=data.draw(days),
        onset_days=np.abs(data.draw(days)),
        recalled=data.draw(st.sampled_from([None, NAN, 0, 10])),
    )
    assert np.isfinite([getattr(told, name) for name in (*CHANCES, *POINTS)]).all()


def test_less_pain_during_the_treatment_never_speaks_against_it() -> None:
    asked = only(some_logs(n=200), slice(None))
    less = np.where(np.arange(80) >= asked["start"][:, None], asked["daily_mean"] - 0.5, asked["daily_mean"])
    lower = judge_many(**{**asked, "daily_mean": np.maximum(less, 0), "stop": None})
    usual = judge_many(**{**asked, "stop": None})
    # the shape of a log tells of its noise as well: a little may go the other way
    assert (lower.change - usual.change).max() < 0.1
    assert (lower.p_worse - usual.p_worse).max() < 0.05


# Many of them


def test_memory_does_not_grow_with_the_number_of_attempts() -> None:
    trials, _ = simulate(Setting(n_attempts=200))
    means = np.tile([trial.daily_means for trial in trials], (8, 1)).astype(np.float32)
    counts = np.isfinite(means).astype(np.int8)

    def peak(n: int) -> int:
        tracemalloc.start()
        judge_many(means[:n], counts[:n], 14)
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    few, many = peak(600), peak(1500)
    assert many - few < 900 * 400  # bytes; the result itself
    assert many < 100e6
