"""Many changes at once: a result for each row, one bad row spoils no other, and a repeat changes nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.tracker.api.conftest import MARKER, NOW, add_entry, is_problem, new_uuid
from tracker.api.parsers import MAX_BATCH_BODY
from tracker.models import AuditEvent
from tracker.services import pain_log

BATCH = "/entries/batch/"
FELT = "2026-03-01T07:30:00+01:00"
SITES = [{"site": "knee_left", "nrs": 6, "quality": "aching"}, {"site": "neck", "nrs": None, "quality": ""}]


def row(uuid=None, **said):
    return {"type": "entry", "uuid": str(uuid or new_uuid()), "nrs": 4, "felt_at": FELT} | said


def grave(uuid, **said):
    return {"type": "deleted", "uuid": str(uuid)} | said


def send(api, *rows):
    response = api.post(BATCH, {"changes": list(rows)})
    assert response.status_code == 200, response.content
    results = response.json()["results"]
    assert len(results) == len(rows)
    return results


def outcomes(results):
    return [result["result"] for result in results]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no rows named"),
        pytest.param([], id="a list"),
        pytest.param({"changes": {}}, id="rows that are no list"),
        pytest.param({"changes": None}, id="nothing for rows"),
        pytest.param({"changes": "x"}, id="text for rows"),
        pytest.param({"changes": [], "x": 1}, id="a name that is not known"),
        pytest.param({"changes": [1] * 1001}, id="more than a thousand rows"),
    ],
)
def test_what_is_no_batch_is_refused_whole(api, body):
    assert is_problem(api.post(BATCH, body), 400)


def test_a_body_too_large_is_refused_whole(api):
    assert is_problem(api.post(BATCH, b" " * (MAX_BATCH_BODY + 1)), 413)


def test_nobody_signed_in_writes_anything(client, db):
    response = client.post(f"/api/v1{BATCH}", {"changes": [row()]}, content_type="application/json")
    assert is_problem(response, 401)


@pytest.mark.parametrize(
    ("bad", "status", "pointer"),
    [
        pytest.param(None, 400, "#", id="nothing"),
        pytest.param(5, 400, "#", id="a number"),
        pytest.param([[]], 400, "#", id="a list"),
        pytest.param({}, 400, "#/type", id="an empty object"),
        pytest.param(row() | {"type": "x"}, 400, "#/type", id="no such type"),
        pytest.param(row() | {"type": ["entry"]}, 400, "#/type", id="a type that is no text"),
        pytest.param(row() | {"uuid": "x"}, 400, "#/uuid", id="no uuid"),
        pytest.param(row() | {"uuid": 7}, 400, "#/uuid", id="a number as uuid"),
        pytest.param(row() | {"uuid": [1]}, 400, "#/uuid", id="a list as uuid"),
        pytest.param(row(nrs=11), 400, "#/nrs", id="above the scale"),
        pytest.param(row(nrs="4"), 400, "#/nrs", id="a number as text"),
        pytest.param(row(colour="red"), 400, "#/colour", id="a field that is not known"),
        pytest.param(row(sites=[{"site": "sky"}]), 400, "#/sites/0/site", id="no such site"),
        pytest.param(row(note="x" * 4001), 400, "#/note", id="a note too long"),
        pytest.param(row(version=-1), 400, "#/version", id="a version below zero"),
        pytest.param(row(version="1"), 400, "#/version", id="a version as text"),
        pytest.param(row(version=1), 412, "#/version", id="a version of what is not there"),
        pytest.param(row(felt_at=(NOW + timedelta(days=1)).isoformat()), 422, "#/felt_at", id="felt tomorrow"),
        pytest.param(row(felt_at="1899-12-01T00:00:00Z"), 422, "#/felt_at", id="felt before 1900"),
        pytest.param(row(zone="Mars/Olympus"), 422, "#/zone", id="no such zone"),
        pytest.param(row(sites=[{"site": "neck"}] * 2), 422, None, id="a site twice"),
        pytest.param(grave("x"), 400, "#/uuid", id="a deletion without uuid"),
        pytest.param(grave(new_uuid(), nrs=4), 400, "#/nrs", id="a deletion with a rating"),
    ],
)
def test_one_bad_row_spoils_no_other_and_is_told_by_pointer(api, alice, bad, status, pointer):
    first, refused, last = send(api, row(), bad, row())
    assert outcomes([first, refused, last]) == ["created", "refused", "created"]
    problem = refused["problem"]
    assert (problem["status"], bool(problem["detail"])) == (status, True)
    assert [error["pointer"] for error in problem.get("errors", [])] == ([pointer] if pointer else [])
    assert alice.patient.pain_entries.count() == 2


def test_an_entry_that_was_deleted_stays_deleted(api, alice):
    entry = add_entry(alice)
    pain_log.remove(by=alice.user, entry=entry, at=NOW)
    (refused,) = send(api, row(entry.uuid))
    assert (refused["result"], refused["problem"]["status"]) == ("refused", 410)
    assert not alice.patient.pain_entries.exists()


def test_an_edit_of_a_version_that_is_gone_is_refused_and_shows_how_it_is(api, alice):
    entry = add_entry(alice, nrs=2)
    seen = entry.version
    pain_log.change(by=alice.user, entry=entry, at=NOW, nrs=3)
    results = send(api, row(entry.uuid, nrs=9, version=seen), grave(entry.uuid, version=seen))
    assert outcomes(results) == ["refused", "refused"]
    assert [result["problem"]["status"] for result in results] == [412, 412]
    assert [result["current"] for result in results] == [api.get(f"/entries/{entry.uuid}/").json()] * 2


def test_another_patients_entry_is_neither_noticed_nor_touched(charlies, alice, charlie):
    hers = add_entry(alice)
    on_condition = send(charlies, row(hers.uuid, version=hers.version), row(version=hers.version))
    assert [result["problem"]["status"] for result in on_condition] == [412, 412]
    ours, unknown = send(charlies, row(hers.uuid, note="mine"), row(note="mine"))
    assert ours | {"uuid": "", "version": 0} == unknown | {"uuid": "", "version": 0}
    assert outcomes(send(charlies, grave(hers.uuid), grave(new_uuid()))) == ["deleted", "deleted"]
    hers.refresh_from_db()
    assert (hers.note, hers.version, alice.patient.entry_tombstones.count()) == (MARKER, 1, 0)


def test_an_empty_batch_is_a_batch(api):
    assert send(api) == []


def test_a_batch_writes_what_single_requests_would(api, alice):
    beside = {"interference": 3, "sleep": None, "mood": 0, "helped": "a walk", "managed": " cooked\r\n"}
    beside |= {"triggers": ["stress", "sitting"], "eased_by": ["rest"]}
    whole = row(sites=SITES, **beside, note="  two\r\nlines ", zone="Asia/Tokyo")
    (result,) = send(api, whole)
    single = {name: value for name, value in whole.items() if name not in ("type", "uuid")}
    path = f"/entries/{new_uuid()}/"
    api.put(path, single)
    differing = {"uuid", "version", "recorded_at", "changed_at"}
    both = [api.get(where).json() for where in (f"/entries/{whole['uuid']}/", path)]
    assert [{k: v for k, v in entry.items() if k not in differing} for entry in both][0] == {
        k: v for k, v in both[1].items() if k not in differing
    }
    assert (result["result"], result["version"]) == ("created", both[0]["version"])


def test_every_kind_of_result(api, alice):
    same, other, gone = (add_entry(alice, nrs=n, felt_at=NOW - timedelta(days=1)) for n in (1, 2, 3))
    as_it_is = {"type": "entry"} | api.get(f"/entries/{same.uuid}/").json()
    results = send(api, row(), as_it_is, row(other.uuid, sites=SITES), grave(gone.uuid))
    assert outcomes(results) == ["created", "unchanged", "changed", "deleted"]
    assert [result["version"] is None for result in results] == [False, False, False, True]
    assert api.get(f"/entries/{other.uuid}/").json()["sites"] == SITES
    assert api.get(f"/entries/{gone.uuid}/").status_code == 404


def test_sent_ten_times_it_is_one_batch(api, alice):
    changed, gone = add_entry(alice), add_entry(alice)
    rows = [row(sites=SITES), row(changed.uuid, version=changed.version), grave(gone.uuid)]
    assert outcomes(send(api, *rows)) == ["created", "changed", "deleted"]
    before = api.get("/entries/changes/").json()["changes"], AuditEvent.objects.count()
    for _ in range(9):
        assert outcomes(send(api, *rows)) == ["unchanged"] * 3
    assert (api.get("/entries/changes/").json()["changes"], AuditEvent.objects.count()) == before


def test_the_same_entry_named_often_is_taken_in_order(api, alice):
    uuid, brief = new_uuid(), new_uuid()
    rows = [row(uuid, nrs=1, sites=SITES), row(uuid, nrs=2), row(uuid, nrs=2), row(uuid, nrs=3, sites=SITES[:1])]
    assert outcomes(send(api, *rows)) == ["created", "changed", "unchanged", "changed"]
    assert outcomes(send(api, row(brief), grave(brief), row(brief))) == ["created", "deleted", "refused"]
    entry = alice.patient.pain_entries.get()
    assert (entry.nrs, entry.sites.get().site) == (3, "knee_left")
    assert alice.patient.entry_tombstones.get().uuid == brief


def test_a_deletion_that_overtakes_its_entry_wins(api, alice):
    uuid = new_uuid()
    assert outcomes(send(api, grave(uuid))) == ["deleted"]
    assert outcomes(send(api, row(uuid))) == ["refused"]
    assert not alice.patient.pain_entries.exists()


def test_the_day_is_that_of_where_it_was_felt(api, alice):
    late = "2026-03-01T23:30:00Z"
    (result,) = send(api, row(felt_at=late, zone="Asia/Tokyo"))
    alice.patient.pain_entries.get()
    api.patch("/profile/", {"zone": "America/New_York"})
    send(api, row(result["uuid"], felt_at=late, nrs=5))
    entry = alice.patient.pain_entries.get()
    assert (entry.zone, str(entry.local_date), entry.nrs) == ("Asia/Tokyo", "2026-03-02", 5)


def test_what_was_written_without_network_says_so(api, alice):
    send(api, row(source="offline"), row(source="web"))
    assert sorted(alice.patient.pain_entries.values_list("source", flat=True)) == ["api", "offline"]


def test_every_accepted_row_stands_in_the_record_of_who_changed_what(api, alice):
    before = AuditEvent.objects.count()
    kept = new_uuid()
    send(api, row(kept), row(nrs=77), grave(kept))
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", "subject"))[before:] == [
        ("added", f"entry {kept}"),
        ("deleted", f"entry {kept}"),
    ]


def test_a_thousand_rows_cost_few_statements(api, alice):
    rows = [row(sites=SITES, note=f"row {n}") for n in range(1000)]
    with CaptureQueriesContext(connection) as created:
        assert set(outcomes(send(api, *rows))) == {"created"}
    with CaptureQueriesContext(connection) as changed:
        assert set(outcomes(send(api, *({**one, "nrs": 5, "sites": SITES[:1]} for one in rows)))) == {"changed"}
    with CaptureQueriesContext(connection) as deleted:
        assert set(outcomes(send(api, *(grave(one["uuid"]) for one in rows)))) == {"deleted"}
    assert max(map(len, (created, changed, deleted))) < 120
