from datetime import UTC, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments import services as checkups
from tests.engine.walking import CASES, walk
from tests.tracker.announced import advise_twice
from tests.tracker.moves import open_gate
from tracker.domain.sites import SITES
from tracker.models import ExerciseSession, PainEntry
from tracker.services import mail_stops, pain_log, reminders
from tracker.services.pain_log import SiteRating

MORNING = datetime(2026, 6, 3, 5, 42, tzinfo=UTC)  # a Wednesday, 07:42 in Berlin
TODAY, ADD = reverse("today"), reverse("entry_add")
UUID_1 = str(UUID(int=1))


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


def log(person, *, days_ago=0, nrs=4, **said):
    felt_at = MORNING - timedelta(days=days_ago)
    return pain_log.add(
        by=person.user, uuid=uuid4(), nrs=nrs, felt_at=felt_at, zone="Europe/Berlin", source="web", at=MORNING, **said
    )


def text_of(response):
    return " ".join(response.content.decode().split())


class TestTheQuestion:
    def test_has_eleven_buttons_and_none_chosen(self, alice_client):
        page = text_of(alice_client.get(TODAY))
        assert page.count('name="nrs" value="') == 11
        assert not any(word in page for word in ("checked", "aria-pressed", "selected"))

    def test_greets_by_the_clock_of_the_patient(self, alice_client):
        assert "Good morning, Alice" in text_of(alice_client.get(TODAY))

    @pytest.mark.parametrize("nrs", ["", "11", "-1", "4.5", "x", "NaN", "1e1", "9" * 5000, "\x00"])
    def test_refuses_what_is_no_rating_in_words(self, alice_client, nrs):
        response = alice_client.post(ADD, {"uuid": UUID_1, "nrs": nrs})
        assert (response.status_code, "Tap a number from 0 to 10." in text_of(response)) == (422, True)
        assert not PainEntry.objects.exists()

    @pytest.mark.parametrize("uuid", ["1", "x" * 5000, "\x00"])
    def test_refuses_what_is_no_uuid(self, alice_client, uuid):
        assert alice_client.post(ADD, {"uuid": uuid, "nrs": "4"}).status_code == 422

    def test_saves_with_one_tap_and_says_so(self, alice, alice_client):
        page = alice_client.post(ADD, {"uuid": UUID_1, "nrs": "0"}, follow=True)
        entry = alice.patient.pain_entries.get()
        assert (entry.nrs, entry.felt_at, entry.source, str(entry.uuid)) == (0, MORNING, "web", UUID_1)
        assert "Saved 0 at 07:42." in text_of(page)

    def test_names_the_day_of_an_entry_for_an_earlier_one(self, alice, alice_client):
        page = text_of(alice_client.get(TODAY, {"entry": log(alice, days_ago=2, nrs=6).uuid}))
        assert "Saved 6 for Mon 1 Jun 2026, 07:42." in page

    def test_saves_once_what_is_tapped_twice(self, alice, alice_client, clock):
        alice_client.post(ADD, {"uuid": UUID_1, "nrs": "4"})
        clock.shift(2)
        alice_client.post(ADD, {"uuid": UUID_1, "nrs": "4"})
        assert alice.patient.pain_entries.count() == 1

    def test_loses_nothing_to_a_page_from_the_history(self, alice, alice_client, clock):
        alice_client.post(ADD, {"uuid": UUID_1, "nrs": "4"})
        alice_client.post(ADD, {"uuid": UUID_1, "nrs": "7"})
        clock.shift(3600)
        alice_client.post(ADD, {"uuid": UUID_1, "nrs": "4"})
        assert sorted(alice.patient.pain_entries.values_list("nrs", flat=True)) == [4, 4, 7]

    def test_taps_again_after_an_undo(self, alice, alice_client):
        alice_client.post(ADD, {"uuid": UUID_1, "nrs": "4"})
        alice_client.post(reverse("entry_delete", args=[UUID_1]))
        alice_client.post(ADD, {"uuid": UUID_1, "nrs": "5"})
        assert alice.patient.pain_entries.get().nrs == 5

    def test_takes_an_undo_and_gives_it_back(self, alice, alice_client):
        alice_client.post(ADD, {"uuid": UUID_1, "nrs": "4"})
        page = alice_client.post(reverse("entry_delete", args=[UUID_1]), follow=True)
        assert not alice.patient.pain_entries.exists()
        alice_client.post(reverse("entry_restore"), {"token": page.context["page"].undo_token})
        assert alice.patient.pain_entries.get().nrs == 4


