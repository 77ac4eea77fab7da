"""Patterns in logs that were made up without one are claimed in at most 1 of 20; large ones that are there are found."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pytest

from tracker.domain import history
from tracker.domain.history import PARTS, Finding, Moment, Part

MONDAY = date(2026, 1, 5)
N_LOGS = 120
MOST = 0.05 + 1.96 * (0.05 * 0.95 / N_LOGS) ** 0.5  # what a true share of 5 % shows at most in so many logs


@dataclass(frozen=True, kw_only=True)
class Life:
    """How pain goes, and when it is written down. Nothing in it knows the weekday or the hour unless told to."""

    n_days: int = 182
    level: float = 5.0
    sd: float = 1.6  # points, of daily pain
    persistence: float = 0.6  # from one day to the next
    missing: float = 0.2
    misses_good_days: bool = False
    writes_when_bad: bool = False  # always in the morning, at other times only when it is worse than usual
    flares_a_month: float = 0.0
    drift_a_week: float = 0.0
    monday: float = 0.0  # points worse
    morning: float = 0.0


def log(life: Life, rng: np.random.Generator) -> list[Moment]:
    pain = life.level + spells(life, rng) + flares(life, rng) + life.drift_a_week * np.arange(life.n_days) / 7
    leans = np.where(pain < life.level, 4 / 3, 2 / 3) if life.misses_good_days else np.ones(life.n_days)
    is_logged = rng.random(life.n_days) >= life.missing * leans
    moments, swing = [], 0.0
    for number in range(life.n_days):
        on, given = MONDAY + timedelta(days=number), []
        for place, part in enumerate(PARTS):
            swing = 0.6 * swing + rng.normal(0, 0.6)  # an evening leads to the next night
            felt = pain[number] + swing + life.monday * (on.weekday() == 0) + life.morning * (part is Part.MORNING)
            if is_logged[number] and writes(life, rng, part, felt):
                given.append(int(np.clip(round(felt), 0, 10)))
                moments.append(Moment(on, 6 * place, given[-1]))
    return moments


def spells(life: Life, rng: np.random.Generator) -> np.ndarray:
    lasting = np.sqrt(0.75) * life.sd
    spell = np.empty(life.n_days)
    spell[0] = rng.normal(0, lasting)
    for day in range(1, life.n_days):
        spell[day] = life.persistence * spell[day - 1] + rng.normal(0, np.sqrt(1 - life.persistence**2) * lasting)
    return spell + rng.normal(0, 0.5 * life.sd, life.n_days)


def flares(life: Life, rng: np.random.Generator) -> np.ndarray:
    flare = np.where(rng.random(life.n_days) < life.flares_a_month / 30, rng.exponential(3, life.n_days), 0)
    for day in range(1, life.n_days):
        flare[day] += 0.5 * flare[day - 1]
    return flare


def writes(life: Life, rng: np.random.Generator, part: Part, felt: float) -> bool:
    if life.writes_when_bad:
        return part is Part.MORNING or felt > life.level + 1
    return rng.random() < 0.7


def claims(life: Life, *, seed: int = 7) -> tuple[float, float]:
    """Shares of logs in which a weekday, and any pattern at all, was put into words."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(N_LOGS):
        moments = log(life, rng)
        weekdays = history.weekdays(history.daily_means(moments))
        found.append([weekdays.finding, history.parts_of_day(moments).finding])
    by_weekday = [weekdays is Finding.PATTERN for weekdays, _parts in found]
    return float(np.mean(by_weekday)), float(np.mean([Finding.PATTERN in both for both in found]))


ORDINARY = Life()


@pytest.mark.parametrize(
    "life",
    [
        pytest.param(ORDINARY, id="ordinary"),
        pytest.param(replace(ORDINARY, n_days=63), id="nine weeks"),
        pytest.param(replace(ORDINARY, n_days=364), id="a year"),
        pytest.param(replace(ORDINARY, persistence=0.0), id="each day anew"),
        pytest.param(replace(ORDINARY, persistence=0.9), id="long spells"),
        pytest.param(replace(ORDINARY, n_days=63, level=2.0, sd=2.2), id="little pain, wide swings, short log"),
        pytest.param(replace(ORDINARY, n_days=70, level=2.0, sd=0.7, flares_a_month=3), id="quiet with flares"),
        pytest.param(replace(ORDINARY, level=8.5, sd=2.2, persistence=0.2), id="at the upper end"),
        pytest.param(replace(ORDINARY, missing=0.5, misses_good_days=True), id="half missing, good days more"),
        pytest.param(replace(ORDINARY, drift_a_week=0.15, level=3.0), id="getting worse"),
        pytest.param(replace(ORDINARY, writes_when_bad=True), id="mornings, and when it is bad"),
    ],
)
def test_a_log_without_a_pattern_is_hardly_ever_given_one(life):
    _weekday, any_pattern = claims(life)
    assert any_pattern <= MOST


def test_bad_mondays_of_a_year_are_found():
    weekday, _any = claims(replace(ORDINARY, n_days=364, monday=2.5))
    assert weekday >= 0.9


def test_bad_mornings_of_half_a_year_are_found():
    _weekday, any_pattern = claims(replace(ORDINARY, morning=2.5))
    assert any_pattern >= 0.9
