from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.conftest import client_for
from tracker.domain.text import TextNotStorable
from tracker.models import EntryTombstone, PainEntry
from tracker.services import accounts, pain_log
from tracker.services.pain_log import SiteRating

NOON = datetime(2026, 6, 1, 10, tzinfo=UTC)  # in Berlin
NECK, BACK = SiteRating(site="neck", quality="aching"), SiteRating(site="mid_back", nrs=7, quality="burning")
UUID_1 = UUID(int=1)
BERLIN = "Europe/Berlin"


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def add(person, **said):
    usual = {"uuid": uuid4(), "nrs": 4, "felt_at": NOON, "zone": BERLIN, "source": "web", "at": NOON}
    return pain_log.add(by=person.user, **usual | said)


def whole(**changes):
    """What the form for a whole entry sends."""
    return {"nrs": "6", "day": "2026-05-31", "wall_time": "22:15"} | changes


class TestAdd:
    @pytest.mark.parametrize(
        ("said", "error"),
        [
            pytest.param({"nrs": -1}, pain_log.EntryOutOfRange, id="below the scale"),
            pytest.param({"nrs": 11}, pain_log.EntryOutOfRange, id="above the scale"),
            pytest.param({"nrs": True}, pain_log.EntryOutOfRange, id="no number"),
            pytest.param({"nrs": 10**20}, pain_log.EntryOutOfRange, id="far above the scale"),
            pytest.param({"sleep": 11}, pain_log.EntryOutOfRange, id="sleep above the scale"),
            pytest.param({"sites": [SiteRating(site="elbow_of_mars")]}, pain_log.EntryOutOfRange, id="no such place"),
            pytest.param({"sites": [NECK, NECK]}, pain_log.EntryOutOfRange, id="the same place twice"),
            pytest.param(
                {"sites": [SiteRating(site="neck", quality="salty")]}, pain_log.EntryOutOfRange, id="no such quality"
            ),
            pytest.param({"felt_at": NOON + timedelta(minutes=3)}, pain_log.EntryInFuture, id="in the future"),
            pytest.param(
                {"felt_at": datetime.max.replace(tzinfo=UTC)}, pain_log.EntryInFuture, id="at the end of time"
            ),
            pytest.param(
                {"felt_at": datetime(1899, 12, 31, 12, tzinfo=UTC)}, pain_log.EntryTooOld, id="before the log begins"
            ),
            pytest.param({"felt_at": datetime.min.replace(tzinfo=UTC)}, pain_log.EntryTooOld, id="in the year 1"),
            pytest.param({"zone": "Mars/Olympus"}, accounts.UnknownZone, id="no such zone"),
            pytest.param({"note": "a\x00b"}, TextNotStorable, id="NUL in the note"),
            pytest.param({"note": "a\ud800b"}, TextNotStorable, id="half a surrogate pair in the note"),
            pytest.param({"note": "x" * 4001}, TextNotStorable, id="note too long"),
            pytest.param({"helped": "x" * 501}, TextNotStorable, id="helped too long"),
        ],
    )
    def test_refuses(self, alice, said, error):
        with pytest.raises(error):
            add(alice, **said)
        assert not PainEntry.objects.exists()

    def test_takes_a_score_alone_and_zero_is_one(self, alice):
        assert add(alice, nrs=0).nrs == 0

    @pytest.mark.parametrize(
        "note", ["  spaces  ", "\r\n\tlines\n", "👩🏽‍⚕️", "e\u0301", "\u202eabc", "x" * 4000, "<b>&amp;"], ids=repr
    )
    def test_keeps_a_note_byte_for_byte(self, alice, note):
        entry = add(alice, note=note)
        entry.refresh_from_db()
        assert entry.note == note

    def test_keeps_the_local_day_of_the_zone_in_which_it_was_felt(self, alice):
        entry = add(alice, felt_at=datetime(2026, 5, 31, 22, 30, tzinfo=UTC), zone="Pacific/Auckland")
        assert entry.local_date == date(2026, 6, 1)

    def test_forgives_a_clock_that_runs_a_little_ahead(self, alice):
        assert add(alice, felt_at=NOON + timedelta(minutes=1)).pk

    def test_takes_the_same_entry_again_as_the_same(self, alice):
        first = add(alice, uuid=UUID_1, sites=[NECK, BACK])
        assert add(alice, uuid=UUID_1, sites=[BACK, NECK]) == first
        assert PainEntry.objects.count() == 1

    def test_refuses_another_entry_under_the_same_uuid(self, alice):
        add(alice, uuid=UUID_1)
        with pytest.raises(pain_log.EntryAlreadyThere):
            add(alice, uuid=UUID_1, nrs=5)

    def test_does_not_tell_that_another_patient_has_the_uuid(self, alice, charlie):
        add(alice, uuid=UUID_1)
        assert add(charlie, uuid=UUID_1).patient == charlie.patient

    def test_does_not_bring_a_deleted_entry_back(self, alice):
        pain_log.remove(by=alice.user, entry=add(alice, uuid=UUID_1), at=NOON)
        with pytest.raises(pain_log.EntryDeleted):
            add(alice, uuid=UUID_1)

    def test_writes_down_who_did_it(self, alice):
        add(alice, uuid=UUID_1)
        assert alice.patient.audit_events.filter(actor=alice.user, verb="added", subject=f"entry {UUID_1}").exists()


