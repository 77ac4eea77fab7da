from datetime import timedelta

import pytest

from tests.tracker.api.conftest import NOW, add_entry, is_problem, new_uuid
from tracker.models import PainEntry
from tracker.services import pain_log

FELT = "2026-03-01T07:30:00+01:00"
WHOLE = {
    "nrs": 4,
    "felt_at": FELT,
    "zone": "Europe/Berlin",
    "sites": [{"site": "knee_left", "nrs": 6, "quality": "aching"}],
    "interference": 3,
    "sleep": None,
    "mood": 0,
    "managed": " the stairs,\r\ntwice ",
    "triggers": ["sitting", "stress"],
    "eased_by": ["warmth"],
    "helped": "a walk",
    "note": "  two\r\nlines  ",
}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        pytest.param({"felt_at": FELT}, "#/nrs", id="no rating"),
        pytest.param({"nrs": 11, "felt_at": FELT}, "#/nrs", id="above the scale"),
        pytest.param({"nrs": -1, "felt_at": FELT}, "#/nrs", id="below the scale"),
        pytest.param({"nrs": "4", "felt_at": FELT}, "#/nrs", id="a number as text"),
        pytest.param({"nrs": 4.0, "felt_at": FELT}, "#/nrs", id="a number with a point"),
        pytest.param({"nrs": True, "felt_at": FELT}, "#/nrs", id="yes is no rating"),
        pytest.param({"nrs": None, "felt_at": FELT}, "#/nrs", id="nothing is no rating"),
        pytest.param({"nrs": 4}, "#/felt_at", id="no instant"),
        pytest.param({"nrs": 4, "felt_at": "2026-03-01T07:30:00"}, "#/felt_at", id="an instant without an offset"),
        pytest.param({"nrs": 4, "felt_at": "2026-03-01"}, "#/felt_at", id="a day alone"),
        pytest.param({"nrs": 4, "felt_at": "0000-01-01T00:00:00Z"}, "#/felt_at", id="the year 0"),
        pytest.param({"nrs": 4, "felt_at": "10000-01-01T00:00:00Z"}, "#/felt_at", id="the year 10000"),
        pytest.param({"nrs": 4, "felt_at": "0001-01-01T00:00:00+14:00"}, "#/felt_at", id="before all time"),
        pytest.param({"nrs": 4, "felt_at": "9999-12-31T23:59:59-14:00"}, "#/felt_at", id="after all time"),
        pytest.param({"nrs": 4, "felt_at": FELT, "colour": "red"}, "#/colour", id="a field that is not known"),
        pytest.param({"nrs": 4, "felt_at": FELT, "note": 5}, "#/note", id="a note that is no text"),
        pytest.param({"nrs": 4, "felt_at": FELT, "note": "x" * 4001}, "#/note", id="a note too long"),
        pytest.param({"nrs": 4, "felt_at": FELT, "sites": [{"site": "sky"}]}, "#/sites/0/site", id="no such site"),
        pytest.param({"nrs": 4, "felt_at": FELT, "sites": "low_back"}, "#/sites", id="sites that are no list"),
        pytest.param({"nrs": 4, "felt_at": FELT, "sleep": 11}, "#/sleep", id="sleep above its scale"),
        pytest.param({"nrs": 4, "felt_at": FELT, "mood": "low"}, "#/mood", id="a mood in words"),
        pytest.param({"nrs": 4, "felt_at": FELT, "interference": 10**9}, "#/interference", id="far above its scale"),
        pytest.param({"nrs": 4, "felt_at": FELT, "managed": None}, "#/managed", id="nothing is no text"),
        pytest.param({"nrs": 4, "felt_at": FELT, "managed": "x" * 501}, "#/managed", id="too much managed"),
        pytest.param({"nrs": 4, "felt_at": FELT, "triggers": ["moon"]}, "#/triggers/0", id="no such trigger"),
        pytest.param({"nrs": 4, "felt_at": FELT, "triggers": None}, "#/triggers", id="nothing is no list"),
        pytest.param({"nrs": 4, "felt_at": FELT, "triggers": "sitting"}, "#/triggers", id="a trigger without a list"),
        pytest.param({"nrs": 4, "felt_at": FELT, "triggers": [[]]}, "#/triggers/0", id="a list in a list"),
        pytest.param({"nrs": 4, "felt_at": FELT, "eased_by": ["sitting"]}, "#/eased_by/0", id="a key of another list"),
        pytest.param({"nrs": 4, "felt_at": FELT, "eased_by": ["rest"] * 18}, "#/eased_by", id="more than there are"),
        pytest.param(
            {"nrs": 4, "felt_at": FELT, "sites": [{"site": "low_back", "x": 1}]}, "#/sites/0/x", id="more in a site"
        ),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_pointer(api, alice, body, pointer):
    response = api.put(f"/entries/{new_uuid()}/", body)
    assert is_problem(response, 400)
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert not alice.patient.pain_entries.exists()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"nrs": 4, "felt_at": (NOW + timedelta(days=1)).isoformat()}, id="felt tomorrow"),
        pytest.param({"nrs": 4, "felt_at": "1899-12-01T00:00:00Z"}, id="felt before 1900"),
        pytest.param({"nrs": 4, "felt_at": FELT, "zone": "Mars/Olympus"}, id="no such zone"),
        pytest.param({"nrs": 4, "felt_at": FELT, "sites": [{"site": "neck"}] * 2}, id="a site twice"),
        pytest.param({"nrs": 4, "felt_at": FELT, "triggers": ["stress", "stress"]}, id="a trigger twice"),
    ],
)
def test_a_body_that_breaks_a_rule_is_refused_in_words(api, alice, body):
    response = api.put(f"/entries/{new_uuid()}/", body)
    assert is_problem(response, 422)
    assert response.json()["detail"]
    assert not alice.patient.pain_entries.exists()


