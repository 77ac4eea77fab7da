"""The changes feed: every change arrives once, in order, also what was committed while another page was read."""

import re
import threading
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core import signing
from django.db import connection, connections

from tests.tracker.api.conftest import MARKER, NOW, add_entry, is_problem, new_uuid
from tracker.api.pages import CHANGES_SALT
from tracker.models import EntryTombstone, PainEntry, Patient
from tracker.services import changes, imports, pain_log

FEED = "/entries/changes/"


def feed(api, cursor=None, **query):
    """All that a device gets to hear: (rows, the cursor to come back with)."""
    rows, has_more = [], True
    while has_more:
        query = query | ({"cursor": cursor} if cursor else {})
        page = api.get(FEED, query_params=query).json()
        rows, cursor, has_more = rows + page["changes"], page["cursor"], page["has_more"]
    return rows, cursor


def remove(alice, entry):
    return pain_log.remove(by=alice.user, entry=entry, at=NOW)


@pytest.mark.parametrize("cursor", ["", "x", "a:b:c", "%00", "9" * 5000, "WzEsMF0:1:x"])
def test_a_made_up_cursor_is_not_known(api, cursor):
    assert is_problem(api.get(FEED, query_params={"cursor": cursor}), 404)


def test_the_cursor_of_a_stranger_or_of_another_list_is_not_known(api, charlies, alice, charlie):
    add_entry(alice), add_entry(charlie)
    _, hers = feed(api)
    assert is_problem(charlies.get(FEED, query_params={"cursor": hers}), 404)
    add_entry(alice)
    of_the_list = api.get("/entries/?limit=1").json()["next"].split("cursor=")[1]
    assert is_problem(api.get(f"{FEED}?cursor={of_the_list}"), 404)


def test_a_cursor_ahead_of_a_log_put_back_from_an_older_copy_is_not_known(api, alice):
    ahead = signing.dumps([alice.patient.pk, 7], salt=CHANGES_SALT)
    assert is_problem(api.get(FEED, query_params={"cursor": ahead}), 404)


@pytest.mark.parametrize("limit", ["0", "-1", "ten", "\x00", "1e9", "9" * 5000, "9" * 20])
def test_no_limit_gives_more_than_a_page(api, alice, limit):
    for _ in range(3):
        add_entry(alice)
    assert len(api.get(FEED, query_params={"limit": limit}).json()["changes"]) == 3


def test_a_stranger_hears_nothing(charlies, alice):
    remove(alice, add_entry(alice))
    add_entry(alice)
    response = charlies.get(FEED)
    assert (response.json()["changes"], response.json()["has_more"]) == ([], False)
    assert MARKER not in response.content.decode()


def test_nobody_signed_in_hears_nothing(client, db):
    assert is_problem(client.get(f"/api/v1{FEED}"), 401)


def test_an_empty_log_gives_a_cursor_to_come_back_with(api, alice):
    rows, cursor = feed(api)
    entry = add_entry(alice)
    assert rows == []
    assert [row["uuid"] for row in feed(api, cursor)[0]] == [str(entry.uuid)]


def test_everything_comes_first_as_it_stands(api, alice):
    kept, gone = add_entry(alice, nrs=2, sites=(pain_log.SiteRating(site="neck", nrs=3),)), add_entry(alice)
    remove(alice, gone)
    rows, _ = feed(api)
    assert rows == [
        {"type": "entry"} | api.get(f"/entries/{kept.uuid}/").json(),
        {"type": "deleted", "uuid": str(gone.uuid), "deleted_at": rows[1]["deleted_at"]},
    ]


def test_only_what_changed_since_comes_next(api, alice):
    entries = [add_entry(alice, nrs=n) for n in range(4)]
    _, cursor = feed(api)
    pain_log.change(by=alice.user, entry=entries[2], at=NOW, nrs=9)
    pain_log.change(by=alice.user, entry=entries[1], at=NOW, nrs=1)  # says nothing new
    remove(alice, entries[0])
    rows, _ = feed(api, cursor)
    assert [(row["type"], row["uuid"]) for row in rows] == [
        ("entry", str(entries[2].uuid)),
        ("deleted", str(entries[0].uuid)),
    ]


def test_what_was_put_back_is_an_entry_again(api, alice):
    entry = add_entry(alice)
    _, cursor = feed(api)
    pain_log.restore(by=alice.user, token=remove(alice, entry), at=NOW)
    assert [(row["type"], row["uuid"]) for row in feed(api, cursor)[0]] == [("entry", str(entry.uuid))]


def test_an_imported_file_comes_whole(api, alice):
    _, cursor = feed(api)
    imports.run(by=alice.user, content=b"day,pain\n2020-01-01,3\n2020-01-02,4\n", filename="log.csv", at=NOW)
    assert sorted(row["nrs"] for row in feed(api, cursor)[0]) == [3, 4]


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_pages_of_one_instant_follow_each_other_without_gap_or_repeat(api, alice, limit):
    entries = [add_entry(alice, nrs=n) for n in range(6)]
    for entry in entries[::2]:
        remove(alice, entry)
    rows, _ = feed(api, limit=limit)
    assert [row["type"] for row in rows] == ["entry"] * 3 + ["deleted"] * 3
    assert {row["uuid"] for row in rows} == {str(entry.uuid) for entry in entries}