class TestPut:
    SAID = {"nrs": 4, "felt_at": NOON, "zone": BERLIN, "source": "api", "at": NOON}

    def test_adds_then_finds_then_changes(self, alice):
        entry, is_new = pain_log.put(by=alice.user, uuid=UUID_1, **self.SAID, note="a")
        assert is_new
        assert pain_log.put(by=alice.user, uuid=UUID_1, **self.SAID, note="a") == (entry, False)
        changed, is_new = pain_log.put(by=alice.user, uuid=UUID_1, **self.SAID | {"nrs": 9})
        assert (changed.nrs, changed.note, is_new) == (9, "", False)


class TestChange:
    def test_refuses_the_future(self, alice):
        with pytest.raises(pain_log.EntryInFuture):
            pain_log.change(by=alice.user, entry=add(alice), at=NOON, felt_at=NOON + timedelta(days=1))

    def test_refuses_an_entry_that_is_gone(self, alice):
        entry = add(alice)
        pain_log.remove(by=alice.user, entry=PainEntry.objects.get(), at=NOON)
        with pytest.raises(pain_log.EntryDeleted):
            pain_log.change(by=alice.user, entry=entry, at=NOON, nrs=9)

    def test_changes_what_is_named_and_nothing_else(self, alice):
        entry = add(alice, note="kept", sites=[NECK])
        later = NOON + timedelta(hours=1)
        pain_log.change(by=alice.user, entry=entry, at=later, nrs=9)
        entry.refresh_from_db()
        assert (entry.nrs, entry.note, entry.changed_at, entry.recorded_at) == (9, "kept", later, NOON)
        assert pain_log.content_of(entry).sites == (NECK,)

    def test_moves_the_local_day_with_the_time(self, alice):
        entry = pain_log.change(by=alice.user, entry=add(alice), at=NOON, felt_at=NOON - timedelta(days=40))
        assert entry.local_date == date(2026, 4, 22)

    def test_writes_nothing_where_nothing_changes(self, alice):
        entry = add(alice)
        pain_log.change(by=alice.user, entry=entry, at=NOON + timedelta(hours=1), nrs=4)
        entry.refresh_from_db()
        assert entry.changed_at == NOON
        assert not alice.patient.audit_events.filter(verb="changed").exists()


class TestRemoveAndRestore:
    def test_leaves_a_tombstone_and_nothing_else(self, alice):
        pain_log.remove(by=alice.user, entry=add(alice, uuid=UUID_1, sites=[NECK]), at=NOON)
        assert not PainEntry.objects.exists()
        assert EntryTombstone.objects.get().uuid == UUID_1

    def test_of_an_entry_that_is_gone_already_is_refused(self, alice):
        entry = add(alice)
        pain_log.remove(by=alice.user, entry=PainEntry.objects.get(), at=NOON)
        with pytest.raises(pain_log.EntryDeleted):
            pain_log.remove(by=alice.user, entry=entry, at=NOON)

    def test_takes_back_what_another_tab_wrote_a_moment_before(self, alice):
        entry = add(alice)
        pain_log.change(by=alice.user, entry=entry, at=NOON, note="from the other tab")
        token = pain_log.remove(by=alice.user, entry=entry, at=NOON)
        assert pain_log.restore(by=alice.user, token=token, at=NOON).note == "from the other tab"

    def test_brings_everything_back(self, alice):
        entry = add(alice, note=" a\n", sites=[NECK, BACK], sleep=3, felt_at=NOON - timedelta(days=3, microseconds=7))
        before, uuid = pain_log.content_of(entry), entry.uuid
        token = pain_log.remove(by=alice.user, entry=entry, at=NOON)
        again = pain_log.restore(by=alice.user, token=token, at=NOON)
        assert (pain_log.content_of(again), again.uuid, again.recorded_at) == (before, uuid, NOON)
        assert not EntryTombstone.objects.exists()

    def test_brings_back_once(self, alice):
        token = pain_log.remove(by=alice.user, entry=add(alice), at=NOON)
        for _ in range(2):
            pain_log.restore(by=alice.user, token=token, at=NOON)
        assert PainEntry.objects.count() == 1

    def test_takes_no_token_of_another(self, alice, charlie):
        token = pain_log.remove(by=alice.user, entry=add(alice), at=NOON)
        with pytest.raises(pain_log.UndoExpired):
            pain_log.restore(by=charlie.user, token=token, at=NOON)
        assert not PainEntry.objects.exists()

    def test_takes_no_old_token(self, alice):
        token = pain_log.remove(by=alice.user, entry=add(alice), at=NOON)
        with time_machine.travel(NOON + timedelta(minutes=11)), pytest.raises(pain_log.UndoExpired):
            pain_log.restore(by=alice.user, token=token, at=NOON)


