from datetime import UTC, datetime, timedelta
from itertools import accumulate
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tracker.domain.sites import SITE_KEYS, Face, seen_from
from tracker.services import pain_log
from tracker.services.pain_log import SiteRating
from tracker.web import figure

NOON = datetime(2026, 6, 1, 10, tzinfo=UTC)  # in Berlin
NECK, BACK = SiteRating(site="neck", nrs=3, quality="aching"), SiteRating(site="mid_back")
MAP = reverse("body_map")


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def log(person, *, days_ago=0, nrs=4, **said):
    felt_at = NOON - timedelta(days=days_ago)
    return pain_log.add(
        by=person.user, uuid=uuid4(), nrs=nrs, felt_at=felt_at, zone="Europe/Berlin", source="web", at=NOON, **said
    )


def sites_of(entry):
    entry = type(entry).objects.get(pk=entry.pk)
    return {rating.site: (rating.nrs, rating.quality) for rating in pain_log.content_of(entry).sites}


def url(entry):
    return reverse("entry_sites", args=[entry.uuid])


def shown(response):
    """The table of the map: (place, average, days, start, end)."""
    return [(row.name, row.mean, row.n_days, row.start, row.end) for row in response.context["page"].rows]


class TestFigure:
    @pytest.mark.parametrize("face", [Face.FRONT, Face.BACK])
    def test_every_site_is_drawn_where_it_is_seen(self, face):
        assert [zone.site for zone in figure.zones(face)] == seen_from(face)

    def test_all_sites_are_drawn(self):
        assert {zone.site.key for face in (Face.FRONT, Face.BACK) for zone in figure.zones(face)} == SITE_KEYS

    @pytest.mark.parametrize("face", [Face.FRONT, Face.BACK])
    def test_every_zone_lies_inside_the_picture(self, face):
        for zone in figure.zones(face):
            steps = [float(n) for n in zone.path.strip("Mz").replace("l", " ").split()]
            for along, end in ((steps[::2], figure.WIDTH), (steps[1::2], figure.HEIGHT)):
                places = list(accumulate(along))
                assert min(places) >= 0 and max(places) <= end

    def test_left_is_at_the_right_when_facing_somebody_and_at_the_left_from_behind(self):
        def x(face, key):
            return float(next(zone.path for zone in figure.zones(face) if zone.site.key == key)[1:].split()[0])

        assert x(Face.FRONT, "knee_left") > figure.MIDDLE > x(Face.BACK, "knee_back_left")


