"""What stands beside the number: offered after the tap, never in the way of it."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.conftest import client_for
from tracker.domain.beside import ASKED, ASKED_AT_FIRST, NotOnTheList
from tracker.domain.text import TextNotStorable
from tracker.models import PainEntry
from tracker.services import accounts, pain_log
from tracker.services.pain_log import SiteRating

NOON = datetime(2026, 6, 1, 10, tzinfo=UTC)  # in Berlin
TODAY, EARLIER, ASKED_EDIT = reverse("today"), reverse("entry_earlier"), reverse("asked_edit")
UUID_1 = UUID(int=1)
ALL = {
    "interference": 3,
    "sleep": 7,
    "mood": 0,
    "managed": " the stairs,\ntwice ",
    "triggers": ["sitting", "stress"],
    "eased_by": ["warmth"],
    "helped": "a walk\n",
}
SENT = {**ALL, "managed": " the stairs,\r\ntwice ", "helped": "a walk\r\n"}  # as browsers send line breaks
BESIDE = list(ALL)


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


def log(person, **said):
    usual = {"uuid": uuid4(), "nrs": 4, "felt_at": NOON, "zone": "Europe/Berlin", "source": "web", "at": NOON}
    return pain_log.add(by=person.user, **usual | said)


def detail(entry):
    return reverse("entry_detail", args=[entry.uuid])


def said_of(entry):
    entry.refresh_from_db()
    return {name: getattr(entry, name) for name in BESIDE}


def asked_on(client, entry):
    page = client.get(TODAY, {"entry": entry.uuid}).context["page"]
    return [question.field.name for question in page.beside]


class TestService:
    @pytest.mark.parametrize(
        ("said", "error"),
        [
            pytest.param({"triggers": ["moon"]}, pain_log.EntryOutOfRange, id="no such trigger"),
            pytest.param({"triggers": ["warmth"]}, pain_log.EntryOutOfRange, id="a key of the other list"),
            pytest.param({"eased_by": ["rest", "rest"]}, pain_log.EntryOutOfRange, id="the same relief twice"),
            pytest.param({"interference": 11}, pain_log.EntryOutOfRange, id="above the scale"),
            pytest.param({"mood": True}, pain_log.EntryOutOfRange, id="no number"),
            pytest.param({"managed": "x" * 501}, TextNotStorable, id="too much managed"),
            pytest.param({"managed": "a\x00b"}, TextNotStorable, id="NUL"),
            pytest.param({"managed": "\ud800"}, TextNotStorable, id="half a surrogate pair"),
        ],
    )
    def test_refuses(self, alice, said, error):
        with pytest.raises(error):
            log(alice, **said)
        assert not PainEntry.objects.exists()

    def test_keeps_all_of_it(self, alice):
        assert said_of(log(alice, **ALL)) == ALL

    @pytest.mark.parametrize(
        "words", ["  a  ", "\r\n\tb\n", "👩🏽‍⚕️", "e\u0301", "\u202eabc", "x" * 500, "<b>&amp;"], ids=repr
    )
    def test_keeps_words_byte_for_byte(self, alice, words):
        assert said_of(log(alice, managed=words))["managed"] == words

    def test_the_same_in_another_order_is_the_same_entry(self, alice):
        first = log(alice, uuid=UUID_1, triggers=["stress", "sitting"])
        assert log(alice, uuid=UUID_1, triggers=["sitting", "stress"]) == first
        assert said_of(first)["triggers"] == ["sitting", "stress"]

    def test_comes_back_when_a_deletion_is_taken_back(self, alice):
        token = pain_log.remove(by=alice.user, entry=log(alice, **ALL), at=NOON)
        again = pain_log.restore(by=alice.user, token=token, at=NOON)
        assert said_of(again) == ALL
        assert pain_log.content_of(again) == pain_log.content_of(PainEntry.objects.get())

    def test_a_deletion_of_before_these_fields_can_be_taken_back(self, alice):
        token = pain_log.remove(by=alice.user, entry=log(alice, helped="a walk"), at=NOON)
        packed = signing.loads(token, salt=pain_log.UNDO_SALT)
        for name in ("managed", "triggers", "eased_by"):
            del packed["content"][name]
        again = pain_log.restore(by=alice.user, token=signing.dumps(packed, salt=pain_log.UNDO_SALT), at=NOON)
        assert (again.helped, again.managed, again.triggers, again.eased_by) == ("a walk", "", [], [])

    def test_is_not_logged_again_with_the_same_as_last_time(self, alice):
        log(alice, uuid=UUID_1, sites=[SiteRating(site="neck")], **ALL)
        again = pain_log.tap_again(by=alice.user, uuid=uuid4(), of=UUID_1, at=NOON + timedelta(hours=1))
        assert said_of(again) == {
            name: type(value)() if type(value) is not int else None for name, value in ALL.items()
        }
        assert again.sites.get().site == "neck"


class TestCard:
    @pytest.mark.parametrize(
        ("said", "field"),
        [
            pytest.param({"sleep": "11"}, "sleep", id="above the scale"),
            pytest.param({"mood": "4.5"}, "mood", id="not whole"),
            pytest.param({"interference": "9" * 5000}, "interference", id="five thousand digits"),
            pytest.param({"mood": "NaN"}, "mood", id="not a number"),
            pytest.param({"triggers": ["sitting", "moon"]}, "triggers", id="no such trigger"),
            pytest.param({"eased_by": ["\x00"]}, "eased_by", id="NUL for a key"),
            pytest.param({"managed": "x" * 501}, "managed", id="too long"),
            pytest.param({"helped": "a\x00b"}, "helped", id="NUL"),
        ],
    )
    def test_refuses_in_words_and_shows_what_was_sent(self, alice, alice_client, said, field):
        entry = log(alice)
        response = alice_client.post(detail(entry), {"note": "kept for you"} | said)
        assert (response.status_code, list(response.context["page"].form.errors)) == (422, [field])
        page = response.content.decode()
        assert '<details class="beside" open>' in page and "kept for you" in page
        assert said_of(entry) == said_of(log(alice))

    def test_of_anothers_entry_changes_nothing(self, alice, charlie_client):
        entry = log(alice, **ALL)
        assert charlie_client.post(detail(entry), {"mood": "9", "triggers": ""}).status_code == 404
        assert said_of(entry) == ALL

    def test_keeps_what_is_said(self, alice, alice_client):
        entry = log(alice)
        alice_client.post(detail(entry), SENT | {"triggers": ["", "stress", "sitting"]})
        assert said_of(entry) == ALL | {"managed": SENT["managed"], "helped": SENT["helped"]}

    def test_sending_a_page_back_unchanged_changes_nothing(self, alice, alice_client):
        entry = log(alice, **ALL)
        alice_client.post(detail(entry), SENT)
        assert said_of(entry) == ALL
        assert entry.version == 1

    def test_leaves_alone_what_the_page_did_not_ask(self, alice, alice_client):
        entry = log(alice, **ALL)
        alice_client.post(detail(entry), {"note": "more"})
        assert (said_of(entry), entry.note) == (ALL, "more")

    def test_lets_everything_be_taken_back(self, alice, alice_client):
        entry = log(alice, **ALL)
        alice_client.post(detail(entry), dict.fromkeys(BESIDE, ""))
        assert said_of(entry) == said_of(log(alice))

    def test_the_same_word_sent_twice_is_one(self, alice, alice_client):
        entry = log(alice)
        response = alice_client.post(detail(entry), {"triggers": ["stress", "stress"], "sites": ["neck", "neck"]})
        assert response.status_code == 302
        assert (said_of(entry)["triggers"], entry.sites.count()) == (["stress"], 1)

    def test_is_folded_and_chooses_nothing(self, alice, alice_client):
        page = alice_client.get(TODAY, {"entry": log(alice).uuid}).content.decode()
        assert '<details class="beside">' in page
        assert " checked" not in page

    def test_shows_what_was_said(self, alice, alice_client):
        page = alice_client.get(TODAY, {"entry": log(alice, **ALL).uuid}).content.decode()
        assert all(words in page for words in ("In the way 3", "Sleep 7", "Mood 0", "sitting, stress", "the stairs"))
        assert 'name="sleep" value="7" checked' in page

    def test_asks_what_the_patient_chose_and_nothing_else(self, alice, alice_client):
        entry = log(alice)
        assert asked_on(alice_client, entry) == ["interference", "sleep", "triggers", "eased_by"]
        accounts.choose_asked(by=alice.user, asked=["mood", "helped", "peg"])
        assert asked_on(client_for(alice), entry) == ["mood", "helped"]

    def test_asks_nothing_of_who_wants_no_questions(self, alice, alice_client):
        alice_client.post(ASKED_EDIT, {})
        page = alice_client.get(TODAY, {"entry": log(alice).uuid})
        assert "More about this moment" not in page.content.decode()

    def test_costs_one_query_more_at_most(self, alice):
        entry, counts = log(alice), []
        for asked in ((), ASKED):
            accounts.choose_asked(by=alice.user, asked=[key for key in asked if key in BESIDE])
            client = client_for(alice)
            with CaptureQueriesContext(connection) as queries:
                client.get(TODAY, {"entry": entry.uuid})
            counts.append(len(queries))
        assert counts[1] - counts[0] <= 1


class TestSleep:
    def test_is_asked_with_the_first_entry_of_a_day(self, alice, alice_client):
        first, second = log(alice, felt_at=NOON - timedelta(hours=2)), log(alice)
        assert "sleep" in asked_on(alice_client, first)
        assert "sleep" not in asked_on(alice_client, second)

    def test_is_not_asked_again_once_it_was_said(self, alice, alice_client):
        log(alice, sleep=0)
        assert "sleep" not in asked_on(alice_client, log(alice, felt_at=NOON - timedelta(hours=2)))

    def test_can_be_put_right_where_it_was_said(self, alice, alice_client):
        log(alice, felt_at=NOON - timedelta(hours=2))
        assert "sleep" in asked_on(alice_client, log(alice, sleep=0))

    def test_of_another_day_or_another_patient_does_not_count(self, alice, charlie, alice_client):
        log(alice, felt_at=NOON - timedelta(days=1), sleep=3)
        log(charlie, felt_at=NOON - timedelta(hours=2), sleep=3)
        assert "sleep" in asked_on(alice_client, log(alice))


class TestWholeForms:
    WHOLE = {"nrs": "6", "day": "2026-05-31", "wall_time": "22:15"}

    def test_an_earlier_moment_takes_everything_whatever_is_asked(self, alice, alice_client):
        accounts.choose_asked(by=alice.user, asked=[])
        page = alice_client.get(EARLIER, follow=True)
        assert [question.field.name for question in page.context["beside"]] == [
            "interference", "sleep", "mood", "triggers", "eased_by", "managed", "helped",
        ]  # fmt: skip
        alice_client.post(EARLIER, self.WHOLE | SENT)
        assert said_of(alice.patient.pain_entries.get())["triggers"] == ALL["triggers"]

    def test_an_edit_changes_and_takes_back(self, alice, alice_client):
        entry = log(alice, **ALL)
        url = reverse("entry_edit", args=[entry.uuid])
        alice_client.post(url, self.WHOLE | SENT | {"mood": "", "triggers": "", "sleep": "2"})
        assert said_of(entry) == ALL | {"mood": None, "triggers": [], "sleep": 2}

    def test_an_edit_refuses_in_words(self, alice, alice_client):
        entry = log(alice, **ALL)
        response = alice_client.post(reverse("entry_edit", args=[entry.uuid]), self.WHOLE | {"eased_by": "moon"})
        assert (response.status_code, list(response.context["form"].errors)) == (422, ["eased_by"])
        assert said_of(entry) == ALL

    def test_the_list_shows_what_was_said_and_escapes_it(self, alice, alice_client):
        log(alice, **ALL | {"managed": "<script>alert(1)</script>"})
        page = alice_client.get(reverse("entry_list")).content.decode()
        assert "May have set it off:" in page and "<script>alert" not in page
        assert all(words in page for words in ("In the way 3", "sitting, stress", "warmth", "a walk"))

    def test_a_key_that_is_on_no_list_any_more_is_shown_as_it_is(self, alice, alice_client):
        PainEntry.objects.filter(pk=log(alice).pk).update(triggers=["of_yore"])
        assert "of_yore" in alice_client.get(reverse("entry_list")).content.decode()


class TestEarlierMomentTwice:
    """Saving, going back and saving once more."""

    WHOLE = TestWholeForms.WHOLE

    def form_of(self, client, path=EARLIER):
        response = client.get(path, follow=True)
        return response.request["PATH_INFO"] + "?" + response.request["QUERY_STRING"], response.context["form"]

    @pytest.mark.parametrize("key", ["", "1", "\x00", "x" * 5000, str(UUID_1) + "0"])
    def test_another_address_leads_to_a_key_of_its_own(self, alice_client, key):
        response = alice_client.get(EARLIER, {"uuid": key})
        assert response.status_code == 302
        assert UUID(response.url.split("uuid=")[1])

    def test_the_key_stands_in_the_address_and_in_the_form(self, alice_client):
        address, form = self.form_of(alice_client)
        assert address.endswith(str(form["uuid"].value()))
        assert self.form_of(alice_client, address)[0] == address

    @pytest.mark.parametrize("nrs", ["6", "9"])
    def test_is_one_entry(self, alice, alice_client, nrs):
        address, form = self.form_of(alice_client)
        for said in (self.WHOLE, self.WHOLE | {"nrs": nrs}):
            alice_client.post(address, said | {"uuid": str(form["uuid"].value())})
        assert alice.patient.pain_entries.get().nrs == int(nrs)

    def test_going_back_leads_to_the_entry_itself(self, alice, alice_client):
        entry = log(alice)
        assert alice_client.get(EARLIER, {"uuid": entry.uuid}).url == reverse("entry_edit", args=[entry.uuid])

    def test_the_key_of_another_patient_tells_nothing(self, alice, charlie_client):
        entry = log(alice)
        assert charlie_client.get(EARLIER, {"uuid": entry.uuid}).status_code == 200

    def test_after_an_undo_it_can_be_saved_once_more(self, alice, alice_client):
        entry = log(alice)
        pain_log.remove(by=alice.user, entry=entry, at=NOON)
        assert str(entry.uuid) not in alice_client.get(EARLIER, {"uuid": entry.uuid}).url
        response = alice_client.post(EARLIER, self.WHOLE | {"uuid": str(entry.uuid)})
        assert response.status_code == 422 and "save once more" in response.content.decode()
        alice_client.post(EARLIER, self.WHOLE | {"uuid": response.context["form"]["uuid"].value()})
        assert alice.patient.pain_entries.get().uuid != entry.uuid


class TestWhatIsAsked:
    @pytest.mark.parametrize("asked", [["shoe_size"], ["sleep", "sleep"], ["sleep", ""]])
    def test_the_service_refuses_what_is_no_question(self, alice, asked):
        with pytest.raises(NotOnTheList):
            accounts.choose_asked(by=alice.user, asked=asked)
        alice.patient.refresh_from_db()
        assert alice.patient.asked == list(ASKED_AT_FIRST)

    @pytest.mark.parametrize("asked", ["shoe_size", "\x00", "9" * 5000])
    def test_the_page_refuses_in_words(self, alice, alice_client, asked):
        response = alice_client.post(ASKED_EDIT, {"asked": ["sleep", asked]})
        assert (response.status_code, list(response.context["form"].errors)) == (422, ["asked"])
        alice.patient.refresh_from_db()
        assert alice.patient.asked == list(ASKED_AT_FIRST)

    def test_nobody_sees_it_without_a_log_in(self, client, db):
        assert client.get(ASKED_EDIT).url.startswith(reverse("account_login"))

    def test_is_kept_in_order_with_an_audit_row(self, alice, alice_client):
        assert alice_client.post(ASKED_EDIT, {"asked": ["phq_4", "mood"]}).url == reverse("settings_home")
        alice.patient.refresh_from_db()
        assert alice.patient.asked == ["mood", "phq_4"]
        assert alice.patient.audit_events.filter(actor=alice.user, subject="settings asked").count() == 1

    def test_the_page_explains_each_and_shows_what_is_chosen(self, alice_client):
        page = alice_client.get(ASKED_EDIT).content.decode()
        assert [f'value="{key}" checked' in page for key in ASKED] == [key in ASKED_AT_FIRST for key in ASKED]

    def test_nothing_that_was_said_is_lost(self, alice, alice_client):
        entry = log(alice, **ALL)
        alice_client.post(ASKED_EDIT, {})
        alice_client.post(detail(entry), {"note": "later"})
        assert said_of(entry) == ALL
        assert "the stairs" in alice_client.get(reverse("entry_list")).content.decode()


def test_every_list_is_stored_as_a_list(alice):
    entry = log(alice, **ALL)
    with connection.cursor() as cursor:
        cursor.execute("SELECT triggers FROM tracker_painentry WHERE id = %s", [entry.pk])
        (stored,) = cursor.fetchone()
    assert (json.loads(stored) if isinstance(stored, str) else stored) == ["sitting", "stress"]