class TestDetail:
    def test_adds_place_quality_and_note_to_the_same_entry(self, alice, alice_client):
        entry = log(alice)
        said = {"sites": ["neck", "mid_back"], "quality": "tight", "note": " after sitting\n"}
        alice_client.post(reverse("entry_detail", args=[entry.uuid]), said)
        entry.refresh_from_db()
        assert (entry.note, entry.nrs) == (" after sitting\n", 4)
        assert pain_log.content_of(entry).sites == (
            SiteRating(site="mid_back", quality="tight"),
            SiteRating(site="neck", quality="tight"),
        )

    def test_refuses_in_words_and_keeps_what_was_typed(self, alice, alice_client):
        entry = log(alice)
        said = {"quality": "tight", "note": "typed before"}
        response = alice_client.post(reverse("entry_detail", args=[entry.uuid]), said)
        assert response.status_code == 422
        assert "Choose the place that feels like this." in text_of(response)
        assert "typed before" in text_of(response)

    def test_offers_places_named_lately_first(self, alice, alice_client):
        log(alice, days_ago=2, sites=[SiteRating(site="hip_left")])
        log(alice, days_ago=1, sites=[SiteRating(site="groin_left")])
        entry = log(alice)
        places = alice_client.get(TODAY, {"entry": entry.uuid}).context["page"].places
        assert [site for site, _name, _chosen in places.near][:2] == ["groin_left", "hip_left"]
        assert len(places.near) + sum(len(sites) for _group, sites in places.others) == len(SITES)

    @pytest.mark.parametrize("named", ["", "x", "\x00", str(UUID(int=9)), "9" * 5000])
    def test_passes_over_an_address_that_names_no_entry(self, alice_client, named):
        response = alice_client.get(TODAY, {"entry": named})
        assert (response.status_code, response.context["page"].saved) == (200, None)