def test_a_put_entry_comes_back_as_it_was_sent(api):
    path = f"/entries/{new_uuid()}/"
    assert api.put(path, WHOLE).status_code == 201
    entry = api.get(path).json()
    assert {name: entry[name] for name in WHOLE} == WHOLE | {"felt_at": "2026-03-01T06:30:00Z"}
    assert (entry["local_date"], entry["source"]) == ("2026-03-01", "api")


def test_only_the_score_and_the_instant_are_needed(api, alice):
    response = api.put(f"/entries/{new_uuid()}/", {"nrs": 0, "felt_at": FELT})
    assert (response.status_code, response.json()["zone"]) == (201, alice.patient.zone)


def test_an_entry_sent_again_from_another_zone_keeps_its_day(api, alice):
    path, body = f"/entries/{new_uuid()}/", {"nrs": 4, "felt_at": FELT}
    first = api.put(path, body).json()
    api.patch("/profile/", {"zone": "Pacific/Honolulu"})
    again = api.put(path, body)
    assert (again.status_code, again.json()) == (200, first)


def test_an_entry_put_ten_times_is_one_entry(api, alice):
    path = f"/entries/{new_uuid()}/"
    assert [api.put(path, WHOLE).status_code for _ in range(10)] == [201] + [200] * 9
    assert alice.patient.pain_entries.count() == 1


def test_a_second_put_replaces_what_it_does_not_name(api):
    path = f"/entries/{new_uuid()}/"
    api.put(path, WHOLE)
    entry = api.put(path, {"nrs": 7, "felt_at": FELT}).json()
    assert (entry["nrs"], entry["note"], entry["sites"], entry["interference"]) == (7, "", [], None)
    assert (entry["managed"], entry["triggers"], entry["eased_by"]) == ("", [], [])


def test_ticked_words_come_back_in_the_order_of_their_list(api):
    path, body = f"/entries/{new_uuid()}/", {"nrs": 7, "felt_at": FELT}
    sent = {"triggers": ["stress", "sitting"], "eased_by": ["nothing", "rest"]}
    kept = {"triggers": ["sitting", "stress"], "eased_by": ["rest", "nothing"]}
    for entry in (api.put(path, body | sent).json(), api.get(path).json(), api.put(path, body | kept).json()):
        assert {name: entry[name] for name in kept} == kept
        assert entry["version"] == 1


def test_the_schema_says_what_the_ends_of_each_scale_mean(client, db):
    fields = client.get("/api/v1/schema/").json()["components"]["schemas"]["Entry"]["properties"]
    for name, low, high in [
        ("interference", "not at all", "completely"),
        ("sleep", "very badly", "very well"),
        ("mood", "very low", "very good"),
    ]:
        assert f"0 is {low}, 10 {high}" in fields[name]["description"].replace("was in the way: ", "")


