from datetime import timedelta

import pytest

from tests.tracker.api.conftest import API, NOW, TODAY, add_entry, is_problem
from tracker.domain.history import LONGEST_DAYS
from tracker.services import history
from tracker.services.pain_log import SiteRating

pytestmark = pytest.mark.usefixtures("at_noon")

PATHS = ("/history/days/", "/history/patterns/", "/history/before-after/?on=2026-01-01")


def log(person, *, days_ago: int, nrs: int, hour: int = 12, **said):
    felt_at = NOW.replace(hour=hour, minute=0) - timedelta(days=days_ago)
    return add_entry(person, felt_at=felt_at, nrs=nrs, zone="UTC", **said)


@pytest.mark.parametrize("path", PATHS)
def test_nobody_signed_in_gets_nothing(client, db, path):
    assert is_problem(client.get(f"{API}{path}"), 401)


@pytest.mark.parametrize("path", PATHS)
def test_it_is_for_reading_only(api, path):
    assert is_problem(api.post(path, {}), 405)


def test_a_stranger_sees_nothing_of_the_log(alice, charlies):
    for ago in range(1, 20):
        log(alice, days_ago=ago, nrs=9)
    assert charlies.get("/history/days/").json()["results"] == []
    cells = charlies.get("/history/patterns/").json()
    assert all(cell["n_days"] == 0 for cell in [*cells["weekdays"]["cells"], *cells["parts"]["cells"]])
    compared = charlies.get(f"/history/before-after/?on={TODAY - timedelta(days=10)}").json()
    assert (compared["before"]["n_logged"], compared["after"]["n_logged"], compared["difference"]) == (0, 0, None)


@pytest.mark.parametrize(
    "path",
    [
        "/history/days/?from=2026-02-30",
        "/history/days/?from=0000-01-01",
        "/history/days/?from=1899-12-31",
        "/history/days/?from=1900-01-01",
        "/history/days/?from=%00",
        "/history/days/?from=2026-02-01&to=2026-01-01",
        "/history/days/?site=moon",
        f"/history/patterns/?from={TODAY - timedelta(days=LONGEST_DAYS)}",
        "/history/before-after/",
        "/history/before-after/?on=2999-01-01",
        "/history/before-after/?on=2026-01-01&weeks=3",
        "/history/before-after/?on=2026-01-01&weeks=99999999999999999999",
        "/history/before-after/?on=2026-01-01&weeks=NaN",
    ],
)
def test_a_wrong_question_gets_a_problem(api, path):
    assert is_problem(api.get(path), 400)


def test_days_that_were_not_logged_are_not_there(api, alice):
    log(alice, days_ago=3, nrs=2)
    log(alice, days_ago=1, nrs=4)
    log(alice, days_ago=1, nrs=9, hour=10)
    assert api.get("/history/days/").json()["results"] == [
        {"local_date": str(TODAY - timedelta(days=3)), "lowest": 2, "highest": 2, "mean": 2.0, "n_entries": 1},
        {"local_date": str(TODAY - timedelta(days=1)), "lowest": 4, "highest": 9, "mean": 6.5, "n_entries": 2},
    ]


def test_one_place_is_looked_at_alone(api, alice):
    log(alice, days_ago=2, nrs=8, sites=(SiteRating(site="neck", nrs=3),))
    log(alice, days_ago=1, nrs=9)
    days = api.get("/history/days/?site=neck").json()
    assert [(day["mean"], day["n_entries"]) for day in days["results"]] == [(3.0, 1)]


def test_patterns_are_those_of_the_page(api, alice):
    for ago in range(1, 80):
        log(alice, days_ago=ago, nrs=7, hour=8)
        log(alice, days_ago=ago, nrs=3, hour=20)
    told = api.get("/history/patterns/").json()
    first, last = TODAY - timedelta(days=364), TODAY
    found = history.patterns(patient=alice.patient, first=first, last=last)
    assert (told["first"], told["last"]) == (str(first), str(last))
    assert [cell["n_days"] for cell in told["weekdays"]["cells"]] == [cell.n_days for cell in found.weekdays.cells]
    assert told["parts"]["finding"] == found.parts.finding == "pattern"
    assert [(cell["part"], cell["difference"], cell["is_clear"]) for cell in told["parts"]["cells"]] == [
        ("night", None, False),
        ("morning", 4.0, True),
        ("afternoon", None, False),
        ("evening", -4.0, True),
    ]


def test_times_are_those_of_the_clock_where_the_patient_was(api, alice):
    for ago in range(1, 10):
        add_entry(alice, felt_at=NOW.replace(hour=1) - timedelta(days=ago), zone="Asia/Kathmandu")
    days = {cell["part"]: cell["n_days"] for cell in api.get("/history/patterns/").json()["parts"]["cells"]}
    assert days == {"night": 0, "morning": 9, "afternoon": 0, "evening": 0}


def test_before_and_after_holds_the_same_numbers_as_the_page(api, alice):
    on = TODAY - timedelta(days=10)
    for ago in range(1, 31):
        log(alice, days_ago=ago, nrs=8 if ago > 10 else 4)
    told = api.get(f"/history/before-after/?on={on}").json()
    assert (told["before"]["mean"], told["after"]["mean"], told["difference"]) == (8.0, 4.0, -4.0)
    assert (told["before"]["n_bad"], told["before"]["bad_share"], told["after"]["n_days"]) == (20, 1.0, 11)
    assert told["matters"] is True