class TestBelow:
    def test_counts_logged_days_without_a_word_of_blame(self, alice, alice_client):
        for days_ago in (0, 0, 1, 13, 14, 40):
            log(alice, days_ago=days_ago)
        assert "3 of the last 14 days logged" in text_of(alice_client.get(TODAY))

    def test_says_nothing_of_days_to_a_new_patient(self, alice_client):
        assert "of the last 14 days" not in text_of(alice_client.get(TODAY))

    def test_draws_the_days(self, alice, alice_client):
        log(alice, days_ago=3)
        assert 'role="img"' in text_of(alice_client.get(TODAY))

    def test_shows_which_mornings_had_moves(self, alice, alice_client):
        for days_ago in (0, 2, 7):  # Wednesday, Monday, and a week ago
            on = (MORNING - timedelta(days=days_ago)).date()
            ExerciseSession.objects.create(patient=alice.patient, uuid=uuid4(), local_date=on, recorded_at=MORNING)
        week = alice_client.get(TODAY).context["page"].week
        assert [day.is_done for day in week] == [False, False, False, False, True, False, True]

    def test_shows_the_first_piece_of_advice_and_leads_to_the_others(self, alice, alice_client):
        advise_twice(alice, at=MORNING)
        response = alice_client.get(TODAY)
        assert [card.advice.kind for card in response.context["page"].advice] == ["not_working", "second_opinion"]
        assert "1 more piece of advice" in text_of(response)
        assert "A second opinion may be worth it" not in text_of(response)
        assert [piece.state for piece in alice.patient.advice.worst_first()] == ["seen", "new"]

    def test_asks_the_same_of_the_database_for_one_entry_as_for_many(self, alice, alice_client):
        counts = []
        for _ in range(2):
            entry = log(alice, sites=[SiteRating(site="neck")])
            with CaptureQueriesContext(connection) as queries:
                alice_client.get(TODAY, {"entry": entry.uuid})
            counts.append(len(queries))
            for days_ago in range(20):
                log(alice, days_ago=days_ago, sites=[SiteRating(site="neck"), SiteRating(site="hip_left")])
        assert counts[0] == counts[1] <= 20

    def test_is_kept_by_no_browser(self, alice_client):
        assert "no-store" in alice_client.get(TODAY)["Cache-Control"]

    def test_names_the_time_of_the_moves_on_the_days_on_which_a_mail_comes(self, alice, alice_client):
        assert self.moves_at(alice_client) is None
        on = MORNING.isoweekday()
        reminder = reminders.create(by=alice.user, kind="morning_moves", wall_time=time(7), weekdays={on}, at=MORNING)
        assert self.moves_at(alice_client) == time(7)
        mail_stops.stop(patient=alice.patient, reason="bounced", words="550", at=MORNING)
        assert self.moves_at(alice_client) is None
        mail_stops.start_again(by=alice.user)
        reminders.change(by=alice.user, reminder=reminder, weekdays={1, 2, 3, 4, 5, 6, 7} - {on}, at=MORNING)
        assert self.moves_at(alice_client) is None

    def moves_at(self, client):
        return client.get(TODAY).context["page"].moves_at

    def test_does_not_press_to_move_while_the_check_up_says_to_see_somebody(self, alice, alice_client):
        a_check_up(alice, "within_days")
        page = text_of(alice_client.get(TODAY))
        assert "Resting, since your check-up says to see somebody first." in page
        assert ">Start</a>" not in page

    def test_does_not_press_to_move_while_a_safety_answer_waits_for_a_clinician(self, alice, alice_client):
        open_gate(alice, on=MORNING.date(), infection="yes")
        page = text_of(alice_client.get(TODAY))
        assert "Waiting until a clinician agrees" in page
        assert ">Start</a>" not in page and "I have a flare" not in page

    def test_offers_a_flare_only_to_who_has_moves(self, alice, alice_client):
        assert "I have a flare" not in text_of(alice_client.get(TODAY))
        open_gate(alice, on=MORNING.date())
        assert "I have a flare" in text_of(alice_client.get(TODAY))

    @pytest.mark.parametrize(("level", "stays"), [("emergency", True), ("same_day", True), ("within_days", False)])
    def test_keeps_an_urgent_result_at_its_head_until_a_clinician_has_seen_the_patient(
        self, alice, alice_client, level, stays
    ):
        checkup = a_check_up(alice, level)
        page = text_of(alice_client.get(TODAY))
        assert (reverse("checkup:result", args=[checkup.uuid]) in page) is stays
        checkups.mark_seen_by_clinician(by=alice.user, uuid=checkup.uuid, at=MORNING)
        assert reverse("checkup:result", args=[checkup.uuid]) not in text_of(alice_client.get(TODAY))

    def test_says_quietly_that_a_check_up_waits_for_the_rest_of_its_answers(self, alice, alice_client):
        begun = checkups.start(by=alice.user, at=MORNING)
        assert reverse("checkup:question", args=[begun.uuid]) in text_of(alice_client.get(TODAY))

    def test_says_quietly_when_it_is_time_to_check_again(self, alice, alice_client):
        checkup = a_check_up(alice, "self_care")
        assert "look again" not in text_of(alice_client.get(TODAY))
        alice.user.assessments.update(check_again_on=checkup.check_again_on - timedelta(days=28))
        assert "look again" in text_of(alice_client.get(TODAY))

    def test_asks_the_database_once_about_check_ups(self, alice, alice_client):
        a_check_up(alice, "within_days")
        checkups.start(by=alice.user, at=MORNING)
        with CaptureQueriesContext(connection) as queries:
            alice_client.get(TODAY)
        assert sum("assessments_assessment" in query["sql"] for query in queries) == 1


def a_check_up(person, level):
    answers = next(case["answers"] for case in CASES["case"] if case["level"] == level)
    checkup = checkups.start(by=person.user, at=MORNING, known=walk(answers))
    return checkups.finish(by=person.user, uuid=checkup.uuid, at=MORNING)