def test_an_old_instant_written_late_is_not_missed(api, alice):
    add_entry(alice)
    _, cursor = feed(api)
    entry = pain_log.add(by=alice.user, uuid=new_uuid(), nrs=1, felt_at=NOW, zone="UTC", source="web", at=NOW)
    PainEntry.objects.filter(pk=entry.pk).update(changed_at=NOW - timedelta(days=9))
    assert [row["uuid"] for row in feed(api, cursor)[0]] == [str(entry.uuid)]


def test_what_is_written_between_the_two_reads_comes_with_the_next_call(api, alice, monkeypatch):
    first, second = add_entry(alice), add_entry(alice)
    read, written = changes._between, []

    def and_meanwhile(rows, after, last):
        found = list(read(rows, after, last))
        if not written:
            written.append(add_entry(alice))
            remove(alice, first)
        return found

    monkeypatch.setattr(changes, "_between", and_meanwhile)
    rows, cursor = feed(api)
    heard = rows + feed(api, cursor)[0]
    assert [(row["type"], row["uuid"]) for row in heard] == [
        ("entry", str(first.uuid)),
        ("entry", str(second.uuid)),
        ("entry", str(written[0].uuid)),
        ("deleted", str(first.uuid)),
    ]


def test_a_call_costs_the_same_however_many_changes(api, alice, django_assert_num_queries):
    for n in (1, 20):
        for _ in range(n):
            add_entry(alice, sites=(pain_log.SiteRating(site="neck"),))
            remove(alice, add_entry(alice))
        with django_assert_num_queries(6, info="session, user with patient, count, entries, sites, tombstones"):
            api.get(FEED)


def test_numbers_are_never_given_twice_from_a_copy_read_too_early(alice):
    early = Patient.objects.get(pk=alice.patient.pk)
    given = [*changes.allot(Patient.objects.get(pk=early.pk), 3), *changes.allot(early, 2)]
    assert given == [1, 2, 3, 4, 5]


def test_saving_an_early_copy_of_the_patient_turns_nothing_back(alice):
    early = Patient.objects.get(pk=alice.patient.pk)
    add_entry(alice)
    early.display_name = "Al"
    early.save()
    early.refresh_from_db()
    assert (early.display_name, early.change_number) == ("Al", 1)


def test_the_migration_numbers_what_was_there(alice, charlie):
    entries = [add_entry(alice, nrs=n) for n in range(3)]
    add_entry(charlie)
    remove(alice, entries[1])
    pain_log.change(by=alice.user, entry=entries[0], at=NOW + timedelta(minutes=1), nrs=9)
    PainEntry.objects.update(change_number=None)
    EntryTombstone.objects.update(change_number=None)
    Patient.objects.update(change_number=0)
    migration = import_module("tracker.migrations.0006_change_numbers")
    migration.number_what_is_there(apps, SimpleNamespace(connection=connection))
    assert dict(alice.patient.pain_entries.values_list("nrs", "change_number")) == {2: 2, 9: 3}
    assert alice.patient.entry_tombstones.get().change_number == 1
    assert list(Patient.objects.order_by("pk").values_list("change_number", flat=True)) == [3, 1]


@pytest.mark.django_db(transaction=True)
def test_under_writers_at_the_same_time_a_reader_misses_nothing(alice, api):
    def write():
        try:
            for n in range(6):
                entry = add_entry(alice, nrs=n)
                if n % 3 == 2:
                    remove(alice, entry)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(3)]
    [thread.start() for thread in threads]
    heard, cursor = {}, None
    while any(thread.is_alive() for thread in threads):
        rows, cursor = feed(api, cursor, limit=2)
        heard |= {row["uuid"]: row["type"] for row in rows}
    [thread.join() for thread in threads]
    rows, cursor = feed(api, cursor)
    heard |= {row["uuid"]: row["type"] for row in rows}
    there = {str(uuid): "entry" for uuid in alice.patient.pain_entries.values_list("uuid", flat=True)}
    gone = {str(uuid): "deleted" for uuid in alice.patient.entry_tombstones.values_list("uuid", flat=True)}
    assert (len(there), len(gone), heard) == (12, 6, there | gone)


def test_whoever_writes_entries_or_tombstones_numbers_them():
    writes = re.compile(
        r"\b(PainEntry|EntryTombstone)\.objects\.(?!none\b|filter\b)\w+|pain_entries\.\w*create"
        r"|\binsert(?:_from)?\(\s*(PainEntry|EntryTombstone)\b"
    )
    services = Path(changes.__file__).parent
    writers = {path.name: path.read_text() for path in services.glob("*.py") if writes.search(path.read_text())}
    assert {"pain_log.py", "imports.py", "record_imports.py", "import_history.py", "batches.py"} <= writers.keys()
    assert [name for name, source in writers.items() if "changes.allot(" not in source] == []
