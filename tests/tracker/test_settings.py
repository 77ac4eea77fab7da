from datetime import UTC, datetime, time

import pytest
import time_machine
from django.urls import reverse

from tracker.services import accounts

HOME, ZONE = reverse("settings_home"), reverse("zone_confirm")


class TestSettings:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            pytest.param("display_name", "x" * 81, id="name too long"),
            pytest.param("display_name", "a\x00b", id="NUL in the name"),
            pytest.param("quiet_from", "25:00", id="no such time"),
            pytest.param("emergency_region", "zz", id="no such region"),
        ],
    )
    def test_refuses_in_words(self, alice, alice_client, field, value):
        response = alice_client.post(HOME, {"display_name": "Alice", field: value})
        assert response.status_code == 422
        assert field in response.context["form"].errors
        assert alice.user.patient.display_name == "Alice"

    def test_refuses_quiet_hours_with_one_end(self, alice_client):
        assert "quiet_until" in alice_client.post(HOME, {"quiet_from": "22:00"}).context["form"].errors

    def test_keeps_what_was_chosen(self, alice, alice_client):
        chosen = {"display_name": "Ali", "quiet_from": "22:00", "quiet_until": "07:00", "emergency_region": "uk"}
        assert alice_client.post(HOME, chosen).url == HOME
        alice.patient.refresh_from_db()
        assert (alice.patient.display_name, alice.patient.emergency_region) == ("Ali", "uk")
        assert (alice.patient.quiet_from, alice.patient.quiet_until) == (time(22), time(7))

    def test_takes_quiet_hours_away_again(self, alice, alice_client):
        alice_client.post(HOME, {"quiet_from": "22:00", "quiet_until": "07:00"})
        alice_client.post(HOME, {})
        alice.patient.refresh_from_db()
        assert alice.patient.quiet_from is None

    def test_writes_down_that_it_was_changed(self, alice, alice_client):
        alice_client.post(HOME, {"display_name": "Ali"})
        assert alice.patient.audit_events.filter(verb="changed").exists()

    def test_escapes_a_name(self, alice_client):
        alice_client.post(HOME, {"display_name": "<b>Ali</b>"})
        assert "&lt;b&gt;Ali" in alice_client.get(reverse("today")).content.decode()

    def test_tells_the_operator_of_this_machine_how_it_runs(self, alice_client, settings):
        assert "This machine" in alice_client.get(HOME).content.decode()
        settings.LOCAL_MODE = False
        assert "This machine" not in alice_client.get(HOME).content.decode()


class TestZone:
    @pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\x00", "x" * 5000])
    def test_refuses_what_is_no_zone(self, alice, alice_client, zone):
        refused = alice_client.post(ZONE, {"zone": zone})
        assert refused.status_code == 422 and "Choose the place of your clock" in refused.content.decode()
        alice.patient.refresh_from_db()
        assert (alice.patient.zone, alice.patient.zone_confirmed_at) == ("Europe/Berlin", None)

    @time_machine.travel(datetime(2026, 7, 1, 13, 5, tzinfo=UTC), tick=False)
    def test_asks_once_and_in_the_time_of_the_patient(self, alice_client):
        question = "Your clock: Europe/Berlin, 15:05 now. Right?"
        assert question in alice_client.get(reverse("today")).content.decode()
        alice_client.post(ZONE, {"zone": "Europe/Berlin"})
        assert question not in alice_client.get(reverse("today")).content.decode()

    def test_offers_every_zone_that_a_place_has(self, alice_client):
        page = alice_client.get(ZONE).content.decode()
        assert all(f'value="{zone}"' in page for zone in ("Asia/Kathmandu", "America/Argentina/Salta", "UTC"))

    def test_keeps_a_zone_of_a_browser_that_is_not_on_the_list(self, alice, alice_client):
        accounts.confirm_zone(by=alice.user, zone="EST5EDT", at=datetime(2026, 7, 1, tzinfo=UTC))
        assert alice_client.post(ZONE, {"zone": "EST5EDT"}).status_code == 302

    def test_never_moves_a_past_day(self, alice, alice_client):
        with time_machine.travel(datetime(2026, 7, 1, 21, 30, tzinfo=UTC)):
            alice_client.post(reverse("entry_add"), {"nrs": "4"})
            alice_client.post(ZONE, {"zone": "Pacific/Auckland"})
        entry = alice.patient.pain_entries.get()
        assert (entry.local_date.day, entry.zone) == (1, "Europe/Berlin")