class TestSitesOfAnEntry:
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_of_another_patient_are_not_there(self, alice, charlie_client, method):
        entry = log(alice, sites=[NECK], note="alice's secret")
        response = getattr(charlie_client, method)(url(entry), {"sites": ["belly"], "nrs_belly": "9"})
        assert response.status_code == 404
        assert b"secret" not in response.content
        assert sites_of(entry) == {"neck": (3, "aching")}

    def test_need_a_log_in(self, alice, client):
        assert client.get(url(log(alice))).url.startswith(reverse("account_login"))

    @pytest.mark.parametrize(
        "said",
        [
            pytest.param({"sites": ["mars"]}, id="no such place"),
            pytest.param({"sites": ["neck", "\x00"]}, id="NUL"),
            pytest.param({"sites": ["neck"], "nrs_neck": "11"}, id="above the scale"),
            pytest.param({"sites": ["neck"], "nrs_neck": "4.5"}, id="not whole"),
            pytest.param({"sites": ["neck"], "nrs_neck": "9" * 5000}, id="five thousand digits"),
            pytest.param({"sites": ["neck"], "nrs_neck": "NaN"}, id="not a number"),
            pytest.param({"sites": ["neck"], "quality_neck": "salty"}, id="no such quality"),
            pytest.param(
                {"sites": ["belly"], "nrs_belly": "-1", "quality_belly": ""}, id="a new place below the scale"
            ),
        ],
    )
    def test_refuse_what_the_scales_do_not_have(self, alice, alice_client, said):
        entry = log(alice, sites=[NECK])
        response = alice_client.post(url(entry), said)
        assert response.status_code == 422
        assert sites_of(entry) == {"neck": (3, "aching")}

    def test_ask_for_every_place_once_and_choose_none(self, alice, alice_client):
        page = alice_client.get(url(log(alice))).content.decode()
        assert [page.count(f'value="{key}"') for key in sorted(SITE_KEYS)] == [1] * len(SITE_KEYS)
        assert "checked" not in page and " selected" not in page

    def test_keep_a_number_and_a_quality_each(self, alice, alice_client):
        entry = log(alice, nrs=7, note=" kept\n", sleep=3, sites=[BACK])
        said = {"sites": ["neck", "belly"], "nrs_neck": "0", "quality_neck": "", "nrs_belly": "10"}
        alice_client.post(url(entry), said | {"quality_belly": "cramping"})
        assert sites_of(entry) == {"neck": (0, ""), "belly": (10, "cramping")}
        entry.refresh_from_db()
        assert (entry.nrs, entry.note, entry.sleep) == (7, " kept\n", 3)

    def test_keep_what_the_page_did_not_ask(self, alice, alice_client):
        entry = log(alice, sites=[NECK])
        alice_client.post(url(entry), {"sites": ["neck", "belly"]})
        assert sites_of(entry) == {"neck": (3, "aching"), "belly": (None, "")}

    def test_let_a_number_be_taken_back(self, alice, alice_client):
        entry = log(alice, sites=[NECK])
        alice_client.post(url(entry), {"sites": ["neck"], "nrs_neck": "", "quality_neck": "aching"})
        assert sites_of(entry) == {"neck": (None, "aching")}

    def test_ask_for_the_numbers_of_new_places_on_the_next_page(self, alice, alice_client):
        """Without script: the first saving names the places, the second rates them."""
        entry = log(alice)
        response = alice_client.post(url(entry), {"sites": ["neck"]})
        assert response.url == url(entry)
        assert 'name="nrs_neck"' in alice_client.get(url(entry)).content.decode()
        response = alice_client.post(url(entry), {"sites": ["neck"], "nrs_neck": "5", "quality_neck": "tight"})
        assert response.url == f"{reverse('today')}?entry={entry.uuid}"
        assert sites_of(entry) == {"neck": (5, "tight")}

    def test_show_again_what_was_sent_with_a_mistake(self, alice, alice_client):
        entry = log(alice)
        said = {"sites": ["neck"], "nrs_neck": "11", "quality_neck": "tight"}
        page = alice_client.post(url(entry), said).context["page"]
        assert [(row.key, row.quality, bool(row.errors)) for row in page.rows] == [("neck", "tight", True)]

    def test_lead_back_to_where_they_were_opened(self, alice, alice_client):
        entry = log(alice)
        assert alice_client.post(url(entry) + "?from=edit", {}).url == reverse("entry_edit", args=[entry.uuid])

    @pytest.mark.parametrize("page", ["entry_edit", "today"])
    def test_are_one_link_away(self, alice, alice_client, page):
        entry = log(alice)
        address = reverse("today") + f"?entry={entry.uuid}" if page == "today" else reverse(page, args=[entry.uuid])
        assert f'href="{url(entry)}' in alice_client.get(address).content.decode()

    def test_of_a_deleted_entry_are_gone(self, alice, alice_client):
        entry = log(alice)
        address = url(entry)
        pain_log.remove(by=alice.user, entry=entry, at=NOON)
        assert alice_client.post(address, {"sites": ["neck"]}).status_code == 404


