"""A flare, a day in bed, a journey: Ebb asks for less, and says when it asks again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from tests.conftest import client_for
from tests.tracker.api.conftest import Api
from tracker.domain import pacing
from tracker.services import pauses

NOON = datetime(2026, 6, 2, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(NOON, tick=False):
        yield


def fresh(person):
    person.user.refresh_from_db()
    person.patient.refresh_from_db()
    return person.patient


class TestFlare:
    @pytest.mark.parametrize("view", ["flare_begin", "flare_end"])
    def test_a_stranger_says_nothing(self, client, alice, view):
        assert client.post(reverse(view)).status_code == 302
        assert fresh(alice).flare_until is None

    @pytest.mark.parametrize("view", ["flare_begin", "flare_end"])
    def test_opening_the_address_changes_nothing(self, alice, alice_client, view):
        assert alice_client.get(reverse(view)).status_code == 405
        assert fresh(alice).flare_until is None

    @pytest.mark.parametrize(("came_from", "goes_to"), [("today", "today"), ("", "moves"), ("//evil", "moves")])
    def test_one_tap_begins_two_lighter_days_and_another_ends_them(self, alice, alice_client, came_from, goes_to):
        answer = alice_client.post(reverse("flare_begin"), {"from": came_from})
        assert answer.url == reverse(goes_to)
        assert fresh(alice).flare_until == NOON + timedelta(hours=48)
        assert "lighter" in alice_client.get(reverse("moves")).content.decode()
        alice_client.post(reverse("flare_end"))
        assert fresh(alice).flare_until is None

    @pytest.mark.parametrize(
        ("after", "share"),
        [
            pytest.param(timedelta(minutes=59), 1, id="a slip"),
            pytest.param(timedelta(hours=1), 0.6, id="an hour"),
            pytest.param(timedelta(hours=30), 0.6, id="on the second day"),
        ],
    )
    def test_ended_by_hand_the_moves_come_back_over_days(self, alice, after, share):
        pauses.begin_flare(by=alice.user, at=NOON)
        ended_at = NOON + after
        patient = pauses.end_flare(by=alice.user, at=ended_at)
        assert not pauses.is_in_flare(patient=patient, at=ended_at)
        shares = [pacing.flare_share(ended_at + timedelta(days=n), patient.flare_until) for n in (0, 1, 4)]
        assert (shares[0], shares[2], shares == sorted(shares)) == (share, 1, True)

    def test_said_to_be_over_once_more_the_return_goes_on(self, alice):
        until = pauses.begin_flare(by=alice.user, at=NOON).flare_until
        assert pauses.end_flare(by=alice.user, at=until + timedelta(days=2)).flare_until == until

    @pytest.mark.parametrize(
        "later", [timedelta(hours=30), timedelta(days=3)], ids=["in it", "while the moves come back"]
    )
    def test_a_slip_leaves_an_earlier_one_as_it_was(self, alice, later):
        until = pauses.begin_flare(by=alice.user, at=NOON).flare_until
        at = NOON + later
        for _ in range(2):  # tapped twice
            pauses.begin_flare(by=alice.user, at=at)
        assert pauses.end_flare(by=alice.user, at=at).flare_until == until

    def test_tapped_twice_one_tap_takes_it_back(self, alice):
        for _ in range(2):
            pauses.begin_flare(by=alice.user, at=NOON)
        assert pauses.end_flare(by=alice.user, at=NOON).flare_until is None

    def test_it_passes_by_itself(self, alice):
        patient = pauses.begin_flare(by=alice.user, at=NOON)
        assert pauses.is_in_flare(patient=patient, at=NOON + timedelta(hours=47, minutes=59))
        assert not pauses.is_in_flare(patient=patient, at=NOON + timedelta(hours=48))

    def test_the_same_over_the_api(self, alice, charlie):
        api = Api(client_for(alice))
        assert api.get("/flare/").json() == {"is_in_flare": False, "flare_until": None}
        assert api.put("/flare/").json()["is_in_flare"] is True
        assert Api(client_for(charlie)).get("/flare/").json()["is_in_flare"] is False
        assert api.delete("/flare/").json()["flare_until"] is None