class TestDatabase:
    """The hard rules hold also for what goes past the service."""

    @pytest.mark.parametrize("field", ["nrs", "sleep", "mood", "interference"])
    def test_keeps_no_rating_beyond_the_scale(self, alice, field):
        entry = add(alice)
        with pytest.raises(IntegrityError), transaction.atomic():
            PainEntry.objects.filter(pk=entry.pk).update(**{field: 11})

    def test_keeps_one_entry_of_a_uuid(self, alice):
        add(alice, uuid=UUID_1)
        other = add(alice)
        with pytest.raises(IntegrityError), transaction.atomic():
            PainEntry.objects.filter(pk=other.pk).update(uuid=UUID_1)


class TestOthersEntries:
    @pytest.mark.parametrize("name", ["entry_edit", "entry_detail", "entry_delete"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_are_not_there(self, alice, charlie_client, name, method):
        entry = add(alice, note="alice's secret")
        response = getattr(charlie_client, method)(reverse(name, args=[entry.uuid]), {"note": "mine"})
        assert response.status_code in {404, 405}
        assert b"secret" not in response.content
        entry.refresh_from_db()
        assert entry.note == "alice's secret"

    @pytest.mark.parametrize("name", ["today", "entry_list"])
    def test_do_not_show_on_pages(self, alice, charlie_client, name):
        entry = add(alice, note="alice's secret")
        response = charlie_client.get(reverse(name), {"entry": entry.uuid})
        assert b"secret" not in response.content
        assert str(entry.uuid) not in response.content.decode()

    @pytest.mark.parametrize("name", ["entry_list", "entry_earlier"])
    def test_nobody_sees_a_page_without_logging_in(self, client, db, name):
        assert client.get(reverse(name)).url.startswith(reverse("account_login"))


class TestEarlierMoment:
    URL = reverse("entry_earlier")

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            pytest.param({"nrs": ""}, "nrs", id="no number"),
            pytest.param({"nrs": "11"}, "nrs", id="above the scale"),
            pytest.param({"nrs": "4.5"}, "nrs", id="not whole"),
            pytest.param({"nrs": "9" * 5000}, "nrs", id="five thousand digits"),
            pytest.param({"day": "0000-01-01"}, "day", id="year 0"),
            pytest.param({"day": "1899-12-31"}, "day", id="before the log begins"),
            pytest.param({"day": "2026-02-30"}, "day", id="no such day"),
            pytest.param({"day": "2026-06-02"}, "wall_time", id="tomorrow"),
            pytest.param({"day": "9999-12-31"}, "wall_time", id="the end of time"),
            pytest.param({"wall_time": "25:00"}, "wall_time", id="no such time"),
            pytest.param({"note": "a\x00b"}, "note", id="NUL"),
            pytest.param({"note": "x" * 4001}, "note", id="note too long"),
            pytest.param({"sites": "mars"}, "sites", id="no such place"),
            pytest.param({"quality": "burning"}, "sites", id="a quality without a place"),
            pytest.param({"uuid": "1"}, "uuid", id="no uuid"),
        ],
    )
    def test_refuses_in_words(self, alice_client, changes, field):
        response = alice_client.post(self.URL, whole(**changes))
        assert response.status_code == 422
        assert response.context["form"].errors.keys() == {field}
        assert not PainEntry.objects.exists()

    def test_keeps_the_moment_in_the_zone_of_the_patient(self, alice, alice_client):
        alice_client.post(self.URL, whole(sites=["neck", "mid_back"], quality="burning", note=" ä\n"))
        entry = alice.patient.pain_entries.get()
        assert (entry.felt_at, entry.local_date) == (datetime(2026, 5, 31, 20, 15, tzinfo=UTC), date(2026, 5, 31))
        assert {(row.site, row.quality) for row in entry.sites.all()} == {("neck", "burning"), ("mid_back", "burning")}
        assert (entry.note, entry.is_backdated) == (" ä\n", True)

    @pytest.mark.parametrize(
        ("day", "wall_time", "felt_at"),
        [
            pytest.param("2026-03-29", "02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC), id="skipped: the later"),
            pytest.param("2025-10-26", "02:30", datetime(2025, 10, 26, 0, 30, tzinfo=UTC), id="twice: the first"),
        ],
    )
    def test_reads_the_hours_of_a_clock_change(self, alice, alice_client, day, wall_time, felt_at):
        alice_client.post(self.URL, whole(day=day, wall_time=wall_time))
        assert alice.patient.pain_entries.get().felt_at == felt_at

    def test_saves_once_what_is_sent_twice(self, alice, alice_client):
        for _ in range(2):
            alice_client.post(self.URL, whole(uuid=str(UUID_1)))
        assert alice.patient.pain_entries.count() == 1

    def test_begins_with_the_day_that_was_looked_at_and_with_no_number(self, alice, alice_client):
        page = alice_client.get(self.URL, {"day": "2026-05-30"}, follow=True)
        form = page.context["form"]
        assert (str(form["day"].value()), form["nrs"].value(), form["wall_time"].value()) == ("2026-05-30", None, None)

    @pytest.mark.parametrize("day", ["", "2999-01-01", "2026-02-30", "0001-01-01", "\x00", "x" * 5000])
    def test_asks_for_the_day_where_the_address_names_none_that_can_be(self, alice_client, day):
        page = alice_client.get(self.URL, {"day": day}, follow=True)
        assert (page.status_code, page.context["form"]["day"].value()) == (200, None)


class TestEdit:
    def edit(self, client, entry, **changes):
        page = client.get(reverse("entry_edit", args=[entry.uuid]))
        form = page.context["form"]
        shown = {"nrs": form["nrs"].value(), "day": form["day"].value(), "wall_time": form["wall_time"].value()}
        shown |= {"sites": form["sites"].value(), "quality": form["quality"].value(), "note": form["note"].value()}
        shown = {name: value for name, value in shown.items() if value is not None}
        shown["wall_time"] = shown["wall_time"].strftime("%H:%M")
        return client.post(reverse("entry_edit", args=[entry.uuid]), shown | changes)

    def test_changes_nothing_where_nothing_was_changed(self, alice, alice_client):
        felt_at = datetime(2025, 10, 26, 1, 30, 17, 5, tzinfo=UTC)  # the second 02:30
        entry = add(alice, felt_at=felt_at, sites=[NECK, BACK], note=" a\nb")
        before = pain_log.content_of(entry)
        self.edit(alice_client, entry, note=" a\r\nb")
        entry.refresh_from_db()
        assert (pain_log.content_of(entry), entry.changed_at) == (before, NOON)

    def test_changes_the_score_alone(self, alice, alice_client):
        entry = add(alice, sites=[NECK, BACK])
        self.edit(alice_client, entry, nrs="9")
        entry.refresh_from_db()
        assert entry.nrs == 9
        assert pain_log.content_of(entry).sites == (BACK, NECK)

    def test_reads_the_time_in_the_zone_in_which_it_was_felt(self, alice, alice_client):
        entry = add(alice, zone="Asia/Tokyo")
        self.edit(alice_client, entry, wall_time="08:00")
        entry.refresh_from_db()
        assert (entry.felt_at, entry.zone) == (datetime(2026, 5, 31, 23, tzinfo=UTC), "Asia/Tokyo")

    def test_refuses_in_words(self, alice, alice_client):
        entry = add(alice)
        response = self.edit(alice_client, entry, day="2027-01-01")
        assert (response.status_code, response.context["form"].errors.keys()) == (422, {"wall_time"})


class TestLoggedOutMeanwhile:
    def test_a_tap_leads_through_the_log_in_to_a_page_that_can_be_read(self, client, db):
        response = client.post(reverse("entry_add"), {"uuid": UUID_1, "nrs": "4"}, follow=True)
        assert response.request["QUERY_STRING"] == "next=%2F"
        assert "has not been saved" in response.content.decode()
        assert not PainEntry.objects.exists()


class TestDelete:
    def test_is_not_done_by_following_a_link(self, alice, alice_client):
        response = alice_client.get(reverse("entry_delete", args=[add(alice).uuid]))
        assert (response.status_code, response["Allow"]) == (405, "POST")
        assert "Nothing has been changed" in response.content.decode()
        assert PainEntry.objects.exists()

    def test_offers_to_put_it_back_once(self, alice, alice_client):
        entry = add(alice, note="kept")
        page = alice_client.post(reverse("entry_delete", args=[entry.uuid]), {"from": "list"}, follow=True)
        token = page.context["undo_token"]
        assert not PainEntry.objects.exists()
        assert not alice_client.get(reverse("entry_list")).context["undo_token"]
        alice_client.post(reverse("entry_restore"), {"token": token})
        assert PainEntry.objects.get().note == "kept"

    @pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00", "x" * 100_000])
    def test_takes_no_made_up_token(self, alice_client, token):
        response = alice_client.post(reverse("entry_restore"), {"token": token}, follow=True)
        assert "too late" in response.content.decode()

    def test_takes_no_token_of_another(self, alice, charlie):
        token = pain_log.remove(by=alice.user, entry=add(alice), at=NOON)
        client_for(charlie).post(reverse("entry_restore"), {"token": token})
        assert not PainEntry.objects.exists()


class TestList:
    URL = reverse("entry_list")

    def test_asks_one_question_where_nothing_is_logged(self, alice_client):
        assert "How is your pain right now?" in alice_client.get(self.URL).content.decode()

    def test_shows_the_newest_first_fifty_to_a_page(self, alice, alice_client):
        for n in range(51):
            add(alice, felt_at=NOON - timedelta(hours=n))
        page = alice_client.get(self.URL).context["page"]
        assert [entry.felt_at for entry in page][:2] == [NOON, NOON - timedelta(hours=1)]
        assert len(alice_client.get(self.URL, {"page": "2"}).context["page"]) == 1

    @pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 5000, "\x00", "1e3"])
    def test_shows_some_page_for_any_number(self, alice, alice_client, page):
        add(alice)
        assert alice_client.get(self.URL, {"page": page}).status_code == 200

    def test_of_a_day_leads_to_another_moment_of_that_day(self, alice, alice_client):
        address = f"{reverse('entry_earlier')}?day=2026-05-30"
        assert address in alice_client.get(self.URL, {"day": "2026-05-30"}).content.decode()
        add(alice, felt_at=NOON - timedelta(days=2))
        assert address in alice_client.get(self.URL, {"day": "2026-05-30"}).content.decode()

    def test_of_several_pages_lets_a_day_be_chosen(self, alice, alice_client):
        for n in range(51):
            add(alice, felt_at=NOON - timedelta(hours=n))
        assert 'name="day"' in alice_client.get(self.URL).content.decode()

    def test_marks_what_was_written_down_later_and_what_a_file_brought(self, alice, alice_client):
        entry = add(alice, felt_at=NOON - timedelta(days=2))
        assert "written down on" in alice_client.get(self.URL).content.decode()
        PainEntry.objects.filter(pk=entry.pk).update(source=PainEntry.Source.IMPORT)
        page = alice_client.get(self.URL).content.decode()
        assert "from an imported file" in page and "written down on" not in page

    def test_escapes_a_note(self, alice, alice_client):
        add(alice, note="<script>alert(1)</script>")
        assert "<script>alert" not in alice_client.get(self.URL).content.decode()

    def test_asks_as_much_of_the_database_for_fifty_as_for_one(self, alice, alice_client):
        counts = []
        for _ in range(2):
            add(alice, sites=[NECK], felt_at=NOON - timedelta(days=1))
            with CaptureQueriesContext(connection) as queries:
                alice_client.get(self.URL)
            counts.append(len(queries))
            for n in range(9):
                add(alice, sites=[NECK, BACK], felt_at=NOON - timedelta(hours=n))
        assert counts[0] == counts[1]


def test_a_wall_time_on_the_page_is_that_of_the_zone_in_which_it_was_felt(alice, alice_client):
    add(alice, zone="Asia/Tokyo")
    assert "19:00" in alice_client.get(reverse("entry_list")).content.decode()