class TestBodyMap:
    def test_needs_a_log_in(self, client, db):
        assert client.get(MAP).url.startswith(reverse("account_login"))

    def test_shows_nothing_of_another_patient(self, alice, charlie_client):
        log(alice, sites=[NECK])
        response = charlie_client.get(MAP)
        assert shown(response) == []
        assert b"No place was named." in response.content

    @pytest.mark.parametrize(
        "query",
        [
            "range=7",
            "range=%00",
            "since=0000-01-01",
            "since=x",
            "until=99999-01-01",
            "since=2026-05-02&until=2026-05-01",
        ],
    )
    def test_refuses_days_that_are_none(self, alice_client, query):
        assert alice_client.get(f"{MAP}?{query}").status_code == 422

    def test_counts_a_day_of_many_entries_once(self, alice, alice_client):
        for nrs in (2, 2, 2):
            log(alice, sites=[SiteRating(site="neck", nrs=nrs)])
        log(alice, days_ago=1, sites=[SiteRating(site="neck", nrs=8)])
        assert shown(alice_client.get(MAP)) == [("Neck, middle", "5.0", 2, "", "")]

    def test_counts_a_place_without_a_number_with_that_of_its_entry(self, alice, alice_client):
        log(alice, nrs=9, sites=[BACK, NECK])
        assert shown(alice_client.get(MAP)) == [
            ("Mid back, spine", "9.0", 1, "", ""),
            ("Neck, middle", "3.0", 1, "", ""),
        ]

    def test_agrees_with_the_course_of_the_place_in_the_timeline(self, alice, alice_client):
        for days_ago, nrs in enumerate((1, 4, 4, 9)):
            log(alice, days_ago=days_ago // 2, nrs=nrs, sites=[BACK])
        row = alice_client.get(MAP).context["page"].rows[0]
        assert f"{row.mean} on average" in alice_client.get(row.url).content.decode()

    def test_leaves_out_days_beyond_the_range(self, alice, alice_client):
        log(alice, days_ago=40, sites=[NECK])
        log(alice, days_ago=2, sites=[BACK])
        assert [row[0] for row in shown(alice_client.get(f"{MAP}?range=30"))] == ["Mid back, spine"]
        assert len(shown(alice_client.get(f"{MAP}?range=all"))) == 2
        assert [row[0] for row in shown(alice_client.get(f"{MAP}?since=2026-04-01&until=2026-05-01"))] == [
            "Neck, middle"
        ]

    def test_links_each_place_to_its_course_over_the_same_days(self, alice, alice_client):
        log(alice, sites=[NECK])
        for query, wanted in (("range=30", "range=30"), ("since=2026-05-01", "since=2026-05-01&until=2026-06-01")):
            row = alice_client.get(f"{MAP}?{query}").context["page"].rows[0]
            assert row.url == f"{reverse('timeline')}?{wanted}&site=neck"

    def test_has_nothing_to_say_of_start_and_end_before_28_logged_days(self, alice, alice_client):
        for days_ago in range(27):
            log(alice, days_ago=days_ago, sites=[NECK])
        page = alice_client.get(MAP)
        assert page.context["page"].compared == []
        assert b"Nothing to say yet." in page.content

    def test_sets_the_first_14_logged_days_beside_the_last_14(self, alice, alice_client):
        for days_ago in range(0, 56, 2):
            log(alice, days_ago=days_ago, sites=[SiteRating(site="neck", nrs=2 if days_ago < 28 else 8)])
        assert shown(alice_client.get(MAP)) == [("Neck, middle", "5.0", 28, "8.0", "2.0")]
        assert len(alice_client.get(MAP).context["page"].compared) == 3

    def test_says_too_little_where_a_place_was_named_on_few_of_those_days(self, alice, alice_client):
        for days_ago in range(28):
            log(alice, days_ago=days_ago, sites=[NECK] if days_ago < 3 else [BACK] if days_ago > 25 else [])
        rows = {row[0]: row[3:] for row in shown(alice_client.get(MAP))}
        assert rows == {"Neck, middle": ("", "3.0"), "Mid back, spine": ("", "")}

    def test_asks_the_same_of_the_database_for_few_entries_as_for_many(self, alice, alice_client):
        counts = []
        for n_days in (30, 60):
            for days_ago in range(n_days):
                log(alice, days_ago=days_ago, sites=[NECK, BACK])
            with CaptureQueriesContext(connection) as queries:
                alice_client.get(f"{MAP}?range=all")
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 10

    def test_is_one_link_from_the_timeline(self, alice_client):
        assert f'href="{MAP}"' in alice_client.get(reverse("timeline")).content.decode()

    def test_takes_an_address_that_names_no_entry_for_none(self, alice_client):
        assert alice_client.get(reverse("entry_sites", args=[UUID(int=9)])).status_code == 404