def test_a_patch_changes_only_what_it_names(api):
    path = f"/entries/{new_uuid()}/"
    api.put(path, WHOLE)
    entry = api.patch(path, {"nrs": 7}).json()
    assert (entry["nrs"], entry["note"], entry["sites"]) == (7, WHOLE["note"], WHOLE["sites"])
    entry = api.patch(path, {"triggers": [], "mood": None}).json()
    assert (entry["triggers"], entry["mood"], entry["eased_by"]) == ([], None, WHOLE["eased_by"])


def test_a_deleted_entry_is_gone_and_stays_gone(api, alice):
    path = f"/entries/{new_uuid()}/"
    api.put(path, WHOLE)
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert is_problem(api.put(path, WHOLE), 410)
    assert alice.patient.entry_tombstones.count() == 1


def test_two_patients_may_make_the_same_uuid(api, charlies, alice, charlie):
    path = f"/entries/{new_uuid()}/"
    assert [client.put(path, WHOLE).status_code for client in (api, charlies)] == [201, 201]
    assert charlies.delete(path).status_code == 204
    assert (alice.patient.pain_entries.count(), charlie.patient.pain_entries.count()) == (1, 0)


@pytest.fixture
def week(alice):
    return [add_entry(alice, felt_at=NOW - timedelta(days=n), nrs=n) for n in range(7)]


def test_pages_follow_each_other_without_gap_or_repeat(api, week):
    path, seen = "/entries/?limit=3", []
    while path:
        page = api.get(path).json()
        seen += [entry["nrs"] for entry in page["results"]]
        path = page["next"] and page["next"].split("/api/v1")[1]
    assert seen == list(range(7))


def test_the_list_is_cut_at_both_local_days(api, week):
    first, last = week[4].local_date, week[2].local_date
    page = api.get(f"/entries/?from={first}&to={last}").json()
    assert [entry["nrs"] for entry in page["results"]] == [2, 3, 4]


@pytest.mark.parametrize(
    "day", ["yesterday", "2026-02-30", "0000-01-01", "10000-01-01", "1" * 5000, "%00", "01/02/2026"]
)
def test_a_day_that_is_none_cuts_nothing(api, day):
    assert is_problem(api.get(f"/entries/?from={day}"), 400)


@pytest.mark.parametrize("limit", ["0", "-1", "99999999999999999999", "ten", "%00", "1e9"])
def test_no_limit_gives_more_than_a_page(api, alice, limit):
    PainEntry.objects.bulk_create(
        PainEntry(
            uuid=new_uuid(),
            patient=alice.patient,
            nrs=1,
            felt_at=NOW - timedelta(minutes=n),
            recorded_at=NOW,
            changed_at=NOW,
            local_date=NOW.date(),
            zone="UTC",
            source="web",
        )
        for n in range(220)
    )
    response = api.get(f"/entries/?limit={limit}")
    assert response.status_code == 200
    assert len(response.json()["results"]) <= 200


@pytest.mark.parametrize("cursor", ["", "x", "cD0yMDI2", "a:b:c", "%00", "9" * 5000])
def test_a_made_up_cursor_is_not_found(api, cursor):
    assert is_problem(api.get(f"/entries/?cursor={cursor}"), 404)


def test_a_cursor_of_another_list_is_not_found(api, alice):
    for n in range(3):
        add_entry(alice, nrs=n)
    cursor = api.get("/entries/?limit=1").json()["next"].split("cursor=")[1]
    assert is_problem(api.get(f"/attempts/?cursor={cursor}"), 404)


def test_a_page_costs_the_same_however_many_entries(api, alice, django_assert_num_queries):
    counts = []
    for n in (1, 20):
        for _ in range(n):
            add_entry(alice, sites=(pain_log.SiteRating(site="neck"),))
        with django_assert_num_queries(4, info="session, user with patient, entries, sites") as queries:
            api.get("/entries/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_entry_written_without_network_says_so(api):
    path, body = f"/entries/{new_uuid()}/", {"nrs": 4, "felt_at": FELT}
    assert api.put(path, body | {"source": "offline"}).json()["source"] == "offline"
    assert api.patch(path, {"source": "web", "nrs": 5}).json()["source"] == "offline"


@pytest.mark.parametrize("source", ["web", "mail", "import"])
def test_nobody_says_that_an_entry_came_another_way(api, source):
    body = {"nrs": 4, "felt_at": FELT, "source": source}
    assert api.put(f"/entries/{new_uuid()}/", body).json()["source"] == "api"
