from tests.tracker.api.conftest import API, is_problem
from tracker.domain.sites import SITE_KEYS


def test_a_stranger_without_a_log_in_gets_no_list(client, db):
    assert is_problem(client.get(f"{API}/sites/"), 401)


def test_the_list_is_read_only(api):
    assert is_problem(api.post("/sites/", {"key": "tail"}), 405)


def test_the_list_names_every_site_with_its_face_and_region(api):
    sites = {site["key"]: site for site in api.get("/sites/").json()}
    assert set(sites) == SITE_KEYS
    assert sites["between_shoulder_blades"] == {
        "key": "between_shoulder_blades",
        "name": "Between the shoulder blades",
        "group": "upper_back",
        "face": "back",
        "side": "middle",
        "spine": ["T3", "T8"],
    }
    assert sites["knee_left"]["spine"] is None


def test_every_listed_site_can_be_named_by_an_entry(api):
    keys = [site["key"] for site in api.get("/sites/").json()]
    said = {"nrs": 5, "felt_at": "2026-03-01T07:30:00Z", "sites": [{"site": key, "nrs": 3} for key in keys]}
    response = api.put("/entries/00000000-0000-4000-8000-000000000001/", said)
    assert (response.status_code, len(response.json()["sites"])) == (201, len(keys))
